"""Where the database is, is chosen by the environment, and never by accident."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from estimator.db.connection import (
    data_folder,
    database_url,
    engine_at,
    file_of,
    is_meant,
    make_file,
    open_engine,
    reading,
)
from estimator.errors import DatabaseUnavailable, SettingsRefused

CHOICES = ("DATABASE_URL", "ESTIMATOR_DATA", "ESTIMATOR_PLANS", "XDG_DATA_HOME", "LOCALAPPDATA")


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what the machine that this runs on has chosen."""
    for name in CHOICES:
        monkeypatch.delenv(name, raising=False)


def test_a_checkout_keeps_its_database_within() -> None:
    """In a folder that is never committed."""
    root = Path(__file__).parents[2]

    assert root / "instance" / "estimator.db" == file_of(database_url())


def test_an_installed_program_keeps_it_with_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the system says, else where such files usually lie."""
    monkeypatch.setattr("estimator.db.connection.prices_folder", lambda: tmp_path / "_prices")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    assert tmp_path / ".local" / "share" / "therapy-cost-estimator" == data_folder()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "kept"))
    assert tmp_path / "kept" / "therapy-cost-estimator" == data_folder()


def test_the_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With ESTIMATOR_DATA."""
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path))

    assert tmp_path / "estimator.db" == file_of(database_url())


@pytest.mark.parametrize("start", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_of_postgresql_means_our_driver(monkeypatch: pytest.MonkeyPatch, start: str) -> None:
    """Hosts write it in several ways."""
    monkeypatch.setenv("DATABASE_URL", f"{start}://ana:secret@db.example.org/plans")

    assert "postgresql+psycopg" == database_url().drivername
    assert file_of(database_url()) is None


def test_the_database_is_asked_where_it_is_named_or_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Anyone who names a folder of plans, and no database, means that folder."""
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path))

    assert not is_meant()
    (tmp_path / "estimator.db").touch()
    assert is_meant()
    monkeypatch.setenv("ESTIMATOR_PLANS", str(tmp_path))
    assert not is_meant()
    monkeypatch.setenv("DATABASE_URL", "sqlite:///estimator.db")
    assert is_meant()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """With its place and the reason."""
    (tmp_path / "file").touch()

    with pytest.raises(DatabaseUnavailable) as refusal:
        make_file(engine_at(make_url(f"sqlite:///{tmp_path}/file/estimator.db")))
    assert str(tmp_path / "file" / "estimator.db") == refusal.value.address
    assert refusal.value.reason


def test_a_server_that_does_not_answer_is_told_without_the_password() -> None:
    """A password has no place on a screen or in a log."""
    address = make_url("postgresql+psycopg://ana:secret@localhost:1/plans?connect_timeout=2")

    with pytest.raises(DatabaseUnavailable) as refusal, reading(engine_at(address)):
        pass
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("written", ["postgresql://host:port/plans", "sqlite+nothing:///plans.db", "sqlite:/plans.db"])
def test_an_address_of_no_database_is_refused_with_what_to_enter(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    """And not with a traceback."""
    monkeypatch.setenv("DATABASE_URL", written)

    with pytest.raises(SettingsRefused, match="Enter the address of a database"):
        open_engine()
