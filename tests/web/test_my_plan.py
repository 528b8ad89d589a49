"""A plan that is not listed: told from its card, estimated like any other, and "I don't know" is an answer."""

from datetime import date
from itertools import product

import pytest
from structlog.testing import capture_logs

from estimator.web.patient.choices import ORDERS
from estimator.web.patient.fields import BOXES
from estimator.web.patient.fields import MY_PLAN_STARTS as START
from estimator.web.patient.my_plan import definition_of, problems_of
from tests.web.conftest import TODAY, Pages

CARE = {"zip": "98101", "visits": "8", "evaluation": "no", "age": "41"}
DONE = {"described": "yes"}
NOTHING_KNOWN = {**CARE, **DONE, **dict.fromkeys(BOXES, "yes")}
ALL_KNOWN = {
    **CARE,
    **DONE,
    "my_deductible": "$1,500",
    "my_maximum": "6000",
    "my_copay": "40",
    "my_order": "waived",
    "my_limit": "number",
    "my_visits": "30",
    "my_shared": "all",
    "my_authorization": "no",
    "my_referral": "no",
    "my_needling": "yes",
}
TODAY_DAY = date.fromisoformat(TODAY)

WRONG = [
    ("my_deductible", "lots", "Enter an amount, like"),
    ("my_deductible", "-5", "Enter an amount, like"),
    ("my_deductible", "NaN", "Enter an amount, like"),
    ("my_deductible", "", "or check “I don’t know”"),
    ("my_maximum", "1e3", "Enter an amount, like"),
    ("my_maximum", "", "or check “I don’t know”"),
    ("my_copay", "forty", "Enter an amount, like"),
    ("my_copay", "", "Enter a copay, like 40, or a percentage, like 20%"),
    ("my_coinsurance", "many", "percentage"),
    ("my_coinsurance", "400", "percentage"),
    ("my_visits", "many", "whole number"),
    ("my_visits", "", "Enter how many visits"),
    ("my_authorization_from", "13", "Leave this empty"),
]


def test_nothing_known_still_gives_an_estimate(pages: Pages) -> None:
    """What is not known makes the range wide and becomes questions for the insurer."""
    page = pages.send(to="/my-plan", **NOTHING_KNOWN)
    sources = page.text[page.text.index("Sources") :]

    assert page.one("h1").text.endswith("for 8 visits with your plan, as you described it.")
    assert "with your plan, as you described it ($0–" in page.text
    assert "What is my deductible this year" in page.text
    assert "What is my copay for a physical therapy visit?" in page.text or "What do I pay for a visit" in page.text
    assert "What you told us, Nov 23, 2026" in sources


def test_what_was_told_holds_for_the_year_of_the_first_visit(pages: Pages) -> None:
    """Its amounts go on in January, and that is said; the law of a savings account raises the deductible of 2027."""
    course = {**ALL_KNOWN, "first_day": "2026-12-14", "visits": "8", "per_week": "2", "my_order": "applies"}
    said = {"my_deductible": "1700", "my_account": "yes", "deductible_paid": "1700", "out_of_pocket_paid": "1700"}
    page = pages.send(to="/my-plan", **{**course, **said})
    definition = definition_of({**START, "reader": "patient", "family": "no", **course, **said}, TODAY_DAY)

    assert "by the rules of 2026" in page.text
    assert "a deductible of $1,750" in page.text
    assert "high_deductible" in definition["networks"]["in-network"]


def test_all_known_leaves_no_range(pages: Pages) -> None:
    """Eight copays of $40; needling is paid within the visit."""
    page = pages.send(to="/my-plan", **ALL_KNOWN)

    biller = pages.send(to="/my-plan", **{**ALL_KNOWN, "reader": "biller"})

    assert ["$320"] == page.one("h1").amounts
    assert "with the plan, as the patient described it." in biller.one("h1").text
    assert "This amount isn't expected to change." in page.text
    assert "Visits of occupational and speech therapy use up the same limit." in page.text
    assert "30 visits a year, together with occupational and speech therapy" in page.text


@pytest.mark.parametrize(
    ("changes", "owes"),
    [
        ({"my_needling": "no", "needling_price": "50", "visits": "2"}, "$80"),  # 2 × 40; the fee only if agreed to
        ({"my_visits": "", "my_limit": "none"}, "$320"),
        ({"my_copay": "", "my_coinsurance": "0"}, "$0"),
        ({"my_copay": "", "my_coinsurance": "0%"}, "$0"),
        ({"my_deductible": "0", "my_order": "applies"}, "$320"),
        ({"my_deductible": "0.00", "my_order": "unknown"}, "$320"),
        ({"my_maximum": "100"}, "$100"),
        ({"my_deductible": "100", "my_order": "applies", "deductible_paid": "100"}, "$320"),
        ({"visits_used": "22"}, "$320"),
        ({"network": "in-network", "my_deductible_unknown": "yes"}, "$320"),
    ],
    ids=str,
)
def test_each_answer_changes_what_is_owed(pages: Pages, changes: dict[str, str], owes: str) -> None:
    """By hand: each figure follows from a copay of $40 a visit and one other answer."""
    assert [owes] == pages.send(to="/my-plan", **{**ALL_KNOWN, **changes}).one("h1").amounts


def test_a_limit_that_is_used_up_makes_the_visit_dearer(pages: Pages) -> None:
    """Visits told as used count against the limit that was told."""
    most = {"visits": "1", "my_visits": "30"}
    last = pages.send(to="/my-plan", **{**ALL_KNOWN, **most, "visits_used": "29"})
    beyond = pages.send(to="/my-plan", **{**ALL_KNOWN, **most, "visits_used": "30"})

    assert ["$40"] == last.one("h1").amounts
    assert ["$40"] != beyond.one("h1").amounts


def test_an_approval_from_the_fifth_visit_is_a_condition(pages: Pages) -> None:
    """What is told of approvals becomes a condition with its price."""
    later = {"my_authorization": "later", "my_authorization_from": "5"}
    page = pages.send(to="/my-plan", **{**ALL_KNOWN, **later})

    assert "from visit 5 on" in page.one("div", class_="note--warning").text


@pytest.mark.parametrize(("field", "typed", "words"), WRONG)
def test_a_wrong_answer_is_kept_and_explained_beside_its_field(
    pages: Pages, field: str, typed: str, words: str
) -> None:
    """Nothing is lost, and the sentence says what to write."""
    page = pages.send(to="/my-plan", status=422, **{**ALL_KNOWN, field: typed})
    kept = page.one("main").typed()

    assert [field] == list(page.errors())
    assert words in page.errors()[field]
    assert "'" not in page.errors()[field]
    assert [field] == list(page.summary())
    assert {**ALL_KNOWN, field: typed}.items() <= {**kept, **DONE}.items()


def test_a_limit_of_none_with_a_number_is_asked_again(pages: Pages) -> None:
    """We do not guess which of two answers holds."""
    page = pages.send(to="/my-plan", status=422, **{**ALL_KNOWN, "my_limit": "none"})

    assert ["my_visits"] == list(page.errors())


def test_an_amount_counts_though_its_box_is_ticked(pages: Pages) -> None:
    """Without a script nothing takes the tick away when somebody writes an amount; the page does when it comes back."""
    ticked = {**ALL_KNOWN, **dict.fromkeys(BOXES, "yes")}
    page = pages.send(to="/my-plan", **ticked)
    asked = pages.send(to="/my-plan", status=422, **{**ticked, "my_visits": "many"})

    assert ["$320"] == page.one("h1").amounts
    assert not [box for box in asked.all("input", type="checkbox") if "checked" in box.attributes]


def test_the_choice_of_the_form_leads_to_the_questions(pages: Pages) -> None:
    """Everything typed so far travels along, and at first every "I don't know" is ticked."""
    page = pages.send(**CARE, plan="describe-my-plan")
    boxes = [each for each in page.all("input", type="checkbox") if "checked" in each.attributes]

    assert "Describe your plan" == page.one("h1").text
    assert 3 == len(boxes)
    assert CARE.items() <= page.one("main").typed().items()
    assert "See my cost" in page.text


def test_without_a_zip_code_the_form_asks_for_the_rest(pages: Pages) -> None:
    """The plan is chosen, and is found again by its name."""
    form = pages.send(to="/my-plan", **{**ALL_KNOWN, "zip": ""})

    assert "my-plan" == form.typed()["plan"]
    assert "Your plan, as you described it" in form.one("select", name="plan").text
    assert ["$320"] == pages.send(**{**form.one("main").typed(), "zip": "98101"}).one("h1").amounts


def test_answers_about_the_plan_can_be_changed(pages: Pages) -> None:
    """From the answer to the form, or straight to the questions, and back; nothing is typed twice."""
    answer = pages.send(to="/my-plan", **ALL_KNOWN).one("main")
    form = pages.send(to="/", **answer.typed()).one("main")
    asked = pages.send(to="/my-plan", **form.typed()).one("main")

    told = {name: text for name, text in ALL_KNOWN.items() if name not in DONE}
    assert told.items() <= form.typed().items()
    assert told.items() <= asked.typed().items()
    changed = {**asked.typed(), **DONE, "my_copay": "25"}
    assert ["$200"] == pages.send(to="/my-plan", **changed).one("h1").amounts


def test_a_wrong_answer_that_comes_by_another_way_leads_to_the_questions(pages: Pages) -> None:
    """Anyone who sends the form with a broken description is not left with a mistake that the form cannot show."""
    page = pages.send(status=422, **{**ALL_KNOWN, "plan": "my-plan", "my_copay": "forty"})

    assert "Describe your plan" == page.one("h1").text
    assert ["my_copay"] == list(page.errors())


def test_every_combination_of_choices_is_a_plan(pages: Pages) -> None:
    """Whatever is chosen can be read; strange words count as not known."""
    choices = {
        "my_order": [*dict(ORDERS), "strange"],
        "my_limit": ["none", "unknown", "strange"],
        "my_shared": ["all", "strange"],
        "my_authorization": ["no", "first", "unknown", "strange"],
        "my_referral": ["yes", "unknown"],
        "my_needling": ["yes", "no", "unknown", "strange"],
        "family": ["yes", "no"],
    }
    with pages.client.application.app_context():
        found = [
            problem
            for values in product(*choices.values())
            for problem in problems_of(
                {**START, **NOTHING_KNOWN, "reader": "patient", **dict(zip(choices, values, strict=True))},
                TODAY_DAY,
            )
        ]

    assert [] == found
    assert "told" in definition_of({**START, "family": "no", "reader": "patient"}, TODAY_DAY)["sources"]


def test_hostile_text_is_shown_as_text(pages: Pages) -> None:
    """What was typed never becomes part of the page."""
    hostile = "\"><script>alert('needles')</script>"
    for name in START:
        response = pages.client.post("/my-plan", data={**ALL_KNOWN, name: hostile})

        assert response.status_code in (200, 422)
        assert "<script" not in response.text


def test_a_megabyte_is_refused(pages: Pages) -> None:
    """In plain words, and not echoed."""
    response = pages.client.post("/my-plan", data={**ALL_KNOWN, "my_copay": "4" * 1_000_000})

    assert 413 == response.status_code
    assert len(response.text) < 5_000


def test_the_log_holds_nothing_of_the_plan(pages: Pages) -> None:
    """Neither what was known nor what was wrong."""
    with capture_logs() as lines:
        pages.send(to="/my-plan", **ALL_KNOWN)
        pages.send(to="/my-plan", status=422, **{**ALL_KNOWN, "my_copay": "forty-seven"})

    assert {"event", "log_level", "method", "route", "status", "milliseconds"} == set(lines[0])
    assert not any(word in str(lines) for word in ("1,500", "6000", "forty-seven", "98101"))


@pytest.mark.parametrize(
    ("shared", "counts"),
    [("nothing", "no"), ("occupational", "yes"), ("all", "yes"), ("chiropractic", None), ("", None)],
)
def test_what_uses_up_the_visits_says_whether_other_therapies_count(shared: str, counts: str | None) -> None:
    """Twenty for PT and OT together, or each; who doesn't know leaves it open."""
    described = {**START, "family": "no", "reader": "patient", "my_limit": "number", "my_visits": "20"}

    limits = definition_of({**described, "my_shared": shared}, TODAY_DAY)["limits"]

    assert counts == limits["therapy-visits"].get("other_therapy_counts")
