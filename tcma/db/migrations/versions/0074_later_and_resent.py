"""How often a receiver asked for patience, apart from hands that took a message; sent again: once; until
when a message may leave.
"""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

RESENT = """
-- A message in doubt begins again once: `resent_at` is set as it does, and never moves.
CREATE TRIGGER message_resent_once BEFORE UPDATE OF state ON message FOR EACH ROW
  WHEN (NEW.state = 0 AND ((OLD.state = 6 AND NOT (OLD.resent_at IS NULL AND NEW.resent_at IS NOT NULL))
    OR (OLD.state = 4 AND OLD.resent_at IS NOT NULL)))
  EXECUTE FUNCTION message_hold_end();
CREATE TRIGGER message_resent_for_good BEFORE UPDATE OF resent_at ON message FOR EACH ROW
  WHEN (OLD.resent_at IS NOT NULL AND OLD.resent_at IS DISTINCT FROM NEW.resent_at)
  EXECUTE FUNCTION message_hold_end();
"""


def upgrade() -> None:
    """What was sent again after doubt said so in its answer; what waits has been put off so far as
    it was tried.
    """
    op.add_column(
        "message",
        sa.Column("later_n", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("message", sa.Column("resent_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("leave_by", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE message SET later_n = attempt, attempt = 0 WHERE state = 0 AND attempt > 0")
    op.execute("UPDATE message SET resent_at = due_at WHERE answer = 'sent again after doubt'")
    op.execute(RESENT)


def downgrade() -> None:
    """The answer says it again."""
    op.execute(
        "DROP TRIGGER message_resent_for_good ON message; DROP TRIGGER message_resent_once ON message"
    )
    op.execute("UPDATE message SET answer = 'sent again after doubt' WHERE resent_at IS NOT NULL")
    op.execute("UPDATE message SET attempt = least(later_n, 5) WHERE state = 0 AND later_n > 0")
    op.drop_column("message", "leave_by")
    op.drop_column("message", "resent_at")
    op.drop_column("message", "later_n")
