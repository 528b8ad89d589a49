"""A name that leaves no doubt chooses an insurer; one that may mean several asks, and is never chosen silently."""

import csv
import json
from functools import lru_cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from estimator.cli import main
from estimator.insurers.matching import Match, find_insurer, insurer_and_rest

CASES = Path(__file__).parent / "matching_cases.csv"
# As cards, spreadsheets and people write names, by kind. "Ask": to choose would be a guess, or nobody is meant.
BY_KIND = CASES.with_name("cases_by_kind.csv")


@lru_cache
def answered(path: Path) -> list[tuple[dict[str, str], Match]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(case, find_insurer(case["text"], case["state"] or None)) for case in csv.DictReader(file)]


def chosen(text: str, state: str | None = None) -> str | None:
    found = find_insurer(text, state).insurer
    return found and found.id


def asked(text: str, state: str | None = None) -> list[str]:
    return [choice.insurer.id for choice in find_insurer(text, state).choices]


def test_what_is_chosen_is_right_in_98_of_100_cases() -> None:
    """A wrong insurer would bring another payer's rules."""
    for path in (CASES, BY_KIND):
        silent = [(case, match.insurer.id) for case, match in answered(path) if match.insurer]
        wrong = [(case["text"], found) for case, found in silent if case["expected"] != found]

        assert len(wrong) <= 0.02 * len(silent), wrong


def test_nine_of_ten_names_that_mean_one_insurer_find_it() -> None:
    """A name that is asked about costs a click, so most are found at once."""
    for path in (CASES, BY_KIND):
        meant = [(case, match.insurer) for case, match in answered(path) if case["expected_kind"] == "one"]
        missed = [case["text"] for case, insurer in meant if insurer is None or insurer.id != case["expected"]]

        assert len(missed) <= 0.1 * len(meant), missed


def test_every_ambiguous_name_is_answered_with_a_short_list_of_choices() -> None:
    """The list holds everyone who may be meant, and nobody is chosen."""
    for case, match in (*answered(CASES), *answered(BY_KIND)):
        if case["expected_kind"] == "choices":
            listed = {choice.insurer.id for choice in match.choices}

            assert match.insurer is None, case
            assert set(case["expected"].split()) <= listed, case
            assert len(listed) <= 10, case


def test_a_name_that_nobody_has_finds_nobody() -> None:
    """An employer's name or a word about insurance is no insurer."""
    assert [None] * 11 == [match.insurer for case, match in answered(CASES) if case["expected_kind"] == "none"][:11]


def test_a_member_id_of_r_and_eight_digits_is_the_federal_program() -> None:
    """Those cards have no prefix of three letters."""
    assert "bcbs-fep" == chosen("R12345678")
    assert chosen("R1234567") is None


@pytest.mark.parametrize("card", ["ZGP", "zgp123456789"])
def test_a_card_prefix_suggests_and_never_decides(card: str) -> None:
    """Prefixes are reassigned every year."""
    match = find_insurer(card)

    assert match.insurer is None
    assert ["bcbs-tx"] == [choice.insurer.id for choice in match.choices]
    assert "Your card looks like" in match.choices[0].why


def test_a_state_outside_the_area_of_an_insurer_turns_a_choice_into_a_question() -> None:
    """Two companies called Health Partners sell in different states."""
    assert "jefferson" == chosen("Health Partners", "PA")
    assert "healthpartners" == chosen("HealthPartners", "MN")
    assert chosen("HealthPartners", "TX") is None
    assert "healthpartners" in asked("HealthPartners", "TX")


def test_a_blue_plan_of_another_state_is_chosen_by_its_name() -> None:
    """A member of one Blue may be treated in the area of another."""
    assert "bcbs-il" == chosen("BCBS of Illinois", "TX")


@pytest.mark.parametrize(
    ("text", "state", "meant"),
    [
        ("BCBS of Illinois gold member", "TX", "bcbs-il"),  # the plan's own state, not that of the care
        ("Highmark WV employee", "PA", "highmark-wv"),
        ("Regence Oregon gold", "WA", "regence-or"),
        ("Blue Cross Blue Shield of Texas in network", None, "bcbs-tx"),
        ("bcbs in tx", None, "bcbs-tx"),
    ],
)
def test_a_state_that_a_name_says_goes_before_that_of_the_care(text: str, state: str | None, meant: str) -> None:
    """ "In" is Indiana only where it stands for it."""
    assert meant == chosen(text, state)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("BCBS IL TX", {"bcbs-il", "bcbs-tx"}),
        ("BCBS of Illinois, TX office", {"bcbs-il", "bcbs-tx"}),
        ("Medicare & AARP", {"medicare", "aarp-supplement"}),
        ("Medicare primary, Humana secondary", {"medicare", "humana"}),
        ("bcbs or anthem", {"elevance"}),
    ],
)
def test_a_text_that_names_two_states_or_a_program_and_another_payer_asks(text: str, asks: set[str]) -> None:
    """Whichever came first would be a guess."""
    assert chosen(text) is None
    assert asks <= set(asked(text))


@pytest.mark.parametrize("text", ["UnitedHealthcare UMR", "UMR (a UnitedHealthcare company)", "UHC/UMR"])
def test_who_administers_goes_before_the_company_that_owns_it(text: str) -> None:
    """Its rules are those of the plan."""
    assert "umr" == chosen(text)


def test_who_manages_a_states_program_goes_before_the_program() -> None:
    """Two payers of one person are asked about all the same."""
    assert "iehp" == chosen("IEHP Medi-Cal")
    assert chosen("IEHP primary, Medi-Cal secondary") is None


@pytest.mark.parametrize("text", ["Signal", "TrueCare", "State Farm Health", "Progressive Medical Group"])
def test_another_companys_name_is_no_slip_of_an_insurers(text: str) -> None:
    """Nor is a word of health beside one that insures cars."""
    assert chosen(text) is None


def test_a_very_long_text_is_never_chosen_from() -> None:
    """What it says after its beginning may name another."""
    long = "Aetna PPO " + "choice " * 60 + "no, Humana"

    assert chosen("Aetna PPO choice choice") == "aetna"
    assert chosen(long) is None
    assert ["aetna"] == asked(long)


def test_two_insurers_in_one_text_are_asked_about() -> None:
    """A primary and a secondary insurer are not one."""
    assert chosen("Anthem BCBS, Aetna secondary") is None
    assert {"elevance", "aetna"} == set(asked("Anthem BCBS, Aetna secondary"))


def test_a_brand_that_is_another_company_in_each_state_asks_elsewhere() -> None:
    """Highmark sells in four states: without one of them nobody knows which company is meant."""
    assert "highmark-pa" == chosen("Highmark", "PA")
    assert "highmark-wv" == chosen("Highmark", "WV")
    for state in (None, "OH"):
        assert chosen("Highmark", state) is None
        assert {"highmark-pa", "highmark-wv"} <= set(asked("Highmark", state))
    assert {"wellmark-ia", "wellmark-sd"} == set(asked("Wellmark"))
    assert ["american-health-adv"] == asked("American Health")
    assert chosen("Medicare Supp") is None


def test_a_name_that_a_column_cuts_off_is_completed() -> None:
    """A list of payers keeps 15 letters of a name; where they begin more than one name, nobody is chosen."""
    assert "aetna" == chosen("AETNA LIFE INSU")
    assert "unitedhealthcare" == chosen("UNITED HEALTHCA")
    assert "banner" == chosen("Banner University Family Care", "AZ")
    assert chosen("Community Heal") is None
    assert chosen("Aetna Quixo") is None


def test_a_network_or_a_product_beside_a_name_is_no_second_payer() -> None:
    """The same words beside another kind of name are one: Medicare beside a plan of federal employees."""
    assert "luminare" == chosen("Luminare Health PHCS")
    assert "bcbs-mi" == chosen("BCBSM Simply Blue PPO")
    assert "simply" == chosen("Simply Healthcare")
    assert "geico" == chosen("Geico PIP claim")
    assert "usaa" == chosen("USAA auto claim")
    assert "priority" == chosen("Priority Health NarrowNetwork HMO", "MI")
    assert {"medicare", "bcbs-fep"} == set(asked("Medicare / BCBS FEP"))
    assert "nalc" == chosen("NALC High Option Cigna")
    assert {"geha", "aetna"} == set(asked("Aetna primary GEHA secondary"))


def test_a_brand_without_the_rest_of_its_name_is_chosen_where_it_is_at_home() -> None:
    """Beside a product and in its own state, but not beside words that companies are called by."""
    assert "zing" == chosen("Zing Choice HMO", "IL")
    assert chosen("Zing Choice HMO", "CA") is None
    assert chosen("Zinc Choice", "IL") is None
    assert chosen("Essence Care", "MO") is None


def test_a_known_name_with_unknown_words_asks() -> None:
    """Words that nobody knows may be another company's."""
    assert chosen("Aetna Quixote") is None
    assert ["aetna"] == asked("Aetna Quixote")


@pytest.mark.parametrize("text", ["", " ", "🙂", "'; --", "a" * 10_000, "12345 " * 500, "\x00"])
def test_any_text_at_all_is_answered(text: str) -> None:
    """Nothing that a person can type stops the search."""
    assert find_insurer(text).insurer is None


@pytest.mark.parametrize(
    ("text", "state", "insurer", "rest"),
    [
        ("uhc dual complete", None, "unitedhealthcare", ("dual", "complete")),
        ("Humanna gold", None, "humana", ("gold",)),
        ("blue cross of texas", None, "bcbs-tx", ()),
        ("Anthem", "OH", "anthem-oh", ()),
        ("blue cross silver", None, None, ("blue", "cross", "silver")),
        ("medicare silver", None, None, ("medicare", "silver")),
        ("87726", None, "unitedhealthcare", ()),
        ("my insurance is Aetna", None, "aetna", ()),
        ("Antham BCBS Indiana", None, "anthem-in", ()),
        ("Aetna or Cigna", None, None, ("aetna", "or", "cigna")),
        ("United Concordia", None, None, ("united", "concordia")),
        ("", None, None, ()),
    ],
)
def test_a_search_tells_the_insurer_from_the_other_words(
    text: str, state: str | None, insurer: str | None, rest: tuple[str, ...]
) -> None:
    """What is not the insurer's name must stand in the plan's; a name in doubt is only words."""
    found, others = insurer_and_rest(text, state)

    assert (insurer, rest) == (found and found.id, others)


def test_a_search_names_no_insurer_that_is_not_chosen_or_the_only_choice() -> None:
    """The same words mean the same on every way in."""
    for case, match in (*answered(CASES), *answered(BY_KIND)):
        insurer, _rest = insurer_and_rest(case["text"], case["state"] or None)
        allowed = [match.insurer] if match.insurer else [choice.insurer for choice in match.choices]

        assert insurer is None or allowed == [insurer], case


def test_the_command_prints_the_insurer_or_the_choices() -> None:
    """Programs read `insurer` and `choices`; a chosen insurer comes without choices."""
    one = CliRunner().invoke(main, ["insurers", "find", "UHC", "Choice", "Plus", "--json"])
    several = CliRunner().invoke(main, ["insurers", "find", "BCBS", "--state", "CA", "--json"])

    assert {"insurer": {"id": "unitedhealthcare", "name": "UnitedHealthcare"}, "choices": []} == json.loads(one.stdout)
    listed = json.loads(several.stdout)
    assert listed["insurer"] is None
    assert ["anthem-ca", "blue-shield-ca"] == [choice["id"] for choice in listed["choices"]]
    assert all({"id", "name", "why"} == set(choice) for choice in listed["choices"])


def test_the_command_says_what_to_do_where_nobody_is_chosen() -> None:
    """A person at a terminal is told to choose, or that the name is unknown."""
    several = CliRunner().invoke(main, ["insurers", "find", "Point32"])
    nobody = CliRunner().invoke(main, ["insurers", "find", "asdf"])
    mistyped = CliRunner().invoke(main, ["insurers", "find", "Aetna", "--state", "Texas"])

    assert "Choose one of these" in several.stderr
    assert "No insurer has a name like this." in nobody.stderr
    assert "Enter the two letters of a state" in mistyped.stderr
