"""The language in which a reader is spoken to, and every sentence in it.

Sentences are written in English where they are said; `languages/` holds them in the other languages. The language is
that of the person who asks: pages and commands set it once at the edge, and all wording of an answer reads it here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

ENGLISH, SPANISH = "en", "es"
# Each by the name that its own speakers give it.
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", SPANISH: "Español"}
# Money and days as they are written in the United States: `es` alone would write 1.234,50.
LOCALES: Mapping[str, str] = {ENGLISH: "en_US", SPANISH: "es_US"}

_FOLDER = Path(__file__).parent / "languages"
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def spoken() -> str:
    """Return the language of the person who is spoken to, one of LANGUAGES."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language of LANGUAGES for as long as this lasts."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def _(message: str) -> str:
    """Return a sentence in the language that is spoken; in English where nobody has translated it.

    >>> _("There is no such sentence: {days}").format(days=3)
    'There is no such sentence: 3'
    """
    return _translations(_spoken.get()).gettext(message) if message else message


def N_(message: str) -> str:
    """Mark a sentence to be translated where it is said, such as one in a table made once at the start."""
    return message


def ngettext(one: str, many: str, number: int) -> str:
    """Return the form of a sentence for a number of things."""
    return _translations(_spoken.get()).ngettext(one, many, number)


def pgettext(context: str, message: str) -> str:
    """Return a sentence that would mean something else in another context."""
    return _translations(_spoken.get()).pgettext(context, message)


@cache
def _translations(language: str) -> NullTranslations:
    # English is what is written in the code. Babel is loaded only by those who speak something else.
    if language == ENGLISH:
        return NullTranslations()
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole = Catalog(locale=language)
    for path in sorted((_FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    whole[message.id] = message
    packed = BytesIO()
    write_mo(packed, whole)
    packed.seek(0)
    return GNUTranslations(packed)
