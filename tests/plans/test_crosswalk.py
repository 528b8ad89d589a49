"""Where plans go when their year ends: both official crosswalks, damaged ones, and which active plan is meant."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from estimator.cli.prices import import_
from estimator.db.connection import reading
from estimator.errors import PlanFileRefused
from estimator.plans.crosswalk import Fate, read_crosswalk, succession_of, successor_ids
from estimator.plans.shelf import Draft, Shelf
from estimator.publishing.official_tables import activate_crosswalk, compare_crosswalk
from tests.databases import migrated_at
from tests.db.sample import definition, published

HEADER = (
    "PREVIOUS_CONTRACT_ID", "PREVIOUS_PLAN_ID", "PREVIOUS_PLAN_NAME", "PREVIOUS_SNP_TYPE",
    "CURRENT_CONTRACT_ID", "CURRENT_PLAN_ID", "CURRENT_PLAN_NAME", "CURRENT_SNP_TYPE", "STATUS",
)  # fmt: skip
MEDICARE = (
    ("H0001", "001", "Cedar", "", "H0001", "001", "Cedar", "", "Renewal Plan"),
    ("H0001", "002", "Fir", "", "H0001", "001", "Cedar", "", "Consolidated Renewal Plan"),
    ("H0001", "003", "Larch", "", "H0001", "004", "Larch A", "", "Renewal Plan with SAR"),
    ("H0001", "003", "Larch", "", "H0001", "005", "Larch B", "", "Consolidated Renewal Plan"),
    ("H0001", "006", "Oak’s", "", "TERMINATED", "TERMINATED", "", "", "Terminated/Non-renewed Contract"),
    # Moved into another contract: the old one has a row of its own that says it ended.
    ("H0002", "001", "Elm", "", "TERMINATED", "TERMINATED", "", "", "Terminated/Non-renewed Contract"),
    ("H0002", "001", "Elm", "", "H0009", "1", "Elm", "", "Consolidated Renewal Plan"),
    ("NEW", "NEW", "", "", "H0009", "002", "Ash", "", "Initial Contract"),
    ("S1234", "001", "Drugs", "", "S1234", "001", "Drugs", "", "Renewal Plan"),
)
MARKET = (
    "State,DentalPlan,PlanID_2026,IssuerID_2026,FIPSCode,ZipCode,CrosswalkLevel,ReasonForCrosswalk,PlanID_2027\n"
    "AK,No,12345AK0010001,12345,02020,00000,0,0,12345AK0010001\n"
    "AK,No,12345AK0010002,12345,02020,00000,1,2,12345AK0010009\n"
    "AK,No,12345AK0010003,12345,02020,00000,1,2,12345AK0010001\n"
    "AK,No,12345AK0010003,12345,02050,00000,4,,\n"
    "AK,No,12345AK0010004,12345,02020,00000,5,,\n"
    "AK,Yes,12345AK0990004,12345,02020,00000,0,0,12345AK0990004\n"
)


def medicare(folder: Path, *rows: tuple[str, ...], name: str = "PlanCrosswalk2027_10012026.txt") -> Path:
    """Write the file of Medicare Advantage, which holds letters of Windows-1252."""
    path = folder / name
    text = "".join("\t".join(cells) + "\r\n" for cells in (HEADER, *rows))
    path.write_bytes(text.encode("cp1252"))
    return path


def market(folder: Path, text: str = MARKET) -> Path:
    """Write the file of the Marketplace as a zip."""
    path = folder / "plan-id-crosswalk-puf.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Plan_ID_Crosswalk_PY2027.csv", text)
    return path


@pytest.fixture
def engine(tmp_path: Path, migrated_file: Path) -> Engine:
    """A fresh database."""
    return migrated_at(tmp_path / "kept" / "estimator.db", migrated_file)


@pytest.mark.parametrize(
    ("plan", "fate", "plans"),
    [
        ("h0001-001-0-al", Fate.CONTINUES, ("h0001-001",)),
        ("h0001-002-0-al", Fate.MOVES, ("h0001-001",)),
        ("h0001-003-0-al", Fate.SPLITS, ("h0001-004", "h0001-005")),
        ("h0001-006-0-al", Fate.ENDS, ()),
        ("h0002-001-0-al", Fate.MOVES, ("h0009-001",)),
    ],
)
def test_a_medicare_advantage_plan_goes_where_its_row_says(
    tmp_path: Path, engine: Engine, plan: str, fate: Fate, plans: tuple[str, ...]
) -> None:
    """Renewed, consolidated, divided, ended, or moved into another contract."""
    activate_crosswalk(engine, read_crosswalk(medicare(tmp_path, *MEDICARE)))
    found = succession_of(engine, plan, 2027)

    assert found is not None
    assert (fate, plans) == (found.fate, found.plans)
    assert "PlanCrosswalk2027_10012026.txt" == found.files


@pytest.mark.parametrize(
    ("plan", "fate", "plans"),
    [
        ("12345ak0010001-01", Fate.CONTINUES, ("12345ak0010001",)),
        ("12345ak0010002-04", Fate.MOVES, ("12345ak0010009",)),
        ("12345ak0010003-01", Fate.SPLITS, ("12345ak0010001",)),
        ("12345ak0010004-01", Fate.ENDS, ()),
    ],
)
def test_a_marketplace_plan_goes_where_its_counties_say(
    tmp_path: Path, engine: Engine, plan: str, fate: Fate, plans: tuple[str, ...]
) -> None:
    """A plan that goes on in one county and nowhere in another is split; dental plans are left out."""
    activate_crosswalk(engine, read_crosswalk(market(tmp_path)))
    found = succession_of(engine, plan, 2027)

    assert found is not None
    assert (fate, plans) == (found.fate, found.plans)


@pytest.mark.parametrize("plan", ["h0005-001-0-al", "original-medicare-2026", "12345ak0010001-01"])
def test_what_no_crosswalk_names_is_not_known(tmp_path: Path, engine: Engine, plan: str) -> None:
    """Neither a plan that the file lacks, nor one of a market whose file nobody imported."""
    activate_crosswalk(engine, read_crosswalk(medicare(tmp_path, *MEDICARE)))

    assert succession_of(engine, plan, 2027) is None
    assert succession_of(engine, "h0001-001-0-al", 2028) is None


def test_the_successor_is_the_active_plan_of_the_same_state_and_segment(tmp_path: Path, engine: Engine) -> None:
    """Where it has no such segment, every segment of it in the state."""
    activate_crosswalk(engine, read_crosswalk(medicare(tmp_path, *MEDICARE)))
    next_year = {"in_force": {"first_day": "2027-01-01", "last_day": "2027-12-31"}}
    ids = ("h0001-001-0-al", "h0001-001-0-ga", "h0009-001-1-al", "h0009-001-2-al", "h0009-001-1-ga")
    published(engine, [Draft(definition(one, **next_year)) for one in ids])
    found = {}
    with reading(engine) as connection:
        for plan in ("h0001-002-0-al", "h0002-001-0-al", "h0001-006-0-al"):
            succession = succession_of(engine, plan, 2027)
            assert succession is not None
            found[plan] = successor_ids(connection, plan, succession)

    assert {
        "h0001-002-0-al": ("h0001-001-0-al",),
        "h0002-001-0-al": ("h0009-001-1-al", "h0009-001-2-al"),
        "h0001-006-0-al": (),
    } == found


def test_the_crosswalk_goes_before_a_named_successor_and_that_before_the_same_id(
    tmp_path: Path, engine: Engine
) -> None:
    """Split, ended, or not known: nothing follows."""
    next_year = {"in_force": {"first_day": "2027-01-01", "last_day": "2027-12-31"}}
    numbers = ("0001-001", "0001-004", "0001-005", "0009-001", "0003-001")
    following = [Draft(definition(f"h{number}-0-al", **next_year)) for number in numbers]
    named = {"0001-001": "h0003-001-0-al", "0002-001": "h0003-001-0-al", "0001-003": "", "0001-006": "", "0003-001": ""}
    of_this_year = {
        number: definition(f"h{number}-0-al", **({"successor": successor} if successor else {}))
        for number, successor in {**named, "0004-001": "h0003-001-0-al", "0004-002": ""}.items()
    }
    published(engine, [*following, *map(Draft, of_this_year.values())])
    activate_crosswalk(engine, read_crosswalk(medicare(tmp_path, *MEDICARE)))
    shelf, day = Shelf(engine), date(2027, 1, 1)
    found = {number: shelf.after(shelf.find(f"h{number}-0-al", date(2026, 12, 31)), day) for number in of_this_year}

    assert {
        "0001-001": "h0001-001-0-al",  # The crosswalk says that it continues.
        "0002-001": "h0009-001-0-al",  # It moves, whatever its file names.
        "0001-003": None,
        "0001-006": None,
        "0003-001": "h0003-001-0-al",  # No crosswalk knows it.
        "0004-001": "h0003-001-0-al",
        "0004-002": None,
    } == {number: plan.id if plan else None for number, plan in found.items()}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("H0001", "001", "", "", "H0001", "001", "", "", "Mystery"), "STATUS: Enter a status that we know, such as"),
        (("H1", "001", "", "", "H0001", "001", "", "", "Renewal Plan"), "PREVIOUS_PLAN_ID: Enter a plan such as H2406"),
        (("H0001", "001", "", "", "", "", "", "", "Renewal Plan"), "CURRENT_PLAN_ID: Enter the plan that H0001-001"),
        (("H0001", "001"), "Enter 9 cells in this row, as in the header; it has 2."),
    ],
)  # fmt: skip
def test_a_row_that_means_nothing_refuses_the_crosswalk(tmp_path: Path, row: tuple[str, ...], told: str) -> None:
    """With its line and column."""
    with pytest.raises(PlanFileRefused) as refusal:
        read_crosswalk(medicare(tmp_path, MEDICARE[0], row))

    assert str(refusal.value.problems[0]).startswith(f"PlanCrosswalk2027_10012026.txt:3: {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MARKET.replace("CrosswalkLevel", "Level"), "1: These columns are missing: CrosswalkLevel."),
        (MARKET.replace("PlanID_2027", "NewPlan"), "1: This table needs two columns such as PlanID_2026 and"),
        (MARKET.replace("12345AK0010009", "none"), "3: PlanID_2027: Enter the plan that 12345AK0010002"),
        (MARKET.partition("AK")[0], "2: This table names no plan of the year before"),
    ],
)  # fmt: skip
def test_a_changed_or_empty_marketplace_file_is_refused_by_name(tmp_path: Path, text: str, told: str) -> None:
    """Columns are never guessed."""
    with pytest.raises(PlanFileRefused) as refusal:
        read_crosswalk(market(tmp_path, text))

    assert str(refusal.value.problems[0]).startswith(f"plan-id-crosswalk-puf.zip/Plan_ID_Crosswalk_PY2027.csv:{told}")


def test_a_header_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A quote that never ends makes one long cell of the file."""
    path = tmp_path / "crosswalk2027.csv"
    path.write_text('"' + "x," * 100_000, "utf-8")

    with pytest.raises(PlanFileRefused, match="This row cannot be read"):
        read_crosswalk(path)


def test_a_file_whose_name_has_no_year_needs_one(tmp_path: Path) -> None:
    """It is not taken from the day of the file."""
    path = medicare(tmp_path, *MEDICARE, name="crosswalk.txt")

    with pytest.raises(PlanFileRefused, match="Enter it with --year 2027"):
        read_crosswalk(path)
    assert 2027 == read_crosswalk(path, 2027).year


def test_the_same_crosswalk_again_changes_nothing(tmp_path: Path, engine: Engine) -> None:
    """A newer one replaces it."""
    first, newer = read_crosswalk(medicare(tmp_path, *MEDICARE)), read_crosswalk(medicare(tmp_path, MEDICARE[0]))

    assert (True, False) == (activate_crosswalk(engine, first), activate_crosswalk(engine, first))
    assert (0, 0, 1, 4) == tuple(
        getattr(compare_crosswalk(engine, newer), name) for name in ("new", "changed", "same", "gone")
    )


def test_the_command_tells_the_fates_and_publishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run first."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))
    words = ["plan-crosswalk", str(medicare(tmp_path, *MEDICARE))]
    dry = CliRunner().invoke(import_, words, catch_exceptions=False)
    done = CliRunner().invoke(import_, [*words, "--activate", "--by", "Ana"], catch_exceptions=False)

    assert "Plan crosswalk of medicare-advantage into 2027" in dry.stdout
    assert "2  plans: moves" in dry.stdout
    assert "5 new, 0 changed, 0 the same, 0 gone." in dry.stdout
    assert "this was a dry run" in dry.stdout
    assert "In use now." in done.stdout
