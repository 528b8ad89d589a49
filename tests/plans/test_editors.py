"""The JSON Schema for editors accepts what the reader accepts, and refuses the plainest mistakes."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from estimator.plans.folder import library
from estimator.plans.schema import json_schema
from estimator.plans.text import document, plain
from estimator.settings import plans_folder
from tests.plans.sample import SAMPLE, changed

VALIDATOR = Draft202012Validator(json_schema())


def errors(text: str) -> list[str]:
    """Return where the schema refuses a plan."""
    found = VALIDATOR.iter_errors(plain(document(text)[0]))
    return sorted({".".join(map(str, error.absolute_path)) for error in found})


def test_the_schema_is_itself_a_schema() -> None:
    """Draft 2020-12, as it says."""
    Draft202012Validator.check_schema(json_schema())

    assert "https://json-schema.org/draft/2020-12/schema" == json_schema()["$schema"]


def test_the_plan_of_the_document_passes() -> None:
    """The grammar and the schema agree."""
    assert [] == errors(SAMPLE)


def test_every_shipped_plan_passes() -> None:
    """An editor shows no mistake where the reader finds none."""
    files: list[Path] = library(plans_folder()).files()

    assert files
    assert {} == {path.name: found for path in files if (found := errors(path.read_text("utf-8")))}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("copay: 40.00", "copaid: 40.00"), "benefits.physical-therapy.cost_share.in-network"),
        (("coinsurance: 40%", "coinsurance: 40"), "benefits.physical-therapy.cost_share.out-of-network.coinsurance"),
        (("kind: example", "kind: fiction"), "kind"),
        (("title: Evergreen PPO Silver 2500\n", ""), ""),
        (("visits: 30, ", "visits: 30, days: 4, "), "limits.therapy-visits"),
        (("past: patient-pays, cite: eoc p. 41", "past: patient-pays"), "limits.therapy-visits"),
        (("balance_bill: yes", "balance_bill: perhaps"), "networks.out-of-network"),
        (("plan: evergreen-ppo-silver", "plan: Evergreen PPO"), "plan"),
    ],
)
def test_a_plain_mistake_is_refused_near_its_place(change: tuple[str, str], place: str) -> None:
    """Keys, words, forms and missing keys."""
    found = errors(changed(change))

    assert found
    assert all(place.startswith(one) or one.startswith(place) for one in found)


def test_every_key_of_a_plan_that_needs_words_has_them() -> None:
    """Each block says what it is."""
    described: dict[str, Any] = json_schema()["$defs"]

    assert [] == [name for name, block in described.items() if not block["description"]]
    assert json_schema()["properties"]["kind"]["description"]
