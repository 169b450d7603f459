"""Plans and claims in full: levels for changes and claims, pictures that are known again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
TEXTS = (("fund_cost_line", "kind"), ("invoice", "order_number"))
OBJECTS = (("fund_activity", "facts"), ("fund_activity", "outcome"))
LISTS = (("invoice", "lines"), ("invoice", "shown"))


def upgrade() -> None:
    """Whatever waits today passes its levels from the first one on."""
    op.add_column(
        "fund_amendment", sa.Column("trace", JSONB(), server_default="{}", nullable=False)
    )
    op.create_table(
        "approval_step",
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("subject_id", sa.Uuid(), primary_key=True),
        sa.Column("asked_at", AT, primary_key=True),
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("decided_by", sa.Uuid(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("stands_in_for", sa.Uuid(), sa.ForeignKey("user_account.id")),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.UniqueConstraint(
            "subject", "subject_id", "asked_at", "decided_by", name="approval_step_one_person"
        ),
    )
    op.add_column(
        "proof", sa.Column("picture_mark", sa.String(), server_default="", nullable=False)
    )
    op.create_index(
        "proof_pictures", "proof", ["id"], postgresql_where=sa.text("picture_mark <> ''")
    )
    for table, name in TEXTS:
        op.add_column(table, sa.Column(name, sa.String(), server_default="", nullable=False))
    for kind, columns in (("{}", OBJECTS), ("[]", LISTS)):
        for table, name in columns:
            op.add_column(table, sa.Column(name, JSONB(), server_default=kind, nullable=False))
    more_time()


def more_time() -> None:
    """Questions for more time to claim, one open for each activity."""
    op.create_table(
        "claim_extension",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("request_id", sa.Uuid(), sa.ForeignKey("fund_request.id"), nullable=False),
        sa.Column("activity_id", sa.Uuid(), sa.ForeignKey("fund_activity.id"), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("wanted", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("role", sa.String(), server_default="", nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", AT),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name="claim_extension_four_eyes"
        ),
        sa.CheckConstraint(
            "state <> 'granted' OR num_nulls(until, decided_by) = 0", name="claim_extension_whole"
        ),
    )
    op.create_index("claim_extension_request", "claim_extension", ["request_id"])
    op.create_index(
        "claim_extension_one_open",
        "claim_extension",
        ["activity_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    """One yes is enough again."""
    op.drop_table("claim_extension")
    for table, name in (*LISTS, *OBJECTS, *TEXTS):
        op.drop_column(table, name)
    op.drop_index("proof_pictures", "proof")
    op.drop_column("proof", "picture_mark")
    op.drop_table("approval_step")
    op.drop_column("fund_amendment", "trace")
