"""Choosing one of hundreds of plans, without a script and without typing anything twice."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from structlog.testing import capture_logs

from estimator.insurers.registry import is_sold_in
from estimator.plans.shelf import PlanRow
from estimator.web.patient.plans import _nearest_first, found_by_one_name
from tests.web.conftest import Pages
from tests.web.kept_plans import ISSUERS, PLANS_OF_EACH, VARIANTS, plan_id
from tests.web.reading import Element

TYPED = {"zip": "27601", "visits": "8", "age": "41", "deductible_paid": "120", "needling": "20560", "reader": "biller"}
NORTH_CAROLINA = {**TYPED, "plan": "find-marketplace"}
OF_A_STATE = len(ISSUERS) * PLANS_OF_EACH
STANDARD = plan_id("NC", 0, 0, "01")


def buttons(page: Element, name: str) -> dict[str, Element]:
    """Return the buttons that send this name, by what they send."""
    found = (button for button in page.all("button") if button.attributes.get("name") == name)
    return {button.attributes["value"]: button for button in found}


def every_page(kept: Pages, sent: dict[str, str]) -> Iterator[Element]:
    """Turn the pages of a list to its end."""
    page = kept.send(**sent)
    number = 1
    while True:
        yield page
        number += 1
        if str(number) not in buttons(page, "page"):
            return
        page = kept.send(to="/choose-plan", **{**page.one("main").typed(), "page": str(number)})


def choices_of(page: Element) -> dict[str, list[str]]:
    """Return the choices of the form's list of plans by their kind."""
    groups = page.one("select", name="plan").all("optgroup")
    return {group.attributes["label"]: [option.text for option in group.all("option")] for group in groups}


def test_the_form_begins_with_kinds_of_plan(kept: Pages) -> None:
    """Thousands of plans hide behind two choices, and no invented one is listed."""
    groups = choices_of(kept.get("/"))

    assert "Original Medicare" == next(iter(groups))
    assert "My plan isn’t listed" == list(groups)[-1]
    assert not [name for options in groups.values() for name in options if "Evergreen" in name]
    for big in ("Medicare Advantage", "Marketplace (HealthCare.gov)"):
        assert "Find my plan by name" == groups[big][0]
    assert {"TRICARE", "Federal employees (FEHB)", "Workers’ compensation", "Veterans Affairs (VA)", "Medicaid"} < set(
        groups
    )
    assert ["Describe my plan from my card"] == groups["My plan isn’t listed"]
    assert sum(map(len, groups.values())) < 70


def test_the_zip_code_says_the_state(kept: Pages) -> None:
    """Three answers lead to the plans of one state, twenty on a page, each once."""
    pages = list(every_page(kept, NORTH_CAROLINA))
    found = [chosen for page in pages for chosen in buttons(page, "plan")]

    assert f"{OF_A_STATE} plans match. Page 1 of 2." in pages[0].text
    assert 20 == len(list(pages[0].all("li", class_="found__plan")))
    assert len(set(found)) == len(found) == OF_A_STATE * len(VARIANTS)
    assert {"nc"} == {chosen[5:7] for chosen in found}


def test_variants_stand_together_the_standard_one_first(kept: Pages) -> None:
    """Who is not of a tribe and has no reduced plan takes the first button."""
    plan = kept.send(**NORTH_CAROLINA).one("li", class_="found__plan")
    chosen = list(buttons(plan, "plan"))
    words = plan.text

    assert ["01", "00", "06", "03", "02"] == [each[-2:] for each in chosen]
    assert words.index("Standard, bought on HealthCare.gov") < words.index("4 other variants")
    assert words.index("CSR 94: extra savings for a lower income") < words.index("For members of tribes")
    assert "Does your card show CSR 94, or are you a member of a tribe? 4 other variants" in words
    assert "10000NC0000000" in words


@pytest.mark.parametrize(("variant", "is_asked"), [("01", False), ("03", True)])
def test_who_refers_is_asked_only_of_a_plan_whose_share_turns_on_it(kept: Pages, variant: str, is_asked: bool) -> None:
    """The variant for members of tribes; elsewhere the question would be one more for everybody."""
    page = kept.send(to="/", plan=f"10000nc0000003-{variant}", zip="27601")

    assert is_asked == ("Does an Indian health care provider treat or refer you?" in page.text)


@pytest.mark.parametrize(
    ("search", "count"),
    [
        ({"kind": "marketplace", "state": "TX"}, OF_A_STATE),
        ({"kind": "marketplace", "zip": "27601"}, OF_A_STATE),
        ({"kind": "marketplace", "state": "TX", "zip": "27601"}, OF_A_STATE),
        ({"kind": "marketplace", "state": "NC", "issuer": "Birch Mutual"}, PLANS_OF_EACH),
        ({"kind": "marketplace", "state": "NC", "metal": "Silver"}, 14),
        ({"kind": "marketplace", "state": "any", "words": "birch SILVER 07"}, 2),
        ({"words": "10000NC0000003"}, 1),
        ({"words": "10000nc0000003-06"}, 1),
        ({"kind": "medicare-advantage", "state": "TX", "words": "H0154-007"}, 1),
        ({"kind": "tricare"}, 3),
        ({"kind": "marketplace", "state": "NC", "issuer": "Cedar"}, OF_A_STATE),
        ({"kind": "medicare-advantage", "state": "TX", "metal": "Silver"}, 25),
        ({"kind": "nonsense", "state": "??", "metal": "Tin", "page": "-1", "words": "cedar advantage h0154-00"}, 10),
        ({"kind": "marketplace", "state": "NC", "page": "9999"}, OF_A_STATE),
    ],
    ids=str,
)
def test_a_search_finds_what_fits(kept: Pages, search: dict[str, str], count: int) -> None:
    """By state or ZIP code, insurer, metal level, words or the id of the papers, in large or small letters."""
    response = kept.client.get("/choose-plan", query_string=search)

    assert 200 == response.status_code
    assert (f"{count} plans match." if count > 1 else "1 plan matches.") in response.text


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ({}, "Choose your state"),
        ({"kind": "marketplace"}, "Choose your state"),
        ({"kind": "marketplace", "state": "WA"}, "has its own Marketplace, Washington Healthplanfinder"),
        ({"words": "covered california"}, "California has its own Marketplace, Covered California"),
        ({"kind": "marketplace", "state": "NC", "words": "nobody’s"}, "No plans match"),
        ({"kind": "medicare-advantage", "state": "NC", "words": "x" * 5000}, "No plans match"),
        ({"kind": "auto"}, "No plans match"),
    ],
    ids=str,
)
def test_where_nothing_fits_the_page_says_what_to_do(kept: Pages, search: dict[str, str], words: str) -> None:
    """No search is a dead end: a plan can be described instead."""
    page = kept.client.get("/choose-plan", query_string=search).text

    assert words in page
    assert "Describe my plan" in page


def test_plans_of_one_name_are_listed_once_with_their_ids(kept: Pages) -> None:
    """The ID on the card tells them apart, and chooses the plan."""
    page = kept.send(to="/choose-plan", **TYPED, state="UT", words="twin")
    [name] = page.all("li", class_="found__plan")

    assert "Several plans have this name. Choose the ID on your card." in name.text
    assert "2 plan IDs" in name.text
    assert ["h0998-001-0-ut", "h0998-002-0-ut"] == list(buttons(name, "plan"))


def test_an_id_leads_to_the_variants_of_its_plan(kept: Pages) -> None:
    """Where plans of one name have variants, the ID is looked up first."""
    page = kept.send(to="/choose-plan", **TYPED, state="NC", words="gold", number="10000NC0000002")

    assert "1 plan matches." in page.text
    assert plan_id("NC", 0, 2, "01") == next(iter(buttons(page, "plan")))


def test_original_medicare_comes_first_for_medicare(kept: Pages) -> None:
    """Medicare Advantage plans follow it, and plans of a year that has ended are not listed."""
    page = kept.send(to="/choose-plan", **TYPED, state="TX", words="medicare")
    names = [each.text for each in page.all("h3", class_="found__name")]

    assert "Original Medicare Part B 2026" == names[0]
    assert "Original Medicare Part B 2025" not in names


def test_choosing_keeps_everything_that_was_typed(kept: Pages) -> None:
    """Back on the form the plan is chosen, and nothing else is lost on the way over several searches."""
    page = kept.send(**NORTH_CAROLINA).one("main")
    page = kept.send(to="/choose-plan", **{**page.typed(), "words": "alder gold 00"}).one("main")
    button = buttons(page, "plan")[STANDARD]
    form = kept.send(to=button.attributes["formaction"].partition("#")[0], **{**page.typed(), "plan": STANDARD})
    answer = kept.send(**form.one("main").typed())

    assert {**TYPED, "plan": STANDARD} == {name: form.typed()[name] for name in (*TYPED, "plan")}
    assert "You chose Alder Gold 00" in form.text
    assert "for 8 visits with Alder Gold 00." in answer.one("h1").text


def test_a_plan_of_the_database_has_a_page(kept: Pages) -> None:
    """It says for whom the variant is."""
    page = kept.get(f"/plans/{plan_id('NC', 0, 1, '03')}")

    assert "Alder Silver 01" == page.one("h1").text
    assert "For members of tribes, at any income" in page.text
    assert "In network: you pay" in page.text.replace("Physical therapy, in network", "In network")


def test_the_list_of_plans_leads_to_the_search(kept: Pages) -> None:
    """The page of all plans does not list thousands."""
    page = kept.get("/plans")
    links = {link.attributes["href"] for link in page.all("a")}

    assert {"/choose-plan?kind=marketplace", "/choose-plan?kind=medicare-advantage", "/my-plan"} <= links
    assert STANDARD not in page.text
    assert f"{2 * OF_A_STATE * len(VARIANTS)} plans, each variant counted" in page.text


def test_no_answer_about_a_person_stands_in_an_address_or_the_log(kept: Pages) -> None:
    """What travels with a search is sent, not written into the address; the log holds neither."""
    with capture_logs() as lines:
        page = kept.send(**NORTH_CAROLINA).one("main")
        fresh = kept.get("/choose-plan?kind=marketplace&state=NC&words=gold")

    assert {"post"} == {form.attributes["method"] for form in page.all("form")}
    assert not [link for link in page.all("a") if "?" in link.attributes["href"]]
    assert {"zip", "state", "county", "words", "kind", "issuer", "metal"} == set(fresh.one("main").typed())
    # A time or a random id may hold any two digits.
    said = [{name: value for name, value in line.items() if name not in ("milliseconds", "request")} for line in lines]
    assert not any(word in str(said) for word in ("27601", "gold", "41", "120", "NC"))


def test_hostile_words_are_shown_as_text(kept: Pages) -> None:
    """A search is echoed, never obeyed."""
    hostile = "\"><script>alert('needles')</script>"
    for name in ("words", "issuer", "kind", "state", "zip", "metal", "page"):
        response = kept.client.get("/choose-plan", query_string={"kind": "marketplace", "state": "NC", name: hostile})

        assert 200 == response.status_code
        assert "<script" not in response.text


def test_a_megabyte_of_words_is_refused(kept: Pages) -> None:
    """In plain words, and not echoed."""
    response = kept.client.post("/choose-plan", data={**NORTH_CAROLINA, "words": "M" * 1_000_000})

    assert 413 == response.status_code
    assert len(response.text) < 5_000


def test_a_folder_is_searched_like_a_database(pages: Pages) -> None:
    """Anyone who has no database finds the plans that are files, and none is called missing in their state."""
    found = pages.client.get("/choose-plan", query_string={"kind": "tricare", "words": "select E-1"}).text
    none = pages.client.get("/choose-plan", query_string={"kind": "marketplace", "state": "TX"}).text

    assert "1 plan matches." in found
    assert "No plans match." in none


def test_plans_found_by_name_are_compared_with_the_one_asked_about(kept: Pages) -> None:
    """Open enrollment: each is found with one search, and the sentence says which costs less and by how much."""
    page = kept.send(to="/compare", **{**TYPED, "reader": "patient"}, plan="template-employer-ppo")
    for number, slot in enumerate(("other_plan", "another_plan")):
        sought = {"beside": next(iter(buttons(page, "beside"))), "words": "", "state": "NC"}
        search = kept.send(to="/choose-plan", **{**page.one("main").typed(), **sought})
        chosen, button = list(buttons(search, slot).items())[number * len(VARIANTS)]
        page = kept.send(to=button.attributes["formaction"], **{**search.one("main").typed(), slot: chosen})
    rows = [next(iter(row.all("td"))).amounts[0] for row in page.one("tbody").all("tr")]
    least, next_one = sorted(rows, key=lambda amount: float(amount.strip("$").replace(",", "")))[:2]
    says = page.one("p", class_="lead").text

    assert 3 == len(rows)
    assert least in says
    assert next_one in says


@pytest.mark.parametrize(
    ("market", "ids", "says"),
    [
        (
            "medicare-advantage",
            ("h1045-001-0-fl", "h1045-057-0-fl", "h9999-001-0-fl"),
            "Citrus isn’t among the counties listed for this plan.",
        ),
        (
            "marketplace",
            ("36194fl0410001-01", "30252fl0140002-01", "99999fl0010001-01"),
            "This plan may not be sold in Citrus: in 2025 its area didn’t include it.",
        ),
    ],
)
def test_a_county_puts_the_plans_that_are_sold_there_first_and_hides_none(
    market: str, ids: tuple[str, str, str], says: str
) -> None:
    """One of Citrus County and one that is sold elsewhere; one whose counties nobody knows stays where it was."""
    assert [False, True, None] == [is_sold_in(each, "Citrus") for each in ids]
    rows = [PlanRow(each, date(2026, 1, 1), None, each, "A", "published", market, ("FL",), None, 1, "") for each in ids]
    listed = _nearest_first([[[row]] for row in rows], "Citrus")
    found = [found_by_one_name(group, "Citrus") for group in listed]

    assert [ids[1], ids[2], ids[0]] == [each.first.plan_id for each in found]
    assert ["", "", says] == [each.absent for each in found]


def test_the_county_is_that_of_the_zip_code_unless_another_is_chosen(kept: Pages) -> None:
    """One of another state is no county of the state that is looked in."""

    def chosen(**search: str) -> str:
        asked = {"kind": "medicare-advantage", "state": "FL", **search}
        page = kept.client.get("/choose-plan", query_string=asked).text
        options = page.partition('name="county"')[2].partition("</select>")[0]
        return next(iter(re.findall(r'<option value="([^"]+)" selected>', options)), "")

    assert "Miami-Dade" == chosen(zip="33101")
    assert "Duval" == chosen(zip="33101", county="Duval")
    assert "" == chosen(zip="98101")
