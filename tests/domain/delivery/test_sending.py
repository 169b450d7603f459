"""A mailing from frozen rows to answers of a real SMTP server."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tcma.contacts.rules import SuppressionReason
from tcma.delivery import actions, claims
from tcma.delivery.models import Mailing
from tcma.delivery.reactions import prove_sent
from tcma.delivery.rules import RETRY_AFTER, MailingKind, MessageState, Reason
from tcma.delivery.second_try import Again, send_again
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


@pytest.mark.parametrize("first", ["the end", "the answer"])
def test_an_answer_in_the_moment_of_the_end_is_in_the_stored_sum(db, tmp_path, smtp_sink, first):
    smtp_sink.script.after = ["hang up"]
    with db() as work:
        mailing_id = a_mailing(work, 1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    [message] = rows(db, mailing_id)

    def ends():
        with db() as work:
            actions.finish_mailing(work, mailing_id)

    def answers():
        with db() as work:
            prove_sent(work, message["id"])

    begun, other = (ends, answers) if first == "the end" else (answers, ends)
    with ThreadPoolExecutor(1) as beside:
        with db() as work:
            if begun is ends:
                assert actions.finish_mailing(work, mailing_id)
            else:
                assert prove_sent(work, message["id"])
            waits = beside.submit(other)
            with pytest.raises(TimeoutError):
                waits.result(1)  # it cannot come to its end before the first has
        waits.result(30)
    with db() as work:
        stored = work.session.execute(
            text("select state, sent_n, uncertain_n from mailing where id = :m"), {"m": mailing_id}
        ).one()
    assert tuple(stored) == ("finished", 1, 0)


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


def test_doubt_in_a_stream_that_says_so_is_resent_once_with_the_same_number(
    db, tmp_path, smtp_sink, clock
):
    smtp_sink.script.after = ["hang up", "hang up"]
    with db() as work:
        mailing_id = a_mailing(work, 1, kind=MailingKind.NURTURE, resend_uncertain=True)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        for _ in range(4):
            ring()
            clock.move(timedelta(minutes=10))
            ring(Job.MESSAGE_SWEEP)
    assert len(smtp_sink.keys) == 2
    assert len(set(smtp_sink.keys)) == 1
    assert sums(db, mailing_id).uncertain == 1


@pytest.mark.parametrize("between", ["451 4.2.0 greylisted", "lost", "554 5.7.1 not from you"])
@pytest.mark.parametrize("asks", ["the stream", "a person"])
def test_what_was_sent_again_after_doubt_is_never_sent_again_by_any_path(
    db, tmp_path, smtp_sink, clock, asks, between
):
    script = smtp_sink.script
    script.after = ["hang up"]
    by_itself = asks == "the stream"
    with db() as work:
        mailing_id = a_mailing(work, 1, kind=MailingKind.NURTURE, resend_uncertain=by_itself)

    def again():
        with db() as work:
            return sum(send_again(work, [mailing_id], what) for what in Again)

    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
        clock.move(timedelta(seconds=15))
        if between != "lost":
            script.rcpt["p0@example.org"] = [between]
            script.after = ["hang up"]
        ring(Job.MESSAGE_SWEEP)
        assert again() == (0 if by_itself else 1)
        if between == "lost":  # the host of its second worker never comes back
            with db() as work:
                lease = claims.register_worker(work, host="gone", pid=1, journal="gone") << 32
                [held] = claims.claim(work, mailing_id, lease=lease, most=1)
                assert claims.intend(work, [held.id], lease=lease)
        for _ in range(6):
            clock.move(timedelta(minutes=20))
            ring(Job.MESSAGE_SWEEP)
            assert again() == 0
            ring()
    assert len(smtp_sink.keys) == (2 if between.startswith("451") else 1)
    found = sums(db, mailing_id)
    assert (found.settled, found.sent) == (1, 0)
    assert (found.failed, found.uncertain) == ((1, 0) if between.startswith("5") else (0, 1))
    for sets in ("state = 0", "resent_at = null", "state = 0, resent_at = now()"):
        with db() as work:
            with pytest.raises(IntegrityError, match="refused"):
                work.session.execute(text(f"update message set lease = null, {sets}"))
            work.session.rollback()


def test_a_relay_that_asks_for_patience_gets_every_try_of_the_plan_and_none_is_poison(
    db, tmp_path, smtp_sink, clock
):
    patience = ["451 4.2.0 greylisted"] * (len(RETRY_AFTER) + 1)
    smtp_sink.script.rcpt["p0@example.org"] = list(patience)
    smtp_sink.script.rcpt["p1@example.org"] = patience[:-1]
    with db() as work:
        mailing_id = a_mailing(work, 2)
    waits = []
    with posting(db, tmp_path, smtp_sink.url) as ring:
        for _ in RETRY_AFTER:
            ring()
            [due] = {row["due_at"] for row in rows(db, mailing_id)}
            assert {row["attempt"] for row in rows(db, mailing_id)} == {0}
            waits.append(int((due - clock.now()).total_seconds()))
            clock.move(due - clock.now())
        ring()
    assert tuple(waits) == RETRY_AFTER
    ended = [(row["state"], row["reason"]) for row in rows(db, mailing_id)]
    assert ended == [(MessageState.FAILED, Reason.SOFT_BOUNCES), (MessageState.SENT, Reason.NONE)]
    assert len(smtp_sink.kept) == 1


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
