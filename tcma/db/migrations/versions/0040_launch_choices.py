"""Launches by the recipient's clock, within hours, with a share held out."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every launch so far leaves in one moment, at any hour, to everybody."""
    op.add_column(
        "launch",
        sa.Column("local_time", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("launch", sa.Column("hours", sa.String(), server_default="any", nullable=False))
    op.add_column(
        "launch",
        sa.Column("hold_out", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    """What waits for its hour keeps its moment; launches to come leave in one."""
    op.drop_column("launch", "hold_out")
    op.drop_column("launch", "hours")
    op.drop_column("launch", "local_time")
