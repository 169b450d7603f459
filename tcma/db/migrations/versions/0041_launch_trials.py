"""Two variants of a launch's first mail, tested against each other."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every mail so far is one mailing."""
    op.add_column(
        "launch_mail",
        sa.Column("arm", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.drop_constraint("launch_mail_pkey", "launch_mail", type_="primary")
    op.create_primary_key("launch_mail_pkey", "launch_mail", ["launch_id", "no", "arm"])
    op.create_table(
        "launch_trial",
        sa.Column("launch_id", sa.Uuid(), nullable=False),
        sa.Column("variant", sa.String(), server_default="", nullable=False),
        sa.Column("subject", sa.String(), server_default="", nullable=False),
        sa.Column("share", sa.SmallInteger(), nullable=False),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        sa.Column("mark", sa.String(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("winner", sa.SmallInteger(), nullable=True),
        sa.Column("words", sa.String(), server_default="", nullable=False),
        sa.Column(
            "counted",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["launch_id"],
            ["launch.id"],
            name=op.f("launch_trial_launch_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("launch_id", name=op.f("launch_trial_pkey")),
    )
    op.create_index("launch_trial_mark", "launch_trial", ["mark"], unique=False)


def downgrade() -> None:
    """What was tested keeps the mail of those who waited; the variants' own rows go."""
    op.drop_index("launch_trial_mark", table_name="launch_trial")
    op.drop_table("launch_trial")
    op.execute("DELETE FROM launch_mail WHERE arm <> 0")
    op.drop_constraint("launch_mail_pkey", "launch_mail", type_="primary")
    op.create_primary_key("launch_mail_pkey", "launch_mail", ["launch_id", "no"])
    op.drop_column("launch_mail", "arm")
