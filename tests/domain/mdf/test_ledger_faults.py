"""What must not happen to money (M1 to M10): races, second presses, wrong sums, tampering.

The others by name: m3 in test_kills, m4 in test_bad_sums, test_rules and web/test_money_fields, m5
and m6 in test_claims, m7 and m8 in test_chain (every route of m8 in web/test_strangers), m9 in
test_hostile_files, test_uploads and test_papers; all of them at once in test_every_verb.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.errors import Conflict, Invalid, LimitReached, TcmaError
from tcma.mdf import queries
from tcma.mdf.funds import opening, proof
from tcma.mdf.ledger import booking, heads
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.models.ledger import LedgerAccount, LedgerTransfer
from tcma.mdf.payments import batches
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning
from tcma.mdf.rules import AccountKind, TransferKind
from tcma.money import Money

from .conftest import gbp


def held(house, kind):
    with house.db() as work:
        return queries.balance(work.session, kind, currency="GBP")


def transfers(house, kind):
    with house.db() as work:
        return work.session.scalar(
            select(func.count()).select_from(LedgerTransfer).where(LedgerTransfer.kind == kind)
        )


def together(count, act):
    """Run `act(n)` in as many threads at once; its answer or refusal of each."""
    gate = threading.Barrier(count)

    def one(number):
        gate.wait()
        try:
            return act(number)
        except TcmaError as refused:
            return refused

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_m1_of_fifty_approvals_at_once_exactly_the_ten_that_fit_succeed(house):
    refs = [house.sent(1_000) for _ in range(50)]

    def approve(number):
        with house.db(house.finn) as work:
            request = queries.request_by_ref(work.session, house.finn, refs[number])
            request_decisions.approve(work, request)

    answers = together(50, approve)
    refused = [answer for answer in answers if answer is not None]
    assert len(refused) == 40
    assert {type(answer) for answer in refused} <= {Conflict, LimitReached}
    assert {answer.code for answer in refused} <= {
        "constraint.ledger_account_never_negative",
        "mdf.fund.empty",
    }
    assert held(house, AccountKind.RESERVED) == gbp(10_000)
    assert held(house, AccountKind.FUND) == gbp(0)
    with house.db() as work:
        assert booking.verify(work.session) == []


def test_m2_an_approval_pressed_twice_at_once_books_once(house):
    ref = house.sent(1_000)

    def approve(_):
        with house.db(house.finn) as work:
            request = queries.request_by_ref(work.session, house.finn, ref)
            request_decisions.approve(work, request)

    answers = together(8, approve)
    assert {getattr(answer, "code", None) for answer in answers} <= {
        None,
        "mdf.request.moved",
        "mdf.level.moved",
    }
    assert transfers(house, TransferKind.RESERVE) == 1
    assert held(house, AccountKind.RESERVED) == gbp(1_000)


def test_m2_pressing_approve_again_answers_the_same_and_another_sum_conflicts(house):
    ref = house.approved(1_000)
    with house.db(house.finn) as work:
        request = queries.request_by_ref(work.session, house.finn, ref)
        request_decisions.approve(work, request)
        with pytest.raises(Conflict):
            request_decisions.approve(work, request, amount=gbp(900))
    assert transfers(house, TransferKind.RESERVE) == 1


def test_m2_an_allocation_replayed_by_its_key_books_once_and_refuses_another_body(house):
    key = uuid4()
    for _ in range(2):
        with house.db(house.finn) as work:
            budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
            opening.allocate(work, budget, house.partner, gbp(100), key=key)
    assert held(house, AccountKind.FUND) == gbp(10_100)
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        with pytest.raises(Conflict):
            opening.allocate(work, budget, house.partner, gbp(101), key=key)
    assert held(house, AccountKind.FUND) == gbp(10_100)


def test_m2_money_added_under_the_same_key_is_added_once_and_another_sum_conflicts(house):
    key = uuid4()

    def add(number, major=500):
        with house.db(house.finn) as work:
            budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
            opening.add_money(work, budget, gbp(major), reason="Second half", key=key)

    assert together(6, add) == [None] * 6
    assert held(house, AccountKind.UNALLOCATED) == gbp(30_500)
    with pytest.raises(Conflict, match="another content"):
        add(0, 501)
    assert held(house, AccountKind.UNALLOCATED) == gbp(30_500)


def test_m2_a_plan_saved_twice_under_its_key_is_one_plan(house):
    key = uuid4()

    def save(number, net=800):
        with house.db(house.alice) as work:
            part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
            return planning.draft(work, part, house.plan(net), key=key).ref

    assert len(set(together(4, save))) == 1
    with pytest.raises(Conflict, match="with another content"):
        save(0, 900)
    with house.db() as work:
        assert work.session.scalar(select(func.count()).select_from(FundRequest)) == 1


def test_two_people_who_change_a_plan_at_once_are_told_and_nothing_is_lost(house):
    ref = house.drafted(800)

    def change(net, revision):
        with house.db(house.alice) as work:
            request = queries.request_by_ref(work.session, house.alice, ref)
            planning.revise(work, request, house.plan(net), revision=revision)
            return request.revision

    assert change(700, 1) == 2
    assert change(700, 1) == 2, "the same press again"
    with pytest.raises(Conflict, match="while you had it open"):
        change(600, 1)
    with house.db() as work:
        assert work.session.scalars(select(FundRequest.requested_minor)).one() == 70_000


def a_booking(work, house, **other):
    accounts = {
        row.kind: row.id
        for row in work.session.scalars(
            select(LedgerAccount).where(LedgerAccount.request_id.is_(None))
        )
    }
    budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
    given = {
        "chain_id": budget.id,
        "kind": TransferKind.ALLOCATE,
        "debit_id": accounts["unallocated"],
        "credit_id": accounts["fund"],
        "amount": gbp(5),
        "subject": "test",
        "subject_id": budget.id,
        "step": 7,
        "id": None,
    } | other
    return booking.Booking(**given)


def test_m2_the_same_transfer_twice_is_one_and_another_body_under_its_id_is_refused(house):
    name = uuid4()
    with house.db(house.finn) as work:
        first = booking.book(work, a_booking(work, house, id=name))
        again = booking.book(work, a_booking(work, house, id=name))
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.seq, again.hash) == (first.seq, first.hash)
    with pytest.raises(Conflict, match="another content"), house.db(house.finn) as work:
        booking.book(work, a_booking(work, house, id=name, amount=gbp(6)))
    with pytest.raises(Conflict, match="booked already"), house.db(house.finn) as work:
        booking.book(work, a_booking(work, house, id=uuid4()))


def test_m4_sums_that_are_no_sums_book_nothing(house):
    for amount in (gbp(0), gbp(-1), gbp(10**16), Money(100, "EUR")):
        with house.db(house.finn) as work:
            budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
            with pytest.raises(Invalid) as refused:
                opening.allocate(work, budget, house.partner, amount)
        assert refused.value.fields["amount"], amount
    assert held(house, AccountKind.FUND) == gbp(10_000)


def test_no_account_goes_below_zero_whoever_writes(house):
    with pytest.raises(Conflict, match="not enough money"), house.db(house.finn) as work:
        booking.book(work, a_booking(work, house, amount=gbp(30_001)))
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        with pytest.raises(LimitReached, match="not allocated yet"):
            opening.allocate(work, budget, house.partner, gbp(30_001))


REWRITES = (
    "UPDATE ledger_transfer SET amount = amount + 1",
    "DELETE FROM ledger_transfer",
    "UPDATE ledger_account SET balance = balance + 1",
    "DELETE FROM ledger_account",
    "UPDATE ledger_chain SET seq = 0",
)


def test_m10_the_books_cannot_be_rewritten(house):
    for statement in REWRITES:
        with house.db.engine.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(text(statement))


BY_HAND = (
    ("UPDATE ledger_transfer SET amount = amount + 1 WHERE seq = 2", 2, "row changed"),
    ("UPDATE ledger_transfer SET hash = sha256('x') WHERE seq = 2", 2, "row changed"),
    ("UPDATE ledger_transfer SET prev_hash = sha256('x') WHERE seq = 3", 3, "link broken"),
    ("DELETE FROM ledger_transfer WHERE seq = 2", 3, "gap before"),
    ("DELETE FROM ledger_transfer WHERE seq = 3", 3, "head is not the last transfer"),
    ("UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'fund'", 3, "balance of"),
)
"""What a superuser does behind the triggers, the entry that shows it, and what is said."""


def test_m10_a_row_changed_behind_the_triggers_is_named_by_the_proof(house):
    house.approved(1_000)
    for statement, seq, fault in BY_HAND:
        with house.db.engine.connect() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement))
            first = booking.verify(Session(bind=connection))[0]
        assert first.fund == house.fund_ref
        assert (first.seq, first.fault.split(" account")[0]) == (seq, fault), statement


def proved(house):
    with house.db() as work:
        return [fault.fault for fault in proof.prove(work)]


REWRITTEN = """
DO $$ DECLARE r ledger_transfer; before bytea; BEGIN
  UPDATE ledger_transfer SET amount = amount - 100 WHERE kind = 'allocate';
  SELECT prev_hash INTO before FROM ledger_transfer WHERE seq = 1;
  FOR r IN SELECT * FROM ledger_transfer ORDER BY seq LOOP
    UPDATE ledger_transfer SET prev_hash = before WHERE id = r.id;
    UPDATE ledger_transfer t SET hash = ledger_hash(t) WHERE id = r.id RETURNING hash INTO before;
  END LOOP;
  UPDATE ledger_chain SET head_hash = before;
  UPDATE ledger_account a SET balance = balance - 100 WHERE kind = 'fund';
  UPDATE ledger_account a SET balance = balance + 100 WHERE kind = 'unallocated';
END $$
"""
CUT = """
DO $$ DECLARE r ledger_transfer; BEGIN
  SELECT * INTO r FROM ledger_transfer ORDER BY seq DESC LIMIT 1;
  DELETE FROM ledger_transfer WHERE id = r.id;
  UPDATE ledger_account SET balance = balance + r.amount WHERE id = r.debit_id;
  UPDATE ledger_account SET balance = balance - r.amount WHERE id = r.credit_id;
  UPDATE ledger_chain SET seq = r.seq - 1, head_hash = r.prev_hash;
END $$
"""


def by_superuser(house, statement):
    with house.db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (REWRITTEN, "entries up to No. 3 are not those that were proved"),
        (CUT, "entries that were proved are gone, the last one No. 3"),
    ],
)
def test_m10_books_rewritten_with_fitting_hashes_differ_from_the_last_proof(house, statement, said):
    house.approved(1_000)
    assert proved(house) == []
    by_superuser(house, statement)
    assert proved(house) == [said]
    house.sent(100)
    assert proved(house) == [said], "and stays found"


def test_m10_a_head_that_was_written_by_hand_is_not_signed(house):
    house.approved(1_000)
    assert proved(house) == []
    by_superuser(house, REWRITTEN)
    by_superuser(house, "UPDATE ledger_head h SET hash = c.head_hash FROM ledger_chain c")
    assert proved(house) == ["the proof of No. 3 was not signed here"]
    with house.db() as work:
        assert heads.keep(work, besides=(), again=True) == 1
    assert proved(house) == [], "an operator signed it, after another secret"


def test_m10_heads_kept_elsewhere_show_what_the_database_no_longer_can(house):
    house.approved(1_000)
    proved(house)
    with house.db() as work:
        kept = heads.newest(work.session)
        assert heads.compared(work, kept) == []
    by_superuser(house, REWRITTEN)
    by_superuser(house, "DELETE FROM ledger_head")
    with house.db() as work:
        assert proof.all_faults(work) == []
        (fault,) = heads.compared(work, kept)
        assert (fault.fund, fault.seq) == (house.fund_ref, 3)
        with pytest.raises(Invalid, match="another installation"):
            heads.compared(work, [{**kept[0], "seq": 2}])


def test_m10_a_claim_raised_by_hand_is_found_and_its_file_never_leaves(house):
    ref = house.decided(house.claimed(house.proven(house.approved(1_000)), ("1", 600)))
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
        batch_ref = batch.ref
    by_superuser(house, "UPDATE claim SET approved_minor = 90000, amount_minor = 90000")
    by_superuser(house, "UPDATE payment SET amount_minor = 90000")
    assert proved(house) == [f"what {ref} is approved for is not what the books owe"]
    with house.db(house.finn) as work:
        batch = queries.batch_by_ref(work.session, house.finn, batch_ref)
        with pytest.raises(Conflict, match=r"the books owe £600\.00"):
            batches.export_batch(work, batch, payouts=PayoutsPain())
    by_superuser(house, "UPDATE claim SET approved_minor = 60000, amount_minor = 60000")
    by_superuser(house, "UPDATE payment SET amount_minor = 60000")
    with house.db(house.finn) as work:
        batch = queries.batch_by_ref(work.session, house.finn, batch_ref)
        with pytest.raises(Conflict, match="broken"):
            batches.export_batch(work, batch, payouts=PayoutsPain())
    assert proved(house) == []
    with house.db(house.finn) as work:
        batch = queries.batch_by_ref(work.session, house.finn, batch_ref)
        assert batches.export_batch(work, batch, payouts=PayoutsPain())
