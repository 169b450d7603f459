"""Routing rules in the making, what weights rest on, when partners work, and leads back in nurture."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OPEN = "state NOT IN ('won', 'lost', 'recycled')"
OPEN_BEFORE = "state NOT IN ('won', 'lost')"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _of(table: str, *, key: bool = False) -> sa.Column[UUID]:
    target = sa.ForeignKey(f"{table}.id")
    return sa.Column(f"{table}_id", sa.Uuid(), target, primary_key=key, nullable=False)


def upgrade() -> None:
    """Nothing moves: everybody works as before."""
    op.create_table(
        "routing_draft",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _of("vendor"),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.UniqueConstraint("vendor_id"),
    )
    op.create_table(
        "routing_save",
        sa.Column("draft_id", sa.Uuid(), sa.ForeignKey("routing_draft.id"), primary_key=True),
        sa.Column("no", sa.Integer(), primary_key=True),
        *map(_text, ("source", "did", "by_name")),
        sa.Column("at", AT, nullable=False),
    )
    op.create_table(
        "routing_record",
        _of("vendor", key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("days", sa.Integer(), primary_key=True),
        sa.Column("numbers", postgresql.JSONB(), nullable=False),
    )
    op.create_table(
        "lead_recycling",
        sa.Column("id", sa.Uuid(), primary_key=True),
        *(_of(table) for table in ("lead", "vendor", "partner")),
        _text("reason"),
        sa.Column("at", AT, nullable=False),
        sa.Column("rests_until", AT, nullable=False),
    )
    op.create_index("lead_recycling_lead", "lead_recycling", ["lead_id"])
    op.create_index("lead_recycling_rests", "lead_recycling", ["vendor_id", "rests_until"])
    _when_partners_work()
    _ages(OPEN)


def _when_partners_work() -> None:
    op.create_table(
        "partner_hours",
        _of("partner", key=True),
        sa.Column("days", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        _text("changed_by"),
        sa.Column("changed_at", AT, nullable=False),
        sa.CheckConstraint("closes > opens", name="partner_hours_order"),
    )
    op.create_table(
        "partner_rest",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _of("partner"),
        *map(_text, ("kind", "reason", "note")),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        _text("stated_by"),
        sa.Column("stated_at", AT, nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name="partner_rest_days"),
    )
    op.create_index("partner_rest_partner", "partner_rest", ["partner_id", "ends_on"])
    op.add_column("lead_sharing", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "lead_sharing_person_id_fkey", "lead_sharing", "user_account", ["person_id"], ["id"]
    )


def _ages(still_open: str) -> None:
    op.drop_index("lead_age", "lead")
    op.create_index(
        "lead_age", "lead", ["vendor_id", "since", "id"],
        postgresql_include=["state"], postgresql_where=sa.text(still_open),
    )  # fmt: skip


def downgrade() -> None:
    """A lead that was given back is lost again."""
    op.execute("UPDATE lead SET state = 'lost' WHERE state = 'recycled'")
    _ages(OPEN_BEFORE)
    op.drop_column("lead_sharing", "person_id")
    for table in (
        "partner_rest", "partner_hours", "lead_recycling", "routing_record", "routing_save",
        "routing_draft",
    ):  # fmt: skip
        op.drop_table(table)
