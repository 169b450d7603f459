"""What a launch sends is pinned with it, and each asset that left has a signed manifest."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Pin the values of every launch so far, and make room for manifests."""
    empty = sa.text("'{}'")
    values = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("launch", sa.Column("slots", values, server_default=empty, nullable=False))
    op.execute(
        "UPDATE launch SET slots = coalesce(partner_copy.slots -> launch.language, '{}'::jsonb)"
        " FROM partner_copy WHERE partner_copy.id = launch.copy_id"
    )
    op.create_table(
        "render_manifest",
        sa.Column("launch_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("manifest", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["launch_id"], ["launch.id"], name=op.f("render_manifest_launch_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("launch_id", "path", name=op.f("render_manifest_pkey")),
    )  # fmt: skip


def downgrade() -> None:
    """Forget both."""
    op.drop_table("render_manifest")
    op.drop_column("launch", "slots")
