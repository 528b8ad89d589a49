"""The registry holds together: what its files name exists, and every catalogue payer is some insurer's."""

import csv

from estimator.engine.coding import STATES
from estimator.insurers.registry import ANYWHERE, EVERYWHERE, counties_in, registry
from estimator.plans.shared import read_shared
from estimator.settings import insurers_folder, plans_folder


def test_every_name_prefix_and_payer_is_of_an_insurer_that_exists() -> None:
    """A row that names nobody would find nobody."""
    known = registry()
    named = {alias.insurer for alias in known.aliases} | set(known.prefixes.values()) | set(known.catalogue.values())

    assert set() == named - set(known.insurers)


def test_states_are_two_letters_or_the_whole_country() -> None:
    """A misspelled state would hide an insurer."""
    known = registry()
    named = {state for insurer in known.insurers.values() for state in insurer.states}
    named |= {state for alias in known.aliases for state in alias.states}

    assert set() == named - {*STATES, ANYWHERE}


def test_a_policy_is_the_one_of_the_market_and_the_state_before_the_default() -> None:
    """UnitedHealthcare's position differs by product line."""
    insurer = registry().insurers["unitedhealthcare"]

    assert "uhc-commercial-dry-needling" == insurer.policy("employer")
    assert "uhc-medicare-advantage-dry-needling" == insurer.policy("medicare-advantage", "FL")
    assert "uhc-community-ny-dry-needling" == insurer.policy("medicaid", "NY")


def test_one_payer_name_means_another_insurer_in_another_state() -> None:
    """Anthem is a company of its own in each state."""
    payer = "Anthem Blue Cross and Blue Shield"
    found = [registry().of_plan(payer, "marketplace", state) for state in ("OH", "IN")]

    assert ["anthem-oh", "anthem-in"] == [insurer and insurer.id for insurer in found]


def test_an_unknown_payer_has_no_insurer() -> None:
    """A plan of a fictional payer stays without one."""
    assert registry().of_plan("Evergreen Health Plan", "employer") is None


def test_a_state_exchange_says_whether_its_plans_are_in_the_federal_file() -> None:
    """California runs its own Marketplace; Oregon's plans are in the federal file."""
    exchanges = registry().exchanges

    assert ("Covered California", False) == (exchanges["CA"].name, exchanges["CA"].is_in_federal_file)
    assert exchanges["OR"].is_in_federal_file


def test_every_needling_policy_that_an_insurer_names_can_be_read() -> None:
    """A policy that is not in the folder would be a position nobody can cite."""
    policies = read_shared(plans_folder()).policies
    named = {policy for insurer in registry().insurers.values() for policy in insurer.policies.values()}

    assert set() == named - set(policies)


def test_nearly_every_marketplace_plan_has_counties_and_those_have_a_zip_code() -> None:
    """A county by another spelling would be one where no plan is sold."""
    with (insurers_folder() / "marketplace-counties.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    strange = {
        (row["state"], county)
        for row in rows
        if row["counties"] != EVERYWHERE
        for county in set(row["counties"].split(";")) - set(counties_in(row["state"]))
    }

    assert set() == strange
    assert 3_794 == sum(len(row["plans"].split()) for row in rows)
