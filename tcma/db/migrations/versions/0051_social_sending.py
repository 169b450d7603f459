"""Partners' pages at social networks, and posts that are sent by them."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Posts that stand were marked by hand."""
    op.create_table(
        "social_account",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("said", sa.String(), server_default="", nullable=False),
        sa.Column("remedy", sa.String(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("ended_at", AT),
    )
    op.create_index(
        "social_account_once",
        "social_account",
        ["partner_id", "network"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for column in (
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("social_account.id")),
        sa.Column("state", sa.String(), server_default="posted", nullable=False),
        sa.Column("alt", sa.String(), server_default="", nullable=False),
        sa.Column("number", sa.String(), server_default="", nullable=False),
        sa.Column("due_at", AT),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tried_at", AT),
        sa.Column("may_stand", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("said", sa.String(), server_default="", nullable=False),
        sa.Column("remedy", sa.String(), server_default="", nullable=False),
    ):
        op.add_column("social_post", column)
    op.alter_column("social_post", "address", server_default="")
    op.alter_column("social_post", "posted_at", nullable=True)
    op.drop_constraint("social_post_once", "social_post", type_="unique")
    op.create_index(
        "social_post_once",
        "social_post",
        ["copy_id", "network", "address"],
        unique=True,
        postgresql_where=sa.text("address <> ''"),
    )
    op.create_index(
        "social_post_due",
        "social_post",
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_check_constraint(
        "social_post_stands", "social_post", "state <> 'posted' OR address <> ''"
    )


def downgrade() -> None:
    """What never stood is forgotten."""
    op.drop_constraint("social_post_stands", "social_post", type_="check")
    op.drop_index("social_post_due", "social_post")
    op.drop_index("social_post_once", "social_post")
    op.execute("DELETE FROM social_post WHERE posted_at IS NULL")
    op.create_unique_constraint(
        "social_post_once", "social_post", ["copy_id", "network", "address"]
    )
    op.alter_column("social_post", "posted_at", nullable=False)
    op.alter_column("social_post", "address", server_default=None)
    for name in ("remedy", "said", "may_stand", "tried_at", "attempts", "due_at", "number", "alt",
                 "state", "account_id"):  # fmt: skip
        op.drop_column("social_post", name)
    op.drop_table("social_account")
