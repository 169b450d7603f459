"""What is tried again: after patience, after doubt, and at the end: as often as the plan says, doubt once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tcma.delivery import actions, claims
from tcma.delivery.reactions import prove_sent
from tcma.delivery.rules import RETRY_AFTER, MailingKind, MessageState, Reason
from tcma.delivery.second_try import Again, send_again
from tcma.jobs import Job
from tests.faults.posting import a_mailing, posting, rows, sums


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
