"""The answer page: every figure on it is the engine's, and every reason names its source."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest

from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.values import ZERO, Money, total
from estimator.plans.folder import Library
from estimator.publishing.database import shelf_in_memory
from estimator.settings import plans_folder
from estimator.web import create_app
from estimator.web.patient.form import answers_of
from estimator.web.patient.reply import Reply, reply_to
from estimator.wording.answer_schema import answer_json
from estimator.wording.words import dollars, page_usd, whole_usd
from tests.web.conftest import TODAY, Pages
from tests.web.reading import AMOUNT, Element

COURSES = [
    {"zip": "98101", "plan": "template-employer-ppo", "visits": "12"},
    {"zip": "98101", "plan": "original-medicare-2026", "visits": "8", "reader": "biller"},
    {"zip": "10001", "plan": "template-employer-hmo", "visits": "24"},
    {"zip": "60601", "plan": "template-employer-hdhp-hsa", "visits": "20", "deductible_paid": "1,250.5"},
    {"zip": "06103", "plan": "template-employer-pos-tiers", "visits": "3", "needling": "20560", "needling_price": "45"},
    {"zip": "98101", "plan": "self-pay", "visits": "6", "experience": "senior"},
]
MONEY = re.compile(r"-?\d+\.\d\d")
any_course = pytest.mark.parametrize("course", COURSES, ids=lambda course: course["plan"])


def replied(pages: Pages, course: dict[str, str]) -> Reply:
    """Ask the engine what the page was asked."""
    today = date.fromisoformat(TODAY)
    with pages.client.application.app_context():
        return reply_to(answers_of(course, today), today)


def amounts_in(part: Any) -> Iterator[str]:
    """Yield every amount of an answer, and those within its sentences."""
    if isinstance(part, dict):
        for inner in part.values():
            yield from amounts_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from amounts_in(inner)
    elif isinstance(part, str) and MONEY.fullmatch(part):
        yield page_usd(part)
    elif isinstance(part, str):
        yield from AMOUNT.findall(part)


def derived(reply: Reply) -> Iterator[str]:
    """Yield what the page adds up or takes off: each service over the course, and the plan beside self-pay."""
    lines = [line for visit in reply.answer.settled_visits for line in visit.lines]
    codes = sorted({line.code for line in lines})
    # Services with one answer stand in one row.
    for alike in chain.from_iterable(combinations(codes, count) for count in range(2, len(codes) + 1)):
        yield whole_usd(total(line.patient_owes for line in lines if line.code in alike))
    for code in codes:
        yield page_usd(total(line.patient_owes for line in lines if line.code == code))
        yield whole_usd(total(line.patient_owes for line in lines if line.code == code))
        yield whole_usd(Money(total(line.range.high for line in lines if line.code == code)))
    answer = reply.answer
    adds = [amount for point in answer.open_points for amount in point.adds]
    each_visit = [visit.settled.typical for visit in answer.settled_visits]
    needled = total(line.range.high for line in lines if line.code in NEEDLING_CODES)
    together = total(line.patient_owes for line in lines if line.code not in NEEDLING_CODES)
    sums = [Money(answer.settled.typical + add) for add in adds]
    tops = [visit.most for visit in answer.settled_visits]
    taken = total(step.amount for line in lines for step in line.steps if step.finding == "deductible-taken")
    # What a deductible takes from some visit on, as where it starts over.
    visits = answer.settled_visits
    for place in range(len(visits)):
        steps = [step for visit in visits[place:] for line in visit.lines for step in line.steps]
        yield whole_usd(total(step.amount for step in steps if step.finding == "deductible-taken"))
    worths = [amount for each in answer.assumptions if each.worth for amount in each.worth]
    for amount in (
        *(*answer.settled, *answer.patient_owes, *answer.open_total, *adds, *each_visit, *sums, *tops, *worths),
        *(answer.plan_pays, needled, together, taken, reply.if_covered or ZERO),
    ):
        yield whole_usd(amount)
        yield dollars(amount)
    if reply.self_pay:
        yield page_usd(Money(abs(reply.answer.settled.typical - reply.self_pay.typical)))


def without_axes(page: Element) -> Element:
    """Leave out the round figures along the axes of the pictures."""
    for picture in list(page.all("svg")):
        picture.parts = [part for part in picture.parts if not (isinstance(part, Element) and part.tag == "text")]
    return page


@any_course
def test_every_amount_on_the_page_is_the_engines(pages: Pages, course: dict[str, str]) -> None:
    """Nothing is rounded, guessed or left over from another estimate."""
    reply = replied(pages, course)
    told_visits = replace(reply.answer, visits=reply.answer.settled_visits)
    both = (*amounts_in(answer_json(reply.answer)), *amounts_in(answer_json(told_visits)))
    known = {*both, *map(page_usd, reply.self_pay or ()), *derived(reply)}
    told = {page_usd(course[field]) for field in ("deductible_paid", "needling_price") if field in course}
    shown = set(without_axes(pages.send(**course)).one("main").amounts)

    assert shown
    assert set() == shown - known - told


@any_course
def test_the_headline_is_what_is_settled_with_its_range_and_each_open_point(
    pages: Pages, course: dict[str, str]
) -> None:
    """The one number that is remembered is the right one; what isn't known stands beside it, priced."""
    answer = replied(pages, course).answer
    page = pages.send(**course)
    owes, section = answer.settled, page.one("section", class_="answer")
    is_exact = owes.low == owes.high
    most = {whole_usd(point.adds.most) for point in answer.open_points if point.adds.most}

    exact = page_usd(owes.typical) if course.get("reader") == "biller" else dollars(owes.typical)

    assert [exact if is_exact else whole_usd(owes.typical)] == section.one("h1").amounts
    assert {whole_usd(owes.low), whole_usd(owes.high)} <= set(page.one("main").amounts) or is_exact
    ends = {whole_usd(answer.patient_owes.low), whole_usd(answer.patient_owes.high)}
    assert course.get("reader") == "biller" or ends <= {
        *section.amounts,
        whole_usd(owes.typical),
    }
    assert most <= set(section.amounts)


@any_course
def test_visits_services_and_table_add_up_to_the_headline(pages: Pages, course: dict[str, str]) -> None:
    """Anyone who adds the figures of the page up comes to its total."""
    page = pages.send(**course)
    owes = replied(pages, course).answer.settled.typical
    is_patients = course.get("reader") != "biller"
    ledgers = list(page.all("table", class_="ledger"))
    services, visits = (ledgers[-1], ledgers[:-1]) if is_patients else (ledgers[0], ledgers[1:])
    table = page.one("table", class_="usa-table")
    groups = list(page.all("details", class_="visit"))

    assert owes == sum(_cents(row.amounts[0]) for row in services.one("tbody").all("tr"))
    assert owes == sum(_cents(row.amounts[0]) for row in table.one("tbody").all("tr"))
    assert owes == sum(_count(group) * _cents(group.one("span", class_="visit__owes").text) for group in groups)
    for ledger in visits:
        assert _cents(ledger.one("tfoot").amounts[-1]) == sum(
            _cents(row.amounts[-1]) for row in ledger.one("tbody").all("tr")
        )


@any_course
def test_the_steps_of_a_visit_add_up_to_what_is_owed_for_it(pages: Pages, course: dict[str, str]) -> None:
    """The reasons are the calculation, not a story about it."""
    for visit in pages.send(**course).all("details", class_="visit"):
        steps = [step.text for step in visit.all("span", class_="steps__amount")]

        assert _cents(visit.one("span", class_="visit__owes").text) == sum(_cents(step) for step in steps)


@any_course
def test_every_source_that_is_named_stands_in_the_list(pages: Pages, course: dict[str, str]) -> None:
    """A number of a source leads to the document, with the day it was read and how sure that is."""
    page = pages.send(**course)
    numbers = {link.attributes["href"] for link in page.all("a") if "#source-" in link.attributes["href"]}
    own = {number for number in numbers if number.startswith("#")}
    listed = [each for each in page.all("li") if each.attributes.get("id", "").startswith("source-")]

    assert own
    assert own <= {f"#{each.attributes['id']}" for each in listed}
    assert all(re.search("read Nov 2[39], 2026", each.text) for each in listed)


def test_state_law_stands_before_any_price_where_it_forbids(pages: Pages) -> None:
    """In New York nobody reads a price for needling before reading that it may not be done."""
    main = pages.send(zip="10001", plan="original-medicare-2026", visits="3").one("main").text

    assert "Physical therapists can't do dry needling in New York." in main[: main.index("$")]


@pytest.mark.parametrize(("zip_code", "state"), [("06103", "Connecticut"), ("97201", "Oregon")])
def test_state_law_stands_before_any_price_where_it_is_not_settled(pages: Pages, zip_code: str, state: str) -> None:
    """Silence and a law that is not usable yet are said as well."""
    main = pages.send(zip=zip_code, plan="original-medicare-2026", visits="3").one("main").text

    assert f"State law in {state}" in main[: main.index("$")]


def test_where_needling_is_permitted_the_price_comes_first(pages: Pages) -> None:
    """The board and the training are named further down, with the way to check a license."""
    main = pages.send(zip="98101", plan="original-medicare-2026", visits="3").one("main").text

    assert "law" not in main[: main.index("$")]
    assert "Can a physical therapist do dry needling in Washington?" in main
    assert "How to check a license" in main


def test_care_without_needling_says_nothing_of_needling_law(pages: Pages) -> None:
    """Exercise needs no warning."""
    page = pages.send(zip="10001", plan="original-medicare-2026", visits="3", needling="none")

    assert "do dry needling" not in page.text
    assert "What a session is like" not in page.text


def test_visits_that_are_alike_stand_together(pages: Pages) -> None:
    """Nobody opens ten visits to find them the same."""
    names = [
        name.parts[0]
        for name in pages.send(zip="98101", plan="template-employer-ppo", visits="12", needling_visits="").all(
            "span", class_="visit__name"
        )
    ]

    assert "Visits 2 to 10" in [str(name).strip() for name in names]


def test_a_template_is_called_a_stand_in(pages: Pages) -> None:
    """Nobody takes the example copay for their own."""
    page = pages.send(zip="98101", plan="template-employer-ppo", visits="12")

    assert "This uses a typical plan, not yours." in page.text


def test_self_pay_is_set_beside_a_plan_but_not_beside_itself(pages: Pages) -> None:
    """There is nothing to compare self-pay with."""
    beside = pages.send(zip="98101", plan="template-employer-ppo", visits="4").text
    alone = pages.send(zip="98101", plan="self-pay", visits="4").text

    assert "don’t count toward your deductible" in beside
    assert "Would paying cash be cheaper?" not in alone


def test_what_self_pay_would_cost_is_left_open_where_nobody_knows(tmp_path: Path) -> None:
    """A gap is said, not hidden: here no prices without insurance are known for the day."""
    folder = Path(shutil.copytree(plans_folder(), tmp_path / "plans"))
    file = folder / "self-pay" / "self-pay.yaml"
    file.write_text(file.read_text("utf-8").replace("first_day: 2024-01-01", "first_day: 2030-01-01"), "utf-8")
    pages = Pages(create_app(shelf_in_memory(Library(folder))[0]).test_client())
    page = pages.send(zip="98101", plan="template-employer-ppo", visits="4")

    assert "We don’t know what the same visits would cost without the plan." in page.text


def test_a_shared_file_that_cannot_be_read_is_our_failure(tmp_path: Path) -> None:
    """A patient is not asked to correct a file; what is wrong in it stays in the log."""
    folder = Path(shutil.copytree(plans_folder(), tmp_path / "plans"))
    app = create_app(shelf_in_memory(Library(folder))[0])
    file = folder / "_states.yaml"
    file.write_text(file.read_text("utf-8").replace("board_url: ", "board_url: forty "), "utf-8")
    app.logger.disabled = True
    response = app.test_client().post(
        "/estimate", data={"zip": "98101", "plan": "template-employer-ppo", "visits": "4"}
    )

    assert 500 == response.status_code
    assert "forty" not in response.text


def test_billing_staff_read_their_own_words(pages: Pages) -> None:
    """The same figures, with the codes of claims."""
    patient = pages.send(zip="98101", plan="original-medicare-2026", visits="4")
    biller = pages.send(zip="98101", plan="original-medicare-2026", visits="4", reader="biller")

    assert "CO-96" in biller.text
    assert "CO-96" not in patient.text
    assert _cents(patient.one("h1").amounts[0]) == _cents(biller.one("h1").amounts[0])


@pytest.mark.parametrize("reader", ["patient", "biller"])
def test_no_two_parts_of_an_answer_have_one_name(pages: Pages, reader: str) -> None:
    """A link leads to one place, and what is hatched finds its pattern on the page of either reader."""
    page = pages.send(zip="98101", plan="template-employer-ppo", visits="12", reader=reader)
    named = Counter(each.attributes["id"] for each in page.all() if "id" in each.attributes)
    filled = {each.attributes["fill"] for each in page.all("rect") if each.attributes.get("fill", "").startswith("url")}

    assert [] == [name for name, times in named.items() if times > 1]
    assert {"url(#hatch)"} == filled
    assert "hatch" in named


@pytest.mark.parametrize("zip_code", ["98101", "00901"], ids=["state-in-the-list", "territory"])
def test_what_is_folded_is_not_headed_twice(pages: Pages, zip_code: str) -> None:
    """Its summary is its heading."""
    page = pages.send(zip=zip_code, plan="template-employer-ppo", visits="2")
    summaries = {heading.text for fold in page.all("summary") for heading in fold.all("h3")}

    assert summaries
    assert set() == summaries & {heading.text for heading in page.all("h2")}


def test_what_was_told_stands_on_the_answer(pages: Pages) -> None:
    """A printed answer says what it rests on."""
    facts = pages.send(
        zip="98101", plan="original-medicare-2026", visits="8", age="71", deductible_paid="$1,250.5", experience="new"
    ).one("dl", id="told-us")

    for words in ("98101", "8 visits, 2 a week from Mon, Nov 30, 2026", "$1,250.50", "71", "new to dry needling"):
        assert words in facts.text


def _cents(amount: str) -> Money:
    return Money.parse(amount.removesuffix(" each").replace("−", "-"))


def _count(group: Element) -> int:
    name = re.findall(r"\d+", group.one("span", class_="visit__name").text)
    return int(name[1]) - int(name[0]) + 1 if "Visits" in group.one("span", class_="visit__name").text else 1


def test_what_changes_nothing_for_this_plan_says_so(pages: Pages) -> None:
    """A copay is the same whatever is left of a deductible that does not come first; an age matters to no rule."""
    asked = {"zip": "98101", "plan": "original-medicare-2026", "visits": "4", "age": "71", "deductible_paid": "100"}
    told = pages.send(**asked).one("dl", id="told-us").text

    assert "Age 71 (doesn’t change this estimate)" in told
    assert "Deductible paid so far $100.00 Age" in told


def test_what_a_second_plan_pays_is_not_told_as_the_patients_share(pages: Pages) -> None:
    """Medigap Plan G pays the percentage that Medicare leaves."""
    page = pages.send(zip="98101", plan="original-medicare-2026", visits="8", second="medigap-g")
    reasons = page.one("ul", class_="reasons").text

    assert "of your deductible. Your second plan pays the rest." in reasons
    assert "Medigap Plan G" in page.one("ul", class_="chips").text


def test_nothing_is_drawn_where_nothing_is_paid(pages: Pages) -> None:
    """Eight bars of no height tell nobody anything."""
    page = pages.send(zip="98101", plan="wa-lni", visits="8")

    assert "$0 a visit." in page.one("main").text
    assert [] == list(page.all("svg", class_="visits-chart"))
    assert "the last one your plan covers" not in page.one("ul", class_="reasons").text


def test_visits_that_differ_are_told_from_the_least_to_the_most(pages: Pages) -> None:
    """The deductible falls on three visits, so that no one amount speaks for those after the first."""
    page = pages.send(zip="28202", plan="original-medicare-2026", visits="8", second="medigap-g")

    assert "Visit 1: $159. Later visits: $0 to $155 each." in page.one("main").text


def test_a_plan_that_wants_a_reason_for_more_visits_is_planned_ahead(pages: Pages) -> None:
    """The answer says before which visit, not that there is nothing to do."""
    said = pages.send(zip="98101", plan="wa-lni", visits="8").one("main").text

    assert "Plan ahead" in said
    assert "Nothing to do first" not in said
    # The limit is one of needling: the other care goes on past it.
    assert "After visit 4, your plan asks for a reason to cover more dry needling." in said
    assert "Most clinics collect a copay" not in said


def test_a_familys_answer_speaks_of_the_familys_deductible(pages: Pages) -> None:
    """A plan that counts the family's one deductible says so wherever it names it."""
    asked = {"zip": "60614", "plan": "template-employer-hdhp-hsa", "visits": "8", "family": "yes"}
    page = pages.send(**asked, family_deductible_paid="3300")

    assert "of your family's deductible, then 20%" in page.one("ul", class_="reasons").text
    assert "Family plan" in page.one("ul", class_="chips").text
    assert "Family deductible left" in page.one("form", class_="mini").text
    assert "your family's" not in pages.send(**{**asked, "family": "no"}).text


def test_of_two_answers_that_say_the_same_only_one_changes_nothing(pages: Pages) -> None:
    """Without either the deductible would be open again, so that not both may be called idle."""
    asked = {"zip": "60614", "plan": "template-employer-hdhp-hsa", "visits": "8", "family": "yes"}
    main = pages.send(**asked, deductible_paid="3300", family_deductible_paid="3300").one("main").text

    assert "Doesn't change this cost: deductible paid so far." in main


def test_a_longer_session_that_a_copay_covers_says_that_it_changes_nothing(pages: Pages) -> None:
    """Minutes make units, and a copay is the same for any number of them; without a plan they make the price."""
    asked = {"zip": "60614", "visits": "8", "exercise": "45"}

    assert "Doesn't change this cost: minutes of exercise." in pages.send(**asked, plan="template-employer-ppo").text
    assert "Doesn't change this cost" not in pages.send(**asked, plan="self-pay").text


def test_where_the_law_bars_paying_without_the_plan_no_cash_is_advised(pages: Pages) -> None:
    """An accepted claim of workers' compensation pays; the page says so in place of a price without it."""
    page = pages.send(zip="98101", plan="wa-lni", visits="8").text

    assert "An accepted claim pays for this care" in page
    assert "Ask whether the clinic can take cash instead" not in page
