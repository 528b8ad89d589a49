"""What was typed on the page becomes a call of the contract, and its problems find their fields again."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from estimator.errors import Problem, RequestRefused
from estimator.web.patient.call_answers_asking import Ask

DAY, REFERENCE = "call.day", "call.reference"


class Typed(NamedTuple):
    """A call as it was typed, with the question of each of its answers."""

    call: Mapping[str, Any]
    asks: Sequence[Ask]

    def field_of(self, path: str) -> str | None:
        """Return the field that a problem of this call belongs to, None for a problem of something else."""
        parts = path.split(".")
        if parts[0] != "told" or len(parts) < 3:
            return None
        if parts[2] != "answers" or len(parts) < 4 or not parts[3].isdecimal():
            return REFERENCE if parts[2] == "reference" else DAY
        ask = self.asks[int(parts[3])]
        return ask.from_name if parts[-1] == "from_visit" else ask.name


def typed_call(form: Mapping[str, str], asks: Sequence[Ask]) -> Typed:
    """Return the answers that were typed; a question without one was not asked."""
    said = [ask for ask in asks if form.get(ask.name, "").strip()]
    call = {
        "on": form.get(DAY, "").strip(),
        "reference": form.get(REFERENCE, "").strip() or None,
        "answers": [_answer(ask, form) for ask in said],
    }
    return Typed({key: value for key, value in call.items() if value is not None}, said)


def problems_on_page(refused: RequestRefused, typed: Typed) -> list[tuple[str | None, str]]:
    """Return the problems, each with its field; the first of a field."""
    found: dict[str | None, str] = {}
    for problem in refused.problems:
        found.setdefault(typed.field_of(problem.path), problem.message)
    return list(found.items())


def is_of_the_call(problem: Problem) -> bool:
    """Tell whether a problem is about what was told."""
    return problem.path.startswith("told")


def _answer(ask: Ask, form: Mapping[str, str]) -> dict[str, Any]:
    answer = form[ask.name].strip()
    if ask.kind == "percent" and answer[-1:].isdecimal():
        answer += "%"
    from_visit = form.get(ask.from_name, "").strip() if ask.from_name and answer == "yes" else ""
    written = {"asks": ask.asks, "subject": ask.subject, "answer": answer, "from_visit": from_visit}
    return {key: value for key, value in written.items() if value}
