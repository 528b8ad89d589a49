"""What free text proposes, on its page: the quote beside our rule, and an answer."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine

from estimator.plans.folder import library
from estimator.plans.shelf import Draft, Shelf
from estimator.publishing.publish import Occasion, publish
from estimator.settings import plans_folder
from tests.web.kept_plans import definition
from tests.web.reading import page_of
from tests.web.staff.conftest import StaffClient

Staff = Callable[[str], StaffClient]
ADDRESS = "/staff/proposals/?payer=Alder+Health"
TEXT = (
    "Unconfirmed. The insurer's file says: “20 visits of PT a year.” We read: physical therapy has a limit of its own."
)


@pytest.fixture(autouse=True)
def _a_plan_with_free_text(engine: Engine) -> None:
    limit = {"visits": "20", "per": "benefit-year", "confirmed": "no", "cite": "eoc Therapy, Explanation"}
    made = definition("alder-quoted", "Alder Quoted", limits={"therapy-visits": limit})
    made["benefits"]["physical-therapy"]["limits"] = ["therapy-visits"]
    made["notes"] = [{"text": TEXT, "cite": "eoc Therapy, Explanation"}]
    made["notes"].append(
        {"text": "Unconfirmed. The insurer's file says: “No cosmetics.” We made no rule of it.", "cite": "eoc x"}
    )
    publish(engine, [Draft(made)], library(plans_folder()), Occasion("marketplace-2026"))


def test_the_quote_stands_beside_our_rule_and_is_confirmed(staff: Staff, engine: Engine) -> None:
    """Quotes that no rule rests on stand apart."""
    rules = staff("rules")
    page = page_of(rules.get(ADDRESS).text)
    answer = {"payer": "Alder Health", "text": TEXT, "answer": "confirm", "note": "Called"}
    unsigned = rules.post("/staff/proposals/", data={**answer, "note": ""})
    done = rules.post("/staff/proposals/", data=answer)
    again = rules.post("/staff/proposals/", data=answer)
    limit = Shelf(engine).find("alder-quoted", date(2026, 3, 2)).limits["therapy-visits"]

    assert "20 visits of PT a year." in page.one("blockquote").text
    assert "20 visits per benefit-year (therapy-visits, not confirmed)" in page.one("dl").text
    assert "1 quote that no rule" in page.one("summary").text
    assert (422, 303, 422) == (unsigned.status_code, done.status_code, again.status_code)
    assert "Enter why" in unsigned.text
    assert limit.confirmed
    assert "some-rules: confirmed" in page_of(rules.get("/staff/plans/alder-quoted").text).text


def test_a_viewer_reads_and_answers_nothing(staff: Staff) -> None:
    """The quote is shown without buttons."""
    viewer = staff("viewer")

    assert "20 visits of PT" in viewer.get(ADDRESS).text
    assert "Confirm</button>" not in viewer.get(ADDRESS).text
    assert "Alder Health" in viewer.get("/staff/proposals/").text
    assert 403 == viewer.post("/staff/proposals/", data={"payer": "Alder Health", "text": TEXT}).status_code
