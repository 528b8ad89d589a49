"""The form: three answers suffice, and what is wrong is kept and explained beside its field."""

from datetime import date

import pytest

from estimator.plans.folder import Heading, library
from estimator.settings import plans_folder
from estimator.web.patient.fields import FIELDS, Kind
from tests.web.conftest import Pages

ENOUGH = {"zip": "98101", "plan": "original-medicare-2026", "visits": "8"}

WRONG = [
    ("plan", "nobodys-plan", "Choose a plan from the list"),
    ("plan", "", "Choose how you’ll pay"),
    ("zip", "", "Enter the clinic’s 5-digit ZIP code"),
    ("zip", "00000", "We can’t find that ZIP code"),
    ("zip", "9810x", "Enter a 5-digit ZIP code, like 98101."),
    ("visits", "", "how many visits"),
    ("visits", "1e9", "a whole number from 1 to 366"),
    ("visits", "1000000000", "a whole number from 1 to 366"),
    ("visits", "0", "a whole number from 1 to 366"),
    ("visits", "NaN", "a whole number from 1 to 366"),
    ("per_week", "8", "a whole number from 1 to 7"),
    ("first_day", "2026-02-30", "a date, like"),
    ("first_day", "2025-12-31", "We don’t have rules for this plan before Jan 1, 2026."),
    ("first_day", "2031-01-05", "We estimate visits up to Feb 23, 2028"),
    ("deductible_paid", "-5", "0.00 or more"),
    ("deductible_paid", "NaN", "an amount, like"),
    ("out_of_pocket_paid", "Infinity", "an amount, like"),
    ("needling_price", "1e3", "an amount, like"),
    ("exercise", "1500", "480 minutes (8 hours) at most"),
    ("manual", "fifteen", "a whole number"),
    ("age", "400", "a whole number from 0 to 130"),
    ("symptom_weeks", "-1", "Enter the number of weeks"),
    ("experience_factor", "abc", "a percentage"),
    ("diagnosis", "backache", "M54.50"),
    ("visits_used", "many", "a whole number of visits"),
    ("setting", "moon", "Choose one of these:"),
    ("network", "tier-9", "one of the plan’s networks"),
]


def test_three_answers_are_enough(pages: Pages) -> None:
    """A ZIP code, a plan and a number of visits."""
    page = pages.send(**ENOUGH)

    assert page.one("h1").text.startswith("You'd pay $")
    assert "for 8 visits with Original Medicare Part B 2026." in page.one("h1").text


def test_an_exact_figure_is_not_said_to_be_about_right(pages: Pages) -> None:
    """Medicare's price is known to the cent; both readers are told so, and anyone who cannot see the chart."""
    page = pages.send(**ENOUGH, needling="none")

    assert page.one("h1").text.startswith("You'd pay $")
    assert page.one("h1").text.split()[2] in page.one("main").text.split("you would have paid ")[1]
    assert pages.send(**ENOUGH, needling="none", reader="biller").one("h1").text.startswith("The patient owes $")


@pytest.mark.parametrize("heading", library(plans_folder()).catalogue(), ids=lambda heading: heading.id)
def test_three_answers_are_enough_for_every_plan(pages: Pages, heading: Heading) -> None:
    """No plan of the list leads into a dead end, on a day on which it is in force."""
    day = min(date(2026, 11, 30), heading.in_force.last_day or date.max)
    day = max(day, heading.in_force.first_day or date.min)
    page = pages.send(zip="98101", plan=heading.id, visits="6", first_day=day.isoformat())

    assert " for 6 visits " in page.one("h1").text


def test_a_plan_with_rules_for_two_years_is_listed_once(pages: Pages) -> None:
    """Typical plans have a revision for 2026 and one for 2027; a plan whose id holds its year is one of each year."""
    options = [option.attributes["value"] for option in pages.get("/").one("select", name="plan").all("option")]

    assert 1 == options.count("template-employer-ppo")
    assert {"original-medicare-2026", "original-medicare-2027"} <= set(options)


def test_the_fresh_form_starts_on_the_next_monday(pages: Pages) -> None:
    """Usual answers stand in every field but the three, and no field is marked wrong."""
    page = pages.get("/")
    typed = page.typed()

    assert "2026-11-30" == typed["first_day"]
    assert ("20561", "30", "15", "yes", "2") == tuple(
        typed[name] for name in ("needling", "exercise", "manual", "evaluation", "per_week")
    )
    assert ("", "", "") == (typed["zip"], typed["plan"], typed["visits"])
    assert {} == page.errors()


@pytest.mark.parametrize(("field", "typed", "words"), WRONG)
def test_a_wrong_answer_is_kept_and_explained_beside_its_field(
    pages: Pages, field: str, typed: str, words: str
) -> None:
    """Nothing is lost, the field is named, and the sentence says what to write."""
    page = pages.send(status=422, **{**ENOUGH, field: typed})
    kept = page.typed()

    assert [field] == list(page.errors())
    assert words in page.errors()[field]
    assert "'" not in page.errors()[field]
    assert [field] == list(page.summary())
    assert page.summary()[field].endswith(page.errors()[field])
    assert {name: kept[name] for name in ENOUGH if name != field} == {
        name: typed for name, typed in ENOUGH.items() if name != field
    }
    # A choice that is not in the list cannot be shown as chosen; everything else stands as it was typed.
    assert kept[field] in (typed, "")
    assert (kept[field] == typed) or field in ("plan", "setting", "network")


@pytest.mark.parametrize(
    "field", [field.name for field in FIELDS if field.kind is Kind.COUNT and field.name[:3] != "my_"]
)
def test_a_number_of_thousands_of_digits_is_a_mistake_like_another(pages: Pages, field: str) -> None:
    """Python refuses to read one of more than 4,300 digits."""
    page = pages.send(status=422, **{**ENOUGH, field: "9" * 5_000})

    assert [field] == list(page.errors())


def test_all_mistakes_are_said_at_once_in_the_order_of_the_form(pages: Pages) -> None:
    """Nobody corrects one field only to hear of the next."""
    page = pages.send(status=422, zip="x", plan="", visits="-3", age="old", exercise="1500", deductible_paid="-5")

    assert ["plan", "zip", "visits", "exercise", "deductible_paid", "age"] == list(page.summary())


def test_a_part_with_a_mistake_in_it_is_open(pages: Pages) -> None:
    """A sentence beside a field helps only anyone who can see the field."""
    page = pages.send(status=422, **ENOUGH, age="old")
    part = next(part for part in page.all("details") if any(part.all("input", name="age")))

    assert "open" in part.attributes


def test_days_out_of_order_are_refused(pages: Pages) -> None:
    """An approval cannot end before it begins."""
    page = pages.send(
        status=422,
        **ENOUGH,
        authorization="yes",
        authorization_first_day="2026-12-31",
        authorization_last_day="2026-11-01",
    )

    assert "on or after" in page.errors()["authorization_last_day"]
    assert "2026-11-01" == page.typed()["authorization_last_day"]


def test_no_care_at_all_is_refused(pages: Pages) -> None:
    """A visit without a service has no price."""
    page = pages.send(status=422, **ENOUGH, needling="none", exercise="0", manual="", evaluation="no")

    assert {"needling": "Choose at least one: needling, exercise or manual therapy."} == page.errors()


@pytest.mark.parametrize("field", ["zip", "diagnosis", "age", "first_day", "plan", "reader", "network"])
def test_hostile_text_is_shown_as_text(pages: Pages, field: str) -> None:
    """What was typed never becomes part of the page."""
    hostile = "\"><script>alert('needles')</script>"
    response = pages.client.post("/estimate", data={**ENOUGH, field: hostile})

    assert "<script" not in response.text


def test_a_zip_code_in_several_areas_offers_them(pages: Pages) -> None:
    """The estimate takes the likeliest area and says that there are others."""
    several = {**ENOUGH, "zip": "02339"}
    options = [
        option.attributes["value"] for option in pages.send(**several).one("select", name="locality").all("option")
    ]
    other = pages.send(**several, locality=options[1])

    assert len(options) > 1
    assert options[1] == other.typed()["locality"]


def test_an_area_that_is_not_of_the_zip_code_is_refused(pages: Pages) -> None:
    """A leftover of an earlier ZIP code does not price this one."""
    page = pages.send(status=422, **{**ENOUGH, "zip": "02339"}, locality="02402-02")

    assert ["locality"] == list(page.errors())


def test_in_network_means_the_first_tier_of_a_plan_with_tiers(pages: Pages) -> None:
    """Three answers are enough for a plan whose networks go by other names, and the form offers these."""
    tiered = {**ENOUGH, "plan": "template-employer-pos-tiers"}
    page = pages.send(**tiered)
    form = pages.send(to="/", **tiered)

    assert page.one("h1").text.startswith("You'd pay about")
    assert "Tier 2" in form.one("select", name="network").text


def test_an_answer_can_be_changed_without_typing_the_rest_again(pages: Pages) -> None:
    """The answer page carries every answer back to the form."""
    answers = {**ENOUGH, "age": "41", "needling": "20560", "authorization": "yes", "reader": "biller"}
    page = pages.send(**answers).one("main")
    named = {button.attributes.get("aria-label", button.text): button for button in page.all("button")}
    button = named["Change an answer"]
    carried = {**page.typed(), button.attributes["name"]: button.attributes["value"]}
    form = pages.send(to="/", **carried)

    assert answers == {name: form.typed()[name] for name in answers}


def test_a_plan_page_starts_the_form_with_its_plan(pages: Pages) -> None:
    """Anyone who has found their plan need not look for it again."""
    sent = pages.get("/plans/original-medicare-2026").one("main").typed()
    form = pages.send(to="/", **sent)

    assert "original-medicare-2026" == form.typed()["plan"]


def test_a_day_is_read_as_americans_type_it(pages: Pages) -> None:
    """A browser without a calendar sends what was typed."""
    ways = ("12/7/2026", "12/7/26", "12-7-26", "12/07", "Dec 7, 2026", "dec. 7th", "7 de diciembre de 2026")
    told = {written: pages.send(**ENOUGH, first_day=written) for written in ways}

    assert [] == [written for written, page in told.items() if "From Dec 7, 2026" not in page.text]
    assert "Enter a date, like 12/7/2026." in pages.send(status=422, **ENOUGH, first_day="13/40/2026").text


def test_a_tile_alone_means_a_typical_plan_of_its_kind(pages: Pages) -> None:
    """Who knows no more than how they pay gets a number all the same."""
    titles = {"job": "Employer PPO", "medicare": "Original Medicare Part B 2026", "cash": "without insurance"}
    told = {pay: pages.send(pay=pay, zip="98101", visits="8").one("h1").text for pay in titles}

    assert {} == {pay: words for pay, words in told.items() if titles[pay].lower() not in words.lower()}


def test_what_was_entered_below_another_tile_does_not_count(pages: Pages) -> None:
    """A browser sends the lists that it hides as well."""
    other = {"plan.job": "template-employer-hmo", "plan": "template-employer-hmo", "insurer": "nobody knows"}
    page = pages.send(pay="cash", zip="98101", visits="8", **other)

    assert "without insurance" in page.one("h1").text
    assert "" == page.typed()["insurer"]


def test_a_tile_without_a_typical_plan_asks_for_one_and_stays_chosen(pages: Pages) -> None:
    """There is no typical state fund."""
    page = pages.send(status=422, pay="injury", zip="98101", visits="8")

    assert ["plan"] == list(page.errors())
    assert "injury" == page.typed()["pay"]


def test_the_form_opens_at_the_tile_of_its_plan(pages: Pages) -> None:
    """Back from an answer, nothing has to be found again."""
    form = pages.send(to="/", **ENOUGH)

    assert ("medicare", "original-medicare-2026") == (form.typed()["pay"], form.typed()["plan.medicare"])


def test_an_insurer_in_doubt_is_chosen_with_one_press(pages: Pages) -> None:
    """Two insurers share a group's name: nobody is told to type a name again."""
    asked = {"pay": "job", "zip": "98101", "visits": "8", "insurer": "Point32"}
    page = pages.send(status=422, **asked)
    meant = [each.attributes["value"] for each in page.all("button", name="meant")]
    answer = pages.send(**asked, meant=meant[0])

    assert "harvard-pilgrim" == meant[0]
    assert "Insurer Harvard Pilgrim Health Care" in answer.one("dl", id="told-us").text


def test_a_zip_code_may_have_its_four_digits_more(pages: Pages) -> None:
    """Mail comes with nine digits."""
    assert "ZIP 98101" in pages.send(**{**ENOUGH, "zip": "98101-1234"}).text


def test_needling_is_at_four_visits_unless_told_otherwise(pages: Pages) -> None:
    """A usual course has it at three to six."""
    told = [
        pages.send(**ENOUGH, **some).one("dl", id="told-us").text
        for some in ({}, {"needling_visits": "2"}, {"needling_visits": ""}, {"needling_visits": "8"})
    ]

    assert ["at 4 of the visits" in told[0], "at 2 of the visits" in told[1]] == [True, True]
    assert ["of the visits" in each for each in told[2:]] == [False, False]


def test_a_part_that_was_answered_says_so_while_it_is_shut(pages: Pages) -> None:
    """Nobody opens seven parts to see what they entered."""
    form = pages.send(to="/", **ENOUGH, age="41", deductible_paid="100")
    said = {each.text for each in form.all("span", class_="more__now")}

    assert {"Age: 41", "Deductible paid so far: $100.00"} <= said
    assert [] == [each for each in form.all("details", class_="more") if "open" in each.attributes]


def test_a_medigap_plan_pays_what_medicare_leaves(pages: Pages) -> None:
    """Plan G leaves the yearly deductible, Plan F nothing, and neither means anything for another plan."""
    course = {**ENOUGH, "needling": "none"}
    of_medicare = {letter: pages.send(**course, second=f"medigap-{letter}").one("h1").text for letter in "gf"}
    of_another = [
        pages.send(**{**course, "plan": "template-employer-ppo"}, second=second).one("h1").text
        for second in ("", "medigap-f")
    ]

    assert "$283 " in of_medicare["g"]
    assert "$0 " in of_medicare["f"]
    assert of_another[0] == of_another[1]


def test_a_plan_that_only_pays_second_is_no_first_plan(pages: Pages) -> None:
    """Medigap is asked for as the second plan, and its rules are on the list of all plans."""
    form = pages.get("/")
    lists = [each for each in form.all("select") if each.attributes["name"].startswith("plan")]
    offered = {option.attributes["value"] for each in lists for option in each.all("option")}

    assert "original-medicare-2026" in offered
    assert set() == {plan for plan in offered if plan.startswith(("medigap", "qmb", "tricare-for-life"))}
    assert "Medigap Plan G" in form.one("select", name="second").text
    assert "Medigap Plan G" in pages.get("/plans").text


def test_the_summary_of_mistakes_is_where_reading_goes_on(pages: Pages) -> None:
    """The heading takes the focus as the page comes, and a page without mistakes moves nobody."""
    heading = pages.send(422, **{**ENOUGH, "zip": "606"}).one("h2", id="error-summary")

    assert "autofocus" in heading.attributes
    assert "autofocus" not in pages.client.get("/").text
