"""Two contacts become one: journeys and leads go on under the one that stays, nobody walks twice."""

import pytest
from sqlalchemy import text

from tcma.contacts.actions import capture_contact
from tcma.delivery.rules import MessageState, Reason
from tcma.merging import merge, part
from tcma.nurture.rules import Exit, RunState
from tests import builders


@pytest.fixture
def owner(people):
    with people.db() as work:
        return builders.alice(work, people.partners[0])


def contact_of(people, run):
    return people.value("SELECT contact_id FROM nurture_run WHERE id = :id", id=run)


def test_a_journey_and_its_lead_follow_the_person_and_come_back(people, owner):
    people.mailings()
    people.clear()
    (run,) = people.people(1)
    other = contact_of(people, run)
    with people.db(owner) as work:
        kept = capture_contact(work, partner_id=people.partners[0], address="read@here.example")
        made = merge(work, kept, other)
    assert contact_of(people, run) == kept
    assert people.rows("SELECT contact_id FROM lead") == [(kept,)]
    people.advance()
    assert people.rows("SELECT contact_id, address FROM message") == [(kept, "read@here.example")]
    with people.db(owner) as work:
        part(work, made)
    assert contact_of(people, run) == other
    assert people.rows("SELECT contact_id FROM lead") == [(other,)]
    assert people.rows("SELECT contact_id FROM message") == [(other,)]


def test_who_is_in_a_journey_by_both_addresses_goes_on_once(people, owner):
    first, second = people.people(2)
    with people.db(owner) as work:
        merge(work, contact_of(people, first), contact_of(people, second))
    states = dict(people.rows("SELECT id, state FROM nurture_run"))
    assert states == {first: RunState.ACTIVE, second: RunState.EXITED}
    assert people.value("SELECT left_because FROM nurture_run WHERE id = :id", id=second) == (
        Exit.MERGED
    )


def test_two_waiting_mails_of_one_launch_become_one(people, owner):
    kept, other = (contact_of(people, run) for run in people.people(2))
    with people.db() as work:
        for contact, mailing in ((kept, 901), (other, 901), (other, 902)):
            work.session.execute(
                text(
                    "INSERT INTO message (mailing_id, contact_id, due_at, state, address_hash, address)"
                    " VALUES (:m, :c, now(), 0, '', 'x')"
                ),
                {"m": mailing, "c": contact},
            )
    with people.db(owner) as work:
        merge(work, kept, other)
    assert people.rows("SELECT contact_id, mailing_id, state, reason FROM message ORDER BY id") == [
        (kept, 901, MessageState.READY, Reason.NONE),
        (other, 901, MessageState.SKIPPED, Reason.DUPLICATE),
        (other, 902, MessageState.READY, Reason.NONE),
    ]
