"""No sentence is left in English, and none loses a value on its way into another language."""

import pytest

from estimator.language import ENGLISH, LANGUAGES, SPANISH, _, speaking, spoken
from tests.language.catalogues import AREAS, gathered, placeholders, untranslated

OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language: str, area: str) -> None:
    """A new sentence needs its translation before it is shown: `make words` adds the place for it."""
    assert [] == untranslated(language, area, gathered()[area])


def test_a_language_is_spoken_for_as_long_as_it_is_asked_for() -> None:
    """Two readers at once do not hear each other's language."""
    with speaking(SPANISH):
        within = spoken()

    assert (SPANISH, ENGLISH) == (within, spoken())


def test_a_sentence_that_nobody_translated_is_said_in_english() -> None:
    """English is better than nothing."""
    with speaking(SPANISH):
        assert "Nobody ever says this." == _("Nobody ever says this.")


def test_a_lost_value_shows() -> None:
    """The check of values sees both ways of writing one."""
    assert ["%(days)s", "{payer}"] == placeholders("Ask {payer} within %(days)s days")
