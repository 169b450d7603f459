"""Many transfers in a vendor's books, loaded by COPY as valid as if each had been booked.

Of ten transfers nine are accruals of sales and one belongs to a plan: reserved, claimed, paid, the rest
released. A part's last plan of twenty is under way. `tcma ledger verify` finds nothing in it.
"""

import hashlib
import io
from contextlib import contextmanager
from itertools import count

from tests.bench.ground import raw_connection, settled

STEPS = 4
"""Transfers of a plan that is over: reserve, claim, pay, release."""
OF_PLANS = 10
"""Of so many transfers one belongs to a plan."""
UNDER_WAY = 20
"""Of so many plans one is reserved and filed only."""
SOLD, ASKED, CLAIMED = 2_000, 50_000, 40_000
AT, MICROS = "2026-01-05 09:00:00+00", 1_767_603_600_000_000
TRANSFER = (
    "id, input_hash, chain_id, seq, kind, debit_id, credit_id, amount, currency, subject, subject_id,"
    " step, activity_id, reason, at, prev_hash, hash"
)
ACCOUNT = (
    "id, chain_id, vendor_id, partner_id, currency, kind, allocation_id, request_id, claim_id,"
    " balance, moved_seq"
)
PLAN = (
    "id, ref, vendor_id, partner_id, allocation_id, title, state, currency, requested_minor,"
    " approved_minor, claim_by, created_at"
)
ACTIVITY = (
    "id, request_id, no, vendor_id, partner_id, campaign_id, kind, starts_on, ends_on, state,"
    " share_bps, requested_minor, approved_minor, claim_by"
)
CLAIM = (
    "id, ref, request_id, activity_id, vendor_id, partner_id, state, currency, amount_minor,"
    " approved_minor, decided_by, created_at"
)
PARTS = """
SELECT c.id::text AS chain, c.seq, encode(c.head_hash, 'hex') AS head, a.id::text AS part,
  a.vendor_id::text AS vendor, a.partner_id::text AS partner, s.id AS source, f.id AS fund,
  p.id AS paid
FROM fund_allocation a JOIN ledger_chain c ON c.id = a.budget_id
JOIN ledger_account s ON s.chain_id = c.id AND s.kind = 'source'
JOIN ledger_account f ON f.allocation_id = a.id AND f.kind = 'fund'
JOIN ledger_account p ON p.allocation_id = a.id AND p.kind = 'paid'
ORDER BY c.id, a.id
"""
INDEXES = """
SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || conname AS away,
  'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || conname || ' '
  || pg_get_constraintdef(oid) AS back
FROM pg_constraint WHERE conrelid = %(table)s::regclass AND contype IN ('p', 'u', 'f')
UNION ALL
SELECT 'DROP INDEX ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
FROM pg_index i WHERE indrelid = %(table)s::regclass
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
"""


class Books:
    """Rows as COPY takes them, with the balances and heads that follow from them."""

    def __init__(self, campaign_id, decided_by, first_account):
        self.campaign_id, self.decided_by = campaign_id, decided_by
        self.ids, self.accounts = count(1), count(first_account)
        self.rows = {name: io.StringIO() for name in (
            "fund_request", "fund_activity", "claim", "ledger_account", "ledger_transfer")}  # fmt: skip
        self.moved = {}
        self.heads = {}

    def part(self, part, transfers):
        """Add so many transfers to one partner's part of a fund."""
        plans = transfers // OF_PLANS // STEPS
        under_way = plans // UNDER_WAY
        for _ in range(transfers - (plans - under_way) * STEPS - under_way):
            self.move(part, "accrue", (part.source, part.fund), SOLD, ("sales", self.id()))
        for n in range(plans):
            self.plan(part, under_way=n >= plans - under_way)

    def plan(self, part, *, under_way):
        """Add a plan with its activity, claim, accounts and transfers."""
        plan, activity, claim = self.id(), self.id(), self.id()
        reserved, accrued = next(self.accounts), next(self.accounts)
        whose = f"{part.vendor}\t{part.partner}"
        states = (
            ("pre_approved", "approved", "submitted") if under_way else ("closed", "closed", "paid")
        )
        decided = "\\N\t\\N" if under_way else f"{CLAIMED}\t{self.decided_by}"
        self.rows["fund_request"].write(
            f"{plan}\tMDF-B-{plan[-12:]}\t{whose}\t{part.part}\tSpring mailing\t{states[0]}\tGBP"
            f"\t{ASKED}\t{ASKED}\t2026-06-30\t{AT}\n"
        )
        self.rows["fund_activity"].write(
            f"{activity}\t{plan}\t1\t{whose}\t{self.campaign_id}\temail\t2026-02-01\t2026-03-01"
            f"\t{states[1]}\t5000\t{ASKED}\t{ASKED}\t2026-06-30\n"
        )
        self.rows["claim"].write(
            f"{claim}\tCLM-B-{claim[-12:]}\t{plan}\t{activity}\t{whose}\t{states[2]}\tGBP"
            f"\t{CLAIMED}\t{decided}\t{AT}\n"
        )
        self.move(part, "reserve", (part.fund, reserved), ASKED, ("request", plan), activity)
        if not under_way:
            self.move(part, "claim", (reserved, accrued), CLAIMED, ("claim", claim), activity)
            self.move(part, "pay", (accrued, part.paid), CLAIMED, ("payment", self.id()), activity)
            rest = ASKED - CLAIMED
            self.move(part, "release", (reserved, part.fund), rest, ("request", plan), activity)
            self.account(part, accrued, "accrued", f"\\N\t{claim}")
        self.account(part, reserved, "reserved", f"{plan}\t\\N")

    def account(self, part, number, kind, owner):
        balance, seq = self.moved.pop(number)
        self.rows["ledger_account"].write(
            f"{number}\t{part.chain}\t{part.vendor}\t{part.partner}\tGBP\t{kind}\t{part.part}"
            f"\t{owner}\t{balance}\t{seq}\n"
        )

    def move(self, part, kind, ends, amount, subject, activity=None):
        """Add one transfer: the next of its fund's chain."""
        seq, head = self.heads.get(part.chain) or (part.seq, part.head)
        seq += 1
        number = self.id()
        digest = hashlib.sha256(number.encode()).hexdigest()
        body = (
            f"{part.chain}|{seq}|{number}|{digest}|{kind}|{ends[0]}|{ends[1]}|{amount}|GBP"
            f"|{subject[0]}|{subject[1]}|1|-|-|{activity or '-'}|-||{MICROS}|{head}|2|-"
        )
        made = hashlib.sha256(body.encode()).hexdigest()
        self.rows["ledger_transfer"].write(
            f"{number}\t\\\\x{digest}\t{part.chain}\t{seq}\t{kind}\t{ends[0]}\t{ends[1]}\t{amount}\tGBP"
            f"\t{subject[0]}\t{subject[1]}\t1\t{activity or chr(92) + 'N'}\t\t{AT}\t\\\\x{head}"
            f"\t\\\\x{made}\n"
        )
        self.heads[part.chain] = seq, made
        for account, moved in zip(ends, (-amount, amount), strict=True):
            self.moved[account] = self.moved.get(account, (0, 0))[0] + moved, seq

    def id(self):
        """The next number as a UUID, in the order of time as the product's."""
        return f"00000000-0000-7000-8000-{next(self.ids):012x}"


def fill(db, transfers, *, campaign_id, decided_by):
    """Load so many transfers into the parts that stand; each gets its share of them."""
    with raw_connection(db) as raw:
        raw.execute("SET LOCAL session_replication_role = replica")
        (first,) = raw.execute("SELECT max(id) + 1 FROM ledger_account").fetchone()
        parts = _rows(raw, PARTS)
        books = Books(campaign_id, decided_by, first)
        with _without_indexes(raw, "ledger_transfer"):
            for part in parts:
                books.part(part, transfers // len(parts))
                _copied(raw, books)
        raw.cursor().executemany(
            "UPDATE ledger_account SET balance = balance + %s, moved_seq = %s WHERE id = %s",
            [(balance, seq, number) for number, (balance, seq) in books.moved.items()],
        )
        raw.cursor().executemany(
            "UPDATE ledger_chain SET seq = %s, head_hash = decode(%s, 'hex') WHERE id = %s::uuid",
            [(seq, head, chain) for chain, (seq, head) in books.heads.items()],
        )
        raw.execute("SELECT setval(pg_get_serial_sequence('ledger_account', 'id'), %s)",
                    [next(books.accounts)])  # fmt: skip
    settled(db)


def _rows(raw, query):
    from psycopg.rows import namedtuple_row

    return raw.cursor(row_factory=namedtuple_row).execute(query).fetchall()


def _copied(raw, books):
    columns = {"fund_request": PLAN, "fund_activity": ACTIVITY, "claim": CLAIM,
               "ledger_account": ACCOUNT, "ledger_transfer": TRANSFER}  # fmt: skip
    for table, rows in books.rows.items():
        with raw.cursor().copy(f"COPY {table} ({columns[table]}) FROM STDIN") as copy:
            copy.write(rows.getvalue())
        rows.seek(0)
        rows.truncate()


@contextmanager
def _without_indexes(raw, table):
    """Take indexes and keys of a table away, and put them back in the order of their making."""
    made = raw.execute(INDEXES, {"table": table}).fetchall()
    keys_last = sorted(made, key=lambda row: "FOREIGN KEY" in row[1])
    for away, _ in reversed(keys_last):
        raw.execute(away)
    yield
    for _, back in keys_last:
        raw.execute(back)
