"""Tokens by which another program calls in the name of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from estimator.db.tables import accounts, api_tokens


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret; `made_by` is the name of an account."""

    name: str
    mark: str
    purpose: str
    role: str
    account_id: int
    made_at: datetime
    ends_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None
    made_by: str

    def is_over(self, now: datetime) -> bool:
        """Tell whether it opens nothing any more."""
        return self.revoked_at is not None or self.ends_at <= now


def insert_token(connection: Connection, **values: Any) -> None:
    """Add a token."""
    connection.execute(insert(api_tokens), values)


def all_tokens(connection: Connection) -> tuple[Token, ...]:
    """Return every token, the newest first."""
    asked = _asked().order_by(api_tokens.c.made_at.desc(), api_tokens.c.name)
    return tuple(Token(**row._mapping) for row in connection.execute(asked))


def find_token(connection: Connection, name: str) -> Token | None:
    """Return the token of this name."""
    row = connection.execute(_asked().where(api_tokens.c.name == name)).first()
    return Token(**row._mapping) if row else None


def change_token(connection: Connection, name: str, **values: Any) -> None:
    """Give a token other values."""
    connection.execute(update(api_tokens).where(api_tokens.c.name == name).values(**values))


def _asked() -> Any:
    return select(api_tokens, accounts.c.name.label("made_by")).join(accounts)
