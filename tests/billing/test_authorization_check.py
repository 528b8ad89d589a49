"""The authorization check on real plans: three facts a line, modifiers, who bears what, what is left."""

from datetime import date

import pytest

from estimator.billing.authorization_answer import Answer
from estimator.plans.folder import library
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from estimator.wording.authorization import check_text, check_written
from tests.billing.checks import check, first, line


def facts(spell):
    """Return whether authorization is needed and whether the line is paid."""
    return str(spell.authorization.answer), str(spell.payable.answer)


def modifiers(spell):
    """Return each modifier as it would be read out."""
    return {"/".join(each.codes): str(each.use) for each in spell.modifiers}


def liable(spell):
    """Return who bears the line in which case, and the papers that help."""
    return {each.cause: (str(each.who), [str(paper) for paper in each.papers]) for each in spell.liabilities}


def test_medicare_pays_the_therapy_and_never_a_therapists_needling():
    """The code is valid all the same, and nobody has read of an authorization: that is not a no."""
    found = check("original-medicare-2026")

    assert ("unknown", "yes") == facts(first(found, "97110"))
    assert ("unknown", "no") == facts(first(found, "20561"))
    assert Answer.YES is line(found, "20561").valid.answer
    assert {"GP": "required", "GY": "clinic-setting"} == modifiers(first(found, "20561"))
    assert {"not-paid": ("patient", ["advance-notice"])} == liable(first(found, "20561"))


def test_a_code_that_the_fee_schedule_marks_is_not_valid_for_medicare_and_may_be_for_others():
    """97014: no for Medicare, a question for Medicare Advantage, yes for an employer's plan. No other is named."""
    course = {"each_visit": [{"code": "97014", "allowed": "15.00"}]}
    plans = ("original-medicare-2026", "uhc-ma-2026-authorization", "template-employer-ppo")

    valid = [line(check(plan, course=course), "97014").valid for plan in plans]

    assert ["no", "unknown", "yes"] == [str(fact.answer) for fact in valid]
    assert all(fact.citation is not None for fact in valid)


def test_a_code_that_we_do_not_carry_is_a_question_and_never_a_no():
    """With what to ask."""
    found = check("template-employer-ppo", course={"each_visit": [{"code": "97039", "allowed": "30.00"}]})

    assert Answer.UNKNOWN is line(found, "97039").valid.answer
    assert ("code-valid", "97039") in {(ask.asks, ask.subject) for ask in found.asks}


@pytest.mark.parametrize(("used", "carries"), [("2380.00", False), ("2380.01", True), ("2480.00", True)])
def test_kx_stands_on_the_line_that_passes_the_threshold_to_the_cent(used, carries):
    """A visit of $100.00: up to $2,480.00 without, one cent more with it."""
    found = check("original-medicare-2026", course={"visits": 1}, used={"limits": {"kx-threshold": used}})

    assert carries is ("KX" in modifiers(first(found, "97110")))


def test_kx_begins_at_the_visit_that_crosses_and_the_bucket_says_so():
    """$2,280.00 used: the third visit of $100.00 crosses. The review threshold counts the same dollars."""
    found = check("original-medicare-2026", used={"limits": {"kx-threshold": "2280.00"}})
    spells = line(found, "97110").spells
    bucket = next(each for each in found.buckets if "kx-threshold" == each.name)

    assert [(1, 2), (3, 4)] == [spell.visits for spell in spells]
    assert [False, True] == ["KX" in modifiers(spell) for spell in spells]
    assert (20_000, 0, 3, "KX") == (bucket.left, bucket.left_after, bucket.past, bucket.modifier)
    assert [228_000] == [each.used for each in found.buckets if "medical-review" == each.name]
    assert "used-so-far" not in {ask.asks for ask in found.asks}


def test_the_medical_review_threshold_adds_no_second_kx():
    """Both markers passed: one modifier."""
    limits = {"kx-threshold": "3100.00", "medical-review": "3100.00"}
    found = check("original-medicare-2026", used={"limits": limits})

    assert 1 == sum("KX" in each.codes for each in first(found, "97110").modifiers)


def test_an_assistant_is_paid_85_percent_by_medicare_and_a_therapist_in_full():
    """Past the deductible Medicare pays $80.00 of $100.00: with CQ $68.00."""
    paid = {"deductible_paid": "283.00"}
    by_assistant = check("original-medicare-2026", used=paid, provider={"type": "physical-therapist-assistant"})
    by_therapist = check("original-medicare-2026", used=paid)

    assert ("80.00", "68.00") == (
        str(first(by_assistant, "97110").plan_pays), str(first(by_assistant, "97110").with_assistant)
    )  # fmt: skip
    assert "CQ" in modifiers(first(by_assistant, "97110"))
    assert None is first(by_therapist, "97110").with_assistant
    assert "CQ" not in modifiers(first(by_therapist, "97110"))


def test_59_is_spoken_of_only_where_a_pair_of_the_day_allows_it():
    """Group therapy beside exercise has indicator 1; needling beside manual therapy has no edit."""
    pair = [{"code": "97110", "minutes": 30, "allowed": "60.00"}, {"code": "97150", "allowed": "20.00"}]
    none = [
        {"code": "20561", "modifiers": ["59"], "billed": "60.00"},
        {"code": "97140", "minutes": 15, "allowed": "30.00"},
    ]

    bundled = check("original-medicare-2026", course={"each_visit": pair})
    groundless = check("original-medicare-2026", course={"each_visit": none})

    assert "only-if-separate" == modifiers(first(bundled, "97110"))["59/XE/XP/XS/XU"]
    assert ("unknown", "no") == facts(first(bundled, "97110"))
    assert {"not-paid": ("nobody", ["none"])} == liable(first(bundled, "97110"))
    assert "no-ground" == modifiers(first(groundless, "20561"))["59"]


def test_unitedhealthcare_wants_a_request_first_and_a_review_later():
    """The evaluation is exempt; needling has no position read, so that it is a question with a determination."""
    found = check(
        "uhc-ma-2026-authorization",
        course={"visits": 9, "first_visit": [{"code": "97161", "allowed": "97.86"}]},
    )
    spells = line(found, "97110").spells

    assert ("no", "exempt") == (
        str(first(found, "97161").authorization.answer),
        first(found, "97161").authorization.why,
    )
    assert [("request-only", 6), ("needed-after-waiver", 6)] == [
        (spell.authorization.why, spell.authorization.number) for spell in spells
    ]
    assert [(2, 3, 4, 5, 6, 7), (8, 9)] == [spell.visits for spell in spells]
    assert ("clinic", ["authorization"]) == liable(spells[0])["authorization-missing"]
    assert ("unknown", "unknown") == facts(first(found, "20561"))
    assert {"not-paid": ("unknown", ["organization-determination"])} == liable(first(found, "20561"))


def test_tricare_denies_the_needling_and_keeps_the_visit():
    """Whether therapy needs authorization was not read: a question. Only a signed waiver makes the patient pay."""
    found = check("tricare-prime-2026")

    assert ("unknown", "yes") == facts(first(found, "97110"))
    assert "no" == facts(first(found, "20561"))[1]
    assert {"not-paid": ("clinic", ["ask"])} == liable(first(found, "20561"))


def test_washington_pays_needling_up_to_its_limit_and_then_the_clinic_bears_it():
    """Three treatments and three more if justified; no paper makes an injured worker pay."""
    found = check("wa-lni", course={"visits": 8}, used={"limits": {"needling-treatments": 1}})
    spells = line(found, "20561").spells

    assert [("yes", (1, 2, 3, 4, 5)), ("no", (6, 7, 8))] == [
        (str(spell.payable.answer), spell.visits) for spell in spells
    ]
    assert {"not-paid": ("clinic", ["none"])} == liable(spells[1])
    [bucket] = [each for each in found.buckets if each.name == "needling-treatments"]
    assert (3, 1, 2, 3) == (bucket.of, bucket.used, bucket.left, bucket.past)


def test_a_referral_that_a_plan_wants_is_told_with_who_bears_a_missing_one():
    """TRICARE Prime: without one the point-of-service share; the VA's consequence was not read."""
    prime, va = check("tricare-prime-2026"), check("va-community-care")

    assert "covered-with-referral" == first(prime, "97110").payable.why
    assert ("shared", ["referral"]) == liable(first(prime, "97110"))["referral-missing"]
    assert ("unknown", ["referral"]) == liable(first(va, "97110"))["referral-missing"]
    assert {"referral"} == {read.kind for read in va.rules}


def test_what_the_plan_says_of_authorization_is_told_even_where_nothing_is_to_be_sent():
    """Administrator, how to ask and the exempt codes."""
    found = check("uhc-ma-2026-authorization", authorization={"on_file": True})
    [read] = found.rules

    assert () == found.timeline.sendings
    assert ("outpatient-therapy", 6, True) == (read.benefit, read.rule.waiver_visits, "97161" in read.rule.exempt)


def test_a_commercial_plan_whose_position_nobody_read_says_so_three_times():
    """Valid yes, authorization not known, payable not known, and a question for each."""
    found = check("template-employer-hdhp-hsa")

    assert ("unknown", "unknown") == facts(first(found, "20561"))
    assert {"not-paid": ("unknown", ["consent", "good-faith-estimate"])} == liable(first(found, "20561"))
    assert {("authorization-needed", "20561"), ("payable", "20561")} <= {(ask.asks, ask.subject) for ask in found.asks}


def test_a_course_without_a_plan_needs_no_authorization_and_an_estimate_in_writing():
    """Self-pay."""
    found = check("self-pay")

    assert ("no", "no") == facts(first(found, "97110"))
    assert {"not-paid": ("patient", ["good-faith-estimate"])} == liable(first(found, "97110"))


def test_every_answer_that_is_known_has_a_source_read_on_a_day():
    """For every plan of this file, but a missing plan's."""
    plans = (
        "original-medicare-2026",
        "uhc-ma-2026-authorization",
        "tricare-prime-2026",
        "wa-lni",
        "template-employer-ppo",
    )
    known = [
        fact
        for plan in plans
        for each in check(plan).lines
        for fact in (each.valid, *(fact for spell in each.spells for fact in (spell.authorization, spell.payable)))
        if fact.answer is not Answer.UNKNOWN
    ]

    assert known
    assert [] == [fact for fact in known if fact.citation is None or fact.citation.source.read_on is None]


def test_a_second_plan_does_not_swell_what_medicare_pays_for_an_assistant():
    """85 percent of Medicare's own $80.00, whatever a supplement adds."""
    found = check(
        "original-medicare-2026",
        used={"deductible_paid": "283.00"},
        provider={"type": "physical-therapist-assistant"},
        secondary={"plan": "wa-lni"},
    )

    assert ("80.00", "68.00") == (str(first(found, "97110").plan_pays), str(first(found, "97110").with_assistant))


@pytest.mark.parametrize("heading", library(plans_folder()).catalogue(), ids=lambda heading: heading.id)
def test_every_plan_file_is_checked_and_asks_about_what_it_does_not_say(heading):
    """No answer is left without a reason, and no unknown without a question."""
    last_day = heading.in_force.last_day
    day = "2026-11-30" if last_day is None or last_day >= date(2026, 11, 30) else f"{last_day.year}-03-03"
    day = max(day, (heading.in_force.first_day or date.min).isoformat())
    network = next(iter(folder_shelf(plans_folder()).find(heading.id, date.fromisoformat(day)).networks), "in-network")
    found = check(heading.id, course={"first_day": day, "visits": 3}, provider={"network": network})
    asks = {(ask.asks, ask.subject) for ask in found.asks}

    for each in found.lines:
        for spell in each.spells:
            if spell.authorization.answer is Answer.UNKNOWN:
                assert ("authorization-needed", each.code) in asks
            if spell.payable.answer is Answer.UNKNOWN:
                assert ("payable", each.code) in asks
    assert check_text(check_written(found, {}))
