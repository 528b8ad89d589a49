"""Money, days and counts as people read them in a sentence, in the language that is spoken.

Money is written alike in all of them: `es_US` writes $1,234.50 too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from estimator.engine.values import Money
from estimator.language import ENGLISH, LOCALES, _, ngettext, pgettext, spoken

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
# What is counted, by its name in English; a new noun is added here, so that every language has both of its forms.
COUNTED: Mapping[str, Callable[[int], str]] = {
    "answer": lambda number: ngettext("{number} answer", "{number} answers", number),
    "business day": lambda number: ngettext("{number} business day", "{number} business days", number),
    "day": lambda number: ngettext("{number} day", "{number} days", number),
    "minute": lambda number: ngettext("{number} minute", "{number} minutes", number),
    "month": lambda number: ngettext("{number} month", "{number} months", number),
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
