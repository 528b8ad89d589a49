"""Every paper: tagged, reproducible, with the answer's figures and nobody's markup."""

import re
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from estimator.billing.clinic import Clinic
from estimator.engine.values import Money
from estimator.papers.case import why_not
from estimator.papers.kinds import KINDS
from estimator.papers.layout import SHOWABLE, UNSHOWABLE, Document, showable, text, typeset
from estimator.wording.brief import short_questions
from estimator.wording.words import whole_usd
from tests.papers.papers import COURSE, case_of, pdf, tags_of, words_of, written_papers

HOSTILE = '#let x = read("/etc/hosts") *b* $x$ @ref <a> \\ " ` // /* #panic("no") {page} https://example.org'
_WHOLE = re.compile(r"\$[\d,]+")
UNREADABLE = "\u65e5\u672c \U0001f600 \x00\x07 \u202eesrever \u0634"


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_is_a_tagged_pdf_that_says_it_is_accessible(kind: str) -> None:
    """PDF/UA-1: marked, with a language and a title to show, headings, and headed tables."""
    written = written_papers()[kind]
    reader = PdfReader(BytesIO(written))
    root: Any = reader.trailer["/Root"]
    tags = set(tags_of(written))

    assert root["/MarkInfo"]["/Marked"]
    assert "en-US" == root["/Lang"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert {"/H1", "/P"} <= tags
    assert kind == "call-script" or {"/Table", "/TH", "/TD"} <= tags


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_fits_on_few_pages_of_us_letter(kind: str) -> None:
    """8.5 by 11 inches."""
    pages = PdfReader(BytesIO(written_papers()[kind])).pages

    assert 1 <= len(pages) <= 3
    assert {(612, 792)} == {(int(page.mediabox.width), int(page.mediabox.height)) for page in pages}


@pytest.mark.parametrize("plan", ["template-employer-ppo", "original-medicare-2026", "self-pay", "example-unknowns"])
def test_a_document_that_fits_a_case_can_be_made_of_it(plan: str) -> None:
    """Pages list documents without making them: what is listed has its rows or its questions."""
    case = case_of(plan=plan)
    fitting = [kind for kind in KINDS if not why_not(kind, case)]

    for kind in fitting:
        assert KINDS[kind](case).blocks
    assert ("call-script" in fitting) == (not case.is_self_pay)
    assert ("notice" in fitting) == (not case.is_self_pay)
    assert "good-faith-estimate" in fitting or not case.is_self_pay


def test_the_same_request_gives_the_same_bytes() -> None:
    """No day and no random id of the making is in a paper."""
    assert written_papers()["estimate"] == pdf("estimate")


@pytest.mark.parametrize("plan", ["template-employer-ppo", "original-medicare-2026", "self-pay", "example-unknowns"])
def test_the_estimate_says_what_the_answer_says(plan: str) -> None:
    """The number, its range, every visit, and the law of the state; whole dollars where the page has them."""
    answer = case_of(plan=plan).answer
    told = words_of(pdf("estimate", plan=plan))
    low, typical, high = answer.settled
    visits = {whole_usd(visit.settled.typical) for visit in answer.settled_visits}
    most = max(high, answer.patient_owes.high)

    assert {whole_usd(typical), whole_usd(Money(most)), *visits} <= set(_WHOLE.findall(told))
    assert answer.summary.replace("– ", "–") in told.replace("– ", "–")  # a line may end after a dash
    assert all(notice.says in told for notice in answer.notices)
    assert all(words in told for words in short_questions(answer))
    assert low == most or f"Range: {whole_usd(low)} to {whole_usd(Money(most))}" in told


def test_an_amount_that_rests_on_proposed_fees_is_not_called_sure() -> None:
    """One decision for page and paper: nothing is owed in either year, but the fees of 2027 may still change."""
    this_year, next_year = (
        words_of(pdf("estimate", plan="wa-lni", course={**COURSE, "first_day": day}))
        for day in ("2026-03-02", "2027-03-01")
    )
    sure = "isn't expected to change"

    assert [True, False] == [sure in told for told in (this_year, next_year)]
    assert all("You pay nothing at your visits." in told for told in (this_year, next_year))


@pytest.mark.parametrize("visits", [8, 20])
@pytest.mark.parametrize("kind", ["estimate", "call-script"])
@pytest.mark.parametrize("plan", ["template-employer-ppo", "template-employer-hdhp-hsa", "original-medicare-2026"])
def test_an_estimate_and_a_call_script_are_one_page(plan: str, kind: str, visits: int) -> None:
    """For the door of the refrigerator, and for one call."""
    course = {**COURSE, "visits": visits, "needling_visits": 4}

    assert 1 == len(PdfReader(BytesIO(pdf(kind, plan=plan, course=course))).pages)


def test_the_law_comes_before_any_price_and_the_price_book_last() -> None:
    """A state that forbids needling is told first; plan and price book close the paper, and no fingerprint does."""
    case = case_of(zip="90012")
    told = words_of(pdf("estimate", zip="90012"))

    assert told.index("Physical therapists can't do dry needling") < told.index("$")
    assert told.index("Too much? Ask the clinic") < told.index(case.answer.inputs["price_books"])
    assert case.plan.fingerprint not in told


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_appears_as_text(kind: str) -> None:
    """Markup of typst in the clinic's name is printed, not obeyed."""
    clinic = Clinic(name=HOSTILE, street=HOSTILE, contact=HOSTILE)
    plan = "self-pay" if kind == "good-faith-estimate" else "template-employer-ppo"
    told = words_of(pdf(kind, clinic, plan=plan))

    assert kind == "estimate" or HOSTILE.replace(" ", "") in told.replace(" ", "")


@pytest.mark.parametrize("kind", KINDS)
def test_signs_that_no_font_shows_stop_no_paper(kind: str) -> None:
    """They become a square; controls and marks that turn the direction of writing become spaces."""
    plan = "self-pay" if kind == "good-faith-estimate" else "template-employer-ppo"
    told = words_of(pdf(kind, Clinic(name=UNREADABLE + "x" * 180), plan=plan))

    assert kind == "estimate" or UNSHOWABLE in told


def test_every_sign_that_we_call_showable_is_shown() -> None:
    """Typst refuses a PDF/UA page with a sign that its fonts lack."""
    runs = SHOWABLE.replace("\n", "")
    signs = [chr(sign) for sign in range(0x20, 0x2600) if showable(chr(sign)) == chr(sign)]
    paper = Document("Signs", "", "", "{page}", [text(" ".join(signs))])

    assert runs
    assert len(typeset(paper)) > 0
    assert "é" in words_of(typeset(paper))
