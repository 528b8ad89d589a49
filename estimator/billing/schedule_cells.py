"""What the cells of a schedule mean: days, ZIP codes, services, yes and no, as people and practice systems write them.

What can be read in one way is read; what could be meant in two ways stays as it is, and becomes a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import Any, NamedTuple

from estimator.billing.schedule_file import LONGEST_CELL, NAMES, Cells
from estimator.engine.accumulators import COUNTED
from estimator.engine.coding import NEEDLING_CODES
from estimator.engine.plan import Every, Limit, Measure, Past, Plan
from estimator.plans.shelf import visit_limits
from estimator.prices.spreadsheet import shown

_DIGITS_OF_A_ZIP = 5
_ZIP = re.compile(r"(\d{5})-?\d{4}")
_BETWEEN = re.compile(r"[\s,;+/|]+")
_YES = {
    "yes": True,
    "y": True,
    "true": True,
    "x": True,
    "on file": True,
    "approved": True,
    "no": False,
    "n": False,
    "false": False,
}
_NOT_SAID = ("", "unknown", "?", "n/a", "na", "-")

PROVIDERS = {
    "pt": "physical-therapist",
    "dpt": "physical-therapist",
    "mpt": "physical-therapist",
    "mspt": "physical-therapist",
    "rpt": "physical-therapist",
    "lpt": "physical-therapist",
    "pta": "physical-therapist-assistant",
    "physical therapist": "physical-therapist",
    "physical therapist assistant": "physical-therapist-assistant",
    "md": "physician",
    "do": "physician",
    "np": "nurse-practitioner",
    "pa": "physician-assistant",
    "aprn": "nurse-practitioner",
    "pa-c": "physician-assistant",
    "cns": "clinical-nurse-specialist",
    "ot": "occupational-therapist",
    "otr": "occupational-therapist",
    "otr/l": "occupational-therapist",
    "dc": "chiropractor",
    "lac": "acupuncturist",
    "l.ac.": "acupuncturist",
    "l.ac": "acupuncturist",
}
NETWORKS = {
    "inn": "in-network",
    "in": "in-network",
    "in network": "in-network",
    "yes": "in-network",
    "par": "in-network",
    "oon": "out-of-network",
    "out": "out-of-network",
    "out of network": "out-of-network",
    "no": "out-of-network",
    "non-par": "out-of-network",
}
SETTINGS = {
    "11": "office",
    "clinic": "office",
    "outpatient clinic": "office",
    "22": "hospital-outpatient",
    "19": "hospital-outpatient",
    "hopd": "hospital-outpatient",
    "hospital": "hospital-outpatient",
    "hospital outpatient": "hospital-outpatient",
    "12": "home",
    "02": "telehealth",
    "10": "telehealth",
}
_WORDS: Mapping[str, Mapping[str, str]] = {"network": NETWORKS, "setting": SETTINGS}
MONEY = ("deductible_paid", "out_of_pocket_paid", "kx_dollars_used")
COUNTS = (
    *("visits", "per_week", "age", "visits_used", "needling_90_days", "needling_12_months"),
    *("authorization_visits", "authorization_used", "authorization_left"),
    *("authorization_units", "authorization_units_used"),
)
_DAYS = ("first_day", "authorization_first_day", "authorization_last_day")
_WHOLE_NUMBER = re.compile(r"(\d+)(?:\.0+)?(?: *(?:visits?|units?|years?(?: old)?|yrs?|y/?o|y|x))?", re.IGNORECASE)


class Meant(NamedTuple):
    """The cells of a row as they are meant, and what is to be asked of it: a column, and a sentence."""

    cells: Cells
    asks: tuple[tuple[str, str], ...]


def meant(written: Cells) -> Meant:
    """Return what a row means; a cell that could mean two things stays as it is and is asked about."""
    cells = {name: written.get(name, "") for name in NAMES}
    asks = list(_cut(cells))
    if looks_like_a_name(cells["label"]):
        asks.append(("label", "This label looks like a person's name. Enter a label of your own instead."))
        cells["label"] = ""
    elif kind := identity_in(cells["label"]):
        asks.append(("label", f"This label holds {kind}. Enter a label of your own instead."))
        cells["label"] = ""
    for name in _DAYS:
        cells[name] = read_day(cells[name])
    cells["provider"], cells["therapist"] = _who_treats(cells["provider"], cells["therapist"])
    for name, words in _WORDS.items():
        cells[name] = words.get(cells[name].casefold(), cells[name].casefold())
    for name in MONEY:
        cells[name] = cells[name].replace("$", "").replace(",", "").strip()
    for name in COUNTS:
        if number := _WHOLE_NUMBER.fullmatch(cells[name]):
            cells[name] = number[1]
    cells["zip"] = read_zip(cells["zip"])
    cells["status"] = status_of(cells)
    asks += _counted_apart(cells)
    if _is_a_number_of_one(cells["authorization"]):
        cells["authorization_number"] = cells["authorization_number"] or cells["authorization"]
        cells["authorization"] = "yes"
    if not cells["authorization"] and (cells["authorization_number"] or cells["authorization_visits"]):
        cells["authorization"] = "yes"
    for name in ("authorization", "referral", "consent"):
        asks += _told(name, cells)
    return Meant(cells, (*asks, *_unclear(cells)))


CANCELED = "canceled"
_STANDS_NO_MORE = re.compile(
    r"\b(?:cancel\w*|cxl\w*|cx|no[ -]?show\w*|noshow\w*|n/s|missed|re-?sched\w*|dna|deleted|void\w*)\b", re.IGNORECASE
)


def status_of(cells: Cells) -> str:
    """Return whether a visit is canceled, by the status that its row says; empty where it stands."""
    return CANCELED if _STANDS_NO_MORE.search(cells.get("status", "")) else ""


# Of these a row is answered without a cell that can't be read, and asks about it.
ASKED_BESIDE = frozenset(("label", "authorization", "referral", "consent", "units", "minutes"))
_NOT_YET = re.compile(
    r"(?:pending|requested|submitted|in process|in progress|denied|expired|none|missing|not on file|not obtained)\b.*",
    re.IGNORECASE,
)
_THERE = re.compile(r"(?:on file|approved|active|obtained|received|valid|signed|auth'?d)\b.*", re.IGNORECASE)


def _told(name: str, cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Read yes or no in the words of a desk; what is neither counts as not told, and is asked about."""
    written = cells[name]
    if not isinstance(yes_or_no(written), str):
        return
    if _NOT_YET.fullmatch(written):
        cells[name] = "no"
    elif _THERE.fullmatch(written):
        cells[name] = "yes"
    else:
        cells[name] = ""
        yield name, f"“{written[:40]}”: enter yes, no or unknown. The amounts are as if nobody told."


def _counted_apart(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Put units or minutes of a column of their own behind their codes; what doesn't fit is asked about."""
    for name, sign in (("units", " x"), ("minutes", ":")):
        numbers, cells[name] = re.findall(r"\d{1,4}", cells[name][:LONGEST_CELL]), ""
        if not numbers:
            continue
        lines = services_of(cells["services"])
        own = [line.get(name) for line in lines]
        if not any("units" in line or "minutes" in line for line in lines) and len(numbers) == len(lines):
            codes = (_code_with_modifiers(line) for line in lines)
            cells["services"] = " ".join(f"{code}{sign}{number}" for code, number in zip(codes, numbers, strict=True))
        elif None in own or numbers not in (own, [str(sum(int(each) for each in own if each))]):
            yield name, f"Enter {name} for each code, in the order of the codes. The amounts are without them."


def _code_with_modifiers(line: Mapping[str, Any]) -> str:
    return "-".join((line["code"], *line.get("modifiers", ())))


_NUMBERED = re.compile(r"(?=[^\s]*\d)[A-Za-z0-9-]{4,40}")
_PERSON = re.compile(r"(?:Dr\.? )?[A-Z][\w.'’-]*(?:,? [A-Z][\w.'’-]*)*", re.ASCII)
_NAMES_A_KIND = 0.75


def _is_a_number_of_one(written: str) -> bool:
    """Tell whether a cell that should say yes or no holds the payer's number of the authorization, such as A-77120."""
    return bool(_NUMBERED.fullmatch(written)) and yes_or_no(written) == written


def _who_treats(provider: str, therapist: str) -> tuple[str, str]:
    """Return the kind of provider and the therapist: practice systems write a name, often with its credential behind.

    >>> _who_treats("Lee, PTA", ""), _who_treats("Rivera, Ana", ""), _who_treats("pt", "Lee"), _who_treats("barber", "")
    (('physical-therapist-assistant', 'Lee, PTA'), ('', 'Rivera, Ana'), ('physical-therapist', 'Lee'), ('barber', ''))
    """
    plain = provider.casefold()
    if not provider or plain in PROVIDERS or plain in _KINDS:
        return PROVIDERS.get(plain, plain), therapist
    credentials = [PROVIDERS[word] for word in re.split(r"[\s,()]+", plain) if word in PROVIDERS and " " not in word]
    if credentials:
        return credentials[-1], therapist or provider
    # A name that is nearly a kind is a kind misspelled.
    is_name = _PERSON.fullmatch(provider) and not get_close_matches(plain, (*_KINDS, *PROVIDERS), 1, _NAMES_A_KIND)
    return ("", therapist or provider) if is_name else (plain, therapist)


_KINDS = frozenset(PROVIDERS.values())
_MOST_DIGITS = 9


def is_count(written: str) -> bool:
    """Tell whether a cell is a whole number of ordinary size; Python refuses to read one of thousands of digits.

    >>> is_count("12"), is_count("1.5"), is_count("9" * 5000)
    (True, False, False)
    """
    return written.isdecimal() and len(written) <= _MOST_DIGITS


def _unclear(cells: Cells) -> Iterator[tuple[str, str]]:
    for name in ("authorization_visits", "authorization_used", "authorization_left"):
        if cells[name] and not is_count(cells[name]):
            words = (
                f"Enter one number. “{cells[name][:40]}” can mean visits used or visits left: authorization_visits is "
            )
            yield name, f"{words}what it grants, authorization_left what is left."
    granted, left = cells["authorization_visits"], cells["authorization_left"]
    if is_count(granted) and is_count(left) and int(left) > int(granted):
        yield "authorization_left", f"Enter at most {granted} visits left: that is what the authorization grants."


# ----------------------------------------------------------------------------
# Days: 2026-12-01, 12/1/2026, 1-Dec-26, Dec 1, 2026, a day with a time behind it, or the number a spreadsheet keeps.
# ----------------------------------------------------------------------------

_TIME = re.compile(
    r"(?:[ T]+|, ?)(?:at )?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: *[AaPp]\.?[Mm]?\.?)?(?:Z|[+-]\d{2}:?\d{2})?$"
)
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +", re.IGNORECASE)
# Forms of days by their shape, in which 0 is a number and a word is a. To try every form on a cell that is no day takes
# milliseconds, and a schedule has thousands of cells.
_FORMS: Mapping[str, tuple[str, ...]] = {
    "0-0-0": ("%Y-%m-%d", "%m-%d-%Y", "%m-%d-%y"),
    "0/0/0": ("%Y/%m/%d", "%m/%d/%Y", "%m/%d/%y"),
    "0.0.0": ("%m.%d.%Y",),
    "0": ("%Y%m%d",),
    "0-a-0": ("%d-%b-%y", "%d-%b-%Y"),
    "0 a 0": ("%d %b %Y", "%d %B %Y"),
    "a 0, 0": ("%b %d, %Y", "%B %d, %Y"),
    "a 0 0": ("%b %d %Y", "%B %d %Y"),
}
_PART = re.compile(r"(?P<number>\d+)|(?P<blank>\s+)|[^\W\d_]+")
_SERIAL = re.compile(r"[3-7]\d{4}(?:\.\d+)?")
# Day 1 of a spreadsheet is 1900-01-01, and it counts a February 29 that 1900 did not have.
_SPREADSHEET_BEGINS = date(1899, 12, 30)


def read_day(written: str) -> str:
    """Return a day as `2026-12-01`; what is none in US order stays as it is.

    >>> [read_day(each) for each in ("12/1/2026 9:30 AM", "1-Dec-26", "Tue, Dec 1, 2026", "46357", "13/12/2026")]
    ['2026-12-01', '2026-12-01', '2026-12-01', '2026-12-01', '13/12/2026']
    """
    text = _WEEKDAY.sub("", _TIME.sub("", written.strip()))
    for form in _FORMS.get(_PART.sub(_shape, text[:LONGEST_CELL]), ()):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            continue
    if _SERIAL.fullmatch(text):
        return (_SPREADSHEET_BEGINS + timedelta(days=int(text.partition(".")[0]))).isoformat()
    return written


def _shape(part: re.Match[str]) -> str:
    return "0" if part["number"] else " " if part["blank"] else "a"


def time_of(cells: Cells) -> str:
    """Return when a row's visit starts, as it was written: beside the day, or in a column of its own."""
    found = _TIME.search(cells.get("first_day", "").strip())
    return cells.get("time", "") or (found[0].strip(" T") if found else "")


def read_zip(written: str) -> str:
    """Return five digits: without the four that may follow, and with a zero that a spreadsheet dropped.

    >>> read_zip("60614-1234"), read_zip("2139"), read_zip("02139.0")
    ('60614', '02139', '02139')
    """
    text = written.strip().removesuffix(".0")
    if long := _ZIP.fullmatch(text):
        return long[1]
    return text.zfill(_DIGITS_OF_A_ZIP) if text.isdecimal() else text


def yes_or_no(written: str) -> Any:
    """Return what an answer means; what is none stays as it is, for the contract to refuse."""
    plain = written.casefold()
    return None if plain in _NOT_SAID else _YES.get(plain, written)


# ----------------------------------------------------------------------------
# Services: codes with modifiers, minutes and units, in the ways that practice systems write them.
# ----------------------------------------------------------------------------

_SERVICE = re.compile(
    r"""
    (?:(?P<before>\d{1,2})[ ]*[xX*×][ ]*)?
    (?P<code>[A-Za-z]?\d{4}[A-Za-z]|[A-Za-z]\d{4}|\d{5})
    (?P<modifiers>(?:(?:-|:|[ ]*\(?)(?:[A-Z]{2}|59|76)\b\)?)*)
    (?:
        [ ]*:[ ]*(?P<minutes>\d{1,4})(?:[ ]*min\w*)?
      | [ ]*[(]?(?P<timed>\d{1,4})[ ]*min\w*[)]?
      | [ ]*[(]?[xX*×@=][ ]*(?P<units>\d{1,3})[)]?
      | [ ]*[(]?(?P<counted>\d{1,3})[ ]*u(?:nits?)?[)]?
      | [ ]*[(](?P<enclosed>\d{1,2})[)]
    )?
    (?=[\s,;+/|]|$)
    """,
    re.VERBOSE,
)
# What a practice system writes behind a code to say what it is.
_DESCRIBED = re.compile(
    r"(?P<code>\b[A-Za-z]?\d{4}[A-Za-z\d](?:-[A-Z\d]{2}\b)*)[ ]+(?:[-–][ ]+)?(?!units?\b|min)"
    r"(?=[A-Za-z .&'’/-]*[A-Za-z]{4})[A-Za-z][A-Za-z .&'’/-]*"
)
MODIFIER = re.compile(r"[A-Z]{2}|59|76")


def services_of(written: str) -> list[dict[str, Any]]:
    """Read the codes of a visit; what is no code stays as it is, for the contract to refuse.

    >>> services_of("97110:30, 20561 97140x2")
    [{'code': '97110', 'minutes': '30'}, {'code': '20561'}, {'code': '97140', 'units': '2'}]
    >>> services_of("97110 GP 30 min; 97140-59 x2")
    [{'code': '97110', 'minutes': '30', 'modifiers': ['GP']}, {'code': '97140', 'units': '2', 'modifiers': ['59']}]
    >>> services_of("97110 - Therapeutic Exercise (2), 97140 MANUAL THERAPY")
    [{'code': '97110', 'units': '2'}, {'code': '97140'}]
    """
    return list(_services(_DESCRIBED.sub(r"\g<code>", written)))


def codes_of(written: str) -> list[str]:
    """Return the codes between spaces, commas and the like."""
    return [code for code in _BETWEEN.split(written) if code]


def _services(written: str) -> Iterator[dict[str, Any]]:
    place = 0
    while place < len(written):
        if between := _BETWEEN.match(written, place):
            place = between.end()
            continue
        if read := _SERVICE.match(written, place):
            minutes = read["minutes"] or read["timed"]
            units = read["before"] or read["units"] or read["counted"] or read["enclosed"]
            modifiers = MODIFIER.findall(read["modifiers"])
            found = {"code": read["code"], "minutes": minutes, "units": units, "modifiers": modifiers}
            yield {key: part for key, part in found.items() if part}
            place = read.end()
            continue
        word = _BETWEEN.split(written[place:], maxsplit=1)[0]
        yield {"code": word}
        place += len(word)


# ----------------------------------------------------------------------------
# What is used of the limits of a plan.
# ----------------------------------------------------------------------------


def column_of_limit(limit: Limit, plan: Plan) -> str:
    """Return the column that tells what of a limit is used; empty where none does."""
    if limit.measure is Measure.DOLLARS:
        return "kx_dollars_used" if limit.past is Past.CONTINUES else ""
    if limit.name in visit_limits(plan):
        return "visits_used"
    if limit.measure in COUNTED and _is_of_needling(limit, plan):
        return "needling_90_days" if limit.every is Every.ROLLING_DAYS else "needling_12_months"
    return ""


def _is_of_needling(limit: Limit, plan: Plan) -> bool:
    return any(limit.name in each.limits and not each.services.isdisjoint(NEEDLING_CODES) for each in plan.benefits)


# ----------------------------------------------------------------------------
# Labels: never who the patient is.
# ----------------------------------------------------------------------------

_NAME = re.compile(r"[A-Z][a-z'’-]+(?:,? (?:[A-Z]\.? )?[A-Z][a-z'’-]+)+")
# Words of a label that is about the body or the clinic, not about a person.
_BODY = "neck back low lower upper left right knee hip shoulder elbow wrist hand foot ankle spine head chest pelvic"
_CLINIC = "needling row case visit chart patient clinic therapist evening morning new eval evaluation post"
_NOT_A_NAME = frozenset(f"{_BODY} {_CLINIC}".split())


def looks_like_a_name(label: str) -> bool:
    """Tell whether a label looks like a person's name.

    >>> [looks_like_a_name(each) for each in ("Jane Doe", "Doe, Jane Q", "Left Knee", "Neck A-12")]
    [True, True, False, False]
    """
    words = re.findall(r"[a-z]+", label.casefold())
    if any(word in _NOT_A_NAME for word in words):
        return False
    return bool(_NAME.fullmatch(label.strip()) or (_NAME.match(label.strip()) and len(words) == len(label.split()) > 1))


_YEAR, _MONTH_AND_DAY = r"(?:19|20)\d{2}", r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*"
_IDENTIFYING = (
    (re.compile(r"\d{3}[- ]?\d{2}[- ]?\d{4}"), "a Social Security number"),
    (re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE), "an email address"),
    (re.compile(r"\(?\d{3}\)?[-. ]?\d{3}[-. ]\d{4}"), "a phone number"),
    (
        re.compile(
            r"(?:\d{1,2}[/.-]){2}(?:19|20)?\d{2}|(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}"
            rf"|\b(?:{_YEAR}{_MONTH_AND_DAY}|{_MONTH_AND_DAY}{_YEAR})\b"
            rf"|\b{_MONTH}\.? \d{{1,2}},? {_YEAR}\b|\b\d{{1,2}}[- ]{_MONTH}\.?,?[- ]{_YEAR}\b",
            re.IGNORECASE,
        ),
        "a date, which could be a birth date",
    ),
    (
        re.compile(r"\b[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}\b", re.IGNORECASE),
        "what looks like a Medicare number",
    ),
)


def identity_in(label: str) -> str:
    """Return what a label holds that tells who the patient is, such as a phone number; empty where nothing does.

    >>> identity_in("123-45-6789"), identity_in("Neck A-12")
    ('a Social Security number', '')
    >>> {identity_in(each) for each in ("Jan. 2, 1980", "2 feb 1980", "19800201", "02011980", "1980/2/1")}
    {'a date, which could be a birth date'}
    >>> identity_in("1EG4-TE5-MK72"), identity_in("2026-0412"), identity_in("Shoulder 20261")
    ('what looks like a Medicare number', '', '')
    """
    return next((says for shape, says in _IDENTIFYING if shape.search(label)), "")


def _cut(cells: Cells) -> Iterator[tuple[str, str]]:
    """Yield the columns whose cells were cut, each with what to do."""
    for name, cell in cells.items():
        if len(cell) >= LONGEST_CELL:
            yield name, f"Enter fewer than {LONGEST_CELL} characters; this was cut: {shown(cell)}."
