"""The second step of a sign-in, and recovery codes for when the phone is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "second_steps",
        sa.Column("account_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("last_code", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_second_steps"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_second_steps_account_id"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_recovery_codes_account_id"),
    )
    op.create_index("ix_recovery_codes_account_id", "recovery_codes", ["account_id"])
