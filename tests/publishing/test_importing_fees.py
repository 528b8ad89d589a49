"""The fee schedule from CMS's files to the active price book: whole, once, and without moving an estimate."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import URL, event

from estimator.cli.prices import fees as command
from estimator.db.connection import engine_at, reading
from estimator.engine.values import Rate
from estimator.errors import ConflictingBook, Refused
from estimator.prices.books import books, carried_zips
from estimator.prices.fee_changes import carried_content
from estimator.prices.store import active_books, active_prices, open_prices
from estimator.publishing.database import upgrade
from estimator.publishing.fees import activate_fees, compare_fees, read_fees
from estimator.publishing.publish import Base, NewBook, Occasion, publish_book
from estimator.settings import prices_folder
from tests.prices.cms import official

FIVE = Rate.parse("5%")


@pytest.fixture
def engine(tmp_path):
    """A fresh database."""
    made = engine_at(URL.create("sqlite", database=str(tmp_path / "kept" / "estimator.db")))
    upgrade(made)
    yield made
    made.dispose()


def carried(name):
    """Read a file that ships, with the standard library alone."""
    lines = (prices_folder() / name).read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def divided_zips():
    """Return each ZIP code that ships in CMS's own columns, Missouri and Kansas divided as CMS does."""
    east = {"MO": "EM", "KS": "WK"}
    for line in (prices_folder() / "medicare-zips.txt").read_text("ascii").splitlines():
        if not line.startswith("#"):
            first, last, state, mac, number, straddles = line.split()
            for code in range(int(first), int(last) + 1):
                yield east.get(state, state), f"{code:05d}", mac, number, straddles


def as_official(folder: Path, year: int):
    """Write what ships as CMS's four files of a year."""
    rows = carried(f"medicare-{year}-rvus.csv")
    figures = ("pe_facility", "facility_na", "mp", "mult_proc")
    fees = [
        (row["code"], "", row["status"], row["work"], row["pe_nonfacility"], "", *(row[name] for name in figures))
        for row in rows
    ]
    areas = carried(f"medicare-{year}-gpcis.csv")
    indices = [
        (row["mac"], row["state"], row["number"], row["name"].upper(), "0.900", row["work"], row["pe"], row["mp"])
        for row in areas
    ]
    counties = [(row["mac"], row["number"], "", row["name"], "ALL COUNTIES") for row in areas]
    return official.four_files(
        folder,
        year,
        rvu=official.written(folder, "rvu.csv", official.rvu_rows(year, fees)),
        gpci=official.written(
            folder, "gpci.csv", official.gpci_rows("2025" if year == 2025 else "2026 April", indices)
        ),
        localities=official.written(folder, "localities.csv", official.county_rows(year, counties)),
        zips=official.written(folder, "zips.txt", official.zip_lines(f"{year}1", divided_zips())),
    )


def small(folder, **others):
    """Read the small files of 2026."""
    return read_fees(official.four_files(folder, 2026, **others))


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_derived_book_equals_what_ships_to_the_digit(tmp_path, engine, year):
    """47 codes, 109 localities and 42,956 ZIP codes, out through CMS's layouts and back through the database."""
    read = read_fees(as_official(tmp_path, year))
    activate_fees(engine, read)
    shipped = next(book for book in books() if book.year == year)
    active = next(book for book in active_prices(engine).books if book.year == year)

    assert (47, 109, 42_956) == (len(active.fees), len(active.localities), read.counted["ZIP codes"])
    assert dict(shipped.fees) == dict(active.fees)
    assert dict(shipped.localities) == dict(active.localities)
    assert (shipped.id, shipped.factor, shipped.release) == (active.id, active.factor, active.release)
    assert carried_zips() == active_prices(engine).zips


def test_what_ships_read_again_changes_nothing(tmp_path, engine):
    """Neither against the shipped book nor, once published, against itself."""
    read = read_fees(as_official(tmp_path, 2026))

    first = compare_fees(engine, read, Rate(0))
    activate_fees(engine, read, first.base)
    second = compare_fees(engine, read, Rate(0))

    assert first.change.is_empty
    assert "RVU26C (2026-06-30), which ships" == first.against
    assert second.change.is_empty
    assert "RVU26C (2026-06-30)" == second.against


def test_a_dry_run_changes_nothing(tmp_path, engine):
    """Reading and comparing leave no trace."""
    compare_fees(engine, small(tmp_path), FIVE)

    with reading(engine) as connection:
        assert () == active_books(connection)
    assert books() == active_prices(engine).books
    assert carried_zips() == active_prices(engine).zips


def test_the_prices_in_use_are_found_over_one_connection(tmp_path, engine):
    """Books, lists, edits and rates of one moment: another process can't publish between two looks."""
    activate_fees(engine, small(tmp_path))
    active_prices(engine)
    opened = []
    event.listen(engine, "checkout", lambda *_: opened.append(1))
    active_prices(engine)

    assert [1] == opened


def test_an_activated_book_takes_the_place_of_the_one_that_ships_for_its_year(tmp_path, engine):
    """The other years stay."""
    activate_fees(engine, small(tmp_path))

    before, now, _ = active_prices(engine).books

    assert books()[0] is before
    assert now.id.startswith("medicare-2026-RVU26C@")
    assert {"20560", "97010", "97110", "G0283"} == now.fees.keys()


def test_the_final_files_of_a_year_replace_its_proposed_book(tmp_path, engine):
    """Until then January 2027 is priced as proposed."""
    proposed = active_prices(engine).books[-1]
    content = {**carried_content(2027), "id": "medicare-2027-RVU27A", "release": "RVU27A (2026-12-01)"}
    publish_book(engine, NewBook(2027, content["release"], content), Occasion("medicare-2027"))
    final = active_prices(engine).books[-1]

    assert [2027, 2027] == [proposed.year, final.year]
    assert [True, False] == [book.is_proposed for book in (proposed, final)]


def test_without_a_database_what_ships_holds(tmp_path, engine, monkeypatch):
    """A database that is named is asked."""
    monkeypatch.setenv("DATABASE_URL", str(engine.url))
    asked = open_prices()
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "nothing here"))

    assert books() == asked.books
    assert open_prices() is None


def test_the_same_figures_again_make_no_new_revision(tmp_path, engine):
    """From another form of the files, too."""
    first = activate_fees(engine, small(tmp_path))
    workbook = official.written(tmp_path, "PPRRVU.xlsx", official.workbook(official.rvu_rows(2026)))

    assert first == activate_fees(engine, small(tmp_path, rvu=workbook))


def test_a_correction_is_another_revision_and_the_older_one_may_come_back(tmp_path, engine):
    """Nothing that was published is edited."""
    old = small(tmp_path)
    first = activate_fees(engine, old)
    fees = [("97140", "", "A", "0.43", "0.40", "", "0.40", "NA", "0.01", "5"), *official.FEES]
    rvu = official.written(tmp_path, "other.csv", official.rvu_rows(2026, fees))

    second = activate_fees(engine, small(tmp_path, rvu=rvu), Base(first))

    assert first != second
    assert "97140" in active_prices(engine).books[1].fees
    assert first == activate_fees(engine, old, Base(second))
    assert "97140" not in active_prices(engine).books[1].fees


def test_who_compared_with_another_book_than_is_now_active_does_not_overwrite_it(tmp_path, engine):
    """The report was of another change."""
    compared = compare_fees(engine, small(tmp_path), FIVE)
    activate_fees(engine, small(tmp_path))

    with pytest.raises(ConflictingBook):
        activate_fees(engine, small(tmp_path), compared.base)


def test_files_that_are_refused_leave_the_active_book_as_it_was(tmp_path, engine):
    """Whatever is wrong with them."""
    number = activate_fees(engine, small(tmp_path))
    rows = official.rvu_rows(2026)
    rows[10][5] = "garbage"
    damaged = official.written(tmp_path, "damaged.csv", rows)

    with pytest.raises(Refused):
        small(tmp_path, rvu=damaged)

    with reading(engine) as connection:
        assert [number] == [book.id for book in active_books(connection)]


def test_services_of_ours_that_a_release_lacks_are_named(tmp_path):
    """A sign of a text that was cut, or of a code that is no more."""
    missing = small(tmp_path).missing

    assert "97140" in missing
    assert "97110" not in missing


def run(monkeypatch, folder, files, *more):
    """Run the command with a database of its own."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder / 'command.db'}")
    named = [
        f"--{name}={path}"
        for name, path in (
            ("rvu", files.rvu),
            ("gpci", files.gpci),
            ("localities", files.localities),
            ("zips", files.zips),
        )
    ]
    return CliRunner().invoke(command, [*named, *more])


def test_the_command_tells_what_it_read_and_what_would_change_and_publishes_when_told(tmp_path, monkeypatch):
    """Three runs: dry, for good, and again."""
    files = official.four_files(tmp_path)

    dry = run(monkeypatch, tmp_path, files)
    wet = run(monkeypatch, tmp_path, files, "--activate", "--by", "A clinic")
    again = run(monkeypatch, tmp_path, files, "--activate")

    assert (0, 0, 0) == (dry.exit_code, wet.exit_code, again.exit_code)
    assert "Medicare's fee schedule of 2026, RVU26C (2026-06-30), conversion factor $33.4009" in dry.output
    assert "6  rows of relative values" in dry.output
    assert "Against RVU26C (2026-06-30), which ships:" in dry.output
    assert "2 codes added: 00100, 0075T 26\n" in dry.output
    assert "43 codes gone: " in dry.output
    assert "… and 31 more" in dry.output
    assert "this was a dry run" in dry.output
    assert "Worth a look: there is no row for " in dry.output
    assert "Active now: revision 1 of 2026." in wet.output
    assert "nothing differs" in again.output
    assert "It was active already." in again.output


def test_the_command_refuses_with_file_row_and_sentence_and_a_status_of_its_own(tmp_path, monkeypatch):
    """Nothing is made of files that are refused."""
    other = official.written(tmp_path, "GPCI2025.csv", official.gpci_rows("2025"))

    told = run(monkeypatch, tmp_path, official.four_files(tmp_path, gpci=other), "--activate")

    assert 2 == told.exit_code
    assert "GPCI2025.csv:3: This file is of 2025, and PPRRVU2026_Jul_nonQPP.csv of 2026" in told.output
    assert not (tmp_path / "command.db").exists()


@pytest.mark.parametrize("text", ["5", "0.05", "many"])
def test_the_command_wants_a_percentage_with_its_sign(tmp_path, monkeypatch, text):
    """5 could be anything."""
    told = run(monkeypatch, tmp_path, official.four_files(tmp_path), "--moved", text)

    assert 2 == told.exit_code
    assert f"Enter a percentage such as 5%, not '{text}'." in told.output
