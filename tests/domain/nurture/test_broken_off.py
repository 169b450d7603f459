"""A round that breaks off: the next one begins, or ends, who is left, in the days of grace, and nobody twice."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from tcma.nurture.by_date import PAGE
from tcma.nurture.rules import BATCH
from tests.domain.nurture.crowd import TUESDAY
from tests.domain.nurture.test_by_date import BY_DATE, CALENDAR, ENDS, dated
from workers import nurture

__all__ = ["dated"]
BEGUN = "SELECT count(*), count(DISTINCT contact_id) FROM nurture_run"


class DiedError(Exception):
    """The process is gone."""


@contextmanager
def dying(engine, when, *, at="INSERT INTO nurture_run"):
    """Whoever writes this dies as `when` says of how often it was written and of what."""
    seen = 0

    def die(_connection, _cursor, statement, values, *_rest):
        nonlocal seen
        if at in statement:
            seen += 1
            if when(seen, values):
                raise DiedError

    event.listen(engine, "before_cursor_execute", die)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", die)


def broken_off(dated, source):
    """A page of people has begun, five more of them are left."""
    dated.people.publish(source)
    dated.agree()
    dated.known(PAGE + 5, ENDS)
    with dying(dated.db.engine, lambda seen, _: seen == 2), pytest.raises(DiedError):
        nurture.begin(dated.people.run)
    assert dated.rows(BEGUN) == [(PAGE, PAGE)]


@pytest.mark.parametrize("days", [0, 3])
@pytest.mark.parametrize("source", [BY_DATE, CALENDAR])
def test_the_next_round_begins_exactly_who_is_left_also_after_the_day(dated, source, days):
    broken_off(dated, source)
    dated.at(TUESDAY + timedelta(days=days))
    dated.begin()
    dated.begin()
    assert dated.rows(BEGUN) == [(PAGE + 5, PAGE + 5)]


@pytest.mark.parametrize("source", [BY_DATE, CALENDAR])
def test_after_the_days_of_grace_nobody_begins_any_more(dated, source):
    broken_off(dated, source)
    dated.at(TUESDAY + timedelta(days=4))
    dated.begin()
    assert dated.rows(BEGUN) == [(PAGE, PAGE)]


def test_who_came_after_the_day_of_the_calendar_is_not_among_who_is_left(dated):
    broken_off(dated, CALENDAR)
    dated.at(TUESDAY + timedelta(days=1))
    dated.known(3, ENDS)
    dated.begin()
    assert dated.rows(BEGUN) == [(PAGE + 5, PAGE + 5)]


def test_what_breaks_at_one_partner_holds_up_no_other(dated):
    dated.people.publish(BY_DATE)
    for partner in range(3):
        dated.agree(partner)
        dated.known(1, ENDS, partner=partner)
    order = dated.rows("SELECT partner_id FROM partner_copy ORDER BY id")
    first = order[0].partner_id

    def at_the_first(_seen, values):
        return values["partner"] == first

    with dying(dated.db.engine, at_the_first), pytest.raises(DiedError):
        nurture.begin(dated.people.run)
    assert dated.rows(BEGUN) == [(2, 2)]
    dated.begin()
    assert dated.rows(BEGUN) == [(3, 3)]


def test_who_must_leave_with_their_partner_leaves_batch_by_batch_and_once(dated):
    dated.people.people(2 * BATCH + 5, due=TUESDAY + timedelta(days=9))
    dated.rows("UPDATE enrolment SET state = 'ended' RETURNING 1")
    gone = "SELECT count(*) FROM nurture_run WHERE state = 2"
    told = "SELECT count(*) FROM audit_entry WHERE verb = 'left the sequence'"
    before = dated.people.value(told)
    in_the_second = dying(
        dated.db.engine, lambda seen, _: seen == BATCH + 7, at="UPDATE nurture_run"
    )
    with in_the_second, pytest.raises(DiedError):
        nurture.stop(dated.people.run)
    assert dated.people.value(gone) == BATCH
    nurture.stop(dated.people.run)
    assert dated.people.value(gone) == dated.people.value(told) - before == 2 * BATCH + 5
