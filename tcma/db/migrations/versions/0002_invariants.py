"""Invariants the database itself holds: ends of messages, the finish equation, the ledger."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
"""

HISTORY = ("audit_entry", "brand_profile", "campaign_file", "lead_capture", "ledger_transfer")

MESSAGES = """
-- What ended stays ended; only uncertain may still become sent, failed or (by policy) ready.
CREATE FUNCTION message_hold_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'message %: -> % refused', NEW.id, NEW.state
    USING ERRCODE = 'check_violation', CONSTRAINT = 'message_machine'; END $$;
CREATE TRIGGER message_hold_end BEFORE UPDATE OF state ON message FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND (OLD.state IN (3, 4, 5, 7)
    OR (OLD.state = 6 AND NEW.state NOT IN (0, 3, 4))
    OR (OLD.state = 2 AND NEW.state NOT IN (0, 3, 4, 6))
    OR (OLD.state IN (0, 1) AND NEW.state = 3)))
  EXECUTE FUNCTION message_hold_end();
CREATE TRIGGER message_begins BEFORE INSERT ON message FOR EACH ROW
  WHEN (NEW.state NOT IN (0, 5)) EXECUTE FUNCTION message_hold_end();
-- A late answer to an uncertain message of a finished mailing moves the stored sum with it.
CREATE FUNCTION message_settle_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE mailing SET uncertain_n = uncertain_n - 1, sent_n = sent_n + (NEW.state = 3)::int,
    failed_n = failed_n + (NEW.state = 4)::int WHERE id = NEW.mailing_id AND state = 'finished';
  RETURN NULL; END $$;
CREATE TRIGGER message_settle_late AFTER UPDATE OF state ON message FOR EACH ROW
  WHEN (OLD.state = 6 AND NEW.state IN (3, 4)) EXECUTE FUNCTION message_settle_late();
-- Finishing counts the rows themselves; open rows refuse the move.
CREATE FUNCTION mailing_finish() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE c record; BEGIN
  SELECT count(*) FILTER (WHERE m.state < 3) AS open, count(*) FILTER (WHERE m.state = 3) AS sent,
    count(*) FILTER (WHERE m.state = 4) AS failed, count(*) FILTER (WHERE m.state = 5) AS skipped,
    count(*) FILTER (WHERE m.state = 6) AS uncertain,
    count(*) FILTER (WHERE m.state = 7) AS cancelled
    INTO c FROM message m WHERE m.mailing_id = NEW.id;
  IF c.open > 0 THEN RAISE EXCEPTION 'mailing %: % messages are open', NEW.id, c.open
    USING ERRCODE = 'check_violation', CONSTRAINT = 'mailing_equation'; END IF;
  NEW.sent_n := c.sent; NEW.failed_n := c.failed; NEW.skipped_n := c.skipped;
  NEW.uncertain_n := c.uncertain; NEW.cancelled_n := c.cancelled; RETURN NEW; END $$;
CREATE TRIGGER mailing_finish BEFORE UPDATE OF state ON mailing FOR EACH ROW
  WHEN (NEW.state = 'finished' AND OLD.state <> 'finished') EXECUTE FUNCTION mailing_finish();
"""

LEDGER = """
CREATE FUNCTION ledger_hash(t ledger_transfer) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(convert_to(concat_ws('|', t.chain_id, t.seq, t.id, encode(t.input_hash, 'hex'),
    t.kind, t.debit_id, t.credit_id, t.amount, t.currency, t.subject, t.subject_id, t.step,
    COALESCE(t.reverses::text, '-'), COALESCE(t.campaign_id::text, '-'),
    COALESCE(t.activity_id::text, '-'), COALESCE(t.actor_id::text, '-'), t.reason,
    (extract(epoch FROM t.at) * 1000000)::bigint, encode(t.prev_hash, 'hex')), 'UTF8')) $$;
-- BEFORE: lock the chain, answer replays, set place and hash. A row refused later moves nothing.
CREATE FUNCTION ledger_before() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE c ledger_chain; was bytea; n int; BEGIN
  SELECT * INTO c FROM ledger_chain WHERE id = NEW.chain_id FOR NO KEY UPDATE;
  SELECT input_hash INTO was FROM ledger_transfer WHERE id = NEW.id;
  IF FOUND THEN
    IF was = NEW.input_hash THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'transfer % was made with another body', NEW.id
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'ledger_transfer_replay'; END IF;
  SELECT count(*) INTO n FROM ledger_account WHERE id IN (NEW.debit_id, NEW.credit_id)
    AND chain_id = c.id AND currency = NEW.currency;
  IF n <> 2 OR c.currency <> NEW.currency THEN
    RAISE EXCEPTION 'accounts and transfer differ in budget or currency'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_one_currency'; END IF;
  NEW.seq := c.seq + 1; NEW.prev_hash := c.head_hash; NEW.hash := ledger_hash(NEW); RETURN NEW;
END $$;
CREATE TRIGGER ledger_before BEFORE INSERT ON ledger_transfer
  FOR EACH ROW EXECUTE FUNCTION ledger_before();
-- AFTER: balances and chain head move exactly when the row stands.
CREATE FUNCTION ledger_after() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE ledger_account SET balance = balance - NEW.amount, moved_seq = NEW.seq
    WHERE id = NEW.debit_id;
  UPDATE ledger_account SET balance = balance + NEW.amount, moved_seq = NEW.seq
    WHERE id = NEW.credit_id;
  UPDATE ledger_chain SET seq = NEW.seq, head_hash = NEW.hash WHERE id = NEW.chain_id;
  RETURN NULL; END $$;
CREATE TRIGGER ledger_after AFTER INSERT ON ledger_transfer
  FOR EACH ROW EXECUTE FUNCTION ledger_after();
CREATE FUNCTION ledger_account_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'INSERT' AND NEW.balance = 0 THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'balances move by transfers only'
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_account_by_transfer';
END $$;
CREATE TRIGGER ledger_account_guard BEFORE INSERT OR UPDATE OR DELETE ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION ledger_account_guard();
CREATE TRIGGER ledger_chain_guard BEFORE UPDATE OR DELETE ON ledger_chain
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
-- One row per broken thing, none when whole.
CREATE FUNCTION ledger_faults() RETURNS TABLE (chain_id uuid, seq bigint, fault text)
LANGUAGE sql STABLE AS $$
  WITH t AS (
    SELECT x.chain_id, x.seq, x.prev_hash, x.hash, ledger_hash(x) AS want_hash,
      lag(x.hash, 1, sha256('tcma-ledger-1'::bytea)) OVER w AS want_prev,
      lag(x.seq, 1, 0::bigint) OVER w + 1 AS want_seq
    FROM ledger_transfer x WINDOW w AS (PARTITION BY x.chain_id ORDER BY x.seq))
  SELECT t.chain_id, t.seq, CASE WHEN t.seq <> t.want_seq THEN 'gap before'
      WHEN t.prev_hash <> t.want_prev THEN 'link broken' ELSE 'row changed' END
    FROM t WHERE t.seq <> t.want_seq OR t.prev_hash <> t.want_prev OR t.hash <> t.want_hash
  UNION ALL
  SELECT c.id, c.seq, 'head is not the last transfer' FROM ledger_chain c
    WHERE EXISTS (SELECT 1 FROM ledger_transfer y WHERE y.chain_id = c.id AND y.seq > c.seq)
      OR (c.seq > 0 AND NOT EXISTS (SELECT 1 FROM ledger_transfer y
        WHERE y.chain_id = c.id AND y.seq = c.seq AND y.hash = c.head_hash))
  UNION ALL
  SELECT a.chain_id, a.moved_seq,
      'balance of account ' || a.id || ' is not the sum of its transfers'
    FROM ledger_account a LEFT JOIN (
      SELECT z.id, sum(z.amount) AS s FROM (
        SELECT credit_id AS id, amount FROM ledger_transfer
        UNION ALL SELECT debit_id, -amount FROM ledger_transfer) z GROUP BY 1) s ON s.id = a.id
    WHERE a.balance <> COALESCE(s.s, 0)
  UNION ALL
  SELECT a.chain_id, NULL, 'accounts do not sum to zero' FROM ledger_account a
    GROUP BY a.chain_id HAVING sum(a.balance) <> 0
  ORDER BY 1, 2 $$;
"""

FUNCTIONS = (
    "ledger_faults()",
    "ledger_account_guard()",
    "ledger_after()",
    "ledger_before()",
    "ledger_hash(ledger_transfer)",
    "mailing_finish()",
    "message_settle_late()",
    "message_hold_end()",
    "refuse_change()",
)


def upgrade() -> None:
    """Create the functions and their triggers."""
    op.execute(APPEND_ONLY)
    for table in HISTORY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(MESSAGES)
    op.execute(LEDGER)


def downgrade() -> None:
    """Drop the functions; their triggers go with them."""
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name} CASCADE")
