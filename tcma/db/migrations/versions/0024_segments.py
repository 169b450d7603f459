"""Tags, what an import changed, a partner's own fields, saved segments, launches that go to them; erasure empties a capture."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

COVERED = ["country", "language", "tags", "created_at"]


def upgrade() -> None:
    op.add_column(
        "contact",
        sa.Column("tags", ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.execute(
        "UPDATE contact SET tags = coalesce((SELECT array_agg(DISTINCT left(trim(t), 40))"
        " FROM regexp_split_to_table(fields->>'tags', '[,;|]') t WHERE trim(t) <> ''), '{}'),"
        " fields = fields - 'tags' WHERE fields ? 'tags'"
    )
    op.execute("UPDATE contact SET country = left(country, 60), language = left(language, 60)"
               " WHERE length(country) > 60 OR length(language) > 60")  # fmt: skip
    op.drop_index("contact_page", "contact")
    op.create_index(
        "contact_page", "contact", ["partner_id", "id"],
        postgresql_include=COVERED, postgresql_where=sa.text("address <> ''"),
    )  # fmt: skip
    op.create_table(
        "custom_field",
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("choices", JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("condition", JSONB(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("partner_id", "name", name="segment_name"),
    )
    op.create_table(
        "contact_import_change",
        sa.Column("import_id", sa.Uuid(), primary_key=True),
        sa.Column("contact_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("was", JSONB(), nullable=False),
    )
    op.execute(
        "DROP TRIGGER lead_capture_append_only ON lead_capture;"
        " CREATE TRIGGER lead_capture_append_only BEFORE UPDATE ON lead_capture FOR EACH ROW"
        " WHEN (NEW.raw <> '{}' OR (NEW.lead_id, NEW.consent_given, NEW.consent_text, NEW.at)"
        " IS DISTINCT FROM (OLD.lead_id, OLD.consent_given, OLD.consent_text, OLD.at))"
        " EXECUTE FUNCTION refuse_change();"
        " CREATE TRIGGER lead_capture_stays BEFORE DELETE ON lead_capture FOR EACH ROW"
        " EXECUTE FUNCTION refuse_change()"
    )
    op.create_table(
        "launch_segment",
        sa.Column(
            "launch_id", sa.Uuid(), sa.ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("segment_id", sa.Uuid(), sa.ForeignKey("segment.id"), primary_key=True),
    )


def downgrade() -> None:
    for name in ("launch_segment", "contact_import_change", "segment", "custom_field"):
        op.drop_table(name)
    op.drop_index("contact_page", "contact")
    op.create_index("contact_page", "contact", ["partner_id", "id"])
    op.drop_column("contact", "tags")
    op.execute(
        "DROP TRIGGER lead_capture_stays ON lead_capture;"
        " DROP TRIGGER lead_capture_append_only ON lead_capture;"
        " CREATE TRIGGER lead_capture_append_only BEFORE UPDATE OR DELETE ON lead_capture"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
