"""Cases: a label and no identity, entries that are only added, and counters that move by themselves."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from threading import Thread

import pytest
import time_machine
from sqlalchemy import Engine

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.accounts.sign_in import Person
from estimator.billing.alerts import AlertKind, finish_alert, kept_alerts, look_at, plan_on, raise_alerts
from estimator.billing.authorization_answer import Habits
from estimator.billing.calls import NewCall, SoughtCalls, calls_of
from estimator.billing.case_calls import enter_case_call
from estimator.billing.case_search import SoughtCases, cases_of, count_cases
from estimator.billing.cases import (
    CARE,
    CLOSED,
    GRANT,
    NOTE,
    OPEN,
    STATED,
    VISIT,
    NewEntry,
    add_entries,
    case_labeled,
    case_now,
    case_of_id,
    import_cases,
    labels_of,
    merge_cases,
    open_case,
    open_cases,
    set_case_state,
)
from estimator.billing.counters import Counter, counters_of, grant_in_force, grants_used
from estimator.billing.needs import Thresholds
from estimator.billing.schedule_file import NAMES
from estimator.clock import now_utc, today
from estimator.engine.request import Call
from estimator.errors import RequestRefused
from estimator.plans.shelf import Draft, Shelf
from estimator.wording.worklist import alert_says
from tests.db.sample import definition, published

ANA = Person(1, "ana", "billing")
CITED = {"cite": "eoc p. 3"}
LIMITED = {
    "in_force": {"first_day": "2026-01-01"},
    "limits": {
        "therapy-visits": {"visits": "20", "per": "benefit-year", "past": "patient-pays", **CITED},
        "kx-threshold": {
            "dollars": "2480.00",
            "per": "calendar-year",
            "dollars_of": "allowed",
            "past": "continues",
            "modifier": "KX",
            **CITED,
        },
    },
    "benefits": {
        "physical-therapy": {
            "services": ["pt-timed"],
            "limits": ["therapy-visits", "kx-threshold"],
            "cost_share": {"in-network": {"copay": "40.00", "deductible": "waived", **CITED}},
        }
    },
}


@pytest.fixture
def desk(database: Engine) -> Engine:
    """A database with a plan of twenty visits a year and a threshold in dollars, and somebody who keeps cases."""
    published(database, [Draft(definition("limited", **LIMITED))])
    add_account(database, ANA.name, Role.BILLING, "four blue herons")
    return database


def cells(**said: str) -> dict[str, str]:
    """Return the cells of a course of twelve visits, two a week."""
    usual = {"plan": "limited", "zip": "98101", "services": "97110:30", "visits": "12", "per_week": "2"}
    return dict.fromkeys(NAMES, "") | usual | said


def visit(day: date, allowed: int = 100_00) -> NewEntry:
    return NewEntry(VISIT, day, {"services": "97110:30", "allowed": [allowed], "source": "hand"})


def counters(engine: Engine, case_id: int, day: date) -> dict[str, Counter]:
    """Return the counters of a case on a day by their names."""
    case, entries = case_of_id(engine, case_id)
    now = case_now(case, entries, day)
    plans = plan_on(now, Shelf(engine))
    return {each.name: each for each in counters_of(now, plans, Habits(), grants_used(now, plans))}


def test_every_kind_of_alert_is_in_the_docs() -> None:
    """A program that polls the feed finds there what each may be."""
    said = Path(__file__).parents[2].joinpath("docs", "cases.md").read_text("utf-8")

    assert [] == [kind for kind in AlertKind if f"`{kind}`" not in said]


def test_a_case_is_opened_with_what_was_used_before_and_its_authorization(desk: Engine) -> None:
    """Used is what was stated, and the visits since."""
    opening = cells(visits_used="15", authorization="yes", authorization_visits="8", authorization_used="3")
    number = open_case(desk, "Neck A-12", opening, ANA, date(2026, 10, 1))
    add_entries(desk, number, [visit(date(2026, 10, day)) for day in (5, 8)], ANA)
    found = counters(desk, number, date(2026, 10, 9))

    assert (17, 20, 3) == (found["therapy-visits"].used, found["therapy-visits"].of, found["therapy-visits"].left)
    assert (15, date(2026, 10, 1), 2) == (
        found["therapy-visits"].stated,
        found["therapy-visits"].stated_on,
        found["therapy-visits"].ours,
    )
    assert (5, 3) == (found["authorization 3"].used, found["authorization 3"].left)
    # Nobody told what of the threshold was used before.
    assert (None, 200_00) == (found["kx-threshold"].used, found["kx-threshold"].ours)


def test_a_counter_says_when_it_runs_out_and_by_when_to_act(desk: Engine) -> None:
    """Two visits a week: the third visit from now is past what is left."""
    number = open_case(desk, "A-1", cells(visits_used="18", kx_dollars_used="0"), ANA, date(2026, 10, 1))
    found = counters(desk, number, date(2026, 10, 1))["therapy-visits"]

    assert (date(2026, 10, 9), date(2027, 1, 1)) == (found.runs_out, found.resets)
    assert date(2026, 10, 7) == found.act_by


def test_a_new_year_starts_the_count_again_by_itself(desk: Engine) -> None:
    """Without anybody resetting it, and it is then known."""
    number = open_case(desk, "A-1", cells(visits_used="19"), ANA, date(2026, 12, 1))
    add_entries(desk, number, [visit(date(2026, 12, 7)), visit(date(2027, 1, 4))], ANA)

    assert 20 == counters(desk, number, date(2026, 12, 31))["therapy-visits"].used
    assert 1 == counters(desk, number, date(2027, 1, 5))["therapy-visits"].used


def test_what_a_payer_states_later_goes_before_our_own_sum_and_both_stand(desk: Engine) -> None:
    """Our visits after that day are added to it."""
    number = open_case(desk, "A-1", cells(visits_used="0"), ANA, date(2026, 10, 1))
    add_entries(desk, number, [visit(date(2026, 10, 5)), visit(date(2026, 10, 7))], ANA)
    add_entries(desk, number, [NewEntry(STATED, date(2026, 10, 10), {"visits_used": "6"})], ANA)
    add_entries(desk, number, [visit(date(2026, 10, 12))], ANA)
    found = counters(desk, number, date(2026, 10, 13))["therapy-visits"]

    assert (7, 6, 3) == (found.used, found.stated, found.ours)


def test_a_correction_counts_instead_of_what_it_corrects(desk: Engine) -> None:
    """A void takes the visit out; correcting it a second time is refused."""
    number = open_case(desk, "A-1", cells(visits_used="0"), ANA, date(2026, 10, 1))
    entry = add_entries(desk, number, [visit(date(2026, 10, 5))], ANA)
    void = NewEntry(VISIT, date(2026, 10, 5), {"void": True}, corrects=entry)
    add_entries(desk, number, [void], ANA)

    assert 0 == counters(desk, number, date(2026, 10, 6))["therapy-visits"].used
    with pytest.raises(RequestRefused, match="meanwhile"):
        add_entries(desk, number, [void], ANA)


def test_a_visit_uses_the_grant_that_holds_on_its_day(desk: Engine) -> None:
    """The first is used up before the second is begun; one that was denied grants nothing."""
    number = open_case(desk, "A-1", cells(), ANA, date(2026, 10, 1))
    grants = [
        {"status": "denied", "number": "D"},
        {"status": "approved", "number": "G1", "visits": 2, "last_day": "2026-10-31"},
        {"status": "partly", "number": "G2", "visits": 4, "first_day": "2026-10-06", "last_day": "2026-12-31"},
    ]
    add_entries(desk, number, [NewEntry(GRANT, date(2026, 10, 1), each) for each in grants], ANA)
    add_entries(desk, number, [visit(date(2026, 10, day)) for day in (5, 7, 9)], ANA)
    found = counters(desk, number, date(2026, 10, 10))

    assert {"G1": 2, "G2": 1} == {name: found[name].used for name in ("G1", "G2")}
    assert "D" not in found


def test_units_of_a_grant_are_those_that_the_engine_bills(desk: Engine) -> None:
    """Eight minutes make a unit, 38 of two codes together three; other codes than the grant's use none of it."""
    number = open_case(desk, "A-1", cells(), ANA, date(2026, 10, 1))
    grants = [
        {"status": "approved", "number": "G1", "units": 40, "last_day": "2026-10-06"},
        {"status": "approved", "number": "G2", "units": 40, "codes": ["97140"], "first_day": "2026-10-07"},
    ]
    add_entries(desk, number, [NewEntry(GRANT, date(2026, 10, 1), each) for each in grants], ANA)
    services = {5: "97110:16", 6: "97110:23 97140:15", 7: "97110:16 97140:24", 8: "97140:5"}
    entries = [NewEntry(VISIT, date(2026, 10, day), {"services": each}) for day, each in services.items()]
    add_entries(desk, number, entries, ANA)
    found = counters(desk, number, date(2026, 10, 10))

    # 16 minutes are 1 unit; 38 in all are 3; 24 of 97140 beside 16 of 97110 are 2; 5 are none.
    assert {"G1": 4, "G2": 2} == {name: found[name].used for name in ("G1", "G2")}


def test_dollars_count_what_each_visit_was_allowed(desk: Engine) -> None:
    """Against the threshold of the calendar year."""
    number = open_case(desk, "A-1", cells(kx_dollars_used="2300"), ANA, date(2026, 10, 1))
    add_entries(desk, number, [visit(date(2026, 10, day), 95_00) for day in (5, 7)], ANA)
    found = counters(desk, number, date(2026, 10, 8))["kx-threshold"]

    assert (2_490_00, 0) == (found.used, found.left)


@pytest.mark.parametrize("label", ["123-45-6789", "a@b.com", "206-555-0100", "born 1/2/1980"])
def test_a_label_that_tells_who_the_patient_is_is_refused(desk: Engine, label: str) -> None:
    """With the reason; an empty one is generated."""
    with pytest.raises(RequestRefused, match="this one holds a"):
        open_case(desk, label, cells(), ANA)
    assert "Case 1" == case_of_id(desk, open_case(desk, "", cells(), ANA))[0].label


def test_a_label_is_taken_once(desk: Engine) -> None:
    """Also after its case was closed."""
    set_case_state(desk, open_case(desk, "A-1", cells(), ANA), CLOSED, ANA)

    with pytest.raises(RequestRefused, match="there is a case A-1 already"):
        open_case(desk, "A-1", cells(), ANA)
    assert () == cases_of(desk, SoughtCases())


def test_each_code_uses_its_own_authorization(desk: Engine) -> None:
    """By hand: 97110 on three days, 20561 on two, one with both; the next visit rests on what is spent."""
    case_id = open_case(desk, "A-1", cells(services="97110:30 20561", visits_used="0"), ANA, date(2026, 10, 1))
    for number, visits, code in (("T", 3, "97110"), ("N", 3, "20561")):
        grant = {"status": "approved", "number": number, "visits": visits, "codes": [code]}
        add_entries(desk, case_id, [NewEntry(GRANT, date(2026, 10, 1), grant)], ANA)
    for day, services in ((5, "97110:30"), (12, "97110:30"), (19, "20561"), (26, "97110:30 20561")):
        add_entries(desk, case_id, [NewEntry(VISIT, date(2026, 10, day), {"services": services})], ANA)
    now = case_now(*case_of_id(desk, case_id), date(2026, 10, 27))
    using = grants_used(now, None)

    assert {"T": 3, "N": 2} == {each.grant.number: each.visits for each in using}
    assert (3, 3) == (grant_in_force(now, using).visits, grant_in_force(now, using).used_visits)


def test_what_stands_in_both_merged_cases_is_there_once(desk: Engine) -> None:
    """One patient entered twice: by hand three visits of one authorization, and the later of two counts."""
    ids = []
    for label, days, used in (("A-1", (5, 12), "2"), ("A-2", (12, 19), "3")):
        case_id = open_case(
            desk, label, cells(visits_used=used, services="97110:30"), ANA, date(2026, 10, len(ids) + 1)
        )
        grant = {"status": "approved", "number": "M", "visits": 12}
        add_entries(desk, case_id, [NewEntry(GRANT, date(2026, 10, 1), grant)], ANA)
        for day in days:
            add_entries(desk, case_id, [NewEntry(VISIT, date(2026, 10, day), {"services": "97110:30"})], ANA)
        ids.append(case_id)
    one, two = ids
    merge_cases(desk, two, one, ANA)
    now = case_now(*case_of_id(desk, one), date(2026, 10, 20))

    assert [("M", 3)] == [(each.grant.number, each.visits) for each in grants_used(now, None)]
    assert [5, 12, 19] == [visit.day.day for visit in now.visits]
    assert "3" == now.stated["visits_used"].cells["visits_used"]
    assert ("A-2", "A-1") == labels_of(desk, one)


def test_another_payer_counts_anew_and_takes_no_authorization_along(desk: Engine) -> None:
    """By hand: five stated and three given under the first, one under the second; the planned visits go on."""
    other = definition("other", **{**LIMITED, "payer": "Birch Mutual"})
    published(desk, [Draft(other), Draft(definition("same", **LIMITED))])
    shelf, ids = Shelf(desk), []
    for label in ("A-1", "A-2"):
        case_id = open_case(desk, label, cells(visits_used="5", visits="20"), ANA, date(2026, 6, 1))
        add_entries(desk, case_id, [NewEntry(GRANT, date(2026, 6, 1), {"status": "approved", "visits": 12})], ANA)
        add_entries(desk, case_id, [visit(date(2026, 6, day)) for day in (8, 15, 22)], ANA)
        add_entries(desk, case_id, [NewEntry(CARE, date(2026, 7, 1), {"plan": "other" if ids else "same"})], ANA)
        add_entries(desk, case_id, [visit(date(2026, 7, 6))], ANA)
        ids.append(case_id)
    looked = [
        look_at(case_now(*case_of_id(desk, each), date(2026, 7, 7)), shelf, Habits(), Thresholds()) for each in ids
    ]
    used = [{each.name: (each.used, each.ours) for each in found.counters} for found in looked]

    assert (9, 4) == used[0]["therapy-visits"]
    assert (None, 1) == used[1]["therapy-visits"]
    assert [(12, 4), (None, 0)] == [(found.grant.visits, found.grant.used_visits) for found in looked]
    assert [16, 16] == [found.now.planned for found in looked]


def test_a_plan_of_a_day_to_come_needs_a_new_request_where_another_insurer_has_it(desk: Engine) -> None:
    """An insurer that stays beside the plan, or is called otherwise, changes nothing: the plans tell who pays."""
    published(desk, [Draft(definition("other", **{**LIMITED, "payer": "Aetna"}))])
    said = cells(visits="20", per_week="1", visits_used="0", kx_dollars_used="0", insurer="Aetna", authorization="yes")
    moves = {"new": {"plan": "other"}, "same": {"insurer": "Aetna Inc."}, "none": {"therapist": "TP"}}
    with time_machine.travel("2026-12-14T12:00:00Z"):
        for label, content in moves.items():
            case_id = open_case(desk, label, said, ANA, date(2026, 12, 1))
            add_entries(desk, case_id, [NewEntry(CARE, date(2027, 1, 4), content)], ANA)
    raise_alerts(Shelf(desk), date(2026, 12, 21), Habits(), Thresholds())
    [alert] = [each for each in kept_alerts(desk) if each.kind == "renew"]
    asked = alert_says(alert.kind, alert.content)
    now = case_now(*case_of_id(desk, 1), date(2027, 1, 4))

    assert ("new", "2027-01-04", "2027-01-04") == (
        alert.label,
        alert.content["new_payer_on"],
        alert.content["runs_out"],
    )
    assert "another insurer pays from January 4, 2027 on. Send it a new request by December 15, 2026." in asked
    assert () == look_at(now, Shelf(desk), Habits(), Thresholds()).now.grants


def test_a_case_counts_by_the_plan_that_follows_its_own_in_the_new_year(desk: Engine) -> None:
    """By hand: three visits of December under twenty a year, two of January under thirty; without one, by its own."""
    thirty = {**LIMITED["limits"]["therapy-visits"], "visits": "30"}
    spans = ({"first_day": f"{year}-01-01", "last_day": f"{year}-12-31"} for year in (2026, 2027))
    year, next_year = spans
    limits = {**LIMITED["limits"], "therapy-visits": thirty}
    plans = [
        definition("old", **{**LIMITED, "in_force": year, "successor": "new"}),
        definition("new", **{**LIMITED, "in_force": next_year, "limits": limits}),
        definition("alone", **{**LIMITED, "in_force": year}),
    ]
    published(desk, map(Draft, plans))
    found = []
    for plan in ("old", "alone"):
        with time_machine.travel("2026-12-01T12:00:00Z"):
            case_id = open_case(desk, plan, cells(plan=plan, visits_used="0"), ANA, date(2026, 12, 1))
        days = (date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 21), date(2027, 1, 4), date(2027, 1, 11))
        add_entries(desk, case_id, [visit(day) for day in days], ANA)
        counted = look_at(case_now(*case_of_id(desk, case_id), date(2027, 1, 12)), Shelf(desk), Habits(), Thresholds())
        found.append({each.name: (each.used, each.of) for each in counted.counters}["therapy-visits"])

    assert [(2, 30), (2, 20)] == found


def test_nothing_of_the_care_is_added_to_a_case_that_is_over(desk: Engine) -> None:
    """A visit after the discharge would count in no list; a payment and a correction may come."""
    case_id = open_case(desk, "A-1", cells(), ANA, date(2026, 10, 1))
    given = NewEntry(VISIT, date(2026, 10, 5), {"services": "97110:30"})
    number = add_entries(desk, case_id, [given], ANA)
    set_case_state(desk, case_id, CLOSED, ANA)
    with pytest.raises(RequestRefused, match="Open the case A-1 again first"):
        add_entries(desk, case_id, [given], ANA)
    add_entries(desk, case_id, [NewEntry(NOTE, date(2026, 10, 6), {"says": "called"})], ANA)
    add_entries(desk, case_id, [NewEntry(VISIT, date(2026, 10, 5), {"void": True}, corrects=number)], ANA)
    set_case_state(desk, case_id, OPEN, ANA)

    assert () == case_now(*case_of_id(desk, case_id), date(2026, 10, 7)).visits


def test_a_call_and_what_it_says_of_a_case_are_kept_together(desk: Engine) -> None:
    """A case that somebody closes meanwhile takes no authorization, and the log holds no call that gave one."""
    case_id = open_case(desk, "A-1", cells(), ANA, date(2026, 10, 1))
    call = NewCall("evergreen", "Evergreen", Call(date(2026, 10, 2), ()), "A-1", "Nothing asked.")
    granted = [NewEntry(GRANT, date(2026, 10, 2), {"status": "approved", "visits": 6})]
    set_case_state(desk, case_id, CLOSED, ANA)
    with pytest.raises(RequestRefused, match="Open the case A-1 again first"):
        enter_case_call(desk, call, case_id, granted, ANA, now_utc())
    refused = calls_of(desk, SoughtCalls())
    set_case_state(desk, case_id, OPEN, ANA)
    number = enter_case_call(desk, call, case_id, granted, ANA, now_utc())
    last = case_of_id(desk, case_id)[1][-1]

    assert () == refused
    assert (GRANT, number) == (last.kind, last.content["call"])


def test_what_is_sent_twice_or_can_not_be_meant_is_refused(desk: Engine) -> None:
    """A second click would give twice the visits; a day outside the calendar stopped the watch of every case."""
    case_id = open_case(desk, "A-1", cells(), ANA, date(2026, 10, 1))
    given, granted = visit(date(2026, 10, 5)), {"status": "approved", "visits": 8}
    grant = NewEntry(GRANT, date(2026, 10, 5), granted)
    number = add_entries(desk, case_id, [given], ANA)
    add_entries(desk, case_id, [grant], ANA)
    for sent, words in (
        (given, f"This visit is there already, as entry {number}"),
        (grant, "This authorization is there already"),
        (NewEntry(GRANT, date(9999, 12, 31), {"status": "requested"}), "day: Enter a day from 2000 to 2100"),
        (NewEntry(GRANT, given.day, {"status": "requested", "requested_on": "9999-12-31"}), "requested_on: Enter"),
        (NewEntry(GRANT, given.day, granted | {"codes": ["<b>"]}), "codes: Enter codes of 5 characters"),
        (NewEntry(GRANT, given.day, granted | {"number": "1" * 201}), "number: Enter at most 200 characters"),
    ):
        with pytest.raises(RequestRefused) as refused:
            add_entries(desk, case_id, [sent], ANA)
        assert words in "; ".join(map(str, refused.value.problems))
    void = NewEntry(VISIT, given.day, {"void": True}, corrects=number)
    add_entries(desk, case_id, [void], ANA)
    add_entries(desk, case_id, [given, given._replace(content={**given.content, "services": "97530:30"})], ANA)

    assert 2 == len(case_now(*case_of_id(desk, case_id), date(2026, 10, 6)).visits)


def test_a_merged_case_is_not_opened_again_and_an_open_one_stays_open(desk: Engine) -> None:
    """It would be watched and counted beside the case that it goes on in; in a closed one nobody would watch it."""
    one, two, three = (open_case(desk, label, cells(), ANA, date(2026, 10, 1)) for label in ("A-1", "A-2", "A-3"))
    merge_cases(desk, two, one, ANA)
    set_case_state(desk, one, CLOSED, ANA)
    for attempt in (
        lambda: set_case_state(desk, two, OPEN, ANA),
        lambda: set_case_state(desk, two, CLOSED, ANA),
        lambda: merge_cases(desk, three, one, ANA),
    ):
        with pytest.raises(RequestRefused):
            attempt()

    assert [three] == [case.id for case, _ in open_cases(desk)]


def test_a_merged_case_lives_on_in_the_other(desk: Engine) -> None:
    """With its visits and grants, and its label still leads there."""
    one = open_case(desk, "A-1", cells(visits_used="0"), ANA, date(2026, 10, 1))
    two = open_case(desk, "A-2", cells(), ANA, date(2026, 10, 1))
    add_entries(desk, one, [visit(date(2026, 10, 5))], ANA)
    add_entries(desk, two, [visit(date(2026, 10, 7))], ANA)
    merge_cases(desk, two, one, ANA)
    case = case_labeled(desk, "A-2")

    assert case is not None
    assert one == case.id
    assert 2 == counters(desk, one, date(2026, 10, 8))["therapy-visits"].used


def test_open_cases_are_imported_row_by_row(desk: Engine) -> None:
    """A row with a problem stops no other."""
    content = (
        b"Chart No,Insurance,CPT,Date,Visits Used,Auth Visits,Visits Left\n"
        b"A-1,limited,97110,10/1/2026,4,8,5\nA-2,,97110,10/1/2026,,,\nA-1,limited,97110,10/1/2026,,,\n"
    )
    imported = import_cases(desk, content, "open.csv", ANA)
    found = counters(desk, imported.opened[0], date(2026, 10, 2))

    assert [(3, "plan"), (4, "label")] == [(problem.line, problem.path) for problem in imported.problems]
    assert (4, 3) == (found["therapy-visits"].used, found["authorization 3"].used)


def test_columns_that_the_clinic_chose_are_read_in_its_open_cases_too(desk: Engine) -> None:
    """As they are in its schedules."""
    content = b"Chart No,Insurance,CPT,So far\nA-1,limited,97110,4\n"
    imported = import_cases(desk, content, "open.csv", ANA, {"so far": "visits_used"})
    found = counters(desk, imported.opened[0], today())

    assert 4 == found["therapy-visits"].used


@pytest.mark.parametrize("said", ["Yes", "Y", "on file", "TRUE"])
def test_an_authorization_is_imported_however_yes_is_written(desk: Engine, said: str) -> None:
    """With the units of it that are used."""
    header = b"Chart No,Insurance,CPT,Date,Auth,Auth Units,Auth Units Used\n"
    imported = import_cases(desk, header + f"A-1,limited,97110 x2,10/1/2026,{said},20,6\n".encode(), "open.csv", ANA)
    add_entries(desk, imported.opened[0], [NewEntry(VISIT, date(2026, 10, 2), {"services": "97110 x2"})], ANA)
    found = counters(desk, imported.opened[0], date(2026, 10, 3))["authorization 2"]

    assert (20, 8, 2, 12) == (found.of, found.used, found.ours, found.left)


def test_an_answer_that_is_neither_yes_nor_no_is_asked_about(desk: Engine) -> None:
    """It is not taken for a no."""
    with pytest.raises(RequestRefused, match="enter yes, no or unknown"):
        open_case(desk, "A-1", cells(authorization="perhaps"), ANA)


@pytest.mark.parametrize(
    ("kind", "content", "path"),
    [
        (STATED, {"visits_used": "4.0"}, "visits_used"),
        (STATED, {"visits_used": "4.5"}, "visits_used"),
        (STATED, {"kx_dollars_used": "-600.00"}, "kx_dollars_used"),
        (STATED, {"visits_used": ""}, "stated"),
        (NOTE, {"says": "  "}, "note"),
        (CARE, {"visits": "a few"}, "visits"),
        (VISIT, {"services": "needling"}, "services"),
    ],
)
def test_what_cannot_be_read_is_refused_and_hides_nothing(
    desk: Engine, kind: str, content: dict[str, str], path: str
) -> None:
    """The count that was stated before still holds."""
    number = open_case(desk, "A-1", cells(visits_used="6"), ANA, date(2026, 10, 1))
    with pytest.raises(RequestRefused) as refused:
        add_entries(desk, number, [NewEntry(kind, date(2026, 10, 2), content)], ANA)

    assert [path] == [problem.path for problem in refused.value.problems]
    assert 6 == counters(desk, number, date(2026, 10, 3))["therapy-visits"].used


def test_two_people_who_add_at_once_lose_nothing(desk: Engine) -> None:
    """Each entry gets a number of its own."""
    number = open_case(desk, "A-1", cells(), ANA)
    before = len(case_of_id(desk, number)[1])

    def add() -> None:
        for _ in range(10):
            add_entries(desk, number, [NewEntry(NOTE, date(2026, 10, 1), {"says": "x"})], ANA)

    threads = [Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = case_of_id(desk, number)[1]

    assert list(range(1, before + 31)) == [entry.number for entry in entries]


def kinds(engine: Engine, day: date) -> Sequence[tuple[str, str]]:
    """Look at every case on a day, and return the open alerts in the order they were raised."""
    raise_alerts(Shelf(engine), day, Habits(turnaround_days=3, safety_days=1), Thresholds())
    return [(alert.kind, alert.content["name"]) for alert in kept_alerts(engine)]


def test_an_alert_comes_on_its_day_and_once(desk: Engine) -> None:
    """Near, then spent; what somebody has done does not come back."""
    with time_machine.travel("2026-10-01T12:00:00Z"):
        said = cells(visits_used="0", kx_dollars_used="0", authorization="yes", authorization_visits="4", visits="3")
        number = open_case(desk, "A-1", said | {"authorization_last_day": "2026-12-31"}, ANA)
    assert [] == kinds(desk, date(2026, 10, 2))
    add_entries(desk, number, [visit(date(2026, 10, 5)), visit(date(2026, 10, 6))], ANA)
    assert [("authorization-near", "authorization 3")] == kinds(desk, date(2026, 10, 6))
    finish_alert(desk, kept_alerts(desk)[0].id, ANA)
    assert [] == kinds(desk, date(2026, 10, 7))
    add_entries(desk, number, [visit(date(2026, 10, 8)), visit(date(2026, 10, 9))], ANA)
    assert [("authorization-spent", "authorization 3")] == kinds(desk, date(2026, 10, 9))


def test_a_request_that_nobody_answered_is_asked_about_once_its_days_are_over(desk: Engine) -> None:
    """From the day it was sent, until an answer stands in its place; another payer has nothing to answer."""
    published(desk, [Draft(definition("other", **{**LIMITED, "payer": "Birch Mutual"}))])
    sent = {"status": "requested", "visits": 12}
    said = cells(visits_used="0", kx_dollars_used="0", visits="12")
    with time_machine.travel("2026-10-01T12:00:00Z"):
        ids = [open_case(desk, label, said, ANA) for label in ("waits", "answered", "moved")]
        for number in ids:
            entered = add_entries(desk, number, [NewEntry(GRANT, date(2026, 10, 5), sent)], ANA)
        add_entries(desk, ids[0], [NewEntry(GRANT, date(2026, 10, 1), sent | {"number": "R-7"}, entered)], ANA)
        denied = NewEntry(GRANT, date(2026, 10, 15), {"status": "denied"}, entered)
        add_entries(desk, ids[1], [denied], ANA)
        add_entries(desk, ids[2], [NewEntry(CARE, date(2026, 10, 8), {"plan": "other"})], ANA)

    raised = {
        day: [name for kind, name in kinds(desk, date(2026, 10, day)) if kind == "request-unanswered"]
        for day in (14, 15)
    }
    [alert] = [each for each in kept_alerts(desk) if each.kind == "request-unanswered"]
    assert {14: [], 15: ["R-7"]} == raised
    assert ("2026-10-01", "2026-10-15", 12) == tuple(alert.content[name] for name in ("requested_on", "act_by", "of"))
    finish_alert(desk, alert.id, ANA)
    assert "request-unanswered" not in dict(kinds(desk, date(2026, 10, 30)))


def test_next_years_plan_is_in_the_list_from_its_day_on(desk: Engine) -> None:
    """Also where something else of the care is changed meanwhile, and on the case itself."""
    with time_machine.travel(date(2026, 11, 30)):
        number = open_case(desk, "A-1", cells(therapist="TP"), ANA)
        add_entries(desk, number, [NewEntry(CARE, date(2027, 1, 1), {"plan": "limited-2027"})], ANA)
        add_entries(desk, number, [NewEntry(CARE, date(2026, 11, 30), {"therapist": "MK"})], ANA)
    plans, of_open = [], []
    for day in (date(2026, 12, 31), date(2027, 1, 1)):
        with time_machine.travel(day):
            [listed] = cases_of(desk, SoughtCases())
            plans.append((listed.plan_id, case_of_id(desk, number)[0].plan_id, listed.therapist))
            of_open += [case.plan_id for case, _ in open_cases(desk)]

    assert [("limited", "limited", "MK"), ("limited-2027", "limited-2027", "MK")] == plans
    assert ["limited", "limited-2027"] == of_open


def test_a_list_is_narrowed_by_what_a_case_is_on_that_day(desk: Engine) -> None:
    """By next year's plan from its first day on, though nothing is entered in January; a correction counts."""
    with time_machine.travel(date(2026, 11, 30)):
        number = open_case(desk, "A-1", cells(therapist="TP", location="Lake"), ANA)
        open_case(desk, "B-2", cells(therapist="TP"), ANA)
        wrong = add_entries(desk, number, [NewEntry(CARE, date(2027, 1, 1), {"therapist": "ZZ"})], ANA)
        content = {"therapist": "MK", "plan": "limited-2027"}
        add_entries(desk, number, [NewEntry(CARE, date(2027, 1, 1), content, corrects=wrong)], ANA)

    def found(day: date, **sought: str) -> tuple[list[str], int]:
        with time_machine.travel(day):
            meant = SoughtCases(**sought)
            return [each.label for each in cases_of(desk, meant)], count_cases(desk, meant)

    last, first = date(2026, 12, 31), date(2027, 1, 1)
    assert (["A-1", "B-2"], 2) == found(last, plan_id="limited") == found(last, therapist="TP")
    assert (["B-2"], 1) == found(first, plan_id="limited") == found(first, therapist="TP")
    assert (["A-1"], 1) == found(first, plan_id="limited-2027") == found(first, therapist="MK", location="Lake")
    assert ([], 0) == found(last, therapist="MK") == found(first, therapist="ZZ")
