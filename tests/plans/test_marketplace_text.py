"""What the free text may mean becomes proposals: quoted, marked unconfirmed, laid over the numbers."""

from pathlib import Path
from typing import Any

import pytest

from estimator.plans.folder import library
from estimator.plans.marketplace.plans import read_marketplace
from estimator.plans.marketplace.text import sentences
from estimator.plans.read import read_definition
from estimator.settings import plans_folder
from tests.plans.marketplace_files import every_benefit, pair


def definition(folder: Path, explanation: str = "", visits: str = "40.0", **of_therapy: str) -> dict[str, Any]:
    """Return the definition of a plan whose therapy row says this, which the product reads without a mistake."""
    limit = {"QuantLimitOnSvc": "Yes", "LimitQty": visits, "LimitUnit": "Visit(s) per Year"} if visits else {}
    rows = every_benefit(Explanation=explanation, **limit, **of_therapy)
    (listed,) = read_marketplace(*pair(folder, benefits=rows)).definitions()
    read_definition(listed.definition, "file", library(plans_folder()).shared)
    return listed.definition


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Combined 30 visit limit for occupational and physical therapies and chiropractic services.", "shared"),
        ("Limit includes muscle manipulations.", "shared"),
        ("20 OT visits and 20 PT visits.", "own"),
        ("Therapy limited to 20 visits per therapy type per year.", "each"),
        ("Visit limits do not apply if the primary diagnnosis code is for Autism Spectrum Disorder", "exempt"),
        ("Prior authoriztion required.", "authorization"),
        ("Preauthorization required for all Applied Behavioral Analysis services.", "other-benefit"),
        ("Inpatient rehabilitation limited to 60 Days per year.", "other-benefit"),
        ("Cost share shown is for professional office-based services.", "setting"),
        ("Limit is combined across professional visits and outpatient facilities.", "across"),
        ("Telehealth visits (if clinically appropriate) $0 copay, refer to EOC.", "telehealth"),
        ("First 5 office visits covered at 100% in the combined categories of Primary Care.", "first-visits"),
        ("Limit applies per condition.", "per-condition"),
        ("See policy or plan document for additional benefit explanation.", "pointer"),
        ("Excludes group therapy, private duty nursing, and custodial care.", "none"),
    ],
)
def test_a_sentence_is_of_one_kind(text: str, kind: str) -> None:
    """Misspellings and wordings of the official files among them."""
    assert [kind] == [sentence.kind for sentence in sentences(text)]


@pytest.mark.parametrize(
    ("text", "visits"),
    [
        ("Occupational Therapy is limited to 20 visits, and Physical Therapy is limited to a separate 25 visits.", 25),
        (
            "20 visits for speech therapy and 30 combined visits per year for occupational and physical therapy.",
            30,
        ),
        ("Outpatient is limited to 40 visits for physical therapy and combined 20 visit maximum for others.", 40),
        ("30 visits per year for Physical therapy and 20 visits per year for Occupational therapy.", 30),
        ("Limited to a combined total of thirty (30) Outpatient Visits for rehabilitative purposes", 30),
        ("Separate limits for OT and PT.", None),
    ],
)
def test_the_number_that_is_physical_therapys_own_is_found(text: str, visits: int | None) -> None:
    """Among the numbers of a sentence the one beside physical therapy counts."""
    (sentence,) = sentences(text)

    assert visits == sentence.visits


def test_a_number_that_agrees_with_the_column_changes_nothing(tmp_path: Path) -> None:
    """The text is quoted all the same."""
    found = definition(tmp_path, "Combined 40 visit limit for occupational and physical therapies.")

    assert {"therapy-visits"} == {name for name in found["limits"] if "therapy" in name}
    assert "unconfirmed" not in found["limits"]["therapy-visits"]
    assert any("Combined 40 visit limit" in note["text"] for note in found["notes"])
    assert any("shared with occupational therapy" in note["text"] for note in found["notes"])


def test_a_number_that_contradicts_the_column_leaves_both_standing(tmp_path: Path) -> None:
    """The larger is the limit; past the smaller the plan may pay or not, which widens the range."""
    found = definition(tmp_path, "Limited to 30 combined visits for occupational and physical therapy.")

    limits = found["limits"]
    assert ("40", "30") == (limits["therapy-visits"]["visits"], limits["therapy-visits-unconfirmed"]["visits"])
    assert "no" == limits["therapy-visits-unconfirmed"]["confirmed"]
    assert ["therapy-visits", "therapy-visits-unconfirmed"] == found["benefits"]["physical-therapy"]["limits"]
    assert any("Its text says 30" in note["text"] for note in found["notes"])


@pytest.mark.parametrize(
    "text",
    [
        "Occupational Therapy is limited to 20 visits and Physical Therapy to a separate 20 visits.",
        "Limited to 20 visits each for Rehabilitative Physical, and Occupational Therapy.",
    ],
)
def test_visits_that_physical_therapy_has_for_itself_hold_in_every_estimate(tmp_path: Path, text: str) -> None:
    """The column's 40 are those of both therapies; none of them is left for physical therapy past its own 20."""
    found = definition(tmp_path, text)

    limits = {name: limit for name, limit in found["limits"].items() if "therapy" in name}
    assert [("therapy-visits", "20", "no")] == [
        (name, limit["visits"], limit["other_therapy_counts"]) for name, limit in limits.items()
    ]
    assert "confirmed" not in limits["therapy-visits"]
    assert "40.0 Visit(s)" in limits["therapy-visits"]["cite"]


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Combined 40 visit limit for occupational and physical therapies.", "yes"),
        ("Visit limit is for all therapy types combined (PT, OT, ST).", "yes"),
        ("Combined limit for physical therapy and chiropractic care.", None),
        ("Separate limits for OT and PT.", "no"),
        ("", None),
    ],
)
def test_whether_other_therapies_use_up_the_limit_is_open_where_no_text_says(
    tmp_path: Path, text: str, counts: str | None
) -> None:
    """20 for both together, or 20 each."""
    assert counts == definition(tmp_path, text)["limits"]["therapy-visits"].get("other_therapy_counts")


def test_a_larger_number_of_the_text_stands_too(tmp_path: Path) -> None:
    """Whichever of both is smaller is the one in doubt."""
    limits = definition(tmp_path, "20 visits per year for Physical Therapy.", visits="15.0")["limits"]

    assert ("20", "15") == (limits["therapy-visits"]["visits"], limits["therapy-visits-unconfirmed"]["visits"])


def test_a_limit_that_only_the_text_names_is_in_doubt(tmp_path: Path) -> None:
    """No column confirms it, so that past it the plan may pay or not."""
    limit = definition(tmp_path, "Combined maximum of 30 visits per year.", visits="")["limits"]["therapy-visits"]

    assert ("30", "no") == (limit["visits"], limit["confirmed"])


def test_a_shared_limit_is_filled_by_chiropractic_care_too(tmp_path: Path) -> None:
    """Visits there use up the same bucket."""
    found = definition(tmp_path, "Combined limit for all outpatient therapy plus chiropractic.")

    assert ["therapy-visits"] == found["benefits"]["chiropractic"]["limits"]


def test_a_diagnosis_carve_out_lifts_the_limit(tmp_path: Path) -> None:
    """For these diagnoses the limit does not count."""
    found = definition(
        tmp_path, "Visit limits do not apply if the primary diagnosis code is for Autism Spectrum Disorder."
    )

    assert {"diagnoses": ["F84*"], "primary": "yes"} == found["limits"]["therapy-visits"]["exempt_when"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Preauthorization is required.", {"from_visit": "1"}),
        ("Prior auth request for certain therapies. Penalties include reduced benefits or claim denial.", "unknown"),
        (
            "Prior Authorization is required. Penalties include reduced benefits.",
            {"from_visit": "1", "if_missing": "unknown"},
        ),
        ("Pre-authorization required only for home visits.", {"from_visit": "1", "when": {"settings": ["home"]}}),
        ("Therapy provided in the home does not require Prior Authorization.", None),
        ("", None),
    ],
)
def test_authorization_is_proposed_as_far_as_the_text_goes(tmp_path: Path, text: str, expected: object) -> None:
    """Required, required perhaps, or only at home; who bears a missing one only where the text leaves it open."""
    found = definition(tmp_path, text)["benefits"]["physical-therapy"].get("authorization")
    rule = {key: found[key] for key in found if key != "cite"} if isinstance(found, dict) else found

    assert expected == rule


def test_another_place_of_service_leaves_the_cost_share_open(tmp_path: Path) -> None:
    """The share of the column holds in an office; in a hospital it is unknown."""
    found = definition(tmp_path, "Cost share shown is for professional office-based services.")["benefits"]

    assert "physical-therapy-in-hospital" == next(iter(found))
    assert {"settings": ["hospital-outpatient"]} == found["physical-therapy-in-hospital"]["when"]
    assert "unknown" == found["physical-therapy-in-hospital"]["cost_share"]["in-network"]


def test_telehealth_has_the_share_that_the_text_names(tmp_path: Path) -> None:
    """After the deductible, where it says so."""
    found = definition(tmp_path, "Telehealth visits (if clinically appropriate) $0 copay after deductible.")["benefits"]
    share = found["physical-therapy-by-telehealth"]["cost_share"]["in-network"]

    assert ("0.00", "applies") == (share["copay"], share["deductible"])


def test_a_parity_rule_caps_the_share(tmp_path: Path) -> None:
    """A visit to a therapist costs no more than one to the primary care physician."""
    text = "For a Physical Therapist you pay no Copayment that is higher than for a Primary Care Physician."
    share = definition(tmp_path, text)["benefits"]["physical-therapy"]["cost_share"]["in-network"]

    assert "primary-care-visit" == share["not_above"]


def test_what_is_not_understood_is_kept_as_a_quote_and_counted(tmp_path: Path) -> None:
    """Nothing that the insurer wrote about therapy is dropped."""
    files = read_marketplace(*pair(tmp_path, benefits=every_benefit(Exclusions="Excludes moonlight. No yoga.")))
    (listed,) = files.definitions()

    (note,) = listed.definition["notes"]
    assert "“Excludes moonlight. No yoga.” We made no rule of it." in note["text"]
    assert {"Evergreen Health": 2} == dict(files.report.not_understood)


def test_the_row_for_all_rehabilitation_speaks_where_the_therapy_row_is_silent(tmp_path: Path) -> None:
    """Its quantity is often a sum: it is never the limit where the therapy row has one."""
    rows = [
        row
        | {
            "LimitQty": "116.0",
            "LimitUnit": "Visit(s) per Year",
            "QuantLimitOnSvc": "Yes",
            "Explanation": "Preauthorization is required.",
        }
        if row["BenefitName"] == "Outpatient Rehabilitation Services"
        else row
        for row in every_benefit()
    ]
    (silent,) = read_marketplace(*pair(tmp_path, benefits=rows)).definitions()
    limited = [
        row | {"LimitQty": "20.0", "LimitUnit": "Visit(s) per Year"} if "Physical" in row["BenefitName"] else row
        for row in rows
    ]
    (speaking,) = read_marketplace(*pair(tmp_path, benefits=limited)).definitions()

    assert ("116", "no") == tuple(silent.definition["limits"]["therapy-visits"][key] for key in ("visits", "confirmed"))
    assert "from_visit" in silent.definition["benefits"]["physical-therapy"]["authorization"]
    assert "20" == speaking.definition["limits"]["therapy-visits"]["visits"]
