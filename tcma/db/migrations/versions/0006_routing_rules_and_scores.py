"""Routing rules by version, trained scores, and the company behind a lead's address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COMPANY = "reverse(split_part(lower(address), '@', 2))"
HISTORY = ("routing_version", "score_model")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; both kinds of version are append-only."""
    op.create_table(
        "routing_version",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from", AT, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.UniqueConstraint("vendor_id", "no", name="routing_version_no"),
    )
    op.create_table(
        "score_model",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("card", JSONB(), nullable=False),
        sa.Column("table", JSONB(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.UniqueConstraint("vendor_id", "no", name="score_model_no"),
    )
    op.create_table(
        "lead_chance",
        sa.Column("lead_id", sa.Uuid(), sa.ForeignKey("lead.id"), primary_key=True),
        sa.Column("model_id", sa.Uuid(), sa.ForeignKey("score_model.id"), nullable=False),
        sa.Column("per_mille", sa.Integer(), nullable=False),
        sa.Column("reasons", JSONB(), nullable=False),
        sa.Column("at", AT, nullable=False),
    )
    op.create_index("lead_offer_lately", "lead_offer", ["vendor_id", "offered_at"])
    op.execute(f"CREATE INDEX lead_company ON lead (vendor_id, ({COMPANY}) text_pattern_ops)")
    for table in HISTORY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Drop them; rules and models that were made are lost."""
    op.execute("DROP INDEX lead_company")
    op.drop_index("lead_offer_lately", table_name="lead_offer")
    op.drop_table("lead_chance")
    op.drop_table("score_model")
    op.drop_table("routing_version")
