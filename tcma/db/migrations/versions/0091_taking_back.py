"""Taking back in portions: imports that are undone, segments that are brought back, own fields that go."""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

MOVING = "state = 'importing'"
BOTH_WAYS = "state IN ('importing', 'undoing')"
KEPT = "deleted_at IS NULL"


def upgrade() -> None:
    """No row changes: an index also finds what is undone, and two columns say what is gone."""
    op.drop_index("contact_import_due", table_name="contact_import")
    op.create_index(
        "contact_import_due",
        "contact_import",
        ["state", "partner_id"],
        postgresql_where=sa.text(BOTH_WAYS),
    )
    op.add_column("segment", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("segment_name", "segment", type_="unique")
    op.create_index(
        "segment_name",
        "segment",
        ["partner_id", "name"],
        unique=True,
        postgresql_where=sa.text(KEPT),
    )
    op.add_column(
        "custom_field", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    """What was deleted is deleted for good; an undo that runs is an import that stands, as far as it does."""
    op.execute("UPDATE contact_import SET state = 'done' WHERE state = 'undoing'")
    op.execute("DELETE FROM custom_field WHERE removed_at IS NOT NULL")
    op.drop_column("custom_field", "removed_at")
    op.execute(
        "DELETE FROM launch_segment USING segment s WHERE s.id = segment_id AND s.deleted_at IS NOT NULL"
    )
    op.execute("DELETE FROM segment WHERE deleted_at IS NOT NULL")
    op.drop_index("segment_name", table_name="segment")
    op.drop_column("segment", "deleted_at")
    op.create_unique_constraint("segment_name", "segment", ["partner_id", "name"])
    op.drop_index("contact_import_due", table_name="contact_import")
    op.create_index(
        "contact_import_due", "contact_import", ["state"], postgresql_where=sa.text(MOVING)
    )
