"""The last id that each table gave, so that none is given twice after its row was removed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# A table, and where its ids are kept: what an EOB said of an estimate outlasts that estimate.
_KEPT = (
    ("accounts", ("accounts.id",)),
    ("signing_keys", ("signing_keys.id",)),
    ("plan_drafts", ("plan_drafts.id",)),
    ("given_estimates", ("given_estimates.id", "reconciliations.given_id")),
    ("saved_estimates", ("saved_estimates.id",)),
    ("watch_runs", ("watch_runs.id",)),
    ("schedules", ("schedules.id",)),
)


def upgrade() -> None:
    """Make the table, and fill it with the highest id that there is of each."""
    made = op.create_table(
        "last_ids",
        sa.Column("of_table", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("of_table", name="pk_last_ids"),
    )
    highest = {name: max(map(_highest, places)) for name, places in _KEPT}
    op.bulk_insert(made, [{"of_table": name, "id": number} for name, number in highest.items() if number])


def _highest(place: str) -> int:
    table, column = place.split(".")
    return int(
        op.get_bind().execute(sa.select(sa.func.max(sa.column(column))).select_from(sa.table(table))).scalar() or 0
    )
