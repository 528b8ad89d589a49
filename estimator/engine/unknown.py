"""The value for what a booklet does not say."""

from __future__ import annotations

from enum import Enum


class Unknown(Enum):
    """A setting that nobody has read yet; it widens the range and becomes a question."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
