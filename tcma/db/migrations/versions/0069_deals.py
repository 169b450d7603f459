"""Opportunities without a lead, parts in them, their files; forms of ads that tell us of leads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every opportunity so far has a lead, which says whose it is."""
    op.alter_column("opportunity", "lead_id", nullable=True)
    op.alter_column("opportunity", "campaign_id", nullable=True)
    for name in ("company", "domain", "registered_by"):
        op.add_column(
            "opportunity", sa.Column(name, sa.String(), server_default="", nullable=False)
        )
    op.add_column("opportunity", sa.Column("loss_reason", sa.String(), nullable=True))
    op.create_check_constraint(
        "opportunity_whose", "opportunity", "lead_id IS NOT NULL OR company <> ''"
    )
    op.create_table(
        "opportunity_part",
        sa.Column("opportunity_id", sa.Uuid(), sa.ForeignKey("opportunity.id"), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("role", sa.String(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("named", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.CheckConstraint(
            "role IN ('sourcing', 'influencing', 'fulfilling')", name="opportunity_part_role"
        ),
    )
    op.create_index("opportunity_part_partner", "opportunity_part", ["partner_id"])
    op.create_table(
        "opportunity_paper",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("opportunity_id", sa.Uuid(), sa.ForeignKey("opportunity.id"), nullable=False),
        sa.Column("document_id", sa.Uuid(), sa.ForeignKey("document.id"), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("opportunity_paper_of", "opportunity_paper", ["opportunity_id", "id"])
    op.alter_column("crm_link", "lead_id", nullable=True)
    op.add_column("crm_link", sa.Column("opportunity_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint(
        "crm_link_deal_once", "crm_link", ["connection_id", "opportunity_id"]
    )
    op.create_check_constraint(
        "crm_link_subject", "crm_link", "num_nonnulls(lead_id, opportunity_id) = 1"
    )
    op.create_table(
        "page_signal",
        sa.Column("message_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("page_id", sa.Uuid(), sa.ForeignKey("page.id"), primary_key=True),
        sa.Column("did", sa.String(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("page_signal_lately", "page_signal", ["at"])
    op.add_column("lead", sa.Column("joined_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("lead_joined_id_fkey", "lead", "lead", ["joined_id"], ["id"])
    op.create_index("lead_person", "lead", ["vendor_id", "address_hash"])
    op.create_index(
        "lead_joined", "lead", ["joined_id"], postgresql_where=sa.text("joined_id IS NOT NULL")
    )
    op.create_table(
        "own_task",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("by_vendor", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("own_task_vendor", "own_task", ["vendor_id", "id"])
    op.create_table(
        "own_task_tick",
        sa.Column("task_id", sa.Uuid(), sa.ForeignKey("own_task.id"), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
    )
    op.create_index("own_task_tick_partner", "own_task_tick", ["vendor_id", "partner_id"])
    _ads()


def _ads() -> None:
    when = sa.DateTime(timezone=True)
    op.create_table(
        "ad_source",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ref", sa.String(), nullable=False, unique=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("said", sa.String(), server_default="", nullable=False),
        sa.Column("rests_until", when, nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", when, nullable=False),
        sa.Column("ended_at", when, nullable=True),
    )
    op.create_index("ad_source_vendor", "ad_source", ["vendor_id", "id"])
    op.create_table(
        "ad_notice",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("source_id", sa.Uuid(), sa.ForeignKey("ad_source.id"), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", when, nullable=True),
        sa.Column("said", sa.String(), server_default="", nullable=False),
        sa.Column("at", when, nullable=False),
        sa.Column("lead_id", sa.Uuid(), sa.ForeignKey("lead.id"), nullable=True),
        sa.UniqueConstraint("source_id", "external_id", name="ad_notice_once"),
    )
    op.create_index(
        "ad_notice_due", "ad_notice", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )


def downgrade() -> None:
    """What has no lead goes, with its files and its ways to CRMs."""
    op.drop_table("own_task_tick")
    op.drop_table("own_task")
    op.drop_index("lead_person", "lead")
    op.drop_column("lead", "joined_id")
    op.drop_table("page_signal")
    op.drop_table("ad_notice")
    op.drop_table("ad_source")
    op.drop_table("opportunity_paper")
    op.drop_table("opportunity_part")
    op.execute("DELETE FROM crm_link WHERE lead_id IS NULL")
    op.drop_constraint("crm_link_subject", "crm_link")
    op.drop_column("crm_link", "opportunity_id")
    op.alter_column("crm_link", "lead_id", nullable=False)
    op.execute("DELETE FROM opportunity WHERE lead_id IS NULL OR campaign_id IS NULL")
    op.drop_constraint("opportunity_whose", "opportunity")
    for name in ("company", "domain", "registered_by", "loss_reason"):
        op.drop_column("opportunity", name)
    op.alter_column("opportunity", "campaign_id", nullable=False)
    op.alter_column("opportunity", "lead_id", nullable=False)
