"""Small builders for domain tests: every part of a plan and of a request, with defaults that say nothing special.

Money is written as text, so that a test reads like a booklet: `share(copay="40.00")`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from estimator.engine.answer import Estimate, LineEstimate, Run
from estimator.engine.coding import NEEDLING_CODES, Diagnoses, Diagnosis, Pair, PairEdits, ServiceCode
from estimator.engine.coverage import Permission, Scope, StateRule
from estimator.engine.estimate import estimate
from estimator.engine.plan import (
    Authorization,
    Benefit,
    Ceiling,
    Consequence,
    CostShare,
    DeductibleOrder,
    IfMissing,
    Limit,
    Measure,
    Network,
    Plan,
    Policy,
    Position,
    Tier,
)
from estimator.engine.prices import CashRange, Fee, Locality, PriceBook, PriceSheet, Ratios, Region
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK, Request, Service, Used, Visit
from estimator.engine.usual import Borne, Rung, UsualRules
from estimator.engine.values import Amount, BenefitYear, Citation, Money, Rate, Source, Span, Unknown
from estimator.engine.visits import Tables

FIRST_DAY = date(2026, 3, 2)
READ = Source("A booklet", "https://example.org/booklet.pdf", date(2026, 11, 20))
CITED = Citation(READ, "p. 1")
THERAPY = frozenset({"97110", "97140", "97161"})

Written = str | Amount


def usd(written: str) -> Money:
    """Read an amount of money."""
    return Money.parse(written)


def percent(written: str) -> Rate:
    """Read a percentage."""
    return Rate.parse(written)


def _amount(written: Written) -> Amount:
    return usd(written) if isinstance(written, str) else written


def _priced(more: dict[str, Any]) -> dict[str, Any]:
    sums = ("max_per_visit", "plan_pays_at_most")
    return {name: usd(value) if name in sums else value for name, value in more.items()}


def share(
    copay: Written | None = None, coinsurance: str | Unknown | None = None, deductible: str = "waived", **more: Any
) -> CostShare:
    """Build a cost share."""
    return CostShare(
        None if copay is None else _amount(copay),
        percent(coinsurance) if isinstance(coinsurance, str) else coinsurance,
        deductible=DeductibleOrder(deductible) if isinstance(deductible, str) else deductible,
        citation=CITED,
        **{
            name: usd(value) if name in ("max_per_visit", "plan_pays_at_most") else value
            for name, value in more.items()
        },
    )


def ceiling(person: Written, family: Written | None = None, name: str = "deductible", **more: Any) -> Ceiling:
    """Build a deductible or an out-of-pocket maximum."""
    own = more.pop("family_member", None)
    return Ceiling(
        name,
        _amount(person),
        None if family is None else _amount(family),
        None if own is None else _amount(own),
        citation=CITED,
        **more,
    )


def maximum(person: Written, family: Written | None = None, **more: Any) -> Ceiling:
    """Build an out-of-pocket maximum."""
    return ceiling(person, family, more.pop("name", "out-of-pocket-max"), **more)


def network(name: str = IN_NETWORK, **more: Any) -> Network:
    """Build a network tier; out of network is not contracted and may bill the rest."""
    outside = {"contracted": False, "balance_bill": True} if name == OUT_OF_NETWORK else {}
    return Network(name, **{**outside, "citation": CITED, **more})


def limit(amount: int | Unknown, name: str = "therapy-visits", measure: str = "visits", **more: Any) -> Limit:
    """Build a limit."""
    return Limit(name, Measure(measure), amount, citation=CITED, **more)


def consequence(kind: str = "provider-absorbs", **more: Any) -> Consequence:
    """Build what a missing authorization brings."""
    return Consequence(IfMissing(kind), **more)


def authorization(
    from_visit: int | None = 1, if_missing: Consequence | None = None, outside: Consequence | None = None, **more: Any
) -> Authorization:
    """Build an authorization or referral rule."""
    return Authorization(
        from_visit,
        if_missing or consequence(),
        outside or consequence("patient-pays"),
        citation=more.pop("citation", CITED),
        **more,
    )


def benefit(
    in_network: CostShare | Tier | None = None, name: str = "physical-therapy", services: Iterable[str] = THERAPY,
    outside: CostShare | Tier | None = None, **more: Any,
) -> Benefit:  # fmt: skip
    """Build a benefit; in network it costs a copay of 40.00 where nothing is said."""
    shares = {IN_NETWORK: share("40.00") if in_network is None else in_network, **more.pop("tiers", {})}
    if outside is not None:
        shares[OUT_OF_NETWORK] = outside
    return Benefit(name, frozenset(services), shares, citation=CITED, **more)


def policy(position: Position, name: str = "needling", services: Iterable[str] = NEEDLING_CODES, **more: Any) -> Policy:
    """Build a payer's policy, on needling where nothing is said."""
    return Policy(name, frozenset(services), position, citation=CITED, **more)


def plan(
    *benefits: Benefit, networks: Iterable[Network] = (), limits: Iterable[Limit] = (), policies: Iterable[Policy] = (),
    **more: Any,
) -> Plan:  # fmt: skip
    """Build a plan; with neither benefit nor network it is one copay of 40.00 in network."""
    tiers = tuple(networks) or (network(),)
    parts: dict[str, Any] = {
        "id": "a-plan", "title": "A plan", "payer": "A payer", "kind": "example", "market": "employer",
        "in_force": Span(), "benefit_year": BenefitYear(), "sources": {},
    }  # fmt: skip
    return Plan(
        **{**parts, **more},
        networks={tier.name: tier for tier in tiers},
        limits={each.name: each for each in limits},
        benefits=benefits or (benefit(limits=tuple(each.name for each in limits)),),
        policies=tuple(policies),
    )


def line(code: str = "97110", allowed: str | None = "100.00", billed: str | None = None, **more: Any) -> Service:
    """Build a service with its allowed amount."""
    modifiers = frozenset(more.pop("modifiers", ()))
    prices = (None if each is None else usd(each) for each in (allowed, billed))
    return Service(code, more.pop("minutes", None), more.pop("units", None), modifiers, *prices, **more)


def course(
    visits: int = 1, *services: Service, first_day: date = FIRST_DAY, days_between: int = 7
) -> tuple[Visit, ...]:
    """Build visits of the same services, a week apart."""
    each = services or (line(),)
    return tuple(Visit(first_day + timedelta(days=days_between * index), each) for index in range(visits))


def on(day: str, *services: Service, network: str | None = None) -> Visit:
    """Build one visit on a day."""
    return Visit(date.fromisoformat(day), services or (line(),), network)


def days(*written: str) -> list[Visit]:
    """Build a visit on each day."""
    return [on(day) for day in written]


def used(deductible: str = "0.00", out_of_pocket: str = "0.00", **more: Any) -> Used:
    """Build opening balances; `family` and `family_out_of_pocket` are the family's."""
    family = usd(more.pop("family", "0.00")), usd(more.pop("family_out_of_pocket", "0.00"))
    return Used(usd(deductible), usd(out_of_pocket), *family, **more)


def request(visits: Iterable[Visit], **more: Any) -> Request:
    """Build a request that is asked on its first day."""
    booked = tuple(visits)
    return Request(more.pop("as_of", booked[0].day), booked, **more)


KINDS = {
    "97110": "therapy", "97140": "therapy", "97150": "therapy", "97161": "evaluation", "98940": "chiropractic",
    "20560": "needling", "20561": "needling",
}  # fmt: skip
CODES = {code: ServiceCode(code, kind, kind, timed=code in ("97110", "97140")) for code, kind in KINDS.items()}
_PAIRS = (Pair("97150", "97110", True, "in a group or alone"), Pair("97161", "97164", False, "one evaluation"))
LOW_BACK_PAIN = Diagnosis("M54.5", "low back pain", Span(None, date(2021, 9, 30)), ("M54.50",), "", "high")
# An exclusion is the patient's, what is investigational the clinic's unless a consent is signed, which is not usual;
# needling that nobody has read is usually excluded.
USUAL = UsualRules(
    "employer",
    ladder={
        Position.INVESTIGATIONAL: Rung(Borne.CLINIC, Borne.PATIENT),
        Position.NOT_MEDICALLY_NECESSARY: Rung(Borne.CLINIC, Borne.PATIENT),
        Position.EXCLUDED: Rung(Borne.PATIENT, Borne.PATIENT),
    },
    unread=Position.EXCLUDED,
)
TABLES = Tables(
    CODES,
    PairEdits("2024Q3", READ, {(pair.column_one, pair.column_two): pair for pair in _PAIRS}, frozenset()),
    Diagnoses(
        READ, {"M54.5": Diagnosis("M54.5", "low back pain", Span(None, date(2021, 9, 30)), ("M54.50",), "", "high")}
    ),
    usual={"employer": USUAL},
)


def tables(state: Scope | None = None, others: Mapping[str, Permission] | None = None) -> Tables:
    """Build the tables, in a state that says this of needling, and this of other professions."""
    if state is None:
        return TABLES
    rule = StateRule(
        "XX", "A state", state, "It depends.", "§ 1", board="A board", board_url="https://example.org/board",
        confidence="high", others=dict(others or {}),
    )  # fmt: skip
    return replace(TABLES, state=rule)


def book(year: int = 2026, factor: int = 1_000_000) -> PriceBook:
    """Build a price book in which one relative value is 100 dollars, where nothing is said.

    97110 and 97140 are therapy of one value each, of which 50 and 40 hundredths are practice expense;
    20561 is not paid by Medicare, 97010 bundled.
    """
    fees = (
        Fee("97110", "A", 49, 50, 50, 1, False, True, True),
        Fee("97140", "A", 59, 40, 40, 1, False, True, True),
        Fee("20561", "N", 60, 40, 40, 0, False, False, False),
        Fee("97010", "B", 10, 10, 10, 0, False, True, False),
    )
    return PriceBook(
        f"book-{year}-{factor}", year, "A", date(year, 1, 1), date(year, 12, 31), factor,
        {fee.code: fee for fee in fees}, {}, READ,
    )  # fmt: skip


PLACE = Locality("02102", "01", "AK", "A place", 1000, 1000, 1000)


def prices(*books: PriceBook, **more: Any) -> PriceSheet:
    """Build a price sheet: 90%, 100% and 150% of Medicare, and cash of 60.00, 80.00 and 120.00 for needling."""
    sheet: dict[str, Any] = {
        "regions": tuple(Region(each, PLACE) for each in (books or (book(),))),
        "ratios": {"office": Ratios(percent("90%"), percent("100%"), percent("150%"), CITED)},
        "cash": {"20561": CashRange(usd("60.00"), usd("80.00"), usd("120.00"), False, CITED)},
    }
    return PriceSheet(**{**sheet, **more})


def estimate_of(
    chosen: Plan, visits: Iterable[Visit] = (), sheet: PriceSheet | None = None, known: Tables = TABLES, **more: Any
) -> Estimate:
    """Run the engine on a plan and visits."""
    return estimate(request(visits or course(), **more), chosen, sheet or PriceSheet(), known, {})


def owes(chosen: Plan, visits: Iterable[Visit] = (), **more: Any) -> list[str]:
    """Return what the patient owes at each visit of the typical run."""
    return [str(visit.owes) for visit in estimate_of(chosen, visits, **more).typical.visits]


def ranged(answer: Estimate) -> tuple[str, str, str]:
    """Return the low, typical and high total."""
    return str(answer.low.owes), str(answer.typical.owes), str(answer.high.owes)


def lines_of(run: Run) -> list[LineEstimate]:
    """Return the lines of every visit of a run."""
    return [each for visit in run.visits for each in visit.lines]


def findings(run: Run) -> list[str]:
    """Return the names of what was found, with what each made the patient owe, line by line."""
    return [f"{type(step.finding).__name__} {step.owes}" for each in lines_of(run) for step in each.steps]


def statuses(run: Run) -> list[str]:
    """Return the statuses of the lines."""
    return [str(each.status) for each in lines_of(run)]


def kinds(named: Iterable[Any]) -> set[str]:
    """Return the kinds of questions, assumptions, conditions or crossing points."""
    names = ("asks", "assumes", "needs", "kind")
    return {str(next(getattr(each, name) for name in names if hasattr(each, name))) for each in named}


def under(*limits: Limit, cost: CostShare | None = None, **more: Any) -> Plan:
    """Build a plan whose therapy is free inside its limits."""
    names = tuple(each.name for each in limits)
    return plan(benefit(cost or share("0.00"), limits=names), limits=limits, **more)
