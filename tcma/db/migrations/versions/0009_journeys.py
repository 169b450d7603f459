"""Journeys: versions with their own documents, drafts, waiting for events, caps, tasks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Number the versions, move what steps and mailings hold, then make what is new."""
    _versions()
    _runs()
    _mailings()
    op.create_table(
        "sequence_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("sequence_draft_campaign_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("sequence_draft_vendor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sequence_draft_pkey")),
        sa.UniqueConstraint("vendor_id", "campaign_id", name="sequence_draft_once"),
    )
    op.create_table(
        "sequence_save",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["sequence_draft.id"], name=op.f("sequence_save_draft_id_fkey")
        ),
        sa.PrimaryKeyConstraint("draft_id", "no", name=op.f("sequence_save_pkey")),
    )
    op.create_table(
        "cap_hit",
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "scope_id", "address_hash", "period", "slot", name=op.f("cap_hit_pkey")
        ),
    )
    op.create_table(
        "lead_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("lead_task_lead_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("lead_task_pkey")),
        sa.UniqueConstraint("lead_id", "source", name="lead_task_once"),
    )


def _versions() -> None:
    op.add_column("sequence_version", sa.Column("no", sa.SmallInteger(), nullable=True))
    op.execute(
        "UPDATE sequence_version v SET no = n.no FROM (SELECT id, row_number() OVER"
        " (PARTITION BY sequence_id ORDER BY made_at, id) AS no FROM sequence_version) n"
        " WHERE n.id = v.id"
    )
    op.alter_column("sequence_version", "no", nullable=False)
    op.drop_column("sequence_version", "steps")
    for name, kind in (("source", sa.String()), ("choices", JSONB), ("moved", JSONB),
                       ("published_at", INSTANT)):  # fmt: skip
        op.add_column("sequence_version", sa.Column(name, kind, nullable=True))
    for name in ("note", "made_by"):
        op.add_column(
            "sequence_version", sa.Column(name, sa.String(), server_default="", nullable=False)
        )
    op.drop_constraint("sequence_version_once", "sequence_version")
    op.create_unique_constraint("sequence_version_no", "sequence_version", ["sequence_id", "no"])
    op.create_index(
        "sequence_version_once",
        "sequence_version",
        ["sequence_id", "campaign_version_id"],
        unique=True,
        postgresql_where=sa.text("source IS NULL"),
    )
    op.create_check_constraint(
        "sequence_version_published",
        "sequence_version",
        "(source IS NULL) = (published_at IS NULL)",
    )


def _runs() -> None:
    op.drop_column("nurture_run", "lease_until")
    op.add_column("nurture_run", sa.Column("since", INSTANT, nullable=True))
    op.execute(
        "UPDATE nurture_run r SET since = coalesce((SELECT max(s.at) FROM nurture_step s"
        " WHERE s.run_id = r.id), r.created_at)"
    )
    op.alter_column("nurture_run", "since", nullable=False)
    op.add_column("nurture_run", sa.Column("waiting_for", sa.String(), nullable=True))
    op.create_check_constraint(
        "nurture_run_active_is_due", "nurture_run", "state <> 0 OR due_at IS NOT NULL"
    )
    op.create_index("nurture_run_node", "nurture_run", ["version_id", "state", "node"])
    op.drop_index("nurture_run_one_active", table_name="nurture_run")
    op.create_index(
        "nurture_run_one_active",
        "nurture_run",
        ["sequence_id", "contact_id"],
        unique=True,
        postgresql_where=sa.text("state IN (0, 3, 4)"),
    )
    op.execute("ALTER TABLE nurture_run SET (autovacuum_vacuum_scale_factor = 0.02)")
    op.add_column("nurture_step", sa.Column("version_no", sa.SmallInteger(), nullable=True))
    op.add_column("nurture_step", sa.Column("mail", sa.String(), nullable=True))
    op.add_column("nurture_step", sa.Column("why", sa.String(), nullable=True))
    op.execute(
        "UPDATE nurture_step s SET mail = nullif(s.detail ->> 'mail', ''),"
        " why = nullif(s.detail ->> 'why', ''), version_no = coalesce((SELECT v.no FROM nurture_run r"
        " JOIN sequence_version v ON v.id = r.version_id WHERE r.id = s.run_id), 1)"
    )
    op.alter_column("nurture_step", "version_no", nullable=False)
    op.drop_column("nurture_step", "detail")


def _mailings() -> None:
    op.drop_constraint("nurture_mailing_pkey", "nurture_mailing")
    op.add_column("nurture_mailing", sa.Column("campaign_version_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE nurture_mailing m SET campaign_version_id = v.campaign_version_id"
        " FROM sequence_version v WHERE v.id = m.version_id"
    )
    op.drop_column("nurture_mailing", "version_id")
    op.alter_column("nurture_mailing", "campaign_version_id", nullable=False)
    op.create_primary_key(
        "nurture_mailing_pkey",
        "nurture_mailing",
        ["campaign_version_id", "partner_id", "mail", "language"],
    )
    op.create_foreign_key(
        "nurture_mailing_campaign_version_id_fkey",
        "nurture_mailing",
        "campaign_version",
        ["campaign_version_id"],
        ["id"],
    )


def downgrade() -> None:
    """Take it back; what only the new tables held is gone, and with it the published versions."""
    for table in ("lead_task", "cap_hit", "sequence_save", "sequence_draft"):
        op.drop_table(table)
    op.drop_constraint("nurture_mailing_campaign_version_id_fkey", "nurture_mailing")
    op.drop_constraint("nurture_mailing_pkey", "nurture_mailing")
    op.add_column("nurture_mailing", sa.Column("version_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE nurture_mailing m SET version_id = v.id FROM sequence_version v"
        " WHERE v.campaign_version_id = m.campaign_version_id AND v.source IS NULL"
    )
    op.drop_column("nurture_mailing", "campaign_version_id")
    op.execute("DELETE FROM nurture_mailing WHERE version_id IS NULL")
    op.create_primary_key(
        "nurture_mailing_pkey", "nurture_mailing", ["version_id", "partner_id", "mail", "language"]
    )
    op.add_column("nurture_step", sa.Column("detail", JSONB, nullable=True))
    op.execute(
        "UPDATE nurture_step SET detail = jsonb_build_object('mail', coalesce(mail, ''),"
        " 'why', coalesce(why, ''))"
    )
    for name in ("why", "mail", "version_no"):
        op.drop_column("nurture_step", name)
    op.execute("ALTER TABLE nurture_run RESET (autovacuum_vacuum_scale_factor)")
    op.drop_index("nurture_run_one_active", table_name="nurture_run")
    op.create_index(
        "nurture_run_one_active",
        "nurture_run",
        ["sequence_id", "contact_id"],
        unique=True,
        postgresql_where=sa.text("state IN (0, 3)"),
    )
    op.drop_index("nurture_run_node", table_name="nurture_run")
    op.drop_constraint("nurture_run_active_is_due", "nurture_run")
    op.drop_column("nurture_run", "waiting_for")
    op.drop_column("nurture_run", "since")
    op.add_column("nurture_run", sa.Column("lease_until", INSTANT, nullable=True))
    op.drop_constraint("sequence_version_published", "sequence_version")
    op.drop_index("sequence_version_once", table_name="sequence_version")
    op.execute("DELETE FROM sequence_version WHERE source IS NOT NULL")
    op.drop_constraint("sequence_version_no", "sequence_version")
    op.create_unique_constraint(
        "sequence_version_once", "sequence_version", ["sequence_id", "campaign_version_id"]
    )
    for name in ("made_by", "note", "published_at", "moved", "choices", "source", "no"):
        op.drop_column("sequence_version", name)
    op.add_column(
        "sequence_version",
        sa.Column("steps", JSONB, server_default=sa.text("'{}'"), nullable=False),
    )
    op.alter_column("sequence_version", "steps", server_default=None)
