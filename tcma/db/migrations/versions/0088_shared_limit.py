"""How much mail one person gets from all vendors of an installation, and which vendors take part."""

import sqlalchemy as sa
from alembic import op

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """No limit, and nobody takes part."""
    op.create_table(
        "shared_limit",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("mails", sa.SmallInteger(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("changed_at", WHEN, nullable=False),
        sa.CheckConstraint("id = 1", name="shared_limit_once"),
        sa.CheckConstraint("mails > 0 AND days > 0", name="shared_limit_positive"),
        sa.PrimaryKeyConstraint("id", name="shared_limit_pkey"),
    )
    op.create_table(
        "shared_limit_vendor",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="shared_limit_vendor_vendor_id_fkey"
        ),
        sa.PrimaryKeyConstraint("vendor_id", name="shared_limit_vendor_pkey"),
    )


def downgrade() -> None:
    """Everybody is mailed as their vendors say."""
    op.drop_table("shared_limit_vendor")
    op.drop_table("shared_limit")
