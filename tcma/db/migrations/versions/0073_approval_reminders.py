"""How far the letters about the day of a question are: approvers reminded, the partner told."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of open questions whose day has passed nobody is told any more."""
    op.add_column(
        "launch_approval",
        sa.Column("reminders", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.execute("UPDATE launch_approval SET reminders = 2 WHERE answer_by < now()")


def downgrade() -> None:
    """Nobody is reminded."""
    op.drop_column("launch_approval", "reminders")
