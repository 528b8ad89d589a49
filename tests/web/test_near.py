"""The page of prices near a ZIP code shows real figures, whose they are and of which day, and nothing else."""

from tests.web.conftest import Pages

NEAR = "/prices-near-you"


def test_it_shows_each_payers_prices_with_clinics_and_day(pages: Pages) -> None:
    """Of the service that was chosen, beside cash prices, on one scale."""
    page = pages.send(to=NEAR, zip="55414", service="20561")
    cards = [card.text for card in page.all("li", class_="option")]

    assert 4 == len(cards)
    assert "BCBS Minnesota" in cards[0]
    assert all(part in cards[0] for part in ("$57", "$53 to $57", "$35 to $90", "195 clinics", "July 27, 2026"))
    assert "HealthPartners" in cards[1]
    assert "Clinics: cash price" in cards[2]
    assert "All are" not in cards[3]
    assert "read Oct 5, 2026" in page.one("main").text


def test_where_no_insurers_list_is_known_only_cash_is_shown(pages: Pages) -> None:
    """And the page says so; without a ZIP code it asks for one, and a wrong one is told."""
    elsewhere = pages.send(to=NEAR, zip="98101").one("main").text
    wrong = pages.send(to=NEAR, zip="00000").one("main").text

    assert "no insurer’s price list for this area yet" in elsewhere
    assert "Clinics: what" not in elsewhere
    assert "in the middle" not in wrong
    assert "ZIP code" in wrong
    assert [] == list(pages.get(NEAR).all("li", class_="option"))


def test_the_answer_leads_there_with_its_zip_code(pages: Pages) -> None:
    """In what is sent, never in an address; in Spanish too."""
    answer = pages.send(zip="55414", plan="original-medicare-2026", visits="8", age="66")
    [button] = [one for one in answer.all("button") if one.attributes.get("formaction") == NEAR]
    spanish = pages.send(to=f"/es{NEAR}", zip="55414").one("main").text

    assert "Prices near you" == button.text
    assert "Clínicas: lo que paga BCBS Minnesota" in spanish
    assert "27 de julio de 2026" in spanish
