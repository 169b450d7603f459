"""An import taken back: portions, kills and doubled wake-ups, what stays, and what waits meanwhile."""

import subprocess
import sys
import time
import tracemalloc
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text

from tcma.contacts import actions, erasure, importing, imports, list_queries, queries, undoing
from tcma.contacts.models import Contact, ContactImportChange, ListMember
from tcma.contacts.rules import UNDO_DAYS, LawfulBasis
from tcma.delivery.models import Message
from tcma.delivery.rules import MessageState
from tcma.errors import Conflict
from tcma.jobs import Job
from tests.faults.posting import rung
from tests.services import ROOT
from workers.runtime import Run

ADA = "email,first name,tags\nada@old.example,Adelaide,new\n"


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(undoing, "PORTION", 10)


def people(first, last):
    rows = "".join(f"p{n:05d}@firm.example,P{n}\n" for n in range(first, last))
    return f"email,first name\n{rows}"


def imported(db, alice, text, *, list_id=None):
    with db(alice) as work:
        import_id = imports.start(
            work, file_name="kunden.csv", content=text.encode(), list_id=list_id
        )
        imports.confirm(work, import_id, basis=LawfulBasis.CONSENT, list_name="Fair")
    importing.run_import(db, import_id)
    return import_id


def pressed(db, alice, import_id):
    with db(alice) as work:
        undoing.undo(work, import_id)


def undone(db, alice, import_id):
    pressed(db, alice, import_id)
    undoing.run_undoing(db, import_id)
    return counts(db, alice, import_id)


def seen(db, alice, import_id):
    with db(alice) as work:
        return queries.import_view(work.session, alice, import_id)


def counts(db, alice, import_id):
    view = seen(db, alice, import_id)
    far = undoing.undone_of(view.preview)
    return view.state, far.gone, far.back, far.kept


def counted(db, table):
    with db() as work:
        return work.session.scalar(select(func.count()).select_from(table))


def lists_of(db, alice):
    with db(alice) as work:
        return [one.name for one in list_queries.lists(work.session, alice, now=work.now)]


def named(db, beginning):
    with db() as work:
        wanted = select(Contact).where(Contact.address.startswith(beginning))
        row = work.session.scalars(wanted).one_or_none()
        return row and (row.first_name, sorted(row.tags))


def after(number):
    """Stop a run once so many portions are through."""
    answers = iter([False] * number + [True])
    return lambda: next(answers)


def test_the_press_only_begins_it_and_the_worker_ends_it_with_counts_that_add_up(db, alice, small):
    with db() as work:
        actions.capture_contact(
            work, partner_id=alice.partner_id, address="p00001@firm.example", first_name="Una"
        )
    import_id = imported(db, alice, people(0, 95))
    pressed(db, alice, import_id)
    assert counts(db, alice, import_id) == ("undoing", 0, 0, 0)
    assert counted(db, Contact) == 95
    assert db.queue.of(Job.CONTACTS_UNDO) == [{"import_id": str(import_id)}]
    undoing.run_undoing(db, import_id)
    assert counts(db, alice, import_id) == ("undone", 94, 1, 0)
    assert (counted(db, Contact), counted(db, ListMember)) == (1, 0)
    assert named(db, "p00001") == ("Una", [])
    assert lists_of(db, alice) == []


def test_pressed_twice_and_run_twice_is_once(db, alice, small):
    import_id = imported(db, alice, people(0, 25))
    pressed(db, alice, import_id)
    pressed(db, alice, import_id)
    assert len(db.queue.of(Job.CONTACTS_UNDO)) == 1
    undoing.run_undoing(db, import_id)
    ended = seen(db, alice, import_id)
    pressed(db, alice, import_id)
    undoing.run_undoing(db, import_id)
    assert seen(db, alice, import_id) == ended
    assert counts(db, alice, import_id) == ("undone", 25, 0, 0)


@pytest.mark.parametrize("portions", range(6))
def test_left_after_any_portion_it_goes_on_and_counts_nobody_twice(db, alice, small, portions):
    with db() as work:
        for n in range(15):
            actions.capture_contact(
                work, partner_id=alice.partner_id, address=f"p{n:05d}@firm.example"
            )
    import_id = imported(db, alice, people(0, 45))
    pressed(db, alice, import_id)
    undoing.run_undoing(db, import_id, stopping=after(portions))
    view = seen(db, alice, import_id)
    assert view.state == "undoing"
    undoing.run_undoing(db, import_id)
    assert counts(db, alice, import_id) == ("undone", 30, 15, 0)
    assert (counted(db, Contact), counted(db, ListMember)) == (15, 0)


CHILD = """
import sys
from uuid import UUID
from tcma.clock import SystemClock
from tcma.contacts import undoing
from tests.services import World, engine_of
import tcma.db.documents, tcma.partners.models
undoing.PORTION = 10
with engine_of(sys.argv[1]) as engine:
    world = World(url=sys.argv[1], engine=engine, clock=SystemClock(), site=None, files=None)
    undoing.run_undoing(world, UUID(sys.argv[2]))
"""


def test_killed_with_9_in_the_middle_of_a_portion_nothing_of_that_portion_is_done(db, alice, small):
    import_id = imported(db, alice, people(0, 45))
    pressed(db, alice, import_id)
    with db() as work:
        row = work.session.scalars(
            select(Contact).where(Contact.address.startswith("p00024")).with_for_update()
        ).one()
        command = [sys.executable, "-c", CHILD, db.url, str(import_id)]
        child = subprocess.Popen(command, cwd=ROOT)
        waits = text(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and wait_event_type = 'Lock' and query like '%DELETE FROM contact c%'"
        )
        until = time.monotonic() + 60
        while not waiting(db, waits):
            assert child.poll() is None, "it ended instead of meeting the locked row"
            assert time.monotonic() < until
        child.kill()
        child.wait()
        assert row.first_name == "P24"
    assert counts(db, alice, import_id) == ("undoing", 20, 0, 0)
    assert (counted(db, Contact), counted(db, ListMember)) == (25, 25)
    undoing.run_undoing(db, import_id)
    assert counts(db, alice, import_id) == ("undone", 45, 0, 0)


def waiting(db, asked):
    """Ask in a transaction of its own: within one the answer stays the same."""
    with db() as work:
        return work.session.scalar(asked)


def test_the_sweep_finds_what_no_wake_up_announced_and_who_died_but_nobody_at_work(
    db, alice, small
):
    import_id = imported(db, alice, people(0, 25))
    pressed(db, alice, import_id)
    with db() as work:
        assert undoing.due_undoings(work) == [import_id]
    undoing.run_undoing(db, import_id, stopping=after(1))
    with db() as work:
        assert undoing.due_undoings(work) == []
    db.clock.move(importing.SILENCE + timedelta(seconds=1))
    rung(Run(services=_Services(db), stopping=lambda: False), Job.CONTACTS_UNDO)
    assert counts(db, alice, import_id) == ("undone", 25, 0, 0)


class _Services:
    def __init__(self, db):
        self.transaction = db


def test_who_was_mailed_or_is_in_another_list_stays_and_is_counted(db, alice):
    import_id = imported(db, alice, people(0, 5))
    with db(alice) as work:
        new = actions.NewList(name="Others", basis=LawfulBasis.CONSENT)
        actions.import_addresses(work, "p00003@firm.example", new=new)
        who = select(Contact.id).where(Contact.address.startswith("p00004"))
        mailed = work.session.scalar(who)
    with db() as work:
        work.session.execute(
            insert(Message).values(
                mailing_id=1,
                contact_id=mailed,
                due_at=work.now,
                state=MessageState.READY,
                address="p00004@firm.example",
                address_hash=b"1",
            )
        )
    assert undone(db, alice, import_id) == ("undone", 3, 0, 2)
    assert lists_of(db, alice) == ["Others"]


def test_a_list_that_others_were_put_into_stays_with_them(db, alice):
    import_id = imported(db, alice, people(0, 5))
    into = seen(db, alice, import_id).list_id
    with db(alice) as work:
        actions.import_addresses(work, "zoe@hand.example", list_id=into)
    assert undone(db, alice, import_id) == ("undone", 5, 0, 0)
    assert lists_of(db, alice) == ["Fair"]
    assert undoing.undone_of(seen(db, alice, import_id).preview).stays


def test_whoever_a_later_file_brought_too_stays_by_that_file_and_goes_with_it(db, alice):
    first = imported(db, alice, people(0, 5))
    into = seen(db, alice, first).list_id
    db.clock.move(timedelta(minutes=1))
    second = imported(db, alice, people(3, 8), list_id=into)
    assert undone(db, alice, first) == ("undone", 3, 0, 2)
    assert counted(db, ListMember) == 5
    assert undone(db, alice, second) == ("undone", 5, 0, 0)
    assert (counted(db, Contact), counted(db, ListMember)) == (0, 0)


def changed_twice(db, alice):
    """Ada was known as Ada; two files call her Adelaide, then Ada Maria."""
    with db() as work:
        actions.capture_contact(
            work, partner_id=alice.partner_id, address="ada@old.example", first_name="Ada"
        )
    first = imported(db, alice, ADA)
    db.clock.move(timedelta(minutes=1))
    return first, imported(db, alice, ADA.replace("Adelaide", "Ada Maria"))


def test_what_a_later_file_changed_stays_and_its_undo_leads_to_before_both(db, alice):
    first, second = changed_twice(db, alice)
    undone(db, alice, first)
    assert named(db, "ada") == ("Ada Maria", ["new"])
    undone(db, alice, second)
    assert named(db, "ada") == ("Ada", [])
    assert (counted(db, ContactImportChange), counted(db, ListMember)) == (0, 0)


def test_the_latest_file_first_leads_back_step_by_step(db, alice):
    first, second = changed_twice(db, alice)
    undone(db, alice, second)
    assert named(db, "ada") == ("Adelaide", ["new"])
    undone(db, alice, first)
    assert named(db, "ada") == ("Ada", [])


def test_while_it_runs_nothing_else_is_done_to_the_list_and_it_is_not_offered(db, alice):
    import_id = imported(db, alice, people(0, 5))
    into = seen(db, alice, import_id).list_id
    with db(alice) as work:
        other = imports.start(work, file_name="b.csv", content=people(5, 9).encode(), list_id=into)
    pressed(db, alice, import_id)
    tries = (
        lambda work: imports.confirm(work, other, basis=LawfulBasis.CONSENT),
        lambda work: imports.start(
            work, file_name="c.csv", content=people(5, 9).encode(), list_id=into
        ),
        lambda work: actions.import_addresses(work, "zoe@hand.example", list_id=into),
        lambda work: actions.rename_list(work, into, "Spring"),
        lambda work: actions.delete_list(work, into),
    )
    for each in tries:
        with db(alice) as work, pytest.raises(Conflict, match="being undone"):
            each(work)
    with db(alice) as work:
        assert list_queries.offered_lists(work.session, alice, now=work.now) == []
        shown = list_queries.contact_list(work.session, alice, into, now=work.now)
        assert shown.taken_back == import_id


def test_it_waits_for_a_file_that_is_on_its_way_into_the_same_list(db, alice):
    import_id = imported(db, alice, people(0, 5))
    into = seen(db, alice, import_id).list_id
    with db(alice) as work:
        other = imports.start(work, file_name="b.csv", content=people(5, 9).encode(), list_id=into)
        imports.confirm(work, other, basis=LawfulBasis.CONSENT)
    with pytest.raises(Conflict, match="on its way"):
        pressed(db, alice, import_id)
    importing.run_import(db, other)
    assert undone(db, alice, import_id)[0] == "undone"


def test_after_thirty_days_it_is_refused_and_what_runs_keeps_what_it_needs(db, alice, small):
    early, late = imported(db, alice, people(0, 25)), imported(db, alice, people(0, 25))
    db.clock.move(UNDO_DAYS - timedelta(minutes=1))
    pressed(db, alice, late)
    undoing.run_undoing(db, late, stopping=after(1))
    db.clock.move(timedelta(hours=1))
    with db() as work:
        erasure.purge(work)
    with pytest.raises(Conflict, match="30 days"):
        pressed(db, alice, early)
    undoing.run_undoing(db, late)
    assert counts(db, alice, late) == ("undone", 0, 25, 0)


def test_an_undo_lets_whoever_writes_down_a_list_finish_and_comes_back(db, alice, small):
    import_id = imported(db, alice, people(0, 25))
    with db() as work:
        assert undoing.hold_undoing(work, alice.partner_id)
        pressed(db, alice, import_id)
        undoing.run_undoing(db, import_id)
        assert counts(db, alice, import_id) == ("undoing", 0, 0, 0)
    with db() as work:
        assert not undoing.hold_undoing(work, alice.partner_id)
        assert undoing.due_undoings(work) == [import_id]
    undoing.run_undoing(db, import_id)
    with db() as work:
        assert undoing.hold_undoing(work, alice.partner_id)


def test_ten_times_as_many_people_take_no_more_room(db, alice, monkeypatch):
    monkeypatch.setattr(undoing, "PORTION", 200)
    peaks = []
    for first, last in ((0, 1_000), (1_000, 11_000)):
        import_id = imported(db, alice, people(first, last))
        pressed(db, alice, import_id)
        tracemalloc.start()
        undoing.run_undoing(db, import_id)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert counts(db, alice, import_id) == ("undone", last - first, 0, 0)
    assert peaks[1] < peaks[0] + 500_000
