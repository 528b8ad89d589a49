"""A whole answer in Spanish: nothing in it is left in English, on whatever plan, for either reader."""

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from estimator.errors import RequestRefused
from estimator.estimates.compare import change_named, compare
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.estimates.sensitivity import what_matters
from estimator.language import SPANISH, speaking
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from estimator.wording.answer import Answer, answer_of
from estimator.wording.answer_schema import answer_json
from estimator.wording.comparisons import comparison_of, comparison_text
from estimator.wording.sensitivity import matters_of, matters_text
from estimator.wording.text import WIDTH, text_of
from estimator.wording.words import BILLER, PATIENT, Reader, place
from tests.goldens.answers import REQUESTS
from tests.language.pseudo import left_in_english

READERS: tuple[Reader, ...] = (PATIENT, BILLER)
COMPARED = [path for path in REQUESTS if path.stem in ("employer-ppo", "medicare-needling", "workers-comp-worker")]
[COURSE_OF_A_PPO] = [path for path in COMPARED if path.stem == "employer-ppo"]
CHANGES = ("out-of-network", "self-pay", "without-needling", "next-year", "original-medicare-2026", "no-such-plan")
# Whatever a citation or a finding names: documents, places, plan files and their rules. Codes of claims stay too.
NAMING = {"title", "place", "url", "payer", "locality", "book", "state", "party", "plan", "policy", "limit", "benefit"}
NAMING |= {"network", "administrator", "subject", "name", "id"}
CODES = ("CO", "PR", "OA", "CARC", "KX", "GP")


def saved(path: Path) -> dict[str, Any]:
    """Return a request that is kept as a golden."""
    request: dict[str, Any] = json.loads(path.read_text("utf-8"))["request"]
    return request


def answer(path: Path, reader: Reader) -> Answer:
    """Answer a saved request in the language that is spoken."""
    request, plans = saved(path), folder_shelf(plans_folder())
    estimate, plan = estimate_asked(read_request(request, date.fromisoformat(request["as_of"])), plans)
    return answer_of(estimate, plan, {code: each.name for code, each in plans.shared.services.codes.items()}, reader)


def names_in(part: Any) -> set[str]:
    """Return whatever an answer calls by a name of its own."""
    if isinstance(part, Mapping):
        found = {str(part[key]) for key in NAMING & part.keys() if isinstance(part[key], str)}
        return found.union(*map(names_in, part.values()))
    return set().union(*map(names_in, part)) if isinstance(part, list) else set()


def quotes_in(made: Answer) -> set[str]:
    """Return what the notes on an imported plan quote of the official file, which nobody translates."""
    return {quote for note in made.plan.notes for quote in re.findall(r"“[^⟦⟧]+”", note.says)}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_no_sentence_of_an_answer_passes_the_catalogues_by(path: Path, reader: Reader, pseudo_language: None) -> None:
    """Outside of the brackets stand names, numbers and codes alone."""
    made = answer(path, reader)

    assert [] == left_in_english(text_of(made), {*names_in(answer_json(made)), *quotes_in(made), *CODES})


@pytest.mark.parametrize("reader", READERS)
def test_no_sentence_of_a_comparison_is_said_past_the_catalogues(reader: Reader, pseudo_language: None) -> None:
    """Its one sentence, what its sides are called, and every note on them."""
    for path in COMPARED:
        request, plans = saved(path), folder_shelf(plans_folder())
        found = compare(request, [change_named(change) for change in CHANGES], date(2026, 11, 23), plans)
        told = comparison_of(found, {}, reader)
        said = [told.sentence, *(side.title for side in told.sides)]
        said += [each.says for side in told.sides for each in (*side.notes, *side.assumed_only_here)]
        said += [side.break_even.says for side in told.sides if side.break_even]
        said += [problem.message for side in told.sides for problem in side.problems]

        plans_named = {side.plan.title for side in told.sides if side.plan}
        assert [] == left_in_english("\n".join(said), {*plans_named, "no-such-plan"})
        with speaking(SPANISH):
            assert all(len(line) <= WIDTH for line in comparison_text(told).splitlines())


@pytest.mark.parametrize("reader", READERS)
def test_nothing_of_what_matters_is_said_past_the_catalogues(reader: Reader, pseudo_language: None) -> None:
    """What to answer first, and what each end of it would cost."""
    for path in COMPARED:
        found = what_matters(saved(path), date(2026, 11, 23), folder_shelf(plans_folder()))
        told = matters_of(found, {}, reader)

        assert [] == left_in_english(matters_text(told), {*names_in(told), *CODES})
        assert [] == left_in_english("\n".join(end["says"] for each in told["matters"] for end in each["ends"]))


@pytest.mark.parametrize("path", REQUESTS[::4], ids=lambda path: path.stem)
def test_a_spanish_answer_fits_into_a_terminal(path: Path) -> None:
    """Longer days and headings widen the table, and it stays within the width of the English one."""
    with speaking(SPANISH):
        lines = text_of(answer(path, PATIENT)).splitlines()

    assert [] == [line for line in lines if len(line) > WIDTH and "http" not in line]


def test_what_the_plan_does_not_know_is_told_in_spanish() -> None:
    """Its names stay as the plan file writes them."""
    request = {**saved(COURSE_OF_A_PPO), "provider": {"network": "tier-9"}, "used": {"limits": {"massages": 3}}}
    with speaking(SPANISH), pytest.raises(RequestRefused) as refused:
        estimate_asked(read_request(request, date(2026, 11, 23)), folder_shelf(plans_folder()))

    assert [
        "Elija una de las redes del plan: in-network, out-of-network.",
        "Elija uno de los límites del plan: therapy-visits.",
    ] == [problem.message for problem in refused.value.problems]


def test_states_and_price_areas_are_named_in_spanish() -> None:
    """What is left of a state too, as the official file names it; a city keeps its name."""
    with speaking(SPANISH):
        told = [place(name) for name in ("North Carolina", "Rest of Pennsylvania", "Seattle (King County)", "Dallas")]

    assert ["Carolina del Norte", "el resto de Pensilvania", "Seattle (condado de King)", "Dallas"] == told
