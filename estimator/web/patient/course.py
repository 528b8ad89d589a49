"""The visits of an answer as a reader takes them in: those that differ in nothing but the day stand together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from estimator.engine.answer import Status
from estimator.engine.values import Money
from estimator.language import N_, _
from estimator.wording.answer import is_by_contract
from estimator.wording.plans import heading
from estimator.wording.words import cents_of, page_day, page_usd, short_day

Visit = Mapping[str, Any]
Line = Mapping[str, Any]
# Where the plan pays, or would with an approval, its price is the price.
_BY_THE_PLAN = (Status.PAYABLE, Status.NEEDS_AUTHORIZATION, Status.BUNDLED)
_MEASURES = {
    "visits": N_("visits"),
    "days": N_("days"),
    "sessions": N_("sessions"),
    "minutes": N_("minutes"),
    "modalities": N_("services"),
    "units": N_("units"),
    "months": N_("months"),
}
_CEILINGS = (("deductible", N_("Deductible")), ("out_of_pocket_max", N_("Out-of-pocket maximum")))

Balances = Sequence[tuple[str, str]]


class Reason(NamedTuple):
    """A sentence on one or several services of a visit; `amount` is what it makes the patient owe, "" where nothing."""

    names: str
    says: str
    amount: str
    citation: Mapping[str, Any] | None


class ServiceTotal(NamedTuple):
    """One service over the course: how often, its answers, and what the patient owes for it in all."""

    name: str
    code: str
    times: int
    statuses: tuple[tuple[str, str], ...]
    owes: Money


@dataclass(frozen=True, slots=True)
class VisitGroup:
    """Visits that are alike; `visit` is the first of them, `balances` what is left after the last."""

    name: str
    days: str
    count: int
    visit: Visit
    notes: tuple[str, ...]
    reasons: tuple[Reason, ...]
    prices: tuple[Reason, ...]
    balances: Balances


def grouped(answer: Mapping[str, Any]) -> list[VisitGroup]:
    """Return the visits in order, those that are alike and follow each other as one."""
    notes: dict[int, list[str]] = {}
    for point in answer["crossing_points"]:
        notes.setdefault(point["visit"], []).append(point["says"])
    alike = groupby(answer["visits"], key=lambda visit: _what_differs(visit, notes))
    return [_group(list(visits), notes) for _, visits in alike]


def _what_differs(visit: Visit, notes: Mapping[int, Sequence[str]]) -> tuple[Any, ...]:
    own = visit["number"] if visit["number"] in notes else 0
    return own, visit["network"], visit["range"], [_shown(line) for line in visit["lines"]]


def _shown(line: Line) -> tuple[Any, ...]:
    # The numbers behind a sentence, such as the count of a visit, differ where nothing that is read does.
    steps = [(step["says"], step["amount"], step["citation"]) for step in line["steps"]]
    facts = tuple(line[name] for name in ("code", "units", "minutes", "modifiers", "status", "patient_owes"))
    return *facts, price_of(line), line["price"]["says"], steps


def _group(visits: Sequence[Visit], notes: Mapping[int, Sequence[str]]) -> VisitGroup:
    first, last = visits[0], visits[-1]
    is_one = first is last
    return VisitGroup(
        name=_name(first["number"], last["number"]),
        days=page_day(first["day"]) if is_one else _days(first["day"], last["day"]),
        count=len(visits),
        visit=first,
        notes=tuple(notes.get(first["number"], ())),
        reasons=tuple(_reasons(first["lines"], _steps(first["lines"]))),
        prices=tuple(_reasons(first["lines"], ((line, line["price"]) for line in first["lines"]))),
        balances=tuple(_balances(last["accumulators"])),
    )


def _name(first: int, last: int) -> str:
    words = _("Visit {first}") if first == last else _("Visits {first} to {last}")
    return words.format(first=first, last=last)


def _days(first: str, last: str) -> str:
    return _("{first} to {last}").format(first=short_day(first), last=short_day(last))


def by_service(answer: Mapping[str, Any]) -> list[ServiceTotal]:
    """Return what each service comes to over the whole course, in the order of its first visit."""
    lines: dict[str, list[Line]] = {}
    for visit in answer["visits"]:
        for line in visit["lines"]:
            lines.setdefault(line["code"], []).append(line)
    return [_total(alike) for alike in lines.values()]


def _total(lines: Sequence[Line]) -> ServiceTotal:
    statuses = {line["status"]: line["status_says"] for line in lines}
    owes = Money(sum(cents_of(line["patient_owes"]) for line in lines))
    return ServiceTotal(lines[0]["name"], lines[0]["code"], len(lines), tuple(statuses.items()), owes)


def price_of(line: Line) -> str:
    """Return what a line costs: what the plan recognizes, or what the clinic asks where the plan pays nothing."""
    asked, recognized = str(line["charge"]), str(line["allowed"])
    is_recognized = line["status"] in _BY_THE_PLAN or is_by_contract(line)
    is_asked = not is_recognized or cents_of(recognized) == 0
    return asked if is_asked and cents_of(asked) > 0 else recognized


def _steps(lines: Sequence[Line]) -> Iterator[tuple[Line, Mapping[str, Any]]]:
    return ((line, step) for line in lines for step in line["steps"])


def _reasons(lines: Sequence[Line], sentences: Iterable[tuple[Line, Mapping[str, Any]]]) -> Iterator[Reason]:
    """Say what holds for several services once; what costs something stands by itself, so that the reasons add up."""
    told: dict[tuple[Any, ...], list[tuple[Line, Mapping[str, Any]]]] = {}
    for place, (line, sentence) in enumerate(sentences):
        is_free = cents_of(sentence.get("amount", "0.00")) == 0
        told.setdefault((sentence["says"], -1 if is_free else place), []).append((line, sentence))
    for (says, place), alike in told.items():
        is_all = len(alike) == len(lines) > 1
        names = _("All services") if is_all else "; ".join(line["name"] for line, _ in alike)
        sentence = alike[0][1]
        yield Reason(names, says, "" if place < 0 else sentence["amount"], sentence["citation"])


def _balances(accumulators: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, words in _CEILINGS:
        if ceiling := accumulators.get(name):
            yield _(words), _left_of_money(ceiling)
    for name, limit in accumulators["limits"].items():
        if cents_of(limit["used"]) if isinstance(limit["used"], str) else limit["used"]:
            yield heading(name), _left_of_limit(limit)


def _left_of_money(ceiling: Mapping[str, Any]) -> str:
    if ceiling["of"] is None:
        return _("{amount} so far").format(amount=page_usd(ceiling["used"]))
    return _("{left} of {whole} left").format(left=page_usd(ceiling["left"]), whole=page_usd(ceiling["of"]))


def _left_of_limit(limit: Mapping[str, Any]) -> str:
    if limit["measure"] == "dollars":
        return _left_of_money(limit)
    measure, used = _MEASURES[limit["measure"]], limit["used"]
    if limit["of"] is None:
        return _("{used} {measure} so far, no known end").format(used=used, measure=_(measure))
    return _("{used} of {whole} {measure} used").format(used=used, whole=limit["of"], measure=_(measure))
