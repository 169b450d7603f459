"""What was claimed and may not be sent is free again at once, with its attempt given back; who rings is
heard.
"""

import errno
from datetime import timedelta

from tcma.delivery import trouble as relay_trouble
from tcma.delivery.rules import MessageState
from tests.faults.posting import a_mailing, counted, posting, rows, sums
from workers import delivery


class Full:
    """A journal on a disk that is full until it is not."""

    def __init__(self, journal):
        self.journal = journal
        self.full = True

    def _room(self):
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")

    def preparing(self, ids):
        self._room()
        self.journal.preparing(ids)

    def begun(self, ids):
        self._room()
        self.journal.begun(ids)

    def __getattr__(self, name):
        return getattr(self.journal, name)


class Elsewhere:
    """A journal during whose first page another hand finds the relay in trouble."""

    def __init__(self, journal, trouble):
        self.journal = journal
        self.trouble = trouble

    def preparing(self, ids):
        self.journal.preparing(ids)
        trouble, self.trouble = self.trouble, lambda: None
        trouble()

    def __getattr__(self, name):
        return getattr(self.journal, name)


def test_what_one_hand_claimed_is_free_when_the_other_leaves_the_relay_alone(
    db, tmp_path, smtp_sink, clock
):
    with db() as work:
        first = a_mailing(work, 1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()  # opens the office and its journal
        assert sums(db, first).sent == 1
        with db() as work:
            mailing_id = counted(work, a_mailing(work, 5))

        def trouble():
            with db() as work:
                relay_trouble.note_trouble(work, [mailing_id])

        office = delivery._house.office
        office.journal = Elsewhere(office.journal, trouble)
        ring()
        found = {(row["state"], row["attempt"], row["lease"]) for row in rows(db, mailing_id)}
        assert found == {(MessageState.READY, 0, None)}
        clock.move(timedelta(seconds=11))
        ring()
    assert sums(db, mailing_id).sent == 5
    assert len(smtp_sink.keys) == len(set(smtp_sink.keys)) == 6


def test_the_journal_names_what_is_taken_before_anybody_else_can_see_it(db, tmp_path, smtp_sink):
    with db() as work:
        a_mailing(work, 1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()  # opens the office and its journal
        with db() as work:
            mailing_id = a_mailing(work, 5)
        seen = []
        office = delivery._house.office
        office.journal = Elsewhere(
            office.journal, lambda: seen.extend(row["state"] for row in rows(db, mailing_id))
        )
        ring()
    assert set(seen) == {MessageState.READY}
    assert sums(db, mailing_id).sent == 5


def test_who_rings_while_others_send_is_in_their_next_order(db, tmp_path, smtp_sink):
    with db() as work:
        first = a_mailing(work, 1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()  # opens the office
        office = delivery._house.office
        office.mailings()  # and has it looked just now: it would not look again for half a second
        with db() as work:
            answer = a_mailing(work, 1)
        with delivery._house.busy:  # a hand is at work
            ring()
        assert {each.id for each in office.mailings()} - {first} == {answer}
        ring()
    assert sums(db, answer).sent == 1


def test_s27_without_a_journal_nothing_leaves_and_with_one_it_goes_on(
    db, tmp_path, smtp_sink, clock
):
    with db() as work:
        first = a_mailing(work, 1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()  # opens the office and its journal
        assert sums(db, first).sent == 1
        disk = Full(delivery._house.office.journal)
        delivery._house.office.journal = disk
        with db() as work:
            mailing_id = a_mailing(work, 5)
        ring()
        found = sums(db, mailing_id)
        assert (found.waiting, found.uncertain, len(smtp_sink.kept)) == (5, 0, 1)
        assert {row["attempt"] for row in rows(db, mailing_id)} == {0}
        disk.full = False
        clock.move(timedelta(seconds=11))
        ring()
    assert sums(db, mailing_id).sent == 5
    assert len(smtp_sink.keys) == len(set(smtp_sink.keys)) == 6
