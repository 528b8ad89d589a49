"""What a run finds besides money: questions, assumptions, conditions and crossing points, each with its kinds.

Each run has one log, and the log is the only thing that rules write to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from estimator.engine.values import Citation


class QuestionKind(StrEnum):
    """What a question asks: only the plan, or the patient, can say."""

    NEEDLING_POLICY = "needling-policy"
    BENEFIT_LISTS_SERVICE = "benefit-lists-service"
    NETWORK_COVER = "network-cover"
    COST_SHARE = "cost-share"
    DEDUCTIBLE = "deductible"
    OUT_OF_POCKET_MAX = "out-of-pocket-max"
    LIMIT = "limit"
    LIMIT_EXEMPTION = "limit-exemption"
    PAST_LIMIT = "past-limit"
    AUTHORIZATION_NEEDED = "authorization-needed"
    AUTHORIZATION_CONSEQUENCE = "authorization-consequence"
    REFERRAL_NEEDED = "referral-needed"
    REFERRAL = "referral"
    DIAGNOSIS = "diagnosis"
    AGE = "age"
    SYMPTOM_WEEKS = "symptom-weeks"
    PURPOSE = "purpose"
    STATE = "state"
    BALANCE_BILL = "balance-bill"
    FAMILY_RULE = "family-rule"
    FAMILY_COVER = "family-cover"
    LIABILITY = "liability"
    DEDUCTIBLE_VISITS_COUNT = "deductible-visits-count"
    IN_WRITING = "in-writing"
    POLICY_ASK = "policy-ask"
    POLICY_ASK_CLINIC = "policy-ask-clinic"
    ZIP_STRADDLES = "zip-straddles"
    MULTIPLE_PROCEDURE_REDUCTION = "multiple-procedure-reduction"


class AssumptionKind(StrEnum):
    """What an estimate takes for granted where the plan or the person is silent."""

    AUTHORIZATION_GRANTED = "authorization-granted"
    REFERRAL_GIVEN = "referral-given"
    IMPROVEMENT_SHOWN = "improvement-shown"
    JUSTIFICATION_GIVEN = "justification-given"
    CONSENT_NOT_SIGNED = "consent-not-signed"
    EXCLUDED_MAY_BE_BILLED = "excluded-may-be-billed"
    DEDUCTIBLE_VISITS_COUNT = "deductible-visits-count"
    NEVER_ABOVE_ALLOWED = "never-above-allowed"
    PAST_LIMIT_NOT_COUNTED = "past-limit-not-counted"
    CLINIC_ABSORBS_MISSING_AUTHORIZATION = "clinic-absorbs-missing-authorization"
    PATIENT_PAYS_MISSING_AUTHORIZATION = "patient-pays-missing-authorization"
    SELF_ONLY_COVER = "self-only-cover"
    REGIONAL_PRICE = "regional-price"
    CASH_PRICE = "cash-price"
    EXPERIENCE_FACTOR = "experience-factor"
    COINSURANCE_PER_LINE = "coinsurance-per-line"
    COPAY_BEFORE_COINSURANCE = "copay-before-coinsurance"
    LIMIT_NOT_REACHED = "limit-not-reached"
    USED_AMOUNTS_EXPIRED = "used-amounts-expired"
    DEARER_READING = "dearer-reading"
    POLICY_OVER_PLAN = "policy-over-plan"
    PLAN_OVER_PAYER = "plan-over-payer"
    PAYER_ASKS_PERMISSION = "payer-asks-permission"
    BENEFIT_YEAR_CALENDAR = "benefit-year-calendar"
    PLAN_RULES_CONTINUE = "plan-rules-continue"
    LATEST_PRICE_BOOK = "latest-price-book"
    EARLIEST_PRICE_BOOK = "earliest-price-book"
    GRANT_SPENT_BY_NEEDING_VISITS = "grant-spent-by-needing-visits"
    TOLD_BY_PLAN = "told-by-plan"
    PER_PERSON_MAXIMUM = "per-person-maximum"


class ConditionKind(StrEnum):
    """What the typical figure takes as met, or as not done, and is priced the other way too."""

    AUTHORIZATION = "authorization"
    REFERRAL = "referral"
    IMPROVEMENT = "improvement"
    JUSTIFICATION = "justification"
    CONSENT = "consent"
    TOLD = "told"
    TOLD_OTHERWISE = "told-otherwise"
    VISITS_LEFT = "visits-left"


class CrossingKind(StrEnum):
    """What changes at a visit: a deductible is met, a limit is reached, an authorization ends."""

    DEDUCTIBLE_MET = "deductible-met"
    OUT_OF_POCKET_MAX_REACHED = "out-of-pocket-max-reached"
    LIMIT_REACHED = "limit-reached"
    LIMIT_PASSED = "limit-passed"
    EXTENSION_STARTS = "extension-starts"
    MODIFIER_FROM = "modifier-from"
    AUTHORIZATION_FROM = "authorization-from"
    AUTHORIZATION_ENDS = "authorization-ends"
    REFERRAL_FROM = "referral-from"
    BENEFIT_YEAR_RESTARTS = "benefit-year-restarts"


@dataclass(slots=True)
class Log:
    """Questions and assumptions by kind and subject; needs by kind, with the visits that have them.

    A run reads everything unknown in one way: `favors_patient` is in the patient's favor, otherwise against. Rules
    ask for that reading with `doubt` or `assume_favorable`, which note in `is_unsure` that it mattered. `holds` is
    how a run reads a `when` that cannot be decided; rules ask with `assume_holds`, which notes it in `is_split`.
    """

    favors_patient: bool = False
    holds: bool = True
    questions: dict[tuple[QuestionKind, str], Citation | None] = field(default_factory=dict)
    assumptions: dict[tuple[AssumptionKind, str], Citation | None] = field(default_factory=dict)
    needs: dict[ConditionKind, Need] = field(default_factory=dict)
    turns: dict[tuple[CrossingKind, str], int] = field(default_factory=dict)
    is_unsure: bool = False
    is_split: bool = False

    def ask(self, asks: QuestionKind, subject: str = "", citation: Citation | None = None) -> None:
        """Note a question that does not change this run."""
        self.questions.setdefault((asks, subject), citation)

    def doubt(self, asks: QuestionKind, subject: str = "", citation: Citation | None = None) -> bool:
        """Note a question whose answer would change the amounts; return whether it is read in the patient's favor."""
        self.is_unsure = True
        self.questions.setdefault((asks, subject), citation)
        return self.favors_patient

    def assume_favorable(self) -> bool:
        """Return whether what is unknown is read in the patient's favor, where the question is already noted."""
        self.is_unsure = True
        return self.favors_patient

    def assume_holds(self) -> bool:
        """Return whether a `when` is read as holding, where a fact that it needs is not known."""
        self.is_split = True
        return self.holds

    def assume(self, assumes: AssumptionKind, subject: str = "", citation: Citation | None = None) -> None:
        """Note something taken for granted."""
        self.assumptions.setdefault((assumes, subject), citation)

    def adopt(self, other: Log) -> None:
        """Take over the questions, the assumptions and the doubts of a second plan's run."""
        self.is_unsure = self.is_unsure or other.is_unsure
        self.is_split = self.is_split or other.is_split
        for question, citation in other.questions.items():
            self.questions.setdefault(question, citation)
        for assumption, citation in other.assumptions.items():
            self.assumptions.setdefault(assumption, citation)

    def need(self, kind: ConditionKind, visit: int, administrator: str, citation: Citation | None) -> None:
        """Note that a visit rests on something that is not yet known to be there."""
        need = self.needs.get(kind)
        if need is None:
            need = self.needs[kind] = Need(administrator, citation)
        need.visits.add(visit)

    def turn(self, kind: CrossingKind, subject: str, visit: int) -> None:
        """Note a turning point at the first visit where it shows."""
        self.turns.setdefault((kind, subject), visit)

    def turn_at(self, kind: CrossingKind, subject: str, visit: int) -> None:
        """Note a turning point at this visit, in place of an earlier one: only then is it the last of its kind."""
        self.turns[kind, subject] = visit


@dataclass(slots=True)
class Need:
    """A need, with the numbers of the visits that rest on it."""

    administrator: str
    citation: Citation | None
    visits: set[int] = field(default_factory=set)
