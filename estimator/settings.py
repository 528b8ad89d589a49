"""Every setting of the product: one table of environment variables, read through here and nowhere else.

A setting is read when it is asked for. One that is empty counts as not set; one that cannot be used is refused with
what to enter instead. The last part says where the files that ship with the product lie: in a checkout in folders
beside the package, in an installed wheel inside it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from estimator.errors import Problem, SettingsRefused

T = TypeVar("T")
D = TypeVar("D")

ENVIRONMENT, DEFAULT, WRONG = "environment", "default", "wrong"
_HIDDEN = "(hidden)"
_PASSWORDS = (re.compile(r"(://[^:/@]*:)[^@]*"), re.compile(r"([?&]password=)[^&]*"))


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """What can be entered for a setting: its name, the sentence that asks for it, and how it is read.

    `read` raises ValueError for anything else. `shown` is what may be printed of it.
    """

    name: str
    enter: str
    read: Callable[[str], T]
    shown: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Setting(Generic[T, D]):
    """One environment variable: what it holds, what holds without it, and one line of help."""

    name: str
    kind: Kind[T]
    default: D
    help: str
    without: str = ""
    """What happens where it is not set, for settings whose default is no single value."""

    def value(self) -> T | D:
        """Return what is set, else the default; raise SettingsRefused where it cannot be used."""
        written = self.written
        if not written:
            return self.default
        try:
            return self.kind.read(written)
        except ValueError as error:
            raise SettingsRefused((self._problem,)) from error

    def problem(self) -> Problem | None:
        """Return why what is set cannot be used; None where it can."""
        try:
            self.value()
        except SettingsRefused:
            return self._problem
        return None

    @property
    def written(self) -> str:
        """Return what the environment says, without the spaces around it; empty where it says nothing."""
        return os.environ.get(self.name, "").strip()

    @property
    def _problem(self) -> Problem:
        return Problem(self.name, self.kind.enter)


def _folder(written: str) -> Path:
    path = Path(written)
    if path.exists() and not path.is_dir():
        raise ValueError
    return path


def _folder_there(written: str) -> Path:
    path = Path(written)
    if not path.is_dir():
        raise ValueError
    return path


def _file(written: str) -> Path:
    path = Path(written)
    if path.is_dir():
        raise ValueError
    return path


def _matching(pattern: str) -> Callable[[str], str]:
    def read(written: str) -> str:
        if not re.fullmatch(pattern, written):
            raise ValueError
        return written

    return read


def _without_password(written: str) -> str:
    """Return an address without its password.

    >>> _without_password("postgresql://ana:secret@db.example/plans")
    'postgresql://ana:***@db.example/plans'
    """
    for password in _PASSWORDS:
        written = password.sub(r"\1***", written)
    return written


def _zone(written: str) -> ZoneInfo:
    try:
        return ZoneInfo(written)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError from error


def _hide(_: str) -> str:
    return _HIDDEN


_FOLDER = Kind("folder", "Enter the path of a folder, such as /srv/estimator; it is made if need be.", _folder)
_FOLDER_THERE = Kind("folder", "Enter the path of a folder that is there, such as /srv/plans.", _folder_there)
# Who reads the file says what is wrong with it, or that it is missing.
_JSON_FILE = Kind("JSON file", "Enter the path of a JSON file, such as /srv/clinic.json.", _file)
_CSV_FILE = Kind("CSV file", "Enter the path of a CSV file, such as /srv/prices.csv.", _file)
_TEXT = Kind("text", "Enter some text.", str)
_SECRET = Kind("secret", "Enter some text.", str, _hide)
_WEB = Kind(
    "web address",
    "Enter an address that starts with https:// or http://, such as https://estimate.clinic.example.",
    _matching(r"https?://[^\s/]\S*"),
    _without_password,
)
_DATABASE = Kind(
    "database address",
    "Enter the address of a database, such as postgresql://user:password@host/name or sqlite:////folder/file.db.",
    _matching(r"(sqlite|postgres|postgresql)(\+\w+)?://.*"),
    _without_password,
)
_COUNT = Kind("number, 1-9", "Enter a number from 1 to 9, such as 1.", lambda written: int(_matching("[1-9]")(written)))
_WHOLE = Kind(
    "number, 0-9999",
    "Enter a whole number from 0 to 9999, such as 7.",
    lambda written: int(_matching("[0-9]{1,4}")(written)),
)
_YES_OR_NO = Kind("yes or no", "Enter yes or no.", lambda written: _matching("yes|no")(written.lower()) == "yes")
_LOGS = Kind("text or json", "Enter json or text.", _matching("json|text"))
_ZONE = Kind("time zone", "Enter the name of a time zone, such as America/Los_Angeles.", _zone)
_ROLE = Kind("role", "Enter one of viewer, billing, rules, admin.", _matching("viewer|billing|rules|admin"))

# ----------------------------------------------------------------------------
# The table.
# ----------------------------------------------------------------------------

DATABASE_URL = Setting(
    "DATABASE_URL",
    _DATABASE,
    None,
    "The database, on PostgreSQL (install the extra `postgres`) or SQLite.",
    "the file estimator.db in the data folder",
)
DATA_FOLDER = Setting(
    "ESTIMATOR_DATA",
    _FOLDER,
    None,
    "The data folder, where estimator.db lies.",
    "`instance/` in a checkout, else `therapy-cost-estimator/` in XDG_DATA_HOME",
)
PLANS = Setting(
    "ESTIMATOR_PLANS",
    _FOLDER_THERE,
    None,
    "Your own folder of plan files. Unless DATABASE_URL is set too, nothing but this folder is read.",
    "the plan files that ship with the product",
)
CLINIC = Setting(
    "ESTIMATOR_CLINIC",
    _JSON_FILE,
    None,
    "The clinic on letters and forms: name, NPI, tax ID, address, billing habits.",
    "those lines stay blank",
)
CONTRACT = Setting(
    "ESTIMATOR_CONTRACT",
    _CSV_FILE,
    None,
    "The clinic's contract prices, used instead of the contracts in the database.",
    "the contracts in the database",
)
PRICE_LIST = Setting(
    "ESTIMATOR_PRICE_LIST",
    _CSV_FILE,
    None,
    "The clinic's self-pay prices, used instead of the list in the database.",
    "the list in the database",
)
URL = Setting(
    "ESTIMATOR_URL",
    _WEB,
    "",
    "The address people use to reach the pages. With https, the staff cookie is sent over https only.",
    "the address of each request",
)
PROXIES = Setting(
    "ESTIMATOR_PROXIES",
    _COUNT,
    0,
    "How many proxies stand in front of the pages; sign-in attempts are counted by the address they pass on.",
    "no proxy",
)
TIME_ZONE = Setting(
    "ESTIMATOR_TIME_ZONE",
    _ZONE,
    ZoneInfo("UTC"),
    "The clinic's time zone, which decides what day it is.",
)
SECRET = Setting(
    "ESTIMATOR_SECRET",
    _SECRET,
    "",
    "Signs staff cookies and forms.",
    "a random one, made once and kept in the database",
)
LOG = Setting(
    "ESTIMATOR_LOG",
    _LOGS,
    "text",
    "How the log is written: `text` for people, `json` (one object a line) for programs that collect it.",
)
METRICS_TOKEN = Setting(
    "ESTIMATOR_METRICS_TOKEN",
    _SECRET,
    "",
    "Opens /metrics and the details of /readyz, as `Authorization: Bearer …`.",
    "there is no /metrics, and /readyz has no details",
)
MOST_ESTIMATES = Setting(
    "ESTIMATOR_MOST_ESTIMATES",
    _WHOLE,
    1000,
    "How many estimates one address may ask for within ten minutes, without a token; 0 means any number.",
)
ALERT_VISITS = Setting(
    "ESTIMATOR_ALERT_VISITS",
    _WHOLE,
    2,
    "A case raises an alert when so many visits are left of a limit or an authorization.",
)
ALERT_DAYS = Setting(
    "ESTIMATOR_ALERT_DAYS", _WHOLE, 7, "How many days before an authorization ends its case raises an alert."
)
ALERT_UNANSWERED = Setting(
    "ESTIMATOR_ALERT_UNANSWERED",
    _WHOLE,
    14,
    "How many days after an authorization was requested its case raises an alert, where no answer was entered.",
)
ALERT_DOLLARS = Setting(
    "ESTIMATOR_ALERT_DOLLARS", _WHOLE, 300, "A case raises an alert when so many dollars are left below a threshold."
)
COUNT_PAST_VISITS = Setting(
    "ESTIMATOR_COUNT_PAST_VISITS",
    _YES_OR_NO,
    False,
    "Whether a visit of a schedule counts in its case once its day has passed.",
    "the work list asks about visits that nobody marked",
)
OIDC_ISSUER = Setting(
    "ESTIMATOR_OIDC_ISSUER",
    _WEB,
    "",
    "The clinic's own sign-in (OpenID Connect): the provider's address. Install the extra `oidc`.",
    "people sign in with a password only",
)
OIDC_CLIENT_ID = Setting(
    "ESTIMATOR_OIDC_CLIENT_ID",
    _TEXT,
    "",
    "The client ID the provider gave you.",
    "required with ESTIMATOR_OIDC_ISSUER",
)
OIDC_CLIENT_SECRET = Setting(
    "ESTIMATOR_OIDC_CLIENT_SECRET",
    _SECRET,
    "",
    "The client secret the provider gave you.",
    "required with ESTIMATOR_OIDC_ISSUER",
)
OIDC_NAME_CLAIM = Setting(
    "ESTIMATOR_OIDC_NAME_CLAIM",
    _TEXT,
    "email",
    "The claim that names the account. Choose one whose value people can't change themselves.",
)
OIDC_ROLE_CLAIM = Setting(
    "ESTIMATOR_OIDC_ROLE_CLAIM",
    _TEXT,
    "",
    "The claim that gives the role, such as `groups`; it is followed at every sign-in.",
    "roles are given on the staff pages",
)
OIDC_NEW_ROLE = Setting(
    "ESTIMATOR_OIDC_NEW_ROLE",
    _ROLE,
    "",
    "The role of people who sign in without having an account yet.",
    "they are refused",
)
# This one belongs to the library of the pages, which reads it when they are made.
DEBUG = Setting(
    "FLASK_DEBUG",
    _TEXT,
    "",
    "Leave it out: with it, a failure goes to the log as it is, with what people typed.",
    "failures are logged without what people typed",
)
# This one belongs to the library that counts, which reads it where it is loaded.
METRICS_FOLDER = Setting(
    "PROMETHEUS_MULTIPROC_DIR",
    _FOLDER_THERE,
    None,
    "An empty folder in which several processes count together; needed for /metrics with more than one.",
    "each process counts its own requests",
)
# These two belong to the system. We only read where it keeps a person's files.
XDG_DATA_HOME = Setting(
    "XDG_DATA_HOME",
    _FOLDER,
    None,
    "Where Linux keeps a person's files; the data folder of an installed program lies in it.",
    "`~/.local/share`",
)
LOCALAPPDATA = Setting(
    "LOCALAPPDATA",
    _FOLDER,
    None,
    "Where Windows keeps a person's files; read where XDG_DATA_HOME is not set.",
    "`~/.local/share`",
)

SETTINGS: tuple[Setting[Any, Any], ...] = (
    DATABASE_URL,
    DATA_FOLDER,
    PLANS,
    CLINIC,
    CONTRACT,
    PRICE_LIST,
    URL,
    PROXIES,
    TIME_ZONE,
    SECRET,
    LOG,
    METRICS_TOKEN,
    METRICS_FOLDER,
    MOST_ESTIMATES,
    ALERT_VISITS,
    ALERT_DAYS,
    ALERT_UNANSWERED,
    ALERT_DOLLARS,
    COUNT_PAST_VISITS,
    OIDC_ISSUER,
    OIDC_CLIENT_ID,
    OIDC_CLIENT_SECRET,
    OIDC_NAME_CLAIM,
    OIDC_ROLE_CLAIM,
    OIDC_NEW_ROLE,
    DEBUG,
    XDG_DATA_HOME,
    LOCALAPPDATA,
)

# ----------------------------------------------------------------------------
# What is in force, for people, and the page of the docs.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InForce:
    """A setting as it is in force: its value as it may be shown, and where that comes from."""

    name: str
    type: str
    value: str
    source: str
    help: str
    unsafe: str = ""
    """What to change before others use the pages; empty where nothing is unsafe."""


def in_force(data_folder: Path | None) -> Iterator[InForce]:
    """Yield every setting as it is in force; nothing that must stay secret is shown."""
    unsafe = {one.path: one.message for one in unsafe_settings(data_folder)}
    for one in SETTINGS:
        if not one.written:
            value, source = default_words(one), DEFAULT
        elif one.problem():
            # A secret typed into the wrong place would be shown.
            value, source = _HIDDEN, WRONG
        else:
            value, source = one.kind.shown(one.written), ENVIRONMENT
        yield InForce(one.name, one.kind.name, value, source, one.help, unsafe.get(one.name, ""))


def settings_problems() -> tuple[Problem, ...]:
    """Return what is wrong with the settings, each problem with what to enter instead."""
    return tuple(problem for one in SETTINGS if (problem := one.problem()))


def require_settings() -> None:
    """Raise SettingsRefused with everything that is wrong with the settings."""
    if problems := settings_problems():
        raise SettingsRefused(problems)


# ----------------------------------------------------------------------------
# What works on one's own machine and is unsafe where others use the pages.
# ----------------------------------------------------------------------------

_LEAST_LETTERS = 20
_OTHERS = 0o007
_HERE = ("", "localhost", "127.0.0.1", "::1")
_ENCRYPTED = ("require", "verify-ca", "verify-full")


def unsafe_settings(data_folder: Path | None) -> Iterator[Problem]:
    """Yield what is unsafe where others use the pages, under the name of its setting, with what to enter.

    `data_folder` is where a database of SQLite lies if no other is named; None where that can't be told.
    """
    for one, check in _UNSAFE:
        if not one.problem() and (words := check(one.written)):
            yield Problem(one.name, words)
    own = urlsplit(DATABASE_URL.written)
    # Of sqlite:////srv/plans.db the path is //srv/plans.db; without a path, the database is in memory.
    named = Path(own.path[1:]).parent if own.scheme.startswith("sqlite") and own.path[1:] else None
    folder, setting = (named, DATABASE_URL) if own.scheme else (data_folder, DATA_FOLDER)
    if folder and not setting.problem() and (read_by_all := _open_to_all(folder)):
        words = f"Everyone on this machine can read {read_by_all}. Close it with: chmod -R o= {folder}"
        yield Problem(setting.name, words)


def _unsafe_url(written: str) -> str:
    address = urlsplit(written)
    if address.scheme == "http" and address.hostname not in _HERE:
        return "Enter an address that starts with https://. With http://, passwords travel in the open."
    if not written and PROXIES.written:
        return "Enter the address people use. Without it, links carry whatever host a request names."
    return ""


def _unsafe_proxies(written: str) -> str:
    if written or urlsplit(URL.written).scheme != "https":
        return ""
    return (
        "Enter how many proxies stand in front, such as 1. Without it, everybody counts as one caller, and one person "
        "who guesses passwords keeps all others out."
    )


def _unsafe_zone(written: str) -> str:
    if written:
        return ""
    return (
        "Enter the clinic's time zone, such as America/Los_Angeles. Without it a new day begins at midnight UTC, which "
        "is in the afternoon there, and deadlines pass too early."
    )


def _unsafe_secret(written: str) -> str:
    is_short = 0 < len(written) < _LEAST_LETTERS
    return (
        f"Enter at least {_LEAST_LETTERS} random characters, such as those of: openssl rand -hex 24" if is_short else ""
    )


def _unsafe_database(written: str) -> str:
    address = urlsplit(written)
    asked = parse_qs(address.query)
    # A name without a dot is this machine's own, or a container's on it; one that begins with / is a folder here.
    hosts = [
        *(address.hostname or "").split(","),
        *",".join((*asked.get("host", ()), *asked.get("hostaddr", ()))).split(","),
    ]
    is_elsewhere = any(host not in _HERE and "." in host and not host.startswith("/") for host in hosts)
    if not is_elsewhere or asked.get("sslmode", [""])[-1] in _ENCRYPTED:
        return ""
    return "Add ?sslmode=verify-full to the address. Without it, what the clinic enters may travel in the open."


def _unsafe_issuer(written: str) -> str:
    address = urlsplit(written)
    if address.scheme != "http" or address.hostname in _HERE:
        return ""
    return "Enter an address that starts with https://. With http://, somebody on the way can sign in as anyone."


def _unsafe_new_role(written: str) -> str:
    if written not in ("rules", "admin"):
        return ""
    return (
        "Enter viewer or billing. Everybody whom the provider knows gets this role, and could change plans or accounts."
    )


def _unsafe_estimates(written: str) -> str:
    is_any = written.strip("0") == "" != written
    return "Enter a number such as 1000. With 0, one caller can keep the machine busy for all others." if is_any else ""


def _unsafe_debug(written: str) -> str:
    return "" if written in ("", "0") else "Leave it out: failures would be logged with what people typed."


def _open_to_all(folder: Path) -> str:
    """Return what everybody on the machine can read of a folder, itself or a database in it; empty where nothing."""
    if os.name == "nt":  # Its rights aren't in the mode of a file.
        return ""
    with suppress(OSError):  # A file that goes meanwhile, or a folder that only its owner may list.
        if folder.is_dir() and folder.stat().st_mode & _OTHERS:
            databases = (path for path in sorted(folder.iterdir()) if ".db" in path.name)
            return next((str(path) for path in databases if path.stat().st_mode & _OTHERS), str(folder))
    return ""


_UNSAFE: tuple[tuple[Setting[Any, Any], Callable[[str], str]], ...] = (
    (DATABASE_URL, _unsafe_database),
    (URL, _unsafe_url),
    (PROXIES, _unsafe_proxies),
    (TIME_ZONE, _unsafe_zone),
    (SECRET, _unsafe_secret),
    (METRICS_TOKEN, _unsafe_secret),
    (MOST_ESTIMATES, _unsafe_estimates),
    (OIDC_ISSUER, _unsafe_issuer),
    (OIDC_NEW_ROLE, _unsafe_new_role),
    (DEBUG, _unsafe_debug),
)


def default_words(setting: Setting[Any, Any]) -> str:
    """Say what holds where a setting is not set."""
    return setting.without or str(setting.default)


def markdown() -> str:
    """Return the page of the docs about settings."""
    rows = (f"| `{one.name}` | {one.kind.name} | {default_words(one)} | {one.help} |" for one in SETTINGS)
    return "\n".join([*_TOP, *rows, ""])


_TOP = (
    "# Settings",
    "",
    "Every setting is an environment variable. A setting that is empty counts as not set, and one that can't be used",
    "is refused with what to enter instead. `estimator settings` prints what is in force and what is unsafe where",
    "others use the pages; `--json` does so for programs.",
    "",
    "This page is written by `estimator settings --markdown`, from the table in `estimator/settings.py`.",
    "",
    "| Variable | Type | If not set | What it does |",
    "|---|---|---|---|",
)


_PACKAGE = Path(__file__).resolve().parent


def plans_folder() -> Path:
    """Return the folder of plan definitions: the one that ESTIMATOR_PLANS names, else ours."""
    return PLANS.value() or _shipped("plans")


def prices_folder() -> Path:
    """Return the folder of official price files."""
    return _shipped("prices")


def insurers_folder() -> Path:
    """Return the folder of the registry of insurers."""
    return _shipped("insurers")


def templates_folder() -> Path:
    """Return the folder of page templates."""
    return _shipped("templates")


def assets_folder() -> Path:
    """Return the folder of style sheets, fonts and pictures."""
    return _shipped("assets")


def contract_file() -> Path | None:
    """Return the clinic's contract prices (CSV) that ESTIMATOR_CONTRACT names, if it names any."""
    return CONTRACT.value()


def price_list_file() -> Path | None:
    """Return the clinic's self-pay list (CSV) that ESTIMATOR_PRICE_LIST names, if it names any."""
    return PRICE_LIST.value()


def _shipped(name: str) -> Path:
    inside_the_wheel = _PACKAGE / f"_{name}"
    return inside_the_wheel if inside_the_wheel.is_dir() else _PACKAGE.parent / name
