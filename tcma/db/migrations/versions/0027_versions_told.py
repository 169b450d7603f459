"""Of which version of its campaign a copy's partner has heard."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the version; what is published now counts as heard of."""
    op.add_column("partner_copy", sa.Column("told_version_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("partner_copy_told_version_id_fkey"),
        "partner_copy",
        "campaign_version",
        ["told_version_id"],
        ["id"],
    )
    op.execute(
        "UPDATE partner_copy SET told_version_id = campaign_version.id FROM campaign_version"
        " WHERE campaign_version.campaign_id = partner_copy.campaign_id"
        " AND campaign_version.state = 'published'"
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_constraint(op.f("partner_copy_told_version_id_fkey"), "partner_copy")
    op.drop_column("partner_copy", "told_version_id")
