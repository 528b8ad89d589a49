"""Remittances on pages: read and posted, learned from and forgotten, and what they say of contract and ranges."""

import csv
import io
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from estimator.accounts.audit import Sought, read_log
from estimator.accounts.sign_in import Person
from estimator.billing.case_payments import add_payments, payments_in
from estimator.billing.cases import open_case
from estimator.plans.shelf import Shelf
from estimator.prices.store import Kind
from estimator.publishing.clinic_lists import publish_list, read_named_list
from estimator.publishing.drafts import Signed
from tests.billing.test_accuracy import give, pay
from tests.billing.test_cases import cells
from tests.billing.test_remittance import read, remittance
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient

CONTRACT = (
    b"plan,code,amount,basis\ntemplate-employer-ppo,97110,40.00,per-unit\ntemplate-employer-ppo,97140,30,per-unit\n"
)
PAID = (
    "CLP*Neck A-12*1*220*114**12",
    *("SVC*HC:97110:GP*120*70**2", "DTM*472*20260914", "CAS*CO*45*50"),
    *("SVC*HC:97140:GP*50*24**1", "DTM*472*20260914", "CAS*CO*45*20**59*6"),
    *("SVC*HC:97112:GP*50*20**1", "DTM*472*20260914", "CAS*CO*45*30"),
)


@pytest.fixture
def desk(staff: Callable[[str], StaffClient], engine: Engine) -> StaffClient:
    """Somebody at the desk of a clinic with a contract, and a payment that was posted to a case."""
    publish_list(engine, read_named_list(Shelf(engine), Kind.CONTRACT, CONTRACT, "a.csv"), None, Signed("Ana", "new"))
    by = Person(1, "ana", "billing")
    number = open_case(engine, "Neck A-12", cells(plan="template-employer-ppo"), by, date(2026, 9, 1))
    assert number
    add_payments(engine, [(each, "Neck A-12") for each in payments_in(read("114", *PAID))], by)
    return staff("billing")


def test_lines_below_the_contract_are_listed_and_come_as_csv(desk: StaffClient) -> None:
    """With what only a reduction explains beside them, and what has no price counted; other days have none."""
    text = desk.get("/staff/remittances/below-contract").text
    listed, explained = [each.text.split() for each in page_of(text).all("tbody")][1:3]
    sent = desk.get("/staff/remittances/below-contract.csv?since=2026-09-01&until=2026-09-30")
    rows = list(csv.reader(io.StringIO(sent.get_data(as_text=True).removeprefix("\ufeff"))))

    assert "$10.00 short on 1 line of 2 compared." in " ".join(page_of(text).text.split())
    assert ["97110-GP", "×", "2", "$80.00", "$70.00", "$10.00"] == listed[-6:]
    assert ["97140-GP", "$30.00", "$24.00", "$6.00", "$0.00"] == explained[-5:]
    assert "1 line: the contract has no price of it for this payer" in text
    assert [
        ["Neck A-12", "2026-09-14", "EVERGREEN MUTUAL", "97110", "GP", "2", "80.00", "70.00", "10.00", "0.00", "0.00"]
    ] == rows[1:2]
    assert (3, "6.00") == (len(rows), rows[2][9])
    assert "No payment of these days" in desk.get("/staff/remittances/below-contract?until=2026-09-01").text


def test_the_board_of_accuracy_says_what_it_can_say(desk: StaffClient, engine: Engine) -> None:
    """Few lines have no share; twenty have one, and the goal is met or not."""
    give(engine, "Neck A-12", [("97110", 1, ("30.00", "35.00", "40.00"), "price-regional")])
    pay(engine, "Neck A-12", ("97110", 1, 36), day="20260915")
    few = page_of(desk.get("/staff/estimates/accuracy").text).text
    for day in range(1, 21):
        pay(engine, "Neck A-12", ("97110", 1, 36 if day > 10 else 90), day=f"202610{day:02d}")
    many = page_of(desk.get("/staff/estimates/accuracy").text).text
    sent = desk.get("/staff/estimates/ranges.csv?until=2026-09-30").get_data(as_text=True).splitlines()

    assert "1 of 1 line within the range: too few lines to say whether the goal is met. 3 more lines had no line" in few
    assert "11 of 21 lines within the range, 52%: the goal is not met." in many
    assert "Evergreen 97110 21 11 10 0 52% $1.00" in " ".join(many.split())
    assert ["Evergreen,97110,1,1,0,0,1.00"] == sent[1:]


def tally(engine: Engine) -> Counter[str]:
    """Count settled lines by payer, code and where they lie, from nothing but the rows that are stored."""
    with engine.connect() as connection:
        settled = connection.execute(
            text("SELECT label, content FROM case_entries JOIN cases ON cases.id = case_id WHERE kind = 'paid'")
        ).all()
        given = connection.execute(text("SELECT case_label, answer FROM given_estimates")).all()
    found = Counter[str]()
    for label, content in settled:
        for line in written(content)["lines"]:
            code, _, units = re.fullmatch(r"([0-9A-Z]{5})(-GP)?(?: x([0-9]+))?", line["service"]).groups()
            asked = f"{code} {int(units or 1)}"
            ranges = {
                f"{one['code']} {one['units']}": (answer["plan"]["payer"], one["allowed_range"], one["units"])
                for answer in (written(each) for case, each in given if case == label)
                for visit in answer["visits"]
                for one in visit["lines"]
            }
            if not ranges:
                continue
            if asked not in ranges:
                found["unmatched"] += 1
                continue
            payer, ends, many = ranges[asked]
            low, high = (Decimal(ends[end]) * 100 for end in ("low", "high"))
            where = "above" if line["allowed"] > high + many else "below" if line["allowed"] < low - many else "inside"
            found.update((where, f"{payer} {code} {where}"))
    return found


def written(stored: Any) -> Any:
    """Return what a column of JSON says, as text or not."""
    return json.loads(stored) if isinstance(stored, str) else stored


def test_the_board_of_accuracy_counts_what_is_stored(desk: StaffClient, engine: Engine) -> None:
    """The page and its CSV say what another count of the stored lines comes to, at the very ends of ranges too."""
    chance = random.Random(17)
    codes = ("97110", "97140", "97112", "97530")
    for number in range(4):
        open_case(engine, f"B-{number}", cells(), Person(1, "ana", "billing"), date(2026, 9, 1))
        lines = [
            (code, chance.choice((1, 2)), (str(low), str(low + 9), str(low + 30)), "price-market")
            for code in codes[:3]
            for low in (chance.randrange(20, 80),)
        ]
        give(engine, f"B-{number}", lines)
        for day in range(1, 16):
            code, units, (low, _, high), _ = chance.choice(lines)
            allowed = Decimal(chance.choice((low, high))) + chance.choice((-500, -2, -1, 0, 1, 2, 3, 500)) / Decimal(
                100
            )
            pay(engine, f"B-{number}", (chance.choice((code, code, codes[3])), units, allowed), day=f"202610{day:02d}")

    told = " ".join(page_of(desk.get("/staff/estimates/accuracy").text).text.split())
    sent = desk.get("/staff/estimates/ranges.csv").get_data(as_text=True).removeprefix("\ufeff")

    found = tally(engine)
    lines_in_all = found["inside"] + found["above"] + found["below"]
    assert min(found["inside"], found["above"], found["below"], found["unmatched"]) > 0
    share = 100 * found["inside"] // lines_in_all
    assert f"{found['inside']} of {lines_in_all} lines within the range, {share}%: the goal is not met." in told
    assert f"{found['unmatched']} more lines had no line" in told
    rows = [row for row in csv.reader(io.StringIO(sent)) if row[0] == "Evergreen"]
    assert {row[1]: [int(cell) for cell in row[3:6]] for row in rows} == {
        code: [found[f"Evergreen {code} {where}"] for where in ("inside", "above", "below")]
        for code in {row[1] for row in rows}
    }
    assert lines_in_all == sum(int(row[2]) for row in rows)


def uploaded(desk: StaffClient, *files: str, **more: str) -> str:
    """Send files to the page of remittances and return what it shows."""
    sent = [(io.BytesIO(text.encode()), f"{place}.835") for place, text in enumerate(files)]
    return " ".join(page_of(desk.post("/staff/remittances/", data={"file": sent, **more}).text).text.split())


def test_files_are_read_together_and_nothing_that_adds_up_is_lost(desk: StaffClient) -> None:
    """What is refused is told by file and sum; entries on the account, reversals and amounts are shown."""
    line = ("SVC*HC:97110*100*40**1", "DTM*472*20260902", "CAS*CO*45*60")
    good, short = ("CLP*C1*1*100*40*0*12", *line), ("CLP*C2*1*100*40*0*12", *line[:2], "CAS*CO*45*50")
    first = remittance("30", *good, "PLB*1*20261231*WO:X9*10", payer="AETNA")
    second = remittance("80", *(part.replace("C1", "C3") for part in good), *short, payer="CIGNA")
    shown = uploaded(desk, first, second, "nothing")

    assert "AETNA, CIGNA: $110.00 paid. 2 claims, 2 lines after reversals." in shown
    assert "WO X9: $10.00 taken from the payment" in shown
    assert "1.835: segment" in shown
    assert "adjustments (CAS) come to $50.00" in shown
    assert "2.835: No payment starts here (ST*835)." in shown
    assert "AETNA PPO 97110 1 $40.00 $40.00 $40.00" in shown
    assert "Learned from" not in shown
    assert "Choose the payer’s file (835)." in uploaded(desk)


def test_what_a_file_falls_short_is_shown_at_once(desk: StaffClient) -> None:
    """By the payer's name, before it is posted to a case."""
    lines = ("CLP*C1*1*120*70**12", "SVC*HC:97110*120*70**2", "DTM*472*20260902", "CAS*CO*45*50")
    shown = uploaded(desk, remittance("70", *lines, payer="Your insurer"))

    assert "Below the contract $10.00 short on 1 line of 1 compared" in shown


def test_learned_amounts_are_shown_forgotten_and_remembered(desk: StaffClient, engine: Engine) -> None:
    """By payer, plan and code, with the files; each step is in the log."""
    lines = ("CLP*C1*1*100*40*0*12", "SVC*HC:97110*100*40**1", "DTM*472*20260902", "CAS*CO*45*60")
    text = remittance("40", *lines, payer="AETNA")
    told = [uploaded(desk, text, learn="yes") for _ in range(2)]
    page = page_of(desk.get("/staff/remittances/learned").text)
    [amount, file] = [form.typed() for form in page.all("form") if form.typed().keys() & {"mark", "code"}]
    address = "/staff/remittances/learned"
    rows = desk.get(f"{address}.csv").get_data(as_text=True).splitlines()
    forgotten = desk.post(address, data={**amount, "do": "forget"}, follow_redirects=True).text
    again = desk.post(address, data={**amount, "do": "remember"}, follow_redirects=True).text
    without = desk.post(address, data={**file, "do": "forget-file"}, follow_redirects=True).text
    twice = desk.post(address, data={**file, "do": "forget-file"})

    assert ["Learned from 1 new file. 1 amounts count" in told[0], "Known already." in told[1]] == [True, True]
    assert ["AETNA,PPO,97110,1,2026-09-02,40.00,40.00,40.00"] == rows[1:]
    assert "AETNA, PPO, 97110, up to 2026-09-02" in page_of(forgotten).text
    assert ["$40.00" in again, "$40.00" in without, "Nothing is learned yet" in without] == [True, False, True]
    assert (422, 400) == (twice.status_code, desk.post(address).status_code)
    done = [entry.did for entry in read_log(engine, Sought()).entries if entry.did.startswith("amounts-")]
    assert ["amounts-forgotten", "amounts-remembered", "amounts-forgotten", "amounts-learned"] == done
