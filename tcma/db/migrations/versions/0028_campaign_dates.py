"""From which day a version is published, and for which last day its partners were told."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both days."""
    op.add_column("campaign_version", sa.Column("starts_on", sa.Date(), nullable=True))
    op.add_column("campaign_version", sa.Column("announced_for", sa.Date(), nullable=True))


def downgrade() -> None:
    """Forget them; what was to be published later is a draft again."""
    op.execute("UPDATE campaign_version SET state = 'draft' WHERE state = 'scheduled'")
    op.drop_column("campaign_version", "announced_for")
    op.drop_column("campaign_version", "starts_on")
