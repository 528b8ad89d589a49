"""The app as it is served, on a day on which the plans of 2026 are in force."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from playwright.sync_api import expect
from werkzeug.routing import IntegerConverter, Rule

from estimator.plans.shelf import Shelf
from estimator.web import create_app
from tests import clinic, serving
from tests.web.kept_plans import folder_plans, publish_all, shelf_like
from tests.web.reading import Element, page_of

TODAY = "2026-11-23"
# The first is the same browser without windows and menus: it takes half the time.
_CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser")
# The first for a Chromium run as root; the others keep it from calling home.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A clinic's certificate in a test is made for it.
    *(["--ignore-certificate-errors"] if clinic.IS_MEANT else []),
]


@pytest.fixture(autouse=True)
def _on_a_day_in_november() -> Iterator[None]:
    # The programs of a clinic can't begin the day anew with each test.
    with time_machine.travel(clinic.moment() if clinic.IS_MEANT else f"{TODAY}T12:00:00Z"):
        yield


@pytest.fixture(scope="session", autouse=True)
def _clinic(request: pytest.FixtureRequest) -> None:
    if clinic.IS_MEANT:
        expect.set_options(timeout=clinic.MOST_MS)
        clinic.begin(request.getfixturevalue("postgresql"), request.getfixturevalue("migrated_name"))


def address_of(rule: Rule, number: int = 1, word: str = "x") -> str:
    """Return an address of a route, with a number and a word where it takes one."""
    kinds = rule._converters.items()
    built = rule.build({name: number if isinstance(kind, IntegerConverter) else word for name, kind in kinds})
    assert built
    return built[1]


@pytest.fixture(scope="session")
def client() -> FlaskClient:
    """Return a client of the real app with the plans of the folder."""
    return create_app(folder_plans()).test_client()


class Pages:
    """Asks for pages and reads them."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, address: str, status: int = 200) -> Element:
        """Return the page at an address."""
        response = self.client.get(address)
        assert status == response.status_code
        return page_of(response.text)

    def send(self, status: int = 200, to: str = "/estimate", **answers: str) -> Element:
        """Send the form with these answers, and return the page that comes back."""
        response = self.client.post(to, data=answers)
        assert status == response.status_code, page_of(response.text).summary()
        return page_of(response.text)


@pytest.fixture(scope="session")
def pages(client: FlaskClient) -> Pages:
    """Return a reader of the real app's pages."""
    return Pages(client)


@pytest.fixture(scope="session")
def kept_file(filled_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a file of SQLite with some hundred plans, to be copied."""
    kept = shelf_like(filled_file, tmp_path_factory.mktemp("kept-plans"))
    with time_machine.travel(f"{TODAY}T12:00:00Z"):
        publish_all(kept.engine)
    kept.engine.dispose()
    return Path(str(kept.engine.url.database))


@pytest.fixture(scope="session")
def shelf(kept_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Return the plans of a database with some hundred of them."""
    return shelf_like(kept_file, tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="session")
def kept(shelf: Shelf) -> Pages:
    """Return a reader of the pages of an app with that database."""
    return Pages(create_app(shelf).test_client())


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the Chromium of the machine. Without one the tests are skipped, but never in continuous integration."""
    chromium = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium: install the package chromium.")
        pytest.skip("There is no Chromium on this machine: install the package chromium to run this test.")
    return {**browser_type_launch_args, "executable_path": chromium, "args": _ARGUMENTS}


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Serve the app with waitress, as the product does, and return its address."""
    yield from _served(folder_plans())


@pytest.fixture(scope="session")
def kept_address(shelf: Shelf) -> Iterator[str]:
    """Serve the app with the database and return its address."""
    yield from _served(shelf)


def _served(plans: Shelf) -> Iterator[str]:
    with serving.served(create_app(plans)) as address:
        yield address
