"""How far files of hits have been read."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row a file that is not yet read to its end."""
    op.create_table(
        "hit_file",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("read_to", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Files that still lie there are read anew."""
    op.drop_table("hit_file")
