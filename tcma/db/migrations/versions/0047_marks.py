"""How far slow walks through large tables have come."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One small table."""
    op.create_table(
        "mark",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("done_to", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Walks begin anew."""
    op.drop_table("mark")
