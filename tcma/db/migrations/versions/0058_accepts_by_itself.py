"""A partner may have leads accepted by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """So far somebody pressed Accept for each."""
    op.add_column(
        "lead_sharing",
        sa.Column("accepts", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    """Every offer waits for a person again."""
    op.drop_column("lead_sharing", "accepts")
