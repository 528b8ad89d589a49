"""A remittance lands in the ledgers of cases: once, with what was allowed in the place of our own price."""

from datetime import date

from sqlalchemy import Engine

from estimator.billing.case_payments import add_payments, labels_for, packed, payments_in, unpacked
from estimator.billing.cases import PAID, CaseEntry, NewEntry, add_entries, case_of_id, open_case
from estimator.billing.reports import reports_of
from estimator.engine.values import Money
from tests.billing.test_cases import ANA, VISIT, cells, counters
from tests.billing.test_cases import desk as desk
from tests.billing.test_remittance import read

DAY = date(2026, 9, 14)
PAYS = (
    "CLP*neck a-12*1*170*60*38*12*PAYER1*11*1",
    "SVC*HC:97110:GP*120*52**2",
    "DTM*472*20260914",
    "CAS*CO*45*30",
    "CAS*PR*1*25**2*13",
    "AMT*B6*90",
    "SVC*HC:97140:GP:59*50*8**1",
    "DTM*472*20260914",
    "CAS*CO*45*42",
    "AMT*B6*8",
)
DENIED = ("CLP*A-2*4*85*0*0*12*PAYER1*11*1", "SVC*HC:20561:GP*85*0**1", "DTM*472*20260914", "CAS*CO*197*85")


def standing(engine: Engine, case_id: int, kind: str) -> list[CaseEntry]:
    """Return the entries of a kind that nothing corrects."""
    _, entries = case_of_id(engine, case_id)
    corrected = {entry.corrects for entry in entries}
    return [entry for entry in entries if entry.kind == kind and entry.number not in corrected]


def test_a_payment_finds_its_case_by_the_claim_number_and_its_visit_by_the_day(desk: Engine) -> None:
    """The visit keeps its minutes and gets what was allowed; dollars are counted by it."""
    number = open_case(desk, "Neck A-12", cells(kx_dollars_used="0"), ANA, date(2026, 9, 1))
    priced = {"services": "97140:15 97110:30", "allowed": [3000, 7000], "priced": True, "source": "schedule"}
    add_entries(desk, number, [NewEntry(VISIT, DAY, priced)], ANA)
    payments = payments_in(read("60", *PAYS))
    labels = labels_for(desk, payments)
    [landed] = add_payments(desk, [(payment, labels[payment.number]) for payment in payments], ANA)
    [visit] = standing(desk, number, VISIT)
    [paid] = standing(desk, number, PAID)

    assert (number, True) == (landed.case_id, landed.is_new)
    assert {"services": "97140:15 97110:30", "allowed": [800, 9000], "source": "remittance"} == visit.content
    assert (6000, 3800, 17000) == tuple(paid.content[name] for name in ("paid", "patient", "charge"))
    assert 98_00 == counters(desk, number, DAY)["kx-threshold"].used
    assert "neck" not in str(paid.content)


def test_the_same_file_lands_once(desk: Engine) -> None:
    """Also after its payments traveled through a page as JSON."""
    number = open_case(desk, "Neck A-12", cells(), ANA, date(2026, 9, 1))
    payments = unpacked(packed(payments_in(read("60", *PAYS))))
    again = [add_payments(desk, [(payment, "Neck A-12") for payment in payments], ANA)[0].is_new for _ in range(2)]

    assert [True, False] == again
    assert ["97110-GP x2 97140-GP-59"] == [visit.content["services"] for visit in standing(desk, number, VISIT)]


def test_a_denial_for_want_of_an_authorization_is_money_lost(desk: Engine) -> None:
    """Its visit stays as it is, since nothing tells what it would have been allowed."""
    number = open_case(desk, "A-2", cells(), ANA, date(2026, 9, 1))
    add_entries(desk, number, [NewEntry(VISIT, DAY, {"services": "20561", "allowed": [4000]})], ANA)
    before = standing(desk, number, VISIT)
    add_payments(desk, [(payment, "A-2") for payment in payments_in(read("0", *DENIED))], ANA)

    assert before == standing(desk, number, VISIT)
    assert [(1, Money(85_00))] == [(one.claims, one.lost) for one in reports_of(desk, DAY, DAY).lost]


def test_a_later_settlement_stands_for_the_earlier_one(desk: Engine) -> None:
    """After an appeal nothing is lost any more; a label of no case is told."""
    number = open_case(desk, "A-2", cells(), ANA, date(2026, 9, 1))
    paid = ("CLP*A-2*1*85*40*0*12*PAYER1*11*1", "SVC*HC:20561:GP*85*40**1", "DTM*472*20260914", "CAS*CO*45*45")
    for payments in (payments_in(read("0", *DENIED)), payments_in(read("40", *paid))):
        add_payments(desk, [(payment, "A-2") for payment in payments], ANA)
    [nowhere] = add_payments(desk, [(payments[0], "Nobody")], ANA)

    assert [40_00] == [entry.content["paid"] for entry in standing(desk, number, PAID)]
    assert () == reports_of(desk, DAY, DAY).lost
    assert (None, False) == (nowhere.case_id, nowhere.is_new)


def test_a_line_without_a_code_of_ours_is_paid_and_tells_no_visit(desk: Engine) -> None:
    """A hospital's revenue code beside a therapy code; the next payment of the file lands as well."""
    for label in ("A-2", "A-3"):
        open_case(desk, label, cells(), ANA, date(2026, 9, 1))
    revenue = (
        "CLP*A-2*1*205*90*0*12*PAYER1*11*1",
        "SVC*NU:0420*120*50**1",
        "DTM*472*20260914",
        "CAS*CO*45*70",
        "SVC*HC:97110:GP*85*40**1",
        "DTM*472*20260914",
        "CAS*CO*45*45",
    )
    plain = ("CLP*A-3*1*85*40*0*12*PAYER1*11*1", "SVC*HC:97110:GP*85*40**1", "DTM*472*20260914", "CAS*CO*45*45")
    payments = payments_in(read("130", *revenue, *plain))
    landed = add_payments(desk, [(payment, payment.number) for payment in payments], ANA)
    first, second = (each.case_id for each in landed)

    assert [True, True] == [each.is_new for each in landed]
    assert first is not None
    assert second is not None
    assert (1, 0) == (len(standing(desk, first, PAID)), len(standing(desk, first, VISIT)))
    assert 1 == len(standing(desk, second, VISIT))
