"""What we carry about codes: services in our own words, correct coding edits, diagnoses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from estimator.engine.codes import Diagnoses, Diagnosis, Pair, PairEdits, ServiceCode
from estimator.engine.values import Span
from estimator.prices.carried import read_carried


@cache
def service_codes() -> Mapping[str, ServiceCode]:
    """Return the services by code."""
    rows = read_carried("codes.csv").rows
    services = (ServiceCode(row["code"], row["words"], row["kind"], row["timing"] == "15-minutes") for row in rows)
    return MappingProxyType({service.code: service for service in services})


@cache
def pair_edits() -> PairEdits:
    """Return the correct coding edits among our codes, with the edition they come from."""
    carried = read_carried("ncci-pairs.csv")
    pairs = {
        (row["column_one"], row["column_two"]): Pair(
            row["column_one"], row["column_two"], row["indicator"] == "1", row["rationale"]
        )
        for row in carried.rows
        if row["indicator"] != "none"
    }
    none_found = frozenset((row["column_one"], row["column_two"]) for row in carried.rows if row["indicator"] == "none")
    edition = f"{carried.facts['edition']} ({carried.facts['first_day']})"
    return PairEdits(edition, carried.source, MappingProxyType(pairs), none_found)


@cache
def diagnoses() -> Diagnoses:
    """Return the diagnoses that commonly go with needling, and withdrawn codes that people still write."""
    carried = read_carried("diagnoses.csv")
    read = (_diagnosis(row) for row in carried.rows)
    return Diagnoses(carried.source, MappingProxyType({diagnosis.code: diagnosis for diagnosis in read}))


def _diagnosis(row: dict[str, str]) -> Diagnosis:
    last_day = row["last_day"]
    valid = Span(date.fromisoformat(row["first_day"]), date.fromisoformat(last_day) if last_day else None)
    replacements = tuple(row["replacements"].split())
    return Diagnosis(row["code"], row["words"], valid, replacements, row["condition"], row["confidence"])
