"""Nudges of a partner's first steps, and those steps that a vendor does not ask for."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """How far a partner is needs no table: it is read from the rows that say so."""
    op.create_table(
        "step_nudge",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.UniqueConstraint("vendor_id", "partner_id", "step", "no", name="step_nudge_once"),
    )
    op.create_table(
        "step_waiver",
        sa.Column("vendor_id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("step", sa.String(), primary_key=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("waived_by", sa.String(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
    )


def downgrade() -> None:
    """What was waived is asked for again."""
    op.drop_table("step_waiver")
    op.drop_table("step_nudge")
