"""The nightly watch: what has grown old, ended, failed or would change; and what is removed when its time is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from estimator.billing.alerts import raise_alerts
from estimator.billing.clinic import clinic_now
from estimator.billing.given_estimates import remove_expired
from estimator.billing.needs import thresholds_set
from estimator.billing.past_visits import count_past, past_rows
from estimator.billing.register import prices_at
from estimator.billing.schedule import books_now
from estimator.billing.sent_schedules import delete_schedules, expired_ids
from estimator.clock import now_utc, today
from estimator.db.connection import forget_changes, reading, writing
from estimator.db.tables import active_plans, next_id, plan_revisions, watch_runs
from estimator.engine.values import Money, Source, is_long_ago
from estimator.errors import EstimatorError, PlanFileRefused
from estimator.estimates import saved
from estimator.estimates.saved import each_saved, owed_today
from estimator.plans.crosswalk import Fate, ids_of_next_year, succession_of, successor_ids
from estimator.plans.folder import Library
from estimator.plans.shared import sources_of
from estimator.plans.shelf import Shelf
from estimator.plans.text import below
from estimator.prices.books import books
from estimator.prices.store import Kind, active_books, active_prices
from estimator.publishing.check import check_example
from estimator.publishing.clinic_lists import active_list, drift_between
from estimator.publishing.proposals import payers_with_proposals
from estimator.settings import COUNT_PAST_VISITS

# ----------------------------------------------------------------------------
# What the watch looks for: one function a job, which yields a subject and a sentence for whatever needs a person.
# ----------------------------------------------------------------------------

# So many are named one by one; of more only the number is told, by kind.
_MOST_NAMED = 40
_SOON = timedelta(days=60)
_A_DAY = timedelta(days=1)
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
        revisions = written_by_hand(connection)
    for revision_id in revisions:
        file = watched.shelf.file_of(revision_id)
        yield from _old(file.plan.id, sources_of(below(file.written, "sources"), file.file)[0], watched.today)


def ended_plans(watched: Watched) -> Iterator[Found]:
    """Find plans of which no revision holds any more; those of a catalogue are counted."""
    with reading(watched.engine) as connection:
        ended = ended_before(connection, watched.today)
    by_origin = Counter(one.origin for one in ended)
    for origin, number in by_origin.items():
        if number > _MOST_NAMED:
            yield Found(origin, f"{number:,} plans have ended. Import the files of the year that is on.")
    for one in ended:
        if by_origin[one.origin] <= _MOST_NAMED and not (
            _goes_on(watched.shelf, one) or _is_followed(watched.shelf, one)
        ):
            yield Found(one.plan_id, f"{one.title} ended on {one.last_day}. Publish its next year, or let it rest.")


def ending_plans(watched: Watched) -> Iterator[Found]:
    """Find plans whose year ends within 60 days without a successor; those of a catalogue are counted.

    A successor is a later revision, the plan that its rules name, one whose id differs in nothing but the year, or an
    active plan that the official crosswalk names. Fictional plans are left out.
    """
    until = watched.today + _SOON
    with reading(watched.engine) as connection:
        ended = {one.plan_id for one in ended_before(connection, watched.today)}
        ending = [one for one in ended_before(connection, until + timedelta(days=1)) if one.plan_id not in ended]
    open_ends = [one for one in ending if not one.is_fictional and not _goes_on(watched.shelf, one)]
    by_origin = Counter(one.origin for one in open_ends)
    # Only what people write names a successor: thousands of plans of a catalogue are not read for it.
    few = [one for one in open_ends if by_origin[one.origin] <= _MOST_NAMED]
    followed = {one.plan_id for one in few if _is_followed(watched.shelf, one)}
    open_ends = [one for one in open_ends if one.plan_id not in followed]
    for origin, number in by_origin.items():
        if number > _MOST_NAMED:
            last = max(one.last_day for one in open_ends if one.origin == origin)
            yield Found(origin, f"The year of {number:,} plans ends by {last}. Import the files of the next year.")
    for one in open_ends:
        if by_origin[one.origin] <= _MOST_NAMED:
            words = f"{one.title} ends on {one.last_day}, and no plan follows. Roll it into the next year."
            yield Found(one.plan_id, f"{words}{_moves_to(watched.engine, one)}")


def prices_to_renew(watched: Watched) -> Iterator[Found]:
    """Find prices that end within 60 days: a fee schedule without a final book, and rows of the clinic's lists."""
    until = watched.today + _SOON
    with reading(watched.engine) as connection:
        final = {book.year for book in active_books(connection)}
    final |= {book.year for book in books() if not book.is_proposed}
    if until.year not in final:
        words = "There is no final price book yet. Import it with `estimator import fees` once CMS has published it."
        yield Found(f"Medicare’s fee schedule of {until.year}", words)
    for kind in Kind:
        kept = active_list(watched.engine, kind)
        if kept is None:
            continue
        ending = drift_between(kept.entries, kept.entries, watched.today).ending
        for day, number in ending.items():
            if watched.today <= day <= until:
                yield Found(f"{kind} list", f"{number:,} prices end on {day}, with nothing after. Enter new ones.")


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
        revisions = written_by_hand(connection)
    for revision_id in revisions:
        file = watched.shelf.file_of(revision_id)
        for example in file.examples:
            for problem in check_example(file, example, watched.shelf):
                yield Found(file.plan.id, str(problem))


def changed_estimates(watched: Watched) -> Iterator[Found]:
    """Find saved estimates that come out otherwise today, or cross into a year whose rules are not known yet.

    None is told in detail.
    """
    prices = active_prices(watched.engine)
    for one in each_saved(watched.engine, now_utc()):
        before = _owed(one.answer)
        again = owed_today(watched.shelf, one, prices_at(watched.shelf, prices, one.form.get("location", "")))
        name = f"estimate {one.link[:_HEX]}"
        if again is None:
            yield Found(name, f"Saved on {one.created_at.date()}: today it cannot be made any more.")
        elif again != before:
            yield Found(name, f"Saved on {one.created_at.date()} as ${before}: today it would be ${again}.")
        elif year := _provisional_year(one.answer):
            yield Found(
                name, f"Saved on {one.created_at.date()}: its visits in {year} rest on the rules of the year before."
            )


def _provisional_year(answer: Mapping[str, Any]) -> str | None:
    """Return the year that a kept answer crosses into without knowing its rules; None where there is none."""
    points = answer.get("open_points", ())
    return next((str(point["subject"]) for point in points if point["about"] == "next-year"), None)


def _goes_on(shelf: Shelf, ended: Ended) -> bool:
    """Tell whether the plan's next year is active: under an id with the next year in it, or by the crosswalk."""
    if any(map(shelf.active_revisions, ids_of_next_year(ended.plan_id, ended.last_day))):
        return True
    said = succession_of(shelf.engine, ended.plan_id, (ended.last_day + _A_DAY).year)
    if said is None:
        return False
    with reading(shelf.engine) as connection:
        return bool(successor_ids(connection, ended.plan_id, said))


def _is_followed(shelf: Shelf, ended: Ended) -> bool:
    """Tell whether a plan that this one names as its successor is active on the day after its last."""
    try:
        plan = shelf.find(ended.plan_id, ended.last_day)
    except PlanFileRefused:
        return False
    return bool(plan.successor) and shelf.after(plan, ended.last_day + _A_DAY) is not None


def _moves_to(engine: Engine, ending: Ended) -> str:
    """Say where the official crosswalk moves a plan's members, if it was imported."""
    said = succession_of(engine, ending.plan_id, (ending.last_day + _A_DAY).year)
    if said is None:
        return ""
    if said.fate is Fate.ENDS:
        return " By the official crosswalk it ends, and its members are moved nowhere."
    return f" The official crosswalk names {', '.join(said.plans).upper()}: import the plans of that year."


def _old(subject: str, sources: Mapping[str, Source | None], today: date) -> Iterator[Found]:
    for source in sources.values():
        if source is not None and is_long_ago(source.read_on, today):
            yield Found(subject, f"“{source.title}” was read on {source.read_on}, more than a year ago: read it again.")


def _owed(answer: Mapping[str, Any]) -> Money:
    return Money.parse(answer["patient_owes"]["typical"])


def past_visits(watched: Watched) -> Iterator[Found]:
    """Count visits whose day has passed where the clinic says so, and tell of those that a person has to mark."""
    if COUNT_PAST_VISITS.value():
        books = books_now(watched.shelf, active_prices(watched.engine))
        if counted := count_past(watched.engine, books, clinic_now().habits):
            yield Found("cases", f"Past visits counted in their cases: {counted:,}.")
    if left := len(past_rows(watched.engine)):
        yield Found("work list", f"Past visits marked neither done nor missed: {left:,}.")


def case_alerts(watched: Watched) -> Iterator[Found]:
    """Raise the alerts of open cases that are new today, and tell how many; their page names them."""
    if raised := raise_alerts(watched.shelf, watched.today, clinic_now().habits, thresholds_set()):
        yield Found("open cases", f"{raised:,} new alerts. The work list shows them.")


Job = Callable[[Watched], Iterable[Found]]

JOBS: Mapping[str, Job] = {
    "stale-sources": stale_sources,
    "ended-plans": ended_plans,
    "ending-plans": ending_plans,
    "prices-to-renew": prices_to_renew,
    "open-proposals": open_proposals,
    "failing-examples": failing_examples,
    "changed-estimates": changed_estimates,
    "past-visits": past_visits,
    "case-alerts": case_alerts,
}
# What a job may meet in what it looks at: a plan that cannot be read, a database that does not answer, a lost file.
_FAILURES = (EstimatorError, SQLAlchemyError, OSError, ValueError, KeyError)
_KEPT = 30


def watch(engine: Engine, jobs: Mapping[str, Job] = JOBS) -> WatchRun:
    """Run every job, keep what they found, and return it."""
    watched = Watched(engine, Shelf(engine), today())
    run = WatchRun(now_utc(), [_report(name, job, watched) for name, job in jobs.items()])
    with writing(engine) as connection:
        keep_run(connection, run, _KEPT)
        connection.commit()
    return run


def last_watch(engine: Engine) -> WatchRun | None:
    """Return what was found last; None where nobody has looked yet."""
    with reading(engine) as connection:
        return last_run(connection)


def failed(run: WatchRun) -> Sequence[str]:
    """Return the names of the jobs that did not come to their end."""
    return [report["job"] for report in run.reports if report["failed"]]


def _report(name: str, job: Job, watched: Watched) -> dict[str, Any]:
    found: list[list[str]] = []
    reason = ""
    try:
        found.extend(list(each) for each in job(watched))
    except _FAILURES as failure:
        reason = f"{type(failure).__name__}: {failure}"
    return {"job": name, "found": found, "failed": reason}


# ----------------------------------------------------------------------------
# What the watch looks at in the database, and what it found when.
# ----------------------------------------------------------------------------

Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """A plan whose last active revision has come to its end."""

    plan_id: str
    title: str
    market: str
    origin: str
    kind: str
    last_day: date

    @property
    def is_fictional(self) -> bool:
        """Tell whether the plan is an example of the language."""
        return self.kind == "example"


@dataclass(frozen=True, slots=True)
class WatchRun:
    """What was found at one moment."""

    ran_at: datetime
    reports: Sequence[Report]


def written_by_hand(connection: Connection) -> tuple[int, ...]:
    """Return the active revisions that are kept as the text of a plan file, by plan."""
    asked = select(plan_revisions.c.id).join(active_plans, active_plans.c.revision_id == plan_revisions.c.id)
    return tuple(connection.scalars(asked.where(plan_revisions.c.form == "yaml").order_by(plan_revisions.c.plan_id)))


def ended_before(connection: Connection, day: date) -> tuple[Ended, ...]:
    """Return the plans that hold on no day from this one on."""
    columns = active_plans.c
    later = active_plans.alias()
    goes_on = select(later.c.plan_id).where(
        later.c.plan_id == columns.plan_id, later.c.last_day.is_(None) | (later.c.last_day >= day)
    )
    asked = select(columns.plan_id, columns.title, columns.market, columns.origin, columns.kind, columns.last_day)
    rows = connection.execute(asked.where(~goes_on.exists()).order_by(columns.plan_id, columns.last_day))
    return tuple(Ended(*row) for row in rows)


def keep_run(connection: Connection, run: WatchRun, kept: int) -> None:
    """Add what was found; of older runs only so many stay that there are `kept` in all."""
    number = next_id(connection, watch_runs)
    connection.execute(insert(watch_runs), {"id": number, "ran_at": run.ran_at, "reports": list(run.reports)})
    connection.execute(delete(watch_runs).where(watch_runs.c.id <= number - kept))


def last_run(connection: Connection) -> WatchRun | None:
    """Return what was found last; None where nobody has looked yet."""
    asked = select(watch_runs.c.ran_at, watch_runs.c.reports).order_by(watch_runs.c.id.desc()).limit(1)
    row = connection.execute(asked).first()
    return None if row is None else WatchRun(row.ran_at, row.reports)


# ----------------------------------------------------------------------------
# Remove what is kept for a time only, once its time is over.
# ----------------------------------------------------------------------------


class Purged(NamedTuple):
    """How many estimates were removed, by how they were kept: under a link, or for the billing desk."""

    saved: int
    given: int


def purge(engine: Engine, now: datetime) -> Purged:
    """Remove every estimate and every schedule whose time is over; return how many estimates."""
    with writing(engine) as connection:
        delete_schedules(connection, expired_ids(connection, now))
        gone = Purged(saved.remove_expired(connection, now), remove_expired(connection, now))
        connection.commit()
    forget_changes(engine)
    return gone
