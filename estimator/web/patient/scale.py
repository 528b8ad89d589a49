"""An axis of money: round amounts to mark, and the place of any amount between two ends.

Both pictures of the result, the course of care and the comparison, measure cents with it.
"""

from dataclasses import dataclass

_MOST_INTERVALS = 5
_CENTS_IN_A_DOLLAR = 100


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it is, and what is written beside it."""

    at: int
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Cents from nothing to `top_cents`, drawn from unit `start` to unit `end`; `end` may be the smaller."""

    top_cents: int
    step_cents: int
    start: int
    end: int

    def at(self, cents: int) -> int:
        """Return the unit at which an amount lies."""
        return self.start + rounded((self.end - self.start) * cents, self.top_cents)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Mark every step, both ends included."""
        return tuple(Tick(self.at(cents), dollars(cents)) for cents in range(0, self.top_cents + 1, self.step_cents))


def scale_of(most_cents: int, start: int, end: int) -> Scale:
    """Return a scale that holds `most_cents`, in at most five steps of 1, 2 or 5 times a power of ten.

    >>> [tick.label for tick in scale_of(123_400, start=0, end=100).ticks]
    ['$0', '$500', '$1,000', '$1,500']
    """
    step = _CENTS_IN_A_DOLLAR
    factors = (2, 5, 10)
    power = _CENTS_IN_A_DOLLAR
    while step * _MOST_INTERVALS < most_cents:
        step = next(power * factor for factor in factors if power * factor > step)
        power = step if step == power * 10 else power
    intervals = max(1, -(-most_cents // step))
    return Scale(top_cents=step * intervals, step_cents=step, start=start, end=end)


def dollars(cents: int) -> str:
    """Write an amount in dollars, with cents only where there are some.

    >>> dollars(123_400), dollars(7_850)
    ('$1,234', '$78.50')
    """
    whole, rest = divmod(cents, _CENTS_IN_A_DOLLAR)
    return f"${whole:,}.{rest:02}" if rest else f"${whole:,}"


def rounded(numerator: int, denominator: int) -> int:
    """Divide to the nearest whole unit of the drawing, halves upward."""
    return (2 * numerator + denominator) // (2 * denominator)
