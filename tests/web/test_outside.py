"""Behind a proxy: one address for all links, no other host, and callers counted by their network."""

import socket
from io import StringIO
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from estimator.errors import SettingsRefused
from estimator.logs import logs_in
from estimator.web import create_app
from estimator.web.app import serve
from estimator.web.outside import networks_of, reach_from_outside, start_warnings
from tests.serving import served
from tests.web.kept_plans import shelf_like

ADDRESS = "https://estimate.clinic.example"
THERE = {"Host": "estimate.clinic.example"}
COURSE = {"zip": "98101", "plan": "template-employer-ppo", "visits": "6", "days": "7"}


@pytest.fixture
def outside(kept_file: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client of an app that others reach over https."""
    monkeypatch.setenv("ESTIMATOR_URL", ADDRESS)
    plans = shelf_like(kept_file, tmp_path_factory.mktemp("outside"))
    return create_app(plans).test_client()


def test_a_saved_link_has_the_outside_address_whatever_host_was_named(outside: FlaskClient) -> None:
    """The proxy passes on plain http, and from the machine itself another name."""
    pages = [outside.post("/save", data=COURSE, headers={"Host": host}).text for host in (THERE["Host"], "localhost")]

    assert [2, 2] == [page.count(f"{ADDRESS}/saved/") for page in pages]
    assert "http://" not in "".join(pages)


@pytest.mark.parametrize("host", ["evil.example", "estimate.clinic.example.evil.example", "evil.example:443", "["])
def test_a_host_of_somebody_else_is_refused(outside: FlaskClient, host: str) -> None:
    """Nothing that it could ask for would be made with its name in it."""
    answer = outside.get("/", headers={"Host": host})

    assert (400, f"Open {ADDRESS} instead.\n") == (answer.status_code, answer.text)


def test_a_redirect_stays_on_https(outside: FlaskClient) -> None:
    """Also the one that adds a slash, which names the whole address."""
    led = outside.get("/staff", headers=THERE)

    assert f"{ADDRESS}/staff/" == led.headers["Location"]


def test_browsers_are_told_to_stay_on_https_only_where_it_is_spoken(outside: FlaskClient, client: FlaskClient) -> None:
    """On a person's own machine the pages are plain http."""
    told = outside.get("/", headers=THERE).headers.get("Strict-Transport-Security")

    assert ("max-age=31536000", None) == (told, client.get("/").headers.get("Strict-Transport-Security"))


@pytest.fixture
def counted() -> Flask:
    """An app that says who calls it, and how."""
    made = Flask("counted")
    made.add_url_rule("/", "address", lambda: f"{request.remote_addr} {request.scheme}")
    return made


@pytest.mark.parametrize(
    ("proxies", "seen"), [("", "127.0.0.1 http"), ("1", "203.0.113.7 https"), ("2", "198.51.100.4 http")]
)
def test_callers_are_known_by_the_address_behind_the_proxies(
    monkeypatch: pytest.MonkeyPatch, counted: Flask, proxies: str, seen: str
) -> None:
    """Only as many proxies are believed as there are: anybody can write an address before theirs."""
    monkeypatch.setenv("ESTIMATOR_PROXIES", proxies)
    reach_from_outside(counted)
    sent = {"X-Forwarded-For": "192.0.2.1, 198.51.100.4, 203.0.113.7", "X-Forwarded-Proto": "http, https"}
    with (
        served(counted, clear_untrusted_proxy_headers=False) as address,
        urlopen(Request(f"{address}/", headers=sent)) as answer,
    ):
        found = answer.read().decode()

    assert seen == found


def test_a_number_of_proxies_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, counted: Flask) -> None:
    """Rather than count everybody as one."""
    monkeypatch.setenv("ESTIMATOR_PROXIES", "yes")
    with pytest.raises(SettingsRefused):
        reach_from_outside(counted)


def warned(host: str) -> list[str]:
    return [problem.path for problem in start_warnings(host)]


def test_the_start_says_what_is_missing_before_others_use_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """On this machine alone nothing is."""
    nothing_set = [warned("127.0.0.1"), warned("0.0.0.0")]
    monkeypatch.setenv("ESTIMATOR_URL", ADDRESS)
    monkeypatch.setenv("ESTIMATOR_PROXIES", "1")
    monkeypatch.setenv("ESTIMATOR_TIME_ZONE", "America/Chicago")

    assert [[], ["ESTIMATOR_URL", "ESTIMATOR_PROXIES", "ESTIMATOR_TIME_ZONE"]] == nothing_set
    assert [] == warned("0.0.0.0")


def test_what_is_missing_is_said_in_the_log_that_was_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    """And not in a line of another shape: here the port is taken, so the start ends after it."""
    otherwise = StringIO()
    with socket.create_server(("0.0.0.0", 0)) as taken, logs_in(otherwise), pytest.raises(OSError, match="in use"):
        serve("0.0.0.0", taken.getsockname()[1])

    assert "" == otherwise.getvalue()
    assert 3 == capsys.readouterr().err.count("check before others use the pages")


def test_two_addresses_of_one_customer_are_counted_as_one() -> None:
    """A /64 has more addresses than there are tries."""
    one, other = networks_of("2001:db8:1:2::1"), networks_of("2001:db8:1:2:ffff::1")

    assert one == other
    assert one[1] == networks_of("2001:db8:1:ffff::1")[1]
