"""Terms a vendor asks its partners to accept, and who accepted which version when."""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
KEPT = ("terms_version", "terms_acceptance")


def upgrade() -> None:
    """No vendor asks for any terms so far."""
    op.create_table(
        "terms_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("asks_again", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.CheckConstraint("no > 0", name="terms_version_no"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="terms_version_vendor_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="terms_version_pkey"),
        sa.UniqueConstraint("vendor_id", "no", name="terms_version_once"),
    )
    op.create_table(
        "terms_acceptance",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["terms_version.id"], name="terms_acceptance_version_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"],
            ["enrolment.vendor_id", "enrolment.partner_id"],
            name="terms_acceptance_vendor_id_partner_id_fkey",
        ),
        sa.PrimaryKeyConstraint("version_id", "partner_id", name="terms_acceptance_pkey"),
    )
    op.create_index("terms_acceptance_partner", "terms_acceptance", ["partner_id", "vendor_id"])
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """What was accepted is forgotten, so nobody is refused for it."""
    op.drop_table("terms_acceptance")
    op.drop_table("terms_version")
