"""Plans by the order of lists, by market and order, by state, by kind and by revision; and the index of their words.

A search of a state, a market or a word reads no other plans, and a page of a long list is read without sorting it.
"""

from alembic import op

from estimator.db.words import index_words

revision = "0021"
down_revision = "0020"

_TABLE = "active_plans"
_INDEXES = {
    "search": ("search", "first_day"),
    "market_search": ("market", "search", "first_day"),
    "states_market": ("states", "market"),
    "kind": ("kind",),
    "revision_id": ("revision_id",),
}


def upgrade() -> None:
    """Make the indexes."""
    for name, columns in _INDEXES.items():
        op.create_index(f"ix_{_TABLE}_{name}", _TABLE, list(columns))
    index_words(op.get_bind())
