"""Too many complaints or dead addresses pause a launch or hold a sender, with numbers and a way on."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery import actions, budgets, claims, running
from tcma.delivery.reactions import note
from tcma.delivery.rules import BUDGET_WINDOW, MailingState, Tally, budget_breach
from tcma.errors import Conflict, Forbidden, NotFound
from tcma.ports import Result, SendResult
from tests.builders import a_partner, a_vendor, alice, mira
from tests.faults.posting import a_mailing


@pytest.mark.parametrize(
    ("tally", "why"),
    [
        (Tally(), ""),
        (Tally(10, 0, 2), ""),
        (Tally(10, 9, 0), ""),
        (Tally(1_000, 0, 3), ""),
        (Tally(999, 0, 3), "3 of 999 people marked it as spam (0.3 %"),
        (Tally(200, 10, 0), ""),
        (Tally(199, 10, 0), "10 of 199 addresses are dead (5.0 %"),
        (Tally(100, 50, 50), "50 of 100 people marked it as spam (50.0 %"),
    ],
)
def test_a_few_are_no_pattern_and_the_share_decides_after_that(tally, why):
    said = budget_breach(tally)
    assert said.startswith(why)
    assert bool(said) is bool(why)


def sent(db, mailing_id, count, *, complained=0, bounced=0):
    """`count` mails of a mailing have left, and so many came back."""
    with db() as work:
        lease = claims.register_worker(work, host="h", pid=1, journal="j") << 32
        ids = [each.id for each in claims.claim(work, mailing_id, lease=lease, most=count)]
        claims.intend(work, ids, lease=lease)
        answers = [SendResult(each, Result.SENT, 250, "") for each in ids]
        claims.acknowledge(work, answers, dict.fromkeys(ids, 0), lease=lease)
        for name, some in (("complained", ids[:complained]), ("bounced", ids[:bounced])):
            for one in some:
                note(work, one, mailing_id, name)


def enforced(db):
    with db() as work:
        running = budgets.running(work.session)
        paused = sum(budgets.pause_if_spent(work, each) for each in running)
        suspects = budgets.suspects(work.session, now=work.now)
        return paused + sum(budgets.hold_if_spent(work, each) for each in suspects)


def mailing(db, number):
    with db() as work:
        query = text("select state, paused_reason, sender_id from mailing where id = :m")
        return work.session.execute(query, {"m": number}).one()


def active(db, number):
    with db() as work:
        return number in {each.id for each in running.active_mailings(work)}


def test_a_launch_pauses_with_the_numbers_and_counts_anew_when_a_person_lets_it_go_on(db, clock):
    with db() as work:
        number = a_mailing(work, 120)
    sent(db, number, 100, bounced=10)
    assert enforced(db) == 2, "the launch and its sender"
    assert mailing(db, number).state == MailingState.PAUSED
    assert "10 of 100 addresses are dead (10.0 %" in mailing(db, number).paused_reason
    clock.move(timedelta(seconds=1))
    with db() as work:
        actions.resume_mailing(work, number)
        budgets.let_send_again(work, mailing(db, number).sender_id)
    assert enforced(db) == 0
    assert active(db, number)


def test_a_sender_is_held_over_its_launches_and_nothing_of_it_begins(db, clock):
    with db() as work:
        vendor_id = a_vendor(work)
        partner_id = a_partner(work, vendor_id)
        owner = alice(work, partner_id)
        first, second = a_mailing(work, 400), a_mailing(work, 5, domain="example.net")
    sender_id = mailing(db, first).sender_id
    with db() as work:
        work.session.execute(
            text("update mailing set sender_id = :s where id = :m"), {"s": sender_id, "m": second}
        )
    sent(db, first, 390, complained=3)
    with db() as work:
        actions.pause_mailing(work, first, reason="x")
    assert active(db, second)
    assert enforced(db) == 1
    assert not active(db, second)
    with db() as work:
        worker = claims.register_worker(work, host="h", pid=1, journal="j")
        assert claims.claim(work, second, lease=worker << 32, most=9) == []
        assert "3 of 390 people marked it as spam" in budgets.came_back(work.session, sender_id)
    with db(owner) as work, pytest.raises(NotFound):
        budgets.let_send_again(work, sender_id)
    assert enforced(db) == 0, "once is enough"
    clock.move(BUDGET_WINDOW + timedelta(seconds=1))
    with db() as work:
        assert not budgets.standing(work.session, sender_id, now=work.now).tally.complained
        budgets.let_send_again(work, sender_id)
    assert active(db, second)
    with db() as work, pytest.raises(Conflict):
        budgets.let_send_again(work, sender_id)


def test_a_lent_address_is_let_go_by_its_lender(db):
    with db() as work:
        vendor_id = a_vendor(work)
        partner_id = a_partner(work, vendor_id)
        borrower, lender = alice(work, partner_id), mira(work, vendor_id)
        actions.ensure_sender(
            work, from_name="V", from_address="v@vendor.example", vendor_id=vendor_id,
            is_fallback=True,
        )  # fmt: skip
        lent = actions.ensure_fallback(
            work, partner_id=partner_id, vendor_id=vendor_id, from_name="A"
        )
        work.session.execute(
            text("update sender set held_at = :now, held_reason = 'x' where id = :s"),
            {"s": lent, "now": work.now},
        )
    with db(borrower) as work, pytest.raises(Forbidden):
        budgets.let_send_again(work, lent)
    with db(lender) as work:
        assert [one.sender_id for one in budgets.held_senders(work.session, lender)] == [lent]
        budgets.let_send_again(work, lent)


def test_what_comes_back_after_the_end_holds_the_sender_before_its_next_launch(db, clock):
    with db() as work:
        number = a_mailing(work, 200)
    sent(db, number, 200)
    with db() as work:
        assert actions.finish_mailing(work, number)
    clock.move(timedelta(hours=5))
    with db() as work:
        ids = work.session.scalars(text("select id from message order by id limit 3")).all()
        for each in ids:
            note(work, each, number, "complained")
    sender_id = mailing(db, number).sender_id
    with db() as work:
        assert "3 of 200 people" in budgets.why_held(work.session, sender_id, now=work.now)
    assert enforced(db) == 1
    with db() as work:
        assert "3 of 200 people" in budgets.came_back(work.session, sender_id)
    clock.move(BUDGET_WINDOW)
    with db() as work:
        budgets.let_send_again(work, sender_id)
    assert enforced(db) == 0, "an old week is over"
