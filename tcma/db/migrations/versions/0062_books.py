"""Books that say by which rules, keep their heads, and know the way back of money.

Transfers from here on carry the version of the rules and hash it too; those before keep the form
their hash was made in. Which version it is, the database reads where the row is written: what the
subject was judged by, else what is in force on the vendor's day.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

HASH = """
CREATE OR REPLACE FUNCTION ledger_hash(t ledger_transfer) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(convert_to(concat_ws('|', t.chain_id, t.seq, t.id, encode(t.input_hash, 'hex'),
    t.kind, t.debit_id, t.credit_id, t.amount, t.currency, t.subject, t.subject_id, t.step,
    COALESCE(t.reverses::text, '-'), COALESCE(t.campaign_id::text, '-'),
    COALESCE(t.activity_id::text, '-'), COALESCE(t.actor_id::text, '-'), t.reason,
    (extract(epoch FROM t.at) * 1000000)::bigint, encode(t.prev_hash, 'hex'){more}), 'UTF8')) $$;
"""
SECOND_FORM = (
    ",\n    CASE WHEN t.form > 1 THEN t.form || '|' || COALESCE(t.rules_id::text, '-') END"
)
RULES = """
CREATE FUNCTION ledger_rules(chain uuid, about text, about_id uuid, moment timestamptz)
RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT COALESCE(
    (SELECT j.version_id FROM judgement j
      WHERE j.subject = CASE about WHEN 'payment' THEN 'claim' ELSE about END
        AND j.subject_id = CASE about WHEN 'payment'
          THEN (SELECT p.claim_id FROM payment p WHERE p.id = about_id) ELSE about_id END
      ORDER BY j.id DESC LIMIT 1),
    (SELECT v.id FROM fund_budget b JOIN vendor o ON o.id = b.vendor_id
      JOIN programme_version v ON v.programme_id = b.programme_id
      WHERE b.id = chain
      ORDER BY (v.starts_on <= (moment AT TIME ZONE o.zone)::date) DESC,
        CASE WHEN v.starts_on <= (moment AT TIME ZONE o.zone)::date THEN v.starts_on END DESC,
        v.starts_on LIMIT 1)) $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION ledger_before() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE c ledger_chain; was bytea; BEGIN
  SELECT * INTO c FROM ledger_chain WHERE id = NEW.chain_id FOR NO KEY UPDATE;
  SELECT input_hash INTO was FROM ledger_transfer WHERE id = NEW.id;
  IF FOUND THEN
    IF was = NEW.input_hash THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'transfer % was made with another body', NEW.id
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'ledger_transfer_replay'; END IF;
  {rules}
  NEW.seq := c.seq + 1; NEW.prev_hash := c.head_hash; NEW.hash := ledger_hash(NEW); RETURN NEW;
END $$;
"""
SET_RULES = """NEW.form := 2;
  IF NEW.rules_id IS NULL THEN
    NEW.rules_id := ledger_rules(NEW.chain_id, NEW.subject, NEW.subject_id, NEW.at); END IF;"""
KINDS = (
    "({first}(kind IN ('source', 'unallocated', 'exchange'{more})) = (allocation_id IS NULL){last}"
    " AND (kind = 'reserved') = (request_id IS NOT NULL)"
    " AND (kind = 'accrued') = (claim_id IS NOT NULL)"
)
KINDS_BEFORE = KINDS.format(first="", more="", last=")")
KINDS_NOW = KINDS.format(first="kind = 'forfeited' OR ", more=", 'owed'", last=")")
"""What is forfeited belongs to a part, or to the fund as a whole."""
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Old transfers are of the first form; no row changes."""
    _transfers()
    _kinds(KINDS_NOW)
    _heads()
    op.add_column("fund_budget", sa.Column("closed_at", WHEN, nullable=True))
    op.add_column("fund_request", sa.Column("input_hash", sa.LargeBinary(), nullable=True))
    op.add_column(
        "fund_request", sa.Column("revision", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column(
        "payment", sa.Column("kept_minor", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.create_check_constraint("payment_kept", "payment", "kept_minor >= 0")
    _changes()
    _repayments()


def _transfers() -> None:
    op.add_column("ledger_transfer", sa.Column("rules_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "ledger_transfer_rules_id_fkey", "ledger_transfer", "programme_version",
        ["rules_id"], ["id"],
    )  # fmt: skip
    form = sa.Column("form", sa.SmallInteger(), server_default="1", nullable=False)
    op.add_column("ledger_transfer", form)
    op.alter_column("ledger_transfer", "form", server_default="2")
    op.execute(HASH.format(more=SECOND_FORM))
    op.execute(RULES)
    op.execute(BEFORE.format(rules=SET_RULES))


def _kinds(rule: str) -> None:
    op.drop_constraint("ledger_account_kind", "ledger_account")
    op.create_check_constraint("ledger_account_kind", "ledger_account", rule)


def _heads() -> None:
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("chain_id", sa.Uuid(), sa.ForeignKey("ledger_chain.id"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ledger_head_chain", "ledger_head", ["chain_id", "seq", "id"])
    op.execute(
        "CREATE TRIGGER ledger_head_append_only BEFORE UPDATE OR DELETE ON ledger_head"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def _changes() -> None:
    op.create_table(
        "fund_change",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("budget_id", sa.Uuid(), sa.ForeignKey("fund_budget.id"), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.CheckConstraint("state IN ('waits', 'done', 'refused')", name="fund_change_state"),
        sa.CheckConstraint("(state = 'waits') = (decided_at IS NULL)", name="fund_change_decided"),
    )
    op.create_index("fund_change_fund", "fund_change", ["budget_id", "id"])


def _repayments() -> None:
    op.create_table(
        "repayment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("claim_id", sa.Uuid(), sa.ForeignKey("claim.id"), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("bank_reference", sa.String(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("booked_at", WHEN, nullable=True),
        sa.Column("undone_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        sa.CheckConstraint("amount_minor > 0", name="repayment_positive"),
        sa.CheckConstraint(
            "payment_id IS NOT NULL OR (bank_reference <> '' AND booked_at IS NOT NULL)",
            name="repayment_says_how",
        ),
    )
    op.create_index("repayment_claim", "repayment", ["claim_id"])
    op.create_index("repayment_payment", "repayment", ["payment_id"])


def downgrade() -> None:
    """Books with transfers of the second form cannot be proved by the functions before."""
    for table in ("repayment", "fund_change", "ledger_head"):
        op.drop_table(table)
    op.drop_column("payment", "kept_minor")
    op.drop_column("fund_request", "revision")
    op.drop_column("fund_request", "input_hash")
    op.drop_column("fund_budget", "closed_at")
    _kinds(KINDS_BEFORE)
    op.execute(BEFORE.format(rules=""))
    op.execute("DROP FUNCTION ledger_rules(uuid, text, uuid, timestamptz)")
    op.execute(HASH.format(more=""))
    op.drop_column("ledger_transfer", "form")
    op.drop_column("ledger_transfer", "rules_id")
