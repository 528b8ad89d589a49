"""Cut a payer's or hospital's JSON file of any size into its elements without reading it whole.

`read_elements` hands over each element of the arrays at the top of a file (`in_network`, `provider_references`) and
returns what stands beside them. Two ways lead there: `Scanner` follows strings and brackets in any legal layout, and
`_leap` looks only for the codes that are wanted, which is several times quicker and works where every item begins with
the same key, as in nearly all files. Only elements that hold a wanted code are ever parsed.
"""

from __future__ import annotations

import ctypes
import os
import re
import zlib
from collections.abc import Callable, Iterator
from gzip import GzipFile
from pathlib import Path
from typing import IO, Any, Protocol, cast

import numpy as np
import orjson
from isal import igzip
from isal.igzip_lib import IsalError

from estimator.errors import Problem, RatesRefused
from estimator.files import most_parts

# What is unpacked and looked through at once: small enough to stay in the processor's cache.
_CHUNK = 1 << 18
# What the scanner takes at once.
_BITE = 1 << 17
# All that the scanner looks at: [ and { are one to it, and so are ] and }; two quotes in turn are text without any.
_FOLDED = bytes.maketrans(b"[]", b"{}")
_UNMARKED = bytes({*range(256)} - {*b'[]{}"'})
# An element beyond this is cut into its own elements.
LARGE = 1 << 24
# So is one of more objects, or values, than one for so many of these bytes: each costs more memory than its text.
_BYTES_OF_OBJECT, _BYTES_OF_VALUE = 112, 32
_MOST_AROUND = 1 << 22
# Real files unpack to 20 to 40 times their size. Up to here a file may unpack to any.
_MOST_RATIO, _SMALL = 100, 1 << 23
# No bracket: places, whether each opens, depths.
_NONE = (np.empty(0, np.intp), np.empty(0, bool), np.empty(0, np.int32))
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
# isal has no types for the class that unpacks, and names an exception where its class is meant.
_GZIPPED = cast(Callable[..., GzipFile], igzip.IGzipFile)
_DAMAGED = cast(type[Exception], IsalError)
_LAST_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:\s*$')
# A key may be written with escapes such as \u005f; files that do so are read in the slow and sure way.
_ESCAPED_LETTER = re.compile(rb"\\u00[2-7][0-9a-fA-F]")
_ITEMS = "in_network"
# What is held of an item that is not wanted, in case it is the last.
_MOST_HELD = 1 << 22
# Enough for a key with its value; and for what usually stands between the beginning of an item and its code.
_LOOK_AHEAD, _LOOK_BACK = 512, 4_096
_FIRST_KEY = re.compile(rb'\{\s*"negotiation_arrangement"')
_CODE_KEY = b'"billing_code"'
_CODE = re.compile(rb'"billing_code"\s*:\s*"?\s*([A-Za-z0-9]*)')


# The search of the C library takes less than half the time of bytes.find, which is a third of reading a file.
_memmem: Any = getattr(ctypes.CDLL(None), "memmem", None) if os.name == "posix" else None
_address_of = ctypes.pythonapi.PyBytes_AsString
_address_of.restype, _address_of.argtypes = ctypes.c_void_p, (ctypes.py_object,)
if _memmem is not None:
    _memmem.restype = ctypes.c_void_p
    _memmem.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)


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

    def take_values(self, text: bytes) -> None:
        """Count what an element may say; refuse the file where it is too much."""
        self._values -= _number_of(b",", text)
        if self._values < 0:
            raise _TooMuch("values")

    def parse(self, text: bytes) -> Any:
        """Return what an element says; raise ValueError where it is no JSON."""
        self.take_values(text)
        return orjson.loads(text)

    @property
    def left(self) -> tuple[int, int, int]:
        """Return what may still be found, to come back to where something is read once more."""
        return self._parts, self._values, self._pairs

    @left.setter
    def left(self, left: tuple[int, int, int]) -> None:
        self._parts, self._values, self._pairs = left


class Receiver(Protocol):
    """Takes the elements of a file as they come."""

    def wants(self, array: str, text: bytes) -> bool:
        """Tell whether an element of an array at the top of the file is to be read."""

    def element(self, array: str, text: bytes) -> None:
        """Take an element that is wanted."""

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
    if b"\\" in text and _ESCAPED_LETTER.search(text):
        return True
    place = text.find(_CODE_KEY)
    while place >= 0:
        allowance.take(1)
        match = _CODE.match(text, place)
        if match and match[1].decode().upper() in codes:
            return True
        place = text.find(_CODE_KEY, place + 1)
    return False


def is_heavy(text: bytes, most: int) -> bool:
    """Tell whether what a text says takes more memory than is given to an element."""
    if len(text) * _BYTES_OF_OBJECT <= most:
        return False
    objects = _number_of(b"{", text) + _number_of(b"[", text)
    return max(len(text), objects * _BYTES_OF_OBJECT + _number_of(b",", text) * _BYTES_OF_VALUE) > most


def _find_code(text: bytes, start: int, end: int) -> int:
    """Return where the key of a code next stands between two places of a text, -1 where it does not: bytes.find."""
    if _memmem is None:
        return text.find(_CODE_KEY, start, end)
    start, end = max(start, 0), min(end, len(text))
    if end <= start:
        return -1
    begins: int = _address_of(text)
    found: int | None = _memmem(begins + start, end - start, _CODE_KEY, len(_CODE_KEY))
    return -1 if found is None else found - begins


def _number_of(letter: bytes, text: bytes) -> int:
    """Return how often a letter stands in a text, in less time than bytes.count takes for a frequent one."""
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == letter[0]))


def refuse(path: Path, words: str) -> RatesRefused:
    """Return the refusal of a file."""
    return RatesRefused((Problem("", words, file=path.name),))


def _read(path: Path, receiver: Receiver, allowance: Allowance, leap_to: frozenset[str] | None) -> dict[str, Any]:
    read = 0
    scanner = Scanner(receiver, allowance)
    leap = None if leap_to is None else _Leap(scanner, receiver, allowance, leap_to)
    try:
        for chunk in _content(path):
            read += len(chunk)
            if leap is not None and leap.is_at_work:
                leap.take(chunk)
            else:
                scanner.feed(chunk)
                if leap is not None:
                    leap.begin(read)
        if leap is not None and leap.is_at_work and (place := leap.end()) is not None:
            for chunk in _content(path):
                scanner.feed(chunk[place:] if place > 0 else chunk)
                place -= len(chunk)
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
        if leap is not None:
            # Perhaps it took the beginning of something within an item for an item's.
            raise OtherLayout from None
        words = f"The file is no whole JSON: {error}. It was read up to byte {read:,}; nothing of it is kept."
        raise refuse(path, words) from None


def _content(path: Path) -> Iterator[bytes]:
    """Yield the content of a JSON file in chunks, without a byte order mark."""
    for number, chunk in enumerate(unpacked_chunks(path)):
        if not number:
            chunk = chunk.removeprefix(_BYTE_ORDER_MARK)
            if chunk[:512].lstrip()[:1] != b"{":
                raise refuse(path, "Give a JSON file of a payer, plain or gzipped; this is none.")
        yield chunk


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
    with _GZIPPED(fileobj=opened, mode="rb") as unpacked:
        while chunk := unpacked.read1(_CHUNK):
            given += len(chunk)
            if given > _SMALL and given > _MOST_RATIO * opened.tell():
                raise refuse(path, f"It would unpack to more than {_MOST_RATIO} times its size: this is no such file.")
            yield chunk


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
        self._size = 0
        self._inside: Scanner | None = None
        self._is_skipped = False
        self._arrays = 0
        self.array = ""

    @property
    def is_among_items(self) -> bool:
        """Tell whether the scanner stands within the array of items."""
        return self.array == _ITEMS and self._inside is None and not self._is_skipped

    @property
    def is_between_elements(self) -> bool:
        """Tell whether no element was begun and not ended."""
        return self._depth == 2 and not self._in_string and not self._held

    @property
    def beginning(self) -> bytes:
        """Return how the element begins that the scanner stands in."""
        return b"".join(self._element[:2])[:200]

    def leave_element(self) -> bytes:
        """Return what was read so far of an element that somebody else will read; stand before it."""
        begun = b"".join((*self._element, self._held))
        self._element.clear()
        self._size = 0
        self._depth, self._in_string, self._held = 2, False, b""
        return begun

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
        if self._size > self._most:
            self._open_large()

    def _brackets(self, plain: bytes) -> tuple[Any, Any, Any]:
        """Return places of brackets at the top three levels, whether each opens, and the depth after each."""
        marks = plain.translate(_FOLDED, _UNMARKED)
        if self._in_string:
            marks = b'"' + marks
        # Two quotes in turn have no bracket between them; what is left of quotes is text with brackets, or text that
        # goes on.
        marks = marks.replace(b'""', b"")
        kinds = np.frombuffer(marks, np.uint8)
        within = None
        was_within = self._in_string
        self._in_string = False
        if b'"' in marks:
            quotes = kinds == ord('"')
            within = np.cumsum(quotes, dtype=np.int32)
            self._in_string = bool(int(within[-1]) & 1)
            kinds = kinds[~quotes & (within & 1 == 0)]
        if not len(kinds):
            return _NONE
        # { is one step down and } one up; | stands between them.
        depths = (ord("|") - kinds.view(np.int8)).cumsum(dtype=np.int32) + self._depth
        self._depth = int(depths[-1])
        opens = kinds == ord("{")
        top = (depths + ~opens) <= 3
        if not top.any():
            return _NONE
        return self._places(plain, was_within)[top], opens[top], depths[top]

    @staticmethod
    def _places(plain: bytes, is_in_string: bool) -> Any:
        """Return the places of all brackets that stand in no string."""
        codes = np.frombuffer(plain, np.uint8)
        folded = codes | 32
        marked = folded == ord("{")
        marked |= folded == ord("}")
        marked |= codes == ord('"')
        places = np.flatnonzero(marked)
        quotes = codes[places] == ord('"')
        within = np.cumsum(quotes, dtype=np.int32) + is_in_string
        return places[~quotes & (within & 1 == 0)]

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
        self._allowance.take(1)
        if self._inside is None and not self._is_skipped:
            text = b"".join(self._element)
            if self._receiver.wants(self.array, text):
                if is_heavy(text, self._most):
                    self._open_large()
                else:
                    self._receiver.element(self.array, text)
        if self._inside is not None:
            inside, self._inside = self._inside, None
            inside.end()
        self._is_skipped = False
        self._element.clear()
        self._size = 0

    def _open_large(self) -> None:
        """Cut the element that is too large to hold into its own elements."""
        begun = b"".join(self._element)
        receiver = self._receiver.large(self.array, begun)
        self._element.clear()
        self._size = 1
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
    """Looks among items that all begin alike for codes only, and leaves the items of others unread.

    An item begins where its first key last stands before its code. A wanted item is handed over up to where the next
    begins; it is no JSON where one of another layout came between. Then, and where a wanted code stands in an item
    whose beginning is not held any more, the file is read again in the sure way. The scanner reads the last item with
    whatever follows it, and wanted items that are too large to hold.
    """

    def __init__(self, scanner: Scanner, receiver: Receiver, allowance: Allowance, codes: frozenset[str]) -> None:
        self._scanner = scanner
        self._receiver = receiver
        self._allowance = allowance
        self._codes = codes
        self._first = b""
        # Places in the file: of the item that is looked through, of what is held, of codes not looked for yet, and of
        # the end of what came.
        self._start = self._from = self._next = self._end = 0
        self._parts: list[bytes] = []
        self._window = b""
        self._is_wanted = False

    @property
    def is_at_work(self) -> bool:
        """Tell whether parts of the file are taken here, and not by the scanner."""
        return bool(self._first)

    def begin(self, place: int) -> None:
        """Take over from the scanner, which stands at a place in the file, where it is in an item that begins alike."""
        if not self._scanner.is_among_items:
            return
        match = _FIRST_KEY.match(self._scanner.beginning)
        if match is None:
            return
        self._first = match[0]
        begun = self._scanner.leave_element()
        self._start = self._from = self._next = self._end = place - len(begun)
        self._parts, self._window, self._is_wanted = [], b"", False
        self.take(begun)

    def take(self, chunk: bytes) -> None:
        """Take the next part of the file."""
        self._parts.append(chunk)
        self._end += len(chunk)
        text = self._window + chunk
        base = self._end - len(text)
        # Whatever begins at the very end may go on in the next part.
        limit = len(text) - _LOOK_AHEAD
        if base + limit > self._next:
            self._look(text, base, limit)
            self._next = base + limit
            text = text[max(limit - _LOOK_BACK, 0) :]
        self._window = text
        if self._end - self._from > _MOST_HELD:
            self._let_go()

    def end(self) -> int | None:
        """Let the scanner read the last item and what follows; return its place where that is not held."""
        self._first = b""
        if self._start < self._from:
            return self._start
        self._scanner.feed(self._held(self._start, self._end))
        return None

    def _look(self, text: bytes, base: int, limit: int) -> None:
        """Look for codes in a text at a place in the file; their keys begin before a limit."""
        if b"\\" in text and _ESCAPED_LETTER.search(text):
            raise OtherLayout
        past = limit + len(_CODE_KEY) - 1
        place = _find_code(text, self._next - base, past)
        while place >= 0:
            self._allowance.take(1)
            match = _CODE.match(text, place)
            if match is not None and match.end() == len(text):
                raise OtherLayout
            is_wanted = match is not None and match[1].decode().upper() in self._codes
            begun = text.rfind(self._first, max(self._start + 1 - base, 0), place)
            start = base + begun if begun >= 0 else self._begun_before(base + place) if is_wanted else self._start
            if start > self._start:
                self._end_item(start)
                self._is_wanted = is_wanted
            elif is_wanted:
                self._is_wanted = True
            place = _find_code(text, place + 1, past)

    def _begun_before(self, place: int) -> int:
        """Return where the item of a wanted code begins: the one looked through, or one with much before its code."""
        if self._start < self._from:
            raise OtherLayout
        found = self._held(self._start + 1, place).rfind(self._first)
        return self._start + 1 + found

    def _held(self, start: int, end: int) -> bytes:
        return b"".join(self._parts)[start - self._from : end - self._from]

    def _end_item(self, start: int) -> None:
        """Hand over the item that was looked through if it is wanted; the next begins at a place in the file."""
        if self._is_wanted:
            text = self._held(self._start, start)
            next_item = text.find(self._first, 1)
            whole = (text[:next_item] if next_item >= 0 else text).strip().rstrip(b",").rstrip()
            try:
                if is_heavy(whole, LARGE):
                    self._scanner.feed(whole)
                    if not self._scanner.is_between_elements:
                        raise OtherLayout
                else:
                    self._receiver.element(_ITEMS, whole)
            except ValueError:
                raise OtherLayout from None
        self._start = start
        while self._from + len(self._parts[0]) <= start:
            self._from += len(self._parts.pop(0))

    def _let_go(self) -> None:
        """Hold no more of an item that is not wanted; leave one that is, and too large, to the scanner."""
        if not self._is_wanted:
            self._parts = [self._window]
            self._from = self._end - len(self._window)
        elif self._end - self._start > LARGE:
            self.end()
