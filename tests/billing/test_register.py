"""The clinic's locations and therapists: kept with every mistake told at once, and what speaks against needling."""

from datetime import date

import pytest
from sqlalchemy import Engine

from estimator.accounts.accounts import add_account
from estimator.accounts.audit import Sought, find_entries
from estimator.accounts.sign_in import Person
from estimator.billing.register import (
    ASSISTANT,
    Concern,
    Therapist,
    end_location,
    end_therapist,
    keep_location,
    keep_therapist,
    location_named,
    locations_of,
    needling_flags,
    prices_at,
)
from estimator.db.connection import reading
from estimator.engine.coverage import May, Permission, Scope, StateRule
from estimator.engine.request import PHYSICAL_THERAPIST
from estimator.errors import ClinicPricesRefused, RequestRefused
from estimator.plans.shelf import Shelf
from estimator.prices.store import Kind, active_prices
from estimator.publishing.clinic_lists import publish_list, read_named_list, read_new_list
from estimator.publishing.drafts import Signed
from estimator.web.staff.clinic import Register
from estimator.wording.worklist import flag_says

ANA = Person(1, "ana", "admin")
UPTOWN = {
    "name": "Uptown", "npi": "1234567893", "tin": "12-3456789", "street": "1 High St", "city": "Portland",
    "state": "OR", "zip": "97201", "time_zone": "America/Los_Angeles", "consent_version": "3", "modifier": "GA",
}  # fmt: skip
TP = {"code": "TP", "provider": PHYSICAL_THERAPIST, "state": "OR", "trained": "yes"}
LAST = date(2026, 12, 31)


@pytest.fixture
def clinic(database: Engine) -> Engine:
    """A database with an administrator."""
    add_account(database, "ana", "admin", None)
    return database


def refusals(refusal: pytest.ExceptionInfo[RequestRefused]) -> list[str]:
    """Return where something was wrong."""
    return [problem.path for problem in refusal.value.problems]


def test_a_location_has_its_own_numbers_and_takes_the_rest_from_the_clinics_file(
    clinic: Engine, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A street of its own takes the whole address; a name that nobody knows means the clinic itself."""
    file = tmp_path_factory.mktemp("clinic") / "clinic.json"
    file.write_text('{"name": "Clinic", "npi": "1003000126", "street": "9 Low St", "phone": "555", "safety_days": 4}')
    monkeypatch.setenv("ESTIMATOR_CLINIC", str(file))
    keep_location(clinic, UPTOWN, ANA)
    keep_location(clinic, {"name": "Lake", "street": "2 Lake Rd"}, ANA)
    uptown, lake, other = (Register(clinic).clinic(name) for name in ("uptown", "Lake", "elsewhere"))

    assert ("Uptown", "1234567893", "12-3456789", "Portland, OR 97201") == (
        uptown.name,
        uptown.npi,
        uptown.tin,
        uptown.place,
    )
    assert ("555", 4, "GA") == (uptown.phone, uptown.safety_days, uptown.modifier)
    assert ("1003000126", "2 Lake Rd", "") == (lake.npi, lake.street, lake.place)
    assert ("Clinic", "9 Low St") == (other.name, other.street)


def test_every_mistake_in_a_location_is_told_at_once(clinic: Engine) -> None:
    """Under the name of its field; a name is taken in capitals too."""
    keep_location(clinic, UPTOWN, ANA)
    wrong = {"name": "UPTOWN", "npi": "1234567890", "zip": "nine", "time_zone": "Portland", "contract_id": "7"}
    with pytest.raises(RequestRefused) as refusal:
        keep_location(clinic, wrong, ANA)

    assert ["name", "npi", "zip", "time_zone", "contract_id"] == refusals(refusal)


def test_every_mistake_in_a_therapist_is_told_at_once(clinic: Engine) -> None:
    """A day that is none and a state that is none among them."""
    with pytest.raises(RequestRefused) as refusal:
        keep_therapist(clinic, {"trained": "maybe", "state": "XX", "training_ends_on": "soon"}, ANA)

    assert ["code", "provider", "state", "trained", "training_ends_on"] == refusals(refusal)


def test_what_is_changed_closed_or_left_is_noted(clinic: Engine) -> None:
    """A closed location and a person who left are chosen no more, and stay in the register."""
    number, person = keep_location(clinic, UPTOWN, ANA), keep_therapist(clinic, TP, ANA)
    keep_location(clinic, {**UPTOWN, "city": "Salem"}, ANA, number)
    end_location(clinic, number, ANA, is_over=True)
    end_therapist(clinic, person, ANA, is_over=True)
    gone = (location_named(clinic, "Uptown"), Register(clinic).therapist("tp"))
    end_therapist(clinic, person, ANA, is_over=False)
    with reading(clinic) as connection:
        noted = [entry.did for entry in reversed(find_entries(connection, Sought()))][1:]

    assert (None, None) == gone
    assert Register(clinic).therapist("tp")
    assert "Salem" == locations_of(clinic, closed=True)[0].settings["city"]
    assert noted == [
        "register-added",
        "register-added",
        "register-changed",
        "register-ended",
        "register-ended",
        "register-resumed",
    ]


def test_a_location_prices_by_the_lists_that_it_names(clinic: Engine) -> None:
    """The other kinds are the newest of the clinic; without a list of its own nothing changes."""

    def published(kind: Kind, text: bytes, based_on: int | None = None) -> int:
        return publish_list(clinic, read_new_list(kind, text, "list.csv"), based_on, Signed("Ana", "2026"))

    uptown = published(Kind.SELF_PAY, b"code,amount,basis\n20561,90.00,per-line\n")
    published(Kind.SELF_PAY, b"code,amount,basis\n20561,75.00,per-line\n", uptown)
    published(Kind.CONTRACT, b"plan,code,amount,basis\nAcme,97110,40.00,per-unit\n")
    keep_location(clinic, {**UPTOWN, "self_pay_id": str(uptown)}, ANA)
    keep_location(clinic, {"name": "Lake"}, ANA)
    shelf, prices = Shelf(clinic), active_prices(clinic)
    own, usual = prices_at(shelf, prices, "Uptown"), prices.clinic

    assert own
    assert ["90.00"] == [str(entry.amount) for entry in own.self_pay]
    assert ["75.00"] == [str(entry.amount) for entry in usual.self_pay]
    assert usual.contract == own.contract
    assert prices_at(shelf, prices, "Lake") is None
    assert prices_at(shelf, prices, "") is None


def test_a_row_of_a_contract_may_hold_at_one_location(clinic: Engine) -> None:
    """There it goes before the row for all; the name is known in any capitals, and another is refused."""
    keep_location(clinic, UPTOWN, ANA)
    rows = "plan,code,amount,basis,location\nUHC,97110,40.00,per-unit,\nUHC,97110,44.00,per-unit,uptown\n"
    shelf = Shelf(clinic)
    new = read_named_list(shelf, Kind.CONTRACT, rows.encode(), "list.csv")
    publish_list(clinic, new, None, Signed("Ana", "2026"))
    prices = active_prices(clinic)
    here = prices_at(shelf, prices, "Uptown")
    with pytest.raises(ClinicPricesRefused) as refused:
        read_named_list(shelf, Kind.CONTRACT, rows.replace("uptown", "Upton").encode(), "list.csv")

    assert {"UHC": "UnitedHealthcare"} == new.read_as
    assert here
    assert ["40.00", "44.00"] == sorted(str(entry.amount) for entry in here.contract)
    assert ["40.00"] == [str(entry.amount) for entry in prices.clinic.at().contract]
    assert [("location", 3)] == [(problem.path, problem.line) for problem in refused.value.problems]


def therapist(**changed: object) -> Therapist:
    """Return a trained physical therapist of Oregon, with some things changed."""
    usual = {"id": 1, "code": "TP", "provider": PHYSICAL_THERAPIST, "state": "OR", "trained": "yes", "training": ""}
    return Therapist(**{**usual, "training_ends_on": None, "consent_version": "3", "left_at": None, **changed})  # type: ignore[arg-type]


def law(status: Scope = Scope.PERMITTED, training: str = "24 hours in class.", assistants: May = May.NO) -> StateRule:
    """Return what a state says."""
    others = {ASSISTANT: Permission(assistants)}
    return StateRule("OR", "Oregon", status, "Yes.", training=training, others=others)


FLAGGED = [
    (therapist(), law(), []),
    (therapist(provider=ASSISTANT), law(), [Concern.FORBIDDEN]),
    (therapist(provider=ASSISTANT), law(assistants=May.UNKNOWN), [Concern.ASSISTANT_UNREAD]),
    (therapist(provider=ASSISTANT), law(assistants=May.YES), []),
    (therapist(trained="no"), law(), [Concern.UNTRAINED]),
    (therapist(trained="no"), law(training=""), [Concern.TRAINING_UNKNOWN]),
    (therapist(trained="unknown"), law(), [Concern.TRAINING_UNKNOWN]),
    (therapist(trained="unknown"), law(training=""), []),
    (therapist(training_ends_on=date(2026, 12, 30)), law(), [Concern.TRAINING_OVER]),
    (therapist(training_ends_on=LAST), law(), []),
    (therapist(state="WA", trained="no"), law(), [Concern.UNTRAINED, Concern.OTHER_STATE]),
    (therapist(consent_version="2"), law(), [Concern.CONSENT_OLD]),
    (therapist(trained="no"), law(Scope.PROHIBITED), [Concern.FORBIDDEN]),
]


@pytest.mark.parametrize(("who", "rule", "concerns"), FLAGGED)
def test_what_speaks_against_needling_is_flagged(who: Therapist, rule: StateRule, concerns: list[Concern]) -> None:
    """What may not be comes first; what was read and is met is not named; each has its sentence."""
    flags = needling_flags(who, rule, LAST, "3")

    assert concerns == [flag.concern for flag in flags]
    assert all("TP" in flag_says(flag) and flag_says(flag).count("{") == 0 for flag in flags)
