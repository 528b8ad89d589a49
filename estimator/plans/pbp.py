"""Reads Medicare's official benefit file of Medicare Advantage plans (PBP Benefits, one zip a year) into definitions.

The zip holds tables of tab-separated text in Windows-1252 without quotes. Six of them are read, row by row and never
unpacked to disk; every column is found by its name, and one that is missing is told by name.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from io import TextIOWrapper
from pathlib import Path, PurePosixPath

from estimator.engine.values import Money
from estimator.errors import PlanFileRefused, Problem
from estimator.files import DAMAGED, breaks_off, day_of, most_rows, opened_zip, require_modest, too_many_rows
from estimator.plans.catalogue_file import Listed
from estimator.plans.medicare_advantage import IN, OUT, STATES, UNKNOWN, Definition, policy_of

MOST_BYTES = 1024**3  # PlanArea.txt, the largest table, has 172 MB.
_LONGEST_LINE = 100_000
_MOST_TOLD = 50
OPEN_WORDS = "Medicare's file says: “{}”. Which of these holds for a visit is not stated. Ask the plan."

Key = tuple[str, str, str]

_HMO, _HMO_POS, _LOCAL_PPO, _REGIONAL_PPO = "01", "02", "04", "31"
_PPO = (_LOCAL_PPO, _REGIONAL_PPO)
_READ_TYPES = (_HMO, _HMO_POS, *_PPO)
_KEY = ("pbp_a_hnumber", "pbp_a_plan_identifier", "segment_id")
_YES, _NO = "1", "2"
_RANGE_TOO = "3"  # Yes, with a minimum and a maximum.
_OWN_AMOUNT = "4"  # The other types of a PPO's deductible name one that Medicare sets, without the amount.
_THERAPY, _SPECIALIST = "7i", "7d"

_PLANS = ("pbp_a_plan_type", "pbp_a_org_marketing_name", "pbp_a_plan_name", "pbp_a_eghp_yn")
_CARE = (
    "pbp_b7i_copay_yn", "pbp_b7i_copay_mc_amt_min", "pbp_b7i_copay_mc_amt_max",
    "pbp_b7i_coins_yn", "pbp_b7i_coins_pct_mc_min", "pbp_b7i_coins_pct_mc_max",
    "pbp_b7i_ded_yn", "pbp_b7i_ded_amt", "pbp_b7i_auth_yn", "pbp_b7i_refer_yn",
    "pbp_b7i_maxenr_yn", "pbp_b7i_maxenr_amt",
    "pbp_b7d_copay_yn", "pbp_b7d_copay_amt_mc_min", "pbp_b7d_copay_amt_mc_max",
    "pbp_b7d_coins_yn", "pbp_b7d_coins_pct_mc_min", "pbp_b7d_coins_pct_mc_max",
)  # fmt: skip
_MONEY = (
    "pbp_d_inn_deduct_yn", "pbp_d_inn_deduct_partb_yn", "pbp_d_inn_deduct_amt", "pbp_d_inn_deduct_bens",
    "pbp_d_inn_deduct_m_yn", "pbp_d_inn_deduct_m_cats",
    "pbp_d_ann_deduct_yn", "pbp_d_ann_deduct_amt_type", "pbp_d_ann_deduct_amt", "pbp_d_ann_deduct_bens",
    "pbp_d_ann_deduct_inn_mc_yn", "pbp_d_ann_deduct_inn_mc_cats", "pbp_d_ann_deduct_inn_nmc_yn",
    "pbp_d_oon_deduct_yn", "pbp_d_oon_deduct_partb_yn", "pbp_d_oon_deduct_amt",
    "pbp_d_out_pocket_amt_yn", "pbp_d_out_pocket_amt", "pbp_d_comb_max_enr_amt_yn", "pbp_d_comb_max_enr_amt",
    "pbp_d_oon_max_enr_oopc_yn", "pbp_d_oon_max_enr_oopc_amt",
)  # fmt: skip
_OUTSIDE = {
    "cats": "pbp_c_oon_out_mc_bendesc_cats", "copay_yn": "pbp_c_oon_outpt_copay_yn",
    "copay_min": "pbp_c_oon_outpt_copay_min_amt", "copay_max": "pbp_c_oon_outpt_copay_max_amt",
    "coins_yn": "pbp_c_oon_outpt_coins_yn", "coins_min": "pbp_c_oon_outpt_coins_min_pct",
    "coins_max": "pbp_c_oon_outpt_coins_max_pct",
}  # fmt: skip
_POINT_OF_SERVICE = {
    "cats": "pbp_c_pos_outpt_mc_bencats", "copay_yn": "pbp_c_pos_outpt_copay_yn",
    "copay_min": "pbp_c_pos_outpt_copay_min_amt", "copay_max": "pbp_c_pos_outpt_copay_max_amt",
    "coins_yn": "pbp_c_pos_outpt_coins_yn", "coins_min": "pbp_c_pos_outpt_coins_min_pct",
    "coins_max": "pbp_c_pos_outpt_coins_max_pct",
}  # fmt: skip
_AREA = ("contract_year", "stcd", "county")
_STATE_NAMES = {letters: name.replace("_", " ") for name, letters in STATES.items()}


@dataclass
class Report:
    """What was read: plans of other kinds passed over, plans refused, and what was left open, by what it is."""

    rows: int = 0
    read: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    refused: list[Problem] = field(default_factory=list)
    left_open: Counter[str] = field(default_factory=Counter)


@dataclass
class BenefitFile:
    """The zip as it was read; `definitions` fills the report while it yields."""

    file: str
    year: int
    read_on: date
    plans: Mapping[Key, Row]
    care: Mapping[Key, Row]
    money: Mapping[Key, Row]
    outside: Mapping[tuple[Key, str], Row]
    areas: Mapping[Key, Mapping[str, frozenset[str]]]
    report: Report

    def definitions(self) -> Iterator[Listed]:
        """Yield a definition for each plan, segment and state; plans that cannot be read go into the report."""
        report = self.report = Report(rows=len(self.plans))
        segments = Counter(key[:2] for key in self.areas)
        for key, row in self.plans.items():
            passed = self._passes_over(key, row)
            if passed:
                report.passed_over[passed] += 1
                continue
            try:
                made = _Making(self, key)
                blocks = made.blocks()
            except _Unreadable as mistake:
                report.refused.append(mistake.problem)
                continue
            report.read += 1
            report.left_open.update(made.left_open)
            for state, counties in sorted(self.areas[key].items()):
                yield self._listed(key, blocks, state, counties if segments[key[:2]] > 1 else frozenset())

    def _passes_over(self, key: Key, row: Row) -> str:
        if row["pbp_a_plan_type"] not in _READ_TYPES:
            return "plans of other kinds"
        if row["pbp_a_eghp_yn"] == _YES:
            return "plans for one employer only"
        return "" if key in self.areas else "plans without a state in the file"

    def _listed(self, key: Key, blocks: Definition, state: str, counties: frozenset[str]) -> Listed:
        contract, plan, segment = key
        row = self.plans[key]
        payer = row["pbp_a_org_marketing_name"]
        part = f", segment {segment}" if counties else ""
        whole = {
            "plan": f"{contract}-{plan}-{segment}-{state}".lower(),
            "title": f"{row['pbp_a_plan_name']}{part}, {_STATE_NAMES[state]}",
            "payer": payer,
            "kind": "published",
            "market": "medicare-advantage",
            "states": [state],
            "in_force": {"first_day": f"{self.year}-01-01", "last_day": f"{self.year}-12-31"},
            "benefit_year": "calendar",
            "sources": {"pbp": self._source()},
            **blocks,
            "policies": [policy_of(payer)],
        }
        # Counties of a plan's segments never overlap: a search by county finds the one segment.
        names = (
            f"{contract}-{plan} {contract}-{plan}-{segment} {contract}_{plan}_{segment} {contract}-{plan}-{segment:0>3}"
        )
        also = " ".join([names, *sorted(counties)])
        return Listed({name: value for name, value in whole.items() if value}, None, also)

    def _source(self) -> Definition:
        title = f"CMS, PBP Benefits {self.year}: the benefits that Medicare Advantage plans filed ({self.file})"
        url = "https://www.cms.gov/data-research/statistics-trends-and-reports/medicare-advantagepart-d-contract-and-enrollment-data/benefits-data"
        return {"title": title, "url": url, "read_on": str(self.read_on), "confidence": "high"}


def read_benefit_file(path: Path, read_on: date | None = None) -> BenefitFile:
    """Read the zip; raise PlanFileRefused where it is damaged or another file, with every row and column at fault."""
    with opened_zip(path, lambda words: _refused(path.name, words)) as archive:
        tables = _Tables(archive, path.name, most_rows(path.stat().st_size))
        plans = tables.by_plan("pbp_Section_A.txt", _PLANS)
        care = tables.by_plan("pbp_b7_health_prof.txt", _CARE)
        money = tables.by_plan("pbp_Section_D.txt", _MONEY)
        outside = {
            **tables.groups("pbp_Section_C_OON.txt", _OUTSIDE),
            **tables.groups("pbp_Section_C_POS.txt", _POINT_OF_SERVICE),
        }
        year, areas = tables.areas("PlanArea.txt")
        day = read_on or max(filter(None, map(day_of, archive.infolist())), default=None)
    if day is None:
        raise _refused(path.name, "This zip carries no day. Enter the day you downloaded it with --read-on.")
    return BenefitFile(
        file=path.name,
        year=year,
        read_on=day,
        plans=plans,
        care=care,
        money=money,
        outside=outside,
        areas=areas,
        report=Report(),
    )


# ----------------------------------------------------------------------------
# The tables of the zip.
# ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """The wanted cells of a row by column, and where it stands; `names` turn our names of columns into the file's."""

    file: str
    number: int
    cells: tuple[str, ...]
    columns: Mapping[str, int]
    names: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return a cell without its outer spaces."""
        return self.cells[self.columns[self.names.get(name, name)]]

    def problem(self, name: str, message: str) -> Problem:
        """Return a problem of a cell of this row."""
        return Problem(self.names.get(name, name), message, self.file, self.number)


class _Tables:
    """Opens the tables of one zip by their names, whatever their case."""

    def __init__(self, archive: zipfile.ZipFile, file: str, most: int) -> None:
        self.archive = archive
        self.file = file
        # What all tables together may still have.
        self._most = self._left = most
        self.members = {PurePosixPath(one.filename).name.lower(): one for one in archive.infolist()}
        self._same: dict[str, str] = {}

    def by_plan(self, name: str, columns: Sequence[str]) -> dict[Key, Row]:
        """Return the rows of a table that has one for each plan; refuse a plan that is there twice."""
        rows: dict[Key, Row] = {}
        mistakes: list[Problem] = []
        with closing(self._rows(name, columns, {})) as read:
            for key, row in read:
                first = rows.setdefault(key, row)
                if first is not row:
                    told = f"{'-'.join(key)} is in row {first.number} already: remove one."
                    mistakes.append(row.problem("pbp_a_hnumber", told))
        _settle(mistakes)
        if not rows:
            raise _refused(f"{self.file}/{name}", "This table has a header and no rows: download the file again.", 2)
        return rows

    def groups(self, name: str, names: Mapping[str, str]) -> dict[tuple[Key, str], Row]:
        """Return the groups of care outside the network that hold physical therapy or the specialist, by plan."""
        found: dict[tuple[Key, str], Row] = {}
        with closing(self._rows(name, tuple(names.values()), names)) as read:
            for key, row in read:
                listed = row["cats"].split(";")
                for category in (_THERAPY, _SPECIALIST):
                    if category in listed:
                        found.setdefault((key, category), row)
        return found

    def areas(self, name: str) -> tuple[int, dict[Key, dict[str, frozenset[str]]]]:
        """Return the year of the file, and the counties of each plan by state."""
        found: dict[Key, dict[str, set[str]]] = {}
        years: set[str] = set()
        mistakes: list[Problem] = []
        with closing(self._rows(name, _AREA, {})) as read:
            for key, row in read:
                years.add(row["contract_year"])
                if row["stcd"] not in _STATE_NAMES:
                    mistakes.append(row.problem("stcd", f"Enter the two letters of a state, not {row['stcd'][:20]!r}."))
                else:
                    found.setdefault(key, {}).setdefault(row["stcd"], set()).add(row["county"])
                if len(years) > 1 or len(mistakes) >= _MOST_TOLD:
                    break
        _settle(mistakes)
        if len(years) != 1 or not re.fullmatch("20[0-9]{2}", year := next(iter(years))):
            told = f"Enter one plan year such as 2027, not {', '.join(sorted(years))[:40]!r}."
            raise _refused(f"{self.file}/{name}", told, 2, "contract_year")
        return int(year), {key: {state: frozenset(one) for state, one in by.items()} for key, by in found.items()}

    def _rows(self, name: str, columns: Sequence[str], names: Mapping[str, str]) -> Generator[tuple[Key, Row]]:
        """Yield every row with its plan; refuse a table whose columns or rows are not those of the official file."""
        file = f"{self.file}/{name}"
        with closing(self._lines(name, file)) as lines:
            yield from self._below(lines, file, columns, names)

    def _below(
        self, lines: Iterator[tuple[int, str]], file: str, columns: Sequence[str], names: Mapping[str, str]
    ) -> Iterator[tuple[Key, Row]]:
        """Yield the rows below the header."""
        header = [label.strip().lower() for label in next(lines, (1, ""))[1].split("\t")]
        wanted = [*_KEY, *columns]
        missing = [label for label in wanted if label not in header]
        if missing:
            told = f"These columns are missing: {', '.join(missing)}. Enter a file of a year whose layout we read."
            raise _refused(file, told, 1)
        # Some names stand twice in the official files, with equal cells: the first is taken.
        places = [header.index(label) for label in wanted]
        at = {label: place for place, label in enumerate(wanted)}
        same = self._same.setdefault
        keys: dict[tuple[str, ...], Key] = {}
        for number, line in lines:
            cells = line.split("\t")
            if len(cells) != len(header):
                told = f"Enter {len(header)} cells in this row, as in the header; it has {len(cells)}."
                raise _refused(file, told, number)
            kept = tuple([same(cell, cell) for cell in (cells[place].strip() for place in places)])
            key = keys.get(kept[:3])
            if key is None:
                key = keys.setdefault(kept[:3], _key(kept, file, number))
            yield key, Row(file, number, kept, at, names)

    def _lines(self, name: str, file: str) -> Generator[tuple[int, str]]:
        member = self.members.get(name.lower())
        if member is None:
            raise _refused(self.file, f"This zip has no {name}. Enter the PBP Benefits zip as CMS ships it.")
        require_modest(member, MOST_BYTES, lambda words: _refused(self.file, words))
        number = 0
        try:
            with self.archive.open(member) as opened, TextIOWrapper(opened, encoding="cp1252", newline="\n") as text:
                while line := text.readline(_LONGEST_LINE + 1):
                    number += 1
                    self._left -= 1
                    if self._left < 0:
                        raise _refused(file, too_many_rows(self._most), number)
                    if len(line) > _LONGEST_LINE:
                        raise _refused(
                            file,
                            f"This line is longer than {_LONGEST_LINE:,} characters: download the file again.",
                            number,
                        )
                    yield number, line.rstrip("\r\n")
        except UnicodeDecodeError as error:
            told = "This row is no text in Windows-1252: download the file again."
            raise _refused(file, told, number + 1) from error
        except DAMAGED as error:
            raise _refused(file, breaks_off(error), number + 1) from error


def _key(cells: Sequence[str], file: str, number: int) -> Key:
    """Return contract, plan and segment, the plan padded and the segment not, as CMS writes them."""
    contract, plan, segment = cells[0].upper(), cells[1].zfill(3), cells[2]
    if re.fullmatch("[A-Z][0-9]{4} [0-9]{3} [0-9]{1,3}", f"{contract} {plan} {segment}"):
        return contract, plan, str(int(segment))
    told = f"Enter a plan such as H2406, 013 and 0, not {' '.join(cells[:3])[:40]!r}."
    raise _refused(file, told, number, "pbp_a_hnumber")


def _settle(mistakes: list[Problem]) -> None:
    if mistakes:
        raise PlanFileRefused(tuple(mistakes[:_MOST_TOLD]))


def _refused(file: str, message: str, row: int | None = None, column: str = "") -> PlanFileRefused:
    return PlanFileRefused((Problem(column, message, file, row),))


# ----------------------------------------------------------------------------
# One plan: what a visit costs in and out of network, deductibles, maximums, authorization and referral.
#
# A range of copays stays a range. A range of percentages, and a copay beside a percentage, are unknown with the quote.
# What the file names without its amount (a deductible that Medicare sets) is unknown.
# ----------------------------------------------------------------------------


class _Unreadable(Exception):
    """A cell of a plan that is none of what the official file may hold."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class _Making:
    """The blocks of one plan; what leaves something open is counted and becomes a note."""

    def __init__(self, file: BenefitFile, key: Key) -> None:
        self.key = key
        self.plan = file.plans[key]
        self.kind = self.plan["pbp_a_plan_type"]
        self.care = self._of(file.care, "pbp_b7_health_prof.txt")
        self.money = self._of(file.money, "pbp_Section_D.txt")
        self.outside = {name: file.outside.get((key, name)) for name in (_THERAPY, _SPECIALIST)}
        self.notes: list[Definition] = []
        self.left_open: Counter[str] = Counter()

    def _of(self, rows: Mapping[Key, Row], table: str) -> Row:
        found = rows.get(self.key)
        if found is None:
            raise _Unreadable(
                self.plan.problem("pbp_a_hnumber", f"{'-'.join(self.key)} has no row in {table}: add it.")
            )
        return found

    def blocks(self) -> Definition:
        """Return networks, benefits and notes."""
        networks = {IN: self._inside(), OUT: self._outside()}
        benefits = {
            "physical-therapy": {
                "services": ["pt-evaluation", "pt-timed", "pt-untimed"],
                **self._own_deductible(),
                **self._permissions(),
                "cost_share": self._shares(_THERAPY, networks, _columns("7i", "copay_mc_amt")),
                "cite": "pbp 7i",
            },
            "specialist-visit": {
                "services": ["office-visit"],
                "cost_share": self._shares(_SPECIALIST, networks, _columns("7d", "copay_amt_mc")),
                "cite": "pbp 7d",
            },
        }
        self._own_maximum()
        return {"networks": networks, "benefits": benefits, "notes": self.notes}

    def _shares(self, category: str, networks: Definition, inside: Mapping[str, str]) -> Definition:
        has_own = category == _THERAPY and self.care["pbp_b7i_ded_yn"] == _YES
        order = "applies" if has_own else self._order(category, networks)
        shares: Definition = {IN: self._share(self.care, inside, category, order)}
        row = self.outside[category]
        if networks[OUT] == "not-covered":
            shares[OUT] = "not-covered"
        elif row is None:
            shares[OUT] = UNKNOWN
        else:
            shares[OUT] = self._share(row, {}, f"{category} out of network", self._outer_order(networks))
        return shares

    def _share(self, row: Row, names: Mapping[str, str], called: str, order: str) -> Definition | str:
        copay_yn, coins_yn = (self._answer(row, names.get(one, one)) for one in ("copay_yn", "coins_yn"))
        copays = self._ends(row, names, "copay") if copay_yn else None
        rates = self._ends(row, names, "coins") if coins_yn else None
        said = "; ".join(
            words
            for words in (
                f"copay ${copays[0]} to ${copays[1]}" if copays else "",
                f"coinsurance {rates[0]}% to {rates[1]}%" if rates else "",
            )
            if words
        )
        cited = {"deductible": order, "cite": f"pbp {called}: {said or 'no copay, no coinsurance'}"}
        if copay_yn is None or coins_yn is None:
            return UNKNOWN
        if copays and rates:
            self._leave_open(called, said)
            return UNKNOWN
        if copays:
            if copays[0] == copays[1]:
                return {"copay": copays[0], **cited}
            self._leave_open(called, said)
            return {"copay": {"from": copays[0], "to": copays[1]}, **cited}
        if rates:
            if rates[0] == rates[1]:
                return {"coinsurance": f"{rates[0]}%", **cited}
            self._leave_open(called, said)
            return {"coinsurance": UNKNOWN, **cited}
        return {"copay": "0.00", **cited}

    def _ends(self, row: Row, names: Mapping[str, str], what: str) -> tuple[str, str]:
        read = _amount if what == "copay" else _percent
        low, high = (read(row, names.get(f"{what}_{end}", f"{what}_{end}")) for end in ("min", "max"))
        if Money.parse(low) > Money.parse(high):
            column = names.get(f"{what}_max", f"{what}_max")
            raise _Unreadable(row.problem(column, f"Enter a maximum of at least the minimum {low}, not {high}."))
        return low, high

    def _answer(self, row: Row, column: str) -> bool | None:
        """Return what a question of the file was answered; None where it was left blank."""
        said = row[column]
        if said not in (_YES, _NO, _RANGE_TOO, ""):
            raise _Unreadable(row.problem(column, f"Enter 1 for yes or 2 for no, not {said[:20]!r}."))
        return said != _NO if said else None

    def _own_deductible(self) -> Definition:
        if not self._answer(self.care, "pbp_b7i_ded_yn"):
            return {}
        amount = _amount(self.care, "pbp_b7i_ded_amt")
        return {"deductible": {"person": amount, "cite": f"pbp 7i deductible: {amount}"}}

    def _own_maximum(self) -> None:
        if self._answer(self.care, "pbp_b7i_maxenr_yn"):
            self._leave_open(
                "7i out-of-pocket maximum", f"therapy out-of-pocket maximum ${self.care['pbp_b7i_maxenr_amt']}"
            )

    def _permissions(self) -> Definition:
        needed: Definition = {}
        for key, column, missing in (
            ("authorization", "pbp_b7i_auth_yn", "provider-absorbs"),
            ("referral", "pbp_b7i_refer_yn", UNKNOWN),
        ):
            answer = self._answer(self.care, column)
            if answer is None:
                needed[key] = UNKNOWN
            elif answer:
                bears = {"if_missing": missing, "if_missing_out_of_network": UNKNOWN}
                needed[key] = {"from_visit": "1", "counts": "course", **bears, "cite": f"pbp {column} 1"}
        return needed

    def _inside(self) -> Definition:
        most = self._maximum("pbp_d_out_pocket_amt_yn", "pbp_d_out_pocket_amt")
        if isinstance(most, dict) and self.kind in _PPO and self._answer(self.money, "pbp_d_comb_max_enr_amt_yn"):
            most = {**most, "also_credits": [OUT]}
        return {"deductible": self._deductible()[0], "out_of_pocket_max": most}

    def _outside(self) -> Definition | str:
        if self.kind == _HMO:
            return "not-covered"
        most = self._maximum("pbp_d_comb_max_enr_amt_yn", "pbp_d_comb_max_enr_amt")
        if most == UNKNOWN:
            most = self._maximum("pbp_d_oon_max_enr_oopc_yn", "pbp_d_oon_max_enr_oopc_amt")
        return {"deductible": self._deductible()[1], "out_of_pocket_max": most}

    def _maximum(self, asked: str, amount: str) -> Definition | str:
        if not self._answer(self.money, asked):
            return UNKNOWN
        read = _amount(self.money, amount)
        return {"person": read, "cite": f"pbp {amount}: {read}"}

    def _deductible(self) -> tuple[Definition | str, Definition | str]:
        """Return the deductible in and out of network."""
        if self.kind not in _PPO:
            return self._of_family("inn"), self._of_family("oon")
        money = self.money
        answer = self._answer(money, "pbp_d_ann_deduct_yn")
        if answer is None:
            return UNKNOWN, UNKNOWN
        if not answer:
            return "none", "none"
        if money["pbp_d_ann_deduct_amt_type"] != _OWN_AMOUNT:
            return UNKNOWN, UNKNOWN
        amount = _amount(money, "pbp_d_ann_deduct_amt")
        own = {"person": amount, "cite": f"pbp pbp_d_ann_deduct_amt: {amount}"}
        scope = money["pbp_d_ann_deduct_bens"].ljust(3, "0")
        is_inside = "1" in scope[1:] or _YES in (
            money["pbp_d_ann_deduct_inn_mc_yn"],
            money["pbp_d_ann_deduct_inn_nmc_yn"],
        )
        if not is_inside:
            return "none", own
        # With out-of-network services in the scope too it is not said whether one amount serves both networks.
        return own, UNKNOWN

    def _of_family(self, family: str) -> Definition | str:
        answer = self._answer(self.money, f"pbp_d_{family}_deduct_yn")
        if answer is None or (answer and self.money[f"pbp_d_{family}_deduct_partb_yn"] == _YES):
            return UNKNOWN
        if not answer:
            return "none"
        amount = _amount(self.money, f"pbp_d_{family}_deduct_amt")
        return {"person": amount, "cite": f"pbp pbp_d_{family}_deduct_amt: {amount}"}

    def _order(self, category: str, networks: Definition) -> str:
        """Return whether the deductible comes before the share of a category in network."""
        if networks[IN]["deductible"] == "none":
            return "waived"
        family = ("ann", "inn_mc") if self.kind in _PPO else ("inn", "m")
        scope = self.money[f"pbp_d_{family[0]}_deduct_bens"]
        if not scope:
            return UNKNOWN
        prefix = f"pbp_d_{family[0]}_deduct_{family[1]}"
        is_named = category in self.money[f"{prefix}_cats"].split(";")
        applies = scope.ljust(2, "0")[1] == "1" and (self.money[f"{prefix}_yn"] == _YES or is_named)
        return "applies" if applies else "waived"

    def _outer_order(self, networks: Definition) -> str:
        outer, inner = networks[OUT]["deductible"], networks[IN]["deductible"]
        if outer == "none":
            return "waived"
        return "applies" if inner == "none" and isinstance(outer, dict) else UNKNOWN

    def _leave_open(self, what: str, said: str) -> None:
        self.left_open[what] += 1
        self.notes.append({"text": OPEN_WORDS.format(said), "cite": f"pbp {what}"})


def _columns(category: str, copays: str) -> Mapping[str, str]:
    """Return the columns of a category in network: the order of words differs between categories."""
    prefix = f"pbp_b{category}"
    return {
        "copay_yn": f"{prefix}_copay_yn",
        "copay_min": f"{prefix}_{copays}_min",
        "copay_max": f"{prefix}_{copays}_max",
        "coins_yn": f"{prefix}_coins_yn",
        "coins_min": f"{prefix}_coins_pct_mc_min",
        "coins_max": f"{prefix}_coins_pct_mc_max",
    }


def _amount(row: Row, column: str) -> str:
    said = row[column]
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,2})?", said):
        raise _Unreadable(row.problem(column, f"Enter an amount such as 65.00, not {said[:20]!r}."))
    return str(Money.parse(said))


def _percent(row: Row, column: str) -> str:
    said = row[column]
    if not re.fullmatch(r"[0-9]{1,3}", said) or int(said) > 100:
        raise _Unreadable(row.problem(column, f"Enter a whole percentage from 0 to 100, not {said[:20]!r}."))
    return str(int(said))
