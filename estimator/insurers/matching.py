"""Which insurer a text means: chosen only where the name leaves no doubt, else a short list to choose from.

A payer id or a known name decides, also inside a longer text, as long as nothing is left of it but a product, a
network or a state. Whatever else is near is asked: "did you mean". A Blue card's prefix is reassigned every year and
never decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from estimator.engine.coding import STATES
from estimator.insurers.names import FILLERS, NETWORKS, PRODUCT_WORDS, STATE_WORDS, Words, read_words, spelled_words
from estimator.insurers.registry import (
    ANYWHERE,
    BLUE,
    FEDERAL_PROGRAM,
    FEP,
    NATIONAL,
    STATE_PROGRAM,
    Alias,
    Insurer,
    Registry,
    registry,
)
from estimator.language import _

MOST_CHOICES = 10
MOST_LETTERS = 200
# Where most people live comes first in a list that is cut off.
_LARGEST_FIRST = """
CA TX FL NY PA IL OH GA NC MI NJ VA WA AZ TN MA IN MO MD WI CO MN SC AL LA KY OR OK CT UT NV IA PR AR KS MS NM ID
NE WV HI NH ME MT RI DE SD ND AK DC VT WY VI
"""
_BY_POPULATION = _LARGEST_FIRST.split()
_CODE = re.compile(r"[a-z]{1,2}\d{1,5}[a-z]?")
_FEDERAL_MEMBER = re.compile(r"R\d{8}", re.IGNORECASE)
_MEMBER = re.compile(r"([A-Z][A-Z0-9]{2})[A-Z0-9]*\d{6,}[A-Z0-9]*", re.IGNORECASE)
_PREFIX = re.compile(r"[A-Z][A-Z0-9]{2}", re.IGNORECASE)
# Words for any Blue plan and for public programs: beside a brand they say nothing more.
_BLUE = frozenset(("bcbs", "bluecross", "blueshield", "blues", "bluecard", "blue"))
_PROGRAMS = frozenset(("medicare", "medicaid", "va", "tricare"))
_GENERIC = _BLUE | _PROGRAMS
# A program beside a brand is the same plan, "Aetna Medicare", but not where the text tells two payers apart.
_TELLS_TWO = re.compile(r"\b(?:primary|secondary|2nd|second)\b|[&+]|\b(?:and|with|y|(?-i:or))\b", re.IGNORECASE)
# Beside "Medicare" alone these say that a private insurer is meant, and not which.
_PRIVATE_MEDICARE = frozenset(("advantage", "supp", "supplement", "supplemental", "medigap", "medsupp", "replacement"))
_FEHB = "fehb"
# Networks that insurers and administrators rent: beside one of them they are no payer.
_RENTED = frozenset(("first-health", "multiplan"))
_OF_INJURIES = frozenset(("auto", "workers-comp"))
_OF_HEALTH = frozenset(("health", "healthcare", "medical"))
# Beside an insurer of cars or of work these name what it pays for.
_NAMED_BY_INJURY = (
    "accident adjuster auto bodily claim claims comp compensation fault injury medpay mva nofault pip workers"
)
_INJURY_WORDS = frozenset(_NAMED_BY_INJURY.split())
# Companies are called by these: "Essence Care" is no product of Essence, as "Essence Choice" is.
_OF_COMPANIES = _OF_HEALTH | _BLUE | frozenset(("care", "dental", "group", "service", "services", "vision", "wellness"))
# Brands that are everyday words: alone they are a name, beside unknown words they are none.
_BRAND_WORDS = """
affinity alignment arise bind bright cash clover community devoted empire friday hartford hip horizon human
imperial independence la meridian military molina no none optima optum oscar oxford paramount premier priority
progressive providence sharp simply superior surest travelers trillium united vital
"""
_EVERYDAY = frozenset(_BRAND_WORDS.split())
_SAYS_NOTHING = PRODUCT_WORDS | _GENERIC | FILLERS | STATE_WORDS
_FEWEST_LETTERS = 4
# A name that a column cuts off has this many letters, or this many words where it ends with a whole one.
_CUT_OFF, _SHORTEST_CUT, _BEGINNING = 10, 2, 3
_KEPT = 4096
# Each page of a search, and its count, ask for the same.
_KEPT_SEARCHES = 256
_SURE, _NEAR, _MARGIN, _SUBSET = 90, 84, 4, 84


@dataclass(frozen=True)
class Choice:
    """An insurer that may be meant, and why it is named."""

    insurer: Insurer
    why: str


@dataclass(frozen=True)
class Match:
    """What a text means: an insurer where that is beyond doubt, else the choices to ask with, if there are any."""

    insurer: Insurer | None
    choices: tuple[Choice, ...] = ()


def find_insurer(text: str, state: str | None = None) -> Match:
    """Return the insurer that a text means, in the state where the care takes place, if that is known.

    The text is what a person or a card says: a name, a payer id, or a member id.

    >>> find_insurer("Blue Cross Blue Sheild of Illinios").insurer.id
    'bcbs-il'
    >>> [choice.insurer.id for choice in find_insurer("Point32").choices]
    ['harvard-pilgrim', 'tufts']
    """
    match = _names().meant(text.strip()[:MOST_LETTERS], state)
    if match.insurer is None or len(text.strip()) <= MOST_LETTERS:
        return match
    # What a long text says after its beginning may name another.
    return Match(None, (Choice(match.insurer, _("Part of what you typed names this insurer.")),))


@lru_cache(_KEPT)
def insurer_named(text: str, state: str | None = None) -> Insurer | None:
    """Return the insurer that the name of a payer in a list means beyond doubt; each name is looked up once."""
    return find_insurer(text, state).insurer


@lru_cache(_KEPT_SEARCHES)
def insurer_and_rest(text: str, state: str | None = None) -> tuple[Insurer | None, tuple[str, ...]]:
    """Return the insurer that a search names, and its other words: "UHC dual complete" is UnitedHealthcare's.

    It is the one that `find_insurer` chooses, or may choose but for words that a plan's title may hold. Any other
    leaves a doubt: then the words are all of the text, as they are for a public program, whose name its plans have.

    >>> insurer, rest = insurer_and_rest("Untied Healthcare dual complete")
    >>> insurer.id, rest
    ('unitedhealthcare', ('dual', 'complete'))
    """
    names, said = _names(), text.casefold().split()
    found = [names.whole_name(" ".join(said[:number]), state) for number in range(1, len(said) + 1)]
    whole = next((insurer for insurer in reversed(found) if insurer is not None), None)
    match = find_insurer(text, state)
    if match.insurer is not None and match.insurer != whole:
        is_public = match.insurer.kind in (FEDERAL_PROGRAM, STATE_PROGRAM)
        return (None, tuple(said)) if is_public else (match.insurer, ())
    if whole is None or (match.insurer is None and [choice.insurer for choice in match.choices] != [whole]):
        return None, tuple(said)
    # The shortest beginning that means the same insurer: a product's name may be an alias as well.
    return whole, tuple(said[found.index(whole) + 1 :])


@lru_cache(maxsize=1)
def _names() -> _Names:
    return _Names(registry())


class _Names:
    """Every name of the registry, by its words and by its letters alone."""

    def __init__(self, known: Registry) -> None:
        self.known = known
        self.payer_ids: dict[str, list[Alias]] = {}
        self.by_words: dict[Words, list[Alias]] = {}
        self.by_letters: dict[str, list[Alias]] = {}
        self.own_words: dict[str, set[str]] = {}
        for alias in known.aliases:
            if alias.is_payer_id:
                self.payer_ids.setdefault(alias.text.upper(), []).append(alias)
                continue
            words = read_words(alias.text)
            self.by_words.setdefault(words, []).append(alias)
            self.by_letters.setdefault("".join(words), []).append(alias)
            self.own_words.setdefault(alias.insurer, set()).update(words)
        self.local = self._local()
        self.spelled = spelled_words(alias.text for alias in known.aliases if not alias.is_payer_id)

    def _local(self) -> dict[tuple[str, str], set[str]]:
        """Return who stands for a national brand in a state: Anthem is another company in each of its states."""
        local: dict[tuple[str, str], set[str]] = {}
        for aliases in self.by_words.values():
            everywhere = {alias.insurer for alias in aliases if not alias.states or ANYWHERE in alias.states}
            if len(everywhere) == 1:
                brand = min(everywhere)
                for alias in aliases:
                    for state in alias.states - {ANYWHERE}:
                        local.setdefault((brand, state), set()).add(alias.insurer)
        return local

    def meant(self, text: str, state: str | None) -> Match:
        """Return what a text of bounded length means: as it is written, else with its misspelled words mended."""
        if match := self.by_member_id(text) or self.by_payer_id(text, state):
            return match
        as_written = self.by_name(text, state)
        if as_written and as_written.insurer:
            return as_written
        mended = self.by_name(text, state, mended=True)
        if mended and mended.insurer:
            return mended
        if (completed := self.by_beginning(text, state)) and completed.insurer:
            return completed
        if not (as_written or mended) and (brand := self.by_brand(text, state)):
            return brand
        return as_written or mended or self.by_prefix(text) or self.by_likeness(text, state) or Match(None)

    def words(self, text: str, mended: bool = False) -> Words:
        return read_words(text, self.spelled if mended else None)

    def by_member_id(self, text: str) -> Match | None:
        if _FEDERAL_MEMBER.fullmatch(text.replace(" ", "")):
            return Match(self.known.insurers[FEP])
        if member := _MEMBER.fullmatch(text.replace(" ", "").replace("-", "")):
            return self.by_prefix(member[1])
        return None

    def by_prefix(self, text: str) -> Match | None:
        insurer = (
            self.known.prefixes.get(text.upper()) if _PREFIX.fullmatch(text) and text.lower() not in NETWORKS else None
        )
        if insurer is None:
            return None
        why = _("Your card looks like this one: its member ID begins with {letters}.").format(letters=text.upper())
        return Match(None, (Choice(self.known.insurers[insurer], why),))

    def by_payer_id(self, text: str, state: str | None) -> Match | None:
        *_words, last = text.upper().split() or [""]
        asked_by_name = all(word.strip(":#") in {"PAYER", "ID", "EDI", "PAYOR", "NO", "NUMBER"} for word in _words)
        found = self.payer_ids.get(last.strip("#:")) if asked_by_name else None
        if found and last.isalpha() and not _words:
            # Payer ids of letters alone are names as well: THP is one company's id and what another is called.
            found = [*found, *self.by_words.get(self.words(text), ())]
        return self._chosen(found, state) if found else None

    def by_name(self, text: str, state: str | None, mended: bool = False) -> Match | None:
        """Find the names that a text holds: the whole of it first, then the longest."""
        words = self.words(text, mended)
        if not words:
            return None
        if local := self._named_with(words, state):
            return self._chosen(local, state)
        if whole := self._named(words, state):
            return self._chosen(whole, state)
        return self._by_parts(words, state, _TELLS_TWO.search(text) is not None)

    def by_beginning(self, text: str, state: str | None) -> Match | None:
        """Find the one insurer whose name goes on after a text that is cut off: "AETNA LIFE INSU"."""
        *before, last = text.casefold().split() or [""]
        if len(text) < _CUT_OFF or not before or not last.isalpha():
            return None
        if len(last) >= _SHORTEST_CUT and last not in self.spelled:
            ends = (word for word in self.spelled if word.startswith(last))
            whole = {self.words(" ".join((*before, end))) for end in ends}
            named = [self._chosen(self._named(words, state), state) for words in whole if words in self.by_words]
            if named:
                return _agreed(named)
        words = self.words(text)
        if len(words) < _BEGINNING or set(words) <= _SAYS_NOTHING | _EVERYDAY:
            return None
        longer = [aliases for known, aliases in self.by_words.items() if known[: len(words)] == words]
        return _agreed([self._chosen(aliases, state) for aliases in longer])

    def by_brand(self, text: str, state: str | None) -> Match | None:
        """Find the one insurer that a word alone names, beside products, where it is at home: "Zing Choice"."""
        words = set(self.words(text))
        telling = words - _SAYS_NOTHING
        if len(telling) != 1 or telling <= _EVERYDAY or len(min(telling)) < _FEWEST_LETTERS or words & _OF_COMPANIES:
            return None
        named = {
            alias.insurer
            for known, aliases in self.by_words.items()
            if set(known) - _SAYS_NOTHING == telling
            for alias in aliases
        }
        insurer = self.known.insurers[min(named)] if len(named) == 1 else None
        return Match(insurer) if insurer and state in insurer.states else None

    def whole_name(self, text: str, state: str | None) -> Insurer | None:
        """Return the insurer whose name a text is, perhaps misspelled, with nothing beside it."""
        for words in (self.words(text), self.words(text, mended=True)):
            named = self._named_with(words, state) or self._named(words, state)
            if named and not set(words) <= _SAYS_NOTHING - _BLUE:
                return self._chosen(named, state).insurer
        return None

    def _named_with(self, words: Words, state: str | None) -> list[Alias]:
        """Return the aliases of these words with a state behind them, where none without it serves that state."""
        if state is None or any(self._serves(alias, state) for alias in self.by_words.get(words, ())):
            return []
        return self.by_words.get((*words, state.lower()), [])

    def _named(self, words: Words, state: str | None) -> list[Alias]:
        """Return the aliases of these words; letters alone count where the words are none, or not of this state."""
        exact, same = self.by_words.get(words, []), self.by_letters.get("".join(words), [])
        if exact and state and not any(self._serves(alias, state) for alias in exact):
            return [*exact, *(alias for alias in same if alias not in exact and self._serves(alias, state))]
        return exact or same

    def _serves(self, alias: Alias, state: str) -> bool:
        return state in alias.states or self.known.insurers[alias.insurer].may_serve(state)

    def _by_parts(self, words: Words, state: str | None, tells_two: bool) -> Match | None:
        parts = list(self._parts(words, state))
        names = {part: set(words[part[0] : part[1]]) for part in parts}
        programs = [part for part in parts if names[part] <= _PROGRAMS]
        said_of_any = _GENERIC | PRODUCT_WORDS | STATE_WORDS
        brands = [
            part
            for part in parts
            if not names[part] <= said_of_any or (part[1] - part[0] > 2 and not names[part] & _GENERIC)
        ]
        blue = [part for part in parts if names[part] & _BLUE]
        # "Simply Blue" beside another Blue plan's name is its product, not the insurer called Simply.
        is_blue = bool(blue) or any(word.startswith("bcbs") for word in words)
        products = [
            part
            for part in brands
            if is_blue and names[part] <= _EVERYDAY and words[part[1] : part[1] + 1] == ("blue",)
        ]
        brands = [part for part in brands if part not in products]
        used = brands or blue or parts
        if not used:
            return None
        if tells_two and used is not parts:
            used = [part for part in parts if part in used or part in programs or part in blue]
        elif brands and self._is_of_employees(words, brands):
            # The federal employee plans are none of Medicare's: who has both has two payers.
            used = [part for part in parts if part in used or names[part] == {"medicare"}]
        taken = {place for first, after in (*used, *products) for place in range(first, after)}
        left = [word for place, word in enumerate(words) if place not in taken]
        named = [word for word in left if word in STATE_WORDS]
        unknown = [word for word in left if not _says_nothing(word) and word not in FILLERS | STATE_WORDS | _PROGRAMS]
        if not brands and not blue:
            if _PRIVATE_MEDICARE & set(left):
                return None
            if state is None and not all(names[part] <= _PROGRAMS for part in used):
                # A name of everyday words is one by itself or where it is at home: "Senior Network Health" is another.
                unknown = left
        matches = [match for part in used for match in self._in_states(words[slice(*part)], named, state)]
        return self._together(matches, words, used, unknown, tells_two)

    def _is_of_employees(self, words: Words, parts: Iterable[tuple[int, int]]) -> bool:
        named = (alias.insurer for part in parts for alias in self.by_words.get(words[slice(*part)], ()))
        return any(self.known.insurers[each].markets == (_FEHB,) for each in named)

    def _in_states(self, words: Words, named: Sequence[str], state: str | None) -> Iterator[Match]:
        """Yield what a part means in each state that a text names, or in the one where the care takes place."""
        own = [word for word in words if word in STATE_WORDS]
        if set(named) <= set(own):
            yield self._part(words, own[-1].upper() if own and named else state)
            return
        stem = tuple(word for word in words if word not in own)
        for place in dict.fromkeys((*own, *named)):
            yield self._part(stem if own and stem in self.by_words else words, place.upper())

    def _part(self, words: Words, state: str | None) -> Match:
        """Return what a part means; in another state, what a shorter part means there, unless it names its own."""
        match = self._chosen(self._named_with(words, state) or self._named(words, state), state)
        if match.insurer is None or not state or match.insurer.may_serve(state):
            return match
        if STATE_WORDS & set(words):
            return match
        for length in range(len(words) - 1, 0, -1):
            shorter = [alias for alias in self.by_words.get(words[:length], ()) if state in alias.states]
            if shorter:
                return self._chosen(shorter, state)
        return match

    def _together(
        self,
        matches: Sequence[Match],
        words: Words,
        used: Sequence[tuple[int, int]],
        unknown: Sequence[str],
        tells_two: bool,
    ) -> Match | None:
        """Join what the parts of a text mean: one insurer, or a brand and what is its own, else a question."""
        paying = [match for match in matches if match.insurer is None or match.insurer.id not in _RENTED]
        matches = paying or matches
        chosen = [match.insurer for match in matches if match.insurer]
        blue = _BLUE if any(insurer.kind == BLUE for insurer in chosen) or not chosen else frozenset()
        unknown = [
            word
            for word in unknown
            if word not in blue
            and not (blue and (word.startswith("blue") or word.endswith("blue")))
            and not any(word in self.own_words[insurer.id] for insurer in chosen)
        ]
        if chosen and all(_OF_INJURIES & set(insurer.markets) for insurer in chosen):
            unknown = [word for word in unknown if word not in _INJURY_WORDS]
        named = [set(words[first:after]) for first, after in used]
        if unknown and all(each <= _EVERYDAY | _GENERIC | PRODUCT_WORDS and not each & _OF_HEALTH for each in named):
            return None
        insurer = _one_of(chosen, tells_two) if len(chosen) == len(matches) else None
        if insurer is not None:
            if set(insurer.markets) <= _OF_INJURIES:
                # State Farm insures cars: "State Farm Health" may be somebody else's.
                unknown += [word for word in words if word in _OF_HEALTH]
            if not unknown:
                return Match(insurer)
            why = _("This insurer is known, but not “{words}”.").format(words=" ".join(unknown))
            return Match(None, (Choice(insurer, why),))
        listed = [choice for match in matches for choice in match.choices]
        listed += [Choice(insurer, _("Part of what you typed names this insurer.")) for insurer in chosen]
        return Match(None, tuple({choice.insurer.id: choice for choice in listed}.values())[:MOST_CHOICES])

    def _parts(self, words: Words, state: str | None) -> Iterator[tuple[int, int]]:
        """Yield the places of the known names in a text, the longest from the left, none within another."""
        place = 0
        while place < len(words):
            for after in range(len(words), place, -1):
                part = words[place:after]
                with_state = state is not None and not set(part) <= _GENERIC and (*part, state.lower()) in self.by_words
                if part in self.by_words or with_state or (after - place > 1 and "".join(part) in self.by_letters):
                    yield place, after
                    place = after
                    break
            else:
                place += 1

    def _chosen(self, aliases: Iterable[Alias], state: str | None) -> Match:
        """Return the one insurer of these aliases in a state, or all of them as choices."""
        aliases = list(aliases)
        anywhere = [alias for alias in aliases if not alias.states or ANYWHERE in alias.states]
        local = [alias for alias in aliases if state and state in alias.states]
        has_national = any(self.known.insurers[alias.insurer].is_anywhere for alias in anywhere)
        if len({alias.insurer for alias in aliases}) > 1 and not has_national:
            # Highmark is another company in each of its states, and none of them elsewhere.
            anywhere = [alias for alias in anywhere if state and self._serves(alias, state)]
        ids = list(dict.fromkeys(alias.insurer for alias in local or anywhere or aliases))
        if len(ids) > 1 and state:
            ids = [each for each in ids if self.known.insurers[each].may_serve(state)] or ids
        # A name whose others we do not know is asked about as well: "American Health".
        is_shared = not local and all(
            each.is_ambiguous and self.known.insurers[each.insurer].kind != BLUE for each in aliases
        )
        if len(ids) > 1 or not (local or anywhere) or is_shared:
            return Match(None, self._choices(ids, state))
        standing = self.local.get((ids[0], state), set()) if state and not local else set()
        insurer = self.known.insurers[next(iter(standing)) if len(standing) == 1 else ids[0]]
        if state and not local and not insurer.may_serve(state) and insurer.kind != BLUE:
            why = _("This insurer sells plans in {states}, not in {state}.")
            return Match(None, (Choice(insurer, why.format(states=_joined(insurer), state=state)),))
        return Match(insurer)

    def _choices(self, ids: Iterable[str], state: str | None) -> tuple[Choice, ...]:
        insurers = sorted((self.known.insurers[each] for each in ids), key=_by_population)
        return tuple(Choice(insurer, _why_asked(insurer, state)) for insurer in insurers[:MOST_CHOICES])

    def by_likeness(self, text: str, state: str | None) -> Match | None:
        """Return the names that look like a text, as choices."""
        said = self.words(text, mended=True)
        words = " ".join(said)
        if len(words) < _FEWEST_LETTERS or set(said) <= _SAYS_NOTHING:
            return None
        best: dict[str, tuple[float, str]] = {}
        tells_nothing, telling = _SAYS_NOTHING | _EVERYDAY, set(said) - _SAYS_NOTHING
        for known, aliases in self.by_words.items():
            if tells_nothing.issuperset(known):
                continue
            score = _likeness(words, " ".join(known), not telling.isdisjoint(known))
            if score < _NEAR:
                continue
            for alias in aliases:
                if score > best.get(alias.insurer, (0.0, ""))[0] and (not state or self._serves(alias, state)):
                    best[alias.insurer] = score, alias.text
        ranked = sorted(best.items(), key=lambda found: -found[1][0])
        if not ranked:
            return None
        top = ranked[0][1][0]
        shown = [found for found in ranked if found[1][0] > top - _MARGIN] if top >= _SURE else ranked
        why = _("Did you mean “{name}”?")
        return Match(
            None,
            tuple(Choice(self.known.insurers[each], why.format(name=name)) for each, (_score, name) in shown[:5]),
        )


def _agreed(matches: Sequence[Match]) -> Match | None:
    """Return what all of some matches mean, if they mean one insurer."""
    found = {match.insurer and match.insurer.id for match in matches}
    return matches[0] if len(found) == 1 else None


def _one_of(insurers: Sequence[Insurer], tells_two: bool) -> Insurer | None:
    """Return the one that all of some insurers mean: the same, a brand's own, or who manages a state's program."""
    found = list({insurer.id: insurer for insurer in insurers}.values())
    if tells_two and len(found) > 1:
        return None
    of_employees = [insurer for insurer in found if insurer.markets == (_FEHB,) and insurer.id != FEP]
    if len(of_employees) == 1 and all(other.kind == NATIONAL for other in found if other not in of_employees):
        # The card of a federal employee plan names the insurer whose network it rents: "GEHA UHC".
        return of_employees[0]
    programs = [insurer for insurer in found if insurer.kind == STATE_PROGRAM]
    managing = [insurer for insurer in found if insurer not in programs and "medicaid" in insurer.markets]
    if programs and len(managing) == len(found) - len(programs):
        found = [each for each in managing if all(set(one.states) <= _area(each) for one in programs)] or found
    # The narrowest area first, and who administers or manages before the brand that owns it.
    found.sort(key=lambda insurer: (len(_area(insurer)), insurer.kind == NATIONAL))
    if found and all(found[0].parent == other.parent and _area(found[0]) <= _area(other) for other in found[1:]):
        return found[0]
    return None


def _area(insurer: Insurer) -> frozenset[str]:
    return frozenset(STATES) if insurer.is_anywhere else insurer.states


def _says_nothing(word: str) -> bool:
    """Say whether a word beside a name is a product, a letter, a number, or the code of a plan: H5216, S001."""
    if word in PRODUCT_WORDS or len(word) == 1 or word.isdigit() or _CODE.fullmatch(word):
        return True
    # Two of them written as one: "NarrowNetwork".
    places = range(_FEWEST_LETTERS, len(word) - _FEWEST_LETTERS + 1)
    return any(word[:place] in PRODUCT_WORDS and word[place:] in PRODUCT_WORDS for place in places)


def _likeness(words: str, known: str, shares_a_name: bool) -> float:
    subset = min(fuzz.token_set_ratio(words, known), _SUBSET) if shares_a_name else 0
    return max(fuzz.ratio(words, known), fuzz.token_sort_ratio(words, known), subset)


def _by_population(insurer: Insurer) -> tuple[int, str]:
    ranks = [_BY_POPULATION.index(state) for state in insurer.states if state in _BY_POPULATION]
    return min(ranks, default=-1), insurer.name


def _why_asked(insurer: Insurer, state: str | None) -> str:
    if state is None and not insurer.is_anywhere:
        return _("Several states have an insurer by this name. This one is in {states}.").format(
            states=_joined(insurer)
        )
    return _("More than one insurer uses this name. Your card shows which one.")


def _joined(insurer: Insurer) -> str:
    return ", ".join(sorted(insurer.states))
