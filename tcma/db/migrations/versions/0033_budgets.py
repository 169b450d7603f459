"""Senders that are held, and from when on what comes back is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody is held; everything counts."""
    instant = sa.DateTime(timezone=True)
    op.add_column("mailing", sa.Column("counted_from", instant, nullable=True))
    op.add_column("sender", sa.Column("held_at", instant, nullable=True))
    op.add_column("sender", sa.Column("held_reason", sa.String(), nullable=True))
    op.add_column("sender", sa.Column("counted_from", instant, nullable=True))


def downgrade() -> None:
    """Forget it: held senders send."""
    for name in ("counted_from", "held_reason", "held_at"):
        op.drop_column("sender", name)
    op.drop_column("mailing", "counted_from")
