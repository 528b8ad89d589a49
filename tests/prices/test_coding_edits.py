"""The quarterly coding edits: files of our own in CMS's layout, the change against what ships, and damaged ones."""

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from estimator.cli.prices import import_
from estimator.db.connection import open_engine
from estimator.errors import Refused
from estimator.prices.books import Prices, pair_edits
from estimator.prices.coding_edits import edits_change, edits_from, read_edition
from estimator.prices.store import active_prices
from estimator.publishing.official_tables import activate_edits, compare_edits
from tests.databases import migrated_at

HEAD = (
    "CPT only copyright 2025 American Medical Association.  All rights reserved.\r\n"
    "Column1/Column2 Edits\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
NAME = "ccipra-v323r0-f{}.txt"
FIRST = ("0001A\t0002A\t\t20210101\t*\t0\tMisuse of column two code with column one code",)
LAST = ("G9999\tG9998\t\t20210101\t*\t0\tMisuse of column two code with column one code",)
# A new edit of needling with therapy, one whose indicator changed, one that was deleted, and one of the next quarter.
OURS = (
    "20560\t97140\t\t20261001\t*\t1\tStandards of medical/surgical practice",
    "20553\t20552\t\t20200101\t*\t1\tMore extensive procedure",
    "20552\t20560\t\t20200101\t20260930\t1\tHCPCS/CPT procedure code definition",
    "97012\t97140\t\t20270101\t*\t1\tMutually exclusive procedures",
    "97150\t97110\t\t20200101\t20200101\t9\tMutually exclusive procedures",
)


def part(folder: Path, number: int, *rows: str, name: str = NAME) -> Path:
    """Write one file of an edition."""
    path = folder / name.format(number)
    path.write_text(HEAD + "".join(f"{row}\r\n" for row in rows), "utf-8", newline="")
    return path


def edition(folder: Path) -> list[Path]:
    """Write an edition of two files."""
    return [part(folder, 1, *FIRST, *OURS), part(folder, 2, *LAST)]


def test_only_edits_among_our_codes_that_hold_on_the_first_day_are_kept(tmp_path: Path) -> None:
    """Deleted ones, those of the next quarter and those of indicator 9 are not."""
    read = read_edition(edition(tmp_path))

    assert ("v32.3", date(2026, 10, 1), 7) == (read.name, read.first_day, read.rows)
    assert [("20553", "20552"), ("20560", "97140")] == sorted(read.edits)
    assert read.edits["20560", "97140"].modifier_allowed


def test_what_changes_is_told_against_the_edition_that_ships(tmp_path: Path) -> None:
    """Of July 2024: one added, one with another indicator, and the rest gone."""
    read = read_edition(edition(tmp_path))
    change = edits_change(pair_edits(), read.edits)

    assert ["97140"] == [pair.column_two for pair in change.added]
    assert [(False, True)] == [(before.modifier_allowed, after.modifier_allowed) for before, after in change.changed]
    assert len(pair_edits().pairs) - 1 == len(change.gone)


def test_every_pair_of_our_codes_was_looked_for_in_a_whole_edition(tmp_path: Path) -> None:
    """So that a pair without an edit needs no modifier, and says so by the new edition."""
    edits = edits_from(read_edition(edition(tmp_path)).says, date(2026, 11, 29))

    assert "v32.3 (2026-10-01)" == edits.edition
    assert edits.has_checked("20561", "97110")
    assert ("20561", "97110") not in edits.pairs


def test_a_zip_and_a_csv_are_read_alike(tmp_path: Path) -> None:
    """The zip holds text and a workbook as CMS ships them; a csv has one header."""
    first, second = edition(tmp_path)
    zipped = tmp_path / "medicare-ncci-2026q4-ccipra-v323r0-f1.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(first, first.name)
        archive.writestr("ccipra-v323r0-f1.xlsx", b"not read, since the text is there")
    listed = tmp_path / "ccipra-v323r0-f2.csv"
    header = "Column 1,Column 2,*=in existence,Effective Date,Deletion Date *=no data,Modifier,PTP Edit Rationale"
    listed.write_text("\n".join([header, LAST[0].replace("\t", ",")]))

    assert read_edition([first, second]).edits == read_edition([zipped, listed]).edits


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("20560\t9714\t\t20261001\t*\t1\tx", "column two: Enter a code such as 97110, not '9714'."),
        ("20560\t97140\t\t2026\t*\t1\tx", "effective: Enter a day such as 20261001, not '2026'."),
        ("20560\t97140\t\t20261001\t*\t2\tx", "modifier: Enter the indicator 0, 1 or 9, not '2'."),
    ],
)
def test_a_row_that_means_nothing_is_told_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    """File, line, column, and what to enter."""
    with pytest.raises(Refused) as refusal:
        read_edition([part(tmp_path, 1, *FIRST, row), part(tmp_path, 2, *LAST)])

    assert f"ccipra-v323r0-f1.txt:8: {told}" == str(refusal.value.problems[0])


def test_a_missing_part_refuses_the_edition(tmp_path: Path) -> None:
    """By its name, or by the codes that nothing reaches."""
    first, _, third = part(tmp_path, 1, *FIRST), part(tmp_path, 2, *OURS), part(tmp_path, 3, *LAST)

    with pytest.raises(Refused, match="from f1 on: f2 is missing"):
        read_edition([first, third])
    with pytest.raises(Refused, match="the codes of column one do not reach"):
        read_edition([first])


@pytest.mark.parametrize(
    ("names", "edition", "told"),
    [
        (("ccipra-v323r0-f1.txt", "ccipra-v322r0-f2.txt"), "", "Enter files of one edition: these are of v32.2, v32"),
        (("edits.txt",), "", "Enter it with --edition v32.3."),
        (("edits.txt",), "32", "Enter an edition such as v32.3, not '32'."),
        (("ccioph-v323r0-f1.txt",), "", "These are the edits of hospitals."),
    ],
)  # fmt: skip
def test_files_of_another_kind_or_edition_are_refused(
    tmp_path: Path, names: tuple[str, ...], edition: str, told: str
) -> None:
    """One edition of practitioner edits at a time."""
    with pytest.raises(Refused) as refusal:
        read_edition([part(tmp_path, 1, *FIRST, *LAST, name=name) for name in names], edition)

    assert told in str(refusal.value.problems[0])


def test_a_missing_column_is_told_by_name(tmp_path: Path) -> None:
    """Never guessed by its place."""
    path = tmp_path / "ccipra-v323r0-f1.txt"
    path.write_text("Column 1\tColumn 2\tEffective\tModifier\tPTP Edit Rationale\n")

    with pytest.raises(Refused) as refusal:
        read_edition([path])
    assert "deletion: There is no such column." in str(refusal.value.problems[0])


def test_an_activated_edition_is_used_from_then_on(tmp_path: Path, migrated_file: Path) -> None:
    """The same again changes nothing; another process sees it too."""
    engine = migrated_at(tmp_path / "kept" / "estimator.db", migrated_file)
    before = Prices.edits_of(active_prices(engine))
    read = compare_edits(engine, edition(tmp_path)).edition
    first, again = activate_edits(engine, read), activate_edits(engine, read)
    after = Prices.edits_of(active_prices(engine))
    compared = compare_edits(engine, edition(tmp_path))
    engine.dispose()

    assert ("v30.2 (2024-07-01)", "v32.3 (2026-10-01)") == (before.edition, after.edition)
    assert (True, False) == (first, again)
    assert () == compared.change.added == compared.change.gone == compared.change.changed


def test_the_command_tells_a_dry_run_and_the_same_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it publishes."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))
    words = ["ncci", *map(str, edition(tmp_path))]
    run = CliRunner()
    dry = run.invoke(import_, words, catch_exceptions=False)
    told = run.invoke(import_, [*words, "--json"], catch_exceptions=False)
    done = run.invoke(import_, [*words, "--activate"], catch_exceptions=False)

    assert "NCCI practitioner edits v32.3, from 2026-10-01" in dry.stdout
    assert "1 edits added: 20560/97140" in dry.stdout
    assert "1 edits of another indicator: 20553/20552 0 → 1" in dry.stdout
    assert "this was a dry run" in dry.stdout
    assert [{"column_one": "20560", "column_two": "97140", "indicator": "1"}] == json.loads(told.stdout)["added"]
    assert "In use now: v32.3." in done.stdout
    assert "v32.3 (2026-10-01)" == Prices.edits_of(active_prices(open_engine())).edition
