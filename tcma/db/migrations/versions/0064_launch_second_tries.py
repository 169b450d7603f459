"""What was in doubt or refused may be sent again; a launch follows another; heads of files."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

ENDS = """
DROP TRIGGER message_hold_end ON message;
CREATE TRIGGER message_hold_end BEFORE UPDATE OF state ON message FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND (OLD.state IN (3, 5, 7)
    {failed}
    OR (OLD.state = 6 AND NEW.state NOT IN (0, 3, 4))
    OR (OLD.state = 2 AND NEW.state NOT IN (0, 3, 4, 6))
    OR (OLD.state IN (0, 1) AND NEW.state = 3)))
  EXECUTE FUNCTION message_hold_end();
"""
CURABLE = "OR (OLD.state = 4 AND NOT (NEW.state = 0 AND OLD.reason IN (4, 11, 12, 13)))"
FOR_GOOD = "OR OLD.state = 4"
AGAIN = """
-- A stored sum is not made wrong: its mailing is opened first, and counted anew when it ends.
CREATE FUNCTION message_again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM mailing WHERE id = NEW.mailing_id AND state = 'finished') THEN
    RAISE EXCEPTION 'message %: its mailing is finished', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'mailing_equation'; END IF;
  RETURN NEW; END $$;
CREATE TRIGGER message_again BEFORE UPDATE OF state ON message FOR EACH ROW
  WHEN (OLD.state IN (4, 6) AND NEW.state = 0) EXECUTE FUNCTION message_again();
"""


def upgrade() -> None:
    """Failed was for good so far."""
    op.execute(ENDS.format(failed=CURABLE))
    op.execute(AGAIN)
    op.add_column("launch", sa.Column("follows_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("launch_follows_id_fkey", "launch", "launch", ["follows_id"], ["id"])
    op.create_index(
        "launch_follows",
        "launch",
        ["follows_id"],
        postgresql_where=sa.text("follows_id IS NOT NULL"),
    )
    op.add_column(
        "contact_import", sa.Column("heads", sa.String(), server_default="", nullable=False)
    )
    op.create_index(
        "contact_import_heads",
        "contact_import",
        ["partner_id", "heads"],
        postgresql_where=sa.text("heads <> ''"),
    )


def downgrade() -> None:
    """As before."""
    op.drop_column("launch", "follows_id")
    op.drop_column("contact_import", "heads")
    op.execute("DROP TRIGGER message_again ON message; DROP FUNCTION message_again();")
    op.execute(ENDS.format(failed=FOR_GOOD))
