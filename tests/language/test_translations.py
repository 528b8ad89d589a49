"""No sentence is left in English, and none loses a value on its way into another language."""

import ast
from collections.abc import Iterator

import pytest

from estimator.language import ENGLISH, LANGUAGES, SPANISH, _, speaking, spoken
from tests.language.catalogues import AREAS, ROOT, gathered, placeholders, untranslated

# Which of the texts given are the sentence.
SENTENCES = {"_": slice(1), "N_": slice(1), "ngettext": slice(2), "pgettext": slice(1, 2)}
OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language: str, area: str) -> None:
    """A new sentence needs its translation before it is shown: `make words` adds the place for it."""
    assert [] == untranslated(language, area, gathered()[area])


def test_every_sentence_of_the_code_is_gathered() -> None:
    """Within an f-string, for one, the search finds no sentence, and nobody would be asked for its translation."""
    found = {words for said in gathered().values() for _, words in said}

    assert [] == sorted({words for words in written() if words not in found})


def written() -> Iterator[str | tuple[str, ...]]:
    """Yield what stands in the code as a sentence, read by Python itself."""
    areas = [ROOT / folder for folders in AREAS.values() for folder in folders]
    for path in (path for folder in areas for path in folder.rglob("*.py") if "staff" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SENTENCES:
                texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
                said = [text for text in texts if isinstance(text, str)][SENTENCES[node.func.id]]
                yield from [tuple(said) if len(said) > 1 else said[0]] if said else []


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
