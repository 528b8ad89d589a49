"""The pieces that pages are put together from: questions, pictures, the frame."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from estimator.language import SPANISH, speaking
from estimator.web import create_app
from estimator.web.patient.pictures import bars_of
from tests.web.kept_plans import folder_plans

ROOT = Path(__file__).parents[2]
APP = create_app(folder_plans())
PAGES = APP.jinja_env
IMPORTS = '{% import "macros/form.html" as form %}{% import "macros/chart.html" as chart %}'
QUESTIONS = (
    "form.field('a.b', 'Name', value=typed, hint='A hint.', error=wrong, optional=true)",
    "form.money_field('a.b', 'Paid', value=typed, hint='A hint.', error=wrong)",
    "form.number_field('a.b', 'Visits', value=typed, hint='A hint.', error=wrong)",
    "form.number_field('a.b', 'Exercise', value=typed, hint='A hint.', error=wrong, unit='minutes')",
    "form.select_field('a.b', 'Plan', value=typed, groups=[('Group', [(typed, 'One')])], error=wrong)",
    "form.radios('a.b', 'Needling', [('x', 'None'), (typed, 'Some', 'Why')], value=typed, error=wrong)",
    "form.checkbox('a.b', 'Evaluation', checked=true, value=typed, error=wrong)",
)


def written(source: str, **words: object) -> str:
    """Write a piece of a page."""
    return PAGES.from_string(IMPORTS + "{{ " + source + " }}").render(**words)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_keeps_what_was_typed(question: str) -> None:
    """What was typed comes back as text and never as markup."""
    page = written(question, typed='"><script>1e9', wrong=None)

    assert "<script>" not in page
    assert "1e9" in page


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_wrong_is_tied_to_its_question(question: str) -> None:
    """Every id that a question names as its description is there, once, and the message stands in it."""
    page = written(question, typed="5", wrong="Enter a number.")
    (named,) = re.findall(r'aria-describedby="([^"]+)"', page)

    assert "a-b-error" in named.split()
    assert all(1 == page.count(f'id="{place}"') for place in [*named.split(), "a-b"])
    assert re.search(r'id="a-b-error">Error: Enter a number\.<', page)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_without_fault_says_nothing_of_faults(question: str) -> None:
    """No field is marked before it was answered."""
    page = written(question, typed="5", wrong=None)

    assert "rror" not in page
    assert "aria-invalid" not in page


def test_the_chosen_plan_stays_chosen() -> None:
    """An option in a group is marked when it is the one that was sent."""
    page = written("form.select_field('plan', 'Plan', value='b', groups=[('G', [('a', 'A'), ('b', 'B')])])")

    assert ["b"] == re.findall(r'<option value="(\w)" selected', page)


def test_the_summary_links_to_every_field_at_fault() -> None:
    """A fault of no one field is a sentence without a link; no faults make no summary."""
    page = written("form.error_summary([('used.paid', 'Enter an amount.'), (none, 'Not in force.')])")

    assert ["#used-paid"] == re.findall(r'href="([^"]+)"', page)
    assert 'role="alert"' in page
    assert "Not in force." in page
    assert "" == written("form.error_summary([])").strip()


def test_a_picture_is_well_formed_and_named() -> None:
    """The picture can be read as XML, and is named and described by elements that it holds."""
    picture = bars_of([("A & B", 100, 200, 300, "$1 to $3")])
    figure = ElementTree.fromstring(written("chart.comparison_bars(it, 'A <title>', 'Words')", it=picture))
    svg = figure.find("{http://www.w3.org/2000/svg}svg")

    assert svg is not None
    assert "img" == svg.get("role")
    assert [element.get("id") for element in svg[:2]] == svg.get("aria-labelledby", "").split()


def test_the_frame_needs_no_script_style_or_other_host() -> None:
    """The pages are served under a policy that forbids all three; every file that the frame names exists."""
    with APP.test_request_context("/plans"), speaking(SPANISH):
        page = PAGES.get_template("base.html").render(current="estimate", assets="/assets")

    assert not re.search(r"<script|<style|style=|https?:|//", page.replace("<!doctype html>", ""))
    assert '<html lang="es">' in page
    assert all((ROOT / place.lstrip("/")).is_file() for place in re.findall(r'"(/assets/[^"]+)"', page))


@pytest.mark.parametrize("sheet", ["uswds.css", "site.css", "staff.css"])
def test_every_file_that_a_sheet_names_is_shipped(sheet: str) -> None:
    """Fonts and pictures come from our own folder."""
    css = (ROOT / "assets" / sheet).read_text(encoding="utf-8")

    assert all((ROOT / "assets" / place).is_file() for place in re.findall(r'url\("?([^")]+)"?\)', css))
