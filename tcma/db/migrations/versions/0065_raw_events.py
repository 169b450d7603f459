"""What a verdict on an event was reached from, so that it can be reached again."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

SMALL = sa.SmallInteger()


def upgrade() -> None:
    """What stands there was asked by GET, from nobody knows where."""
    op.add_column("event", sa.Column("method", sa.String(), server_default="GET", nullable=False))
    op.add_column("event", sa.Column("network", sa.String(), server_default="", nullable=False))
    op.add_column("event", sa.Column("score", SMALL, server_default="0", nullable=False))
    op.add_column("event", sa.Column("version", SMALL, server_default="1", nullable=False))


def downgrade() -> None:
    """Take it away."""
    for name in ("method", "network", "score", "version"):
        op.drop_column("event", name)
