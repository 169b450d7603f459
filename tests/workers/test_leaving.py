"""A worker that leaves, or lost a hand on the way, settles by its journal what was left in hand."""

import pytest

from tcma.delivery import claims
from tcma.delivery.rules import MessageState
from tests.faults.posting import a_mailing, rows, sums
from workers import delivery
from workers.crew import Crew
from workers.office import Office

M = MessageState


def test_what_a_failed_hand_held_is_known_when_its_office_closes(db, run):
    with db() as work:
        mailing_id = a_mailing(work, 4)
    office: Office = delivery._living_office(run)
    lease = office.lease()
    with db() as work:
        ids = [each.id for each in claims.claim(work, mailing_id, lease=lease, most=4)]
        claims.intend(work, ids[:3], lease=lease)
    office.journal.preparing(ids[:3])
    office.journal.begun(ids[:2])
    office.journal.answered(ids[:1])
    delivery.close_office(run)
    assert [row["state"] for row in rows(db, mailing_id)] == [M.SENT, M.UNCERTAIN, M.READY, M.READY]
    assert not office.journal.path.exists()


def test_after_a_hand_has_failed_the_rest_is_sent_by_a_new_office_and_nobody_gets_two(
    db, run, smtp_sink
):
    with db() as work:
        mailing_id = a_mailing(work, 6)
    first = delivery._living_office(run)
    first.builder = None  # whoever makes a mail fails
    with pytest.raises(AttributeError):
        delivery.send(run)
    assert delivery._house.office is None
    delivery.send(run)
    assert (sums(db, mailing_id).sent, sums(db, mailing_id).uncertain) == (6, 0)
    assert len(set(smtp_sink.keys)) == len(smtp_sink.keys) == 6


def test_a_hand_that_fails_is_seen(db, run):
    office = delivery._living_office(run)
    with db() as work:
        a_mailing(work, 1)
    office.look_again()
    office.builder = None
    crew = Crew(office, run)
    with pytest.raises(AttributeError):
        crew.work()
    assert crew.failed
