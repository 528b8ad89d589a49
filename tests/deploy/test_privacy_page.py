"""The page on privacy is true of the code: each statement has its test, and no table is missing."""

import ast
import re
from datetime import timedelta

from estimator.accounts.sign_in import IDLE, LONGEST
from estimator.billing.given_estimates import USUAL_DAYS
from estimator.billing.sent_schedules import KEPT_DAYS
from estimator.db.tables import metadata
from estimator.estimates.saved import DAYS
from tests.house.sources import ROOT, Source, python_files
from tests.house.test_docs import names_in

PAGE = (ROOT / "docs" / "privacy.md").read_text("utf-8")
# The provider's own sign-in; the last answers a person's browser and loads nothing.
MAY_CONNECT = {"estimator/web/staff/common.py", "estimator/web/staff/sign_in.py"}
CONNECTING = {
    "requests",
    "httpx",
    "urllib3",
    "aiohttp",
    "smtplib",
    "ftplib",
    "http.client",
    "urllib.request",
    "authlib",
}


def shown_by(statement: str) -> list[str]:
    """Return the tests that a row names."""
    return re.findall(r"`(tests/[^`]+)`", statement)


def test_every_statement_names_a_test_that_exists() -> None:
    """In each table whose heads are `statement` and `shown by`."""
    tables = re.findall(r"^\| statement \| shown by \|\n\|---\|---\|\n((?:\|.*\n?)+)", PAGE, re.MULTILINE)
    stated = [row for table in tables for row in table.splitlines()]
    named = [test for row in stated for test in shown_by(row)]

    assert 5 == len(tables)
    assert [] == [row for row in stated if not shown_by(row)]
    assert [] == [test for test in named if not is_there(test)]


def test_every_figure_on_the_page_is_the_programs() -> None:
    """How long sessions, schedules, estimates and backups last: the tests of the statements go by the program's own."""
    [backups] = re.findall(
        r"-mtime \+(\d+) -delete", (ROOT / "deploy/systemd/estimator-backup.service").read_text("utf-8")
    )
    *fewer, most = DAYS
    said = (
        f"A session ends after {IDLE // timedelta(minutes=1)} minutes without use, and after "
        f"{LONGEST // timedelta(hours=1)} hours in any case.",
        f"| {KEPT_DAYS} days after its last visit; deleted at once on its page |",
        f"| A schedule goes {KEPT_DAYS} days after its last visit,",
        f"| {', '.join(map(str, fewer))} or {most} days, as the patient chooses;",
        f"| {USUAL_DAYS} days, or `estimates_kept_days` of the clinic's file;",
        f"{backups} days is what `deploy/` sets up.",
    )

    assert [] == [words for words in said if words not in PAGE]


def is_there(test: str) -> bool:
    """Tell whether a test is defined where it is said to be."""
    path, _, name = test.partition("::")
    return name.startswith("test_") and (ROOT / path).is_file() and name in names_in(ROOT / path)


def test_every_table_of_the_database_is_on_the_page() -> None:
    """So a new one can't be added without saying how long it is kept."""
    assert set() == set(metadata.tables) - set(re.findall(r"`([a-z_]+)`", PAGE))


def outward(source: Source) -> set[str]:
    """Return the modules for connections that a file imports."""
    found: set[str] = set()
    for node in source.nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name for name in found if name in CONNECTING or name.split(".")[0] in CONNECTING}


def test_nothing_but_the_sign_in_opens_a_connection_to_the_outside() -> None:
    """No other file imports what could."""
    connecting = {source.path for source in python_files("estimator") if outward(source)}

    assert MAY_CONNECT == connecting


def test_the_proxy_speaks_no_old_tls_and_nothing_in_the_open() -> None:
    """Of port 80 there is the way to https, and what a certificate is renewed by."""
    said = (ROOT / "deploy" / "nginx.conf.template").read_text("utf-8")
    in_the_open, encrypted = re.findall(r"^server \{\n(.*?)^\}", said, re.MULTILINE | re.DOTALL)

    assert ["TLSv1.2 TLSv1.3"] == re.findall(r"ssl_protocols (.*);", encrypted)
    assert "proxy_pass" not in in_the_open
    assert "return 301 https://" in in_the_open
