"""A language in which every translated sentence stands in ⟦…⟧, so that what nobody can translate shows.

Ask for the fixture `pseudo_language`, word something, and expect nothing from `left_in_english`: what stands outside of
the brackets passed no catalogue. Names, numbers, codes and days are no sentences.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from gettext import NullTranslations
from unittest.mock import patch

from estimator.language import SPANISH, speaking

_INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")
_DAY = re.compile(
    r"\b\d{1,2}\s+(?:de\s+)?(?:ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic)[a-z]*\.?(?:\s+(?:de\s+)?\d{4}\b)?"
)
_WORD = re.compile(r"[^\W\d_]{2,}")


class PseudoTranslations(NullTranslations):
    """Every sentence, in brackets."""

    def gettext(self, message: str) -> str:
        """Return the sentence in brackets."""
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form for a number in brackets."""
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    def pgettext(self, context: str, message: str) -> str:
        """Return the sentence in brackets, whatever the context."""
        return f"⟦{message}⟧"


@contextmanager
def pseudo_spoken() -> Iterator[None]:
    """Speak the pseudo-language; money and days are written as in Spanish."""
    spoken = PseudoTranslations()
    with patch("estimator.language._translations", lambda language: spoken), speaking(SPANISH):
        yield


def left_in_english(text: str, names: Iterable[str] = ()) -> list[str]:
    """Return the words outside of all brackets, but for days and for `names`, each a whole title or name.

    >>> left_in_english("⟦You owe ⟦2 visits⟧⟧ about $9.00 with Evergreen PPO on 2 de marzo de 2026", ["Evergreen PPO"])
    ['about', 'with', 'on']
    """
    while text != (outside := _INNERMOST.sub(" ", text)):
        text = outside
    text = _DAY.sub(" ", text)
    for name in sorted(filter(str.strip, names), key=len, reverse=True):
        text = re.sub(r"\s+".join(map(re.escape, name.split())), " ", text)
    return _WORD.findall(text)
