"""Two processes, a worker and PostgreSQL behind nginx with TLS, as a clinic would run them: a journey through all."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import URL, Engine

from estimator.accounts.accounts import add_account
from estimator.accounts.roles import Role
from estimator.billing.schedule_file import NAMES
from estimator.db.connection import engine_at
from estimator.plans.rule_revisions import LAYER, STATE_LAW
from estimator.plans.shelf import Shelf
from estimator.publishing.drafts import Signed
from estimator.publishing.rule_files import exported_rule, import_rule
from tests.billing.test_schedules import cells
from tests.clinic import PATIENCE, free_port, programs, until
from tests.databases import EMPTY
from tests.db.sample import drafts, published
from tests.web.staff.conftest import engine as engine
from tests.web.staff.conftest import staffed as staffed

HOST = "estimate.clinic.example"
ADDRESS = f"https://{HOST}"
PASSWORD, TOKEN = "four blue herons", "a token of this test"
COURSE = {"zip": "98101", "plan": "template-employer-ppo", "visits": "6"}


class Browser:
    """Asks over TLS for what the certificate names, with a cookie and no more."""

    def __init__(self, port: int, trusted: Path) -> None:
        self.port, self.context, self.cookie = port, ssl.create_default_context(cafile=str(trusted)), ""

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[HTTPResponse, str]:
        """Return the answer and its text."""
        connection = HTTPSConnection(HOST, self.port, context=self.context, timeout=PATIENCE)
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.sock = self.context.wrap_socket(raw, server_hostname=HOST)
        sent = {"Host": HOST, "Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie, **headers}
        body = urlencode(form).encode() if form is not None else None
        connection.request("GET" if form is None else "POST", path, body=body, headers=sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        if kept := answer.headers.get("Set-Cookie"):
            self.cookie = kept.partition(";")[0]
        connection.close()
        return answer, text

    def send(self, path: str, on: str, **form: str) -> tuple[HTTPResponse, str]:
        """Send a form of staff with the mark that the page it stands on holds."""
        mark = re.search(r'name="csrf_token" value="([^"]+)"', self.ask(on)[1])
        assert mark
        return self.ask(path, {"csrf_token": mark[1], **form})


@pytest.fixture
def tools() -> None:
    """What this test needs from the machine; missing in continuous integration it is a failure."""
    missing = [name for name in ("nginx", "openssl") if shutil.which(name) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"Install {', '.join(missing)}.")
    if missing:
        pytest.skip(f"Install {', '.join(missing)} to run this test.")


@pytest.fixture
def address(new_database: Callable[[str], URL]) -> URL:
    """An empty database of PostgreSQL."""
    return new_database(EMPTY)


@pytest.fixture
def site(tools: None, address: URL, tmp_path: Path) -> Iterator[tuple[Browser, URL, Path]]:
    """Two processes of gunicorn, each on a port, a worker, and nginx in front of them."""
    named = {
        "DATABASE_URL": address.render_as_string(hide_password=False),
        "ESTIMATOR_URL": ADDRESS,
        "ESTIMATOR_PROXIES": "1",
        "ESTIMATOR_LOG": "json",
        "ESTIMATOR_METRICS_TOKEN": TOKEN,
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }
    upgrade = [sys.executable, "-m", "estimator", "db", "upgrade"]
    subprocess.run(upgrade, env={**os.environ, **named}, check=True, capture_output=True)
    ports = [free_port() for _ in range(3)]
    work = [sys.executable, "-m", "estimator", "work"]
    with programs(tmp_path, ports, HOST, "estimator.web.app:create_app()", work, **named) as trusted:
        browser, log = Browser(ports[2], trusted), tmp_path / "log"
        until(lambda: browser.ask("/readyz")[0].status == 200)
        until(lambda: browser.ask("/readyz")[0].status == 200)
        yield browser, address, log


def test_a_rule_that_one_process_publishes_holds_in_the_other(engine: Engine) -> None:
    """What a process keeps of rules, it keeps under the newest that anybody published."""
    here, there = Shelf(engine), Shelf(engine)
    before = exported_rule(there, LAYER, "aetna")
    [title] = [layer.title for layer in there.layers if layer.id == "aetna"]
    import_rule(
        here, before.replace(f'title: "{title}"', 'title: "Aetna, as one process has it"'), Signed("ana", "why")
    )
    law = exported_rule(there, STATE_LAW, "AL")
    laid = there.states["AL"]
    import_rule(here, law.replace("confidence: high", "confidence: low"), Signed("ana", "why"))

    assert ["Aetna, as one process has it"] == [layer.title for layer in there.layers if layer.id == "aetna"]
    assert laid != there.states["AL"]


@pytest.mark.slow
@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
def test_a_clinic_is_served_by_two_processes_behind_a_proxy(site: tuple[Browser, URL, Path]) -> None:
    """Whichever of them answers: pages, links, sessions, limits, publications, a schedule, and figures are the same."""
    browser, address, log = site
    add_account(engine_at(address), "ana", Role.ADMIN, PASSWORD)

    estimate, page = browser.ask("/estimate", COURSE)
    assert (200, "max-age=31536000") == (estimate.status, estimate.headers["Strict-Transport-Security"])
    assert "section" in page
    assert 200 == browser.ask("/es/estimate", COURSE)[0].status

    kept, page = browser.ask("/save", {**COURSE, "days": "7"})
    links = re.findall(rf'href="(/saved/[^"]+)">{ADDRESS}/saved/', page)
    assert (201, 2) == (kept.status, len(links))
    assert [200] * 4 == [browser.ask(links[0])[0].status for _ in range(4)]

    assert f"{ADDRESS}/staff/" == browser.ask("/staff")[0].headers["Location"]
    assert 400 == browser.ask("/", Host="evil.example")[0].status

    entered, _ = browser.send("/staff/sign-in", "/staff/sign-in", name="ana", password=PASSWORD)
    assert (303, "/staff/") == (entered.status, entered.headers["Location"])
    pages = [browser.ask("/staff/")[1] for _ in range(4)]
    assert [True] * 4 == ["The worker was last seen" in each for each in pages]

    published(engine_at(address), drafts())
    found = [browser.ask("/staff/plans/?words=plan-0")[1] for _ in range(4)]
    assert [True] * 4 == ["/staff/plans/plan-0" in each for each in found]

    token = browser.send("/staff/tokens/", "/staff/tokens/", purpose="test", role="billing", days="30")[1]
    bearer = re.search(r"tce_\w+?_[\w-]+", token)
    assert bearer
    rows = [{name: text for name, text in cells(plan="plan-0").items() if name in NAMES and text} for _ in range(30)]
    sent = batch(browser, bearer[0], rows)
    asked = {"Authorization": f"Bearer {bearer[0]}"}
    until(lambda: json.loads(browser.ask(f"/api/v1/batches/{sent}", **asked)[1])["state"] == "done")

    stranger = Browser(browser.port, log.with_name("cert.pem"))
    tries = [
        stranger.send("/staff/sign-in", "/staff/sign-in", name="ben", password="a wrong password")[0].status
        for _ in range(12)
    ]
    assert [422] * 10 + [429] * 2 == tries

    figures = browser.ask("/metrics", Authorization=f"Bearer {TOKEN}")[1]
    counted = re.search(r'request_seconds_count\{method="GET",route="/saved/<link>",status="200"\} (\S+)', figures)
    assert counted
    assert 4 == float(counted[1])
    lines = log.read_text("utf-8")
    assert '"route": "/saved/<link>"' in lines
    assert [] == [secret for secret in (links[0], PASSWORD, bearer[0], "98101") if secret in lines]


def batch(browser: Browser, bearer: str, rows: list[dict[str, str]]) -> int:
    """Send rows as another program does, and return the number of the batch."""
    connection = {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
    body = json.dumps({"rows": rows}).encode()
    raw = socket.create_connection(("127.0.0.1", browser.port), timeout=PATIENCE)
    asked = HTTPSConnection(HOST, browser.port, context=browser.context)
    asked.sock = browser.context.wrap_socket(raw, server_hostname=HOST)
    asked.request("POST", "/api/v1/batches", body=body, headers={"Host": HOST, **connection})
    answer = asked.getresponse()
    said = json.loads(answer.read())
    asked.close()
    assert 202 == answer.status, said
    return int(said["number"])


ASK_OF_A_PROCESS = """
import gc, sys
from unittest import mock
import waitress
from estimator.web import gunicorn_settings, serve
{start}
print(gc.get_freeze_count() > 50_000, round(sys.getswitchinterval(), 3))
"""


@pytest.mark.parametrize(
    "start",
    [
        "gunicorn_settings.post_worker_init(None)",
        "with mock.patch.object(waitress, 'serve'): serve('127.0.0.1', 0)",
    ],
    ids=["gunicorn", "serve"],
)
def test_a_process_answers_steadily(tmp_path: Path, start: str) -> None:
    """No page waits while what the start loaded is looked through for garbage, or for a thread that would go first."""
    named = {**os.environ, "ESTIMATOR_DATA": str(tmp_path), "DATABASE_URL": "sqlite://"}
    asked = [sys.executable, "-c", ASK_OF_A_PROCESS.format(start=start)]
    said = subprocess.run(asked, env=named, check=True, capture_output=True, text=True)

    assert "True 0.05" == said.stdout.splitlines()[-1]
