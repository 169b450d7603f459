"""What a batch of steps costs: so many statements, whatever its size; and that each is decided by what is so
when its lock is had, not by what was when it was asked for.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tcma.nurture.stepping import step_due, step_these
from tests.counted import statements
from tests.faults.posting import until

OF_A_MAIL = (
    "FOR UPDATE SKIP LOCKED", "LEFT JOIN partner_copy", "JOIN message_reaction", "FROM nurture_mailing",
    "pg_advisory_xact_lock", "INSERT INTO cap_hit", "INSERT INTO message", "INSERT INTO nurture_step",
)  # fmt: skip
RULE = (
    "INSERT INTO frequency_rule (vendor_id, mails, days, changed_at) VALUES (:vendor, 1, 7, now())"
)


def meant(said, parts):
    assert len(said) == len(parts), said
    for one, part in zip(said, parts, strict=True):
        assert part in one, one


@pytest.mark.parametrize("count", [1, 30])
def test_a_batch_of_mails_takes_eight_statements(people, count):
    people.people(count)
    people.people(count, partner=1)
    with people.db() as work, statements(people.db.engine) as said:
        assert step_due(work).done == 2 * count
    meant(said, OF_A_MAIL)


def test_how_much_mail_somebody_had_is_asked_only_where_a_vendor_has_a_rule(people):
    people.people(3)
    with people.db() as work:
        work.session.execute(text(RULE), {"vendor": people.vendor_id})
    with people.db() as work, statements(people.db.engine) as said:
        assert step_due(work).done == 3
    with people.db() as work:
        work.session.execute(text("DELETE FROM frequency_rule"))
    meant(
        said,
        (*OF_A_MAIL[:6], "shared_limit", "FROM frequency_rule", "frequency_rule", *OF_A_MAIL[6:]),
    )


def test_who_waited_for_a_run_takes_the_step_it_stands_at_then(people):
    [run_id] = people.people(1)

    def second():
        with people.db() as work:
            return step_these(work, [run_id]).done

    with ThreadPoolExecutor(1) as pool:
        with people.db() as work:
            assert step_these(work, [run_id]).done == 1
            other = pool.submit(second)
            until(lambda: people.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"), 30, what="the other to wait")  # fmt: skip
        assert other.result() == 0
    assert people.rows("SELECT node, step_no FROM nurture_run") == [("w", 1)]
