"""What left from a limited domain is counted when a relay has taken it, no longer when it was claimed;
of a run over many partners the vendor's seeds get each mail once; a late answer waits for the end of its
mailing, or that for it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

SETTLES = """
CREATE OR REPLACE FUNCTION message_settle_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  {waits}
  UPDATE mailing SET uncertain_n = uncertain_n - 1, sent_n = sent_n + (NEW.state = 3)::int,
    failed_n = failed_n + (NEW.state = 4)::int WHERE id = NEW.mailing_id AND state = 'finished';
  RETURN NULL; END $$;
"""
WAITS = "PERFORM 1 FROM mailing WHERE id = NEW.mailing_id FOR NO KEY UPDATE;"


def upgrade() -> None:
    """What was claimed today and not taken was counted too; that ends with the day."""
    op.execute(SETTLES.format(waits=WAITS))
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
    op.execute(SETTLES.format(waits=""))
    op.drop_table("run_seed")
    op.drop_column("launch", "run_id")
    op.alter_column("domain_use", "accepted", new_column_name="claimed")
