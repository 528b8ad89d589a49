"""What the watch looks for: one function a job, which yields a subject and a sentence for whatever needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Engine

from estimator.billing import stored_watching as store
from estimator.billing.stored_watching import Ended
from estimator.clock import now_utc
from estimator.db.connection import reading
from estimator.engine.values import Money, Source, is_long_ago
from estimator.estimates.saved import all_saved, owed_today
from estimator.plans.folder import Library
from estimator.plans.search import Wanted
from estimator.plans.shared import sources_of
from estimator.plans.shelf import Shelf
from estimator.plans.text import below
from estimator.publishing.checking import check_example
from estimator.publishing.proposals import payers_with_proposals

# So many are named one by one; of more only the number is told, by kind.
_MOST_NAMED = 40
_HEX = 8


class Found(NamedTuple):
    """One thing that needs a person."""

    subject: str
    says: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What the jobs look at."""

    engine: Engine
    shelf: Shelf
    today: date

    @property
    def folder(self) -> Library:
        """Return the folder of plans, which holds what they share."""
        return self.shelf.folder


def stale_sources(watched: Watched) -> Iterator[Found]:
    """Find documents that a person read more than a year ago: those that plans share, and each plan's own."""
    shared = watched.folder.shared
    yield from _old("shared sources", shared.sources, watched.today)
    for name, policy in shared.policies.items():
        own = {key: source for key, source in policy.sources.items() if key not in shared.sources}
        yield from _old(f"policy {name}", own, watched.today)
    with reading(watched.engine) as connection:
        revisions = store.written_by_hand(connection)
    for revision_id in revisions:
        file = watched.shelf.file_of(revision_id)
        yield from _old(file.plan.id, sources_of(below(file.written, "sources"), file.file)[0], watched.today)


def ended_plans(watched: Watched) -> Iterator[Found]:
    """Find plans of which no revision holds any more; those of a catalogue are counted."""
    with reading(watched.engine) as connection:
        ended = store.ended_before(connection, watched.today)
    by_origin = Counter(one.origin for one in ended)
    for origin, number in by_origin.items():
        if number > _MOST_NAMED:
            yield Found(origin, f"{number:,} plans have ended. Import the files of the year that is on.")
    for one in ended:
        if by_origin[one.origin] <= _MOST_NAMED and not _goes_on(watched.shelf, one):
            yield Found(one.plan_id, f"{one.title} ended on {one.last_day}. Publish its next year, or let it rest.")


def open_proposals(watched: Watched) -> Iterator[Found]:
    """Find what insurers' free text proposes and nobody has confirmed or rejected, by payer."""
    payers = payers_with_proposals(watched.engine)
    for payer, number in sorted(payers, key=lambda each: -each[1])[:_MOST_NAMED]:
        yield Found(payer, f"{number:,} plans carry a proposal that nobody has answered.")
    if len(payers) > _MOST_NAMED:
        yield Found("other payers", f"{len(payers) - _MOST_NAMED:,} more payers have such plans.")


def failing_examples(watched: Watched) -> Iterator[Found]:
    """Find published plans whose own examples come out otherwise than they say."""
    with reading(watched.engine) as connection:
        revisions = store.written_by_hand(connection)
    for revision_id in revisions:
        file = watched.shelf.file_of(revision_id)
        for example in file.examples:
            for problem in check_example(file, example, watched.folder):
                yield Found(file.plan.id, str(problem))


def changed_estimates(watched: Watched) -> Iterator[Found]:
    """Find saved estimates that would come out otherwise under today's plans and prices; none is told in detail."""
    with reading(watched.engine) as connection:
        saved = all_saved(connection, now_utc())
    for one in saved:
        before = _owed(one.answer)
        again = owed_today(watched.shelf, one)
        name = f"estimate {one.link[:_HEX]}"
        if again is None:
            yield Found(name, f"Saved on {one.created_at.date()}: today it cannot be made any more.")
        elif again != before:
            yield Found(name, f"Saved on {one.created_at.date()} as ${before}: today it would be ${again}.")


def _goes_on(shelf: Shelf, ended: Ended) -> bool:
    """Tell whether the plan's next year is active under an id that differs in nothing but the year."""
    year = ended.last_day.year
    after = ended.plan_id.replace(str(year), str(year + 1))
    return after != ended.plan_id and any(row.plan_id == after for row in shelf.search(Wanted(text=after)))


def _old(subject: str, sources: Mapping[str, Source | None], today: date) -> Iterator[Found]:
    for source in sources.values():
        if source is not None and is_long_ago(source.read_on, today):
            yield Found(subject, f"“{source.title}” was read on {source.read_on}, more than a year ago: read it again.")


def _owed(answer: Mapping[str, Any]) -> Money:
    return Money.parse(answer["patient_owes"]["typical"])
