"""Money that is asked back comes home: by the bank, or kept from the next payment; the books clear."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.delivery.models import MessageBody
from tcma.errors import Conflict, Forbidden, Invalid, LimitReached
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.funds import views as fund_views
from tcma.mdf.funds.entries import ledger_lines
from tcma.mdf.ledger import booking, trial
from tcma.mdf.ledger.chart import DEFAULT, OWED_BACK
from tcma.mdf.payments import batches, repaying
from tcma.mdf.payments.remittance import remittance
from tcma.mdf.reasons import Reason
from tcma.mdf.rules import AccountKind, ClaimState
from tests.domain.mdf.conftest import gbp
from tests.domain.mdf.test_fund_changes import ruled

BANK = DEFAULT[AccountKind.PAID].code
OWED = DEFAULT[OWED_BACK].code


def decided(house, number, net):
    return house.decided(house.claimed(house.proven(house.approved(net)), (number, net)))


def batched(house, *refs, keep=False):
    with house.db(house.finn) as work:
        claims = [queries.claim_by_ref(work.session, house.finn, ref) for ref in refs]
        batch = batches.make_batch(work, claims, keep_owed=keep)
        batches.export_batch(work, batch, payouts=PayoutsPain())
        return batch.ref


def settled(house, ref):
    with house.db(house.finn) as work:
        batch = queries.batch_by_ref(work.session, house.finn, ref)
        return batches.settle(work, batch, bank_reference="BACS 1")


def clawed(house, number="1", net=900, amount=450):
    """A paid claim of which a part was asked back."""
    ref = decided(house, number, net)
    settled(house, batched(house, ref))
    with house.db(house.mira) as work:
        claim = queries.claim_by_ref(work.session, house.mira, ref)
        claim_decisions.claw_back(
            work, claim, reason=Reason.DUPLICATE, words="Half was paid before.", amount=gbp(amount)
        )
    return ref


def repaid(house, ref, major, key=None, reference="IN 77", who=None):
    with house.db(who or house.finn) as work:
        claim = queries.claim_by_ref(work.session, who or house.finn, ref)
        repaying.repay(work, claim, gbp(major), bank_reference=reference, key=key or uuid4())


def books(house):
    """What is free in the fund and owed, and what the general ledger says of bank and debtors."""
    with house.db(house.finn) as work:
        assert booking.verify(work.session) == []
        fund = fund_views.fund_summary(work.session, house.finn, house.fund_ref, now=work.now)
        span = trial.Span(since=date(2026, 1, 1), until=date(2026, 12, 31))
        (one,) = trial.trial_balance(work.session, house.finn, span)
        assert one.whole
        by_code = {line.account.code: line.closing.minor // 100 for line in one.lines}
    free, owed = fund.unallocated.minor // 100, fund.owed.minor // 100
    return free, owed, by_code.get(BANK, 0), by_code.get(OWED, 0)


@pytest.mark.parametrize(
    ("rules", "asked", "back"),
    [
        (None, (30_450, 0, -900, 450), (30_450, 0, -450, 0)),
        ('asked_back = "when repaid"', (30_000, 450, -900, 450), (30_450, 0, -450, 0)),
    ],
    ids=["free at once", "free when repaid"],
)
def test_what_comes_back_by_the_bank_clears_what_is_owed(house, rules, asked, back):
    if rules:
        ruled(house, rules)
    ref = clawed(house)
    assert books(house) == asked
    key = uuid4()
    for _ in range(2):
        repaid(house, ref, 200, key)
    with pytest.raises(Conflict, match="another content"):
        repaid(house, ref, 201, key)
    with pytest.raises(LimitReached, match=r"£250\.00 is still"):
        repaid(house, ref, 251)
    with pytest.raises(Invalid):
        repaid(house, ref, 1, reference=" ")
    with pytest.raises(Forbidden):
        repaid(house, ref, 1, who=house.mira)
    repaid(house, ref, 250)
    assert books(house) == back
    with house.db(house.finn) as work:
        assert repaying.owed_back(work.session, house.finn) == []
        lines = ledger_lines(work.session, house.finn, house.fund_ref).rows
        assert {line.ref for line in lines if line.kind == "repay"} == {ref}


def test_what_is_owed_is_kept_from_the_next_payment_and_the_remittance_says_so(house):
    ruled(house, 'asked_back = "when repaid"')
    owed, next_one = clawed(house), decided(house, "2", 600)
    batch = batched(house, next_one, keep=True)
    with house.db(house.finn) as work:
        (line,) = repaying.owed_back(work.session, house.finn)
        assert (line.claim_ref, line.kept, line.left) == (owed, gbp(450), gbp(0))
        (document,) = [queries.batch_by_ref(work.session, house.finn, batch).document_id]
        file = house.db.files.get(queries.document_by_id(work.session, house.finn, document).key)
        assert b"150.00" in file
        assert b"600.00" not in file
    with pytest.raises(LimitReached):
        repaid(house, owed, 1)
    assert books(house) == (30_000, 450, -900, 450), "nothing before the bank has paid"
    settled(house, batch)
    assert books(house) == (30_450, 0, -1_050, 0)
    with house.db(house.alice) as work:
        advice = remittance(work.session, house.alice, batch)
    (line,) = advice.lines
    assert (line.paid, line.kept, line.kept_for) == (gbp(150), gbp(450), (owed,))
    with house.db(house.finn) as work:
        assert queries.claim_by_ref(work.session, house.finn, next_one).state == ClaimState.PAID


def test_a_payment_that_comes_back_lets_what_was_kept_be_owed_again(house):
    ruled(house, 'asked_back = "when repaid"')
    clawed(house)
    batch = batched(house, decided(house, "2", 600), keep=True)
    (payment,) = settled(house, batch)
    with house.db(house.finn) as work:
        payment = queries.payment_by_id(work.session, house.finn, payment.id)
        batches.fail(work, payment, reason="Account closed")
        (line,) = repaying.owed_back(work.session, house.finn)
        assert line.left == gbp(450)
    assert books(house) == (30_000, 450, -900, 450)


def test_a_claim_that_is_smaller_than_what_is_owed_is_settled_without_the_bank(house):
    owed, small = clawed(house), decided(house, "2", 100)
    batch = batched(house, small, keep=True)
    with house.db(house.finn) as work:
        row = queries.batch_by_ref(work.session, house.finn, batch)
        assert (row.state, row.document_id) == ("settled", None)
        assert queries.claim_by_ref(work.session, house.finn, small).state == ClaimState.PAID
        (line,) = repaying.owed_back(work.session, house.finn)
        assert (line.claim_ref, line.repaid, line.left) == (owed, gbp(100), gbp(350))
    assert books(house) == (30_450, 0, -900, 350)
    with house.db() as work:
        told = work.session.scalars(select(MessageBody.subject).order_by(MessageBody.message_id))
        assert told.all()[-1] == f"{batch} settles what you owed back"
