"""Every setting stands in one table, is checked when it is read, and is printed without its secrets."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner

from estimator import clock
from estimator.accounts.roles import Role
from estimator.cli import main
from estimator.errors import SettingsRefused
from estimator.settings import OIDC_NEW_ROLE, PROXIES, SETTINGS, Setting, markdown, settings_problems, unsafe_settings

ROOT = Path(__file__).parents[1]
WRONG = {
    "ESTIMATOR_MOST_ESTIMATES": "very many",
    "ESTIMATOR_ALERT_VISITS": "few",
    "ESTIMATOR_ALERT_DAYS": "-1",
    "ESTIMATOR_ALERT_UNANSWERED": "two weeks",
    "ESTIMATOR_ALERT_DOLLARS": "300.00",
    "ESTIMATOR_COUNT_PAST_VISITS": "perhaps",
    "DATABASE_URL": "mysql://db.example/plans",
    "ESTIMATOR_DATA": "pyproject.toml",
    "ESTIMATOR_PLANS": "no/such/folder",
    "ESTIMATOR_CLINIC": "plans",
    "ESTIMATOR_CONTRACT": "plans",
    "ESTIMATOR_PRICE_LIST": "plans",
    "ESTIMATOR_URL": "estimate.clinic.example",
    "ESTIMATOR_PROXIES": "two",
    "ESTIMATOR_LOG": "xml",
    "ESTIMATOR_TIME_ZONE": "Seattle",
    "PROMETHEUS_MULTIPROC_DIR": "no/such/folder",
    "ESTIMATOR_OIDC_ISSUER": "login.clinic.example",
    "ESTIMATOR_OIDC_NEW_ROLE": "owner",
    "XDG_DATA_HOME": "pyproject.toml",
    "LOCALAPPDATA": "pyproject.toml",
}
ANY_TEXT = {"text", "secret"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what the machine at hand sets."""
    monkeypatch.chdir(ROOT)
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)


def printed(*options: str) -> tuple[int, str, str]:
    """Return the exit status of the command, and both of its outputs."""
    ran = CliRunner().invoke(main, ["settings", *options])
    return ran.exit_code, ran.stdout, ran.stderr


def test_the_page_of_the_docs_is_current() -> None:
    """After a change: estimator settings --markdown > docs/settings.md."""
    assert markdown() == (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert (0, markdown(), "") == printed("--markdown")


def test_every_setting_that_is_no_plain_text_can_be_wrong() -> None:
    """So each has a value here that is refused."""
    assert {one.name for one in SETTINGS if one.kind.name not in ANY_TEXT} == set(WRONG)


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.name in WRONG], ids=lambda one: one.name)
def test_a_wrong_value_is_refused_with_what_to_enter(
    setting: Setting[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the name of the variable."""
    monkeypatch.setenv(setting.name, WRONG[setting.name])

    with pytest.raises(SettingsRefused) as refusal:
        setting.value()
    [problem] = refusal.value.problems
    assert setting.name == problem.path
    assert problem.message.startswith("Enter ")


def test_an_empty_setting_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces around a value are no part of it."""
    monkeypatch.setenv(PROXIES.name, " ")
    empty = PROXIES.value()
    monkeypatch.setenv(PROXIES.name, " 2 ")

    assert (0, 2) == (empty, PROXIES.value())


def test_every_role_can_be_that_of_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table knows the same roles as the accounts."""
    for role in Role:
        monkeypatch.setenv(OIDC_NEW_ROLE.name, role)
        assert role == OIDC_NEW_ROLE.value()
        assert role in OIDC_NEW_ROLE.kind.enter


def test_the_command_hides_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says where each value comes from."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://ana:hush@db.example/plans?password=hush")
    monkeypatch.setenv("ESTIMATOR_SECRET", "hush")
    monkeypatch.setenv("ESTIMATOR_OIDC_CLIENT_SECRET", "hush")
    status, said, _ = printed("--json")
    found = {one["name"]: (one["value"], one["source"]) for one in json.loads(said)}

    assert 0 == status
    assert "hush" not in said + printed()[1]
    assert ("postgresql://ana:***@db.example/plans?password=***", "environment") == found["DATABASE_URL"]
    assert ("(hidden)", "environment") == found["ESTIMATOR_SECRET"]
    assert ("email", "default") == found["ESTIMATOR_OIDC_NAME_CLAIM"]
    assert [setting.name for setting in SETTINGS] == list(found)


def test_the_command_tells_everything_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """With exit status 2, and without what was entered: it might be a secret."""
    for name, value in WRONG.items():
        monkeypatch.setenv(name, value)
    status, said, problems = printed()

    assert (2, len(WRONG)) == (status, len(problems.splitlines()))
    assert len(WRONG) == len(settings_problems())
    assert "login.clinic.example" not in said


UNSAFE: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["ESTIMATOR_TIME_ZONE"]),
    ({"ESTIMATOR_TIME_ZONE": "America/Chicago"}, []),
    ({"ESTIMATOR_URL": "https://a.example"}, ["ESTIMATOR_PROXIES", "ESTIMATOR_TIME_ZONE"]),
    ({"ESTIMATOR_URL": "https://a.example", "ESTIMATOR_PROXIES": "1"}, ["ESTIMATOR_TIME_ZONE"]),
    ({"ESTIMATOR_URL": "http://a.example"}, ["ESTIMATOR_URL", "ESTIMATOR_TIME_ZONE"]),
    ({"ESTIMATOR_URL": "http://localhost:8000"}, ["ESTIMATOR_TIME_ZONE"]),
    ({"ESTIMATOR_PROXIES": "1"}, ["ESTIMATOR_URL", "ESTIMATOR_TIME_ZONE"]),
    ({"ESTIMATOR_SECRET": "short"}, ["ESTIMATOR_TIME_ZONE", "ESTIMATOR_SECRET"]),
    ({"ESTIMATOR_METRICS_TOKEN": "x" * 19}, ["ESTIMATOR_TIME_ZONE", "ESTIMATOR_METRICS_TOKEN"]),
    ({"ESTIMATOR_METRICS_TOKEN": "x" * 20}, ["ESTIMATOR_TIME_ZONE"]),
    ({"FLASK_DEBUG": "1"}, ["ESTIMATOR_TIME_ZONE", "FLASK_DEBUG"]),
    ({"DATABASE_URL": "postgresql://db.clinic.example/plans"}, ["DATABASE_URL", "ESTIMATOR_TIME_ZONE"]),
    ({"DATABASE_URL": "postgresql://db.clinic.example/plans?sslmode=verify-full"}, ["ESTIMATOR_TIME_ZONE"]),
    ({"DATABASE_URL": "postgresql:///plans?host=/run"}, ["ESTIMATOR_TIME_ZONE"]),
    ({"DATABASE_URL": "postgresql:///plans?host=/var/run/pg.d"}, ["ESTIMATOR_TIME_ZONE"]),
    ({"DATABASE_URL": "postgresql:///plans?host=db.clinic.example"}, ["DATABASE_URL", "ESTIMATOR_TIME_ZONE"]),
    ({"DATABASE_URL": "postgresql:///plans?hostaddr=10.0.0.7"}, ["DATABASE_URL", "ESTIMATOR_TIME_ZONE"]),
    ({"DATABASE_URL": "postgresql://db/plans"}, ["ESTIMATOR_TIME_ZONE"]),
    ({"ESTIMATOR_MOST_ESTIMATES": "0"}, ["ESTIMATOR_TIME_ZONE", "ESTIMATOR_MOST_ESTIMATES"]),
    ({"ESTIMATOR_MOST_ESTIMATES": "10"}, ["ESTIMATOR_TIME_ZONE"]),
    ({"ESTIMATOR_OIDC_ISSUER": "http://login.example"}, ["ESTIMATOR_TIME_ZONE", "ESTIMATOR_OIDC_ISSUER"]),
    ({"ESTIMATOR_OIDC_ISSUER": "https://login.example"}, ["ESTIMATOR_TIME_ZONE"]),
    ({"ESTIMATOR_OIDC_NEW_ROLE": "admin"}, ["ESTIMATOR_TIME_ZONE", "ESTIMATOR_OIDC_NEW_ROLE"]),
    ({"ESTIMATOR_OIDC_NEW_ROLE": "viewer"}, ["ESTIMATOR_TIME_ZONE"]),
]


@pytest.mark.parametrize(("entered", "names"), UNSAFE, ids=lambda each: " ".join(each) or "nothing")
def test_the_command_says_what_is_unsafe_where_others_use_the_pages(
    entered: dict[str, str], names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each setting once, in words that the log has room for; what is safe is not told of."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for name, value in entered.items():
        monkeypatch.setenv(name, value)
    found = list(unsafe_settings(tmp_path / "not-made-yet"))

    assert names == [problem.path for problem in found]
    assert [] == [problem.message for problem in found if len(problem.message) > 200]


def test_a_data_folder_that_everybody_can_read_is_unsafe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database in it first; closed for others, nothing is."""
    monkeypatch.setenv("ESTIMATOR_TIME_ZONE", "America/Chicago")
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path))
    (tmp_path / "estimator.db").touch(mode=0o644)
    tmp_path.chmod(0o755)
    status, said, _ = printed()
    as_values = {one["name"]: one["unsafe"] for one in json.loads(printed("--json")[1])}
    tmp_path.chmod(0o750)

    told = f"Everyone on this machine can read {tmp_path}/estimator.db. Close it with: chmod -R o= {tmp_path}"
    assert (0, f"Unsafe for others: ESTIMATOR_DATA: {told}") == (status, said.splitlines()[-1])
    assert told == as_values["ESTIMATOR_DATA"]
    assert [] == list(unsafe_settings(tmp_path))


def test_a_database_file_that_everybody_can_read_is_unsafe_wherever_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address may name it instead of the data folder, which then holds none."""
    monkeypatch.setenv("ESTIMATOR_TIME_ZONE", "America/Chicago")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/plans.db")
    (tmp_path / "plans.db").touch(mode=0o644)
    tmp_path.chmod(0o755)
    opened = list(unsafe_settings(Path("/usr")))
    tmp_path.chmod(0o700)
    closed = list(unsafe_settings(Path("/usr")))

    assert (["DATABASE_URL"], []) == ([one.path for one in opened], closed)
    assert f"{tmp_path}/plans.db" in opened[0].message


def test_the_day_is_that_of_the_clinic(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 5 p.m. in Los Angeles it is tomorrow in UTC."""
    with time_machine.travel(datetime(2026, 3, 3, 1, 0, tzinfo=UTC), tick=False):
        in_utc = clock.today()
        monkeypatch.setenv("ESTIMATOR_TIME_ZONE", "America/Los_Angeles")

        assert (date(2026, 3, 3), date(2026, 3, 2)) == (in_utc, clock.today())
