"""The root of every finding: something that the engine found, as numbers and names, never a sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Any finding. It exists only if it changes what someone owes or would do. Amounts are cents."""
