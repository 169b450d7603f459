"""An activity has its own share, sum, answer and last day to claim; a claim is for one activity."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What a request said of its one activity moves to that activity."""
    op.add_column("fund_activity", sa.Column("no", sa.Integer(), server_default="1"))
    op.add_column("fund_activity", sa.Column("state", sa.String(), server_default="planned"))
    for name in ("share_bps", "requested_minor", "approved_minor"):
        kind = sa.Integer() if name == "share_bps" else sa.BigInteger()
        op.add_column("fund_activity", sa.Column(name, kind))
    op.add_column("fund_activity", sa.Column("claim_by", sa.Date()))
    op.add_column("fund_activity", sa.Column("reason", sa.String(), server_default=""))
    op.add_column("fund_activity", sa.Column("note", sa.String(), server_default=""))
    op.execute(
        "UPDATE fund_activity a SET share_bps = r.share_bps, requested_minor = r.requested_minor,"
        " approved_minor = r.approved_minor, claim_by = r.claim_by,"
        " state = CASE r.state WHEN 'pre_approved' THEN 'approved' WHEN 'closed' THEN 'closed'"
        " WHEN 'rejected' THEN 'refused' ELSE 'planned' END"
        " FROM fund_request r WHERE r.id = a.request_id"
    )
    for name in ("no", "state", "share_bps", "requested_minor", "reason", "note"):
        op.alter_column("fund_activity", name, nullable=False)
    op.alter_column("fund_activity", "no", server_default=None)
    op.create_unique_constraint("fund_activity_no", "fund_activity", ["request_id", "no"])
    op.create_check_constraint("fund_activity_positive", "fund_activity", "requested_minor > 0")
    op.create_check_constraint(
        "fund_activity_not_above",
        "fund_activity",
        "approved_minor IS NULL OR (approved_minor > 0 AND approved_minor <= requested_minor)",
    )
    op.create_check_constraint(
        "fund_activity_granted",
        "fund_activity",
        "state NOT IN ('approved', 'closed') OR num_nulls(approved_minor, claim_by) = 0",
    )
    op.drop_column("fund_request", "share_bps")
    op.add_column("claim", sa.Column("activity_id", sa.Uuid()))
    op.execute(
        "UPDATE claim SET activity_id = a.id FROM fund_activity a"
        " WHERE a.request_id = claim.request_id AND a.no = 1"
    )
    op.alter_column("claim", "activity_id", nullable=False)
    op.create_foreign_key(None, "claim", "fund_activity", ["activity_id"], ["id"])
    op.create_index("claim_activity", "claim", ["activity_id"])


def downgrade() -> None:
    """A request takes the share of its first activity back."""
    op.drop_column("claim", "activity_id")
    op.add_column("fund_request", sa.Column("share_bps", sa.Integer()))
    op.execute(
        "UPDATE fund_request r SET share_bps = a.share_bps FROM fund_activity a"
        " WHERE a.request_id = r.id AND a.no = 1"
    )
    op.alter_column("fund_request", "share_bps", nullable=False)
    for name in ("no", "state", "share_bps", "requested_minor", "approved_minor"):
        op.drop_column("fund_activity", name)
    for name in ("claim_by", "reason", "note"):
        op.drop_column("fund_activity", name)
