"""Make `prices/market-rates.csv` again from the figures of the project pt-rates, and say whether these are what ships.

`python bench/market.py FILE` reads its table of quantiles by payer and code; `--write` puts the rows below the head of
the file that ships, which says what a person read and when. Those figures are quantiles already: what a payer's own
in-network files say is made and published by `estimator import rates`, and goes before these.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from estimator.insurers.matching import find_insurer
from estimator.settings import prices_folder

SHIPPED = prices_folder() / "market-rates.csv"
AREA = re.compile(r"(.+) ([A-Z]{2}) \(ZIP3 ([0-9]{3}-[0-9]{3})\)")
ALIKE = ("code", "clinics", "min", "p25", "median", "p75", "max")
COLUMNS = ("insurer", "payer", "network", "dated", "area", "state", "zips", *ALIKE)


def rows_of(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield each row of the figures as it ships."""
    with path.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            area = AREA.fullmatch(row["area"])
            insurer = area and find_insurer(row["payer"], area[2]).insurer
            if not area or not insurer:
                sys.exit(f"Correct the payer or the area of this row, such as “Twin Cities MN (ZIP3 550-556)”: {row}")
            named = (insurer.id, row["payer"], row["network"], row["file_dated"], *area.groups())
            yield (*named, *(row[name] for name in ALIKE))


def main(path: Path, *, writes: bool) -> None:
    """Say how many rows there are and whether they are those that ship; put them there where that is asked for."""
    text = SHIPPED.read_text("utf-8")
    rows = list(rows_of(path))
    made = io.StringIO("".join(line for line in text.splitlines(keepends=True) if line.startswith("#")))
    made.seek(0, io.SEEK_END)
    csv.writer(made, lineterminator="\n").writerows((COLUMNS, *rows))
    told = "the same as what ships" if made.getvalue() == text else "not what ships"
    print(f"{path.name}: {len(rows)} rows, {told}")
    if writes and made.getvalue() != text:
        SHIPPED.write_text(made.getvalue(), "utf-8")
        print(f"Written: {SHIPPED.name}. Say in its head what was read, and on what day.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), writes="--write" in sys.argv[2:])
