"""Points by a vendor's own rules, by version; what each lead's points came from; who sees chances; keys
that may read leads.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Leads that are open get their reasons within the hour; closed ones keep the bare sum."""
    op.create_table(
        "points_version",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from", AT, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.UniqueConstraint("vendor_id", "no", name="points_version_no"),
    )
    op.execute(
        "CREATE TRIGGER points_version_append_only BEFORE UPDATE OR DELETE ON points_version"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.add_column(
        "lead", sa.Column("points", JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "vendor",
        sa.Column("shows_chance", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "intake_key",
        sa.Column("may_read", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    """Drop them; rules that were published are lost."""
    op.drop_column("intake_key", "may_read")
    op.drop_column("vendor", "shows_chance")
    op.drop_column("lead", "points")
    op.drop_table("points_version")
