"""The clinic's locations and the register of its therapists."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_MOMENT = sa.DateTime(timezone=True)
_SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "clinic_locations",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", _SORTED, nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("contract_id", sa.Integer()),
        sa.Column("self_pay_id", sa.Integer()),
        sa.Column("closed_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_clinic_locations"),
        sa.UniqueConstraint("name", name="uq_clinic_locations_name"),
        *(
            sa.ForeignKeyConstraint([key], ["clinic_price_lists.id"], name=f"fk_clinic_locations_{key}")
            for key in ("contract_id", "self_pay_id")
        ),
    )
    op.create_table(
        "therapists",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("code", _SORTED, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("provider", "state", "trained", "training")),
        sa.Column("training_ends_on", sa.Date()),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("left_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_therapists"),
        sa.UniqueConstraint("code", name="uq_therapists_code"),
    )
