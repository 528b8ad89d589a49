"""A plan rolled into its next year: a copy that reads, with every figure marked until somebody confirms it."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from estimator.cli import main
from estimator.errors import EditRefused, PlanNotInForce
from estimator.plans.folder import library
from estimator.plans.lint import lint, warnings_of
from estimator.plans.shelf import Draft, Shelf, folder_shelf
from estimator.plans.text import yaml_of
from estimator.publishing.check import check_example
from estimator.publishing.drafts import Signed, publish_text
from estimator.publishing.roll import Document, confirmed, roll_plan, to_confirm
from estimator.settings import plans_folder
from tests.databases import migrated_at
from tests.db.sample import definition, published

SHARED = library(plans_folder()).shared
MARK = "To confirm for 2027: read it in a document of that year, and cite that here."


@pytest.mark.parametrize(
    ("plan", "rolled"),
    [
        ("tricare-prime-2026", "tricare-prime-2027"),
        ("fep-blue-focus", "fep-blue-focus"),
        ("humana-ma-2026-authorization", "humana-ma-2027-authorization"),
        ("example-unknowns", "example-unknowns"),
    ],
)
def test_a_plan_of_the_folder_is_copied_into_the_next_year_and_its_examples_hold(plan: str, rolled: str) -> None:
    """Its sources are shared or its own; each citation is told until it is confirmed."""
    shelf = folder_shelf(plans_folder())
    made = roll_plan(shelf, plan, 2027)
    read = shelf.folder.read(made.text, "rolled.yaml")
    marked = [one for one in warnings_of(read, SHARED) if one.message == MARK]

    assert (rolled, date(2027, 1, 1), date(2027, 12, 31)) == (made.plan_id, made.first_day, made.last_day)
    assert rolled == read.plan.id
    assert "2026" not in read.plan.title.partition("(")[0]
    assert [] == lint(read)
    assert made.to_confirm == len(marked) > 0
    assert [] == [str(one) for example in read.examples for one in check_example(read, example, shelf)]


def test_a_figure_that_is_carried_over_says_so_to_every_reader() -> None:
    """Low confidence, and the old document's title with what became of it."""
    shelf = folder_shelf(plans_folder())
    read = shelf.folder.read(roll_plan(shelf, "tricare-prime-2026", 2027).text, "rolled.yaml")
    cited = read.plan.networks["in-network"].citation

    assert cited is not None
    assert "TRICARE costs 2026, group A; carried over into 2027, not yet confirmed" == cited.source.title
    assert "low" == cited.source.confidence


def test_confirming_one_figure_leaves_the_others(tmp_path: Path) -> None:
    """The new document is cited in the place of the old one."""
    shelf = folder_shelf(plans_folder())
    made = roll_plan(shelf, "tricare-prime-2026", 2027)
    confirmed = made.text.replace("cite: tricare-costs-2026-to-confirm-2027 family cap", "cite: tricare-costs-2027 cap")
    marked = [one for one in warnings_of(shelf.folder.read(confirmed, "x.yaml"), SHARED) if one.message == MARK]

    assert confirmed != made.text
    assert made.to_confirm - 1 == len(marked)


def test_figures_are_confirmed_one_by_one_until_none_is_left() -> None:
    """Each takes the new document, listed once; a source that was carried over goes with its last figure."""
    text = roll_plan(folder_shelf(plans_folder()), "tricare-prime-2026", 2027).text
    for wrong, path in (
        (Document("Not a key", "p. 1", "A title"), "key"),
        (Document("tricare-costs-2026-to-confirm-2027", "p. 1"), "key"),
        (Document("costs-2027", "", "A title"), "place"),
        (Document("costs-2027", "p. 1"), "title"),
    ):
        with pytest.raises(EditRefused) as refused:
            confirmed(text, 0, wrong, SHARED)
        assert [path] == [problem.path for problem in refused.value.problems]
    read_in = Document("costs-2027", "p. 1", "TRICARE costs 2027")
    said = [one.values for one in to_confirm(text)][:2]
    while waiting := to_confirm(text):
        assert all(one.rule and one.source and one.values for one in waiting)
        text = confirmed(text, 0, read_in, SHARED)
        assert len(waiting) - 1 == len(to_confirm(text))

    assert said == ["person 1000.00, family 1000.00, family rule aggregate", "deductible none"]
    assert "to-confirm" not in text
    assert 1 == text.count("TRICARE costs 2027")
    read = library(plans_folder()).read(text, "rolled.yaml")
    assert [] == [one for one in warnings_of(read, SHARED) if one.message == MARK]
    with pytest.raises(EditRefused):
        confirmed(text, 0, read_in, SHARED)


def test_a_benefit_year_that_starts_in_july_is_rolled_from_its_own_last_day(database: Engine) -> None:
    """July 1, 2027 to June 30, 2028; a catalogue's plan is written out as text."""
    held = {"first_day": "2026-07-01", "last_day": "2027-06-30"}
    published(database, [Draft(definition("cedar", in_force=held, benefit_year={"starts": "07-01"}))])
    made = roll_plan(Shelf(database), "cedar", 2027)
    read = library(plans_folder()).read(made.text, "rolled.yaml")

    assert (date(2027, 7, 1), date(2028, 6, 30)) == (made.first_day, made.last_day)
    assert read.plan.in_force.first_day == made.first_day


HOWEVER = """# Evergreen's own booklet.
examples:
  - name: two visits
    given: {visits: {count: 2, first_day: 2026-03-02, services: [97110], allowed: 100.00}}
    expect: {patient_owes: 80.00}
plan: h2026-001-0-tx
title: 'Evergreen 2026: silver'
payer: Evergreen Health
kind: example
market: marketplace
in_force:
  first_day: 2026-01-01
  # To the end of the year.
  last_day: 2026-12-31
benefit_year: calendar
sources:  # what we read
  eoc: {title: Booklet, url: none, read_on: 2026-01-02, confidence: high}
"networks": {in-network: {deductible: none, out_of_pocket_max: none}}
benefits:
  physical-therapy:
    services: [pt-timed]
    cost_share:
      in-network:
        copay: 40.00
        deductible: waived
        "cite":
          'eoc  p. 12'
"""


def test_a_plan_is_rolled_however_its_file_is_written(database: Engine) -> None:
    """Quotes, blocks, comments and the order of keys; a contract's number is no year."""
    folder = library(plans_folder())
    publish_text(database, HOWEVER, "h2026.yaml", None, Signed("Ana", "New"), folder)
    made = roll_plan(Shelf(database), "h2026-001-0-tx", 2027)
    read = folder.read(made.text, "rolled.yaml")
    share = read.plan.benefits[0].cost_share["in-network"]

    assert ("h2026-001-0-tx", "Evergreen 2027: silver") == (read.plan.id, read.plan.title)
    assert (date(2027, 1, 1), date(2027, 12, 31)) == (read.plan.in_force.first_day, read.plan.in_force.last_day)
    assert (1, "Booklet; carried over into 2027, not yet confirmed") == (
        made.to_confirm,
        share.citation and share.citation.source.title,
    )
    assert "first_day: 2027-03-02, services" in made.text
    assert made.text.startswith("# Evergreen's own booklet.\nexamples:")


def test_a_plan_whose_year_ends_before_a_leap_day_is_rolled_to_the_last_of_february(database: Engine) -> None:
    """February 29, 2028 comes again on no day of 2029."""
    held = {"first_day": "2027-03-01", "last_day": "2028-02-28"}
    published(database, [Draft(definition("cedar", in_force=held, benefit_year={"starts": "03-01"}))])
    made = roll_plan(Shelf(database), "cedar", 2028)

    assert (date(2028, 2, 29), date(2029, 2, 27)) == (made.first_day, made.last_day)


def test_a_plan_with_rules_for_that_year_or_without_an_end_is_refused(database: Engine) -> None:
    """So is one that does not hold at the end of the year before."""
    after = {"first_day": "2027-01-01", "last_day": "2027-12-31"}
    plans = [
        definition("cedar"),
        definition("cedar", in_force=after),
        definition("fir", in_force={"first_day": "2026-01-01"}),
    ]
    published(database, map(Draft, plans))
    shelf = Shelf(database)

    with pytest.raises(EditRefused, match="cedar has rules for 2027-01-01 already"):
        roll_plan(shelf, "cedar", 2027)
    with pytest.raises(EditRefused, match="fir has no last day"):
        roll_plan(shelf, "fir", 2027)
    with pytest.raises(PlanNotInForce):
        roll_plan(shelf, "cedar", 2030)


def test_the_command_writes_a_file_that_can_be_published(
    tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes over nothing."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))
    engine = migrated_at(tmp_path / "kept" / "estimator.db", migrated_file)
    publish_text(
        engine, yaml_of(definition("cedar-2026")), "cedar.yaml", None, Signed("Ana", "New"), library(plans_folder())
    )
    words = ["plans", "roll", "cedar-2026", "--year", "2027", "--out", str(tmp_path / "cedar-2027.yaml")]
    done, again = (CliRunner().invoke(main, words, catch_exceptions=False) for _ in range(2))
    text = (tmp_path / "cedar-2027.yaml").read_text("utf-8")
    new = publish_text(engine, text, "cedar-2027.yaml", None, Signed("Ana", "Rolled"), library(plans_folder()))
    engine.dispose()

    assert "cedar-2027 from 2027-01-01 to 2027-12-31: written to" in done.stdout
    assert "1 to confirm." in done.stdout
    assert (2, True) == (again.exit_code, "is there already. Name a new file." in again.stderr)
    assert ("cedar-2027", date(2027, 1, 1)) == (new.plan_id, new.first_day)
