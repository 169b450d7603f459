"""How much may leave from a sending domain: its warm-up, a limit, and what has left by hour."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("sender_domain", sa.Column("warm_from", AT))
    op.add_column("sender_domain", sa.Column("per_hour", sa.Integer()))
    op.create_check_constraint("sender_domain_pace", "sender_domain", "per_hour > 0")
    op.create_table(
        "domain_use",
        sa.Column(
            "domain_id",
            sa.Uuid(),
            sa.ForeignKey("sender_domain.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("hour", AT, primary_key=True),
        sa.Column("claimed", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("domain_use")
    op.drop_column("sender_domain", "per_hour")
    op.drop_column("sender_domain", "warm_from")
