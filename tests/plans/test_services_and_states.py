"""The tables of services and of states, and the mistakes in them."""

import csv
from pathlib import Path

import pytest

from estimator.engine.coverage import NEEDLERS, Access, May, Scope
from estimator.errors import PlanFileRefused
from estimator.plans.folder import library
from estimator.plans.shared import read_services, read_states
from estimator.settings import plans_folder

SHELF = library(plans_folder())
SERVICES = (plans_folder() / "_services.yaml").read_text("utf-8")
STATES = (plans_folder() / "_states.yaml").read_text("utf-8")


def test_classes_hold_the_codes_of_the_classes_within_them() -> None:
    """Needling belongs to therapy, acupuncture does not."""
    classes = SHELF.shared.services.classes

    assert frozenset({"97161", "97162", "97163", "97164"}) == classes["pt-evaluation"]
    assert classes["physical-therapy"] | {"20560", "20561"} == classes["all-therapy"]
    assert classes["acupuncture"].isdisjoint(classes["all-therapy"])


def test_every_code_of_a_class_has_words() -> None:
    """Pages never show a bare code."""
    services = SHELF.shared.services
    named = frozenset[str]().union(*services.classes.values())

    assert named == set(services.codes)
    assert "Dry needling, 1 or 2 muscles" == services.codes["20560"].name


def test_timed_codes_are_those_billed_by_fifteen_minutes() -> None:
    """The class and the table say the same."""
    services = SHELF.shared.services
    timed = {code for code, service in services.codes.items() if service.timed}

    assert timed - {"97811", "97814"} == services.classes["pt-timed"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("pt-reevaluation: [97164]", "pt-reevaluation: [97165]", "No code of this name stands under `codes`."),
        ("timed: no", "timed: never", "Enter yes or no, not 'never'."),
    ],
)
def test_mistakes_in_the_table_of_services_have_lines(old: str, new: str, problem: str) -> None:
    """A class cannot hold what nobody named."""
    _, problems = read_services(SERVICES.replace(old, new, 1), "plans/_services.yaml")

    (only,) = problems
    assert only.line == SERVICES[: SERVICES.index(old)].count("\n") + 1
    assert only.message.endswith(problem) or "97165" in only.message


def test_every_state_and_the_district_is_read() -> None:
    """Fifty-one rules, each with its law."""
    states = SHELF.states

    assert 51 == len(states)
    assert all(abbreviation == rule.abbreviation for abbreviation, rule in states.items())
    assert {Scope.PERMITTED, Scope.PROHIBITED} <= {rule.status for rule in states.values()}
    assert all(tuple(rule.others) == NEEDLERS for rule in states.values())


def test_what_states_say_is_what_was_read_last() -> None:
    """Figures that older lists had wrong: days, consent, assistants and chiropractors."""
    states = SHELF.states

    assert "30 days" in states["TX"].direct_access_limit
    assert states["NV"].written_consent is True
    assert (May.NO, May.YES) == tuple(
        states["IN"].permission(each).may for each in ("physical-therapist-assistant", "chiropractor")
    )
    assert (1, Access.FREE) == (states["WA"].experience_years, states["WA"].direct_access)
    assert {"NH", "OH", "RI", "SC", "WI"} == {each for each, rule in states.items() if rule.confidence == "low"}


READ = Path(__file__).with_name("states_read.csv")
PROFESSIONS = {"physical-therapist-assistant": "assistant"}


def test_each_states_row_says_what_was_read_of_it() -> None:
    """Field by field; `judged` says where a source's words needed judgment."""
    with READ.open(encoding="utf-8", newline="") as file:
        rows = {row["state"]: row for row in csv.DictReader(file)}

    assert SHELF.states.keys() == rows.keys()
    for name, rule in SHELF.states.items():
        others = {PROFESSIONS.get(each, each.replace("-", "_")): said.may for each, said in rule.others.items()}
        says = {
            "state": name,
            "physical_therapist": rule.status,
            "written_consent": {True: "yes", False: "no", None: "unknown"}[rule.written_consent],
            **others,
            "direct_access": rule.direct_access,
        }
        assert {key: said for key, said in rows[name].items() if key != "judged"} == says


def test_notes_of_editors_stay_in_the_file() -> None:
    """No page can show what no page is given."""
    notes = [line.split(": ", 1)[1].strip('" ') for line in STATES.splitlines() if line.startswith("    notes: ")]
    shown = repr(SHELF.states)

    assert [] == [note for note in notes if note and note in shown]


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ('state: "AL"', 'state: "XX"', "state", None),
        (
            "  status: permitted\n",
            "  status: allowed\n",
            "status",
            "Enter permitted, prohibited, silent or awaiting-rules, not 'allowed'.",
        ),
        (
            "written_consent: unknown",
            "written_consent: maybe",
            "written_consent",
            "Enter yes, no or unknown, not 'maybe'.",
        ),
        ('state: "AK"', 'state: "AL"', "state", "This state stands in the file already."),
    ],
)
def test_mistakes_in_the_table_of_states_have_lines(old: str, new: str, path: str, message: str | None) -> None:
    """The line is that of the key."""
    with pytest.raises(PlanFileRefused) as refusal:
        read_states(STATES.replace(old, new, 1), "plans/_states.yaml")

    (problem,) = refusal.value.problems
    assert (path, STATES[: STATES.index(old)].count("\n") + 1) == (problem.path, problem.line)
    assert message is None or problem.message.startswith(message)


def test_a_table_of_states_is_a_list() -> None:
    """Anything else is refused with what to write."""
    with pytest.raises(PlanFileRefused) as refusal:
        read_states("AL: permitted\n", "plans/_states.yaml")

    assert ["plans/_states.yaml:1: Enter a list of states, each with `- state: AL`."] == [
        str(problem) for problem in refusal.value.problems
    ]
