"""What an authorization check answers: values only, in the words of the engine.

Whether a code is valid, whether an authorization is needed and whether the plan pays are three facts, each with an
answer of its own; "not known" is one of the answers and brings a question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from estimator.engine.answer import Condition, Estimate, Status, Step
from estimator.engine.coding import DenialPolicy, Modifier
from estimator.engine.coverage import Paper, Who
from estimator.engine.plan import Authorization, Plan
from estimator.engine.values import Citation, Money


class Answer(StrEnum):
    """The answer to one question of fact."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Habits:
    """What the clinic has decided: its Medicare modifiers, and business days where a payer's turnaround is not known.

    `safety_days` are business days between the payer's answer and the visit.
    """

    denial: DenialPolicy = field(default_factory=DenialPolicy)
    turnaround_days: int = 10
    safety_days: int = 2


@dataclass(frozen=True, slots=True)
class Fact:
    """One answer with the reason (`why`, a name) and where it was read; `step` is the engine's own reason.

    `subject` names a benefit, policy or network, `number` a visit or a number of visits.
    """

    answer: Answer
    why: str
    subject: str = ""
    number: int = 0
    citation: Citation | None = None
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Liability:
    """Who bears the line in a case, and what helps: `cause` is authorization-missing, referral-missing or not-paid."""

    cause: str
    who: Who
    papers: tuple[Paper, ...]
    consequence: str = ""
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """Visits in a row at which a line has the same answers.

    `plan_pays` is what the plan pays at the first of them, `with_assistant` what it pays where an assistant treats.
    """

    visits: tuple[int, ...]
    first_day: date
    last_day: date
    units: int
    status: Status
    authorization: Fact
    payable: Fact
    modifiers: tuple[Modifier, ...]
    liabilities: tuple[Liability, ...]
    plan_pays: Money
    with_assistant: Money | None = None


@dataclass(frozen=True, slots=True)
class LineCheck:
    """One line of the course: its code, the modifiers that are written on it, and its answers visit by visit."""

    code: str
    written: tuple[str, ...]
    valid: Fact
    spells: tuple[Spell, ...]


class VisitAuthorization(StrEnum):
    """Whether a visit needs an authorization, and has one."""

    NOT_NEEDED = "not-needed"
    REQUEST_ONLY = "request-only"
    ON_FILE = "on-file"
    NEEDED = "needed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stage:
    """Visits in a row with the same authorization status; nothing is known about the codes in `unsure`."""

    authorization: VisitAuthorization
    visits: tuple[int, ...]
    first_day: date
    last_day: date
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """A request to send: `kind` is request (no review), first, renewal, or new, to another insurer.

    Days are business days.

    `is_known` tells whether the plan file states the turnaround, `is_over` that the visit lies in the past. Sent on the
    day of asking, no visit before `earliest` can be covered; `at_risk` are the visits that would come too early.
    """

    kind: str
    visit: int
    day: date
    send_by: date
    turnaround_days: int
    is_known: bool
    safety_days: int
    is_late: bool
    is_over: bool
    earliest: date
    at_risk: tuple[int, ...]
    administrator: str = ""
    how_to_ask: str = ""
    grant_days: int | None = None
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class RuleRead:
    """What a plan says on authorization (or referral, by `kind`) for a benefit of the course."""

    kind: str
    benefit: str
    rule: Authorization
    is_contracted: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The stages of the course, where the authorization on file ends, and what to send."""

    stages: tuple[Stage, ...]
    last_authorized_visit: int | None
    authorized_to: date | None
    sendings: tuple[Sending, ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit over the course, in its own measure; `of` None is not read, `used` None was not told.

    `past` is the first visit with a line beyond it, `modifier` what such lines carry where care goes on.
    """

    name: str
    measure: str
    of: int | None
    used: int | None
    used_after: int
    past: int | None
    modifier: str = ""
    citation: Citation | None = None

    @property
    def left(self) -> int | None:
        """Return what is left before the course."""
        return None if self.of is None or self.used is None else max(0, self.of - self.used)

    @property
    def left_after(self) -> int | None:
        """Return what is left after the course."""
        return None if self.of is None else max(0, self.of - self.used_after)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of the check itself; `subject` names a code, a limit or a benefit."""

    asks: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """The whole answer; `estimate` is the engine's own, of which everything here is read."""

    plan: Plan
    as_of: date
    lines: tuple[LineCheck, ...]
    timeline: Timeline
    rules: tuple[RuleRead, ...]
    buckets: tuple[Bucket, ...]
    asks: tuple[Ask, ...]
    conditions: tuple[Condition, ...]
    estimate: Estimate
    habits: Habits
