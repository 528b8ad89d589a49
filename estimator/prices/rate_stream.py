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
from estimator.files import most_parts

_CHUNK = 1 << 20
# What the scanner takes at once: small enough that its tables stay in the processor's cache.
_BITE = 1 << 16
# An element beyond this is cut into its own elements.
LARGE = 1 << 24
# So is one of more objects, or values, than one for so many of these bytes: each costs more memory than its text.
_BYTES_OF_OBJECT, _BYTES_OF_VALUE = 112, 32
_MOST_AROUND = 1 << 22
# Real files unpack to 20 to 40 times their size. Up to here a file may unpack to any.
_MOST_RATIO, _SMALL = 100, 1 << 23
# No such file has more arrays at its top.
_MOST_ARRAYS = 100
# What a file may hold, whatever its size, and beyond that for its bytes as they come, packed or plain: a part (element,
# code, price) for so many of the first megabyte and for so many of the rest, and so many values for one.
_MANY_PARTS, _BYTES_OF_PART, _BYTES_OF_FURTHER_PART = 20_000, 12, 3
_MANY_VALUES, _VALUES_OF_BYTE = 100_000, 12
# A price may be of thousands of groups, and a rate have many prices: together so many pairs, and more for each byte.
_MANY_PAIRS, _PAIRS_OF_BYTE = 4_000_000, 10
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The types of isal name an exception where its class is meant.
_DAMAGED = cast(type[Exception], IsalError)
_LAST_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:\s*$')
# A key may be written with escapes such as \u005f; files that do so are read in the slow and sure way.
_ESCAPED_LETTER = re.compile(rb"\\u00[2-7][0-9a-fA-F]")
_ITEMS = "in_network"
_FIRST_KEY = re.compile(rb'\{\s*"negotiation_arrangement"')
_CODE_KEY = b'"billing_code"'
_CODE = re.compile(rb'"billing_code"\s*:\s*"?\s*([A-Za-z0-9]*)')


class _TooMuch(Exception):
    """A file holds more than any of its size."""


class Allowance:
    """What may still be found in a file: a few packed bytes make any number of small parts, which all take time."""

    def __init__(self, size: int) -> None:
        self._parts = most_parts(size, _MANY_PARTS, _BYTES_OF_PART, _BYTES_OF_FURTHER_PART)
        self._values = _MANY_VALUES + size * _VALUES_OF_BYTE
        self._pairs = _MANY_PAIRS + size * _PAIRS_OF_BYTE

    def take(self, parts: int) -> None:
        """Count elements, codes or prices that are looked at one by one; refuse the file where they are too many."""
        self._parts -= parts
        if self._parts < 0:
            raise _TooMuch("parts")

    def pair(self, prices: int, groups: int) -> None:
        """Count each price of a rate with each of its groups; refuse the file where they are too many."""
        self._pairs -= prices * groups
        if self._pairs < 0:
            raise _TooMuch("rates")

    def parse(self, text: bytes) -> Any:
        """Return what an element says; raise ValueError where it is no JSON or has too many values."""
        self._values -= text.count(b",")
        if self._values < 0:
            raise _TooMuch("values")
        return orjson.loads(text)


class Receiver(Protocol):
    """Takes the elements of a file as they come."""

    def element(self, array: str, text: bytes) -> None:
        """Take one element of an array at the top of the file."""

    def large(self, array: str, begun: bytes) -> Receiver | None:
        """Return what takes the parts of an element too large to hold, begun so; None where it is not wanted."""

    def around(self, text: bytes) -> None:
        """Take what stands around the arrays so far: where an array begins, and at the end."""


class OtherLayout(Exception):
    """The quick way does not fit this file."""


def read_elements(
    path: Path, receiver: Callable[[Allowance], Receiver], codes: frozenset[str]
) -> tuple[Receiver, dict[str, Any]]:
    """Read a file, plain or gzipped, and return the receiver of its elements with what stands beside its arrays.

    Raises RatesRefused, with the place, where it is cut off or no JSON.
    """
    allowance = Allowance(path.stat().st_size)
    try:
        quick = receiver(allowance)
        return quick, _read(path, quick, allowance, codes)
    except OtherLayout:
        allowance = Allowance(path.stat().st_size)
        sure = receiver(allowance)
        return sure, _read(path, sure, allowance, None)


def holds_code(text: bytes, codes: frozenset[str], allowance: Allowance) -> bool:
    """Tell whether a wanted code may stand in the text of an element."""
    allowance.take(text.count(_CODE_KEY))
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


def _read(path: Path, receiver: Receiver, allowance: Allowance, leap_to: frozenset[str] | None) -> dict[str, Any]:
    read = 0
    scanner = Scanner(receiver, allowance)
    leap = None if leap_to is None else _Leap(scanner, receiver, allowance, leap_to)
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
    except _TooMuch as error:
        words = f"It has more and smaller {error} than any such file of its size. Download it again from the payer."
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
            if given > _SMALL and given > _MOST_RATIO * opened.tell():
                raise refuse(path, f"It would unpack to more than {_MOST_RATIO} times its size: this is no such file.")
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

    def __init__(self, receiver: Receiver, allowance: Allowance, most: int = LARGE) -> None:
        self._receiver = receiver
        self._allowance = allowance
        self._most = most
        self._depth = 0
        self._in_string = False
        self._held = b""
        self._around: list[bytes] = []
        self._around_size = 0
        self._element: list[bytes] = []
        self._size = self._weight = 0
        self._inside: Scanner | None = None
        self._is_skipped = False
        self._arrays = 0
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
        # Only an escaped quote could be taken for another; pairs of backslashes go first, as they are read.
        plain = chunk.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in chunk else chunk
        for start in range(0, len(chunk), _BITE):
            self._bite(chunk[start : start + _BITE], plain[start : start + _BITE])

    def _bite(self, bite: bytes, plain: bytes) -> None:
        """Follow the brackets of a bite; `plain` is the same with its escapes blanked."""
        places, opens, depths = self._brackets(plain)
        mark = 0
        for place, is_open, depth in zip(places.tolist(), opens.tolist(), depths.tolist(), strict=True):
            mark = self._bracket(bite, mark, place, is_open, depth)
        self._run(bite[mark:])
        if self._size > 1:
            self._weight += bite.count(b",") * _BYTES_OF_VALUE
            if max(self._size, self._weight) > self._most:
                self._open_large()

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
        if self._size > 1:
            self._weight += int(np.count_nonzero(opens)) * _BYTES_OF_OBJECT
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
            self._weight = 0
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
        self._allowance.take(1)
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
        begun = b"".join(self._element)
        receiver = self._receiver.large(self.array, begun)
        self._element.clear()
        self._size, self._weight = 1, 0
        if receiver is None:
            self._is_skipped = True
            return
        self._inside = Scanner(receiver, self._allowance, 4 * LARGE)
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

    def __init__(self, scanner: Scanner, receiver: Receiver, allowance: Allowance, codes: frozenset[str]) -> None:
        self._scanner = scanner
        self._receiver = receiver
        self._allowance = allowance
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
        text = before + chunk
        limit = len(before) + last
        self._items(text, limit)
        self._rest = text[limit:]
        return True

    def end(self) -> None:
        """Let the scanner read what follows the last item that was taken."""
        self._give_back()

    def _give_back(self) -> None:
        rest, self._rest = self._rest, b""
        if rest:
            self._scanner.feed(rest)

    def _items(self, text: bytes, limit: int) -> None:
        """Take the wanted items up to a limit; each code on the way there is counted as it is found."""
        if b"\\" in text and _ESCAPED_LETTER.search(text, 0, limit):
            raise OtherLayout
        place = text.find(_CODE_KEY, 0, limit)
        while place >= 0:
            self._allowance.take(1)
            match = _CODE.match(text, place)
            if match is None or match[1].decode().upper() not in self._codes:
                place = text.find(_CODE_KEY, place + 1, limit)
                continue
            start = max(text.rfind(self._first, 0, place), 0)
            end = text.find(self._first, place, limit)
            whole = text[start : end if end >= 0 else limit].strip().rstrip(b",").rstrip()
            try:
                self._receiver.element(_ITEMS, whole)
            except ValueError:
                raise OtherLayout from None
            place = text.find(_CODE_KEY, end, limit) if end >= 0 else -1
