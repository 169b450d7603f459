"""Since when a document is no longer given out, and since when its bytes are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """What stands there is kept."""
    op.add_column("document", sa.Column("removed_at", AT))
    op.add_column("document", sa.Column("gone_at", AT))
    waits = sa.text("removed_at IS NOT NULL AND gone_at IS NULL")
    op.create_index("document_to_go", "document", ["removed_at"], postgresql_where=waits)


def downgrade() -> None:
    """Take it away."""
    op.drop_index("document_to_go", "document")
    op.drop_column("document", "gone_at")
    op.drop_column("document", "removed_at")
