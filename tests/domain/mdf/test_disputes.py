"""A sum that was left out is disputed: once, in time, with money set aside, answered by another."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.delivery.models import Message, MessageBody
from tcma.errors import Conflict, Forbidden, Invalid, LimitReached, NotFound
from tcma.mdf import overdue, queries, queue
from tcma.mdf.claims import decisions, disputes, filing
from tcma.mdf.claims import views as claim_views
from tcma.mdf.funds import by_way
from tcma.mdf.funds import views as fund_views
from tcma.mdf.ledger import booking
from tcma.mdf.payments import batches
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.rules import AccountKind
from tcma.mdf.waiting import waiting
from tcma.permissions import Role
from tests import builders

from .conftest import gbp


def claimed_and_cut(house):
    """£900 claimed, £700 approved by Mira, the plan closed: £200 are left out."""
    with house.db() as work:
        house.ada = builders.a_user(work, Role.ADMINISTRATOR, name="Ada", vendor_id=house.vendor)
    plan = house.proven(house.approved(1_000))
    return house.decided(house.claimed(plan, ("PS-1", 900)), amount=gbp(700))


@pytest.fixture
def begun(house_after):
    return house_after(claimed_and_cut)


@pytest.fixture
def house(begun):
    return begun[0]


@pytest.fixture
def cut(begun):
    return begun[1]


def at(work, ref):
    return queries.claim_by_ref(work.session, work.principal, ref)


def disputed(house, ref, amount=200, words="Line 2 of the plan has it."):
    with house.db(house.alice) as work:
        disputes.open_dispute(work, at(work, ref), amount=gbp(amount), words=words)


def upheld(house, ref, amount=None):
    with house.db(house.ada) as work:
        return disputes.uphold(work, at(work, ref), amount=amount and gbp(amount), words="So.").ref


def detail(house, ref, who):
    with house.db(who) as work:
        return claim_views.claim_detail(work.session, who, ref, now=work.now)


def sums(house):
    with house.db() as work:
        assert booking.verify(work.session) == []
    with house.db(house.alice) as work:
        fund = fund_views.wallet_fund(work.session, house.alice, house.fund_ref, now=work.now)
        (by_bank,) = by_way.by_way(work.session, house.alice)
    shown = by_bank.reserved, by_bank.in_claim, by_bank.settled
    assert shown == (fund.reserved, fund.in_claim, fund.paid)
    return tuple(m.minor // 100 for m in (fund.available, fund.reserved, fund.in_claim, fund.paid))


def paid(house, ref):
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [at(work, ref)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="B")


def test_an_upheld_dispute_holds_the_money_and_pays_it_as_a_second_claim(house, cut):
    assert sums(house) == (9_300, 0, 700, 0)
    disputed(house, cut)
    assert sums(house) == (9_100, 200, 700, 0)
    with house.db(house.ada) as work:
        (row,) = queue.queue(work.session, house.ada, now=work.now)
        assert (row.ref, row.step, row.amount) == (cut, "a dispute", gbp(200))
        assert waiting(work.session, house.ada).to_decide == 1
    more = upheld(house, cut, 150)
    assert sums(house) == (9_150, 0, 850, 0)
    for ref in (cut, more):
        paid(house, ref)
    assert sums(house) == (9_150, 0, 0, 850)
    told = detail(house, cut, house.alice).dispute
    assert (told.state, told.granted, told.supplement) == ("upheld", gbp(150), more)
    assert detail(house, more, house.alice).note.startswith(f"What was left out of {cut}")


@pytest.mark.parametrize("granted", [250, 120, 10])
def test_a_plan_that_goes_on_after_a_dispute_still_gives_back_all_it_holds(house, cut, granted):
    plan = house.proven(house.approved(1_000))
    first = house.decided(house.claimed(plan, ("PS-2", 950)), amount=gbp(700), close=False)
    house.decided(house.claimed(plan, ("PS-3", 250)), close=False)
    before = sums(house)
    disputed(house, first, 250)
    assert sums(house)[:2] == (before[0] - 200, 250)  # £50 are left, £200 come from the part
    upheld(house, first, granted)
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, work.principal, plan)
        left = queries.remaining_of(work.session, request)
        assert left == queries.balance(
            work.session, AccountKind.RESERVED, currency="GBP", request_id=request.id
        )
        request_decisions.close(work, request)
    assert sums(house)[:3] == (before[0] + 50 - granted, 0, before[2] + granted)


def test_the_money_of_a_plan_stays_while_a_dispute_or_an_appeal_waits(house, cut):
    for waits in ("dispute", "appeal"):
        plan = house.proven(house.approved(1_000))
        claim = house.claimed(plan, (waits, 900))
        if waits == "dispute":
            house.decided(claim, amount=gbp(700), close=False)
            disputed(house, claim)
        else:
            with house.db(house.mira) as work:
                decisions.refuse(work, at(work, claim), reason=Reason.POP_MISSING, words="No.")
            with house.db(house.alice) as work:
                filing.appeal(work, at(work, claim), words="It is in the file.")
        kept = sums(house)[1]
        with house.db(house.alice) as work, pytest.raises(Conflict, match=f"{claim} waits"):
            request_decisions.close(work, queries.request_by_ref(work.session, house.alice, plan))
        house.db.clock.move(timedelta(days=100))
        with house.db() as work:
            overdue.settle(work)
        assert sums(house)[1] == kept
        with house.db(house.ada) as work:
            if waits == "dispute":
                disputes.turn_down(work, at(work, claim), words="Not in the plan.")
            else:
                decisions.approve(work, at(work, claim))
        with house.db() as work:
            overdue.settle(work)
        assert sums(house)[1] == 0
        house.db.clock.move(timedelta(days=-100))


@pytest.mark.parametrize("end", ["turned down", "withdrawn"])
def test_a_dispute_that_leads_to_nothing_frees_the_money(house, cut, end):
    disputed(house, cut)
    if end == "withdrawn":
        with house.db(house.alice) as work:
            disputes.withdraw_dispute(work, at(work, cut))
    else:
        with house.db(house.ada) as work, pytest.raises(Invalid):
            disputes.turn_down(work, at(work, cut), words=" ")
        with house.db(house.ada) as work:
            disputes.turn_down(work, at(work, cut), words="It was not in the plan.")
    assert sums(house) == (9_300, 0, 700, 0)
    with house.db(house.ada) as work, pytest.raises(Conflict):
        disputes.uphold(work, at(work, cut))
    with house.db(house.alice) as work, pytest.raises(LimitReached):
        disputes.open_dispute(work, at(work, cut), amount=gbp(10), words="Once more.")


def test_what_was_clawed_back_is_disputed_from_the_day_it_was(house, cut):
    paid(house, cut)
    house.db.clock.move(timedelta(days=40))
    with house.db(house.alice) as work, pytest.raises(LimitReached):
        disputes.open_dispute(work, at(work, cut), amount=gbp(200), words="Late.")
    with house.db(house.ada) as work:
        decisions.claw_back(work, at(work, cut), reason=Reason.DUPLICATE, words="Twice.")
    assert detail(house, cut, house.alice).left_out == gbp(900)
    disputed(house, cut, 700)
    assert upheld_by_nobody_involved(house, cut)


def upheld_by_nobody_involved(house, ref):
    for who in (house.mira, house.finn):
        with house.db(who) as work, pytest.raises(Conflict, match="another person decides"):
            disputes.uphold(work, at(work, ref))
    return upheld(house, ref)


@pytest.mark.parametrize(
    ("amount", "words", "wrong"),
    [(201, "More.", Invalid), (0, "None.", Invalid), (200, "  ", Invalid)],
)
def test_a_dispute_needs_words_and_a_sum_that_was_left_out(house, cut, amount, words, wrong):
    with house.db(house.alice) as work, pytest.raises(wrong):
        disputes.open_dispute(work, at(work, cut), amount=gbp(amount), words=words)
    assert sums(house) == (9_300, 0, 700, 0)


def test_thirty_days_to_the_instant(house, cut):
    house.db.clock.move(timedelta(days=30))
    until = detail(house, cut, house.alice).dispute_until
    assert until == house.db.clock.now()
    house.db.clock.move(timedelta(seconds=1))
    with house.db(house.alice) as work, pytest.raises(LimitReached):
        disputes.open_dispute(work, at(work, cut), amount=gbp(200), words="Late.")


def test_a_claim_that_was_paid_in_full_leaves_nothing_to_dispute(house):
    ref = house.decided(house.claimed(house.proven(house.approved(1_000)), ("PS-2", 900)))
    assert detail(house, ref, house.alice).dispute_until is None


def test_a_dispute_is_told_to_who_may_answer_it(house, cut):
    disputed(house, cut)
    with house.db() as work:
        sent = select(Message.address).join(MessageBody, MessageBody.message_id == Message.id)
        to = list(
            work.session.scalars(
                sent.where(
                    MessageBody.subject.contains(cut), MessageBody.plain.contains("#dispute")
                )
            )
        )
    assert [each.split(".")[0] for each in to] == ["ada"]


def test_a_disputed_claim_is_not_taken_back_before_the_answer(house, cut):
    disputed(house, cut)
    with house.db(house.ada) as work, pytest.raises(Conflict, match="disputes this claim"):
        decisions.take_back(work, at(work, cut), reason=Reason.DUPLICATE, words="Twice.")


def test_strangers_and_the_wrong_side_have_no_part_in_it(house, cut):
    with house.db() as work:
        charlie = builders.charlie(work, house.vendor)
    with house.db(charlie) as work, pytest.raises(NotFound):
        at(work, cut)
    with house.db(house.mira) as work, pytest.raises(Forbidden):
        disputes.open_dispute(work, at(work, cut), amount=gbp(1), words="Mine.")
    disputed(house, cut)
    with house.db(house.alice) as work, pytest.raises(Forbidden):
        disputes.uphold(work, at(work, cut))
