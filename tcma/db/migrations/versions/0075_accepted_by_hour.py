"""What left from a limited domain is counted when a relay has taken it, no longer when it was claimed."""

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was claimed today and not taken was counted too; that ends with the day."""
    op.execute("UPDATE domain_use SET claimed = 0 WHERE claimed < 0")
    op.alter_column("domain_use", "claimed", new_column_name="accepted")


def downgrade() -> None:
    """Its name of before."""
    op.alter_column("domain_use", "accepted", new_column_name="claimed")
