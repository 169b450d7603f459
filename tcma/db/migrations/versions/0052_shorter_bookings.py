"""A booking asks the database for less: both balances move in one statement, which also checks them.

The hash of a transfer needs no index of its own: it covers the chain and the number in it, which
are unique together. The index of what was undone holds only what undoes something.
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

UNDONE = "ledger_transfer_reverses_key"
BEFORE = """
CREATE OR REPLACE FUNCTION ledger_before() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE c ledger_chain; was bytea; {declared}BEGIN
  SELECT * INTO c FROM ledger_chain WHERE id = NEW.chain_id FOR NO KEY UPDATE;
  SELECT input_hash INTO was FROM ledger_transfer WHERE id = NEW.id;
  IF FOUND THEN
    IF was = NEW.input_hash THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'transfer % was made with another body', NEW.id
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'ledger_transfer_replay'; END IF;
  {counted}
  NEW.seq := c.seq + 1; NEW.prev_hash := c.head_hash; NEW.hash := ledger_hash(NEW); RETURN NEW;
END $$;
"""
COUNTED = """SELECT count(*) INTO n FROM ledger_account WHERE id IN (NEW.debit_id, NEW.credit_id)
    AND chain_id = c.id AND currency = NEW.currency;
  IF n <> 2 OR c.currency <> NEW.currency THEN
    RAISE EXCEPTION 'accounts and transfer differ in budget or currency'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_one_currency'; END IF;"""
AFTER = """
CREATE OR REPLACE FUNCTION ledger_after() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n int; BEGIN
  UPDATE ledger_account SET moved_seq = NEW.seq,
      balance = balance + CASE id WHEN NEW.debit_id THEN -NEW.amount ELSE NEW.amount END
    WHERE id IN (NEW.debit_id, NEW.credit_id)
      AND chain_id = NEW.chain_id AND currency = NEW.currency;
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n <> 2 THEN
    RAISE EXCEPTION 'accounts and transfer differ in budget or currency'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_one_currency'; END IF;
  UPDATE ledger_chain SET seq = NEW.seq, head_hash = NEW.hash WHERE id = NEW.chain_id;
  RETURN NULL; END $$;
"""
AFTER_BEFORE_THIS = """
CREATE OR REPLACE FUNCTION ledger_after() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE ledger_account SET balance = balance - NEW.amount, moved_seq = NEW.seq
    WHERE id = NEW.debit_id;
  UPDATE ledger_account SET balance = balance + NEW.amount, moved_seq = NEW.seq
    WHERE id = NEW.credit_id;
  UPDATE ledger_chain SET seq = NEW.seq, head_hash = NEW.hash WHERE id = NEW.chain_id;
  RETURN NULL; END $$;
"""
GUARD = """
DROP TRIGGER ledger_account_guard ON ledger_account;
CREATE TRIGGER ledger_account_begins BEFORE INSERT ON ledger_account
  FOR EACH ROW WHEN (NEW.balance <> 0) EXECUTE FUNCTION ledger_account_guard();
CREATE TRIGGER ledger_account_guard BEFORE UPDATE ON ledger_account
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_account_guard();
CREATE TRIGGER ledger_account_stays BEFORE DELETE ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION ledger_account_guard();
"""
GUARD_BEFORE_THIS = """
DROP TRIGGER ledger_account_begins ON ledger_account;
DROP TRIGGER ledger_account_stays ON ledger_account;
DROP TRIGGER ledger_account_guard ON ledger_account;
CREATE TRIGGER ledger_account_guard BEFORE INSERT OR UPDATE OR DELETE ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION ledger_account_guard();
"""


def upgrade() -> None:
    """Replace the functions; no row changes."""
    op.execute(BEFORE.format(declared="", counted=""))
    op.execute(AFTER)
    op.execute(GUARD)
    op.drop_constraint("ledger_transfer_hash_key", "ledger_transfer")
    op.drop_constraint(UNDONE, "ledger_transfer")
    op.create_index(
        UNDONE,
        "ledger_transfer",
        ["reverses"],
        unique=True,
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )


def downgrade() -> None:
    """Bring the longer way back."""
    op.drop_index(UNDONE, "ledger_transfer")
    op.create_unique_constraint(UNDONE, "ledger_transfer", ["reverses"])
    op.create_unique_constraint("ledger_transfer_hash_key", "ledger_transfer", ["hash"])
    op.execute(GUARD_BEFORE_THIS)
    op.execute(AFTER_BEFORE_THIS)
    op.execute(BEFORE.format(declared="n int; ", counted=COUNTED))
