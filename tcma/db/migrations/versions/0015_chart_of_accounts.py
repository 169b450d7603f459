"""A vendor's chart of accounts, for the journal its finance imports."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nothing in it means the default chart."""
    op.create_table(
        "gl_account",
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), primary_key=True),
        sa.Column("place", sa.String(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
    )


def downgrade() -> None:
    """Back to the default chart for everybody."""
    op.drop_table("gl_account")
