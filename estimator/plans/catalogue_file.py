"""Thousands of plan definitions in one small file: what many plans share is kept once.

A file of JSON lines under xz: the head (where the definitions come from), the parts (blocks that stand in definitions),
the shapes (which parts make up everything of a definition but its name and title), and one line a plan. Equal
definitions give equal bytes.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from estimator.errors import PlanFileRefused, Problem
from estimator.files import EVERYBODYS, written_whole

FORM = 1
_MOST_BYTES, _MOST_LINES = 32 * 1024**2, 500_000  # The largest has 6.4 MB once it is unpacked.
SUFFIX = ".jsonl.xz"
_OWN = ("plan", "title")
_NESTED = ("networks", "limits", "benefits")

Definition = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """A definition with what only a search needs: the metal level, and other names and numbers of the plan."""

    definition: Definition
    metal_level: str | None = None
    also_called: str = ""


@dataclass(frozen=True)
class Head:
    """Where the definitions of a catalogue come from."""

    market: str
    year: int
    title: str
    read_on: str
    inputs: tuple[Mapping[str, str], ...]
    plans: int

    def written(self, parts: int, shapes: int) -> dict[str, Any]:
        """Return the head as it stands in the file."""
        own = {key: getattr(self, key) for key in ("market", "year", "title", "read_on", "inputs", "plans")}
        return {"form": FORM, **own, "parts": parts, "shapes": shapes}


def input_of(path: Path) -> dict[str, str]:
    """Return the name and the SHA-256 of a file that definitions were read from."""
    with path.open("rb") as opened:
        digest = sha256()
        while piece := opened.read(1 << 20):
            digest.update(piece)
    return {"file": path.name, "sha256": digest.hexdigest()}


def write_catalogue(path: Path, head: Head, definitions: Iterable[Listed]) -> Head:
    """Write a catalogue, whole or not at all; return its head with the number of plans."""
    parts: dict[str, int] = {}
    shapes: dict[str, int] = {}
    lines = [_line(listed, parts, shapes) for listed in definitions]
    counted = Head(head.market, head.year, head.title, head.read_on, head.inputs, len(lines))
    texts = [_json(counted.written(len(parts), len(shapes))), *parts, *shapes, *lines]
    written = "".join(f"{text}\n" for text in texts).encode()
    with written_whole(path, EVERYBODYS) as target:
        target.write(lzma.compress(written, format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC64, preset=6))
    return counted


def read_catalogue(path: Path) -> tuple[Head, Iterator[Listed]]:
    """Return the head of a catalogue and its definitions, which share their blocks: read them, do not change them.

    Raise PlanFileRefused where the file is damaged.
    """
    try:
        lines = _unpacked(path).decode().splitlines()
        said = json.loads(lines[0])
        inputs = tuple(said["inputs"])
        head = Head(said["market"], said["year"], said["title"], said["read_on"], inputs, said["plans"])
        first, second = 1 + said["parts"], 1 + said["parts"] + said["shapes"]
        is_whole = said["form"] == FORM and len(lines) == second + said["plans"]
    except (OSError, lzma.LZMAError, EOFError, ValueError, KeyError, IndexError, TypeError) as error:
        raise _refused(path) from error
    if not is_whole:
        raise _refused(path)
    parts = [json.loads(line) for line in lines[1:first]]
    shapes = [_filled(json.loads(line), parts) for line in lines[first:second]]
    return head, _definitions(lines[second:], shapes)


def _unpacked(path: Path) -> bytes:
    """Return the content; raise ValueError where it is larger than any catalogue, without unpacking the rest."""
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_BYTES)
    content = unpacker.decompress(path.read_bytes(), _MOST_BYTES)
    if not unpacker.eof or content.count(b"\n") > _MOST_LINES:
        raise ValueError(path.name)
    return content


def catalogues(folder: Path) -> list[Path]:
    """Return the catalogues that ship with a folder of plans."""
    return sorted((folder / "_catalogue").glob(f"*{SUFFIX}"))


def _line(listed: Listed, parts: dict[str, int], shapes: dict[str, int]) -> str:
    definition = listed.definition
    shape = {key: _numbered(key, value, parts) for key, value in definition.items() if key not in _OWN}
    number = shapes.setdefault(_json(shape), len(shapes))
    return _json([*(definition[key] for key in _OWN), listed.metal_level, listed.also_called, number])


def _numbered(key: str, value: Any, parts: dict[str, int]) -> Any:
    if key in _NESTED:
        return {name: parts.setdefault(_json(block), len(parts)) for name, block in value.items()}
    return parts.setdefault(_json(value), len(parts))


def _filled(shape: dict[str, Any], parts: list[Any]) -> Definition:
    return {
        key: {name: parts[number] for name, number in place.items()} if isinstance(place, dict) else parts[place]
        for key, place in shape.items()
    }


def _definitions(lines: list[str], shapes: list[Definition]) -> Iterator[Listed]:
    for line in lines:
        plan, title, metal_level, also_called, number = json.loads(line)
        yield Listed({"plan": plan, "title": title, **shapes[number]}, metal_level, also_called)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _refused(path: Path) -> PlanFileRefused:
    message = "This catalogue is damaged or of another form: make it again from the official files."
    return PlanFileRefused((Problem("", message, path.name),))
