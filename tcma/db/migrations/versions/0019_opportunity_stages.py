"""How far an opportunity is."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that stand are at the first stage."""
    op.add_column(
        "opportunity",
        sa.Column("stage", sa.String(), server_default="qualified", nullable=False),
    )
    op.create_check_constraint(
        "opportunity_stage", "opportunity", "stage IN ('qualified', 'proposal', 'negotiation')"
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("opportunity", "stage")
