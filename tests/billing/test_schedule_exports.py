"""Schedules as practice systems print them: each row is answered or asked about, none is refused for its form."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from estimator.billing.schedule import Books, Looked, Outcome, answer_rows
from estimator.billing.schedule_cells import meant, read_day, services_of, time_of
from estimator.billing.schedule_file import COLUMNS, can_identify, header_words, read_schedule
from estimator.engine.prices import ClinicPrices
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from estimator.wording.worklist import schedule_json, schedule_text

BOOKS = Books(date(2026, 11, 25), Looked(folder_shelf(plans_folder())), ClinicPrices(), None)
HEADER = (
    "Appt Date,Appt Time,Pt Account #,Patient Name,Provider,Visit Type,Insurance (Primary),"
    "Auth #,Auth Visits,Auth Used,Auth Exp,Visit #,CPT Codes"
)
PRINTED = f"""Clinic: Lakeshore PT - Daily Schedule
Printed 11/30/2026 08:12 AM

{HEADER}
12/01/26,08:00 AM,10021,"Doe, Jane","Smith, PT",Eval,Cigna Open Access Plus,,,,,1,97161
12/01/26,09:30 AM,10023,"Poe, Ann",Jones PTA,Follow-up,Medicare Part B,A-123,12,11,12/31/26,22,"97110(2),97140(1),20560"
{HEADER}
12/01/26,,10026,"Noe, Sue","Rivera, Ana",Follow-up,Tricare Prime East,,,,,2,2x97110
Total: 3,,,,,,,,,,,,
""".encode()
SEPARATED = b"""MRN;Visit Date;Payor;Plan;Visits Used;CPT
E1;12/1/2026;AETNA;AETNA CHOICE POS II;18;97110
E2;2026-12-01T14:00:00-06:00;MEDICARE;MEDICARE PART B;;97110
E3;13/1/2026;AETNA;Employer PPO;;
"""


@pytest.fixture(autouse=True)
def _on_a_day_in_november() -> Iterator[None]:
    with time_machine.travel("2026-11-25T12:00:00Z"):
        yield


def outcomes(content: bytes) -> list[Outcome]:
    """Return what each row of a file came to."""
    return [outcome for _, outcome in answer_rows(read_schedule(content, "day.csv", None, "60614").rows, BOOKS)]


def test_a_printed_schedule_is_read_without_what_only_the_print_has() -> None:
    """The header once more and a total are listed as not read; nothing that tells who somebody is gets in."""
    file = read_schedule(PRINTED, "day.csv", None, "60614")

    assert ("Pt Account #", "Patient Name", "Visit Type", "Visit #", "row 7", "row 9") == file.not_read
    assert [5, 6, 8] == [row.line for row in file.rows]
    assert not any(name in str(file.rows) for name in ("Doe", "10021"))
    assert "authorization_last_day" == file.mapping["Auth Exp"]


def test_each_row_of_a_printed_schedule_is_answered_or_asked_about() -> None:
    """Who treats is told by the credential behind a name; an insurer without plans here is asked about with some."""
    cigna, medicare, tricare = outcomes(PRINTED)

    assert ["plan"] == [problem["column"] for problem in cigna["problems"]]
    assert "template-employer-ppo" in [plan_id for plan_id, _ in cigna["problems"][0]["choices"]]
    assert "Original Medicare Part B 2026" == medicare["plan"]
    assert {"authorization-last-visit"} <= {need["kind"] for need in medicare["needs"]}
    assert tricare["problems"][0]["choices"][0][0] == "tricare-prime-2026"


def test_the_plan_and_its_insurer_are_two_columns() -> None:
    """The plan's own words go first; what a needed column lacks is said in the desk's words, all at once."""
    aetna, medicare, empty = outcomes(SEPARATED)

    assert "template-employer-pos-tiers" == aetna["problems"][0]["choices"][0][0]
    assert "Original Medicare Part B 2026" == medicare["plan"]
    assert {
        "services": "Enter the codes of the visit, like 97110 x2, 20561.",
        "first_day": "Enter a date, like 2026-03-02.",
    } == {problem["column"]: problem["words"] for problem in empty["problems"]}


def test_an_insurer_beside_a_typical_plan_brings_its_rules() -> None:
    """Aetna doesn't pay for needling, whatever employer's plan it is; a name in doubt stops no answer."""
    row = "plan,insurer,first_day,services\ntemplate-employer-ppo,{},12/1/2026,20561\n"
    (plain,), (aetna,), (blue,) = (outcomes(row.format(name).encode()) for name in ("", "Aetna", "Blue Shield"))

    assert "unknown-cover" in [need["kind"] for need in plain["needs"]]
    assert "unknown-cover" not in [need["kind"] for need in aetna["needs"]]
    assert [] == aetna["problems"]
    assert plain["first_visit"] == blue["first_visit"]


def test_headers_written_as_one_word_and_numbered_columns_are_read() -> None:
    """Codes stand in several columns, the second payer is what pays second, and the patient's number stays unread."""
    file = read_schedule(
        b"apptdate|appttime|patientid|rndrng prvdr|svc dept|payer 1|payer 2|cpt1|cpt2|icd10 1\n"
        b"12/1/2026|9:00a|88|A. Lee PT|North|Regence|Medicare|97110 x2|97140|M54.50\n",
        "day.txt",
    )
    cells = file.rows[0].cells

    assert ("patientid",) == file.not_read
    assert ("97110 x2 97140", "Regence", "Medicare", "North", "A. Lee PT") == tuple(
        cells[name] for name in ("services", "insurer", "second_plan", "location", "therapist")
    )
    assert ("2026-12-01", "M54.50") == (read_day(cells["first_day"]), cells["diagnoses"])


def test_no_header_means_two_columns_and_none_that_we_read_tells_who_the_patient_is() -> None:
    """Words count in any order, so that two names of columns could come to the same."""
    names: dict[frozenset[str], set[str]] = {}
    for column in COLUMNS:
        for each in (column.name, *column.also.split(",")):
            names.setdefault(header_words(each), set()).add(column.name)

    assert {1} == set(map(len, names.values()))
    assert not any(can_identify(" ".join(words)) for words in names)


@pytest.mark.parametrize(
    "header",
    [
        "Pt Account #",
        "PATIENT NAME",
        "Subscriber's DOB",
        "Client Last Name",
        "Member ID#",
        "Guarantor",
        "MRN",
        "patientlastname",
    ],
)
def test_a_column_that_tells_who_the_patient_is_cannot_even_be_chosen(header: str) -> None:
    """However a practice system shortens it."""
    file = read_schedule(
        f"{header},plan,first_day,services\nJane,self-pay,12/1/2026,97110\n".encode(), "day.csv", {header: "label"}
    )

    assert (header,) == file.not_read
    assert "Jane" not in str(file.rows)


@pytest.mark.parametrize(
    ("written", "units"),
    [
        ("97110(2)", "2"),
        ("97110 (x2)", "2"),
        ("2x97110", "2"),
        ("3 x 97110", "3"),
        ("97110-GP x2", "2"),
        ("97110=2", "2"),
        ("97110 2u", "2"),
    ],
)
def test_units_stand_before_or_behind_a_code(written: str, units: str) -> None:
    """In parentheses, after an x, or before one."""
    (service,) = services_of(written)

    assert ("97110", units) == (service["code"], service["units"])


def test_a_number_in_place_of_a_yes_is_the_payers_number() -> None:
    """A column called Auth holds yes or no in one system and the number in another."""
    cells = meant({"authorization": "B55-0917"}).cells

    assert ("yes", "B55-0917") == (cells["authorization"], cells["authorization_number"])


@pytest.mark.parametrize("written", ["2026-12-01T14:00:00-06:00", "12/1/2026, 2:00 PM", "Tuesday, December 1, 2026"])
def test_a_day_is_read_with_any_time_behind_it(written: str) -> None:
    """Also with a time zone."""
    assert "2026-12-01" == read_day(written)
    assert ("day" in written) == (not time_of({"first_day": written}))


@pytest.mark.parametrize(
    ("plan", "second", "collects"),
    [
        # The Part B deductible of $283 is met: a fifth of the visit without a second plan, nothing with these.
        ("Medicare Part B", "", True),
        ("Medicare Part B", "AARP Medigap Plan G", False),
        ("Medicare Part B", "Mutual of Omaha Med Supp G", False),
        ("Medicare Part B", "QMB", False),
        ("Medicare Part B", "Tricare For Life", False),
    ],
)
def test_what_pays_second_is_read_by_what_its_card_says(plan: str, second: str, collects: bool) -> None:
    """The letter of a Medigap plan tells what it pays, under every insurer."""
    header = "Insurance (Primary),Insurance (Secondary),Ded Met,DOS,CPT,KX Used"
    (row,) = outcomes(f"{header}\n{plan},{second},283,12/1/2026,97110 x2,900\n".encode())

    assert [] == row["problems"]
    assert collects == (row["collect_today"] > 0)


@pytest.mark.parametrize(
    ("plan", "second", "says"),
    [
        ("Medicare Part B", "AARP", "enter the letter of the Medigap plan"),
        ("Medicare Part B", "Nobody Mutual", "enter the letter of the Medigap plan"),
        ("template-employer-ppo", "medigap-g", "only after Original Medicare"),
        ("template-employer-ppo", "Cigna", "None of its plans is here"),
    ],
)
def test_a_second_plan_in_doubt_is_asked_about_beside_the_amounts(plan: str, second: str, says: str) -> None:
    """The amounts are those without it, and the question says so."""
    header = "Payer 1,Payer 2,DOS,CPT"
    (with_it,) = outcomes(f"{header}\n{plan},{second},12/1/2026,97110 x2\n".encode())
    (without,) = outcomes(f"{header}\n{plan},,12/1/2026,97110 x2\n".encode())

    (asked,) = with_it["problems"]
    assert "second_plan" == asked["column"]
    assert says in asked["words"]
    assert asked["words"].endswith("The amounts are without it.")
    assert without["collect_today"] == with_it["collect_today"] > 0
    assert {"kind": "in-doubt", "column": "second_plan"} in with_it["needs"]


def test_a_row_with_a_question_is_never_said_to_be_ready() -> None:
    """A label that was dropped, an insurer that can be several, a second plan: each is a need of the command, too."""
    header = "label,plan,Payer 1,Payer 2,DOS,CPT"
    told = f"{header}\nJane Doe,template-employer-ppo,Nobody Mutual,Cigna,12/1/2026,97110 x2\n"
    read = read_schedule(told.encode(), "day.csv", None, "60614")
    answered = list(answer_rows(read.rows, BOOKS))
    written = schedule_json(read, answered)

    columns = {need.get("column") for need in answered[0][1]["needs"] if need["kind"] == "in-doubt"}
    assert {"label", "insurer", "second_plan"} == columns
    (row,) = written["rows"]
    asked = [need["says"].partition(":")[0] for need in row["needs"] if need["kind"] == "ask"]
    assert columns <= set(asked)
    assert len(set(asked)) == len(asked)
    assert "Nothing to do" not in schedule_text(written)


def test_what_only_pays_second_is_nobodys_first_plan() -> None:
    """Medicaid is no program for Medicare's shares, and TRICARE For Life follows Medicare."""
    for text in ("Medicaid", "TRICARE For Life", "Medigap Plan G"):
        (row,) = outcomes(f"Payer,DOS,CPT\n{text},12/1/2026,97110\n".encode())
        assert ["plan"] == [problem["column"] for problem in row["problems"]]


def needs(content: str) -> list[set[str]]:
    """Return the kinds of what each row of a file needs."""
    return [{need["kind"] for need in outcome["needs"]} for outcome in outcomes(content.encode())]


def test_a_visit_that_does_not_stand_has_no_amounts_and_needs_nothing() -> None:
    """Canceled, missed and moved visits are in most exports; one that was checked in is a visit like any other."""
    words = (
        "Canceled",
        "CANCELLED BY PATIENT",
        "No Show",
        "no-show",
        "Rescheduled",
        "CX",
        "Confirmed",
        "Checked In",
        "",
    )
    rows = "\n".join(f"A{n},original-medicare-2026,12/1/2026,97110 x2,0,{word}" for n, word in enumerate(words))
    found = outcomes(f"label,plan,DOS,CPT,KX used,Appt Status\n{rows}\n".encode())

    assert [True] * 6 + [False] * 3 == [outcome["needs"] == [{"kind": "canceled"}] for outcome in found]
    assert [False] * 6 + [True] * 3 == ["collect_today" in outcome for outcome in found]


@pytest.mark.parametrize(
    ("codes", "counts", "same"),
    [
        ("97110;97140", "2;1", "97110 x2 97140 x1"),
        ("97110-GP", "2", "97110-GP x2"),
        ("97110 - Therapeutic Exercise, 97140 - MANUAL THERAPY", "2, 1", "97110 x2 97140 x1"),
        ("97110 x2 97140", "2, 1", None),
        ("97110 x2, 97140 x1", "3", "97110 x2 97140 x1"),
        ("97110 97140", "3", None),
    ],
)
def test_units_in_a_column_of_their_own_count(codes: str, counts: str, same: str | None) -> None:
    """Without them a visit of two units was collected as one; where they fit no codes the row says so."""
    head = "label,plan,DOS,CPT,KX used"
    (apart,) = outcomes(f'{head},Units\nA,original-medicare-2026,12/1/2026,"{codes}",0,"{counts}"\n'.encode())
    in_doubt = [problem["column"] for problem in apart["problems"]]

    if same is None:
        assert ["units"] == in_doubt
    else:
        (written,) = outcomes(f"{head}\nA,original-medicare-2026,12/1/2026,{same},0\n".encode())
        assert (written["collect_today"], []) == (apart["collect_today"], in_doubt)


def test_the_words_of_a_desk_for_yes_and_no_refuse_no_row() -> None:
    """What is pending or denied is not on file and has to be requested; what is neither is asked about."""
    told = {"Pending": "no", "Denied 11/3": "no", "Approved 12 visits": "yes", "Not required": "", "see notes": ""}
    rows = "\n".join(f"A{n},template-employer-hmo,12/1/2026,97110,4,{word},yes" for n, word in enumerate(told))
    found = outcomes(f"label,plan,DOS,CPT,visits used,auth on file,referral\n{rows}\n".encode())
    missing = [[need for need in outcome["needs"] if need["kind"] == "authorization-missing"] for outcome in found]

    assert list(told.values()) == [meant({"authorization": word}).cells["authorization"] for word in told]
    assert [1, 1, 0, 1, 1] == list(map(len, missing))
    assert [False, False, None, None] == [need["is_told"] for needs in missing for need in needs]
    assert [[], [], [], ["authorization"], ["authorization"]] == [
        [problem["column"] for problem in outcome["problems"]] for outcome in found
    ]
    assert missing[0][0]["clinic"] == found[0]["money_at_risk"] > 0


def test_two_rows_of_one_visit_say_so() -> None:
    """A list of charges has a row a code: each would be collected by itself."""
    head = "label,plan,DOS,time,CPT,KX used"
    rows = ("A,97110", "A,97140", "B,97110")
    text = "\n".join("{},original-medicare-2026,12/1/2026,8:00,{},0".format(*row.split(",")) for row in rows)

    assert [False, True, False] == ["duplicate" in kinds for kinds in needs(f"{head}\n{text}\n")]
