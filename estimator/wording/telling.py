"""Who reads, and what plans, networks, limits and services are called in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from estimator.engine.plan import Every, Limit, Measure, Plan
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.engine.values import Money, Unknown
from estimator.language import N_, _, ngettext, pgettext
from estimator.plans.read import UNTITLED
from estimator.wording.figures import counted, usd

Reader = Literal["patient", "biller"]
PATIENT: Reader = "patient"
BILLER: Reader = "biller"

_PERIODS: Mapping[Every, Callable[[], str]] = {
    Every.BENEFIT_YEAR: lambda: pgettext("how often", "a benefit year"),
    Every.CALENDAR_YEAR: lambda: pgettext("how often", "a calendar year"),
    Every.YEAR_FROM_FIRST: lambda: pgettext("how often", "a year from the first service"),
    Every.MONTH: lambda: pgettext("how often", "a month"),
    Every.WEEK: lambda: pgettext("how often", "a week"),
    Every.DAY: lambda: pgettext("how often", "a day"),
    Every.VISIT: lambda: pgettext("how often", "a visit"),
    Every.CONDITION: lambda: pgettext("how often", "for each condition"),
    Every.EPISODE: lambda: pgettext("how often", "for each episode of care"),
    Every.LIFETIME: lambda: pgettext("how often", "in a lifetime"),
}
_NOUNS = {
    Measure.VISITS: "visit",
    Measure.DAYS: "day",
    Measure.SESSIONS: "session",
    Measure.MODALITIES: "service",
    Measure.UNITS: "unit",
    Measure.MONTHS: "month",
}
# When a plan gives more than its limit.
IF_EXTENDED = {
    "improvement": N_("if your records show that you are getting better"),
    "justification": N_("if your provider explains in writing why you need more"),
    "authorization": N_("if your plan approves them in advance"),
    "diagnosis": N_("for some diagnoses"),
}
IF_NEEDED = N_("if you need them")
_MINUTES_OF_AN_HOUR = 60
_NO_NAME = N_("your insurer")


@dataclass(frozen=True, slots=True)
class Telling:
    """One reader's view of one plan; `names` are plain words for the codes."""

    plan: Plan
    names: Mapping[str, str]
    reader: Reader = PATIENT

    @property
    def payer(self) -> str:
        """Return what the insurer is called, within a sentence."""
        return payer_called(self.plan.payer)

    @property
    def plan_named(self) -> str:
        """Return what the plan is called, within a sentence."""
        return _("your plan") if self.plan.title == UNTITLED else _(self.plan.title)

    @property
    def is_self_pay(self) -> bool:
        """Tell whether there is no insurance."""
        return self.plan.market == "self-pay"

    def service(self, code: str) -> str:
        """Return what a service is called: in plain words for patients, by its code for billers."""
        if self.reader == BILLER:
            return code
        words = _(self.names.get(code, ""))
        return f"{words[:1].lower()}{words[1:]}" if words else _("the service with code {code}").format(code=code)

    def service_to_ask(self, code: str) -> str:
        """Return what to call a service on the telephone, where the code must be said."""
        words = _(self.names.get(code, ""))
        return f"{code} ({words[:1].lower()}{words[1:]})" if words else code

    def limit(self, name: str) -> str:
        """Return what a limit gives, such as `30 visits a benefit year`."""
        limit = self.plan.limits.get(name)
        if limit is None or isinstance(limit.amount, Unknown):
            return _("a number of {things} that we do not know").format(things=plain(name) or _("visits"))
        return f"{amount_of(limit.measure, limit.amount)} {period_of(limit)}"

    def what_of(self, name: str) -> str:
        """Return what a limit is on, to stand before what it gives; nothing where it is on all that the plan covers."""
        is_of_all = all(name in benefit.limits for benefit in self.plan.benefits)
        return "" if is_of_all or name not in self.plan.limits else f"{plain(name)}: "

    def limit_with_extension(self, name: str) -> str:
        """Return what a limit gives, with what it gives beyond that on conditions."""
        limit = self.plan.limits.get(name)
        if limit is None or limit.extension is None:
            return self.limit(name)
        condition = _(IF_EXTENDED.get(limit.extension.needs, IF_NEEDED))
        words = _("{limit}, and up to {number} more {condition}")
        return words.format(limit=self.limit(name), number=limit.extension.amount, condition=condition)


def payer_called(name: str) -> str:
    """Return what an insurer of this name is called within a sentence, where a template's “Your state” starts small.

    >>> payer_called("Your insurer"), payer_called(""), payer_called("Your state"), payer_called("Evergreen")
    ('your insurer', 'your insurer', 'your state', 'Evergreen')
    """
    within = f"{name[:1].lower()}{name[1:]}" if name.startswith("Your ") else name
    return _(within or _NO_NAME)


def amount_of(measure: str, amount: int) -> str:
    """Write an amount in a limit's own measure.

    >>> amount_of("dollars", 90000), amount_of("hours", 90), amount_of("visits", 1)
    ('$900.00', '1.5 hours', '1 visit')
    """
    if measure == Measure.DOLLARS:
        return usd(Money(amount))
    if measure == Measure.HOURS:
        hours, minutes = divmod(amount, _MINUTES_OF_AN_HOUR)
        tenths = f".{minutes * 10 // _MINUTES_OF_AN_HOUR}" if minutes else ""
        is_one = (hours, minutes) == (1, 0)
        return ngettext("{number} hour", "{number} hours", 1 if is_one else 2).format(number=f"{hours}{tenths}")
    return counted(amount, _NOUNS.get(Measure(measure), "visit"))


def plain(name: str) -> str:
    """Return a name of a plan file as words.

    >>> plain("physical-therapy")
    'physical therapy'
    """
    return _(name.replace("-", " ").replace("_", " "))


def in_the_network(name: str) -> str:
    """Return where care takes place, as the end of a sentence.

    >>> in_the_network("out-of-network"), in_the_network("tier-2")
    ('outside its network', 'in its network tier “tier 2”')
    """
    if name == IN_NETWORK:
        return _("in its network")
    if name == OUT_OF_NETWORK:
        return _("outside its network")
    return _("in its network tier “{tier}”").format(tier=plain(name))


def period_of(limit: Limit) -> str:
    """Return after which time a limit starts again."""
    if limit.every is Every.ROLLING_DAYS:
        return _("in any {number} days").format(number=limit.window)
    if limit.every is Every.ROLLING_MONTHS:
        return _("in any {number} months").format(number=limit.window)
    return _PERIODS[limit.every]()
