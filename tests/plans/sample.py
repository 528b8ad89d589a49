"""The plan of docs/plan-language.md, what it names, and ways to change it."""

import re
from datetime import date
from pathlib import Path
from typing import Any

from estimator.engine.plan import Plan, Policy, Position
from estimator.errors import PlanFileRefused
from estimator.plans.read import PlanFile, plan_from_mapping, read_plan
from estimator.plans.shared import Shared, SharedPolicy, read_services
from estimator.plans.text import Block, document, plain
from estimator.settings import plans_folder

DOCUMENT = Path(__file__).parents[2] / "docs" / "plan-language.md"
SAMPLE = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)[0]
AS_OF = date(2026, 3, 2)

_SERVICES = (plans_folder() / "_services.yaml").read_bytes()
NEEDLING = Policy("evergreen-dry-needling", frozenset({"20560", "20561"}), Position.EXCLUDED)
SHARED = Shared(
    services=read_services(_SERVICES, "plans/_services.yaml")[0],
    policies={NEEDLING.name: SharedPolicy(NEEDLING, Block(), {})},
)


def read(text: str | bytes, shared: Shared = SHARED) -> PlanFile:
    """Read the text of a plan file."""
    return read_plan(text, "plan.yaml", shared)


def changed(*changes: tuple[str, str]) -> str:
    """Return the sample with some of its text replaced."""
    text = SAMPLE
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the sample"
        text = text.replace(old, new)
    return text


def plan(*changes: tuple[str, str]) -> Plan:
    """Return the sample's plan with some of its text replaced."""
    return read(changed(*changes)).plan


def mistakes(text: str | bytes, shared: Shared = SHARED) -> list[str]:
    """Return the problems of a plan file as a person sees them."""
    try:
        read(text, shared)
    except PlanFileRefused as refusal:
        return [str(problem) for problem in refusal.problems]
    return []


def after(*changes: tuple[str, str]) -> list[str]:
    """Return the problems of the sample with some of its text replaced."""
    return mistakes(changed(*changes))


def given(**changes: Any) -> dict[str, Any]:
    """Return the sample as a request would define it, with some keys replaced, or removed where None."""
    definition = {**plain(document(SAMPLE)[0]), **changes}
    return {key: value for key, value in definition.items() if value is not None}


def mistakes_in_request(definition: Any) -> list[str]:
    """Return the problems of a plan that a request defines."""
    try:
        plan_from_mapping(definition, SHARED, AS_OF)
    except PlanFileRefused as refusal:
        return [str(problem) for problem in refusal.problems]
    return []
