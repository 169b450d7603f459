"""Mail to partners: what each person wants of it, what a vendor wrote, and who was reached how."""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
WORDS = sa.ARRAY(sa.String())
NONE = sa.text("'{}'")


def upgrade() -> None:
    """Nobody has chosen any mail, so nobody gets it: the default is no."""
    op.create_table(
        "mail_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("wants", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="mail_choice_user_id_fkey"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="mail_choice_vendor_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="mail_choice_pkey"),
    )
    op.create_index("mail_choice_newest", "mail_choice", ["user_id", "vendor_id", "purpose", "id"])
    op.execute(
        "CREATE TRIGGER mail_choice_append_only BEFORE UPDATE OR DELETE ON mail_choice"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.create_table(
        "announcement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("link", sa.String(), server_default="", nullable=False),
        sa.Column("tiers", WORDS, server_default=NONE, nullable=False),
        sa.Column("levels", WORDS, server_default=NONE, nullable=False),
        sa.Column("roles", WORDS, server_default=NONE, nullable=False),
        sa.Column("shown_days", sa.SmallInteger(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("sent_by", sa.String(), nullable=True),
        sa.Column("sent_at", WHEN, nullable=True),
        sa.Column("shown_until", WHEN, nullable=True),
        sa.Column("mailing_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("shown_days >= 0", name="announcement_days"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="announcement_vendor_id_fkey"),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name="announcement_mailing_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="announcement_pkey"),
    )
    op.create_index("announcement_vendor", "announcement", ["vendor_id", "id"])
    op.create_table(
        "announcement_receipt",
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("read_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name="announcement_receipt_announcement_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name="announcement_receipt_partner_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="announcement_receipt_user_id_fkey"
        ),
        sa.PrimaryKeyConstraint("announcement_id", "user_id", name="announcement_receipt_pkey"),
    )
    op.create_index("announcement_receipt_user", "announcement_receipt", ["user_id"])
    op.create_index(
        "announcement_receipt_message",
        "announcement_receipt",
        ["message_id"],
        unique=True,
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Nobody is told anything; what waits to leave is cancelled, for its texts are nobody's any more."""
    op.drop_table("announcement_receipt")
    op.drop_table("announcement")
    op.drop_table("mail_choice")
    op.execute(
        "UPDATE message SET state = 7 WHERE state IN (0, 1) AND mailing_id IN"
        " (SELECT id FROM mailing WHERE kind = 5)"
    )
