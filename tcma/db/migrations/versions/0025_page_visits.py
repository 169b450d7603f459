"""Visits of pages by the way people came, and what was measured when a page was published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Pages that stand were not measured."""
    op.create_table(
        "page_visit",
        sa.Column("page_id", sa.Uuid(), sa.ForeignKey("page.id"), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("via", sa.String(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
    )
    op.add_column("page", sa.Column("report", JSONB(), server_default="{}", nullable=False))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("page", "report")
    op.drop_table("page_visit")
