"""What a person looks for, as typed, and the plans that fit.

A search never holds an answer about the person: only the place, the kind of plan, its insurer and its name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice

from estimator.plans.search import PlanRow, Wanted
from estimator.web import shelf
from estimator.web.patient import places
from estimator.web.patient.choices import BIG_MARKETS, MARKETS
from estimator.web.patient.choosing_found import Found, found_of, grouped
from estimator.web.whole_numbers import number_in, page_within

ANYWHERE = "any"
METAL_LEVELS = ("Catastrophic", "Bronze", "Expanded Bronze", "Silver", "Gold", "Platinum")
PAGE = 20

_LONGEST = 200
_ASKED = ("kind", "state", "issuer", "metal", "words", "page")
# All variants of every plan of the largest state; without a state, enough to say that there are many.
_MOST_ROWS = 6_000
_MOST_ANYWHERE = 400


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; what is empty may be anything. `state` is two letters, ANYWHERE, or empty: not said."""

    kind: str
    state: str
    issuer: str
    metal: str
    words: str
    page: int

    @property
    def is_enough(self) -> bool:
        """Say whether there is something to look for."""
        return bool(self.state or self.words or self.kind not in ("", *BIG_MARKETS))


@dataclass(frozen=True, slots=True)
class Results:
    """One page of the plans that fit, and how many there are; `is_cut` where there are more than were counted.

    `issuers` are all of the state and kind that were asked for, none where no state was.
    """

    plans: Sequence[Found]
    total: int
    page: int
    pages: int
    is_cut: bool
    issuers: Sequence[str]


def query_of(typed: Mapping[str, str], kind: str = "") -> Query:
    """Read what was typed; a ZIP code says the state where none is chosen, and strange words mean nothing."""
    said = {name: typed.get(name, "").strip()[:_LONGEST] for name in _ASKED}
    state = said["state"]
    if state != ANYWHERE and state not in shelf.shelf().states:
        state = places.state_of(typed.get("zip", "").strip()) or ""
    kind = kind or (said["kind"] if said["kind"] in MARKETS else "")
    return Query(
        kind=kind,
        state=state,
        issuer=said["issuer"],
        # What was chosen for one kind of plan is not meant for the next.
        metal=said["metal"] if said["metal"] in METAL_LEVELS and kind in ("", "marketplace") else "",
        words=said["words"],
        page=number_in(said, "page", 1),
    )


def results_of(query: Query, day: date) -> Results:
    """Return a page of what is in force on a day or, where nothing is, of what once was."""
    if not query.is_enough:
        return Results((), 0, 1, 1, is_cut=False, issuers=())
    wanted = wanted_of(query)
    now, most = shelf.moment(), _most(query)
    listed = _listed(shelf.shelf(), wanted, day, most, now)
    if not listed.plans:
        listed = _listed(shelf.shelf(), wanted, None, most, now)
    plans = listed.plans
    page, pages = page_within(query.page, len(plans), PAGE)
    shown = [found_of(variants) for variants in islice(plans, (page - 1) * PAGE, page * PAGE)]
    return Results(shown, len(plans), page, pages, is_cut=listed.rows == most, issuers=_issuers(query, listed))


def with_known_issuer(query: Query) -> Query:
    """Return the search without an insurer that sells nothing in the state, which was left from another search."""
    is_known = not query.issuer or wanted_of(query).state is None or query.issuer in issuers_in(query)
    return query if is_known else replace(query, issuer="")


def issuers_in(query: Query) -> Sequence[str]:
    """Return who sells plans of this kind in the state."""
    wanted = wanted_of(query)
    return [row.payer for row in shelf.payers(Wanted(state=wanted.state, market=wanted.market, kind="published"))]


def wanted_of(query: Query) -> Wanted:
    """Return the search that a query means, on any day."""
    state = query.state if query.state not in ("", ANYWHERE) else None
    return Wanted(
        text=query.words,
        state=state,
        market=query.kind or None,
        payer=query.issuer or None,
        metal=query.metal or None,
    )


@dataclass(frozen=True, slots=True)
class _Listed:
    """All plans that fit, the variants of each together, and the number of rows they were found in."""

    plans: Sequence[Sequence[PlanRow]]
    rows: int


@lru_cache(maxsize=16)
def _listed(plans: shelf.Plans, wanted: Wanted, day: date | None, most: int, moment: int) -> _Listed:
    # Kept for a moment, so that the next page of the same list costs nothing.
    asked = Wanted(wanted.text, wanted.state, wanted.market, None, wanted.payer, wanted.metal, day)
    rows = shelf.search(asked, most)
    return _Listed(grouped(row for row in rows if row.kind != "example" and _is_offered(row)), len(rows))


def _issuers(query: Query, listed: _Listed) -> Sequence[str]:
    wanted = wanted_of(query)
    if wanted.state is None:
        return ()
    if not (query.words or query.issuer or query.metal):
        return sorted({variants[0].payer for variants in listed.plans})
    return issuers_in(query)


def _is_offered(row: PlanRow) -> bool:
    # Among thousands of real plans nobody looks for a typical one: it stands on the form.
    return row.kind == "published" or row.market not in BIG_MARKETS


def _most(query: Query) -> int:
    return _MOST_ANYWHERE if query.state in ("", ANYWHERE) else _MOST_ROWS
