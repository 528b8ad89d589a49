"""Any plan, any course and any balances, for properties that must hold for all of them.

Parts (cost shares, limits, rules …) of every kind are made once, from a fixed seed; Hypothesis chooses
among them and puts plans and requests together, so that an example costs a millisecond. Amounts are
small against the prices on purpose: deductibles, maximums and limits are crossed often, and some
balances lie past them from the start.
"""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random

from hypothesis import strategies as st

from estimator.engine.plan import (
    ANYTIME,
    Authorization,
    Benefit,
    Ceiling,
    Consequence,
    CostShare,
    Counting,
    DeductibleOrder,
    DollarsOf,
    Every,
    Extension,
    FamilyRule,
    IfMissing,
    Liable,
    Limit,
    Measure,
    Network,
    Past,
    Per,
    Plan,
    Policy,
    Position,
    Tier,
    When,
)
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK, Grant, Person, Provider, Request, Service, Used, Visit
from estimator.engine.values import UNKNOWN, BenefitYear, Between, Money, Rate, Span

POOL = 250
LIMITS = ("first", "second")
COVERED = {"therapy": ("97110", "97140", "97161"), "spine": ("98940",)}
BACK_PAIN = When(diagnoses=("M54*",))


class Parts:
    """Makes parts of plans by chance; `unknown` tells whether a part may be one that nobody has read."""

    def __init__(self, seed, unknown):
        self.random = Random(seed)
        self.unknown = unknown

    def one(self, *choices):
        return self.random.choice(choices)

    def maybe(self, part):
        return part if self.random.random() < 0.4 else None

    def read(self, part):
        """Return the part, or that nobody has read it."""
        return UNKNOWN if self.unknown and self.random.random() < 0.15 else part

    def cents(self, most=300_00):
        return Money(self.one(0, self.random.randint(0, most), self.random.randint(0, most)))

    def rate(self):
        return Rate(self.one(0, 100_000, 200_000, 333_333, 500_000, 1_000_000))

    def amount(self, most=300_00):
        if self.unknown and self.random.random() < 0.15:
            low = self.cents(most)
            return Between(low, Money(low + self.random.randint(0, most)))
        return self.read(self.cents(most))

    def flag(self):
        return self.random.random() < 0.5

    def ceiling(self, name, *others):
        return Ceiling(
            name, self.amount(), self.maybe(self.amount()), self.maybe(self.cents()),
            self.read(self.one(*FamilyRule)), self.one((), tuple(others)), self.one(0, 0, 3),
            per_condition=self.flag(), includes_deductible=self.flag(),
        )  # fmt: skip

    def flat_share(self, **more):
        return CostShare(
            self.maybe(self.amount(60_00)), self.maybe(self.read(self.rate())), self.one(*Per),
            self.read(self.one(*DeductibleOrder)), coinsurance_of_allowed=self.flag(), credits_deductible=self.flag(),
            credits_out_of_pocket=self.random.random() < 0.8, copay_group=self.one("", "together"),
            max_per_visit=self.maybe(self.cents(60_00)), plan_pays_at_most=self.maybe(self.cents(60_00)), **more,
        )  # fmt: skip

    def share(self):
        steps = ((self.random.randint(1, 3), self.flat_share()), (None, self.flat_share()))
        return self.flat_share(
            by_visit=self.maybe(steps) or (), counter=self.one("", *LIMITS), not_above=self.maybe(self.flat_share())
        )

    def limit(self, name):
        measure = self.one(*Measure)
        most = {Measure.DOLLARS: 400_00, Measure.HOURS: 180, Measure.UNITS: 12}.get(measure, 6)
        extension = Extension(
            self.random.randint(1, 4), self.one("improvement", "justification", "authorization", "diagnosis"),
            BACK_PAIN, "KX",
        )  # fmt: skip
        counts = self.one(None, True, False)
        return Limit(
            name, measure, self.read(self.random.randint(0, most)), self.one(*Every), self.one(1, 2, 30),
            self.one(*Counting), self.one(*DollarsOf), not_counted=self.one(frozenset(), frozenset({"97161"})),
            networks=self.one(frozenset(), frozenset({IN_NETWORK})), exempt=self.one(None, None, BACK_PAIN),
            counts_deductible_visits=self.read(counts), past=self.read(self.one(*Past)),
            extension=self.maybe(extension), services=self.one(frozenset(), frozenset({"97110", "97140"})),
            counts_other_therapy=self.read(self.flag()), confirmed=not self.unknown or self.random.random() < 0.8,
            modifier=self.one("", "KX"),
        )  # fmt: skip

    def consequence(self):
        known = [kind for kind in IfMissing if self.unknown or kind is not IfMissing.UNKNOWN]
        return Consequence(self.one(*known), self.rate(), self.cents(60_00), self.flag())

    def authorization(self):
        return Authorization(
            self.one(None, 1, 1, 2, 4), self.consequence(), self.consequence(),
            exempt=self.one(frozenset(), frozenset({"97161"})), waiver_visits=self.one(0, 0, 2),
            waiver_days=self.one(0, 14), counter=self.one("", "course", *LIMITS), restart_gap_days=self.one(0, 0, 10),
        )  # fmt: skip

    def benefit(self, name):
        outside = self.one(self.share(), self.share(), Tier.NOT_COVERED, *((Tier.UNKNOWN,) if self.unknown else ()))
        return Benefit(
            name, frozenset(COVERED[name]), {IN_NETWORK: self.share(), OUT_OF_NETWORK: outside},
            limits=self.one((), LIMITS[:1], LIMITS), authorization=self.maybe(self.read(self.authorization())),
            referral=self.maybe(self.read(self.authorization())), without_authorization=self.maybe(self.flat_share()),
            deductible=self.maybe(self.ceiling("own deductible")) if name == "spine" else None,
            when=self.one(ANYTIME, ANYTIME, BACK_PAIN),
            authorization_by_code=self.one({}, {"97140": self.maybe(self.authorization())}),
        )  # fmt: skip

    def network(self, name):
        outside = name == OUT_OF_NETWORK
        deductible = self.ceiling(self.one(f"{name} deductible", "shared"), "elsewhere")
        maximum = self.ceiling(f"{name} maximum")
        return Network(
            name, contracted=not outside, deductible=self.one(None, deductible, deductible),
            out_of_pocket_max=self.one(None, maximum, maximum),
            balance_bill=self.read(self.flag()) if outside else False,
        )  # fmt: skip

    def policy(self):
        positions = [position for position in Position if self.unknown or position is not Position.UNKNOWN]
        liable = [each for each in Liable if self.unknown or each is not Liable.UNKNOWN]
        return Policy(
            "needling", frozenset({"20560", "20561"}), self.one(*positions), sole_service_denied=self.flag(),
            liable=self.one(None, *liable), under=self.one("", "therapy"),
            when=self.one(ANYTIME, ANYTIME, BACK_PAIN),
        )  # fmt: skip

    def service(self):
        return Service(
            self.one("97110", "97110", "97140", "97161", "98940", "20561"), self.one(None, 5, 15, 38, 60),
            self.one(None, 1, 3), self.one(frozenset(), frozenset({"GO"})), self.cents(150_00),
            self.maybe(self.cents(200_00)),
        )  # fmt: skip

    def used(self):
        sums = [self.cents() for _ in range(4)]
        counts = {name: self.random.randint(0, 8) for name in LIMITS if self.flag()}
        days = [date(2025, 12, 1) + timedelta(days=self.random.randint(0, 200)) for _ in range(3)]
        return Used(*sums, counts, {name: tuple(days) for name in LIMITS if self.random.random() < 0.3})

    def grant(self):
        return Grant(
            self.one(None, None, True, False), self.one(None, 0, 1, 3), self.one(None, 0, 2, 6),
            self.one(frozenset(), frozenset({"97110"})), self.one(Span(), Span(date(2026, 3, 1), date(2026, 3, 31))),
        )  # fmt: skip

    def person(self):
        heard = (None, True, False)
        return Person(self.one(None, 40), self.one(*heard), improving=self.one(*heard), justified=self.one(*heard))


@cache
def pool(part, unknown, *names):
    """Return parts of a kind to choose from."""
    parts = Parts(f"{part} {names}", unknown)
    return tuple(getattr(parts, part)(*names) for _ in range(POOL))


def chosen(part, unknown, *names):
    """Choose a part of a kind."""
    return st.sampled_from(pool(part, unknown, *names))


@st.composite
def plans(draw, unknown=True):
    """Choose a plan with two benefits, two networks and two limits that the benefits may share."""
    limits = {name: draw(chosen("limit", unknown, name)) for name in LIMITS}
    tiers = {name: draw(chosen("network", unknown, name)) for name in (IN_NETWORK, OUT_OF_NETWORK)}
    benefits = tuple(draw(chosen("benefit", unknown, name)) for name in COVERED)
    year = draw(st.sampled_from((BenefitYear(), BenefitYear(7, 1), UNKNOWN if unknown else BenefitYear())))
    policies = draw(st.sampled_from(((), *((each,) for each in pool("policy", unknown)))))
    return Plan(
        "any", "Any plan", "A payer", "example", "employer", Span(), year, tiers, limits, benefits, policies, {}
    )


@st.composite
def steady_plans(draw):
    """Choose a plan under which many visits come out as the one before: limits are far, rules the same."""
    plan = draw(plans())
    many, steady = draw(st.sampled_from((1, 3, 10))), {"waiver_visits": 0, "restart_gap_days": 0}

    def ample(limit):
        known = isinstance(limit.amount, int)
        every = draw(st.sampled_from((limit.every, Every.BENEFIT_YEAR, Every.CALENDAR_YEAR, Every.VISIT)))
        return replace(limit, amount=limit.amount * many if known else limit.amount, every=every)

    def even(benefit):
        shares = {name: replace(share, by_visit=()) for name, share in benefit.cost_share.items() if _is_share(share)}
        rules = {name: getattr(benefit, name) for name in ("authorization", "referral")}
        same = {name: replace(rule, **steady) for name, rule in rules.items() if isinstance(rule, Authorization)}
        return replace(benefit, cost_share={**benefit.cost_share, **shares}, **same)

    networks = plan.networks
    if draw(st.booleans()):
        networks = {name: replace(network, deductible=None) for name, network in networks.items()}
    benefits = tuple(map(even, plan.benefits)) if draw(st.booleans()) else plan.benefits
    return replace(
        plan, networks=networks, benefits=benefits, limits={name: ample(each) for name, each in plan.limits.items()}
    )


def _is_share(share):
    return isinstance(share, CostShare)


@st.composite
def courses(draw):
    """Choose visits in order of their days, some on one day and some across the end of a benefit year."""
    day = draw(st.sampled_from((date(2026, 3, 2), date(2026, 6, 20), date(2026, 12, 20))))
    visits = []
    for gap in draw(st.lists(st.sampled_from((0, 1, 7, 12, 45)), min_size=1, max_size=7)):
        day += timedelta(days=gap)
        lines = tuple(draw(st.lists(chosen("service", True), min_size=1, max_size=3)))
        visits.append(Visit(day, lines, draw(st.sampled_from((None, None, None, OUT_OF_NETWORK)))))
    return tuple(visits)


@st.composite
def repeating_courses(draw):
    """Choose up to a dozen visits of which most are equal."""
    day = draw(st.sampled_from((date(2026, 3, 2), date(2026, 6, 10), date(2026, 12, 10))))
    usual = tuple(draw(st.lists(chosen("service", True), min_size=1, max_size=3)))
    network = draw(st.sampled_from((None, None, OUT_OF_NETWORK)))
    other = Visit(day, (draw(chosen("service", True)),))
    visits = []
    for gap in draw(st.lists(st.sampled_from((7, 7, 7, 2, 12, 0)), min_size=2, max_size=12)):
        day += timedelta(days=gap)
        is_usual = draw(st.sampled_from((True, True, True, True, False)))
        visits.append(Visit(day, usual, network) if is_usual else replace(other, day=day))
    return tuple(visits)


def requests(visits=None):
    """Choose a request over any course, or one of these, and any balances."""
    elsewhere = chosen("used", True).map(lambda used: {OUT_OF_NETWORK: used})
    return st.builds(
        Request,
        st.sampled_from((date(2026, 3, 2), date(2025, 12, 15), date(2026, 11, 23))),
        courses() if visits is None else visits,
        st.sampled_from((Provider(), Provider(), Provider(network=OUT_OF_NETWORK))),
        chosen("person", True),
        st.sampled_from((None, ("M54.50",), ("S33.5XXA",))),
        chosen("used", True),
        st.just({}) | elsewhere,
        chosen("grant", True),
        chosen("grant", True),
        st.sampled_from((None, True, False)),
    )
