"""Money, days and counts in Spanish."""

from datetime import date

from estimator.engine.values import Money
from estimator.language import SPANISH, speaking
from estimator.wording.words import counted, either, listed, long_day, usd


def test_figures_are_spanish_as_it_is_written_in_the_united_states() -> None:
    """The day comes before the month, and thousands keep their comma."""
    with speaking(SPANISH):
        written = [usd(Money(123450)), long_day(date(2026, 3, 2)), counted(1, "visit"), counted(1200, "business day")]

    assert ["$1,234.50", "2 de marzo de 2026", "1 visita", "1,200 días hábiles"] == written


def test_and_and_or_change_before_their_own_sound() -> None:
    """As nobody says “y Idaho” or “o Oregon”."""
    with speaking(SPANISH):
        written = [
            listed(["97110", "97112", "97140"]),
            listed(["Ohio", "Idaho"]),
            either(["Ohio", "Idaho"]),
            either(["Idaho", "Oregon"]),
        ]

    assert ["97110, 97112 y 97140", "Ohio e Idaho", "Ohio o Idaho", "Idaho u Oregon"] == written


def test_a_count_in_the_pseudo_language_is_a_translated_sentence(pseudo_language: None) -> None:
    """What the fixture is for: nothing but numbers stands outside of the brackets."""
    assert "⟦2 visits⟧" == counted(2, "visit")
