"""The sentences that stand in plan files and price lists rather than in code.

Names of real plans, payers and documents stay as they are, and so does what an official file is quoted with.
"""

from collections.abc import Iterator
from functools import cache

from estimator.engine.coding import EXPERIENCES, METHODS, PRICE_BASES, PROVIDERS, PURPOSES, SETTINGS
from estimator.engine.coverage import Scope, StateRule
from estimator.engine.plan import Authorization, Basis, Measure, Per, Plan, Position
from estimator.engine.prices import Unpaid
from estimator.plans.catalogue_file import catalogues, read_catalogue
from estimator.plans.folder import Library, library
from estimator.plans.pbp import OPEN_WORDS
from estimator.prices.books import books, diagnoses
from estimator.settings import plans_folder
from estimator.wording.words import REST, parts_of, payer_called, plain

# Words of findings and of what they are about that billers read, and that no list of the engine holds.
_OF_FINDINGS = (
    *("authorization", "consent", "diagnosis", "improvement", "in-network", "justification", "out-of-network"),
    *("deductible", "medicare-status", "one-needling-code", "out-of-pocket-max", "policy", "referral", "copay"),
)
_NO_WORDS = frozenset({"", "unknown"})
_NAMED = ("networks", "limits", "benefits")


@cache
def content_sentences() -> tuple[str, ...]:
    """Return every sentence of the shipped content that a reader may see, each once."""
    plans = library(plans_folder())
    return tuple(dict.fromkeys(sentence for sentence in _all(plans) if sentence not in _NO_WORDS))


def _all(plans: Library) -> Iterator[str]:
    yield from (service.name for service in plans.shared.services.codes.values())
    yield from (diagnosis.words for diagnosis in diagnoses().by_code.values())
    for names in (PROVIDERS, EXPERIENCES, SETTINGS, PURPOSES):
        yield from map(plain, names)
    for word in (*Measure, *Position, *Unpaid, *Basis, *Per, *Scope, *METHODS, *PRICE_BASES, *_OF_FINDINGS):
        yield plain(word)
    for path in plans.files():
        yield from _of_plan(plans.read_file(path).plan)
    yield from (shared.policy.ask for shared in plans.shared.policies.values() if shared.policy)
    for state in plans.states.values():
        yield from _of_state(state)
    for book in books():
        yield from (area.name for area in book.localities.values() if not area.name.startswith(REST))
    yield from _of_catalogues()


def _of_plan(plan: Plan) -> Iterator[str]:
    yield plan.title
    if plan.kind == "template" or plan.market == "self-pay":
        yield from (plan.payer, payer_called(plan.payer))
    yield from (note for note, _citation in plan.notes)
    needed = (each for benefit in plan.benefits for each in (benefit.authorization, benefit.referral))
    yield from (payer_called(each.administrator) for each in needed if isinstance(each, Authorization))
    yield from (policy.ask for policy in plan.policies)
    for name in (*plan.networks, *plan.limits, *(benefit.name for benefit in plan.benefits)):
        yield plain(name)


def _of_state(state: StateRule) -> Iterator[str]:
    yield from (state.name, state.says, state.training, state.referral, state.registration)
    yield state.direct_access_limit
    yield from (permission.terms for permission in state.others.values())


def _of_catalogues() -> Iterator[str]:
    """Yield the names of the imported plans' parts, and our own words around what their files are quoted with."""
    for path in catalogues(plans_folder()):
        _head, listed = read_catalogue(path)
        for definition in (one.definition for one in listed):
            yield from (plain(name) for names in _NAMED for name in definition.get(names, ()))
            for note in definition.get("notes", ()):
                before, _quote, after = parts_of(note["text"])
                yield from (before, after)
    before, _quote, after = parts_of(OPEN_WORDS.format("$0 to $40"))
    yield from (before, after)
