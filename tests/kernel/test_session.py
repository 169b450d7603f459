"""One Work is one transaction: committed at the edge, wakes after it, or nothing at all."""

import pytest
from sqlalchemy import func, select, text

from tcma.clock import SharedClock
from tcma.db.audit import AuditEntry
from tcma.db.pages import page_of, read_cursor
from tcma.db.references import next_reference
from tcma.errors import Conflict, Forbidden, Invalid, Unavailable
from tcma.jobs import Job
from tcma.permissions import Permission, Principal, Role
from tests.faults.nursery import wrong_by


def broken_view(db):
    with db() as work:
        work.audit("did", "thing", 1)
        work.wake(Job.LEAD_ROUTE, lead_id="2")
        next_reference(work, "LCH")
        raise RuntimeError("the view broke")


def test_wakes_leave_after_the_commit_and_not_without_it(db):
    with db() as work:
        work.wake(Job.LEAD_ROUTE, lead_id="1")
        assert db.queue.sent == []
    assert db.queue.of(Job.LEAD_ROUTE) == [{"lead_id": "1"}]
    with pytest.raises(RuntimeError):
        broken_view(db)
    with db() as work:
        assert work.session.scalar(select(func.count()).select_from(AuditEntry)) == 0
    assert len(db.queue.sent) == 1


def test_the_time_is_the_databases_whatever_the_machine_says(db, monkeypatch):
    wrong_by(7200, monkeypatch.setattr)
    db.clock = SharedClock()
    assert db.clock.is_due
    with db() as work:
        told = work.session.scalar(text("SELECT clock_timestamp()"))
        assert abs((told - work.now).total_seconds()) < 5
    assert not db.clock.is_due
    assert 7190 < db.clock.machine_off_s() < 7210


def test_history_cannot_be_rewritten(db):
    with db() as work:
        work.audit("did", "thing", 1)
    for statement in ("UPDATE audit_entry SET verb = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(Conflict), db() as work:
            work.session.execute(text(statement))


def test_a_role_without_the_permission_is_refused_by_the_verb(db):
    seller = Principal(user_id=None, name="Sam", role=Role.SELLER)
    with db(seller) as work, pytest.raises(Forbidden):
        work.require(Permission.LAUNCH_PLAN)


def test_references_count_up_and_an_aborted_one_leaves_no_gap(db):
    with db() as work:
        assert next_reference(work, "LCH") == "LCH-2026-0001"
    with pytest.raises(RuntimeError):
        broken_view(db)
    with db() as work:
        assert next_reference(work, "LCH") == "LCH-2026-0002"
        assert next_reference(work, "MDF") == "MDF-2026-0001"


def test_pages_meet_every_row_once(db):
    with db() as work:
        for number in range(7):
            work.audit("did", "thing", number)
    seen, after = [], None
    with db() as work:
        while True:
            page = page_of(
                work.session, select(AuditEntry.subject_id), [AuditEntry.id], after=after, size=3
            )
            seen += [row.subject_id for row in page.rows]
            after = page.next
            if after is None:
                break
    assert seen == [str(n) for n in reversed(range(7))]


@pytest.mark.parametrize("cursor", ["", "%%%", "eyJ9", "bnVsbA"])
def test_a_broken_page_address_is_refused_in_words(cursor):
    with pytest.raises(Invalid, match="page address"):
        read_cursor(cursor)


def test_a_database_without_tables_says_what_to_do(db):
    with pytest.raises(Unavailable, match="not been set up") as refused, db() as work:
        work.session.execute(text("SELECT * FROM table_of_a_later_version"))
    assert refused.value.code == "database.not_set_up"
    assert "tcma migrate" in refused.value.remedy
