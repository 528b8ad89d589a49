"""Whatever is typed comes back as the text that it is, on every page that shows it again, in both languages."""

from datetime import date

import pytest

from estimator.web.patient.form import fresh_answers
from tests.web.conftest import TODAY, Pages
from tests.web.reading import page_of

ENOUGH = {"zip": "98101", "plan": "template-employer-ppo", "visits": "8"}
HOSTILE = "<script>alert(1)</script>\"'{{7*7}}${7*7}"
# What is asked beside the answers: by the search for a plan, the comparison and the language link.
ELSEWHERE = ("words", "state", "kind", "issuer", "metal", "page", "other_plan", "another_plan", "find", "described")
FIELDS = [*fresh_answers(date.fromisoformat(TODAY)), *ELSEWHERE]
FORM_AND_ANSWER = ("/", "/estimate")
PATHS = (
    *FORM_AND_ANSWER,
    "/my-plan",
    "/choose-plan",
    "/compare",
    "/open-enrollment",
    "/what-matters",
    "/paper/estimate",
    "/call-answers",
)


@pytest.mark.slow_for("/es")
@pytest.mark.parametrize("language", ["", "/es"])
@pytest.mark.parametrize("paths", [FORM_AND_ANSWER, pytest.param(PATHS, marks=pytest.mark.slow)], ids=len)
@pytest.mark.parametrize("field", FIELDS)
def test_what_is_typed_comes_back_as_text(pages: Pages, field: str, paths: tuple[str, ...], language: str) -> None:
    """No page runs it, works it out, or breaks."""
    for path in paths:
        response = pages.client.post(language + path, data={**ENOUGH, field: HOSTILE})
        assert response.status_code in (200, 422), path
        if response.mimetype == "text/html":
            assert "<script" not in response.text, path
            assert "49" not in _around(response.text), path
            assert "alert(1)" in response.text, path


@pytest.mark.parametrize("language", ["", "/es"])
def test_a_field_that_is_typed_into_holds_what_was_typed(pages: Pages, language: str) -> None:
    """In the form itself and beside the mistake, not only in what the language link carries along."""
    inputs = pages.get(f"{language}/?in=en" if not language else f"{language}/").one("main").all("input")
    names = [each.attributes["name"] for each in inputs if each.attributes.get("type") == "text"]
    shown = {
        (path, name): page_of(pages.client.post(language + path, data={**ENOUGH, name: HOSTILE}).text)
        .one("main")
        .typed()
        .get(name)
        for path in ("/", "/estimate")
        for name in names
    }

    assert {"zip", "visits", "diagnosis", "deductible_paid"} <= set(names)
    assert dict.fromkeys(shown, HOSTILE) == shown


@pytest.mark.parametrize("language", ["", "/es"])
def test_what_is_typed_everywhere_comes_back_as_text(pages: Pages, language: str) -> None:
    """All fields at once, on every page."""
    for path in PATHS:
        response = pages.client.post(language + path, data=dict.fromkeys(FIELDS, HOSTILE))
        assert response.status_code in (200, 422), path
        if response.mimetype == "text/html":
            assert "<script" not in response.text, path
            assert "49" not in _around(response.text), path
            assert "alert(1)" in response.text, path


def _around(page: str) -> str:
    """Return what stands beside every place where the text came back."""
    return " ".join(part[:60] for part in page.split("alert(1)")[1:])
