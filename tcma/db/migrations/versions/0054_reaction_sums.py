"""First reactions are summed by mailing and day: triggers write what a statement changed.

Sums of rows that are there already are made here. `event.xid` goes with its index: sums are kept
without transaction ids, and nothing else read it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

KINDS = (
    "opened", "human_opened", "clicked", "human_clicked", "bounced", "complained", "unsubscribed",
    "replied",
)  # fmt: skip
NAMES = ", ".join(KINDS)
SUMS = ",\n    ".join(
    f"coalesce(sum(s.sign) FILTER (WHERE e.kind = {n}), 0) AS {kind}"
    for n, kind in enumerate(KINDS)
)
MOMENTS = ", ".join(f"({n}, s.{kind}_at)" for n, kind in enumerate(KINDS))
# A day is one of the mailing's vendor; a mailing of no vendor keeps UTC. Zones are looked up once a mailing.
COUNTED = f"""
  WITH signed AS MATERIALIZED ({{signed}}), zones AS MATERIALIZED (
    SELECT m.mailing_id, coalesce((SELECT v.zone FROM mailing g JOIN vendor v ON v.id = g.vendor_id
      WHERE g.id = m.mailing_id), 'UTC') AS zone
    FROM (SELECT DISTINCT mailing_id FROM signed) AS m
  )
  SELECT s.mailing_id, (e.at AT TIME ZONE z.zone)::date AS on_day,
    {SUMS}
  FROM signed s JOIN zones z ON z.mailing_id = s.mailing_id
    CROSS JOIN LATERAL (VALUES {MOMENTS}) AS e (kind, at)
  WHERE e.at IS NOT NULL GROUP BY 1, 2
"""  # noqa: S608 - names of ours
MORE, LESS = "SELECT 1 AS sign, * FROM fresh", "SELECT -1 AS sign, * FROM stale"
NOTE = f"""
INSERT INTO reaction_change (mailing_id, on_day, {NAMES})
SELECT * FROM ({COUNTED}) c WHERE ({NAMES}) <> ({", ".join("0" * len(KINDS))});
"""  # noqa: S608 - names of ours
FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
{note}
RETURN NULL; END $$;
CREATE TRIGGER {name} AFTER {what} ON message_reaction REFERENCING {tables}
  FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
TRIGGERS = (
    ("reaction_come", "INSERT", "NEW TABLE AS fresh", MORE),
    (
        "reaction_moved",
        "UPDATE",
        "OLD TABLE AS stale NEW TABLE AS fresh",
        f"{MORE} UNION ALL {LESS}",
    ),
    ("reaction_gone", "DELETE", "OLD TABLE AS stale", LESS),
)


def upgrade() -> None:
    """Make the tables, sum what is there, and keep it from then on."""
    op.create_table(
        "reaction_day",
        sa.Column("mailing_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("on_day", sa.Date(), primary_key=True),
        *_sums(),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_table(
        "reaction_change",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=True),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        *_sums(),
        postgresql_with={
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "5000",
        },
    )
    op.create_table(
        "reaction_audit",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.Date()),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("mended", sa.Boolean(), nullable=False),
    )
    # Nobody writes reactions until this migration is through.
    op.execute("LOCK TABLE message_reaction IN SHARE ROW EXCLUSIVE MODE")
    there = COUNTED.format(signed="SELECT 1 AS sign, * FROM message_reaction")
    op.execute(f"INSERT INTO reaction_day (mailing_id, on_day, {NAMES}) {there}")
    for name, what, tables, signed in TRIGGERS:
        note = NOTE.format(signed=signed)
        op.execute(FUNCTION.format(name=name, note=note, what=what, tables=tables))
    op.drop_index("event_xid", "event")
    op.drop_column("event", "xid")


def downgrade() -> None:
    """Drop triggers and sums; the rows they were made of stay."""
    for name, *_ in TRIGGERS:
        op.execute(f"DROP FUNCTION {name} CASCADE")
    for name in ("reaction_audit", "reaction_change", "reaction_day"):
        op.drop_table(name)
    op.execute("ALTER TABLE event ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id()")
    op.create_index("event_xid", "event", ["xid"])


def _sums() -> list[sa.Column[int]]:
    return [
        sa.Column(kind, sa.Integer(), server_default=sa.text("0"), nullable=False) for kind in KINDS
    ]
