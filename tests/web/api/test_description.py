"""The description of the API is what the API does: schemathesis sends what it allows, and what it does not."""

import json
from collections.abc import Iterator

import jsonschema
import pytest
import schemathesis
import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from sqlalchemy import Engine

from estimator.accounts.roles import Role
from estimator.plans.shelf import Shelf
from estimator.web import create_app
from tests.goldens.answers import REQUESTS
from tests.web.api.conftest import token_of

OPERATIONS = 21
# Their only part is an id, a label or a number, and every text may be one; what else an address holds is passed over.
TAKE_ANYTHING = {"readPlan", "listRevisions", "listCases", "listAlerts"}
# A request may have the right shape and still ask for a plan that there is not.
_EXPECTED = {"expected-statuses": ["2xx", "404", "422"]}
# One that is none may be too large besides.
_REFUSED = {"expected-statuses": ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]}
_CONFIG = {"checks": {"positive_data_acceptance": _EXPECTED, "negative_data_rejection": _REFUSED}}
FEW, MANY = 4, 300
_USUAL = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def described(engine: Engine) -> Iterator[schemathesis.BaseSchema]:
    """The description that the app itself sends, with the app behind it."""
    config = SchemathesisConfig.from_dict(_CONFIG)
    with time_machine.travel("2026-11-25T12:00:00Z"):
        yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", create_app(Shelf(engine)), config=config)


@pytest.mark.slow_for(MANY)
@pytest.mark.parametrize("examples", [FEW, MANY])
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_description_holds(
    described: schemathesis.BaseSchema, engine: Engine, mode: GenerationMode, examples: int
) -> None:
    """Every answer has a status and a shape that are described, and nothing makes the server fail."""
    operations = [found.ok() for found in described.get_all_operations()]
    assert OPERATIONS == len(operations)
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and operation.definition.raw["operationId"] in TAKE_ANYTHING:
            continue
        role = Role.RULES if operation.path.endswith("/rules") else Role.BILLING
        headers = {"Authorization": f"Bearer {token_of(engine, role)}", "Accept-Encoding": "identity"}

        @settings(_USUAL, max_examples=examples)
        @given(operation.as_strategy(generation_mode=mode))
        def holds(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers)  # noqa: B023 - it runs within the loop

        holds()


def test_every_saved_answer_is_as_it_is_described(engine: Engine) -> None:
    """The shapes leave out no key that an answer has, for either reader."""
    client = create_app(Shelf(engine)).test_client()
    components = client.get("/api/v1/openapi.json").json["components"]
    shape = jsonschema.Draft202012Validator({"$ref": "#/components/schemas/Answer", "components": components})
    answered = 0
    for path in REQUESTS:
        request = json.loads(path.read_text("utf-8"))["request"]
        for reader in ("patient", "biller"):
            answer = client.post(f"/api/v1/estimates?reader={reader}", json=request)
            if answer.status_code == 200:
                answered += 1
                assert [] == [error.message for error in shape.iter_errors(answer.json)]

    assert answered > 20
