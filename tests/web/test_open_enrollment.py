"""Open enrollment: the plans sold where a person lives, by what a course would cost; each figure is an estimate's."""

from datetime import date
from typing import Any

import pytest

from estimator.estimates.compare import in_next_year
from estimator.estimates.contract import read_request
from estimator.estimates.rank import rank
from estimator.plans.shelf import Shelf, Wanted
from estimator.web import common
from estimator.web.patient import enrollment
from estimator.web.patient.form import answers_of
from estimator.web.patient.reply import request_asked
from estimator.wording.words import whole_usd
from tests.web.conftest import TODAY, Pages
from tests.web.kept_plans import ISSUERS, PLANS_OF_EACH
from tests.web.reading import Element

COURSE = {"zip": "75201", "plan": "template-marketplace-silver", "visits": "8", "first_day": "2026-12-07"}
PAGE = "/open-enrollment"
TO_DAY = date.fromisoformat(TODAY)


def rows_of(page: Element) -> list[str]:
    """Return the words of each row of the ranking."""
    return [row.text for row in page.one("table", class_="ledger").one("tbody").all("tr")]


def test_the_page_ranks_as_the_command_does_and_says_which_year(kept: Pages, shelf: Shelf) -> None:
    """Next year by default: the cheapest first, plans of the same rules in one row, all marked provisional."""
    page = kept.send(to=PAGE, **COURSE)
    with kept.client.application.test_request_context():
        common_request = request_asked(answers_of(COURSE, TO_DAY), TO_DAY)
        moved = in_next_year(common_request, read_request(common_request, TO_DAY), common.shelf())
        wanted = Wanted(state="TX", market="marketplace", kind="published")
        ranking = rank(moved, wanted, TO_DAY, shelf, common.prices())

    assert "from Jan 1, 2027" in page.text
    assert f"{len(ISSUERS) * PLANS_OF_EACH} plans, the one that costs least first" in page.text
    rows = rows_of(page)
    groups = list(dict.fromkeys(id(each.estimate) for each in ranking.ranked))
    assert len(groups) == len(rows)
    assert whole_usd(ranking.ranked[0].typical) in rows[0]
    assert all("this year’s rules" in row for row in rows)
    assert "aren’t known yet" in page.text
    assert page.one("p", class_="lead").text.startswith("By this year’s rules, ")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"year": "2026"}, "from Dec 7, 2026"),
        ({"issuer": ISSUERS[0]}, f"{PLANS_OF_EACH} plans, the one that costs least first"),
        ({"sold": "medicare-advantage"}, "25 plans, the one that costs least first"),
        ({"sold": "medicare-advantage", "zip": "99501"}, "We know no plans of this kind in your state"),
        ({"sold": "medicare-advantage", "zip": "99501"}, "2 plans are left out"),
        ({"premium": "a lot"}, "Enter dollars and cents, like 250.00."),
    ],
)
def test_what_is_chosen_decides_what_is_ranked(kept: Pages, typed: dict[str, str], says: str) -> None:
    """Year, insurer, kind of plan; a state without plans says so; what is no amount is asked again."""
    assert says in kept.send(to=PAGE, **{**COURSE, **typed}).text


@pytest.mark.parametrize(
    ("plan", "kind"),
    [
        ("original-medicare-2026", "medicare-advantage"),
        ("uhc-ma-2026-authorization", "medicare-advantage"),
        ("template-marketplace-silver", "marketplace"),
    ],
)
def test_the_first_kind_is_that_of_the_plan_which_the_person_has(kept: Pages, plan: str, kind: str) -> None:
    """By its market: an id may say anything."""
    [chosen] = [
        option.attributes["value"]
        for option in kept.send(to=PAGE, **{**COURSE, "plan": plan}).one("select", id="sold").all("option")
        if "selected" in option.attributes
    ]

    assert kind == chosen


def test_two_premiums_make_a_year(kept: Pages) -> None:
    """Twelve of each with the course: 12 × 300 against 12 × 100."""
    _, chosen, *_ = kept.send(to=PAGE, **COURSE).one("select", id="other_plan").all("option")
    typed = {"premium": "300", "other_plan": chosen.attributes["value"], "other_premium": "$100.00"}
    page = kept.send(to=PAGE, **{**COURSE, **typed})
    found: Any = page.one("section", **{"aria-labelledby": "whole"}).text

    assert "Over a year" in found
    assert "12 premiums and these visits" in found


def test_more_plans_than_a_person_would_wait_for_ask_for_the_insurer(kept: Pages, monkeypatch: Any) -> None:
    """Nothing is ranked in part: which plan costs least would not be known."""
    monkeypatch.setattr(enrollment, "MOST_AT_ONCE", 20)
    page = kept.send(to=PAGE, **COURSE)

    assert "30 plans are sold here, and 20 can be ranked at once. Choose an insurer." in page.text
    assert not list(page.all("table", class_="ledger"))
    assert "Your plan" in page.text


def test_the_address_alone_leads_to_the_form(kept: Pages) -> None:
    """A bookmark has no answers."""
    assert 302 == kept.client.get(PAGE).status_code


def test_ones_own_plan_costs_what_its_answer_says(kept: Pages) -> None:
    """Settled and open apart, in both places; the table's one figure is named."""
    asked = {**COURSE, "plan": "template-employer-ppo", "first_day": "2027-01-04"}
    answer = kept.send(**asked).one("main").text
    own = kept.send(to=PAGE, **asked).one("section", **{"aria-labelledby": "own"}).text

    assert "$320 + $0–$340 Counted here as $500" in own
    assert "$320" in answer
    assert "$0–$340" in answer


def test_a_state_with_a_marketplace_of_its_own_is_told_so(kept: Pages) -> None:
    """By its name, as the search for a plan tells it."""
    assert "Minnesota has its own Marketplace, MNsure" in kept.send(to=PAGE, **{**COURSE, "zip": "55401"}).text


def test_plans_that_cost_the_same_are_all_named_the_cheapest() -> None:
    """One of thirteen at $0 is no better than the twelve below it; a plan alone is named."""
    alone = enrollment.Row(1, "a", "Alder PPO", "Alder Health", (), 0, "$0", "", "", is_provisional=False, elsewhere="")
    several = alone._replace(place=2, others=("Birch", "Cedar"), more_others=1)

    assert "Alder PPO from Alder Health would cost least" in enrollment._lead([alone, several._replace(amount="$40")])
    assert "5 plans would cost least for this course: about $0." in enrollment._lead([alone, several])
    assert "Alder PPO from Alder Health would" in enrollment._lead([alone, several._replace(elsewhere="Not in Dane.")])
