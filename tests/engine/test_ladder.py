"""Who bears an unpaid service: one ladder by market, position and paper, as `plans/_usual.yaml` states it.

One visit of 100.00 at a copay of 20.00, with needling that the plan allows 60.00 for and the clinic asks 80.00 for.
"""

from dataclasses import replace

import pytest

from estimator.engine.plan import Liable, Position
from estimator.engine.usual import NO_RULES, Bearer, Leaf, bearers, unread
from estimator.plans.common_rules import usual_rules
from estimator.settings import plans_folder
from tests.build import TABLES, benefit, course, estimate_of, line, network, plan, policy, ranged, share

USUAL = usual_rules(plans_folder())
KNOWN = replace(TABLES, usual=USUAL)
VISIT = course(1, line(), line("20561", "60.00", billed="80.00"))
COMMERCIAL = ("employer", "marketplace", "fehb")
INVESTIGATIONAL, NECESSARY = Position.INVESTIGATIONAL, Position.NOT_MEDICALLY_NECESSARY
EXCLUDED, BUNDLED, UNREAD = Position.EXCLUDED, Position.BUNDLED, Position.UNKNOWN
NOBODY_SAID, NOT_SIGNED, SIGNED = None, False, True

CLINIC = ("20.00", "20.00", "20.00", "60.00")
PATIENT = ("100.00", "100.00", "100.00", "0.00")
OPEN_PAYS = ("20.00", "100.00", "100.00", "0.00")
OPEN_CLINIC = ("20.00", "20.00", "100.00", "60.00")
NOBODY = ("20.00", "20.00", "20.00", "0.00")


def answered(market, position, signed, tier=None):
    """Return low, typical and high of the patient, and what the clinic loses in the typical run."""
    networks = [network() if tier is None else tier]
    stated = plan(benefit(share("20.00")), networks=networks, policies=[policy(position)], market=market)
    answer = estimate_of(stated, VISIT, known=KNOWN, signed_consent=signed)
    return (*ranged(answer), str(answer.typical.provider_absorbs))


def rows():
    """Yield market, position, paper and who pays: the table of the guide, cell by cell."""
    papers = (NOBODY_SAID, NOT_SIGNED, SIGNED)
    ladder = {
        COMMERCIAL: {
            INVESTIGATIONAL: (OPEN_PAYS, CLINIC, PATIENT),
            NECESSARY: (OPEN_PAYS, CLINIC, PATIENT),
            EXCLUDED: (OPEN_PAYS, OPEN_CLINIC, PATIENT),
            UNREAD: (OPEN_PAYS, OPEN_CLINIC, OPEN_PAYS),
        },
        ("medicare",): {
            INVESTIGATIONAL: (OPEN_PAYS, OPEN_CLINIC, PATIENT),
            NECESSARY: (OPEN_PAYS, CLINIC, PATIENT),
            EXCLUDED: (OPEN_PAYS, OPEN_CLINIC, PATIENT),
            UNREAD: (OPEN_PAYS, OPEN_CLINIC, OPEN_PAYS),
        },
        ("medicare-advantage", "tricare"): dict.fromkeys(
            (INVESTIGATIONAL, NECESSARY, EXCLUDED), (OPEN_CLINIC, CLINIC, PATIENT)
        )
        | {UNREAD: (OPEN_CLINIC, CLINIC, OPEN_PAYS)},
        ("medicaid",): dict.fromkeys(
            (INVESTIGATIONAL, NECESSARY, EXCLUDED, UNREAD), (OPEN_CLINIC, CLINIC, OPEN_CLINIC)
        ),
        ("workers-comp",): dict.fromkeys((INVESTIGATIONAL, NECESSARY, EXCLUDED, UNREAD), (CLINIC,) * 3),
        ("va",): dict.fromkeys((INVESTIGATIONAL, NECESSARY), (CLINIC,) * 3)
        | dict.fromkeys((EXCLUDED, UNREAD), (OPEN_CLINIC,) * 3),
        ("auto",): dict.fromkeys((INVESTIGATIONAL, NECESSARY, EXCLUDED), (OPEN_CLINIC, OPEN_CLINIC, PATIENT)),
    }
    for markets, positions in ladder.items():
        for market in markets:
            yield from ((market, BUNDLED, paper, NOBODY) for paper in papers)
            for position, expected in positions.items():
                yield from ((market, position, paper, who) for paper, who in zip(papers, expected, strict=True))


@pytest.mark.parametrize(("market", "position", "signed", "expected"), list(rows()))
def test_each_rung_says_who_bears_an_unpaid_needling(market, position, signed, expected):
    """Low, typical and high of the patient, and the clinic's loss where a position is known."""
    found = answered(market, position, signed)

    assert expected[:3] == found[:3]
    assert position is UNREAD or expected == found


@pytest.mark.parametrize("market", [*COMMERCIAL, "medicare", "medicare-advantage", "medicaid", "tricare", "auto"])
@pytest.mark.parametrize("position", [INVESTIGATIONAL, NECESSARY, EXCLUDED])
def test_outside_a_contract_the_patient_pays_and_no_paper_changes_it(market, position):
    """Nothing there forbids the clinic to ask its fee."""
    outside = network(contracted=False)

    assert {PATIENT} == {answered(market, position, signed, outside) for signed in (NOBODY_SAID, NOT_SIGNED, SIGNED)}


@pytest.mark.parametrize("liable", [Liable.PATIENT, Liable.PROVIDER])
@pytest.mark.parametrize("market", sorted(USUAL))
def test_what_the_payers_own_rule_says_goes_before_the_ladder(market, liable):
    """A rule that names who bears it leaves nothing open."""
    expected = Bearer.PATIENT if liable is Liable.PATIENT else Bearer.CLINIC
    found = [bearers(USUAL[market], EXCLUDED, liable, True, signed) for signed in (NOBODY_SAID, NOT_SIGNED, SIGNED)]

    assert [((expected,), expected)] * 3 == [(each.outcomes, each.usual) for each in found]


@pytest.mark.parametrize("signed", [NOBODY_SAID, NOT_SIGNED, SIGNED])
@pytest.mark.parametrize("market", sorted(set(USUAL) - {"self-pay"}))
def test_knowing_less_never_costs_more_than_the_dearest_known_position(market, signed):
    """The typical figure of needling that nobody has read is at most that of some position that is known."""
    known = [answered(market, each, signed) for each in (INVESTIGATIONAL, NECESSARY, EXCLUDED, BUNDLED)]
    covered = plan(benefit(share("20.00"), services=["97110", "20561"]), market=market)
    of_cover = estimate_of(covered, VISIT, known=KNOWN).typical.owes

    unknown = answered(market, UNREAD, signed)[1]

    assert float(unknown) <= max(*(float(each[1]) for each in known), int(of_cover) / 100)


@pytest.mark.parametrize(("state", "bears"), [("OH", 1), ("WA", 1), ("NY", 1), ("TX", 1), ("AL", 2), (None, 2)])
def test_under_medicaid_an_agreement_makes_the_patient_pay_where_the_state_lets_him_agree(state, bears):
    """Elsewhere nobody has read whether it does: who pays stays open, and usually the clinic bears it."""
    signed = bearers(USUAL["medicaid"], EXCLUDED, None, True, SIGNED, state)
    without = bearers(USUAL["medicaid"], EXCLUDED, None, True, NOT_SIGNED, state)

    assert signed.outcomes == ((Bearer.PATIENT,) if bears == 1 else (Bearer.CLINIC, Bearer.PATIENT))
    assert signed.usual is (Bearer.PATIENT if bears == 1 else Bearer.CLINIC)
    assert (Bearer.CLINIC,) == without.outcomes


@pytest.mark.parametrize("signed", [NOBODY_SAID, NOT_SIGNED, SIGNED])
def test_what_nobody_has_read_is_bundled_only_at_a_contracted_clinic(signed):
    """Outside a contract nothing holds the clinic to it."""
    rules = USUAL["employer"]

    assert Leaf.BUNDLED in unread(rules, True, signed).outcomes
    assert (Leaf.COVERED, Leaf.PATIENT) == unread(rules, False, signed).outcomes


@pytest.mark.parametrize("signed", [NOT_SIGNED, SIGNED])
@pytest.mark.parametrize("position", [INVESTIGATIONAL, NECESSARY, EXCLUDED])
@pytest.mark.parametrize("market", sorted(set(USUAL) - {"self-pay"}))
def test_saying_whether_the_paper_is_signed_stays_within_what_was_open(market, position, signed):
    """Each answer of a fork is one of the outcomes that were there before it was given."""
    before = bearers(USUAL[market], position, None, True, NOBODY_SAID)
    after = bearers(USUAL[market], position, None, True, signed)

    assert set(after.outcomes) <= set(before.outcomes)


@pytest.mark.parametrize("position", [INVESTIGATIONAL, NECESSARY, EXCLUDED, BUNDLED, Position.COVERED])
@pytest.mark.parametrize("signed", [NOBODY_SAID, NOT_SIGNED, SIGNED])
@pytest.mark.parametrize("market", sorted(set(USUAL) - {"self-pay"}))
def test_telling_the_position_keeps_the_range_within_the_one_before(market, signed, position):
    """One more fact within its bounds narrows: the new low and high lie inside the old ones."""
    low, _, high, _ = map(float, answered(market, UNREAD, signed))
    told = answered(market, position, signed)

    assert low <= float(told[0]) <= float(told[1]) <= float(told[2]) <= high


def test_a_market_without_rules_leaves_it_open_at_the_least():
    """Where nothing is known of a market, no evidence is no charge."""
    found = unread(NO_RULES, True, None)

    assert found.usual is None
    assert Bearer.CLINIC is bearers(NO_RULES, EXCLUDED, None, True, None).usual
