"""Cut a payer's or hospital's JSON file of any size into its elements without reading it whole.

`read_elements` hands over each element of the arrays at the top of a file (`in_network`, `provider_references`) and
returns what stands beside them. Two ways lead there: `Scanner` follows strings and brackets in any legal layout, and
`_leap` looks only for the codes that are wanted, which is several times quicker and works where every item begins with
the same key, as in nearly all files. Only elements that hold a wanted code are ever parsed.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Protocol, cast

import numpy as np
import orjson
from isal import isal_zlib
from isal.igzip_lib import IsalError

from estimator.errors import Problem, RatesRefused
from estimator.files import MOST_RATIO

_CHUNK = 1 << 20
# What the scanner takes at once: small enough that its tables stay in the processor's cache.
_BITE = 1 << 16
# An element beyond this is cut into its own elements.
LARGE = 1 << 24
_MOST_AROUND = 1 << 22
# Up to here a file may unpack to many times its size.
_SMALL = 1 << 23
# No such file has more arrays at its top; past so many elements, none has them smaller than this on average.
_MOST_ARRAYS = 100
_MANY_ELEMENTS, _LEAST_ELEMENT = 50_000, 40
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The types of isal name an exception where its class is meant.
_DAMAGED = cast(type[Exception], IsalError)
_ESCAPED = re.compile(rb"\\[\s\S]")
_LAST_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:\s*$')
# A key may be written with escapes such as \u005f; files that do so are read in the slow and sure way.
_ESCAPED_LETTER = re.compile(rb"\\u00[2-7][0-9a-fA-F]")
_ITEMS = "in_network"
_FIRST_KEY = re.compile(rb'\{\s*"negotiation_arrangement"')
_CODE_KEY = b'"billing_code"'
_CODE = re.compile(rb'"billing_code"\s*:\s*"?\s*([A-Za-z0-9]*)')


class Receiver(Protocol):
    """Takes the elements of a file as they come."""

    def element(self, array: str, text: bytes) -> None:
        """Take one element of an array at the top of the file."""

    def large(self, array: str) -> Receiver | None:
        """Return what takes the parts of an element too large to hold; None where it is not wanted."""

    def around(self, text: bytes) -> None:
        """Take what stands around the arrays so far: where an array begins, and at the end."""


class OtherLayout(Exception):
    """The quick way does not fit this file."""


def read_elements(
    path: Path, receiver: Callable[[], Receiver], codes: frozenset[str]
) -> tuple[Receiver, dict[str, Any]]:
    """Read a file, plain or gzipped, and return the receiver of its elements with what stands beside its arrays.

    Raises RatesRefused, with the place, where it is cut off or no JSON.
    """
    try:
        quick = receiver()
        return quick, _read(path, quick, codes, may_leap=True)
    except OtherLayout:
        sure = receiver()
        return sure, _read(path, sure, codes, may_leap=False)


def holds_code(text: bytes, codes: frozenset[str]) -> bool:
    """Tell whether a wanted code may stand in the text of an element."""
    if b"\\" in text and _ESCAPED_LETTER.search(text):
        return True
    place = text.find(_CODE_KEY)
    while place >= 0:
        match = _CODE.match(text, place)
        if match and match[1].decode().upper() in codes:
            return True
        place = text.find(_CODE_KEY, place + 1)
    return False


def refuse(path: Path, words: str) -> RatesRefused:
    """Return the refusal of a file."""
    return RatesRefused((Problem("", words, file=path.name),))


def _read(path: Path, receiver: Receiver, codes: frozenset[str], *, may_leap: bool) -> dict[str, Any]:
    read = 0
    scanner = Scanner(receiver)
    leap = _Leap(scanner, receiver, codes) if may_leap else None
    try:
        for chunk in unpacked_chunks(path):
            if not read:
                chunk = chunk.removeprefix(_BYTE_ORDER_MARK)
                if chunk[:512].lstrip()[:1] != b"{":
                    raise refuse(path, "Give a JSON file of a payer, plain or gzipped; this is none.")
            read += len(chunk)
            if leap is None or not leap.take(chunk):
                scanner.feed(chunk)
        if leap is not None:
            leap.end()
        return scanner.end()
    except EOFError:
        words = f"The file is cut off after {read:,} bytes of its content. Download it again; nothing of it is kept."
        raise refuse(path, words) from None
    except (_DAMAGED, zlib.error, OSError) as error:
        words = f"The file is damaged after {read:,} bytes of its content ({error}). Download it again."
        raise refuse(path, words) from None
    except ValueError as error:
        words = f"The file is no whole JSON: {error}. It was read up to byte {read:,}; nothing of it is kept."
        raise refuse(path, words) from None


def unpacked_chunks(path: Path) -> Iterator[bytes]:
    """Yield the content of a file in chunks, unpacked where it is gzipped; raise EOFError where that is cut off."""
    with path.open("rb") as opened:
        start = opened.read(4)
        opened.seek(0)
        if not start:
            raise refuse(path, "The file is empty.")
        if start == _ZIP:
            raise refuse(path, "Unzip the file first; give the JSON in it, plain or gzipped.")
        if start[:2] == _GZIP:
            yield from _unpacked(opened, path)
            return
        while chunk := opened.read(_CHUNK):
            yield chunk


def _unpacked(opened: IO[bytes], path: Path) -> Iterator[bytes]:
    """Yield the content of every gzip member, a chunk at most at once; raise EOFError where it is cut off."""
    given = 0
    unpacker = isal_zlib.decompressobj(wbits=31)
    packed = b""
    while packed or (packed := opened.read(_CHUNK)):
        if chunk := unpacker.decompress(packed, _CHUNK):
            given += len(chunk)
            if given > _SMALL and given > MOST_RATIO * opened.tell():
                raise refuse(path, f"It would unpack to more than {MOST_RATIO} times its size: this is no such file.")
            yield chunk
        packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        if unpacker.eof:
            # Members follow each other; zeros may fill up a block at the end.
            packed = packed.lstrip(b"\0") or opened.read(_CHUNK).lstrip(b"\0")
            if not packed:
                return
            unpacker = isal_zlib.decompressobj(wbits=31)
    raise EOFError


# ----------------------------------------------------------------------------
# The sure way: follow every string and bracket.
# ----------------------------------------------------------------------------


class Scanner:
    """Follows the brackets of a JSON object that comes in chunks, and hands over the elements of its arrays."""

    def __init__(self, receiver: Receiver, most: int = LARGE) -> None:
        self._receiver = receiver
        self._most = most
        self._depth = 0
        self._in_string = False
        self._held = b""
        self._around: list[bytes] = []
        self._around_size = 0
        self._element: list[bytes] = []
        self._size = 0
        self._inside: Scanner | None = None
        self._is_skipped = False
        self._fed = self._elements = self._arrays = 0
        self.array = ""

    @property
    def is_among_items(self) -> bool:
        """Tell whether the scanner stands within the array of items."""
        return self.array == _ITEMS and self._inside is None and not self._is_skipped

    @property
    def begun(self) -> bytes:
        """Return what was read so far of the element that the scanner stands in."""
        return b"".join((*self._element, self._held))

    def leave_element(self) -> None:
        """Stand between two elements: somebody else read the one that was begun."""
        self._element.clear()
        self._size = 0
        self._depth, self._in_string, self._held = 2, False, b""

    def feed(self, chunk: bytes) -> None:
        """Take the next part of the file."""
        chunk = self._held + chunk
        odd = (len(chunk) - len(chunk.rstrip(b"\\"))) % 2
        self._held, chunk = (chunk[-1:], chunk[:-1]) if odd else (b"", chunk)
        plain = _ESCAPED.sub(b"__", chunk) if b"\\" in chunk else chunk
        for start in range(0, len(chunk), _BITE):
            self._bite(chunk[start : start + _BITE], plain[start : start + _BITE])

    def _bite(self, bite: bytes, plain: bytes) -> None:
        """Follow the brackets of a bite; `plain` is the same with its escapes blanked."""
        places, opens, depths = self._brackets(plain)
        mark = 0
        for place, is_open, depth in zip(places.tolist(), opens.tolist(), depths.tolist(), strict=True):
            mark = self._bracket(bite, mark, place, is_open, depth)
        self._run(bite[mark:])
        if self._size > self._most:
            self._open_large()
        self._fed += len(bite)
        if self._elements > _MANY_ELEMENTS + self._fed // _LEAST_ELEMENT:
            raise ValueError("its elements are smaller than in any such file")

    def _brackets(self, plain: bytes) -> tuple[Any, Any, Any]:
        """Return places of brackets at the top three levels, whether each opens, and the depth after each."""
        codes = np.frombuffer(plain, np.uint8)
        # [ and { differ in one bit only, and so do ] and }.
        folded = codes | 32
        marked = folded == ord("{")
        marked |= folded == ord("}")
        marked |= codes == ord('"')
        places = np.flatnonzero(marked)
        kinds = codes[places]
        quotes = kinds == ord('"')
        within = np.cumsum(quotes, dtype=np.int32)
        outside = (((within + self._in_string) & 1) == 0) & ~quotes
        if len(within):
            self._in_string = bool((int(within[-1]) + self._in_string) & 1)
        places = places[outside]
        opens = (kinds[outside] | 32) == ord("{")
        depths = np.where(opens, 1, -1).cumsum() + self._depth
        if len(depths):
            self._depth = int(depths[-1])
        top = (depths + ~opens) <= 3
        return places[top], opens[top], depths[top]

    def _bracket(self, bite: bytes, mark: int, place: int, is_open: bool, depth: int) -> int:
        """Take one bracket of the top three levels, and return from where on the text is not taken yet."""
        level = depth if is_open else depth + 1
        if level == 3 and is_open:
            self._element.append(bite[place : place + 1])
            self._size = 1
            return place + 1
        if level == 2 and not is_open and self.array:
            self.array = ""
            mark = place
        self._run(bite[mark : place + 1])
        if level == 3:
            self._end_element()
        elif level == 2 and is_open:
            # What stands in an object at the top is read with the rest; only arrays are handed over in elements.
            if bite[place : place + 1] == b"[":
                text = b"".join(self._around)
                self.array = self._key(text)
                self._arrays += 1
                if self._arrays > _MOST_ARRAYS:
                    raise ValueError("it has more arrays at its top than any such file")
                self._receiver.around(text)
        elif depth < 0:
            raise ValueError("a bracket closes that none opened")
        return place + 1

    @staticmethod
    def _key(text: bytes) -> str:
        match = _LAST_KEY.search(text[-400:-1])
        return match[1].decode("utf-8", "replace") if match else "?"

    def _run(self, text: bytes) -> None:
        """Take text in which the place among the top three levels does not change."""
        if not text:
            return
        if self._inside is not None:
            self._inside.feed(text)
        elif self._is_skipped:
            pass
        elif self._size:
            self._element.append(text)
            self._size += len(text)
        elif not self.array:
            self._around.append(text)
            self._around_size += len(text)
            if self._around_size > _MOST_AROUND:
                raise ValueError("more stands beside its arrays than in any payer's file")

    def _end_element(self) -> None:
        self._elements += 1
        if self._inside is not None:
            inside, self._inside = self._inside, None
            inside.end()
        elif not self._is_skipped:
            self._receiver.element(self.array, b"".join(self._element))
        self._is_skipped = False
        self._element.clear()
        self._size = 0

    def _open_large(self) -> None:
        """Cut the element that is too large to hold into its own elements."""
        receiver = self._receiver.large(self.array)
        begun = b"".join(self._element)
        self._element.clear()
        self._size = 1
        if receiver is None:
            self._is_skipped = True
            return
        self._inside = Scanner(receiver, 4 * LARGE)
        self._inside.feed(begun)

    def end(self) -> dict[str, Any]:
        """Return what stands beside the arrays; raise ValueError where the object is not whole."""
        if self._depth or self._in_string or self._held or not self._around:
            raise ValueError("it ends before its last bracket")
        text = b"".join(self._around)
        self._receiver.around(text)
        beside = orjson.loads(text)
        if not isinstance(beside, dict):
            raise ValueError("it does not begin with an object")
        return beside


# ----------------------------------------------------------------------------
# The quick way: from one item's first key to the next.
# ----------------------------------------------------------------------------


class _Leap:
    """Looks among items that all begin alike for wanted codes only, and leaves the rest unread.

    It takes a part of the file up to the start of the last item in it, so that every item it sees is whole; where it
    cannot, the scanner goes on from there. A code can be missed by neither: each is looked for in every part.
    """

    def __init__(self, scanner: Scanner, receiver: Receiver, codes: frozenset[str]) -> None:
        self._scanner = scanner
        self._receiver = receiver
        self._codes = codes
        self._first = b""
        self._rest = b""

    def take(self, chunk: bytes) -> bool:
        """Take a chunk, or return False where the scanner must."""
        if not self._scanner.is_among_items:
            return False
        if not self._first:
            match = _FIRST_KEY.match(self._scanner.begun)
            if match is None:
                return False
            self._first = match[0]
        last = chunk.rfind(self._first)
        if last < 0:
            self._give_back()
            return False
        before = self._rest or self._scanner.begun
        if not self._rest:
            self._scanner.leave_element()
        self._items(before + chunk[:last] if last else before)
        self._rest = chunk[last:]
        return True

    def end(self) -> None:
        """Let the scanner read what follows the last item that was taken."""
        self._give_back()

    def _give_back(self) -> None:
        rest, self._rest = self._rest, b""
        if rest:
            self._scanner.feed(rest)

    def _items(self, text: bytes) -> None:
        if b"\\" in text and _ESCAPED_LETTER.search(text):
            raise OtherLayout
        place = text.find(_CODE_KEY)
        while place >= 0:
            match = _CODE.match(text, place)
            if match is None or match[1].decode().upper() not in self._codes:
                place = text.find(_CODE_KEY, place + 1)
                continue
            start = max(text.rfind(self._first, 0, place), 0)
            end = text.find(self._first, place)
            whole = text[start : end if end >= 0 else len(text)].strip().rstrip(b",").rstrip()
            try:
                self._receiver.element(_ITEMS, whole)
            except ValueError:
                raise OtherLayout from None
            place = text.find(_CODE_KEY, end) if end >= 0 else -1
