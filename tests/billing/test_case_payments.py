"""A remittance lands in the ledgers of cases: once, with what was allowed in the place of our own price."""

from collections.abc import Callable
from cProfile import Profile
from datetime import date
from threading import Thread

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


def paid_line(code: str, charge: int, paid: int, day: str = "20260914") -> tuple[str, ...]:
    """Return a line of which the rest is taken off by the contract; a reversal where the amounts are below zero."""
    return (f"SVC*HC:{code}:GP*{charge}*{paid}**1", f"DTM*472*{day}", f"CAS*CO*45*{charge - paid}")


def claim(status: str, control: str, *lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return a claim of the case A-2 with its lines."""
    amounts = [line[0].split("*") for line in lines]
    charge, paid = (sum(int(each[place]) for each in amounts) for place in (2, 3))
    return (f"CLP*A-2*{status}*{charge}*{paid}*0*12*{control}*11*1", *(part for line in lines for part in line))


EXERCISE, MANUAL, NEEDLING = paid_line("97110", 120, 60), paid_line("97140", 50, 20), paid_line("20561", 85, 40)
NOT_EXERCISE, NOT_MANUAL = paid_line("97110", -120, -60), paid_line("97140", -50, -20)
MORE_MANUAL = paid_line("97140", 50, 30)
# Files in their order, each as its claims, and what is paid in the end, with the visit's services and what is allowed.
SPLIT = {
    "two claims in one file": ([[("1", "X1", EXERCISE), ("1", "X2", NEEDLING)]], 100, "97110-GP 20561-GP", [60, 40]),
    "two claims in two files": ([[("1", "X1", EXERCISE)], [("1", "X2", NEEDLING)]], 100, "97110-GP 20561-GP", [60, 40]),
    "two parts of a claim": ([[("1", "X1", EXERCISE)], [("1", "X1", MANUAL)]], 80, "97110-GP 97140-GP", [60, 20]),
    "the same service twice": ([[("1", "X1", MANUAL), ("1", "X2", MANUAL)]], 40, "97140-GP 97140-GP", [20, 20]),
    "twice in one claim": ([[("1", "X1", MANUAL), ("1", "X1", MANUAL)]], 40, "97140-GP 97140-GP", [20, 20]),
    "taken back": ([[("1", "X1", EXERCISE, MANUAL)], [("22", "X1", NOT_EXERCISE, NOT_MANUAL)]], 0, None, None),
    "taken back in the same file": ([[("1", "X1", EXERCISE), ("22", "X1", NOT_EXERCISE)]], 0, None, None),
    "corrected under another number": (
        [
            [("1", "X1", EXERCISE, MANUAL)],
            [("22", "X1", NOT_EXERCISE, NOT_MANUAL), ("1", "X9", EXERCISE, MORE_MANUAL)],
        ],
        90,
        "97110-GP 97140-GP",
        [60, 30],
    ),
    "one part of two taken back": (
        [[("1", "X1", EXERCISE), ("1", "X2", NEEDLING)], [("22", "X1", NOT_EXERCISE)]],
        40,
        None,
        None,
    ),
    "denied, then paid under another number": (
        [[("4", "X1", paid_line("20561", 85, 0))], [("1", "X2", NEEDLING)]],
        40,
        "20561-GP",
        [40],
    ),
}


def test_parts_of_a_claim_add_and_corrections_net_out(desk: Engine) -> None:
    """However a payer splits a visit into claims and files, and however often a file is read again."""
    for place, (files, paid, services, allowed) in enumerate(SPLIT.values()):
        number = open_case(desk, f"B-{place}", cells(), ANA, date(2026, 9, 1))
        for claims in [*files, files[-1]]:
            segments = [part for each in claims for part in claim(*each)]
            total = sum(int(part.split("*")[4]) for part in segments if part.startswith("CLP"))
            payments = payments_in(read(str(total), *segments))
            landed = add_payments(desk, [(payment, f"B-{place}") for payment in payments], ANA)
        entries = standing(desk, number, PAID)
        [visit] = standing(desk, number, VISIT)

        assert paid * 100 == sum(entry.content["paid"] for entry in entries), f"B-{place}"
        if services:
            assert services == visit.content["services"]
            assert [each * 100 for each in allowed or ()] == visit.content["allowed"]
            assert len({each.payment.takes_back for each in landed}) == 2 or not any(each.is_new for each in landed)


def test_a_claim_adjusted_as_a_whole_is_paid_less(desk: Engine) -> None:
    """What was taken off beside its lines lowers what was paid."""
    segments = ("CLP*A-2*1*120*50*0*12*X1*11*1", "CAS*CO*253*10", *paid_line("97110", 120, 60))
    [payment] = payments_in(read("50", *segments))

    assert (50_00, [["CO", "45", 60_00], ["CO", "253", 10_00]]) == (payment.paid, payment.adjustments)


def test_a_part_of_a_visit_leaves_the_other_services_as_they_were(desk: Engine) -> None:
    """The desk's own minutes and price stay until the payer settles them too."""
    number = open_case(desk, "A-2", cells(), ANA, date(2026, 9, 1))
    whole = {"services": "97110:30 20561", "allowed": [70_00, 45_00], "priced": True, "source": "schedule"}
    add_entries(desk, number, [NewEntry(VISIT, DAY, whole)], ANA)
    allowed = []
    for part in (("1", "X1", EXERCISE), ("1", "X2", NEEDLING)):
        paid = int(claim(*part)[0].split("*")[4])
        add_payments(desk, [(one, "A-2") for one in payments_in(read(str(paid), *claim(*part)))], ANA)
        [visit] = standing(desk, number, VISIT)
        allowed.append((visit.content["services"], visit.content["allowed"]))

    assert [("97110:30 20561", [60_00, 45_00]), ("97110:30 20561", [60_00, 40_00])] == allowed


def test_two_people_add_the_same_file_at_once(desk: Engine) -> None:
    """Each payment is in the case once, and nobody is told of an error."""
    number = open_case(desk, "A-2", cells(), ANA, date(2026, 9, 1))
    payments = payments_in(read("100", *claim("1", "X1", EXERCISE), *claim("1", "X2", NEEDLING)))
    adding = [Thread(target=add_payments, args=(desk, [(one, "A-2") for one in payments], ANA)) for _ in range(3)]
    for each in adding:
        each.start()
    for each in adding:
        each.join()

    assert [60_00, 40_00] == [entry.content["paid"] for entry in standing(desk, number, PAID)]


def test_reading_payments_takes_time_in_proportion_to_the_lines() -> None:
    """A claim is found by its place: nothing walks all of its lines for each of them."""
    lines = [paid_line("97110", 2, 1, f"2026{1 + place % 12:02}{1 + place % 28:02}") for place in range(240)]
    whole, half = (read(str(count), *claim("1", "X1", *lines[:count])) for count in (240, 120))
    counted, less = _calls(lambda: payments_in(whole)), _calls(lambda: payments_in(half))

    assert counted < 2.2 * less


def _calls(work: Callable[[], object]) -> int:
    """Return how many functions some work calls."""
    profile = Profile()
    profile.runcall(work)
    return sum(each.callcount for each in profile.getstats())
