"""Small files in the layouts of CMS, with figures of our own: as csv, fixed width, workbook and zip, of two years."""

import csv
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from estimator.prices.cms_files import FeeFiles

WORDS = "These words are the AMA's, with a comma"
# Code, modifier, status, work, office expense, NA, facility expense, NA, malpractice, multiple procedures.
FEES = (
    ("00100", "", "J", "0.00", "0.00", "", "0.00", "", "0.00", "9"),
    ("0075T", "26", "C", "0.00", "0.00", "NA", "0.00", "", "0.00", "0"),
    ("20560", "", "A", "0.31", "0.42", "", "0.05", "", "0.01", "0"),
    ("97010", "", "B", "0.06", "0.13", "", "0.13", "NA", "0.01", "9"),
    ("97110", "", "A", "0.45", "0.41", "", "0.41", "NA", "0.01", "5"),
    ("G0283", "", "A", "0.18", "0.19", "", "0.19", "NA", "0.01", "5"),
)
FACTORS = {2025: "32.3465", 2026: "33.4009"}
HEADERS = {
    2025: """
,,,,NOT USED,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED
,,,,FOR,,,NON-FAC,,FACILITY ,,,,,,,,,,,,,,,,SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS
,,,STATUS,MEDICARE ,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,CO-,\
TEAM,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,SURG,\
SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT
""",
    2026: """
,,,,NOT USED,,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED
,,,,FOR,,,NON-FAC,,FACILITY,,,,,,,,,,,,,,,,,SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS
,,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,CO-,\
TEAM,PRIC,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,SURG,\
SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT
""",
}
GPCI_HEADERS = {
    "2025": "2025 PW GPCI (with 1.0 Floor),2025 PE GPCI,2025 MP GPCI",
    "2026 January": "2026 PW GPCI (without 1.0 Floor),2026 PW GPCI (with 1.0 Floor),2026 PE GPCI,2026 MP GPCI",
    "2026 April": "2026 PW GPCI (with 1.0 Floor)***,2026 PE GPCI,2026 MP GPCI",
}
# Carrier, state, number, name, work without and with the floor, expense, malpractice.
INDICES = (
    ("10112", "AL", "00", "ALABAMA", "0.988", "1.000", "0.875", "0.566"),
    ("02102", "AK", "01", "ALASKA*", "1.500", "1.500", "1.065", "0.551"),
    ("01212", "HI", "01", "HAWAII, GUAM", "0.998", "1.000", "1.137", "0.579"),
    ("05302", "MO", "99", "REST OF MISSOURI", "0.950", "1.000", "0.881", "0.945"),
    ("05202", "KS", "00", "KANSAS", "0.960", "1.000", "0.890", "0.600"),
    ("02402", "WA", "02", "SEATTLE (KING CNTY)", "1.050", "1.050", "1.227", "0.817"),
)
COUNTIES = (
    ("10112", "00", "ALABAMA ", "STATEWIDE ", "ALL COUNTIES "),
    ("02102", "01", "ALASKA ", "STATEWIDE ", "ALL COUNTIES "),
    ("01212", "01", "HAWAII/GUAM", "STATEWIDE ", "ALL COUNTIES "),
    ("05302", "99", "MISSOURI ", "REST OF STATE* ", "ALL OTHER COUNTIES "),
    ("05302", "99", "", "REST OF STATE*", "ALL OTHER COUNTIES"),
    ("05202", "00", "KANSAS", "STATEWIDE* ", "ALL COUNTIES "),
    ("02402", "02", "WASHINGTON ", "SEATTLE (KING CNTY)", "KING "),
)
# State, ZIP, carrier, number, plus 4 flag.
ZIPS = (
    ("AL", "35004", "10112", "00", "0"),
    ("AL", "35005", "10112", "00", "0"),
    ("AK", "99501", "02102", "01", "0"),
    ("HI", "96701", "01212", "01", "0"),
    ("EM", "63005", "05302", "99", "0"),
    ("WM", "64001", "05302", "99", "1"),
    ("EK", "66002", "05202", "00", "0"),
    ("WK", "67003", "05202", "00", "0"),
    ("WA", "98101", "02402", "02", "0"),
)
Rows = list[list[str]]


def rvu_rows(year: int, fees: Iterable[tuple[str, ...]] = FEES, *, factor: str = "", for_whom: str = "9") -> Rows:
    """Write the relative values of a year in its own columns."""
    month, day = {2025: ("October", "09/11/2025"), 2026: ("July", "06/30/2026")}[year]
    title = [
        ["", "", f"{year} National Physician Fee Schedule Relative Value File {month} Release"],
        ["", "", "CPT codes and descriptions only are copyright of somebody.  All Rights Reserved."],
        ["", "", " "],
        ["", "", f"RELEASED {day}"],
    ]
    rows = [*title, *csv.reader(HEADERS[year].strip().splitlines())]
    for code, modifier, status, work, office, office_na, facility, facility_na, mp, multiple in fees:
        totals = [total(work, office, mp), total(work, facility, mp)]
        values = [work, office, office_na, facility, facility_na, mp, *totals]
        marks = ["7", "XXX", "0.00", "0.00", "0.00", multiple, "0", "0", "0", "0"]
        pricing = [for_whom] if year == 2026 else []
        rest = ["", factor or FACTORS[year], "09", "0", "99", "0.00", "0.00", "0.00"]
        rows.append([code, modifier, WORDS, status, "+" if status == "B" else "", *values, *marks, *pricing, *rest])
    width = len(rows[-1])
    return [[*row, *[""] * (width - len(row))] for row in rows]


def total(*parts: str) -> str:
    """Add figures of two decimals."""
    cents = sum(int(part.replace(".", "")) for part in parts)
    return f"{cents // 100}.{cents % 100:02d}"


def rvu_lines(fees: Iterable[tuple[str, ...]] = FEES) -> str:
    """Write the relative values of 2025 as lines of 200 characters."""
    lines = ["HDR 2025 National Physician Fee Schedule Relative Value File October Release", "HDR RELEASED 09/11/2025"]
    for code, modifier, status, work, office, office_na, facility, facility_na, mp, multiple in fees:
        line = f"{code:<5}{modifier:<2}{WORDS:<50}{status} {work:>6} {office:>6}{office_na:<2} "
        line += f"{facility:>6}{facility_na:<2} {mp:>5} {total(work, office, mp):>6}{total(work, facility, mp):>6}"
        line += f"7XXX.00.00.00{multiple}0000"
        line = f"{line[:120]:<132}{'32.3465':>8} 090 99"
        lines.append(f"{line:<200}")
    return "\r\n".join([*lines, ""])


def gpci_rows(form: str = "2026 January", indices: Iterable[tuple[str, ...]] = INDICES) -> Rows:
    """Write the indices under one of the three headers, footnotes below."""
    year, header = form[:4], GPCI_HEADERS[form].split(",")
    both = len(header) == 4
    first = ["Medicare Administrative Contractor (MAC)", "State", "Locality Number", "Locality Name"]
    rows = [[f"ADDENDUM E. FINAL CY {year} GEOGRAPHIC PRACTICE COST INDICES (GPCIs)"], [], [*first, *header]]
    rows += [[*row[:4], *(row[4:] if both else row[5:])] for row in indices]
    rows += [["MAC Assignments as of November 22, 2023"], [], ["*Work GPCI reflects a 1.5 floor in Alaska, and so on."]]
    return [[*row, *[""] * (4 + len(header) - len(row))] for row in rows]


def county_rows(year: int, counties: Iterable[tuple[str, ...]] = COUNTIES) -> Rows:
    """Write the list of counties; that of 2025 has lost the zeros before its numbers."""
    header = ["Medicare Adminstrative Contractor", "Locality Number", "State ", "Fee Schedule Area ", "Counties"]
    rows = [[f"COUNTIES INCLUDED IN {year} LOCALITIES. (ALPHABETICALLY BY STATE)"], [], header, []]
    for carrier, number, *words in counties:
        lost = [str(int(carrier)), str(int(number))] if year == 2025 else [carrier, number]
        rows += [[*lost, *words], [" "] * 5]
    rows.append(["*  Payment locality is serviced by two carriers."])
    width = 5 if year == 2025 else 6
    return [[*row, *[""] * (width - len(row))] for row in rows]


def zip_rows(quarter: str = "20261", zips: Iterable[tuple[str, ...]] = ZIPS) -> Rows:
    """Write the ZIP codes as a workbook has them."""
    header = ["STATE", "ZIP CODE", "CARRIER", "LOCALITY", "RURAL IND", "LAB CB LOCALITY", "RURAL IND2", "PLUS 4 FLAG"]
    rows = [[*header, "PART B DRUG INDICATOR", "YEAR/QTR"]]
    return rows + [[*row[:4], "", "Z9", "", row[4], "A", quarter] for row in zips]


def zip_lines(quarter: str = "20254", zips: Iterable[tuple[str, ...]] = ZIPS) -> str:
    """Write the ZIP codes as lines of 80 characters."""
    lines = (
        f"{state}{five}{carrier}{number} Z9   {flag} A".ljust(75) + quarter
        for state, five, carrier, number, flag in zips
    )
    return "".join(f"{line}\r\n" for line in lines)


def csv_text(rows: Rows) -> str:
    """Write rows as CMS does."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def workbook(rows: Rows, *, numbers: Iterable[int] = (), above: int = 0) -> bytes:
    """Write rows as a workbook, the columns of `numbers` as numbers where they are some, `above` rows left empty."""
    numeric = set(numbers)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _WORKBOOK_PARTS.items():
            archive.writestr(name, text)
        lines = (_line(number, cells, numeric) for number, cells in enumerate(rows, start=above + 1))
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
        )
    return packed.getvalue()


def zipped(members: dict[str, str | bytes]) -> bytes:
    """Write a zip with these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def written(folder: Path, name: str, content: str | bytes | Rows) -> Path:
    """Put a file into a folder: rows become csv."""
    path = folder / name
    text = csv_text(content) if isinstance(content, list) else content
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def four_files(folder: Path, year: int = 2026, **others: Path) -> FeeFiles:
    """Write the four files of a year, some of them perhaps others."""
    name = {2025: "PPRRVU2025_Oct.csv", 2026: "PPRRVU2026_Jul_nonQPP.csv"}[year]
    indices = {2025: "2025", 2026: "2026 January"}[year]
    zips = zip_lines(f"{year}4") if year == 2025 else workbook(zip_rows(f"{year}1"), numbers=[7])
    form = "txt" if year == 2025 else "xlsx"
    files = {
        "rvu": written(folder, name, rvu_rows(year)),
        "gpci": written(folder, f"GPCI{year}.csv", gpci_rows(indices)),
        "localities": written(folder, f"{year % 100}LOCCO.csv", county_rows(year)),
        "zips": written(folder, f"ZIP5_{year}.{form}", zips),
    }
    return FeeFiles(**(files | others))


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WORKBOOK_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_RELATED}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def _line(number: int, cells: list[str], numeric: set[int]) -> str:
    written_cells = (_cell(number, place, cell, place in numeric) for place, cell in enumerate(cells))
    return f'<row r="{number}">{"".join(written_cells)}</row>'


def _cell(row: int, place: int, text: str, as_number: bool) -> str:
    letters = chr(65 + place) if place < 26 else f"A{chr(65 + place - 26)}"
    if not text:
        return ""
    if as_number and text.replace(".", "").isdigit():
        shown = str(int(text)) if "." not in text else text.rstrip("0").rstrip(".")
        return f'<c r="{letters}{row}"><v>{shown}</v></c>'
    return f'<c r="{letters}{row}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
