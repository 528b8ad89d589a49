"""Which visits are authorized, when the grant ends, and by which day to send, over weekends and holidays."""

from datetime import date

import pytest

from estimator.billing.authorization import check_authorization
from estimator.billing.authorization_answer import VisitAuthorization
from estimator.estimates.contract import read_request
from estimator.plans.shelf import Draft, Shelf
from tests.billing.checks import HABITS, TODAY, asked, check
from tests.db.sample import definition, published

THERAPY = [{"code": "97110", "minutes": 30, "allowed": "100.00"}]


def stages(found):
    """Return how the visits stand."""
    return [(str(stage.authorization), stage.visits) for stage in found.timeline.stages]


def employer(visits=15, **more):
    """Check therapy alone under a plan that wants authorization from visit 13."""
    course = {"visits": visits, "each_visit": THERAPY, **more.pop("course", {})}
    return check("template-employer-ppo", course=course, **more)


def test_a_grant_on_file_is_spent_by_the_visits_that_need_it_and_then_renewed():
    """Eleven used: the first visit is the twelfth, two granted are 13 and 14, the renewal is for December 21."""
    found = employer(visits=4, used={"limits": {"therapy-visits": 11}}, authorization={"on_file": True, "visits": 2})

    assert [("not-needed", (1,)), ("on-file", (2, 3)), ("needed", (4,))] == stages(found)
    [sending] = found.timeline.sendings
    assert (3, "renewal", 4) == (found.timeline.last_authorized_visit, sending.kind, sending.visit)
    assert (date(2026, 12, 21), date(2026, 12, 11)) == (sending.day, sending.send_by)


def test_a_new_benefit_year_starts_the_count_again():
    """Twelve used in 2026: the visits of 2027 are its first."""
    found = employer(visits=3, course={"first_day": "2026-12-21"}, used={"limits": {"therapy-visits": 12}})

    assert [("needed", (1, 2)), ("not-needed", (3,))] == stages(found)


def test_the_day_to_send_is_counted_back_in_business_days_over_holidays():
    """Five days of turnaround, which nobody stated, and one of safety before Monday, December 28: over Christmas."""
    found = employer(visits=1, course={"first_day": "2026-12-28"}, used={"limits": {"therapy-visits": 12}})

    [sending] = found.timeline.sendings
    assert ("first", False, 5, 1) == (sending.kind, sending.is_known, sending.turnaround_days, sending.safety_days)
    assert date(2026, 12, 17) == sending.send_by
    assert ("turnaround", "Your plan's reviewer") in {(ask.asks, ask.subject) for ask in found.asks}


def test_a_turnaround_that_the_plan_states_goes_before_the_clinics():
    """Three business days in the booklet."""
    found = check("example-authorization-first-visit", course={"each_visit": THERAPY, "first_day": "2026-12-07"})
    [sending] = found.timeline.sendings

    assert (True, 3, date(2026, 12, 1)) == (sending.is_known, sending.turnaround_days, sending.send_by)
    assert "turnaround" not in {ask.asks for ask in found.asks}


@pytest.mark.parametrize(("first_day", "is_late"), [("2026-12-04", False), ("2026-12-03", True)])
def test_a_day_that_is_past_is_told_with_the_visits_at_risk(first_day, is_late):
    """Asked on November 25, over Thanksgiving; six business days before December 4 is that very day."""
    found = employer(visits=1, course={"first_day": first_day}, used={"limits": {"therapy-visits": 12}})
    [sending] = found.timeline.sendings

    assert is_late is sending.is_late
    assert date(2026, 12, 3) == sending.earliest
    assert () == sending.at_risk


def test_visits_before_the_earliest_answer_are_at_risk():
    """Five business days from November 25 is December 3: a visit on the 2nd comes too early."""
    found = employer(visits=2, course={"first_day": "2026-12-02"}, used={"limits": {"therapy-visits": 12}})
    [sending] = found.timeline.sendings

    assert (True, (1,)) == (sending.is_late, sending.at_risk)


def test_a_request_without_review_waits_for_nobody():
    """UnitedHealthcare's first six visits: a request by the business day before; the review by its own day."""
    found = check("uhc-ma-2026-authorization", course={"visits": 7, "each_visit": THERAPY})

    assert [("request-only", (1, 2, 3, 4, 5, 6)), ("needed", (7,))] == stages(found)
    request, review = found.timeline.sendings
    assert ("request", 1, date(2026, 11, 27), 0) == (
        request.kind, request.visit, request.send_by, request.turnaround_days
    )  # fmt: skip
    assert ("first", 7, False) == (review.kind, review.visit, review.is_known)
    assert review.administrator == request.administrator == "UnitedHealthcare and Optum portal"


def test_what_was_never_asked_for_stands_as_before_and_is_still_to_be_sent():
    """No authorization on file: the same stages, since a request mends them."""
    unsaid = check("uhc-ma-2026-authorization", course={"visits": 7, "each_visit": THERAPY})
    none = check(
        "uhc-ma-2026-authorization", course={"visits": 7, "each_visit": THERAPY}, authorization={"on_file": False}
    )

    assert stages(unsaid) == stages(none)
    assert ["request", "first"] == [sending.kind for sending in none.timeline.sendings]


def test_a_request_on_file_is_not_sent_again():
    """Only the review is left."""
    found = check(
        "uhc-ma-2026-authorization", course={"visits": 7, "each_visit": THERAPY},
        authorization={"on_file": True, "visits": 0},
    )  # fmt: skip

    assert ["renewal"] == [sending.kind for sending in found.timeline.sendings]


def test_a_grant_that_ends_on_a_day_leaves_the_visits_after_it():
    """Valid to December 14: the third visit, and the fourth is not covered."""
    found = check(
        "example-authorization-first-visit",
        course={"each_visit": THERAPY},
        authorization={"on_file": True, "last_day": "2026-12-14"},
    )

    assert [("on-file", (1, 2, 3)), ("needed", (4,))] == stages(found)
    assert date(2026, 12, 14) == found.timeline.authorized_to


def test_visits_under_another_insurer_need_a_new_request_and_the_others_a_renewal(database):
    """Granted two visits: December 14 is a renewal, January another insurer's; one's own next year is renewed."""
    rule = {"from_visit": 1, "if_missing": "provider-absorbs", "cite": "eoc p. 4"}
    share = {"copay": "40.00", "deductible": "waived", "cite": "eoc p. 12"}
    needs = {"physical-therapy": {"services": ["pt-timed"], "authorization": rule, "cost_share": {"in-network": share}}}
    year = {"first_day": "2027-01-01", "last_day": "2027-12-31"}
    plans = [
        definition("moves", successor="elsewhere", benefits=needs),
        definition("elsewhere", payer="Another Health", in_force=year, benefits=needs),
        definition("goes-on", successor="here", benefits=needs),
        definition("here", in_force=year, benefits=needs),
    ]
    published(database, map(Draft, plans))
    course = {"visits": 6, "each_visit": THERAPY}
    found = {}
    for plan in ("moves", "goes-on"):
        request = {"plan": plan, **asked(course=course, authorization={"on_file": True, "visits": 2})}
        timeline = check_authorization(read_request(request, TODAY), HABITS, Shelf(database)).timeline
        found[plan] = [(sending.kind, sending.visit) for sending in timeline.sendings]

    assert {"moves": [("renewal", 3), ("new", 6)], "goes-on": [("renewal", 3)]} == found


def test_a_rule_that_nobody_read_gives_no_day_to_send_and_a_question():
    """Not known is neither needed nor not needed."""
    found = check("tricare-prime-2026", course={"each_visit": THERAPY})

    assert [("unknown", (1, 2, 3, 4))] == stages(found)
    assert () == found.timeline.sendings
    assert "authorization-needed" in {ask.asks for ask in found.asks}


def test_a_visit_in_the_past_is_not_told_to_be_sent_for_in_time():
    """Asked in November about a visit of October."""
    found = employer(visits=1, course={"first_day": "2026-10-05"}, used={"limits": {"therapy-visits": 12}})

    [sending] = found.timeline.sendings
    assert (True, True, ()) == (sending.is_over, sending.is_late, sending.at_risk)


def test_codes_of_which_nothing_is_known_are_named_beside_what_is_known():
    """Therapy needs its authorization whatever holds for the needling."""
    found = check("uhc-ma-2026-authorization", course={"visits": 2})

    [stage] = found.timeline.stages
    assert (VisitAuthorization.REQUEST_ONLY, ("20561",)) == (stage.authorization, stage.unsure)
