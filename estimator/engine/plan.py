"""A health plan as the engine reads it: networks, cost shares, limits, authorization rules, benefits and policies.

Every field is a word of the plan file (docs/plan-language.md). `UNKNOWN` is a legal value wherever a
booklet may be silent: the engine then reads it once in the patient's favor and once against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum

from estimator.engine.values import ALWAYS, UNKNOWN, Amount, BenefitYear, Citation, Money, Rate, Source, Span, Unknown

# Networks of a plan: what is met first, what is paid at most, and what the allowed amount rests on.


class FamilyRule(StrEnum):
    """How a family's deductible or maximum relates to a person's."""

    EMBEDDED = "embedded"  # a person's own amount or the family's, whichever is met first
    AGGREGATE = "aggregate"  # with family coverage only the family's amount counts
    PER_PERSON = "per-person"  # only the person's amount counts


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A deductible or an out-of-pocket maximum.

    `person` is the amount with self-only coverage, `family_member` the person's part within a family
    where it differs. Ceilings of two networks with the same `shared` name fill together; `also_credits`
    names further ones that a dollar fills beside its own. `carry_over_months`: what was paid in the last
    months of a benefit year counts in the next one too.
    """

    name: str
    person: Amount
    family: Amount | None = None
    family_member: Amount | None = None
    family_rule: FamilyRule | Unknown = FamilyRule.EMBEDDED
    also_credits: tuple[str, ...] = ()
    carry_over_months: int = 0
    per_condition: bool = False
    includes_deductible: bool = True
    includes_drugs: bool = False
    citation: Citation | None = None


class Basis(StrEnum):
    """What the plan's allowed amount rests on where no contract is at hand."""

    CONTRACT = "contract"  # negotiated and not stated in the plan: estimated from the region
    MEDICARE = "medicare"  # percent of the Medicare amount of the locality
    CHARGES = "charges"  # percent of what the clinic charges
    PER_VISIT = "per-visit"  # one amount swallows every line of a visit
    CASE_RATE = "case-rate"  # one amount swallows every line of the course
    FEE_SCHEDULE = "fee-schedule"  # an amount per code and unit


@dataclass(frozen=True, slots=True)
class Allowed:
    """How the allowed amount arises in a network; `fees` are cents per unit by code.

    `reduced_in` are the settings in which multiple procedures are reduced, empty for all. `minutes_rule` is empty where
    nobody has read it; where it is only what is usual, `minutes_usual` says where that was read.
    """

    basis: Basis = Basis.CONTRACT
    percent: Rate | None = None
    amount: Money | None = None
    fees: Mapping[str, Money] = field(default_factory=dict)
    reduces_multiple_procedures: bool | Unknown = False
    reduced_in: frozenset[str] = frozenset()
    reduction: Rate = Rate(500_000)
    lesser_of_billed: bool = False
    minutes_rule: str = ""  # eight-minute or midpoint
    minutes_usual: Citation | None = None
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class ForAssistants:
    """The part of its own payment that a plan pays where an assistant treats; the patient's share stays."""

    rate: Rate
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """One network tier; `contracted` tells whether the clinic has promised the plan not to bill beyond it.

    `limiting_charge` is the most that the clinic may ask for a covered service, as a part of the allowed amount.
    `free_by_indian_health` cites why what an Indian health care provider gives or refers leaves the patient no share.
    `high_deductible` cites that it goes with a health savings account (HSA), whose law bounds its amounts.
    """

    name: str
    covered: bool | Unknown = True
    contracted: bool = True
    deductible: Ceiling | Unknown | None = None
    out_of_pocket_max: Ceiling | Unknown | None = None
    allowed: Allowed = Allowed()
    balance_bill: bool | Unknown = False
    limiting_charge: Rate | None = None
    for_assistants: ForAssistants | None = None
    free_by_indian_health: Citation | None = None
    high_deductible: Citation | None = None
    citation: Citation | None = None


# Cost sharing: copay, coinsurance and how they stand to the deductible.


class DeductibleOrder(StrEnum):
    """Whether, and before or after the copay, a charge goes to the deductible."""

    WAIVED = "waived"
    APPLIES = "applies"  # deductible first, then copay and coinsurance ("copay after deductible")
    AFTER_COPAY = "after-copay"  # copay first, the rest to the deductible ("copay before deductible")
    WITH_COPAY = "with-copay"  # as after-copay, and the copay itself counts toward the deductible


class Per(StrEnum):
    """What one copay covers."""

    VISIT = "visit"
    DAY = "day"
    PROVIDER_DAY = "provider-day"
    LINE = "line"
    UNIT = "unit"


A_LINE = frozenset({Per.LINE, Per.UNIT})
"""A copay per one of these is of a line; any other is charged once for the whole visit."""


@dataclass(frozen=True, slots=True)
class CostShare:
    """What the patient pays for a covered line in one network.

    Copay and coinsurance may stand together: the copay is taken first and the coinsurance of the rest,
    or of the whole amount after the deductible where `coinsurance_of_allowed`. `by_visit` holds steps
    (last visit of the step or None, share of the step), counted by the limit named `counter` or, where
    that is empty, by this benefit's visits in the benefit year. `not_above` is another benefit's share
    that this one may not exceed.
    """

    copay: Amount | None = None
    coinsurance: Rate | Unknown | None = None
    per: Per = Per.VISIT
    deductible: DeductibleOrder | Unknown = DeductibleOrder.WAIVED
    coinsurance_of_allowed: bool = False
    never_above_allowed: bool = True
    credits_deductible: bool = False
    credits_out_of_pocket: bool = True
    copay_group: str = ""
    max_per_visit: Money | None = None
    plan_pays_at_most: Money | None = None
    by_visit: tuple[tuple[int | None, CostShare], ...] = ()
    counter: str = ""
    not_above: CostShare | None = None
    citation: Citation | None = None

    @property
    def is_plain(self) -> bool:
        """Tell whether it is one share on every visit: no other one beside it, no bound on what the plan pays."""
        return not self.by_visit and self.plan_pays_at_most is None and self.not_above is None

    @property
    def counters(self) -> set[str]:
        """Return the names of limits that count visits for it, or for another share that it holds."""
        inner = (step for _, step in self.by_visit)
        return {self.counter}.union(*(each.counters for each in (*inner, self.not_above) if each is not None))


class Tier(Enum):
    """The two answers a benefit can give for a network other than a cost share."""

    NOT_COVERED = "not-covered"
    UNKNOWN = "unknown"


# When a rule holds: diagnosis, age, provider, setting, state, modifier and day.
#
# The answer has three values, since a person may not have said: yes, no, or `None` for not known.


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known about one line of one visit when rules are chosen; `None` is not known."""

    day: date
    provider: str
    setting: str
    state: str | None
    diagnoses: tuple[str, ...] | None
    symptom_weeks: int | None
    age: int | None
    purpose: str | None
    modifiers: frozenset[str]


@dataclass(frozen=True, slots=True)
class When:
    """Conditions that must all hold; an empty one does not ask.

    `diagnoses` are ICD-10-CM codes, or their beginnings ending in `*`. `primary` asks the first
    diagnosis only. `symptom_weeks` is the least number of weeks since the complaint began.
    """

    diagnoses: tuple[str, ...] = ()
    not_diagnoses: tuple[str, ...] = ()
    primary: bool = False
    symptom_weeks: int = 0
    from_age: int | None = None
    to_age: int | None = None
    providers: frozenset[str] = frozenset()
    settings: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    modifiers: frozenset[str] = frozenset()
    span: Span = ALWAYS

    def holds(self, case: Circumstances) -> bool | None:
        """Tell whether the rule applies: True, False, or None where a needed fact is not known."""
        if self is ANYTIME:
            return True
        answers = tuple(self._answers(case))
        if False in answers:
            return False
        return None if None in answers else True

    def _answers(self, case: Circumstances) -> list[bool | None]:
        answers: list[bool | None] = [case.day in self.span]
        for wanted, actual in (
            (self.providers, case.provider),
            (self.settings, case.setting),
            (self.states, case.state),
            (self.purposes, case.purpose),
        ):
            if wanted:
                answers.append(None if actual is None else actual in wanted)
        if self.modifiers:
            answers.append(not self.modifiers.isdisjoint(case.modifiers))
        answers += [self._age(case.age), self._weeks(case.symptom_weeks), self._diagnosis(case.diagnoses)]
        return answers

    def _age(self, age: int | None) -> bool | None:
        if self.from_age is None and self.to_age is None:
            return True
        if age is None:
            return None
        return (self.from_age or 0) <= age and (self.to_age is None or age <= self.to_age)

    def _weeks(self, weeks: int | None) -> bool | None:
        if not self.symptom_weeks:
            return True
        return None if weeks is None else weeks >= self.symptom_weeks

    def _diagnosis(self, diagnoses: tuple[str, ...] | None) -> bool | None:
        if not self.diagnoses and not self.not_diagnoses:
            return True
        if diagnoses is None:
            return None
        asked = diagnoses[:1] if self.primary else diagnoses
        if any(matches(code, self.not_diagnoses) for code in asked):
            return False
        return not self.diagnoses or any(matches(code, self.diagnoses) for code in asked)


def matches(code: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether a code is one of the patterns, where `M54*` stands for every code that starts so."""
    return any(code.startswith(p[:-1]) if p.endswith("*") else code == p for p in patterns)


ANYTIME = When()


@dataclass(frozen=True, slots=True)
class Benefit:
    """A group of services with one cost share per network, limits and an authorization rule.

    `deductible`, where given, stands in place of the plan's for this benefit alone, and `authorization_by_code`
    for one code in place of `authorization`.
    """

    name: str
    services: frozenset[str]
    cost_share: Mapping[str, CostShare | Tier]
    limits: tuple[str, ...] = ()
    when: When = ANYTIME
    authorization: Authorization | Unknown | None = None
    authorization_by_code: Mapping[str, Authorization | None] = field(default_factory=dict)
    referral: Authorization | Unknown | None = None
    without_authorization: CostShare | None = None
    deductible: Ceiling | None = None
    citation: Citation | None = None


class Position(StrEnum):
    """What a payer's medical policy says of a procedure."""

    COVERED = "covered"
    COVERED_IN_THERAPY = "covered-in-therapy"
    BUNDLED = "bundled"
    INVESTIGATIONAL = "investigational"
    NOT_MEDICALLY_NECESSARY = "not-medically-necessary"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


class Liable(StrEnum):
    """Who bears a line that is not covered, in network."""

    PATIENT = "patient"
    PATIENT_WITH_CONSENT = "patient-with-consent"
    PROVIDER = "provider"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Policy:
    """A payer's position on some services by date of service.

    `sole_service_denied` means that a visit with nothing else is not paid at all. `under` names the
    benefit that a covered line falls in.
    """

    name: str
    services: frozenset[str]
    position: Position
    in_force: Span = ALWAYS
    when: When = ANYTIME
    sole_service_denied: bool = False
    liable: Liable | None = None
    under: str = ""
    ask: str = ""
    ask_clinic: str = ""
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Supplement:
    """What a plan pays of the parts that Original Medicare leaves to the patient: Medigap, TRICARE For Life, QMB.

    `after` names the plan that pays first. `copay` stays with the patient at each visit, up to the coinsurance; whether
    therapy visits have it may be unknown. Once the patient has paid `limit` in a year, the coinsurance is paid whole.
    """

    after: str
    deductible: Rate
    coinsurance: Rate
    excess: Rate | Unknown
    copay: Money | None = None
    copay_applies: bool | Unknown = True
    limit: Money | None = None
    may_bill: bool = True
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class CodeRule:
    """A code as somebody keeps it: it counts like another one, in `classes` or, without those, in the classes of it."""

    code: str
    words: str
    timed: bool
    like: str
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """One revision of a plan. `fingerprint` is the SHA-256 of the texts that it was read from.

    `is_other_insurer` marks one of them whose insurer is not the first one's: no approval and no count crosses to it.
    One with a `supplement` has neither networks nor benefits: it pays only after another plan.
    `codes` are the codes that somebody published, by which its classes were read.
    `insurer` is what our registry calls the company that the payer belongs to, empty where it doesn't know.
    `successor` names the plan that follows it, empty where that has the same id. `later` are the revisions that follow
    within a course, by first day: the same plan's next year, the plan that the person is moved to, or the same plan
    under other rules of its payer. One that `goes_on` holds in a year whose own rules nobody knows yet.
    """

    id: str
    title: str
    payer: str
    kind: str
    market: str
    in_force: Span
    benefit_year: BenefitYear | Unknown
    networks: Mapping[str, Network]
    limits: Mapping[str, Limit]
    benefits: tuple[Benefit, ...]
    policies: tuple[Policy, ...]
    sources: Mapping[str, Source]
    notes: tuple[tuple[str, Citation], ...] = ()
    fingerprint: str = ""
    successor: str = ""
    supplement: Supplement | None = None
    is_other_insurer: bool = False
    goes_on: bool = False
    insurer: str = ""
    codes: tuple[CodeRule, ...] = ()
    later: tuple[Plan, ...] = ()

    def on(self, day: date) -> Plan:
        """Return the revision whose rules hold on a day: the last one that has begun, this one before and between."""
        begun = [each for each in self.later if each.in_force.first_day is None or each.in_force.first_day <= day]
        return begun[-1] if begun else self

    def is_provisional(self, day: date) -> bool:
        """Tell whether the rules of this day are those of a year that is over: nobody knows the next ones yet."""
        plan = self.on(day)
        return plan.goes_on or (plan.in_force.last_day is not None and day > plan.in_force.last_day)

    def benefit(self, name: str) -> Benefit:
        """Return the benefit of that name; raise KeyError where the plan has none."""
        for benefit in self.benefits:
            if benefit.name == name:
                return benefit
        raise KeyError(name)


# Limits: buckets of visits, units or dollars that one or several benefits fill together.


class Measure(StrEnum):
    """What a limit counts."""

    VISITS = "visits"
    DAYS = "days"
    SESSIONS = "sessions"
    HOURS = "hours"
    MODALITIES = "modalities"
    UNITS = "units"
    DOLLARS = "dollars"
    MONTHS = "months"


class DollarsOf(StrEnum):
    """Which dollars fill a dollar limit."""

    ALLOWED = "allowed"
    PAID = "paid"
    BILLED = "billed"


class Counting(StrEnum):
    """Which lines of a date count as one."""

    ONE_PER_DATE = "one-per-date"
    ONE_PER_DISCIPLINE = "one-per-discipline-per-date"
    ONE_PER_PROVIDER = "one-per-provider-per-date"
    ONE_PER_VISIT = "one-per-visit"
    ONE_PER_LINE = "one-per-line"


class Past(StrEnum):
    """What happens to a line past the limit."""

    PATIENT_PAYS = "patient-pays"  # hard: the allowed amount, which fills no accumulator
    PROVIDER_ABSORBS = "provider-absorbs"
    NEEDS_AUTHORIZATION = "needs-authorization"  # soft
    CONTINUES = "continues"  # a marker: care goes on, perhaps with a modifier


class Every(StrEnum):
    """The period after which a limit starts again."""

    BENEFIT_YEAR = "benefit-year"
    CALENDAR_YEAR = "calendar-year"
    YEAR_FROM_FIRST = "year-from-first-service"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    VISIT = "visit"
    ROLLING_DAYS = "rolling-days"
    ROLLING_MONTHS = "rolling-months"
    CONDITION = "condition"
    EPISODE = "episode"
    LIFETIME = "lifetime"


CROSSING = frozenset(
    {Every.YEAR_FROM_FIRST, Every.ROLLING_DAYS, Every.ROLLING_MONTHS, Every.CONDITION, Every.EPISODE, Every.LIFETIME}
)
"""The periods that no new benefit year ends: what was used of such a limit counts on."""


@dataclass(frozen=True, slots=True)
class Extension:
    """Visits beyond a limit, given on documented improvement, on authorization or for a diagnosis."""

    amount: int
    needs: str  # improvement, justification, authorization, diagnosis
    when: When = ANYTIME
    modifier: str = ""
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket that one or several benefits fill together.

    `amount` is in the measure's own unit: cents for dollars, minutes for hours, otherwise a count.
    `window` is the number of rolling days or months. `networks` empty means all of them. `counts_other_therapy` tells
    whether visits of occupational or speech therapy use it up too.
    One that is not `confirmed` was read out of free text: only the high run counts on it.
    """

    name: str
    measure: Measure
    amount: int | Unknown
    every: Every = Every.BENEFIT_YEAR
    window: int = 0
    counting: Counting = Counting.ONE_PER_DATE
    dollars_of: DollarsOf = DollarsOf.ALLOWED
    services: frozenset[str] = frozenset()
    not_counted: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    exempt: When | None = None
    counts_deductible_visits: bool | Unknown | None = None  # None: the plan is silent; they count
    counts_other_therapy: bool | Unknown = UNKNOWN
    past: Past | Unknown = Past.PATIENT_PAYS
    confirmed: bool = True
    modifier: str = ""
    extension: Extension | None = None
    citation: Citation | None = None


# Prior authorization and referral: when a plan wants one, and who bears a missing one.


class IfMissing(StrEnum):
    """What the plan does with a line whose authorization is missing."""

    PROVIDER_ABSORBS = "provider-absorbs"
    PATIENT_PAYS = "patient-pays"
    REDUCED = "reduced"  # the plan pays only a percentage of what it would have paid
    PENALTY = "penalty"  # a flat amount, once a course
    OTHER_COST_SHARE = "other-cost-share"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a missing authorization costs and whom; a penalty fills the maximum only where `credits`."""

    kind: IfMissing
    percent: Rate | None = None
    penalty: Money | None = None
    credits: bool = False


@dataclass(frozen=True, slots=True)
class Authorization:
    """From which visit an authorization (or a referral) is needed.

    `from_visit` 1 is from the first, `None` never. The first `waiver_visits` (within `waiver_days` of the
    first one, 0 for any time) need a request but no review. Visits are counted by the limit named
    `counter`, by `course`, or, where it is empty, by the benefit's first limit. A gap of
    `restart_gap_days` starts the count again. `if_missing` is for contracted networks where no other is named.
    `contested` is a source that says the opposite of whether it is needed.
    """

    from_visit: int | None
    if_missing: Consequence
    if_missing_out_of_network: Consequence
    exempt: frozenset[str] = frozenset()
    only_for: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    when: When = ANYTIME
    waiver_visits: int = 0
    waiver_days: int = 0
    counter: str = ""
    restart_gap_days: int = 0
    administrator: str = ""
    how_to_ask: str = ""
    turnaround_days: int | None = None
    grant_days: int | None = None
    citation: Citation | None = None
    contested: Citation | None = None

    def covers(self, code: str) -> bool:
        """Tell whether lines of this code can need it at all."""
        return code not in self.exempt and (not self.only_for or code in self.only_for)
