"""A journey minds its vendor's rule and the host's limit on how much mail one person gets, beside its own caps."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery import frequency, shared_limit
from tcma.delivery.frequency import Often
from tcma.nurture.stepping import step_due, step_these
from tests.builders import mira
from tests.counted import statements
from tests.domain.nurture.crowd import PLAIN, settled
from tests.faults.posting import until

MAILS = "SELECT count(*) FROM message"


@pytest.fixture(scope="module")
def elsewhere_of_file(ground_of_file):
    """Another vendor of the installation, with the journey of the crowd."""
    other = settled(ground_of_file.db, partners=2)
    other.publish(PLAIN)
    other.mailings()
    return other


@pytest.fixture
def elsewhere(elsewhere_of_file, people):
    """One mail in a week for one person, from all vendors together."""
    elsewhere_of_file.db.clock = people.db.clock
    with people.db() as work:
        shared_limit.set_limit(work, Often(1, 7), everybody=True)
    yield elsewhere_of_file
    with people.db() as work:
        shared_limit.set_limit(work, None)


@pytest.fixture
def ruled(people):
    """The vendor's rule: one mail in a week."""
    with people.db() as work:
        manager = mira(work, people.vendor_id)
    with people.db(manager) as work:
        frequency.set_rule(work, Often(1, 7))
    yield people
    with people.db(manager) as work:
        frequency.set_rule(work, None)


def test_of_two_vendors_that_mail_somebody_in_one_batch_one_waits(people, elsewhere):
    people.people(3, same_as=900)
    elsewhere.people(4, same_as=900)
    people.advance()
    assert people.value(MAILS) == 4
    assert people.value("SELECT count(DISTINCT address_hash) FROM message") == 4
    assert people.value("SELECT count(*) FROM nurture_run WHERE node = 'n2'") == 3


def test_a_journeys_mail_that_waits_to_leave_counts_at_another_vendor(people, elsewhere):
    people.people(3, same_as=900)
    people.advance()
    elsewhere.people(4, same_as=900)
    people.advance()
    assert people.value(MAILS) == 4


def test_of_two_workers_the_second_counts_what_the_first_writes(people, elsewhere):
    [first] = people.people(1, same_as=900)
    [second] = elsewhere.people(1, same_as=900)

    def beside():
        with people.db() as work:
            return step_these(work, [second]).done

    with ThreadPoolExecutor(1) as pool:
        with people.db() as work:
            assert step_these(work, [first]).done == 1
            other = pool.submit(beside)
            until(lambda: people.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event = 'advisory'"), 30, what="the other to wait")  # fmt: skip
        assert other.result() == 1
    assert people.value(MAILS) == 1


def test_of_two_partners_of_a_vendor_with_a_rule_one_waits(ruled):
    ruled.people(3, same_as=900)
    ruled.people(4, same_as=900, partner=1)
    ruled.advance()
    assert ruled.value(MAILS) == 4


def test_who_waits_takes_no_slot_of_a_cap(ruled):
    ruled.people(3, same_as=900)
    before = "SELECT count(*), count(DISTINCT (scope_id, address_hash, period)) FROM cap_hit"
    ruled.advance()
    ruled.people(3, same_as=900, partner=1)
    held = ruled.rows(before)
    ruled.advance()
    assert ruled.rows(before) == held


def test_a_batch_of_whom_all_wait_takes_as_many_statements_whatever_its_size(people, elsewhere):
    counts = []
    for many in (1, 30):
        people.people(many)
        people.advance()
        elsewhere.people(many, same_as=people.numbers - many)
        with people.db() as work, statements(people.db.engine) as said:
            assert step_due(work).done == many
        counts.append(len(said))
    assert counts[0] == counts[1]


def test_who_had_enough_mail_of_another_partner_waits_for_the_journeys_next(people):
    with people.db() as work:
        manager = mira(work, people.vendor_id)
    with people.db(manager) as work:
        frequency.set_rule(work, Often(1, 5))
    try:
        people.people(2, same_as=900, partner=0)
        people.advance()
        assert people.value("SELECT count(*) FROM message") == 2
        with people.db() as work:
            work.session.execute(text("SET LOCAL session_replication_role = replica"))
            work.session.execute(
                text("UPDATE message SET state = 3, sent_at = :at"), {"at": work.now}
            )
        people.people(3, same_as=900, partner=1)  # the same two, and one more
        people.advance()
        assert people.value("SELECT count(*) FROM message") == 3
        held = people.rows("SELECT due_at FROM nurture_run WHERE partner_id = :p AND node = 'n2'",
                           p=people.partners[1])  # fmt: skip
        assert len(held) == 2
        people.db.clock.move(timedelta(days=6, hours=-1))
        people.advance()
        assert people.value("SELECT count(*) FROM message") == 5
    finally:
        with people.db(manager) as work:
            frequency.set_rule(work, None)
