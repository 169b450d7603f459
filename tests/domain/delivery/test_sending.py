"""A mailing from frozen rows to answers of a real SMTP server."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.contacts.rules import SuppressionReason
from tcma.delivery import actions
from tcma.delivery.models import Mailing
from tcma.delivery.rules import MailingKind, MessageState, Reason
from tcma.jobs import Job
from tcma.words import Words
from tests.faults.posting import a_mailing, posting, rows, sums


def suppress(db, address, *, reason="unsubscribed", vendor=None, partner=None):
    from tcma.contacts.rules import address_hash, normal_address

    with db() as work:
        work.session.execute(
            text(
                "insert into suppression (address_hash, vendor_id, partner_id, reason, at)"
                " values (:h, :v, :p, :r, :at)"
            ),
            {
                "h": address_hash(work.site.secret, normal_address(address)),
                "v": vendor, "p": partner, "r": reason, "at": work.now,
            },
        )  # fmt: skip


def test_everybody_gets_one_mail_with_their_own_words_and_links(db, tmp_path, smtp_sink):
    with db() as work:
        mailing_id = a_mailing(work, 25)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    assert sums(db, mailing_id).sent == 25
    assert len(set(smtp_sink.keys)) == 25
    mail = smtp_sink.to("p7@example.org")[0].message
    assert mail["Subject"] == "Hello Person 7"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Message-ID"].endswith("@partner.example>")
    html = mail.get_body(("html",)).get_content()
    assert "Dear Person 7" in html
    assert "https://tcma.test/c/" in html


def test_s20_who_unsubscribed_between_freeze_and_intent_is_skipped_with_the_reason(
    db, tmp_path, smtp_sink
):
    with db() as work:
        mailing_id = a_mailing(work, 3)
    suppress(db, "p1@example.org")
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    states = {row["address"]: (row["state"], row["reason"]) for row in rows(db, mailing_id)}
    assert states["p1@example.org"] == (MessageState.SKIPPED, Reason.UNSUBSCRIBED)
    assert not smtp_sink.to("p1@example.org")
    assert sums(db, mailing_id).sent == 2


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_every_stored_reason_stops_marketing_at_the_freeze(db, reason):
    suppress(db, "p0@example.org", reason=reason.name.lower())
    with db() as work:
        mailing_id = a_mailing(work, 1)
    assert sums(db, mailing_id).skipped == 1


@pytest.mark.parametrize(
    ("said", "state", "reason", "suppressed"),
    [
        ("550 5.1.1 no such user", MessageState.FAILED, Reason.HARD_BOUNCE, 1),
        ("550 no such user", MessageState.FAILED, Reason.HARD_BOUNCE, 1),
        ("550 5.7.1 policy", MessageState.FAILED, Reason.REJECTED, 0),
        ("451 4.2.0 greylisted", MessageState.READY, Reason.NONE, 0),
    ],
)
def test_s15_a_refused_recipient_ends_or_waits_alone(
    db, tmp_path, smtp_sink, said, state, reason, suppressed
):
    smtp_sink.script.rcpt["p1@example.org"] = [said]
    with db() as work:
        mailing_id = a_mailing(work, 3)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    found = rows(db, mailing_id)
    assert [row["state"] for row in found] == [MessageState.SENT, state, MessageState.SENT]
    assert found[1]["reason"] == reason
    with db() as work:
        assert work.session.scalar(text("select count(*) from suppression")) == suppressed


def test_s15_a_refusal_after_the_text_fails_only_that_recipient(db, tmp_path, smtp_sink):
    smtp_sink.script.data = ["554 5.6.0 not like this"]
    with db() as work:
        mailing_id = a_mailing(work, 3)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    found = sums(db, mailing_id)
    assert (found.failed, found.sent) == (1, 2)


def test_s15_a_cut_after_the_dot_leaves_one_in_doubt_and_the_rest_go_on_later(
    db, tmp_path, smtp_sink, clock
):
    smtp_sink.script.after = ["hang up"]
    with db() as work:
        mailing_id = a_mailing(work, 10)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
        assert sums(db, mailing_id).uncertain == 1
        clock.move(timedelta(seconds=11))
        ring()
    found = sums(db, mailing_id)
    assert (found.uncertain, found.sent, found.waiting) == (1, 9, 0)
    assert len(smtp_sink.kept) == 10
    assert max(row["attempt"] for row in rows(db, mailing_id)) == 1


def test_a_relay_that_is_away_costs_nobody_an_attempt(db, tmp_path, clock):
    with db() as work:
        mailing_id = a_mailing(work, 4)
    with posting(db, tmp_path, "smtp://127.0.0.1:1") as ring:
        ring()
        clock.move(timedelta(seconds=11))
        ring()
    assert {row["attempt"] for row in rows(db, mailing_id)} == {0}
    with db() as work:
        trouble = work.session.execute(
            text("select trouble_n, back_off_until from mailing where id = :m"), {"m": mailing_id}
        ).one()
    assert trouble.trouble_n == 2
    assert trouble.back_off_until == clock.now() + timedelta(seconds=20)


def test_a_paused_mailing_keeps_its_people_and_goes_on(db, tmp_path, smtp_sink):
    with db() as work:
        mailing_id = a_mailing(work, 5)
        actions.pause_mailing(work, mailing_id, reason="Paused.")
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
        assert not smtp_sink.kept
        with db() as work:
            actions.resume_mailing(work, mailing_id)
        ring()
    assert sums(db, mailing_id).sent == 5


@pytest.mark.parametrize("standing", ["suspended", "ended"])
@pytest.mark.parametrize(
    ("kind", "leaves"),
    [(MailingKind.LAUNCH, 0), (MailingKind.NURTURE, 0), (MailingKind.SEED, 0),
     (MailingKind.TEST, 3), (MailingKind.NOTICE, 3)],
)  # fmt: skip
def test_of_a_suspended_partner_nothing_begins_to_leave_from_that_moment_and_nobody_is_lost(
    db, tmp_path, smtp_sink, kind, leaves, standing
):
    with db() as work:
        mailing_id = a_mailing(work, 3, kind=kind)
        work.session.execute(text("update enrolment set state = :s"), {"s": standing})
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
        assert len(smtp_sink.kept) == leaves
        with db() as work:
            work.session.execute(text("update enrolment set state = 'active'"))
        ring()
    assert sums(db, mailing_id).sent == 3


def test_cancelling_accounts_for_everybody_and_nothing_leaves(db, tmp_path, smtp_sink):
    with db() as work:
        mailing_id = a_mailing(work, 5)
        assert actions.cancel_mailing(work, mailing_id) == 5
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    found = sums(db, mailing_id)
    assert (found.cancelled, found.expected, found.holds) == (5, 5, True)
    assert not smtp_sink.kept


def test_a_finished_mailing_stores_its_sum(db, tmp_path, smtp_sink):
    with db() as work:
        mailing_id = a_mailing(work, 3)
        assert not actions.finish_mailing(work, mailing_id)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    with db() as work:
        assert actions.finish_mailing(work, mailing_id)
        stored = work.session.execute(
            text("select expected_n, sent_n from mailing where id = :m"), {"m": mailing_id}
        ).one()
    assert tuple(stored) == (3, 3)


def test_s17_a_mailing_whose_mails_come_back_pauses_by_itself(db, tmp_path, smtp_sink):
    for n in range(0, 260, 5):
        smtp_sink.script.rcpt[f"p{n}@example.org"] = ["550 5.1.1 nobody"]
    with db() as work:
        mailing_id = a_mailing(work, 800)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    with db() as work:
        mailing = work.session.get_one(Mailing, mailing_id)
        state, reason = mailing.state, mailing.paused_reason
    assert state == "paused"
    assert reason.startswith("We paused after ")
    assert isinstance(reason, Words), "each reads it in their language"
    found = sums(db, mailing_id)
    assert found.waiting > 0
    assert found.holds
    assert db.queue.of(Job.LAUNCH_SETTLE)


def test_s25_a_message_claimed_five_times_without_an_end_is_poison(db, tmp_path, smtp_sink):
    with db() as work:
        mailing_id = a_mailing(work, 2)
        work.session.execute(
            text("update message set attempt = 5 where address = 'p0@example.org'")
        )
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    states = {row["address"]: (row["state"], row["reason"]) for row in rows(db, mailing_id)}
    assert states["p0@example.org"] == (MessageState.FAILED, Reason.POISON)
    assert states["p1@example.org"][0] == MessageState.SENT


def test_s21_a_contact_deleted_meanwhile_is_skipped(db, tmp_path, smtp_sink):
    with db() as work:
        mailing_id = a_mailing(work, 2)
        work.session.execute(text("delete from list_member"))
        work.session.execute(text("delete from contact where address = 'p0@example.org'"))
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    states = {row["address"]: (row["state"], row["reason"]) for row in rows(db, mailing_id)}
    assert states["p0@example.org"] == (MessageState.SKIPPED, Reason.DELETED)


def test_what_came_back_to_a_cancelled_mailing_is_cancelled_too(db, tmp_path, smtp_sink):
    smtp_sink.script.rcpt["p1@example.org"] = ["451 4.2.0 greylisted"]
    with db() as work:
        mailing_id = a_mailing(work, 3)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
        with db() as work:
            work.session.execute(text("update mailing set state = 'cancelled'"))
        ring(Job.MESSAGE_RECOVER)
    found = sums(db, mailing_id)
    assert (found.sent, found.cancelled, found.waiting) == (2, 1, 0)


def test_a_finished_test_is_put_away(db, tmp_path, smtp_sink):
    with db() as work:
        mailing_id = a_mailing(work, 1, kind=MailingKind.TEST)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.MESSAGE_SWEEP)
        ring()
        ring(Job.MESSAGE_SWEEP)
    with db() as work:
        state = work.session.scalar(
            text("select state from mailing where id = :m"), {"m": mailing_id}
        )
    assert state == "finished"


def test_s24_a_mail_that_cannot_be_made_fails_alone_with_the_reason_and_the_others_go(
    db, tmp_path, smtp_sink
):
    with db() as work:
        mailing_id = a_mailing(work, 3)
        work.session.execute(
            text("update message set address = :hostile where address = 'p1@example.org'"),
            {"hostile": "p1@example.org\r\nBcc: everybody@else.example"},
        )
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    found = rows(db, mailing_id)
    assert [row["state"] for row in found] == [
        MessageState.SENT, MessageState.FAILED, MessageState.SENT,
    ]  # fmt: skip
    assert (found[1]["reason"], bool(found[1]["answer"])) == (Reason.RENDER, True)
    assert len(smtp_sink.kept) == 2
