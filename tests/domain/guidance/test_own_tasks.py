"""A vendor's own tasks for new partners: asked with a day, ticked by who did them, reminded of by mail."""

from datetime import timedelta

import pytest

from tcma.errors import Forbidden, Invalid, NotFound
from tcma.guidance import own_tasks
from tcma.guidance.rules import StepState
from tests.builders import a_partner, alice
from tests.domain.guidance.test_first_steps import mails, newcomer, nudge

assert newcomer  # the fixture


def add(db, who, **more):
    facts = {
        "title": "Sign the contract", "words": "It is two pages.",
        "link": "https://sign.example.com/x", "due_days": 1, "by_vendor": False,
    }  # fmt: skip
    with db(who.mira) as work:
        own_tasks.add_task(work, own_tasks.NewTask(**facts | more))


def asked(db, who, principal):
    with db(principal) as work:
        return own_tasks.tasks_of(work.session, principal, who.vendor, who.partner, now=work.now)


def tick(db, who, principal, task, *, done=True):
    with db(principal) as work:
        own_tasks.tick(work, task.id, who.partner, done=done)


def test_a_task_has_its_day_is_ticked_once_and_taken_back(db, newcomer):
    add(db, newcomer)
    (task,) = asked(db, newcomer, newcomer.alice)
    assert (task.title, task.state, str(task.due_on)) == (
        "Sign the contract", StepState.OPEN, "2026-03-03",
    )  # fmt: skip
    db.clock.move(timedelta(days=3))
    assert asked(db, newcomer, newcomer.mira)[0].state is StepState.LATE
    for _ in range(2):
        tick(db, newcomer, newcomer.alice, task)
    (done,) = asked(db, newcomer, newcomer.mira)
    assert (done.state, done.done_by) == (StepState.DONE, "Alice")
    tick(db, newcomer, newcomer.mira, task, done=False)
    assert asked(db, newcomer, newcomer.mira)[0].state is StepState.LATE


def test_who_is_through_its_first_days_is_asked_for_nothing_new_and_nobody_for_the_past(
    db, newcomer
):
    db.clock.move(timedelta(days=60))
    add(db, newcomer)
    (task,) = asked(db, newcomer, newcomer.alice)
    assert (task.state, str(task.due_on)) == (StepState.OPEN, "2026-05-01")
    db.clock.move(timedelta(days=61))
    add(db, newcomer, title="Another")
    assert [each.title for each in asked(db, newcomer, newcomer.alice)] == ["Sign the contract"]


def test_what_the_vendor_does_is_the_vendors_to_see_and_to_tick(db, newcomer):
    add(db, newcomer, by_vendor=True)
    assert asked(db, newcomer, newcomer.alice) == []
    (task,) = asked(db, newcomer, newcomer.mira)
    with pytest.raises(NotFound):
        tick(db, newcomer, newcomer.alice, task)
    tick(db, newcomer, newcomer.mira, task)
    assert asked(db, newcomer, newcomer.mira)[0].done_by == "Mira"


def test_another_partner_ticks_nothing_here_and_asks_for_nothing(db, newcomer):
    add(db, newcomer)
    (task,) = asked(db, newcomer, newcomer.alice)
    with db() as work:
        other = alice(work, a_partner(work, newcomer.vendor, name="Pellworth"))
    with pytest.raises(NotFound):
        tick(db, newcomer, other, task)
    assert asked(db, newcomer, other) == []
    with db(other) as work, pytest.raises(Forbidden):
        own_tasks.end_task(work, task.id)


def test_an_ended_task_is_asked_of_nobody(db, newcomer):
    add(db, newcomer)
    (task,) = asked(db, newcomer, newcomer.alice)
    with db(newcomer.mira) as work:
        own_tasks.end_task(work, task.id)
    assert asked(db, newcomer, newcomer.alice) == []
    with pytest.raises(NotFound):
        tick(db, newcomer, newcomer.alice, task)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 81}, "title"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"due_days": 400}, "due_days"),
        ({"words": "x" * 401}, "words"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(db, newcomer, wrong, field):
    with pytest.raises(Invalid) as told:
        add(db, newcomer, **wrong)
    assert set(told.value.fields) == {field}


def test_it_is_reminded_of_with_the_first_steps_and_not_again_when_done(db, newcomer):
    add(db, newcomer, due_days=3)
    db.clock.move(timedelta(days=1))
    nudge(db, newcomer)
    ((_, _, plain),) = mails(db)
    assert "Sign the contract: by " in plain
    nudge(db, newcomer)
    assert len(mails(db)) == 1
    tick(db, newcomer, newcomer.alice, asked(db, newcomer, newcomer.alice)[0])
    db.clock.move(timedelta(days=7))
    nudge(db, newcomer)
    assert "Sign the contract" not in mails(db)[-1][2]
