"""While an import of a partner is being undone, its launches write nobody down."""

import pytest
from sqlalchemy import text

from tcma import uses
from tcma.contacts import importing, imports, segments, undoing
from tcma.contacts.conditions import Condition, Op, Row
from tcma.contacts.rules import LawfulBasis
from tcma.errors import Conflict, NotFound
from tcma.jobs import Job
from tcma.launches import expansion
from tcma.launches.rules import LaunchState
from tests.faults.posting import posting

FILE = b"email,first name\nzoe@new.example,Zoe\nyan@new.example,Yan\n"


def imported(stage):
    with stage.db(stage.alice) as work:
        import_id = imports.start(work, file_name="more.csv", content=FILE, list_id=stage.list_id)
        imports.confirm(work, import_id, basis=LawfulBasis.CONSENT)
    importing.run_import(stage.db, import_id)
    return import_id


def pressed(stage, import_id):
    with stage.db(stage.alice) as work:
        undoing.undo(work, import_id)


def test_a_launch_that_is_due_waits_says_why_and_then_goes_to_who_is_left(
    stage, tmp_path, smtp_sink
):
    import_id = imported(stage)
    ref = stage.started(mails="first")
    pressed(stage, import_id)
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        detail = stage.detail(ref)
        assert (detail.line.state, detail.equation.expected) == (LaunchState.SCHEDULED, 0)
        assert detail.why_waiting.startswith("An import of contacts is being undone.")
        undoing.run_undoing(stage.db, import_id)
        ring(Job.LAUNCH_START)
    assert stage.detail(ref).line.state is LaunchState.SENDING
    with stage.db() as work:
        assert not [a for a in addresses(work) if a.endswith("@new.example")]


def addresses(work):
    return work.session.scalars(text("SELECT address FROM message")).all()


def test_one_that_was_claimed_before_the_press_writes_nobody_down_until_it_has_ended(stage, clock):
    import_id = imported(stage)
    ref = stage.started(mails="first")
    with stage.db() as work:
        due = expansion.claim_due(work)
    with stage.db() as work:
        compiled = expansion.compile_due(work, due)
    pressed(stage, import_id)
    with stage.db() as work:
        assert expansion.freeze_due(work, due, compiled) is None
    assert stage.detail(ref).equation.expected == 0
    undoing.run_undoing(stage.db, import_id)
    clock.move(expansion.CLAIM)
    with stage.db() as work:
        due = expansion.claim_due(work)
        compiled = expansion.compile_due(work, due)
        assert expansion.freeze_due(work, due, compiled)


def test_no_launch_is_planned_to_a_list_whose_import_is_being_undone(stage):
    pressed(stage, imported(stage))
    with pytest.raises(Conflict, match="is being undone"):
        stage.planned()


def test_a_segment_is_held_by_launches_that_have_not_written_down_its_people(
    stage, tmp_path, smtp_sink
):
    with stage.db(stage.alice) as work:
        everybody = segments.save_segment(
            work, "Everybody", Condition((Row("domain", Op.IS, "example.org"),))
        )
    ref = stage.started(list_ids=(everybody,), mails="first")
    with stage.db(stage.alice) as work, pytest.raises(Conflict, match="” goes to it"):
        uses.delete_segment(work, everybody)
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        with stage.db(stage.alice) as work:
            uses.delete_segment(work, everybody)
        ring()
    detail = stage.detail(ref)
    assert (detail.equation.sent, detail.lists) == (4, ("Everybody",))
    with pytest.raises(NotFound):
        stage.planned(key="again", list_ids=(everybody,))
