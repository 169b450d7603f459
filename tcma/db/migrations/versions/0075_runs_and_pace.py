"""What left from a limited domain is counted when a relay has taken it, no longer when it was claimed;
of a run over many partners the vendor's seeds get each mail once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was claimed today and not taken was counted too; that ends with the day."""
    op.execute("UPDATE domain_use SET claimed = 0 WHERE claimed < 0")
    op.alter_column("domain_use", "claimed", new_column_name="accepted")
    op.add_column("launch", sa.Column("run_id", sa.Uuid(), nullable=True))
    op.create_table(
        "run_seed",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("arm", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "no", "arm", "language", name="run_seed_pkey"),
    )


def downgrade() -> None:
    """Its name of before; each launch has copies again."""
    op.drop_table("run_seed")
    op.drop_column("launch", "run_id")
    op.alter_column("domain_use", "accepted", new_column_name="claimed")
