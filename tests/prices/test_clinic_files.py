"""A clinic's own price files, from the path to the estimate."""

from datetime import date

import pytest

from estimator.engine.prices import ClinicPrices, ExperienceFactor
from estimator.engine.values import Rate, Span
from estimator.errors import ClinicPricesRefused
from estimator.estimates.contract import read_request
from estimator.estimates.run import estimate_asked
from estimator.prices.store import clinic_prices, read_factors
from estimator.wording.answer import answer_of
from estimator.wording.text import text_of

TODAY = date(2026, 11, 23)


def write(folder, name, *lines):
    """Write a CSV file and return its path."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def allowed(code, plan="evergreen-ppo-silver", **prices):
    """Return the typical allowed amount and charge of one line."""
    request = {"plan": plan, "zip": "98101", "visits": [{"day": "2026-03-02", "services": [{"code": code}]}]}
    estimate, _ = estimate_asked(read_request(request, TODAY), clinic=clinic_prices(**prices))
    line = estimate.typical.visits[0].lines[0]
    return str(line.allowed), str(line.charge)


def test_a_contract_price_outranks_the_regional_estimate(tmp_path):
    """What the clinic agreed is no longer a range."""
    path = write(tmp_path, "contract.csv", "plan,code,amount,basis", "evergreen-ppo-silver,97110,44.40,per-unit")

    assert "44.40" == allowed("97110", contract=path)[0]
    assert "44.40" != allowed("97110")[0]


def test_a_contract_with_another_payer_changes_nothing(tmp_path):
    """The party of a row must be the plan or its payer."""
    path = write(tmp_path, "contract.csv", "plan,code,amount,basis", "somebody-else,97110,44.40,per-unit")

    assert allowed("97110") == allowed("97110", contract=path)


def test_the_self_pay_list_is_what_a_person_without_a_plan_is_asked(tmp_path):
    """The list outranks the cited range of cash prices."""
    path = write(tmp_path, "list.csv", "code,amount,basis", "20561,75.00,per-line")

    assert "75.00" == allowed("20561", plan="self-pay", price_list=path)[1]


def test_the_files_of_the_environment_price_every_estimate(tmp_path, monkeypatch):
    """So a clinic sets them once for the page."""
    path = write(tmp_path, "list.csv", "code,amount,basis", "20561,75.00,per-line")
    monkeypatch.setenv("ESTIMATOR_PRICE_LIST", str(path))

    assert "75.00" == allowed("20561", plan="self-pay")[1]


def test_every_mistake_of_both_files_is_reported_at_once(tmp_path):
    """A file with a mistake is refused whole."""
    contract = write(tmp_path, "contract.csv", "plan,code,amount,basis", ",97110,4x,per-unit")
    price_list = write(tmp_path, "list.csv", "code,amount,basis", "20561,75.00,per-hour")

    with pytest.raises(ClinicPricesRefused) as refused:
        clinic_prices(contract, price_list)

    assert ["amount", "plan", "basis"] == [
        problem.path for problem in sorted(refused.value.problems, key=lambda problem: (problem.file, problem.path))
    ]


def test_a_file_that_is_not_there_is_named(tmp_path):
    """Silence would price by region without a word."""
    with pytest.raises(ClinicPricesRefused) as refused:
        clinic_prices(tmp_path / "gone.csv")

    assert "gone.csv" == refused.value.problems[0].file


@pytest.mark.parametrize(("set_on", "assumed"), [(None, True), (date(2026, 7, 1), False)])
def test_an_estimate_says_whose_factor_it_counts(set_on, assumed):
    """Ours is an assumption; the clinic's is a figure with its day."""
    own = ClinicPrices(factors=(ExperienceFactor("senior", Rate.parse("120%"), set_on),) if set_on else ())
    visits = [{"day": "2026-03-02", "services": [{"code": "20561"}]}]
    request = {"plan": "self-pay", "zip": "98101", "provider": {"experience": "senior"}, "visits": visits}
    estimate, plan = estimate_asked(read_request(request, TODAY), clinic=own)
    words = [" ".join(text_of(answer_of(estimate, plan, {}, reader)).split()) for reader in ("patient", "biller")]

    assert assumed == ("experience-factor" in [one.assumes for one in estimate.assumptions])
    assert [not assumed] * 2 == ["set on July 1, 2026" in each and "120%" in each for each in words]
    assert [assumed] * 2 == ["115%" in each for each in words]


def test_a_factor_begins_and_ends_within_a_course():
    """Equal visits before, within and after its days; each is priced by its own day. A session alone is $55."""
    span = Span(date(2026, 3, 9), date(2026, 3, 16))
    own = ClinicPrices(factors=(ExperienceFactor("senior", Rate.parse("120%"), TODAY, span),))
    days = ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-17")
    visits = [{"day": day, "services": [{"code": "20561"}]} for day in days]
    request = {"plan": "self-pay", "zip": "98101", "provider": {"experience": "senior"}, "visits": visits}
    estimate, _ = estimate_asked(read_request(request, TODAY), clinic=own)

    assert ["63.25", "66.00", "66.00", "63.25"] == [str(visit.owes) for visit in estimate.typical.visits]


@pytest.mark.parametrize(
    ("minutes", "owes"),
    [("44", "45.00"), ("45", "54.00"), ("59", "54.00"), ("60", "67.50"), (None, "55.00")],
)
def test_a_factor_may_be_for_visits_of_a_length(minutes, owes):
    """The one of the longest visit that is reached; where no minutes are said, only one that is for any length."""
    rows = ((None, "100%"), (45, "120%"), (60, "150%"))
    factors = tuple(ExperienceFactor("standard", Rate.parse(rate), TODAY, from_minutes=least) for least, rate in rows)
    exercise = [{"code": "97110", "minutes": minutes, "billed": "0.00"}] if minutes else []
    visits = [{"day": "2026-03-02", "services": [*exercise, {"code": "20561"}]}]
    request = {"plan": "self-pay", "zip": "98101", "visits": visits}
    estimate, plan = estimate_asked(read_request(request, TODAY), clinic=ClinicPrices(factors=factors))
    words = " ".join(text_of(answer_of(estimate, plan, {})).split())

    assert owes == str(estimate.typical.owes)
    assert (minutes not in (None, "44")) == ("minutes or more: its own figure" in words)


def test_a_length_that_is_none_is_told_with_its_line():
    """And two rows for the same length may not overlap; two lengths may."""
    rows = ["senior,120%,0", "senior,120%,481", "senior,120%,x", "new,90%,45", "new,80%,45", "new,70%,60"]
    text = "\n".join(["experience,percent,from_minutes", *rows])
    entries, problems = read_factors(text.encode(), "factors.csv", TODAY)

    assert [(2, "from_minutes"), (3, "from_minutes"), (4, "from_minutes"), (6, "first_day")] == [
        (problem.line, problem.path) for problem in problems
    ]
    assert [45, 60] == [entry.from_minutes for entry in entries]
