"""Rules that plans inherit: which layer holds, what it gives a plan, and where the two contradict."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from estimator.engine.answer import AssumptionKind
from estimator.engine.plan import IfMissing, Past, Position
from estimator.engine.values import UNKNOWN
from estimator.errors import RequestRefused
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.insurers.registry import registry
from estimator.plans.folder import library
from estimator.plans.layers import Layer, insurer_of, layers_of, read_layers, with_layers
from estimator.plans.read import read_definition
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from tests.build import benefit, limit, plan, share
from tests.plans.test_medicare_advantage import one

TODAY = date(2026, 11, 23)
DAY = date(2026, 3, 2)
SHARED = library(plans_folder()).shared
SHIPPED = library(plans_folder()).layers
EVALUATION, EXERCISE = "97161", "97110"
INVESTIGATIONAL = """
layer: uhc-medicare-advantage
title: UnitedHealthcare Medicare Advantage
insurers: [unitedhealthcare]
markets: [medicare-advantage]
in_force: {first_day: 2026-01-01}
policies: [aetna-dry-needling]
"""


def layer(text: str) -> Layer:
    (found,), mistakes = layers_of(text.encode(), "layers/a.yaml", SHARED)
    assert [] == mistakes
    return found


def mistakes(text: str) -> list[str]:
    return [str(problem) for problem in layers_of(text.encode(), "layers/a.yaml", SHARED)[1]]


def inherited(plan_id: str, whose: str | None, layers=SHIPPED, place: str = "TX", day: date = DAY):
    plan = folder_shelf(plans_folder()).find(plan_id, day)
    return with_layers(plan, layers, registry().insurers[whose] if whose else None, place, day)


def imported_plan(folder: Path, organization: str, approval: str = "Y"):
    """Return a plan as the importer of Medicare Advantage makes it."""
    listed = one(folder, org=organization, state="Florida", advance_plan_approval=approval)
    return read_definition(listed, "file", SHARED).plan


def answer(**changed):
    request = {
        "plan": "template-employer-ppo",
        "zip": "98101",
        "visits": [{"day": "2026-03-02", "services": [{"code": "97110", "minutes": 30}, {"code": "20561"}]}],
        **changed,
    }
    return estimate_asked(read_request(request, TODAY))


def test_the_shipped_layers_have_no_mistake() -> None:
    """What a check of all plans says of the folder of layers."""
    assert () == library(plans_folder()).shared_problems()
    assert len(SHIPPED) > 40


def test_an_employer_member_of_aetna_gets_the_position_of_aetna() -> None:
    """A template knows no payer until the person names one."""
    estimate, plan = answer(insurer="Aetna PPO")

    assert "Aetna" == plan.payer
    assert Position.INVESTIGATIONAL == plan.policies[0].position
    assert ["aetna", "usual-employer"] == [each["id"] for each in estimate.inputs["layers"]]


def test_without_an_insurer_a_template_keeps_what_is_usual_in_its_market() -> None:
    """Nobody's rule is taken for the person's own."""
    estimate, plan = answer()

    assert "Your insurer" == plan.payer
    assert ["usual-employer"] == [each["id"] for each in estimate.inputs["layers"]]


LIMITED = """
layer: aetna-visits
title: Aetna
insurers: [aetna]
markets: [employer]
in_force: {first_day: 2026-01-01}
services: [pt-timed]
limits: {payer-visits: {visits: 20, per: benefit-year, past: provider-absorbs, cite: aetna-0892 visits}}
sources: {aetna-0892: {title: Bulletin, url: "https://example.org", read_on: 2026-11-29, confidence: high}}
"""


@pytest.mark.parametrize(
    ("own", "named", "amount"),
    [({}, "payer-visits", 20), ({"ours": UNKNOWN}, "ours", 20), ({"ours": 30}, "ours", 30)],
)
def test_a_limit_of_the_payer_holds_where_the_plan_states_none(own, named, amount) -> None:
    """Under the plan's own name where it says no more than that there is one; a stated limit goes before."""
    limits = {name: limit(most, name=name) for name, most in own.items()}
    built = replace(plan(benefit(share("40.00"), limits=tuple(own)), limits=limits.values()), market="employer")
    found = with_layers(built, [layer(LIMITED)], registry().insurers["aetna"], "TX", DAY)

    assert (named,) == found.plan.benefits[0].limits
    assert amount == found.plan.limits[named].amount
    assert (Past.PROVIDER_ABSORBS if amount == 20 else Past.PATIENT_PAYS) == found.plan.limits[named].past
    assert "Bulletin" in [each.title for each in found.plan.sources.values()]
    assert mistakes(LIMITED.replace("services: [pt-timed]\n", ""))


@pytest.mark.parametrize(
    ("insurer", "setting", "first_visit"),
    [
        (None, "office", [13]),  # what stands in where nobody's rule is known
        ("Cigna", "office", []),
        ("Cigna", "hospital-outpatient", [1]),
    ],
)
def test_the_rule_of_the_payer_takes_the_place_of_what_a_template_only_supposes(insurer, setting, first_visit) -> None:
    """Cigna asks for approval in a hospital's outpatient department, from the first visit, and not in an office."""
    course = {"first_day": "2026-03-02", "visits": 14, "per_week": 2, "each_visit": [{"code": "97110", "minutes": 30}]}
    named = {"insurer": insurer} if insurer else {}
    request = {"plan": "template-employer-ppo", "zip": "98101", "course": course, "provider": {"setting": setting}}
    estimate, _ = estimate_asked(read_request({**request, **named}, TODAY))

    assert first_visit == [each.from_visit for each in estimate.conditions if each.needs == "authorization"]


def test_a_limit_of_the_payer_takes_the_place_of_a_templates() -> None:
    """Thirty visits are what a template supposes; the plan's own name for them stays."""
    found = inherited("template-employer-ppo", "aetna", [layer(LIMITED)]).plan

    assert {"therapy-visits": 20} == {name: found.limits[name].amount for name in found.benefits[0].limits}


def test_an_insurer_that_may_be_several_is_refused_with_the_choices() -> None:
    """It is never chosen silently."""
    with pytest.raises(RequestRefused) as refused:
        answer(insurer="Point32")

    (problem,) = refused.value.problems
    assert "insurer" == problem.path
    assert "Harvard Pilgrim" in problem.message
    assert "Tufts" in problem.message


def test_an_insurer_that_nobody_knows_is_refused() -> None:
    """Silence would look as if its rules had been used."""
    with pytest.raises(RequestRefused) as refused:
        answer(insurer="Acme Widgets")

    assert "insurer" == refused.value.problems[0].path


def test_the_fingerprint_of_a_plan_covers_its_own_text_alone() -> None:
    """A changed layer rewrites no plan."""
    plan = folder_shelf(plans_folder()).find("template-employer-ppo", DAY)

    assert plan.fingerprint == inherited("template-employer-ppo", "aetna").plan.fingerprint


def test_the_more_specific_scope_goes_first() -> None:
    """A state's own layer decides before the payer's general one, and that before the market's."""
    found = inherited("template-medicaid", "unitedhealthcare", place="NY")

    assert ["uhc-community-ny", "usual-medicaid"] == [each.id for each in found.layers]
    assert Position.EXCLUDED == found.plan.policies[0].position


def test_an_unconditional_unknown_yields_and_stays_last() -> None:
    """Its question is still asked where nobody else knows more, and the market's position stands where it knows one."""
    known = layer(
        "layer: usual\ntitle: Usual\nmarkets: [employer]\n"
        "in_force: {first_day: 2026-01-01}\npolicies: [cigna-ash-dry-needling]\n"
    )
    nobody = inherited("template-employer-ppo", "humana")
    somebody = inherited("template-employer-ppo", "humana", (*(one for one in SHIPPED if one.insurers), known))

    assert ["humana-dry-needling"] == [each.name for each in nobody.plan.policies]
    assert "cigna-ash-dry-needling" == somebody.plan.policies[0].name


def test_the_plans_own_position_goes_before_its_payers_and_the_conflict_is_shown() -> None:
    """Evergreen excludes needling; that its payer calls it investigational changes nothing."""
    plan = folder_shelf(plans_folder()).find("evergreen-ppo-silver", DAY)
    theirs = layer(INVESTIGATIONAL.replace("medicare-advantage]", f"{plan.market}]"))
    found = with_layers(plan, [theirs], registry().insurers["unitedhealthcare"], "TX", DAY)

    assert plan.policies[0].name == found.plan.policies[0].name
    assert ["plan-over-payer"] == [each.assumes for each in found.conflicts]


def test_layers_laid_twice_change_nothing_more() -> None:
    """Pages may hand a plan on that already inherits."""
    once = inherited("template-employer-ppo", "aetna").plan
    twice = with_layers(once, SHIPPED, registry().insurers["aetna"], "TX", DAY).plan

    assert once == twice


@pytest.mark.parametrize(
    ("place", "day", "administered"),
    [
        ("FL", date(2026, 1, 31), True),
        ("CA", date(2026, 1, 31), False),
        ("CA", date(2026, 2, 1), True),
    ],
)
def test_a_rule_that_came_to_a_state_later_holds_there_from_its_day(
    tmp_path: Path, place: str, day: date, administered: bool
) -> None:
    """Arizona and California joined on February 1, 2026."""
    plan = imported_plan(tmp_path, "UnitedHealthcare")
    found = with_layers(plan, SHIPPED, registry().insurers["unitedhealthcare"], place, day)
    rule = found.plan.benefits[0].authorization

    assert administered == bool(rule.administrator)


def test_a_catalogues_yes_takes_the_exemptions_of_the_payer(tmp_path: Path) -> None:
    """The evaluation needs no approval, and the payer's portal is named."""
    plan = imported_plan(tmp_path, "UnitedHealthcare")
    rule = with_layers(plan, SHIPPED, insurer_of(plan, "FL"), "FL", DAY).plan.benefits[0].authorization

    assert not rule.covers(EVALUATION)
    assert rule.covers(EXERCISE)
    assert 6 == rule.waiver_visits


def test_a_consequence_that_the_payer_leaves_open_stays_the_plans(tmp_path: Path) -> None:
    """Humana's rule does not say who bears a missing approval; the plan does."""
    plan = imported_plan(tmp_path, "Humana")
    rule = with_layers(plan, SHIPPED, insurer_of(plan, "FL"), "FL", DAY).plan.benefits[0].authorization

    assert "Cohere Health" == rule.administrator
    assert IfMissing.PROVIDER_ABSORBS == rule.if_missing.kind


def test_a_catalogues_no_yields_to_the_payers_yes_and_says_so(tmp_path: Path) -> None:
    """The list of plans may have left it out."""
    plan = imported_plan(tmp_path, "Humana", approval="")
    found = with_layers(plan, SHIPPED, registry().insurers["humana"], "FL", DAY)

    assert "Cohere Health" == found.plan.benefits[0].authorization.administrator
    assert ["payer-asks-permission"] == [each.assumes for each in found.conflicts]


@pytest.mark.parametrize(
    ("services", "own", "by_code", "conflicts"),
    [("pt-timed, pt-untimed, pt-evaluation", None, 0, []), ("pt-evaluation", UNKNOWN, 4, [])],
)
def test_a_payer_that_asks_for_no_approval_answers_what_nobody_has_read(
    tmp_path: Path, services: str, own: object, by_code: int, conflicts: list[str]
) -> None:
    """For its services; a plan that says yes keeps its rule, and the answer says that the two differ."""
    free = layer(INVESTIGATIONAL + f"services: [{services}]\nauthorization: none\n")
    listed = imported_plan(tmp_path, "UnitedHealthcare")
    [therapy, *others] = listed.benefits
    open_plan = replace(listed, benefits=(replace(therapy, authorization=UNKNOWN), *others))
    found = with_layers(open_plan, (free,), insurer_of(listed, "FL"), "FL", DAY)
    stated = with_layers(listed, (free,), insurer_of(listed, "FL"), "FL", DAY)

    assert (own, by_code) == (found.plan.benefits[0].authorization, len(found.plan.benefits[0].authorization_by_code))
    assert conflicts == [each.assumes for each in found.conflicts]
    assert stated.plan.benefits == listed.benefits
    assert ("plan-over-payer", "authorization") in [(each.assumes, each.subject) for each in stated.conflicts]


def test_two_layers_of_equal_scope_are_a_mistake(tmp_path: Path) -> None:
    """Nobody chose which of the two holds."""
    (tmp_path / "_layers").mkdir()
    other = INVESTIGATIONAL.replace("layer: uhc", "layer: other")
    (tmp_path / "_layers" / "a.yaml").write_text(f"{INVESTIGATIONAL}---{other}")

    problems = read_layers(tmp_path, SHARED)[1]

    assert ["Both this layer and 'other-medicare-advantage' would h"] == [problem.message[:54] for problem in problems]


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ("unitedhealthcare]", "uhcc]", "There is no insurer of this id"),
        ("aetna-dry-needling", "no-such-policy", "There is no 'no-such-policy'"),
        (
            "policies: [aetna-dry-needling]",
            "authorization: {from_visit: 1, cite: humana-cohere x}",
            "Enter `services` too",
        ),
        ("insurers: [unitedhealthcare]\nmarkets: [medicare-advantage]\n", "", "Enter the insurers or the markets"),
    ],
)
def test_a_mistake_in_a_layer_says_what_to_write_instead(written: str, instead: str, message: str) -> None:
    """A layer with a mistake is not half read."""
    assert any(message in told for told in mistakes(INVESTIGATIONAL.replace(written, instead)))


@pytest.mark.parametrize(
    ("day", "contested"),
    [(date(2026, 9, 30), []), (date(2026, 10, 1), ["2026-10-01"])],
)
def test_a_contested_rule_counts_with_approval_and_shows_the_other_reading(
    tmp_path: Path, day: date, contested: list[str]
) -> None:
    """UnitedHealthcare's list of October 2026: one source says that physical therapy left it, the other still asks."""
    plan = imported_plan(tmp_path, "UnitedHealthcare")
    found = with_layers(plan, SHIPPED, insurer_of(plan, "FL"), "FL", day)
    shown = [each for each in found.conflicts if each.assumes == "payer-rule-contested"]

    assert contested == [each.subject for each in shown]
    assert ["medium"] * len(contested) == [each.citation.source.confidence for each in shown if each.citation]
    assert found.plan.benefits[0].authorization.from_visit == 1


@pytest.mark.parametrize(
    ("code", "said", "points", "conditions"),
    [
        ("97161", None, [], []),  # the evaluation is exempt by either reading
        ("97110", None, ["authorization"], ["authorization"]),
        ("97110", "yes", [], ["authorization"]),
        ("97110", "no", [], []),
    ],
)
def test_a_contested_rule_is_a_question_until_somebody_says(
    tmp_path: Path, code: str, said: str | None, points: list[str], conditions: list[str]
) -> None:
    """Sources disagree on approval at UnitedHealthcare since October 2026; seven visits are one more than is waived."""
    listed = one(tmp_path, org="UnitedHealthcare", state="Florida", advance_plan_approval="Y")
    visits = [{"day": f"2026-10-{day}", "services": [{"code": code}]} for day in range(11, 31, 3)]
    approval = {"asks": "authorization-needed", "answer": said}
    told = {"told": [{"on": "2026-10-01", "answers": [approval]}]} if said else {}
    estimate, _ = answer(plan=listed, as_of="2026-10-02", visits=visits, zip="33101", **told)
    contested = [each for each in estimate.assumptions if each.assumes == "payer-rule-contested"]

    assert points == [each.about for each in estimate.open_points if each.about == "authorization"]
    assert conditions == [each.needs for each in estimate.conditions if each.needs == "authorization"]
    assert len(points) == len(contested)


def test_a_plan_with_the_contested_rule_of_its_own_asks_too() -> None:
    """The plan file of UnitedHealthcare's rule on approval says what the layer says."""
    visits = [{"day": "2026-10-05", "services": [{"code": "97110"}]}]
    estimate, _ = answer(plan="uhc-ma-2026-authorization", as_of="2026-10-02", visits=visits)

    assert "authorization" in {each.about for each in estimate.open_points}
    assert "payer-rule-contested" in {each.assumes for each in estimate.assumptions}


def test_a_layer_keeps_both_readings_with_their_days() -> None:
    """The days are those from which each source says so."""
    (contested,) = (one for one in SHIPPED if one.readings)

    assert [(True, date(2024, 9, 1)), (False, date(2026, 10, 1))] == [
        (reading.is_needed, reading.first_day) for reading in contested.readings
    ]


def test_a_contested_rule_says_which_reading_counts() -> None:
    """Readings alone decide nothing."""
    reading = "{authorization: needed, first_day: 2026-01-01, cite: humana-cohere x}"
    text = INVESTIGATIONAL + f"contested: [{reading}, {reading}]\n"

    assert any("Enter the reading of the contested rule to count with" in told for told in mistakes(text))


@pytest.mark.parametrize(
    ("whose", "day", "reduces", "settings"),
    [
        ("aetna", DAY, True, set()),
        ("unitedhealthcare", DAY, UNKNOWN, set()),
        ("bcbs-mi", date(2025, 3, 31), False, set()),
        ("bcbs-mi", date(2025, 4, 1), True, set()),
        ("bcbs-nc", DAY, True, {"hospital-outpatient"}),
        ("cigna", DAY, False, set()),
    ],
)
def test_a_payers_rule_on_several_services_of_a_day_holds_where_the_plan_says_nothing(
    whose: str, day: date, reduces: object, settings: set[str]
) -> None:
    """The template of that day's year knows no payer until the person names one."""
    plan = folder_shelf(plans_folder()).find("template-employer-ppo", DAY)
    allowed = with_layers(plan, SHIPPED, registry().insurers[whose], "TX", day).plan.networks["in-network"].allowed

    assert (reduces, settings) == (allowed.reduces_multiple_procedures, set(allowed.reduced_in))


def test_a_reduction_of_facilities_leaves_offices_alone() -> None:
    """Blue Cross NC: two therapy services of a day cost less in a hospital, and not in an office."""
    two = [{"code": "97110", "minutes": 15}, {"code": "97140", "minutes": 15}]
    visits = [{"day": "2026-03-02", "services": two}]
    reduced = {}
    for setting in ("office", "hospital-outpatient"):
        provider = {"setting": setting}
        sums = []
        for insurer in ("Blue Cross NC", "Cigna"):
            estimate, _ = answer(visits=visits, zip="27601", provider=provider, insurer=insurer)
            sums.append(sum(line.allowed for line in estimate.typical.visits[0].lines))
        reduced[setting] = sums[0] < sums[1]

    assert {"office": False, "hospital-outpatient": True} == reduced


@pytest.mark.parametrize(
    ("changed", "units", "is_assumed"),
    [
        ({}, [1, 1], True),  # a commercial plan of nobody in particular: each code by itself
        ({"insurer": "UnitedHealthcare"}, [1, 0], False),  # 20 minutes together are one unit
        ({"insurer": "Highmark Blue Cross Blue Shield", "zip": "15222"}, [1, 0], False),
        ({"plan": "original-medicare-2026"}, [1, 0], False),
        ({"plan": "tricare-prime-2026"}, [1, 0], False),
    ],
)
def test_minutes_become_units_as_the_payer_counts_or_as_is_usual(changed, units, is_assumed) -> None:
    """Ten minutes of each of two services; a rule that is only usual is said where it moves a unit."""
    ten = [{"code": "97110", "minutes": 10}, {"code": "97140", "minutes": 10}]
    estimate, _ = answer(visits=[{"day": "2026-03-02", "services": ten}], **changed)
    fifteen = [{"code": "97110", "minutes": 15}, {"code": "97140", "minutes": 15}]
    alike, _ = answer(visits=[{"day": "2026-03-02", "services": fifteen}], **changed)

    assert units == [line.units for line in estimate.typical.visits[0].lines]
    assert is_assumed == (AssumptionKind.MINUTES_RULE in {each.assumes for each in estimate.assumptions})
    assert AssumptionKind.MINUTES_RULE not in {each.assumes for each in alike.assumptions}
