"""Who reads, and what plans, networks, limits, services, money and days are called in a sentence.

Money is written alike in all of them: `es_US` writes $1,234.50 too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from estimator.engine.plan import Every, Limit, Measure, Plan
from estimator.engine.request import IN_NETWORK, OUT_OF_NETWORK
from estimator.engine.values import Money, Unknown
from estimator.language import ENGLISH, LOCALES, N_, _, ngettext, pgettext, spoken
from estimator.plans.read import DESCRIBED, UNTITLED

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_SPELT_OUT = {"kx": "KX", "pt": "PT", "clbp": "for chronic low back pain", "snf": "SNF"}
# What is counted, by its name in English; a new noun is added here, so that every language has both of its forms.
COUNTED: Mapping[str, Callable[[int], str]] = {
    "answer": lambda number: ngettext("{number} answer", "{number} answers", number),
    "business day": lambda number: ngettext("{number} business day", "{number} business days", number),
    "day": lambda number: ngettext("{number} day", "{number} days", number),
    "minute": lambda number: ngettext("{number} minute", "{number} minutes", number),
    "month": lambda number: ngettext("{number} month", "{number} months", number),
    "plan": lambda number: ngettext("{number} plan", "{number} plans", number),
    "service": lambda number: ngettext("{number} service", "{number} services", number),
    "session": lambda number: ngettext("{number} session", "{number} sessions", number),
    "unit": lambda number: ngettext("{number} unit", "{number} units", number),
    "visit": lambda number: ngettext("{number} visit", "{number} visits", number),
}
# Spanish says “e” for “y”, and “u” for “o”, before a word that sounds alike.
_LIKE_I, _LIKE_O = ("i", "hi", "í"), ("o", "ho", "ó", "8", "11 ")


def usd(amount: Money) -> str:
    """Write an amount with its sign of currency.

    >>> usd(Money(123450)), usd(Money(-500))
    ('$1,234.50', '-$5.00')
    """
    dollars, cents = divmod(abs(int(amount)), 100)
    return f"{'-' if amount < 0 else ''}${dollars:,}.{cents:02d}"


def whole_usd(amount: Money) -> str:
    """Write an estimated amount in whole dollars, half a dollar up.

    >>> whole_usd(Money(48049)), whole_usd(Money(150050)), whole_usd(Money(0))
    ('$480', '$1,501', '$0')
    """
    return f"${(int(amount) + 50) // 100:,}"


def dollars(amount: Money) -> str:
    """Write a known amount exactly, without cents where there are none.

    >>> dollars(Money(48000)), dollars(Money(48010))
    ('$480', '$480.10')
    """
    whole, cents = divmod(int(amount), 100)
    return f"${whole:,}.{cents:02}" if cents else f"${whole:,}"


def roughly(low: Money, typical: Money, high: Money) -> str:
    """Write an amount, with “about” unless it can only be that one.

    >>> roughly(Money(4000), Money(9000), Money(14000)), roughly(Money(9000), Money(9000), Money(9000))
    ('about $90.00', '$90.00')
    """
    return usd(typical) if low == typical == high else _("about {amount}").format(amount=usd(typical))


def long_day(day: date) -> str:
    """Write a day in full.

    >>> long_day(date(2026, 3, 2))
    'March 2, 2026'
    """
    if spoken() == ENGLISH:
        return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
    from babel.dates import format_date

    return format_date(day, "long", locale=LOCALES[spoken()])


def counted(number: int, noun: str) -> str:
    """Write a number of things; `noun` is one of those in `COUNTED` by its English name, KeyError where it is none.

    >>> counted(1, "visit"), counted(1200, "visit")
    ('1 visit', '1,200 visits')
    """
    return COUNTED[noun](number).format(number=f"{number:,}")


def listed(words: Sequence[str]) -> str:
    """Join words as a person would.

    >>> listed(["97110", "97112", "97140"])
    '97110, 97112 and 97140'
    """
    if len(words) < 2:
        return "".join(words)
    *first, last = words
    if last.lower().startswith(_LIKE_I):
        return pgettext("before the sound of i", "{first} and {last}").format(first=", ".join(first), last=last)
    return _("{first} and {last}").format(first=", ".join(first), last=last)


def either(words: Sequence[str]) -> str:
    """Join words of which one holds.

    >>> either(["as little as $20.00", "as much as $40.00"])
    'as little as $20.00 or as much as $40.00'
    """
    if len(words) < 2:
        return "".join(words)
    *first, last = words
    if last.lower().startswith(_LIKE_O):
        return pgettext("before the sound of o", "{first} or {last}").format(first=", ".join(first), last=last)
    return _("{first} or {last}").format(first=", ".join(first), last=last)


def together(*sentences: str) -> str:
    """Put sentences one after another, without those that say nothing.

    >>> together("You pay $40.00.", "", "Ask your plan.")
    'You pay $40.00. Ask your plan.'
    """
    return " ".join(filter(None, sentences))


def sentence(words: str) -> str:
    """Start with a capital letter.

    >>> sentence("your plan pays the rest."), sentence("¿cuánto paga el plan?")
    ('Your plan pays the rest.', '¿Cuánto paga el plan?')
    """
    opening = words[: len(words) - len(words.lstrip("¿¡"))]
    return opening + words[len(opening) : len(opening) + 1].upper() + words[len(opening) + 1 :]


def signed_share(per_mille: int) -> str:
    """Write by how much a figure moved, from tenths of a percent.

    >>> signed_share(53), signed_share(-125), signed_share(0)
    ('+5.3%', '-12.5%', '0.0%')
    """
    whole, tenths = divmod(abs(per_mille), 10)
    sign = "+" if per_mille > 0 else "-" if per_mille < 0 else ""
    return f"{sign}{whole}.{tenths}%"


# ----------------------------------------------------------------------------
# Amounts, days and shares as a person reads them; templates use these as filters.
# ----------------------------------------------------------------------------


def page_usd(amount: str | Money) -> str:
    """Write an amount of the answer with its sign of currency.

    >>> page_usd("1234.50"), page_usd("-60.00")
    ('$1,234.50', '−$60.00')
    """
    cents = cents_of(amount)
    whole, rest = divmod(abs(cents), 100)
    return f"{'−' if cents < 0 else ''}${whole:,}.{rest:02}"


def cents_of(amount: str | Money) -> Money:
    """Read an amount of the answer back into cents."""
    return amount if isinstance(amount, Money) else Money.parse(amount)


def page_day(day: str | date) -> str:
    """Write a day with its weekday.

    >>> page_day("2026-03-02")
    'Mon, Mar 2, 2026'
    """
    read = _date(day)
    return f"{read:%a}, {short_day(read)}" if spoken() == ENGLISH else _spoken(read, "EEE, d MMM y")


def short_day(day: str | date) -> str:
    """Write a day without its weekday.

    >>> short_day("2026-03-02")
    'Mar 2, 2026'
    """
    read = _date(day)
    return f"{read:%b} {read.day}, {read.year}" if spoken() == ENGLISH else _spoken(read, "d MMM y")


def page_count(number: int, one: str, more: str = "") -> str:
    """Write a number and what it counts; a noun that only staff pages count, and no catalogue has, is in English.

    >>> page_count(1, "visit"), page_count(12, "visit"), page_count(3, "entry", "entries")
    ('1 visit', '12 visits', '3 entries')
    """
    if one in COUNTED:
        return counted(number, one)
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def _spoken(day: date, pattern: str) -> str:
    from babel.dates import format_date

    return format_date(day, pattern, locale=LOCALES[spoken()])


def _date(day: str | date) -> date:
    return day if isinstance(day, date) else date.fromisoformat(day)


# ----------------------------------------------------------------------------
# Who reads, and what plans, networks, limits and services are called in a sentence.
# ----------------------------------------------------------------------------

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


def plan_called(plan: Plan) -> str:
    """Return what a plan is called, within a sentence: a name keeps its capital, a description starts small."""
    if plan.title == UNTITLED:
        return _("your plan")
    title = _(plan.title or plan.id)
    return f"{title[:1].lower()}{title[1:]}" if plan.id == DESCRIBED else title


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
        return plan_called(self.plan)

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
            return _("a number of {things} that we don't know").format(things=plain(name) or _("visits"))
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

    >>> plain("physical-therapy"), plain("kx-threshold"), plain("acupuncture-clbp")
    ('physical therapy', 'KX threshold', 'acupuncture for chronic low back pain')
    """
    words = " ".join(_SPELT_OUT.get(word, word) for word in name.replace("_", "-").split("-"))
    return _(words)


def heading(name: str) -> str:
    """Return a name of a plan file as the start of a sentence."""
    words = plain(name)
    return words[:1].upper() + words[1:]


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


# ----------------------------------------------------------------------------
# Names of states and of Medicare's price areas, as they stand within a sentence.
#
# The official file calls what is left of a state “Rest of Florida”; nobody says that aloud.
# ----------------------------------------------------------------------------

REST = "Rest of "


def place(name: str) -> str:
    """Return a state or a price area in the language that is spoken.

    >>> place("Rest of Florida"), place("Seattle (King County)")
    ('the rest of Florida', 'Seattle (King County)')
    """
    if name.startswith(REST):
        return _("the rest of {state}").format(state=_(name.removeprefix(REST)))
    return _(name)


# ----------------------------------------------------------------------------
# What a plan file says beside its rules, in the language that is spoken.
#
# A note on an imported plan quotes the official file. The quote stays as it is, and our words around it are
# translated.
# ----------------------------------------------------------------------------

_OPEN, _CLOSE = "“", "”"


def note_says(note: str) -> str:
    """Return a note in the language that is spoken."""
    before, quote, after = parts_of(note)
    return f"{_(before)} {quote}{_(after)}" if quote else _(note)


def parts_of(note: str) -> tuple[str, str, str]:
    """Return our words before a quote, the quote up to our next words, and those; no quote where none is.

    >>> parts_of("The file says: “20 visits”. Ask the plan.")
    ('The file says:', '“20 visits”. ', 'Ask the plan.')
    >>> parts_of("Ask the plan.")
    ('Ask the plan.', '', '')
    """
    before, _opened, rest = note.partition(f" {_OPEN}")
    _inner, closed, tail = rest.rpartition(_CLOSE)
    if not before.endswith(":") or not closed:
        return note, "", ""
    after = tail.lstrip(". ")
    return before, f"{_OPEN}{rest.removesuffix(after)}", after
