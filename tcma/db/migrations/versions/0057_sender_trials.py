"""The sender may be what a test varies: another name in the inbox, or another address."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

TEXTS = ("from_name", "shown_a", "shown_b", "voice_a", "voice_b")


def upgrade() -> None:
    """Tests so far varied the mail."""
    op.add_column("mailing", sa.Column("from_name", sa.String(), nullable=True))
    op.create_check_constraint("mailing_from_clean", "mailing", "from_name !~ '[\\r\\n]'")
    op.add_column("launch_trial", sa.Column("sender_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "launch_trial_sender_id_fkey", "launch_trial", "sender", ["sender_id"], ["id"]
    )
    for name in TEXTS:
        op.add_column(
            "launch_trial", sa.Column(name, sa.String(), server_default="", nullable=False)
        )


def downgrade() -> None:
    """Take it away."""
    for name in ("sender_id", *TEXTS):
        op.drop_column("launch_trial", name)
    op.drop_column("mailing", "from_name")
