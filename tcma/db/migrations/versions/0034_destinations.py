"""Destinations that get so many mails a second, and the lane each message keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SHIPPED = (
    (1, "Gmail", 20, ("gmail.com", "googlemail.com")),
    (
        2,
        "Outlook.com",
        10,
        (
            "outlook.com", "outlook.de", "outlook.fr", "hotmail.com", "hotmail.co.uk", "hotmail.de",
            "hotmail.fr", "live.com", "live.co.uk", "live.de", "live.fr", "msn.com",
        ),
    ),
    (
        3,
        "Yahoo and AOL",
        10,
        (
            "yahoo.com", "yahoo.co.uk", "yahoo.de", "yahoo.fr", "yahoo.es", "yahoo.it", "ymail.com",
            "rocketmail.com", "aol.com", "aol.de",
        ),
    ),
    (4, "iCloud", 10, ("icloud.com", "me.com", "mac.com")),
    (5, "GMX and WEB.DE", 10, ("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de")),
    (6, "T-Online", 5, ("t-online.de", "magenta.de")),
)  # fmt: skip
READY = sa.text("state = 0")


def upgrade() -> None:
    """What is frozen already keeps to no pace but its sender's."""
    destination = op.create_table(
        "destination",
        sa.Column("lane", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("per_second", sa.Integer(), nullable=True),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("lane > 0", name=op.f("destination_lane")),
        sa.CheckConstraint("per_second > 0", name=op.f("destination_pace")),
        sa.PrimaryKeyConstraint("lane", name=op.f("destination_pkey")),
        sa.UniqueConstraint("name", name=op.f("destination_name_key")),
    )
    domain = op.create_table(
        "destination_domain",
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lane"], ["destination.lane"], name=op.f("destination_domain_lane_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("domain", name=op.f("destination_domain_pkey")),
    )  # fmt: skip
    op.bulk_insert(
        destination,
        [{"lane": lane, "name": name, "per_second": pace} for lane, name, pace, _ in SHIPPED],
    )
    op.bulk_insert(
        domain, [{"domain": each, "lane": lane} for lane, _, _, some in SHIPPED for each in some]
    )
    op.add_column(
        "message", sa.Column("lane", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.drop_index("message_ready", table_name="message")
    op.create_index(
        "message_ready",
        "message",
        ["mailing_id", "lane", "due_at", "id"],
        postgresql_where=READY,
    )


def downgrade() -> None:
    """Everybody gets theirs as fast as the sender may."""
    op.drop_index("message_ready", table_name="message")
    op.create_index(
        "message_ready", "message", ["mailing_id", "due_at", "id"], postgresql_where=READY
    )
    op.drop_column("message", "lane")
    op.drop_table("destination_domain")
    op.drop_table("destination")
