"""To what of a journey a partner agreed: what begins it, so that a changed one asks anew."""

import sqlalchemy as sa
from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was agreed to until now nobody wrote down: those partners are asked anew."""
    op.add_column("partner_copy", sa.Column("begins_by", sa.String(), nullable=True))


def downgrade() -> None:
    """Whoever agreed has agreed to whatever begins it."""
    op.drop_column("partner_copy", "begins_by")
