"""One rule of a plan at a time: the kernel reckons it as the engine does for every row, or says why it doesn't."""

from dataclasses import replace
from datetime import date

import pytest

from estimator.engine.estimate import estimate
from estimator.engine.plan import Counting, DeductibleOrder, DollarsOf, FamilyRule, Past, Per, Plan
from estimator.engine.prices import PriceSheet
from estimator.engine.request import OUT_OF_NETWORK, Grant, Person, Request, Secondary, Used
from estimator.engine.values import UNKNOWN, Money
from estimator.estimates import kernel
from estimator.estimates.kernel import NotCompiled, Paid, Shape
from tests.build import (
    TABLES,
    authorization,
    benefit,
    ceiling,
    consequence,
    course,
    days,
    limit,
    line,
    maximum,
    network,
    on,
    plan,
    request,
    share,
    usd,
)
from tests.estimates.test_kernel import cents_in, cents_of

STEPS = [Money(dollars * 100) for dollars in (0, 7, 30, 55, 90, 120, 170, 230, 260, 300, 450)]
ROWS = [Used(deductible, maximum) for deductible in STEPS for maximum in STEPS]
OF_A_FAMILY = [
    replace(row, family_deductible_paid=Money(300_00), family_out_of_pocket_paid=sum_)
    for row in ROWS[::5]
    for sum_ in STEPS[1::3]
]
APPLIES = share(coinsurance="20%", deductible="applies")
DEDUCTIBLE, MAXIMUM = ceiling("300.00"), maximum("450.00")
BOTH = network(deductible=DEDUCTIBLE, out_of_pocket_max=MAXIMUM)
TWO_LINES = course(4, line(), line("97140", "60.00"))
CHIROPRACTIC = benefit(share("10.00", deductible="applies"), "chiropractic", ("98940",))
ACROSS_A_YEAR = days("2026-11-20", "2026-12-18", "2027-01-08", "2027-01-15", "2027-02-05")


def compared(chosen: Plan, asked: Request, rows: list[Used]) -> None:
    """Hold each row of the kernel against the engine's own answer; the rows don't all come to the same."""
    totals = Shape(asked, chosen, PriceSheet(), TABLES).totals(Paid.of(rows), by_visit=True)

    expected = [cents_of(estimate(replace(asked, used=used), chosen, PriceSheet(), TABLES, {})) for used in rows]
    assert expected == [cents_in(totals, row) for row in range(len(rows))]
    assert 1 < len(set(map(tuple, expected)))


def under(*benefits, **more):
    """A plan of these benefits with a deductible and a maximum."""
    return plan(*benefits, networks=more.pop("networks", (BOTH,)), **more)


ONE_RULE = {
    "coinsurance": under(benefit(APPLIES)),
    "a copay after the deductible": under(benefit(share("25.00", deductible="applies"))),
    "a copay before the deductible": under(benefit(share("25.00", "50%", deductible="after-copay"))),
    "a copay that counts toward the deductible": under(benefit(share("25.00", "50%", deductible="with-copay"))),
    "what is paid counts toward the deductible": under(benefit(share("25.00", "50%", credits_deductible=True))),
    "coinsurance of the whole": under(benefit(share("25.00", "50%", "applies", coinsurance_of_allowed=True))),
    "a copay above the price": under(benefit(share("130.00", deductible="applies", never_above_allowed=False))),
    "a maximum that leaves the deductible out": under(
        benefit(APPLIES), networks=[replace(BOTH, out_of_pocket_max=replace(MAXIMUM, includes_deductible=False))]
    ),
    "a share that counts toward no maximum": under(
        benefit(share("25.00", "20%", "applies", credits_out_of_pocket=False))
    ),
    "a cap per visit": under(benefit(share("20.00", "50%", "applies", max_per_visit="60.00"))),
    "a cap per visit on a copay that counts": under(
        benefit(share("30.00", "50%", "with-copay", max_per_visit="40.00"))
    ),
    "the most that the plan pays": under(benefit(share("20.00", "20%", "applies", plan_pays_at_most="50.00"))),
    "another share that bounds it": under(benefit(share("50.00", not_above=APPLIES))),
    "a copay that bounds coinsurance": under(
        benefit(share(None, "60%", "applies", not_above=share("45.00", deductible="applies")))
    ),
    "coinsurance that bounds the copay of two services": under(benefit(share("15.00", not_above=share(None, "10%")))),
    "a copay per unit": under(benefit(share("12.00", deductible="applies", per=Per.UNIT))),
    "two benefits": under(benefit(share(None, "50%", "applies")), CHIROPRACTIC),
    "a deductible of a benefit's own": under(
        benefit(APPLIES, deductible=ceiling("120.00", name="own", also_credits=("deductible",)))
    ),
    "nobody has read where the deductible stands": under(benefit(share("25.00", deductible=UNKNOWN))),
}


@pytest.mark.parametrize("rule", ONE_RULE)
def test_every_row_owes_what_the_engine_says_under_one_rule(rule: str) -> None:
    """With two services a visit, for people at every place before, within and past the deductible and the maximum."""
    services = (line(units=3), line("98940" if rule == "two benefits" else "97140", "60.00"))
    compared(ONE_RULE[rule], request(course(4, *services)), ROWS)


def test_the_deductible_that_one_service_fills_is_missing_to_another() -> None:
    """What is credited, and no more than is left: shares that count toward it, and the order of what is forgiven."""
    copay = share("50.00", credits_deductible=True)
    forgiven = share("30.00", "50%", "with-copay", max_per_visit="40.00")
    for chosen in (copay, forgiven, replace(copay, max_per_visit=usd("35.00"))):
        services = (line(), line("98940", "60.00"))
        compared(under(benefit(chosen), CHIROPRACTIC), request(course(4, *services)), ROWS)
        compared(under(benefit(chosen), CHIROPRACTIC), request(course(4, *services[::-1])), ROWS)


def test_a_second_plan_is_left_to_the_engine() -> None:
    """It pays by what the first one does."""
    chosen = ONE_RULE["coinsurance"]
    asked = request(course(3), secondary=Secondary(chosen, "standard"))

    assert "a second plan pays too" == left(chosen, asked)


def test_a_payment_counts_toward_another_deductible_too() -> None:
    """What is paid in network fills the deductible of the other network, where the plan says so, and there alone."""
    own = network(deductible=ceiling("300.00", also_credits=("outside",)))
    outside = network(OUT_OF_NETWORK, deductible=ceiling("300.00", name="outside"))
    chosen = plan(benefit(APPLIES, outside=APPLIES), networks=(own, outside))
    visits = (on("2026-03-02"), on("2026-03-04"), on("2026-03-06", network=OUT_OF_NETWORK))

    compared(chosen, request(visits, used_elsewhere={OUT_OF_NETWORK: Used(usd("50.00"))}), ROWS[::3])


def test_no_more_is_credited_than_is_left() -> None:
    """What is paid beyond the end of a deductible or a maximum doesn't fill the one that it also credits."""
    filled = share("50.00", deductible="applies", credits_deductible=True)
    ends = (
        {"deductible": ceiling("30.00", also_credits=("outside",))},
        {"out_of_pocket_max": maximum("60.00", also_credits=("outside",))},
    )
    other = {"deductible": ceiling("300.00", name="outside")}, {"out_of_pocket_max": maximum("150.00", name="outside")}
    visits = (on("2026-03-02"), on("2026-03-04"), *(on(f"2026-03-{day}", network=OUT_OF_NETWORK) for day in (10, 11)))
    for chosen, own, outside in zip((filled, share(None, "90%")), ends, other, strict=True):
        tiers = network(**own), network(OUT_OF_NETWORK, **outside)
        under_both = plan(benefit(chosen, outside=APPLIES), networks=tiers)
        compared(under_both, request(visits, used_elsewhere={OUT_OF_NETWORK: Used(usd("10.00"))}), ROWS[::3])


def test_a_copay_that_nobody_has_read_is_no_more_than_the_price() -> None:
    """Also where a copay that is known would be owed above it."""
    compared(under(benefit(share(UNKNOWN, deductible="applies", never_above_allowed=False))), request(TWO_LINES), ROWS)


def test_what_networks_share_is_opened_by_the_provider_s_own() -> None:
    """A deductible of two networks is one: what was paid elsewhere doesn't fill it again."""
    shared = ceiling("300.00", name="of both")
    tiers = network("a-tier", deductible=shared), network(deductible=shared)
    chosen = plan(benefit(APPLIES), networks=tiers)

    compared(chosen, request(course(3), used_elsewhere={"a-tier": Used(usd("290.00"))}), ROWS[::11])


def test_a_few_rows_that_would_be_decided_otherwise_are_decided_by_themselves() -> None:
    """Where most have met the deductible, its place costs nothing; for the others it does."""
    chosen = ONE_RULE["nobody has read where the deductible stands"]

    compared(chosen, request(course(2)), [Used(usd("300.00"))] * 5 + [Used()])
    compared(chosen, request(course(2)), [Used()] * 5 + [Used(usd("300.00"))])


def test_the_order_of_services_counts_where_a_deductible_ends_within_a_visit() -> None:
    """For those rows alone: one has met it, one meets it in the first visit, and one never does."""
    chosen = ONE_RULE["two benefits"]
    asked = request(course(1, line(), line("98940", "60.00")))

    compared(chosen, asked, [Used(usd(paid)) for paid in ("300.00", "240.00", "0.00")])


def test_the_order_of_services_counts_where_a_limit_ends_within_a_visit() -> None:
    """Whatever was paid: a limit of lines lets one of two services through."""
    lines = limit(3, counting=Counting.ONE_PER_LINE)
    shares = benefit(share("10.00", per=Per.LINE), limits=(lines.name,))
    chosen = plan(shares, networks=[network(out_of_pocket_max=MAXIMUM)], limits=[lines])

    compared(chosen, request(TWO_LINES[:2]), ROWS)


def test_what_was_paid_in_the_last_months_carries_over() -> None:
    """Into the next year's deductible, and no further; without such a rule a new year begins at nothing."""
    for months in (0, 3):
        tier = network(deductible=ceiling("300.00", carry_over_months=months), out_of_pocket_max=MAXIMUM)
        compared(plan(benefit(APPLIES), networks=[tier]), request(ACROSS_A_YEAR), ROWS)


def test_a_deductible_of_a_condition_knows_no_year() -> None:
    """It goes on over the turn of a year, and what was paid last year still counts."""
    tier = network(deductible=ceiling("300.00", per_condition=True), out_of_pocket_max=MAXIMUM)
    chosen = plan(benefit(APPLIES), networks=[tier])

    compared(chosen, request(ACROSS_A_YEAR), ROWS)
    compared(chosen, request(course(3), as_of=date(2025, 12, 15)), ROWS)


def test_what_was_paid_in_a_year_that_is_over_counts_for_nothing() -> None:
    """Each row owes the same, as the engine says."""
    asked, rows = request(course(3), as_of=date(2025, 12, 15)), ROWS[::10]
    totals = Shape(asked, ONE_RULE["coinsurance"], PriceSheet(), TABLES).totals(Paid.of(rows))
    engine = estimate(replace(asked, used=rows[-1]), ONE_RULE["coinsurance"], PriceSheet(), TABLES, {})

    assert [int(engine.typical.owes)] * len(rows) == totals.typical.tolist()


@pytest.mark.parametrize("rule", [FamilyRule.EMBEDDED, FamilyRule.AGGREGATE, FamilyRule.PER_PERSON])
def test_a_family_s_sums_end_what_a_person_s_own_do_not(rule: FamilyRule) -> None:
    """A member's part is the family's, too, where that was left out."""
    tier = network(
        deductible=ceiling("300.00", "500.00", family_rule=rule),
        out_of_pocket_max=maximum("450.00", "600.00", family_rule=rule),
    )
    asked = request(course(4), person=Person(family=True))

    compared(plan(benefit(APPLIES), networks=[tier]), asked, [*OF_A_FAMILY, *ROWS[::4]])


def left(chosen: Plan, asked: Request | None = None) -> str:
    """Return why the kernel leaves a course to the engine."""
    with pytest.raises(NotCompiled) as refused:
        Shape(asked or request(course(3)), chosen, PriceSheet(), TABLES).totals(Paid.of(ROWS[:3]))
    return refused.value.reason


LEFT = {
    "a limit leaves out visits that the deductible took": [
        limit(2, counts_deductible_visits=False),
        limit(2, counts_deductible_visits=UNKNOWN),
    ],
    "a limit counts what the plan pays": [limit(150_00, measure="dollars", dollars_of=DollarsOf.PAID)],
}


@pytest.mark.parametrize(("reason", "each"), [(reason, each) for reason, limits in LEFT.items() for each in limits])
def test_a_limit_that_hangs_on_what_is_paid_is_left_to_the_engine(reason: str, each) -> None:
    """Such as one that counts only visits that the plan paid for; one that only marks a visit is not."""
    chosen = under(benefit(APPLIES, limits=(each.name,)), limits=[each])

    assert reason == left(chosen)
    if each.counts_deductible_visits is False:
        marker = replace(each, past=Past.CONTINUES)
        compared(replace(chosen, limits={marker.name: marker}), request(course(4)), ROWS[::3])


def test_a_maximum_that_nobody_knows_is_left_to_the_engine() -> None:
    """Where the share counts toward it."""
    tier = network(deductible=DEDUCTIBLE, out_of_pocket_max=UNKNOWN)

    assert "the maximum is not known" == left(plan(benefit(APPLIES), networks=[tier]))
    apart = replace(APPLIES, credits_out_of_pocket=False)
    compared(plan(benefit(apart), networks=[tier]), request(course(4)), ROWS[::3])


@pytest.mark.parametrize(
    "brings",
    [consequence("penalty", penalty=usd("40.00")), consequence("reduced", percent=share(None, "50%").coinsurance)],
)
def test_a_penalty_of_the_payment_is_left_to_the_engine(brings) -> None:
    """It is taken from what the plan pays, which hangs on what was paid before."""
    chosen = under(benefit(APPLIES, authorization=authorization(1, brings)))

    reason = left(chosen, request(course(3), authorization=Grant(on_file=False)))
    assert "a penalty or a reduction is taken from the payment" == reason


def test_a_bound_with_rules_of_its_own_is_left_to_the_engine() -> None:
    """What is credited hangs on which of both shares is the lower one."""
    other = replace(APPLIES, credits_deductible=True)

    reason = left(under(benefit(share("50.00", not_above=other))))
    assert "another share with other bounds bounds this one" == reason


def test_rules_that_change_within_the_course_are_left_to_the_engine() -> None:
    """The next revision asks for something else."""
    later = replace(ONE_RULE["coinsurance"], in_force=replace(plan().in_force, first_day=date(2027, 1, 1)))
    chosen = replace(ONE_RULE["coinsurance"], later=(later,))

    assert "the rules change within the course" == left(chosen, request(ACROSS_A_YEAR))


def test_a_course_that_takes_the_engine_long_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else rows would be answered by the kernel where the engine refuses them."""
    monkeypatch.setattr(kernel, "MOST_WORK", 11)
    assert "the course is long" == left(ONE_RULE["coinsurance"])

    monkeypatch.setattr(kernel, "MOST_WORK", 12)
    assert "the course is long" == left(ONE_RULE["coinsurance"])


def test_rows_that_fall_into_too_many_parts_are_left_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part is decided anew."""
    chosen = ONE_RULE["nobody has read where the deductible stands"]
    asked, rows = request(course(2)), [Used(usd("300.00"))] * 5 + [Used()]
    shape = Shape(asked, chosen, PriceSheet(), TABLES)
    assert shape.totals(Paid.of(rows)).typical.tolist()

    monkeypatch.setattr(kernel, "_MOST_PARTS", 0)
    with pytest.raises(NotCompiled, match="too many parts"):
        shape.totals(Paid.of(rows))


def test_the_engine_s_own_amounts_are_what_a_tape_must_come_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arithmetic that comes to another amount is never shown."""
    monkeypatch.setattr(kernel, "order_of", lambda rule, log: DeductibleOrder.WAIVED)

    assert "the arithmetic comes to another amount" == left(ONE_RULE["coinsurance"])
