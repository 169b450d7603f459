"""Host names that partners bring for their pages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Pages are answered on the product's own host alone."""
    op.create_table(
        "page_host",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="pending", nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.Column("failing_since", AT),
        sa.Column("checked_at", AT),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("findings", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.UniqueConstraint("partner_id", "name", name="page_host_once"),
    )
    op.create_index(
        "page_host_answered", "page_host", ["name"],
        unique=True, postgresql_where=sa.text("state IN ('verified', 'failing')"),
    )  # fmt: skip
    op.create_index("page_host_due", "page_host", ["due_at"])


def downgrade() -> None:
    """They are again."""
    op.drop_table("page_host")
