"""A launch's draft can go with all that hangs on it; a person's notices are found by address."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("launch_list", "launch_mail", "activity_launch")


def upgrade() -> None:
    """Follow the launch; add the index of notices."""
    _tie("CASCADE")
    op.create_index(
        "message_person",
        "message",
        ["address_hash", "id"],
        postgresql_where=sa.text("contact_id = 0"),
    )


def downgrade() -> None:
    """Stand in the way of deleting it."""
    op.drop_index("message_person", table_name="message")
    _tie(None)


def _tie(ondelete: str | None) -> None:
    for table in TABLES:
        name = f"{table}_launch_id_fkey"
        op.drop_constraint(name, table, type_="foreignkey")
        op.create_foreign_key(name, table, "launch", ["launch_id"], ["id"], ondelete=ondelete)
