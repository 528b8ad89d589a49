"""Assistants, who are paid less and may not evaluate, and clinics that may ask up to a limiting charge."""

import pytest

from estimator.engine.findings import TherapistEvaluates
from estimator.engine.plan import ForAssistants
from estimator.engine.request import Person, Provider
from estimator.engine.values import UNKNOWN
from tests.build import CITED, benefit, course, estimate_of, line, lines_of, network, percent, plan, ranged, share

PTA = Provider("physical-therapist-assistant")


def paying_assistants():
    """Build a plan that asks a fifth, and pays 85% of its own part where an assistant treats."""
    tier = network(for_assistants=ForAssistants(percent("85%"), CITED))
    return plan(benefit(share(coinsurance="20%"), services=("97110", "97161")), networks=[tier])


@pytest.mark.parametrize(
    ("provider", "modifiers", "paid"),
    [
        (PTA, (), ("20.00", "68.00", "12.00")),
        (Provider(), ("CQ",), ("20.00", "68.00", "12.00")),
        (Provider(), (), ("20.00", "80.00", "0.00")),
    ],
)
def test_where_an_assistant_treats_the_plan_pays_less_and_the_patient_no_less(provider, modifiers, paid):
    """100 allowed: the clinic bears 15% of the plan's 80."""
    treated = course(1, line(modifiers=modifiers))
    [found] = lines_of(estimate_of(paying_assistants(), treated, provider=provider).typical)

    assert paid == (str(found.owes), str(found.plan_pays), str(found.provider_absorbs))


def test_an_evaluation_is_the_therapists_where_an_assistant_treats():
    """Medicare Benefit Policy Manual, chapter 15, section 230: assistants give no evaluative services."""
    answer = estimate_of(paying_assistants(), course(1, line("97161")), provider=PTA)

    assert "80.00" == str(answer.typical.plan_pays)
    assert [TherapistEvaluates("97161")] == [notice.finding for notice in answer.notices]


@pytest.mark.parametrize(
    ("said", "owed", "points"),
    [
        (None, ("0.00", "0.00", "40.00"), [("indian-health", "0.00", "40.00")]),
        (True, ("0.00", "0.00", "0.00"), []),
        (False, ("40.00", "40.00", "40.00"), []),
    ],
)
def test_care_of_or_by_an_indian_health_care_provider_is_free_where_the_plan_says_so(said, owed, points):
    """42 USC 18071(d)(2): two visits at a fifth of 100, or no share; not said, it is open and settled free."""
    stated = plan(benefit(share(coinsurance="20%")), networks=[network(free_by_indian_health=CITED)])
    answer = estimate_of(stated, course(2, line()), person=Person(indian_health=said))

    assert owed == ranged(answer)
    assert points == [(each.about, str(each.adds.usual), str(each.adds.most)) for each in answer.open_points]


@pytest.mark.parametrize(
    ("billed", "owed"),
    [
        (None, ("20.00", "35.00")),  # a charge that nobody gave is taken to reach the limit
        ("108.00", ("20.00", "28.00")),
        ("180.00", ("20.00", "35.00")),
    ],
)
def test_a_clinic_without_assignment_bills_up_to_the_limiting_charge(billed, owed):
    """100 allowed, a fifth the patient's, at most 115 asked; whether the clinic takes assignment is not known."""
    tier = network("out-of-network", balance_bill=UNKNOWN, limiting_charge=percent("115%"))
    stated = plan(benefit(outside=share(coinsurance="20%")), networks=[network(), tier])
    answer = estimate_of(stated, course(1, line(billed=billed)), provider=Provider(network="out-of-network"))

    assert owed == (str(answer.low.owes), str(answer.high.owes))
    assert ["balance-bill"] == [point.about for point in answer.open_points]
