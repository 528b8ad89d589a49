"""Small estimates, put together by hand, so that words are tested apart from the arithmetic."""

from datetime import date, timedelta

from estimator.engine.answer import (
    Adds,
    Assumption,
    AssumptionKind,
    Balance,
    Condition,
    ConditionKind,
    CrossingKind,
    CrossingPoint,
    Estimate,
    Level,
    LineEstimate,
    Question,
    QuestionKind,
    Run,
    Status,
    Step,
    VisitEstimate,
    Visits,
)
from estimator.engine.findings import CopayCharged, DeductibleTaken, NotCovered, PriceGiven, PriceRegional, StateNotice
from estimator.engine.plan import Limit, Measure, Plan
from estimator.engine.values import BenefitYear, Citation, Money, Rate, Source, Span

NAMES = {"97110": "Therapeutic exercise", "20561": "Dry needling, 3 or more muscles"}
BOOKLET = Source("Evidence of Coverage 2026", "https://example.org/eoc.pdf", date(2026, 11, 20))
PAGE_12 = Citation(BOOKLET, "p. 12", "evergreen.yaml", 31)
PAGE_41 = Citation(BOOKLET, "p. 41", "evergreen.yaml", 44)
MONTH = 30

PLAN = Plan(
    id="evergreen-ppo",
    title="Evergreen PPO",
    payer="Evergreen",
    kind="example",
    market="employer",
    in_force=Span(date(2026, 1, 1)),
    benefit_year=BenefitYear(),
    networks={},
    limits={"therapy-visits": Limit("therapy-visits", Measure.VISITS, 30)},
    benefits=(),
    policies=(),
    sources={},
)


def exercise(owes: int, allowed: int = 10000, deductible: int = 0) -> LineEstimate:
    """Build a line of exercise with a copay and a part that goes to the deductible."""
    steps = [Step(CopayCharged(Money(4000), "visit"), Money(owes), PAGE_12)]
    if deductible:
        steps.insert(0, Step(DeductibleTaken(Money(50000)), Money(deductible), PAGE_12))
    finding = PriceRegional(
        Rate.parse("98%"), Rate.parse("122%"), Rate.parse("188%"), "Seattle", "CY2026", "standard", Rate.parse("100%")
    )
    pays = Money(allowed - owes - deductible)
    return LineEstimate(
        "97110", 2, 30, (), Status.PAYABLE, Money(allowed), Money(12000), finding, PAGE_41, tuple(steps), pays, Money(0)
    )


def needling(owes: int) -> LineEstimate:
    """Build a needling line that a policy denies."""
    steps = (Step(NotCovered("investigational", "evergreen-needling"), Money(owes), PAGE_41),)
    status = Status.PATIENT_BILLED if owes else Status.PROVIDER_ABSORBS
    absorbed = Money(0) if owes else Money(6000)
    return LineEstimate(
        "20561", 1, None, ("59",), status, Money(6000), Money(6000), PriceGiven(), None, steps, Money(0), absorbed
    )


def run(level: Level, copay: int, deductible: int = 0, visits: int = 2) -> Run:
    """Build a course a week apart, of which only the first visit pays toward the deductible."""
    made = []
    for number in range(1, visits + 1):
        lines = (exercise(copay, deductible=deductible if number == 1 else 0), needling(0))
        day = date(2026, 3, 2) + timedelta(days=7 * (number - 1))
        balances = (
            Balance("deductible", 150000 + deductible, 250000),
            Balance("out-of-pocket-max", 150000, None),
            Balance("therapy-visits", number, MONTH, "visits"),
            Balance("therapy-dollars", 9000, 90000, "dollars"),
            Balance("therapy-hours", 90, 600, "hours"),
        )
        made.append(VisitEstimate(number, day, "in-network", lines, balances))
    return Run(level, Visits(made))


ESTIMATE = Estimate(
    low=run(Level.LOW, 4000),
    typical=run(Level.TYPICAL, 4000, deductible=1000),
    high=run(Level.HIGH, 4000, deductible=6000),
    settled=(run(Level.LOW, 4000), run(Level.TYPICAL, 4000, deductible=1000), run(Level.HIGH, 4000, deductible=6000)),
    open_points=(),
    open_total=Adds(Money(0), Money(0)),
    notices=(Step(StateNotice("WA", "Washington", "permitted"), Money(0), PAGE_41),),
    conditions=(Condition(ConditionKind.REFERRAL, 1, 2, Money(12000), Money(-12000), "", PAGE_41),),
    questions=(Question(QuestionKind.NEEDLING_POLICY, "20561"),),
    assumptions=(Assumption(AssumptionKind.REGIONAL_PRICE),),
    crossing_points=(CrossingPoint(CrossingKind.LIMIT_REACHED, 2, date(2026, 3, 9), "therapy-visits"),),
    inputs={"plan": "evergreen-ppo@abc", "as_of": "2026-11-23"},
)
