"""Hostile files of at most 1 MB, by the reader they attack; each is read in a child process that measures itself."""

# ruff: noqa: E501 - a shape is a line.

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import random
import resource
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, partial
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time
from typing import Any, TypeVar

from estimator.billing.clinic import read_clinic
from estimator.billing.remittance import read_remittance
from estimator.billing.schedule_file import read_schedule
from estimator.db.backup import check_backup, read_backup
from estimator.db.connection import memory_engine
from estimator.db.tables import metadata
from estimator.eligibility.explanation import read_explanation
from estimator.eligibility.read import read_eligibility
from estimator.eligibility.x12_270 import asked_in
from estimator.errors import EstimatorError
from estimator.estimates.contract import read_request
from estimator.estimates.contract_values import read_json
from estimator.plans.catalogue_file import read_catalogue
from estimator.plans.crosswalk import read_crosswalk
from estimator.plans.folder import library
from estimator.plans.medicare_advantage import COLUMNS as PLAN_FINDER
from estimator.plans.pbp import _KEY as PBP_KEY
from estimator.plans.read import read_plan
from estimator.plans.shelf import Shelf
from estimator.plans.text import LARGEST as LARGEST_YAML
from estimator.prices.cms_files import read_gpcis, read_localities, read_rvus, read_zips
from estimator.prices.coding_edits import read_edition
from estimator.prices.hospital import read_hospital
from estimator.prices.rates import read_all, read_rates
from estimator.prices.store import Kind
from estimator.publishing.catalogues import read_benefit_zip, read_marketplace_files, read_medicare_advantage_file
from estimator.publishing.clinic_lists import read_new_list
from estimator.publishing.rule_files import read_rule_file
from estimator.settings import plans_folder
from tests.plans.marketplace_files import BENEFIT_COLUMNS, PLAN_COLUMNS, benefit, plan, text_of
from tests.plans.pbp_files import _COLUMNS as BENEFIT_TABLES
from tests.prices.cms import official
from tests.prices.test_coding_edits import HEAD as EDITS_HEAD

LARGEST = 1_000_000
MOST_SECONDS = 1.0
MOST_MEMORY = 200_000_000
SPARE = 1 << 30
LONGEST_SECONDS = 12
_NEAR = 0.8
_MORE_TIMES = 2
# Seconds of the processor that 300,000 squares take where a core is not shared.
_ORDINARY = 0.018

T = TypeVar("T")
DAY = date(2026, 3, 2)
SHARED = library(plans_folder()).shared

Build = Callable[[], bytes]
Reader = Callable[[bytes], object]


def in_file(read: Callable[[Path], object], name: str = "file") -> Reader:
    """Return a reader of bytes from one of files."""

    def reader(content: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            found = read(path)
            return list(found[1]) if isinstance(found, tuple) and hasattr(found[-1], "__next__") else found

    return reader


def as_table(read: Callable[[Path], object], name: str, plain: str = ".csv") -> Reader:
    """Return a reader of bytes from a table, in a zip or plain: its name tells which."""
    return lambda content: in_file(read, name + (".zip" if content.startswith(b"PK") else plain))(content)


def request_in(content: bytes) -> object:
    return read_request(read_json(content.decode()), DAY)


def restore(path: Path) -> object:
    check_backup(path)
    with memory_engine().begin() as connection:
        metadata.create_all(connection)
        return read_backup(connection, path)


def marketplace_of(benefits: Path) -> object:
    """Read benefits beside the attributes of one plan."""
    attributes = benefits.with_name("attributes.csv")
    attributes.write_text(text_of(PLAN_COLUMNS, [plan()]), "utf-8")
    return read_marketplace_files(benefits, attributes, read_on=DAY)


def attributes_of(attributes: Path) -> object:
    """Read attributes beside the benefit of one plan."""
    benefits = attributes.with_name("benefits.csv")
    benefits.write_text(text_of(BENEFIT_COLUMNS, [benefit()]), "utf-8")
    return read_marketplace_files(benefits, attributes, read_on=DAY)


@cache
def rules_here() -> Shelf:
    """Return a database that holds no rule of its own, so that those of the folder are in force."""
    engine = memory_engine()
    with engine.begin() as connection:
        metadata.create_all(connection)
    return Shelf(engine, library(plans_folder()))


READERS: Mapping[str, Reader] = {
    "schedule": lambda content: read_schedule(content, "schedule"),
    "price list": lambda content: read_new_list(Kind.CONTRACT, content, "list"),
    "inquiries": lambda content: asked_in(content, "Clinic", "1234567893", DAY, ["30"], []),
    "eligibility": read_eligibility,
    "explanation": read_explanation,
    "remittance": read_remittance,
    "request": request_in,
    "plan file": lambda content: read_plan(content, "plan.yaml", SHARED),
    "rule file": lambda content: read_rule_file(rules_here(), content.decode()),
    "rates": in_file(read_rates, "rates.json.gz"),
    "hospital": in_file(read_hospital, "hospital"),
    "table of contents": in_file(lambda path: read_all([path]), "contents.json.gz"),
    "ZIP codes": as_table(read_zips, "ZIP5"),
    "relative values": as_table(read_rvus, "PPRRVU"),
    "price indices": as_table(read_gpcis, "GPCI"),
    "localities": as_table(read_localities, "26LOCCO"),
    "coding edits": as_table(lambda path: read_edition([path], "v32.3"), "ccipra-v323r0-f1", ".txt"),
    "Marketplace": in_file(marketplace_of, "benefits.csv"),
    "Marketplace attributes": in_file(attributes_of, "attributes.csv"),
    "Medicare Advantage": in_file(read_benefit_zip, "pbp.zip"),
    "Medicare Advantage table": in_file(lambda path: read_medicare_advantage_file(path, 2026, DAY), "plans.csv"),
    "clinic": in_file(read_clinic, "clinic.json"),
    "crosswalk": in_file(read_crosswalk, "crosswalk2027.csv"),
    "catalogue": in_file(read_catalogue, "plans.xz"),
    "backup": in_file(restore, "backup.gz"),
}


# ----------------------------------------------------------------------------
# Workbooks.
# ----------------------------------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_BOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELS = (
    f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
_TOP = (
    f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)


def workbook(sheet: str, shared: str = "", **more: bytes) -> bytes:
    """Pack a workbook with one sheet."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("_rels/.rels", _TOP)
        archive.writestr("xl/workbook.xml", _BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _RELS)
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{_MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
        )
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">{shared}</sst>')
        for name, content in more.items():
            archive.writestr(f"xl/{name}.xml", content)
    return packed.getvalue()


def rows(cell: str, across: int, down: int) -> str:
    return "".join(f'<row r="{row}">{cell * across}</row>' for row in range(1, down + 1))


def placed(cell: str, across: int, down: int) -> str:
    columns = [chr(65 + at) if at < 26 else f"A{chr(39 + at)}" for at in range(across)]
    return "".join(
        f'<row r="{row}">{"".join(cell.format(at=f"{column}{row}") for column in columns)}</row>'
        for row in range(1, down + 1)
    )


WORKBOOKS: Mapping[str, Build] = {
    "one long text in many cells": lambda: workbook(
        rows('<c t="s"><v>0</v></c>', 20, 5_000), f"<si><t>{'x' * 90_000}</t></si>"
    ),
    "one long text in some cells": lambda: workbook(
        rows('<c t="s"><v>0</v></c>', 20, 700), f"<si><t>{'x' * 90_000}</t></si>"
    ),
    "many tiny cells": lambda: workbook(rows('<c t="s"><v>0</v></c>', 50, 50_000), "<si><t>x</t></si>"),
    "many numbers": lambda: workbook(placed('<c r="{at}"><v>1</v></c>', 40, 8_000)),
    "many long numbers": lambda: workbook(rows(f"<c><v>{'9' * 300}</v></c>", 50, 3_000)),
    "many empty cells": lambda: workbook(rows("<c/>", 50, 80_000)),
    "many empty rows": lambda: workbook("<row/>" * 4_000_000),
    "a wide row, then many rows": lambda: workbook(
        f"<row>{'<c><v>1</v></c>' * 300_000}</row>" + '<row><c r="A9"><v>1</v></c></row>' * 9_000
    ),
    "a cell far away": lambda: workbook(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    ),
    "a cell fairly far away": lambda: workbook(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="99999"><c r="AZ99999"><v>1</v></c></row>'
    ),
    "a far cell hidden in an entity": lambda: workbook(
        '<row><c r="A1"><v>1</v></c></row><row><c r="&#88;&#70;&#68;1048576"><v>1</v></c></row>'
    ),
    "many inline texts": lambda: workbook(rows(f'<c t="inlineStr"><is><t>{"x" * 5_000}</t></is></c>', 20, 600)),
    "many shared texts": lambda: workbook("", "<si><t>x</t></si>" * 3_000_000),
    "large styles": lambda: workbook("<row><c><v>1</v></c></row>", styles=b"<styleSheet>" + b"<xf/>" * 9_000_000),
    "deep elements": lambda: workbook("<a>" * 5_000_000),
    "entities": lambda: workbook("&amp;" * 9_000_000),
    "many parts": lambda: parts_of_a_workbook(7_000),
    "one part over and over": lambda: overlapping(),
}


def parts_of_a_workbook(number: int) -> bytes:
    return workbook("<row><c><v>1</v></c></row>", **{f"p{at}": b"" for at in range(number)})


def overlapping() -> bytes:
    """A zip whose directory names one part a thousand times."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/a.xml", b"<a/>" * 400_000)
        first = archive.infolist()[0]
        archive.filelist += [first] * 5_000
    return packed.getvalue()


# ----------------------------------------------------------------------------
# Text: CSV, JSON, X12, YAML.
# ----------------------------------------------------------------------------

_SCHEDULE = "plan,zip,first_day,services\n"
_CONTRACT = "plan,code,amount,basis,first_day,last_day\n"
_PEOPLE = "payer,payer_id,member_id,last_name,first_name,born\n"


def full(start: str, again: str, end: str = "", most: int = LARGEST) -> bytes:
    """Repeat something until the file is as large as it may be."""
    room = most - len(start.encode()) - len(end.encode())
    return f"{start}{again * (room // len(again.encode()))}{end}".encode()


def csvs(header: str) -> Mapping[str, Build]:
    return {
        "many commas": lambda: full(header, ","),
        "many rows of commas": lambda: full(header, f"{',' * header.count(',')}x\n"),
        "many rows": lambda: full(header, "x\n"),
        "many empty rows": lambda: full(header, "\n"),
        "one quoted cell": lambda: full(header + '"', "x\n"),
        "many quotes": lambda: full(header, '"'),
        "many columns": lambda: full("", "abcdef,"),
        "many equal columns": lambda: full("", "plan,"),
        "one line": lambda: full("", "x"),
        "odd ends of lines": lambda: full(header, "\u2028"),
    }


def json_shapes(start: str = '{"a":', end: str = "}") -> Mapping[str, Build]:
    return {
        "deep lists": lambda: full(start, "["),
        "deep objects": lambda: full(start, '{"a":'),
        "lists in turn": lambda: full(f"{start}[", "[],", f"[]]{end}"),
        "objects in turn": lambda: full(f"{start}[", "{},", f"{{}}]{end}"),
        "many numbers": lambda: full(f"{start}[", "1,", f"1]{end}"),
        "one long number": lambda: full(start, "9", end),
        "one long fraction": lambda: full(f"{start}0.", "9", end),
        "many exponents": lambda: full(f"{start}[", "1e9999999,", f"1]{end}"),
        "a quote that never ends": lambda: full(f'{start}"', "x"),
        "open quotes": lambda: full(start, '\\"'),
        "many quotes": lambda: full(start, '"'),
        "quotes and backslashes": lambda: full(f'{start}"', '\\"'),
        "quotes before backslashes": lambda: full(start, '"\\'),
        "many texts": lambda: full(f"{start}[", '"",', f'""]{end}'),
        "one key again and again": lambda: full("{", '"a":1,', '"a":1}'),
        "many keys": lambda: ("{" + ",".join(f'"k{at}":1' for at in range(80_000)) + "}").encode(),
        "white space": lambda: full(start, " "),
        "not a number": lambda: full(f"{start}[", "NaN,", f"1]{end}"),
    }


def as_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def bundle(resource_: Mapping[str, Any], number: int) -> bytes:
    """Put a resource into a bundle so many times, or as often as there is room."""
    one = {"resource": resource_}
    number = min(number, (LARGEST - 200) // (len(as_json(one)) + 1))
    return as_json({"resourceType": "Bundle", "type": "collection", "entry": [one] * number})


def coded(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


def insurance(items: int, benefit: Mapping[str, Any] | None = None) -> dict[str, Any]:
    row = {
        "category": coded("physical therapy"),
        "benefit": [benefit or {"type": coded("copay"), "allowedMoney": {"value": 1}}],
    }
    return {"inforce": True, "item": [row] * items}


_RESPONSE = {"resourceType": "CoverageEligibilityResponse", "outcome": "complete"}
_COVERAGE = {"resourceType": "Coverage", "status": "active"}
_COST = {"type": coded("copay"), "valueMoney": {"value": 20}}


def differing(number: int) -> bytes:
    """A response whose statements all contradict each other."""
    items = [
        {
            "category": coded("physical therapy"),
            "description": f"NOTE {at}",
            "benefit": [{"type": coded("deductible"), "allowedMoney": {"value": at}}],
        }
        for at in range(number)
    ]
    return as_json({**_RESPONSE, "insurance": [{"item": items}]})


FHIR: Mapping[str, Build] = {
    "many coverages": lambda: bundle(_COVERAGE, 50_000),
    "many coverages with a payer": lambda: bundle({**_COVERAGE, "payor": [{"reference": "Organization/zz"}]}, 50_000),
    "many coverages with an id": lambda: as_json(
        {"resourceType": "Bundle", "entry": [{"resource": {**_COVERAGE, "id": f"c{at}"}} for at in range(12_000)]}
    ),
    "many responses": lambda: bundle({**_RESPONSE, "insurance": [insurance(1)]}, 50_000),
    "many responses of several people": lambda: as_json(
        {
            "resourceType": "Bundle",
            "entry": [{"resource": {**_RESPONSE, "patient": {"reference": f"{at}"}}} for at in range(8_000)],
        }
    ),
    "many plans": lambda: bundle(
        {"resourceType": "InsurancePlan", "plan": [{"specificCost": [{"category": coded("x")}]}]}, 50_000
    ),
    "many contained": lambda: as_json({**_RESPONSE, "contained": [_COVERAGE] * 20_000, "insurance": [insurance(1)]}),
    "many insurances": lambda: as_json({**_RESPONSE, "insurance": [{"inforce": True}] * 50_000}),
    "many items": lambda: as_json({**_RESPONSE, "insurance": [insurance(7_000)]}),
    "many differing items": lambda: differing(6_000),
    "many costs": lambda: as_json({**_COVERAGE, "costToBeneficiary": [_COST] * 13_000}),
    "many errors": lambda: as_json({**_RESPONSE, "error": [{"code": coded("x")}] * 25_000}),
    "many strange elements": lambda: as_json(
        {**_RESPONSE, "insurance": [insurance(1)], **{f"x{at}": 1 for at in range(70_000)}}
    ),
    "many wrong elements": lambda: as_json({**_RESPONSE, "insurance": [{"item": [{"x": 1}] * 90_000}]}),
    "many names to hide": lambda: as_json(
        {
            "resourceType": "Bundle",
            "entry": [
                {"resource": {"resourceType": "Patient", "name": [{"family": f"Name{at}"}]}} for at in range(5_000)
            ]
            + [{"resource": {**_RESPONSE, "insurance": [insurance(2_000)]}}],
        }
    ),
    "many words": lambda: as_json(
        {
            **_RESPONSE,
            "insurance": [
                {
                    "item": [
                        {
                            "description": "AGE " * 240_000,
                            "benefit": [{"type": coded("copay"), "allowedMoney": {"value": 1}}],
                        }
                    ]
                }
            ],
        }
    ),
    "many blanks": lambda: as_json(
        {
            **_RESPONSE,
            "insurance": [
                {
                    "item": [
                        {
                            "description": "REFERRAL" + " " * 900_000,
                            "benefit": [{"type": coded("copay"), "allowedMoney": {"value": 1}}],
                        }
                    ]
                }
            ],
        }
    ),
    "many noes": lambda: as_json(
        {
            **_RESPONSE,
            "insurance": [
                {
                    "item": [
                        {
                            "description": "NO A PCP SPECIALIST " * 45_000,
                            "benefit": [{"type": coded("copay"), "allowedMoney": {"value": 1}}],
                        }
                    ]
                }
            ],
        }
    ),
}

EXPLANATIONS: Mapping[str, Build] = {
    "many bills": lambda: bundle(
        {"resourceType": "ExplanationOfBenefit", "item": [{"productOrService": coded("97110")}]}, 50_000
    ),
    "many lines": lambda: as_json(
        {"resourceType": "ExplanationOfBenefit", "item": [{"productOrService": coded("97110")}] * 17_000}
    ),
    "many amounts": lambda: as_json(
        {
            "resourceType": "ExplanationOfBenefit",
            "item": [{"productOrService": coded("97110"), "adjudication": [{"category": coded("x")}] * 120}] * 190,
        }
    ),
    "many amounts of one line": lambda: as_json(
        {
            "resourceType": "ExplanationOfBenefit",
            "item": [
                {
                    "productOrService": coded("97110"),
                    "adjudication": [{"category": coded("eligible"), "amount": {"currency": "EUR"}}] * 11_000,
                }
            ],
        }
    ),
    "many codes": lambda: as_json(
        {"resourceType": "ExplanationOfBenefit", "item": [{"productOrService": {"coding": [{"code": "9"}] * 70_000}}]}
    ),
}

_ISA = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260302*1200*^*00501*000000001*0*P*:~"
_271 = f"{_ISA}GS*HB*A*B*20260302*1200*1*X*005010X279A1~ST*271*0001~HL*1**22*0~NM1*IL*1*DOE*JANE~"
_835 = f"{_ISA}ST*835*0001~BPR*I*0*C*ACH~N1*PR*PAYER~"

X12S: Mapping[str, Build] = {
    "many statements": lambda: full(_271, "EB*C*IND*30***23*100~"),
    "many empty statements": lambda: full(_271, "EB~"),
    "many empty segments": lambda: full(_271, "~"),
    "many transactions": lambda: full(_ISA, "ST*271*1~"),
    "many answers": lambda: full(_ISA, "ST*271*1~EB*1~SE*1*1~"),
    "many people": lambda: full(_271, "HL*1**22*0~"),
    "many answered people": lambda: full(_271, "HL*1**22*0~EB*1~"),
    "many traced people": lambda: full(_271, "HL*1**22*0~TRN*2*T*9~AAA*N**72~", most=200_000),
    "many dependents of a long subscriber": lambda: full(
        f"{_271}{'N3*A~' * 9_000}", "HL*2*1*23*0~AAA*N**72~", most=150_000
    ),
    "many levels": lambda: (_271 + "".join(f"HL*1**{at}*1~" for at in range(10_000, 28_000)) + "EB*1~").encode(),
    "many people and one answer": lambda: full(_271, "HL*1**22*0~", "EB*1~"),
    "many elements": lambda: full(f"{_271}EB*", "*"),
    "many service types": lambda: full(f"{_271}EB*C*IND*", "30^", "30**23*100~"),
    "many messages": lambda: full(f"{_271}EB*C*IND*30***23*100~", "MSG*AGE~"),
    "one long message": lambda: full(f"{_271}EB*C*IND*30***23*100~MSG*", "NO A PCP ", "~"),
    "one long message of blanks": lambda: full(f"{_271}EB*C*IND*30***23*100~MSG*REFERRAL", " ", "X~"),
    "one long line": lambda: full(_271, "x"),
    "many lines": lambda: full(_271, "x\n"),
    "many ends of lines": lambda: full(_271, "\n"),
    "no terminator": lambda: full("ISA*", "*"),
    "many names": lambda: full(_271, "NM1*IL*1*DOE*JANE~", "EB*1~"),
    "many different names": lambda: (
        _271 + "".join(f"NM1*IL*1*DOE{at}*JANE{at}~" for at in range(20_000)) + "EB*C*IND*30***23*100~" * 15_000
    ).encode(),
    "many different figures": lambda: (
        _271 + "".join(f"EB*C*IND*30***23*{at}~MSG*M{at}~" for at in range(28_000))
    ).encode(),
    "many shifted elements": lambda: full(_271, "EB*F*IND*30*23*20*VS~"),
    "many references": lambda: full(_271, "REF*18*1~", "EB*1~"),
    "many loops": lambda: full(f"{_271}EB*1*IND*30~", "LS*2120~NM1*P3*1*X~LE*2120~"),
    "many days": lambda: full(f"{_271}EB*1*IND*30~", "DTP*291*RD8*20260101-20261231~"),
}

REMITTANCES: Mapping[str, Build] = {
    "many payments": lambda: full(_ISA, "ST*835*1~BPR*I*0~SE*3*1~"),
    "many claims": lambda: full(_835, "CLP*1*1*1*1**12~", "SE*1*1~"),
    "many claims that agree": lambda: full(_835, "CLP*1*1*0*0**12~", "SE*1*1~"),
    "as many claims as are read": lambda: full(f"{_835}{'CLP*1*1*0*0**12~' * 9_990}", "REF*F8*1~", "SE*1*1~"),
    "as many lines as are read": lambda: full(
        f"{_835}CLP*1*1*0*0**12~{'SVC*HC:97110*1*1**1~CAS*CO*45*0~' * 9_990}", "REF*F8*1~", "SE*1*1~"
    ),
    "many lines of one claim": lambda: full(f"{_835}CLP*1*1*1*1**12~", "SVC*HC:97110*1*1**1~", "SE*1*1~"),
    "many adjustments": lambda: full(f"{_835}CLP*1*1*1*1**12~", "CAS*CO*45*1~", "SE*1*1~"),
    "many adjustments in one": lambda: full(f"{_835}CLP*1*1*1*1**12~CAS*CO", "*45*1*", "~SE*1*1~"),
    "many account entries": lambda: full(f"{_835}PLB*1*20261231", "*WO:1*1", "~SE*1*1~"),
    "many names": lambda: full(_835, "N1*PR*X~", "SE*1*1~"),
    "many remarks": lambda: full(f"{_835}CLP*1*1*1*1**12~", "MOA***N1~", "SE*1*1~"),
    "many component marks": lambda: full(f"{_835}CLP*1*1*1*1**12~SVC*HC", ":", "*1*1~SE*1*1~"),
    "one long amount": lambda: full(f"{_835}CLP*1*1*", "9", "*1**12~SE*1*1~"),
}


def in_yaml(start: str, again: str, end: str = "") -> bytes:
    """Make a file as large as a plan file may be."""
    return full(start, again, end, LARGEST_YAML)


YAMLS: Mapping[str, Build] = {
    "deep lists": lambda: in_yaml("a: ", "["),
    "deep blocks": lambda: "".join(f"{' ' * at}a:\n" for at in range(600)).encode(),
    "many keys": lambda: "".join(f"k{at}: 1\n" for at in range(18_000)).encode(),
    "one key again and again": lambda: in_yaml("", "a: 1\n"),
    "many items": lambda: in_yaml("a:\n", "- 1\n"),
    "many empty items": lambda: in_yaml("a: [", ",", "]"),
    "flow of items": lambda: in_yaml("a: [", "1,", "1]"),
    "one long text": lambda: in_yaml('a: "', "x", '"'),
    "one long plain text": lambda: in_yaml("a: ", "x y "),
    "many escapes": lambda: in_yaml('a: "', "\\u0041", '"'),
    "folded text": lambda: in_yaml("a: >\n", " x\n"),
    "literal text": lambda: in_yaml("a: |\n", " x\n"),
    "many blank lines": lambda: in_yaml("a: b\n", "\n"),
    "many comments": lambda: in_yaml("a: b\n", "#\n"),
    "one long comment": lambda: in_yaml("a: b\n#", "x"),
    "many tabs": lambda: in_yaml("a: b\n", "\t\n"),
    "many documents": lambda: in_yaml("", "--- a\n"),
    "many anchors": lambda: in_yaml("a: [", "&a b,", "b]"),
    "aliases of aliases": lambda: b"a: &a [x,x]\n" + b"".join(b"k%d: &k%d [*a,*a]\n" % (at, at) for at in range(9_000)),
    "a long key": lambda: in_yaml("? ", "x"),
    "many question marks": lambda: in_yaml("", "? "),
    "many dashes": lambda: in_yaml("", "- "),
    "many colons": lambda: in_yaml("a", ": "),
    "many tags": lambda: in_yaml("a: [", "!!a b,", "b]"),
    "a long tag": lambda: in_yaml("a: !", "x"),
    "many directives": lambda: in_yaml("", "%YAML 1.1\n"),
    "many quotes": lambda: in_yaml("a: ", "'"),
    "many braces": lambda: in_yaml("a: ", "{"),
}

_LAYER = 'layer: x\ntitle: "x"\ninsurers: [aetna]\nin_force: {first_day: 2025-01-01}\n'

RULES: Mapping[str, Build] = {
    "many insurers": lambda: in_yaml("layer: x\ntitle: x\ninsurers: [", "a,", "b]"),
    "many policies": lambda: in_yaml(f"{_LAYER}policies: [", "aetna-dry-needling,", "x]"),
    "many states": lambda: in_yaml("", "- state: AL\n"),
    "many layers": lambda: in_yaml(_LAYER, f"---\n{_LAYER}"),
    "many marks": lambda: in_yaml(
        f"# A rule of the therapy cost estimator. It was, at some time:\n#   {'a' * 64}\n", f"#   {'b' * 64}\n", _LAYER
    ),
    "many kinds of plans": lambda: in_yaml("markets:\n", "  employer: {}\n"),
    "larger than a rule": lambda: full(_LAYER, "# x\n"),
}

# ----------------------------------------------------------------------------
# Official files: gzip, zip and xz that unfold, and tables.
# ----------------------------------------------------------------------------


def gzipped(content: bytes, times: int = 1) -> bytes:
    return gzip.compress(content, 9, mtime=0) * times


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def lying_zip(content: bytes) -> bytes:
    """A zip that promises a small file and unpacks to a large one."""
    packed = bytearray(zipped("PPRRVU.csv", content))
    size = len(content).to_bytes(4, "little")
    while (place := packed.find(size)) >= 0:
        packed[place : place + 4] = (1000).to_bytes(4, "little")
    return bytes(packed)


_ITEM = '{"negotiation_arrangement":"ffs","billing_code":"97110","billing_code_type":"CPT","negotiated_rates":['
_RATE = '{"provider_references":[1],"negotiated_prices":[{"negotiated_type":"negotiated","negotiated_rate":1,"expiration_date":"9999-12-31","billing_class":"professional","service_code":["11"]}]},'

RATES: Mapping[str, Build] = {
    "a gzip of blanks": lambda: gzipped(b"{" + b" " * 200_000_000),
    "a gzip of a long text": lambda: gzipped(b'{"a":"' + b"x" * 200_000_000),
    "a gzip of brackets": lambda: gzipped(b'{"in_network":' + b"[" * 100_000_000),
    "a gzip of items": lambda: gzipped(b'{"in_network":[' + b"{}," * 30_000_000),
    "a gzip of our items": lambda: gzipped(f'{{"in_network":[{(_ITEM + "]},") * 1_000_000}'.encode()),
    "a gzip of rates": lambda: gzipped(f'{{"in_network":[{_ITEM}{_RATE * 500_000}'.encode()),
    "a gzip of a large item": lambda: gzipped(b'{"in_network":[{"a":"' + b"x" * 150_000_000),
    "a gzip of references": lambda: gzipped(
        b'{"provider_references":[' + b'{"provider_group_id":1,"provider_groups":[]},' * 3_000_000
    ),
    "a gzip of groups": lambda: gzipped(
        (
            '{"provider_references":['
            + "".join(
                f'{{"provider_group_id":{at},"provider_groups":[{{"npi":[1],"tin":"{at}"}}]}},' for at in range(100_000)
            )
        )[:8_000_000].encode()
    )[:LARGEST],
    "a gzip of escapes": lambda: gzipped(b'{"a":"' + b"\\\\" * 99_000_000 + b'"'),
    "a gzip of quotes": lambda: gzipped(b'{"a":["' + b'","' * 66_000_000),
    "a gzip of groups of one rate": lambda: gzipped(
        f'{{"in_network":[{_ITEM}{{"provider_references":[{"1," * 45_000_000}'.encode()
    ),
    "a gzip of prices of one rate": lambda: gzipped(
        f'{{"in_network":[{_ITEM}{{"negotiated_prices":[{"{}," * 30_000_000}'.encode()
    ),
    "a gzip of prices, each of many groups": lambda: gzipped(
        f'{{"in_network":[{_ITEM}{{"provider_references":[{"1," * 90_000}1],"negotiated_prices":['.encode()
        + b",".join(b'{"negotiated_type":"negotiated","negotiated_rate":%d}' % (at % 4_000 + 1) for at in range(90_000))
        + b"]}]}]}"
    ),
    "a gzip of large rates": lambda: gzipped(
        f'{{"in_network":[{_ITEM}{("{" + chr(34) + "negotiated_prices" + chr(34) + ":[" + "{}," * 90_000 + "{}]},") * 300}'.encode()
    ),
    "a gzip of codes of one item": lambda: gzipped(b'{"in_network":[{' + b'"billing_code":"9",' * 5_000_000),
    "a gzip of codes": lambda: gzipped(
        b'{"in_network":[' + b'{"negotiation_arrangement":"ffs","billing_code":"9"},' * 1_900_000
    ),
    "a gzip that turns out otherwise": lambda: gzipped(
        f'{{"in_network":[{(_ITEM + "]},") * 170_000}{_ITEM}x]}},{_ITEM}'.encode()
    ),
    "a gzip of NPIs": lambda: gzipped(
        b'{"provider_references":[{"provider_group_id":1,"provider_groups":[{"npi":[' + b"1," * 45_000_000
    ),
    "as many rates as are read": lambda: gzipped(
        f'{{"a":"{random.Random(1).randbytes(580_000).hex()}","in_network":[{_ITEM}{_RATE * 97_000}{{}}]}}]}}'.encode()
    ),
    "a gzip of many members": lambda: gzipped(b" ") * 45_000,
    "many arrays": lambda: full("{", '"a":[],', '"a":[]}'),
    "many items": lambda: full('{"in_network":[', "{},", "{}]}"),
    "many rates": lambda: full(f'{{"in_network":[{_ITEM}', _RATE, "{}]}]}"),
    **json_shapes(),
}

_CHARGE = '{"code_information":[{"code":"97110","type":"CPT"}],"standard_charges":[{"setting":"outpatient","payers_information":[{"payer_name":"x"}]}]},'
HOSPITALS: Mapping[str, Build] = {
    "a gzip of blanks": lambda: gzipped(b"{" + b" " * 200_000_000),
    "a gzip of lines": lambda: gzipped(b"hospital_name\nx\ncode|1,code|1|type\n" + b"\n" * 200_000_000),
    "a gzip of rows": lambda: gzipped(b"hospital_name\nx\ncode|1,code|1|type\n" + b"97110,CPT\n" * 15_000_000),
    "a gzip of charges": lambda: gzipped(f'{{"standard_charge_information":[{_CHARGE * 400_000}'.encode()),
    "many charges": lambda: full('{"standard_charge_information":[', _CHARGE, "{}]}"),
    "many columns": lambda: full("hospital_name\nx\ncode|1,code|1|type,", "x,"),
    "many columns of codes": lambda: (
        "hospital_name\nx\n"
        + ",".join(f"code|{at},code|{at}|type" for at in range(1, 9_000))
        + "\n"
        + "97110,CPT," * 9_000
    ).encode(),
    "many payers' columns": lambda: (
        "hospital_name\nx\ncode|1,code|1|type,"
        + ",".join(f"standard_charge|p{at}|q|negotiated_dollar" for at in range(9_000))
        + "\n"
        + ("97110,CPT," + "1," * 9_000 + "\n") * 30
    ).encode(),
    **json_shapes(),
    **csvs("hospital_name\nx\ncode|1,code|1|type\n"),
}


def tables(table: str, rows: official.Rows, head: int, numbered: Callable[[int], list[str]]) -> Mapping[str, Build]:
    """Return hostile tables of CMS under the lines that head a real one, from its rows; `numbered` makes a good row."""
    header, row = (official.csv_text(part) for part in (rows[:head], rows[head : head + 1]))
    cells, width = next(csv.reader([row])), len(rows[0])

    def good() -> str:
        text = official.csv_text([numbered(at) for at in range(LARGEST // len(row))])[: LARGEST - len(header)]
        return text[: text.rfind("\n") + 1]

    return {
        "no header": lambda: full("97110,,\n", "97110,,\n"),
        "good rows": lambda: (header + good()).encode(),
        "equal rows": lambda: full(header, row),
        "headers again and again": lambda: full(header, header),
        "headers above the header": lambda: full("", official.csv_text([["x"] * width]), header),
        "wide rows": lambda: full(header, f"{row.rstrip()}{',' * 5_000}\n"),
        "long cells": lambda: full(header, official.csv_text([[*cells[:-1], "9" * 90_000]])),
        "rows of odd digits": lambda: full(header, official.csv_text([["\u0663" * 5] * width])),
        "a zip of rows": lambda: packed(f"{table}.csv", header, row),
        "a zip of empty rows": lambda: packed(f"{table}.csv", header, f"{',' * (width - 1)}\n"),
        "a zip of empty lines": lambda: packed(f"{table}.csv", header, "\n"),
        "a zip of headers": lambda: packed(f"{table}.csv", header, header),
        "a zip of good rows": lambda: zipped(f"{table}.csv", (header + good() * 8).encode())[:LARGEST],
        "a zip of one long line": lambda: zipped(f"{table}.csv", f"{header}{'x' * 40_000_000}".encode()),
        "a zip of wide rows": lambda: packed(f"{table}.csv", header, f"{row.rstrip()}{',' * 50_000}\n"),
        "a zip of many tables": lambda: official.zipped({f"{table}{at}.csv": "" for at in range(7_000)}),
        "a zip in a zip": lambda: zipped(f"{table}.csv", zipped(f"{table}.csv", b"0" * 60_000_000) * 100),
        "a zip that lies": lambda: lying_zip(f"{header}{row * 100_000}".encode()),
        "a workbook in a zip": lambda: zipped(f"{table}.xlsx", official.workbook([*rows[:head], *[cells] * 5_000])),
        "a workbook of empty rows in a zip": lambda: zipped(f"{table}.xlsx", WORKBOOKS["many empty rows"]()),
        "long lines of fixed width": lambda: zipped(f"{table}.txt", b"HDR 2026\n" + b"9" * 40_000_000),
        "lines of fixed width": lambda: zipped(f"{table}.txt", b"HDR 2026\r\n" + b"97110".ljust(200) * 100_000),
        **csvs(header),
    }


def other(row: list[str], **cells: str) -> list[str]:
    """Return a row with other cells, named by their places: `c0`."""
    return [cells.get(f"c{place}", cell) for place, cell in enumerate(row)]


_RVU_ROWS, _ZIP_ROWS = official.rvu_rows(2026), official.zip_rows()
_GPCI_ROWS, _COUNTY_ROWS = official.gpci_rows(), official.county_rows(2026)
RVUS = {
    **tables("PPRRVU", _RVU_ROWS, 8, lambda at: other(_RVU_ROWS[10], c0=f"{at % 100_000:05}")),
    "lines of fixed width of a year": lambda: full(
        official.rvu_lines(()), official.rvu_lines().splitlines()[2] + "\r\n"
    ),
}
ZIPS = {
    **tables("ZIP5", _ZIP_ROWS, 1, lambda at: other(_ZIP_ROWS[1], c1=f"{at % 100_000:05}")),
    "lines of fixed width of a quarter": lambda: full("", official.zip_lines()),
    "many good lines of fixed width": lambda: official.zip_lines(
        zips=[("AL", f"{at:05}", "10112", "00", "0") for at in range(12_000)]
    ).encode(),
}
GPCIS = tables("GPCI", _GPCI_ROWS, 3, lambda at: other(_GPCI_ROWS[3], c2=f"{at % 100:02}", c0=f"{at % 100_000:05}"))
COUNTIES = tables("LOCCO", _COUNTY_ROWS, 4, lambda at: other(_COUNTY_ROWS[4], c1=f"{at % 100:02}", c0=f"{at:05}"))

_PLAN_FINDER = ",".join(PLAN_FINDER) + "\n"
PLAN_TABLES: Mapping[str, Build] = {
    "many rows": lambda: full(_PLAN_FINDER, f"H0001_001_0{',' * (len(PLAN_FINDER) - 1)}\n"),
    "long rows": lambda: full(_PLAN_FINDER, f"{'x' * 90_000}{',' * (len(PLAN_FINDER) - 1)}\n"),
    "more cells than the header": lambda: full(_PLAN_FINDER, ","),
    "a header again and again": lambda: full(_PLAN_FINDER, _PLAN_FINDER),
    **csvs(_PLAN_FINDER),
}
_ATTRIBUTES = text_of(PLAN_COLUMNS, [])
ATTRIBUTES: Mapping[str, Build] = {
    "many plans": lambda: full(_ATTRIBUTES, text_of(PLAN_COLUMNS, [plan()]).partition("\n")[2]),
    "different plans": lambda: full(
        _ATTRIBUTES,
        "".join(text_of(PLAN_COLUMNS, [plan(PlanId=f"{at:05}WA0010001-01")]).partition("\n")[2] for at in range(300)),
    ),
    "a zip of plans": lambda: packed("a.csv", _ATTRIBUTES, text_of(PLAN_COLUMNS, [plan()]).partition("\n")[2]),
    "a zip of empty rows": lambda: packed("a.csv", _ATTRIBUTES, "\n"),
    **csvs(_ATTRIBUTES),
}
_NAMED = '{"reporting_structure":[{"in_network_files":[{"location":"https://x.example/a.json.gz"}]}]}'
CONTENTS: Mapping[str, Build] = {
    "many names": lambda: full(
        '{"reporting_structure":[{"in_network_files":[', '{"location":"https://x.example/a.json.gz"},', "{}]}]}"
    ),
    "many plans": lambda: full('{"reporting_structure":[', f"{_NAMED[24:-2]},", "{}]}"),
    "a gzip of names": lambda: gzipped(
        b'{"reporting_structure":[{"in_network_files":[' + b'{"location":"https://x.example/a.gz"},' * 4_000_000
    ),
    "names of other folders": lambda: full(
        '{"reporting_structure":[{"in_network_files":[', '{"location":"../../../../../../etc/passwd"},', "{}]}]}"
    ),
    **json_shapes('{"reporting_structure":'),
}

_BENEFITS = text_of(BENEFIT_COLUMNS, [])
_BENEFIT = text_of(BENEFIT_COLUMNS, [benefit()]).partition("\n")[2]
_TABLE = "\t".join((*PBP_KEY, *BENEFIT_TABLES["pbp_Section_A.txt"])) + "\n"
_TABLE_ROW = "H0001\t001\t0" + "\t" * (_TABLE.count("\t") - 2) + "\n"
# What hardly shrinks, in a zip that else shrinks to nothing.
_NOISY = 300_000


def packed(name: str, header: str, row: str, noise: int = 0) -> bytes:
    """Zip as many rows as a small table may have, or sixty times the noise that stands among them."""
    mark = "," if "," in header else "\t"
    text = random.Random(1).randbytes(noise).hex()
    noisy = [f"{text[at : at + 9_000]}{mark * header.count(mark)}\n" for at in range(0, len(text), 9_000)]
    size = 50 * noise or 10_000_000
    return zipped(name, "".join([header, *noisy, row * (size // len(row))]).encode())


_EDIT = "20560\t97140\t\t20261001\t*\t1\tx\r\n"
EDITS: Mapping[str, Build] = {
    "many edits": lambda: full(EDITS_HEAD, _EDIT),
    "a zip of edits": lambda: packed("ccipra-v323r0-f1.txt", EDITS_HEAD, _EDIT),
    "a zip of edits that hardly shrink": lambda: zipped(
        "ccipra-v323r0-f1.txt",
        (EDITS_HEAD + "".join(_EDIT.replace("x", f"{at * 7_919 % 1_000_003}") for at in range(164_000))).encode(),
    ),
    "a zip of others": lambda: packed("ccipra-v323r0-f1.txt", EDITS_HEAD, _EDIT.replace("20560", "0001A")),
    "a zip of empty rows": lambda: packed("ccipra-v323r0-f1.txt", EDITS_HEAD, "\r\n"),
    "a zip that lies": lambda: lying_zip(b"97110\t\n" * 1_000_000),
    **csvs(EDITS_HEAD),
}
MARKETPLACE: Mapping[str, Build] = {
    "many benefits": lambda: full(_BENEFITS, _BENEFIT),
    "a zip of benefits": lambda: packed("benefits.csv", _BENEFITS, _BENEFIT),
    "a zip of empty rows": lambda: packed("benefits.csv", _BENEFITS, "\n"),
    "a zip of benefits and noise": lambda: packed("benefits.csv", _BENEFITS, _BENEFIT, _NOISY),
    "a zip of rows": lambda: zipped("benefits.csv", b"2026,WA\n" * 10_000_000),
    **csvs(_BENEFITS),
}

_MOVES = "PREVIOUS_CONTRACT_ID,PREVIOUS_PLAN_ID,CURRENT_CONTRACT_ID,CURRENT_PLAN_ID,STATUS\n"
CROSSWALKS: Mapping[str, Build] = {
    "many moves": lambda: (
        _MOVES
        + "".join(f"H{at % 10_000:04},{at % 1000},H{at % 10_000:04},{at % 1000},Renewal Plan\n" for at in range(28_000))
    ).encode(),
    "a zip of moves": lambda: packed("crosswalk.csv", _MOVES, "H0001,1,H0001,1,Renewal Plan\n"),
    "a zip of empty rows": lambda: packed("crosswalk.csv", _MOVES, "\n"),
    "a zip of moves and noise": lambda: packed("crosswalk.csv", _MOVES, "H0001,1,H0001,1,Renewal Plan\n", _NOISY),
    "many mistakes": lambda: full(_MOVES, "H0001,1,x,x,x\n"),
    "a zip of rows": lambda: zipped("crosswalk.csv", b"H0001,001\n" * 10_000_000),
    "many tabs": lambda: full(_MOVES.replace(",", "\t"), "\t\t\t\tx\n"),
    **csvs(_MOVES),
}

BENEFIT_FILES: Mapping[str, Build] = {
    "a zip of plans": lambda: packed("pbp_Section_A.txt", _TABLE, _TABLE_ROW),
    "a zip of plans and noise": lambda: packed("pbp_Section_A.txt", _TABLE, _TABLE_ROW, _NOISY),
    "a zip of rows": lambda: zipped("pbp_Section_A.txt", b"a\tb\n" * 20_000_000),
    "one long line": lambda: zipped("pbp_Section_A.txt", b"x" * 5_000_000),
    "many columns": lambda: zipped("pbp_Section_A.txt", b"pbp_a_hnumber\t" * 500_000),
    "many members": lambda: parts_of_a_workbook(7_000),
    "no zip": lambda: full("", "x"),
}

CATALOGUES: Mapping[str, Build] = {
    "an xz of blanks": lambda: lzma.compress(b" " * 300_000_000, preset=1),
    "an xz of lines": lambda: lzma.compress(b"[]\n" * 10_000_000, preset=1),
    "no xz": lambda: full("", "x"),
}

_BACKUP = '{"format":"therapy-cost-estimator backup","version":"0001","made_at":"x"}\n'
BACKUPS: Mapping[str, Build] = {
    "a gzip of blanks": lambda: gzipped(_BACKUP.encode() + b" " * 300_000_000),
    "a gzip of lines": lambda: gzipped(_BACKUP.encode() + b"[]\n" * 30_000_000),
    "a gzip of brackets": lambda: gzipped(_BACKUP.encode() + b"[" * 10_000_000),
    "a gzip of many members": lambda: gzipped(b" ") * 45_000,
    "no gzip": lambda: full("", "x"),
}

SHAPES: Mapping[str, Mapping[str, Build]] = {
    "schedule": {
        **WORKBOOKS,
        **csvs(_SCHEDULE),
        "many words before the header": lambda: full("", "appointmentauthorizatiom ", f"\n{_SCHEDULE}a,b,c,d\n"),
    },
    "price list": {**csvs(_CONTRACT), "many prices": lambda: full(_CONTRACT, "x,97110,1,per-unit,,\n")},
    "inquiries": {**csvs(_PEOPLE), "many people": lambda: full(_PEOPLE, "x,y,z,a,b,1984-02-29\n")},
    "eligibility": {**FHIR, **X12S, **json_shapes('{"resourceType":"Coverage","a":')},
    "explanation": {**EXPLANATIONS, **json_shapes('{"resourceType":"ExplanationOfBenefit","a":')},
    "remittance": {**REMITTANCES, **X12S},
    "request": json_shapes(),
    "plan file": YAMLS,
    "rule file": {**YAMLS, **RULES},
    "rates": RATES,
    "hospital": HOSPITALS,
    "table of contents": CONTENTS,
    "ZIP codes": ZIPS,
    "relative values": RVUS,
    "price indices": GPCIS,
    "localities": COUNTIES,
    "coding edits": EDITS,
    "Marketplace": MARKETPLACE,
    "Marketplace attributes": ATTRIBUTES,
    "Medicare Advantage": BENEFIT_FILES,
    "Medicare Advantage table": PLAN_TABLES,
    "clinic": {**json_shapes(), **json_shapes('{"name":')},
    "crosswalk": CROSSWALKS,
    "catalogue": CATALOGUES,
    "backup": BACKUPS,
}


def measure_all(reader: str, told: Connection) -> None:
    """Read every shape of a reader, and tell of each how it ended, its processor time in seconds, and its memory."""
    resource.setrlimit(resource.RLIMIT_DATA, (SPARE, SPARE))
    for shape, build in SHAPES[reader].items():
        content = build()
        told.send((shape, len(content)))
        told.send(fairly(partial(_measured, READERS[reader], content)))


def fairly(measure: Callable[[], tuple[T, float, int]]) -> tuple[T, float, int]:
    """Measure in seconds of an ordinary machine, and twice more where it was slow: by its content it is slow again.

    Seconds of this machine are never fewer than those: where they are few, they need no comparison.
    """
    found, seconds, memory = measure()
    if seconds <= _NEAR:
        return found, seconds, memory
    least = found, seconds / max(1.0, slowness()), memory
    for _ in range(_MORE_TIMES):
        if least[1] > _NEAR:
            least = min(least, _once(measure), key=lambda each: each[1])
    return least


def _once(measure: Callable[[], tuple[T, float, int]]) -> tuple[T, float, int]:
    before = slowness()
    found, seconds, memory = measure()
    return found, seconds / max(1.0, (before + slowness()) / 2), memory


def slowness() -> float:
    """Return how much longer some work takes now than on an ordinary machine.

    A core that is shared with others does half as much in a second of its time, and changes from minute to minute.
    """
    begun, total = process_time(), 0
    for number in range(300_000):
        total += number * number
    return (process_time() - begun) / _ORDINARY


def _measured(read: Reader, content: bytes) -> tuple[str, float, int]:
    longest = int(process_time()) + LONGEST_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (longest, resource.RLIM_INFINITY))
    # From here on the most memory that this process had is counted again.
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before, begun, of_children = most_memory(), process_time(), _children()
    try:
        read(content)
        ended = "read"
    except EstimatorError as refused:
        ended = f"{type(refused).__name__}: {str(refused)[:80]}"
    except Exception as failure:  # noqa: BLE001 - whatever it is, the test names it.
        ended = f"FAILED {type(failure).__name__}: {str(failure)[:80]}"
    return ended, process_time() - begun + _children() - of_children, most_memory() - before


def most_memory() -> int:
    """Return the most memory in bytes that this process has had since that was last counted anew."""
    [line] = [line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
