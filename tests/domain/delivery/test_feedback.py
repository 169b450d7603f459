"""Opt-outs by link, and what bounces, complaints and receipts do to rows and stop lists."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.contacts.rules import StopWish
from tcma.delivery import feedback
from tcma.delivery.feedback_parse import Feedback
from tcma.delivery.feedback_reasons import Action
from tcma.delivery.links import Purpose
from tcma.errors import NotFound
from tcma.jobs import Job
from tests.faults.posting import a_mailing, posting, rows, sums


@pytest.fixture
def sent(db, tmp_path, smtp_sink):
    with db() as work:
        mailing_id = a_mailing(work, 2)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    return rows(db, mailing_id)[0]


def stops(db):
    with db() as work:
        found = work.session.execute(
            text(
                "select reason, vendor_id is not null as v, partner_id is not null as p"
                " from suppression order by id"
            )
        )
        return [tuple(row) for row in found]


def stop_link(db, message, purpose=Purpose.UNSUBSCRIBE):
    return db.site.signer.message_token(purpose, message["id"])


@pytest.mark.parametrize(
    ("wish", "scope"),
    [
        (StopWish.BRAND, ("unsubscribed", True, True)),
        (StopWish.VENDOR, ("unsubscribed", True, False)),
    ],
)
def test_stopping_by_link_writes_one_stop_in_the_scope_that_was_wished(db, sent, wish, scope):
    for _ in range(2):
        with db() as work:
            feedback.unsubscribe(work, stop_link(db, sent), wish=wish)
    assert stops(db) == [scope]
    assert {"message_id": str(sent["id"])} in db.queue.of(Job.NURTURE_STOP)


def test_t2_the_stop_link_works_when_launch_campaign_and_contact_are_gone(db, sent, clock):
    clock.move(timedelta(days=800))
    with db() as work:
        work.session.execute(text("delete from list_member"))
        work.session.execute(text("delete from contact"))
    with db() as work:
        feedback.unsubscribe(work, stop_link(db, sent, Purpose.PREFERENCES))
    assert stops(db) == [("unsubscribed", True, True)]


@pytest.mark.parametrize("purpose", [Purpose.CLICK, Purpose.OPEN, Purpose.VIEW])
def test_no_other_link_of_the_mail_stops_anything(db, sent, purpose):
    with db() as work, pytest.raises(NotFound):
        feedback.unsubscribe(work, stop_link(db, sent, purpose))
    assert stops(db) == []


@pytest.mark.parametrize(
    ("action", "stop", "reaction"),
    [
        (Action.HARD, [("hard_bounce", False, False)], "bounced_at"),
        (Action.COMPLAINT, [("complaint", True, False)], "complained_at"),
        (Action.UNSUBSCRIBE, [("unsubscribed", True, True)], "unsubscribed_at"),
        (Action.DELIVERED, [], "delivered_at"),
        (Action.SOFT, [], None),
        (Action.AUTO_REPLY, [], None),
    ],
)
def test_t6_a_report_acts_once_however_often_it_comes(db, sent, smtp_sink, action, stop, reaction):
    key = smtp_sink.to(sent["address"])[0].key
    item = Feedback(recipient=sent["address"], action=action, message_id=key)
    for fresh in (True, False):
        with db() as work:
            (done,) = feedback.record(work, "mailbox", "report-1", [item])
        assert (done.message_id, done.fresh) == (sent["id"], fresh)
    assert stops(db) == stop
    if reaction:
        with db() as work:
            assert work.session.scalar(text(f"select {reaction} from message_reaction"))


def test_a_report_without_our_number_finds_the_newest_mail_to_the_address(db, sent):
    item = Feedback(recipient=sent["address"].upper(), action=Action.HARD)
    with db() as work:
        (done,) = feedback.record(work, "mailbox", "r", [item])
    assert done.message_id == sent["id"]


def test_a_bounce_of_a_stranger_still_stops_the_dead_address(db):
    item = Feedback(recipient="gone@nowhere.example", action=Action.HARD)
    with db() as work:
        (done,) = feedback.record(work, "mailbox", "r", [item])
    assert done.message_id is None
    assert stops(db) == [("hard_bounce", False, False)]


def test_three_mailings_that_come_back_softly_in_a_month_rest_the_address(
    db, tmp_path, smtp_sink, sent, clock
):
    for n in range(3):
        with db() as work:
            mailing_id = work.session.scalar(
                text(
                    "insert into mailing (vendor_id, partner_id, kind, sender_id, created_at)"
                    " select vendor_id, partner_id, kind, sender_id, created_at from mailing"
                    " where id = :m returning id"
                ),
                {"m": sent["mailing_id"]},
            )
            number = work.session.scalar(
                text(
                    "insert into message (mailing_id, contact_id, due_at, state, address,"
                    " address_hash) select :n, contact_id, due_at, 0, address, address_hash"
                    " from message where id = :m returning id"
                ),
                {"n": mailing_id, "m": sent["id"]},
            )
            key = db.site.signer.message_token(Purpose.MESSAGE_ID, number)
            item = Feedback(
                recipient=sent["address"], action=Action.SOFT, message_id=f"<{key}@x.example>"
            )
            feedback.record(work, "mailbox", f"soft-{n}", [item])
        clock.move(timedelta(days=1))
    assert [reason for reason, *_ in stops(db)] == ["soft_bounces"]


def test_a_receipt_for_a_doubtful_mail_moves_it_to_sent(db, tmp_path, smtp_sink):
    smtp_sink.script.after = ["hang up"]
    with db() as work:
        mailing_id = a_mailing(work, 1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    key = smtp_sink.kept[0].key
    item = Feedback(recipient="x", action=Action.DELIVERED, message_id=key)
    with db() as work:
        feedback.record(work, "hook", "1", [item])
    assert sums(db, mailing_id).sent == 1
