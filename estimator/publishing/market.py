"""Publish what files of payers and hospitals say that clinics and hospitals are paid, with the files they come from.

Of a payer's in-network files, quantiles over clinics by code; of a hospital's file, what each payer pays it.

A table is one row, added whole or not at all: whatever stops an import, what priced before still does. Taking one back
adds a row too, so that saved estimates are made again by what priced at their moment.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Engine

from estimator.clock import today
from estimator.db.connection import reading, require_ready
from estimator.db.official import (
    HOSPITAL_CHARGES,
    MARKET_RATES,
    NewTable,
    OfficialTable,
    newest_table,
    tables_of,
)
from estimator.engine.values import Money
from estimator.errors import Problem, RatesRefused
from estimator.insurers.matching import find_insurer
from estimator.insurers.registry import registry
from estimator.plans.folder import library
from estimator.prices.hospital import HospitalFile, folded
from estimator.prices.market import EVERYWHERE, market_rows
from estimator.prices.rates import VISIT, FileRates, Row, kept_rows, market_json, market_of, own_prices
from estimator.publishing.official_tables import publish_table
from estimator.settings import plans_folder

_ZIPS = re.compile("([0-9]{3})-([0-9]{3})")
_MOST_TOLD = 8
# In the place of a number of rows: which one was restored, 0 where nothing was published before.
_RESTORES = "restores"


class Area(NamedTuple):
    """Whose clinics figures are of: a payer's, in a state, in ZIP codes by their first three digits."""

    insurer: str
    state: str
    zips: tuple[str, str] = EVERYWHERE

    @property
    def name(self) -> str:
        """Return the name under which its tables are kept."""
        zips = "" if self.zips == EVERYWHERE else f" {'-'.join(self.zips)}"
        return f"{self.insurer} {self.state}{zips}"


def area_of(insurer: str, state: str, zips: str) -> Area:
    """Return an area as a person names it; raise RatesRefused where the insurer or the ZIP codes are none."""
    if insurer not in registry().insurers:
        words = f"No insurer has the id {insurer}. Find it with `estimator insurers find`, such as bcbs-mn."
        raise RatesRefused((Problem("insurer", words),))
    if not state:
        raise RatesRefused((Problem("state", "Enter the state whose clinics these are, such as MN."),))
    return Area(insurer, state, _zips(zips))


def _zips(written: str) -> tuple[str, str]:
    if not written:
        return EVERYWHERE
    found = _ZIPS.fullmatch(written)
    if found is None or found[2] < found[1]:
        words = f"Enter the first three digits of the first and the last ZIP code, such as 550-556, not {written}."
        raise RatesRefused((Problem("zips", words),))
    return found[1], found[2]


@dataclass(frozen=True, slots=True)
class MarketChange:
    """What publishing would change: codes that are new and gone, and (code, median before, median after) of others."""

    is_first: bool
    new: tuple[str, ...]
    gone: tuple[str, ...]
    moved: tuple[tuple[str, str, str], ...]


def new_market(area: Area, files: Sequence[FileRates], tin: str = "", npi: str = "") -> NewTable:
    """Return the table that files make; raise RatesRefused where they hold no price of a unit in a clinic.

    What they say of the clinic with this TIN or NPI, which is ours, stands beside the figures of all.
    """
    rows = list(kept_rows(files))
    quantiles = market_of(rows)
    own = {code: {"own": [*map(str, prices)]} for code, prices in own_prices(rows, tin, npi).items()}
    if not quantiles:
        words = "These files hold no price of a unit in a clinic. Enter in-network files with therapy codes."
        raise RatesRefused((Problem("", words, files[0].provenance.file if files else ""),))
    dated = min((one.provenance.dated for one in files if one.provenance.dated), default=None)
    says = {
        **_named(area),
        "payer": next((one.provenance.payer for one in files if one.provenance.payer), area.insurer),
        "networks": _networks(rows),
        "dated": dated.isoformat() if dated else None,
        "files": [_provenance(one) for one in files],
        "rows": [market_json(one) | own.get(one.code, {}) for one in quantiles],
    }
    names = ", ".join(one.provenance.file for one in files)
    return NewTable(MARKET_RATES, area.name, dated or today(), names, says)


def new_charges(file: HospitalFile, state: str, zips: str) -> NewTable:
    """Return the table that a hospital's file makes; raise RatesRefused where it holds no price of a unit.

    The state is that of its license unless another is named. Rows of a payer that no insurer's name fits are kept too:
    they are shown, and price no plan. Rates of a visit or a case stand by themselves.
    """
    where = state or file.state
    if not where:
        raise RatesRefused((Problem("state", "Enter the state of the hospital, such as MN.", file.file),))
    if not file.hospital:
        raise RatesRefused(
            (Problem("", "The file does not name its hospital. Give the file as published.", file.file),)
        )
    rows = _charge_rows(folded(file), where)
    if not any(row["payer"] for row in rows):
        words = "This file holds no dollar price of a unit of therapy for any payer. Give another hospital’s file."
        raise RatesRefused((Problem("", words, file.file),))
    counted = Counter(charge.apart for charge in file.charges)
    kept = counted.pop("", 0)
    source = {
        "file": file.file,
        "sha256": file.sha256,
        "dated": file.dated.isoformat() if file.dated else None,
        "schema": file.schema,
        "kept": kept,
        "apart": dict(sorted(counted.items())),
        "refused": dict(file.refused),
    }
    says = {
        **_named(Area("", where, _zips(zips))),
        "hospital": file.hospital,
        "dated": source["dated"],
        "files": [source],
        "rows": rows,
        "visit_rates": _charge_rows(folded(file, VISIT), where),
    }
    return NewTable(HOSPITAL_CHARGES, f"{file.hospital}, {where}", file.dated or today(), file.file, says)


def _charge_rows(prices: Mapping[tuple[str, str, str], Money], state: str) -> list[dict[str, str]]:
    names = {payer: find_insurer(payer, state).insurer for payer, _, _ in prices if payer}
    meant = {payer: insurer.id for payer, insurer in names.items() if insurer is not None}
    return [
        {"payer": payer, "insurer": meant.get(payer, ""), "market": market, "code": code, "median": str(amount)}
        for (payer, market, code), amount in prices.items()
    ]


def compare_market(engine: Engine | None, new: NewTable) -> MarketChange:
    """Return what publishing a table would change in what prices its area now: the one before, or what ships."""
    shipped = _shipped(new)
    before = shipped
    if engine is not None:
        with reading(engine) as connection:
            kept = newest_table(connection, new.kind, new.name)
        before = {**shipped, **(_medians(kept.says["rows"]) if kept else {})}
    after = {**shipped, **_medians(new.says["rows"])}
    both = sorted(before.keys() & after.keys())
    moved = tuple((code, before[code], after[code]) for code in both if before[code] != after[code])
    return MarketChange(
        not before, tuple(sorted(after.keys() - before.keys())), tuple(sorted(before.keys() - after.keys())), moved
    )


def _shipped(new: NewTable) -> dict[str, str]:
    """Return the medians that ship for the payer and area of a table: they price the codes that it does not have."""
    if new.kind != MARKET_RATES:
        return {}
    area = tuple(new.says[name] for name in ("insurer", "state", "zips"))
    rows = (row for row in market_rows() if (row.insurer, row.state, [*row.zips]) == area)
    return {row.code: str(row.quantiles[2]) for row in rows}


def _medians(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the median by code, of a hospital by payer and code."""
    return {" ".join(filter(None, (row.get("payer"), row.get("market"), row["code"]))): row["median"] for row in rows}


def published_markets(engine: Engine, insurer: str | None = None) -> tuple[tuple[OfficialTable, bool], ...]:
    """Return every table of a payer, or of all payers and hospitals, the newest first, and whether it prices now."""
    with reading(engine) as connection:
        tables = (*tables_of(connection, MARKET_RATES), *tables_of(connection, HOSPITAL_CHARGES))
    tables = tuple(sorted(tables, key=lambda one: -one.id))
    newest = {one.name: one.id for one in reversed(tables)}
    return tuple(
        (one, newest[one.name] == one.id and bool(one.says["rows"]))
        for one in tables
        if insurer in (None, one.says["insurer"])
    )


def roll_back_market(engine: Engine, area: Area, by: str = "") -> OfficialTable | None:
    """Take back the table that prices an area; return the one that prices again, None where there was none before.

    Raises RatesRefused where nothing of the area is published.
    """
    says = {**_named(area), "payer": "", "networks": [], "dated": None, "files": [], "rows": []}
    return _roll_back(engine, MARKET_RATES, area.name, says, by)


def roll_back_hospital(engine: Engine, name: str, by: str = "") -> OfficialTable | None:
    """Take back the newest table of a hospital, named as the history does; return the one that prices again.

    Raises RatesRefused where nothing of the hospital is published.
    """
    return _roll_back(engine, HOSPITAL_CHARGES, name, {}, by)


def _roll_back(engine: Engine, kind: str, name: str, empty: Mapping[str, Any], by: str) -> OfficialTable | None:
    require_ready(engine)
    with reading(engine) as connection:
        tables = [one for one in tables_of(connection, kind) if one.name == name]
    if not tables or not tables[0].says["rows"]:
        words = f"Nothing of {name} is published. `estimator rates history` lists what was."
        raise RatesRefused((Problem("insurer", words),))
    origin = tables[0].says.get(_RESTORES, tables[0].id)
    before = next((one for one in tables if one.id < origin), None)
    if before is None or not before.says["rows"]:
        nothing = empty or {**tables[0].says, "files": [], "rows": [], "visit_rates": []}
        publish_table(engine, NewTable(kind, name, today(), "", {**nothing, _RESTORES: 0}), by)
        return None
    says = {**before.says, _RESTORES: before.says.get(_RESTORES, before.id)}
    publish_table(engine, NewTable(kind, name, before.first_day, before.files, says), by)
    return before


def change_lines(change: MarketChange) -> list[str]:
    """Return a change in words."""
    if change.is_first:
        return [f"Nothing of this payer and area prices by now: {len(change.new)} codes are new."]
    told = [f"  {code}: median ${before}, then ${after}" for code, before, after in change.moved[:_MOST_TOLD]]
    more = [f"  and {len(change.moved) - _MOST_TOLD} more"] if len(change.moved) > _MOST_TOLD else []
    return [f"{len(change.new)} codes new, {len(change.gone)} gone, {len(change.moved)} medians change.", *told, *more]


def _named(area: Area) -> dict[str, Any]:
    rule = library(plans_folder()).states.get(area.state)
    name = rule.name if rule else area.state
    return {"insurer": area.insurer, "state": area.state, "area": name, "zips": list(area.zips)}


def _networks(rows: Sequence[Row]) -> list[str]:
    return sorted({network for row in rows if row.counts_for_market for network in row.networks})


def _provenance(file: FileRates) -> dict[str, Any]:
    source = file.provenance
    return {
        "file": source.file,
        "sha256": source.sha256,
        "dated": source.dated.isoformat() if source.dated else None,
        "schema": source.schema,
        "read": source.read,
        "kept": source.kept,
        "refused": dict(source.refused),
    }
