"""Who sees a campaign, what a partner is certified for, and filters that people saved."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Everybody sees what was there; nobody is certified yet."""
    empty, values = sa.text("'{}'"), postgresql.JSONB(astext_type=sa.Text())
    op.add_column("campaign", sa.Column("visibility", values, server_default=empty, nullable=False))
    op.add_column(
        "enrolment", sa.Column("certifications", values, server_default=empty, nullable=False)
    )
    op.create_table(
        "saved_filter",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("saved_filter_user_id_fkey")
        ),
        sa.PrimaryKeyConstraint("user_id", "name", name=op.f("saved_filter_pkey")),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("saved_filter")
    op.drop_column("enrolment", "certifications")
    op.drop_column("campaign", "visibility")
