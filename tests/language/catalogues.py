"""The sentences of the product, gathered from where they are said, and the catalogues that translate them.

`make words` runs this file: it adds new sentences to the catalogues with nothing beside them, and takes out those that
are said no more. A sentence belongs to the first area that says it.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from estimator.language import ENGLISH, LANGUAGES
from tests.language.content import content_sentences

ROOT = Path(__file__).parents[2]
CATALOGUES = ROOT / "estimator" / "languages"
# Which files belong to an area. Pages and commands of staff are in English alone.
AREAS: Mapping[str, tuple[str, ...]] = {
    "wording": (
        "estimator/wording",
        "estimator/estimates",
        "estimator/publishing",
        "estimator/billing",
        "estimator/plans",
        "estimator/insurers",
    ),
    "papers": ("estimator/papers",),
    "pages": ("estimator/web", "templates"),
    "content": (),
}
_STAFF = ("estimator/web/staff/", "templates/staff/")
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_METHODS = {".py": "python", ".html": "jinja2.ext:babel_extract"}
_JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false", "newstyle_gettext": "true"}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{[^{}]*\}")

Sentence = tuple[str | None, str | tuple[str, ...]]


def sentences(area: str) -> Iterator[Sentence]:
    """Yield the sentences of an area as (context, sentence or its forms for one and many)."""
    if area == "content":
        yield from ((None, sentence) for sentence in content_sentences())
        return
    for folder in AREAS[area]:
        for path in sorted((ROOT / folder).rglob("*")):
            said_in = path.relative_to(ROOT).as_posix()
            if path.suffix in _METHODS and not said_in.startswith(_STAFF):
                options = _JINJA if path.suffix == ".html" else {}
                found = extract_from_file(_METHODS[path.suffix], path, keywords=_KEYWORDS, options=options)
                yield from ((context, words) for _, words, _, context in found)


@cache
def gathered() -> Mapping[str, dict[Sentence, None]]:
    """Return the sentences of every area, each in the first that says it."""
    seen: set[Sentence] = set()
    found: dict[str, dict[Sentence, None]] = {}
    for area in AREAS:
        found[area] = {each: None for each in sentences(area) if each not in seen}
        seen |= found[area].keys()
    return found


def catalogue(language: str, area: str) -> Catalog:
    """Return what is translated, empty where no file is yet."""
    path = CATALOGUES / language / f"{area}.po"
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def placeholders(words: str | tuple[str, ...]) -> list[str]:
    """Return what values are put into, sorted."""
    return sorted(_PLACEHOLDER.findall(words if isinstance(words, str) else words[-1]))


def update() -> None:
    """Bring every catalogue up to date with what is said."""
    for language in LANGUAGES.keys() - {ENGLISH}:
        kept = {(one.context, one.id): one for area in AREAS for one in catalogue(language, area) if one.id}
        for area, said in gathered().items():
            fresh = Catalog(locale=language, fuzzy=False)
            for context, words in said:
                known = kept.get((context, words))
                fresh.add(words, known.string if known else "", context=context)
            path = CATALOGUES / language / f"{area}.po"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(file, fresh, width=120, no_location=True, omit_header=True, sort_output=True)


def untranslated(language: str, area: str, said: Mapping[Sentence, None]) -> list[str]:
    """Return the sentences of an area that are missing in a language, or that lost a value on the way."""
    translated = {(one.context, one.id): one for one in catalogue(language, area)}
    return [str(words) for context, words in said if not _is_whole(translated.get((context, words)), words)]


def _is_whole(message: Message | None, words: str | tuple[str, ...]) -> bool:
    if message is None or not message.string or not all(message.string):
        return False
    return placeholders(words) == placeholders(message.string)


if __name__ == "__main__":
    update()
