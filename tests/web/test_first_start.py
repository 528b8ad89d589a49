"""The first start: pages answer before the catalogues of plans are there, and say so."""

import subprocess
import sys

from estimator.web import create_app
from estimator.web.app import catalogues_beside
from estimator.web.common import keep_loading
from tests.web.kept_plans import folder_plans

SAYS = "We’re still loading"


def waiting() -> "subprocess.Popen[bytes]":
    """Return a process that loads nothing, until its standard input is closed."""
    return subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)


def test_catalogues_are_loaded_beside_the_pages() -> None:
    """Their end is seen without asking the database; leaving ends what still goes on."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        started.append(waiting())
        return started[0]

    with catalogues_beside(folder_plans().engine, start) as is_loading:
        before = is_loading()
        started[0].communicate()
        after = is_loading()

    assert (True, False) == (before, after)


def test_a_loading_that_still_goes_on_ends_with_the_pages() -> None:
    """No process is left behind."""
    with catalogues_beside(folder_plans().engine, waiting) as is_loading:
        before = is_loading()

    assert (True, False) == (before, is_loading())


def test_the_search_says_that_plans_are_still_missing() -> None:
    """Only as long as they are."""
    app = create_app(folder_plans())
    client = app.test_client()
    keep_loading(app, lambda: True)
    meanwhile = client.get("/choose-plan").text
    keep_loading(app, lambda: False)

    assert (True, False) == (SAYS in meanwhile, SAYS in client.get("/choose-plan").text)
