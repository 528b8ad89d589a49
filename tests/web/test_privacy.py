"""What a person types is found in no log and in no table, unless they ask for the estimate to be saved."""

from datetime import date
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from estimator.plans.shelf import Shelf
from estimator.web import create_app
from estimator.web.patient.call_answers import DAY, REFERENCE
from estimator.web.patient.form import answers_of
from tests.web.conftest import TODAY, Pages
from tests.web.kept_plans import shelf_like
from tests.web.test_saving import rows

COURSE = {"zip": "98101", "plan": "template-employer-ppo", "visits": "6"}
MARKER = "MARKER7431"
SEARCH = ("text", "kind", "state", "issuer", "metal", "described", "find", "against", "days")
FIELDS = (*answers_of({}, date.fromisoformat(TODAY)), *SEARCH)
CALL = (DAY, REFERENCE, "call.payable.20561", "call.cost-share.copay", "call.limit.therapy-visits")
PAGES = (
    "/", "/estimate", "/choose-plan", "/my-plan", "/compare", "/open-enrollment", "/what-matters", "/call-answers",
    "/save", "/paper/estimate", "/paper/call-script",
)  # fmt: skip


@pytest.fixture(scope="module")
def own(kept_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Return a database that these tests alone use."""
    return shelf_like(kept_file, tmp_path_factory.mktemp("private"))


@pytest.fixture(scope="module")
def private(own: Shelf) -> Pages:
    """Return a reader of the pages of an app with that database."""
    return Pages(create_app(own).test_client())


def traces(own: Shelf, logged: list[object], printed: str) -> list[str]:
    """Return every place in which the marker was left."""
    return [place for place in (*rows(own), *map(str, logged), printed) if MARKER in place]


@pytest.mark.parametrize("path", PAGES)
def test_a_marker_in_every_field_leaves_no_trace(
    path: str, private: Pages, own: Shelf, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever page is sent to."""
    with capture_logs() as logged:
        status = private.client.post(path, data=dict.fromkeys((*FIELDS, *CALL), MARKER)).status_code

    assert 500 != status
    assert [] == traces(own, logged, "".join(capfd.readouterr()))


def test_a_marker_in_one_field_of_a_form_that_is_answered_leaves_no_trace(
    private: Pages, own: Shelf, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each field alone, so that what is beside it is answered and goes as far as an estimate."""
    forms = [("/estimate", field) for field in FIELDS] + [("/call-answers", field) for field in CALL]
    with capture_logs() as logged:
        for path, field in forms:
            assert 500 != private.client.post(path, data={**COURSE, field: MARKER}).status_code, field

    assert [] == traces(own, logged, "".join(capfd.readouterr()))


def test_a_marker_in_an_address_leaves_no_trace(private: Pages, own: Shelf, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither a path nor a query is written down."""
    with capture_logs() as logged:
        for address in (f"/{MARKER}", f"/choose-plan?text={MARKER}", f"/plans/{MARKER}", f"/saved/{MARKER}"):
            private.client.get(address)

    assert [] == traces(own, logged, "".join(capfd.readouterr()))


def test_a_marker_is_kept_where_a_person_asks_for_it(private: Pages, own: Shelf) -> None:
    """So that the test would see one that was left."""
    private.send(to="/save", **COURSE, diagnosis="M54.50", days="7", status=201)

    assert [row for row in rows(own) if "M54.50" in row and row.startswith("saved_estimates")]
