"""Journeys that begin by a date of a contact or a calendar: who agreed, which day, who has begun, why they get a mail."""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
DAYS = """
CREATE FUNCTION contact_days(partner uuid, fields jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(partner::text || ' ' || e.key || ' ' || d.mark), '{}')
  FROM jsonb_each_text(fields) e
  CROSS JOIN LATERAL (VALUES (e.value), (substr(e.value, 6))) d (mark)
  WHERE e.key LIKE 'x\\_%' AND e.value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
$$"""


def upgrade() -> None:
    """Nobody has begun by a date so far, and no partner has agreed."""
    op.execute(DAYS)
    op.execute(
        "CREATE INDEX contact_day ON contact USING gin (contact_days(partner_id, fields))"
        " WHERE fields::text LIKE '%\"x\\_%'"
    )
    op.add_column("partner_copy", sa.Column("begins_by_date_at", WHEN, nullable=True))
    op.create_index(
        "partner_copy_by_date",
        "partner_copy",
        ["campaign_id"],
        postgresql_where=sa.text("begins_by_date_at IS NOT NULL"),
    )
    op.add_column("nurture_run", sa.Column("occurrence", sa.Date(), nullable=True))
    op.create_index(
        "nurture_run_occurrence",
        "nurture_run",
        ["sequence_id", "contact_id", "occurrence"],
        unique=True,
        postgresql_where=sa.text("occurrence IS NOT NULL"),
    )
    op.add_column(
        "nurture_mailing",
        sa.Column("basis", sa.String(), server_default=sa.text("'enquiry'"), nullable=False),
    )
    op.execute("ALTER TABLE nurture_mailing DROP CONSTRAINT nurture_mailing_pkey")
    op.create_primary_key(
        "nurture_mailing_pkey",
        "nurture_mailing",
        ["campaign_version_id", "partner_id", "mail", "language", "basis"],
    )
    op.create_table(
        "calendar_round",
        sa.Column("sequence_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begun_at", WHEN, nullable=False),
        sa.Column("done_to", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(
            ["sequence_id"], ["sequence.id"], name="calendar_round_sequence_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name="calendar_round_partner_id_fkey"
        ),
        sa.PrimaryKeyConstraint("sequence_id", "partner_id", "day", name="calendar_round_pkey"),
    )


def downgrade() -> None:
    """Whoever is inside walks on; which day they began for is forgotten."""
    op.drop_table("calendar_round")
    op.execute("DELETE FROM nurture_mailing WHERE basis <> 'enquiry'")
    op.execute("ALTER TABLE nurture_mailing DROP CONSTRAINT nurture_mailing_pkey")
    op.create_primary_key(
        "nurture_mailing_pkey",
        "nurture_mailing",
        ["campaign_version_id", "partner_id", "mail", "language"],
    )
    op.drop_column("nurture_mailing", "basis")
    op.drop_index("nurture_run_occurrence", "nurture_run")
    op.drop_column("nurture_run", "occurrence")
    op.drop_index("partner_copy_by_date", "partner_copy")
    op.drop_column("partner_copy", "begins_by_date_at")
    op.drop_index("contact_day", "contact")
    op.execute("DROP FUNCTION contact_days(uuid, jsonb)")
