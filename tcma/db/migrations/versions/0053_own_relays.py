"""A sending domain may have relays of its own, tried in an order of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the relays and what happens when none of them takes mail."""
    op.add_column(
        "sender_domain",
        sa.Column("house_is_last", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_table(
        "sender_relay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("domain_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("away_since", INSTANT, nullable=True),
        sa.Column("trouble", sa.String(), server_default="", nullable=False),
        sa.Column("said", sa.String(), server_default="", nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("port BETWEEN 1 AND 65535", name="sender_relay_port"),
        sa.ForeignKeyConstraint(["domain_id"], ["sender_domain.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sender_relay_domain", "sender_relay", ["domain_id", "place"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("sender_relay")
    op.drop_column("sender_domain", "house_is_last")
