"""What the page that looks for a plan shows."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from estimator.language import N_, _, ngettext
from estimator.plans.search import Wanted
from estimator.web import shelf
from estimator.web.patient import choices
from estimator.web.patient.choosing_query import (
    ANYWHERE,
    METAL_LEVELS,
    Query,
    Results,
    query_of,
    results_of,
    wanted_of,
    with_known_issuer,
)

Answers = Mapping[str, str]

_HEADING = N_("Find your plan")
_BESIDE = N_("Find a plan to compare with")
# The two plans that a comparison may set beside the one that was asked about.
OTHER_PLANS = ("other_plan", "another_plan")
_HEADINGS = {
    "medicare-advantage": N_("Find your Medicare Advantage plan"),
    "marketplace": N_("Find your Marketplace (HealthCare.gov) plan"),
}


def choose_page(typed: Mapping[str, str], carried: Answers | None, day: date, kind: str = "") -> dict[str, Any]:
    """Return what the page shows; `carried` are the answers that travel with the search, none where nobody gave any."""
    query = with_known_issuer(query_of(typed, kind))
    results = results_of(query, day)
    slot = _slot(typed) if carried else ""
    names = {letters: rule.name for letters, rule in shelf.shelf().states.items()}
    return {
        "query": query,
        "results": results,
        "heading": _(_BESIDE if slot else _HEADINGS.get(query.kind, _HEADING)),
        "carried": {**(carried or {"zip": typed.get("zip", "")}), **_beside(typed, slot)},
        "beside": slot,
        "is_sent": carried is not None,
        "kinds": [("", N_("Any kind")), *choices.MARKETS.items()],
        "states": [
            ("", N_("Choose a state")),
            (ANYWHERE, N_("Any state")),
            *sorted(names.items(), key=lambda pair: pair[1]),
        ],
        "issuers": [("", N_("Any insurer")), *((issuer, issuer) for issuer in results.issuers)],
        "metals": [("", N_("Any level")), *((level, level) for level in METAL_LEVELS)],
        "place": names.get(query.state, ""),
        "says": _says(query, results, names.get(query.state, "")),
    }


def _slot(typed: Mapping[str, str]) -> str:
    """Return as which of the other plans of a comparison one is looked for; nothing where it is for the form."""
    return next((name for name in OTHER_PLANS if typed.get("beside", "") == name), "")


def _beside(typed: Mapping[str, str], slot: str) -> dict[str, str]:
    return {name: typed.get(name, "") for name in (*OTHER_PLANS, "beside")} if slot else {}


def _says(query: Query, results: Results, place: str) -> str:
    """Say how many plans there are, or why there is none."""
    if not query.is_enough:
        return _("Choose your state, or write a word of the plan’s name or its id, and search.")
    if results.total:
        return _counted(results)
    if query.kind == "marketplace" and place and _has_its_own(query):
        says = _(
            "The files of HealthCare.gov hold no plan in {state}: the state runs a Marketplace of its own, "
            "whose plans we do not carry. Describe your plan instead, or take the typical one on the form."
        )
        return says.format(state=place)
    return _("No plan fits. Try one word of its name, another insurer or any level, or describe your plan instead.")


def _has_its_own(query: Query) -> bool:
    """Say whether a state is missing in the files of HealthCare.gov, as far as we carry them at all."""
    state = wanted_of(query).state
    here, anywhere = (shelf.count(Wanted(market=query.kind, kind="published", state=each)) for each in (state, None))
    return here == 0 < anywhere


def _counted(results: Results) -> str:
    if results.is_cut:
        says = _("More than {number} plans fit. Choose your state, or write more of the name.")
    else:
        says = ngettext("{number} plan fits.", "{number} plans fit.", results.total)
    return says.format(number=f"{results.total:,}")
