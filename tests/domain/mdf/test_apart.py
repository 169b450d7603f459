"""A claim approved again after it was taken back; everybody who said yes to it stays apart from the money."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.adapters.payouts_pain import PayoutsPain
from tcma.errors import Conflict
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import disputes, filing
from tcma.mdf.ledger import booking
from tcma.mdf.models.funding import Claim
from tcma.mdf.models.ledger import LedgerTransfer
from tcma.mdf.models.payments import Payment
from tcma.mdf.payments import batches
from tcma.mdf.queries import names_of
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import absences, planning
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import levels as request_levels
from tcma.mdf.rules import ClaimState, TransferKind
from tcma.permissions import SYSTEM, Role
from tests import builders

from .conftest import gbp
from .test_claim_levels import owed, ruled
from .test_stages import plan
from .test_withdrawals import act

WORDS = "The logo is on page two."
TWO = """
[claim_approval]
[[claim_approval.level]]
up_to = "500.00"
by = ["finance"]
[[claim_approval.level]]
by = ["administrator"]
"""


@pytest.fixture
def more(house):
    """Ada and Nora besides Mira and Finn."""
    with house.db() as work:
        house.ada = builders.a_user(work, Role.ADMINISTRATOR, name="Ada", vendor_id=house.vendor)
        house.nora = builders.a_user(work, Role.FINANCE, name="Nora", vendor_id=house.vendor)
    return house


@pytest.mark.parametrize("closed", [False, True])
def test_what_an_appeal_wins_after_a_take_back_is_booked_again(more, closed):
    ref = more.claimed(more.proven(more.approved(800)), ("1", 500))
    more.decided(ref, close=closed)
    wrong = {"reason": Reason.BRAND_RULE, "words": "No logo."}
    assert act(more, more.nora, ref, claim_decisions.take_back, **wrong) == ClaimState.REJECTED
    assert owed(more) == gbp(0)
    more.db.clock.at += timedelta(1)
    act(more, more.alice, ref, filing.appeal, words=WORDS)
    assert act(more, more.ada, ref, claim_decisions.approve) == ClaimState.APPROVED
    assert owed(more) == gbp(500)
    with more.db() as work:
        of_claim = select(func.count()).where(LedgerTransfer.kind == TransferKind.CLAIM)
        assert work.session.scalar(of_claim) == 2
        assert booking.verify(work.session) == []


def test_who_took_an_approval_back_does_not_answer_the_appeal(more):
    ref = more.decided(more.claimed(more.proven(more.approved(800)), ("1", 500)))
    wrong = {"reason": Reason.BRAND_RULE, "words": "No logo."}
    act(more, more.nora, ref, claim_decisions.take_back, **wrong)
    more.db.clock.at += timedelta(1)
    act(more, more.alice, ref, filing.appeal, words=WORDS)
    with pytest.raises(Conflict, match="You refused this claim"):
        act(more, more.nora, ref, claim_decisions.approve)


@pytest.mark.parametrize("booked", [False, True])
def test_a_claim_whose_payment_came_back_is_appealed_and_paid_as_any_other(more, booked):
    ref = more.decided(more.claimed(more.proven(more.approved(800)), ("1", 500)))
    with more.db(more.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, more.finn, ref)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        if booked:
            batches.settle(work, batch, bank_reference="BACS 1")
        (payment,) = work.session.scalars(select(Payment))
        batches.fail(work, payment, reason="account closed")
    wrong = {"reason": Reason.BRAND_RULE, "words": "No logo."}
    act(more, more.nora, ref, claim_decisions.take_back, **wrong)
    more.db.clock.at += timedelta(1)
    assert act(more, more.alice, ref, filing.appeal, words=WORDS) == ClaimState.APPEALED
    assert act(more, more.ada, ref, claim_decisions.approve) == ClaimState.APPROVED
    with more.db(more.finn) as work:
        claim = queries.claim_by_ref(work.session, more.finn, ref)
        batch = batches.make_batch(work, [claim])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="BACS 2")
        assert claim.state == ClaimState.PAID
        assert booking.verify(work.session) == []
        by = [payment.claim_decided_by for payment in paid_for(work, claim)]
    assert by == [more.mira.user_id, more.ada.user_id]


def paid_for(work, claim):
    some = select(Payment).where(Payment.claim_id == claim.id).order_by(Payment.id)
    return work.session.scalars(some).all()


def test_the_database_keeps_the_decision_of_a_claim_that_is_paid(more):
    ref = more.decided(more.claimed(more.proven(more.approved(800)), ("1", 500)))
    with more.db(more.finn) as work:
        batches.make_batch(work, [queries.claim_by_ref(work.session, more.finn, ref)])
    with more.db() as work, pytest.raises(IntegrityError, match="payment_claim_id_stands_by_fkey"):
        work.session.execute(update(Claim).values(decided_by=more.finn.user_id))


@pytest.fixture
def two_yeses(more):
    """A claim that Nora of finance approved first and Ada last, £600 of £900."""
    ruled(more, TWO)
    ref = more.claimed(more.proven(more.approved(1_500)), ("1", 900))
    act(more, more.nora, ref, claim_decisions.approve, close=False)
    act(more, more.ada, ref, claim_decisions.approve, amount=gbp(600), close=False)
    return ref


def test_who_approved_a_claim_at_level_one_does_not_pay_it(more, two_yeses):
    with more.db(more.nora) as work:
        claim = queries.claim_by_ref(work.session, more.nora, two_yeses)
        with pytest.raises(Conflict, match="You approved the claim"):
            batches.make_batch(work, [claim])
    with more.db(more.finn) as work:
        claim = queries.claim_by_ref(work.session, more.finn, two_yeses)
        assert batches.make_batch(work, [claim])


def test_who_approved_a_claim_at_level_one_does_not_answer_its_dispute(more, two_yeses):
    act(more, more.alice, two_yeses, disputes.open_dispute, amount=gbp(300), words=WORDS)
    for one in (more.nora, more.ada):
        with pytest.raises(Conflict, match="You decided this claim"):
            act(more, one, two_yeses, disputes.uphold)
    act(more, more.mira, two_yeses, disputes.uphold)


def waits_for(house, ref):
    """Whom a plan waits for, by name."""
    with house.db() as work:
        request = queries.request_by_ref(work.session, SYSTEM, ref)
        people = request_levels.deciders(work.session, request, work.now)
        return set(names_of(work.session, *people).values()) - {""}


def test_a_deputy_is_one_of_the_same_vendor_and_still_there(more):
    with more.db() as work:
        other = builders.a_vendor(work, name="Larkspur")
        mail = work.session.get_one(UserAccount, more.mira.user_id).email
        there = builders.a_user(
            work, Role.CHANNEL_MANAGER, email=mail, name="Mira", vendor_id=other
        )
        uma = builders.a_user(work, Role.CHANNEL_MANAGER, name="Uma", vendor_id=other)
    with more.db(there) as work:
        absences.state(work, uma.user_id, work.now.date(), work.now.date() + timedelta(3))
    ref = more.sent(600)
    assert waits_for(more, ref) == {"Mira", "Finn", "Ada", "Nora"}
    with more.db() as work:
        gone = select(Membership).where(Membership.user_id == more.nora.user_id)
        absences.state(
            builders.acting(work, more.mira), more.nora.user_id, work.now.date(), work.now.date()
        )
        work.session.scalars(gone).one().state = MembershipState.ENDED
    assert waits_for(more, ref) == {"Mira", "Finn", "Ada"}


def test_an_appealed_plan_waits_for_nobody_who_refused_it(more):
    ref = more.sent(600)
    plan(more, more.mira, ref, request_decisions.refuse, reason=Reason.INELIGIBLE, words="No.")
    plan(more, more.alice, ref, planning.appeal, words=WORDS)
    assert waits_for(more, ref) == {"Finn", "Ada", "Nora"}
