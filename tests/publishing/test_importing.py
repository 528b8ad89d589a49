"""Official plan files from the path to the active plan: dry run, publication, and what ships."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from estimator.errors import PlanFileRefused
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.plans.catalogue_file import catalogues, read_catalogue
from estimator.plans.folder import Library
from estimator.plans.shelf import Shelf, Wanted
from estimator.publishing.catalogues import (
    Change,
    activate,
    compare,
    fill_from_catalogues,
    read_marketplace_files,
    read_medicare_advantage_file,
    write_shipped,
)
from estimator.settings import plans_folder
from tests.databases import migrated_at
from tests.plans.marketplace_files import every_benefit, pair, plan

SECOND = "12345WA0010002-01"


@pytest.fixture
def engine(tmp_path: Path, migrated_file: Path) -> Engine:
    """Return an empty database."""
    return migrated_at(tmp_path / "plans.db", migrated_file)


def files(folder: Path, *plans: str, copay: str = "$40.00") -> tuple[Path, Path]:
    """Write a pair of files with these plans."""
    rows = [row for each in plans for row in every_benefit(each, CopayInnTier1=copay)]
    return pair(folder, [plan(PlanId=each) for each in plans], rows)


def copay_of(engine: Engine, plan: str) -> str:
    """Return the copay of the first benefit of an active plan, named as its file has it."""
    return str(Shelf(engine).find(plan.lower(), date(2026, 3, 2)).benefits[0].cost_share["in-network"].copay)


def test_a_dry_run_tells_what_would_change_and_changes_nothing(tmp_path: Path, engine: Engine) -> None:
    """Reading is not publishing."""
    imported = read_marketplace_files(*files(tmp_path, "12345WA0010001-01", SECOND))

    assert Change(new=2, changed=0, same=0, gone=0) == compare(engine, imported)
    assert 0 == Shelf(engine).count(Wanted())


def test_an_import_makes_its_plans_the_active_ones(tmp_path: Path, engine: Engine) -> None:
    """They are found, searched by metal level, and estimated from."""
    done = activate(engine, read_marketplace_files(*files(tmp_path, "12345WA0010001-01", SECOND)), by="a test")
    shelf = Shelf(engine)

    assert (2, 2) == (done.added, done.moved)
    assert 2 == shelf.count(Wanted(metal="Silver", state="WA", market="marketplace"))
    visits = [{"day": "2026-03-02", "services": [{"code": "97110", "allowed": "100.00"}]}]
    request = {"plan": "12345wa0010001-01", "zip": "98101", "visits": visits}
    estimate, _ = estimate_asked(read_request(request, date(2026, 3, 2)), shelf)
    assert 4000 == estimate.typical.owes


def test_a_second_import_of_the_same_files_changes_nothing(tmp_path: Path, engine: Engine) -> None:
    """The day of the import is not part of a definition."""
    pairs = files(tmp_path, "12345WA0010001-01")
    activate(engine, read_marketplace_files(*pairs))
    again = read_marketplace_files(*pairs)

    assert Change(new=0, changed=0, same=1, gone=0) == compare(engine, again)
    assert (0, 1) == ((done := activate(engine, again)).moved, done.unchanged)


def test_a_later_import_changes_adds_and_withdraws(tmp_path: Path, engine: Engine) -> None:
    """What the files no longer hold is no longer active."""
    activate(engine, read_marketplace_files(*files(tmp_path, "12345WA0010001-01", SECOND)))
    later = read_marketplace_files(*files(tmp_path, "12345WA0010001-01", "12345WA0010003-01", copay="$45.00"))

    assert Change(new=1, changed=1, same=0, gone=1) == compare(engine, later)
    done = activate(engine, later)
    assert (2, 1) == (done.moved, done.withdrawn)


def test_with_refused_plans_none_is_withdrawn(tmp_path: Path, engine: Engine) -> None:
    """A plan that could not be read this time is not one that is gone."""
    activate(engine, read_marketplace_files(*files(tmp_path, "12345WA0010001-01", SECOND)))
    rows = every_benefit() + every_benefit(SECOND, CopayInnTier1="$4O.00")
    later = read_marketplace_files(*pair(tmp_path, [plan(), plan(PlanId=SECOND)], rows))

    assert (0, 1) == (activate(engine, later).withdrawn, len(later.refused))
    assert 2 == Shelf(engine).count(Wanted())


def test_a_damaged_file_leaves_the_active_plans_untouched(tmp_path: Path, engine: Engine) -> None:
    """It is refused before anything is published."""
    benefits, attributes = files(tmp_path, "12345WA0010001-01")
    activate(engine, read_marketplace_files(benefits, attributes))
    benefits.write_bytes(benefits.read_bytes()[:-50])
    with pytest.raises(PlanFileRefused):
        activate(engine, read_marketplace_files(benefits, attributes))

    assert 1 == Shelf(engine).count(Wanted())


def test_the_same_files_write_the_same_catalogue(tmp_path: Path) -> None:
    """Byte for byte, with the SHA-256 of what it was made from."""
    pairs = files(tmp_path, "12345WA0010001-01", SECOND)
    first = write_shipped(read_marketplace_files(*pairs), tmp_path / "one")
    second = write_shipped(read_marketplace_files(*pairs), tmp_path / "two")
    head, listed = read_catalogue(first)

    assert first.read_bytes() == second.read_bytes()
    assert ["benefits.zip", "attributes.zip"] == [one["file"] for one in head.inputs]
    assert 2 == len(list(listed))


def test_a_catalogue_fills_a_database_and_leaves_an_own_import_alone(
    tmp_path: Path, engine: Engine, folder: Path
) -> None:
    """All but the plan that somebody imported; a second start does nothing."""
    own = "12345WA0010001-01"
    write_shipped(read_marketplace_files(*files(tmp_path, own, SECOND, copay="$45.00")), folder / "_catalogue")
    activate(engine, read_marketplace_files(*files(tmp_path, own)))
    [filled] = fill_from_catalogues(engine, Library(folder)).values()

    assert (1, 1) == (filled.moved, filled.left)
    assert "40.00" == copay_of(engine, own)
    assert "45.00" == copay_of(engine, SECOND)
    assert {} == fill_from_catalogues(engine, Library(folder))


@pytest.mark.slow
def test_the_plans_that_ship_fill_a_database_and_leave_an_own_import_alone(tmp_path: Path, engine: Engine) -> None:
    """All 26,063 but the one that somebody imported; a second start does nothing."""
    _, listed = read_catalogue(catalogues(plans_folder())[0])
    own = next(listed).definition["plan"]
    activate(engine, read_marketplace_files(*files(tmp_path, own.upper())))
    filled = fill_from_catalogues(engine)

    assert (26_062, 1) == (sum(done.moved for done in filled.values()), sum(done.left for done in filled.values()))
    assert 26_063 == Shelf(engine).count(Wanted())
    assert "Evergreen Health" == Shelf(engine).find(own, date(2026, 3, 2)).payer
    assert {} == fill_from_catalogues(engine)


def test_the_medicare_advantage_table_is_imported_too(tmp_path: Path, engine: Engine) -> None:
    """Its plans stand beside the others."""
    path = tmp_path / "plans.csv"
    path.write_text(
        "state,plan,name,plan_type,org,pt_in_network,pt_out_of_network,pt_other,advance_plan_approval,"
        "referral_required,limits_apply,health_deductible,moop,specialist_visit\n"
        'Ohio,H0104_012_0,Evergreen (HMO),,,$10-$40 copay,,,Y,,,$0.00,"5,000",In-network: $40 copay\n',
        "utf-8",
    )
    imported = read_medicare_advantage_file(path, 2026, date(2026, 11, 23))
    activate(engine, imported)

    assert 1 == imported.counted["plans read"] == imported.counted["left open: pt_in_network"]
    assert 1 == Shelf(engine).count(Wanted(text="h0104-012", market="medicare-advantage"))
