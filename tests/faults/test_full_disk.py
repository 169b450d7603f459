"""S27: a disk on which no journal can be written stops the sending, and nobody is lost."""

import errno
from datetime import timedelta

from tests.faults.posting import a_mailing, posting, rows, sums
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
