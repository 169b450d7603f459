"""N4: publishing by each of the four choices; what happened is what the dry run had counted."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tcma.clock import FixedClock
from tcma.db.saves import ChangedMeanwhile
from tcma.errors import Conflict, Invalid
from tcma.journeys.reading import read
from tcma.nurture import actions, drafts, overview, publishing
from tcma.nurture.publishing import Choices, Moved
from tcma.nurture.rules import Exit, RunState
from tcma.permissions import SYSTEM
from tests.domain.nurture.crowd import PLAIN

MANY = 400
SECOND = PLAIN.replace('id = "w"', 'id = "ask"')
"""The same journey, but the step that waits has another name: «w» is gone."""
LONGER = PLAIN + 'then = "late"\n[[step]]\nid = "late"\nwait = "30 days"\n'


@pytest.fixture
def inside(people):
    """So many at n2, half as many at w, one paused, one stuck; version 1 of the plain journey."""
    people.people(MANY, at="n2")
    people.people(MANY // 2, at="w", waits="clicked")
    with people.db() as work:
        low = work.session.scalar(text("SELECT min(id) FROM nurture_run"))
        for state, run in ((3, low), (4, low + 1)):
            work.session.execute(
                text("UPDATE nurture_run SET state = :s WHERE id = :id"), {"s": state, "id": run}
            )
    return people


def dry(people, source):
    with people.db() as work:
        return publishing.dry_run(work, people.sequence_id, read(source).journey)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (Choices(), Moved(untouched=MANY * 3 // 2)),
        (Choices(inside=True), Moved(stayed=MANY, left=MANY // 2)),
        (Choices(inside=True, removed={"w": "n4"}), Moved(stayed=MANY, jumped=MANY // 2)),
    ],
    ids=["new entrants only", "those inside, the removed leave", "those inside, the removed jump"],
)
def test_n4_what_happens_to_those_inside_is_what_was_counted(inside, choices, expected):
    counted = dry(inside, SECOND)
    assert (counted.inside, counted.staying) == (MANY * 3 // 2, MANY)
    assert counted.removed == {"w": MANY // 2}
    before = dict(inside.rows("SELECT id, due_at FROM nurture_run WHERE node = 'n2'"))
    old = inside.version_id
    _, moved = inside.publish(SECOND, choices)
    assert moved == expected
    by_version = dict(
        inside.rows("SELECT version_id, count(*) FROM nurture_run WHERE state <> 2 GROUP BY 1")
    )
    new = inside.version_id
    assert by_version.get(new, 0) == moved.stayed + moved.jumped
    assert by_version.get(old, 0) == moved.untouched
    told = inside.value("SELECT count(*) FROM nurture_step WHERE outcome IN ('moved', 'left')")
    assert told == moved.stayed + moved.jumped + moved.left
    assert dict(inside.rows("SELECT id, due_at FROM nurture_run WHERE node = 'n2'")) == before
    if choices.removed:
        assert inside.value("SELECT count(*) FROM nurture_run WHERE node = 'n4'") == MANY // 2
    if moved.left:
        whys = inside.rows(
            "SELECT DISTINCT left_because, state FROM nurture_run WHERE node = 'end'"
        )
        assert whys == [(Exit.STEP_GONE, RunState.EXITED)]
    states = dict(
        inside.rows("SELECT state, count(*) FROM nurture_run WHERE node = 'n2' GROUP BY 1")
    )
    assert states == {RunState.ACTIVE: MANY - 2, RunState.PAUSED: 1, RunState.STUCK: 1}


def test_n4_nobody_gets_a_mail_twice_when_moved_back_to_its_step(people):
    people.people(3, at="n2")
    people.advance()
    assert people.value("SELECT count(*) FROM message") == 3
    people.publish(SECOND, Choices(inside=True, removed={"w": "n2"}))
    with people.db() as work:
        work.session.execute(text("UPDATE nurture_run SET due_at = :now"), {"now": work.now})
    people.advance()
    assert people.value("SELECT count(*) FROM message") == 3
    why = "SELECT DISTINCT why FROM nurture_step WHERE outcome = 'skipped'"
    assert people.rows(why) == [("has had this mail",)]


def test_n4_who_had_reached_the_end_goes_on_with_what_is_appended(people):
    people.people(4, at="n4")
    people.advance()
    assert set(people.rows("SELECT state FROM nurture_run")) == {(RunState.EXHAUSTED,)}
    assert dry(people, LONGER).resumable == 4
    _, moved = people.publish(LONGER, Choices(inside=True, resume=True))
    assert moved == Moved(resumed=4)
    assert people.rows("SELECT node, state, count(*) FROM nurture_run GROUP BY 1, 2") == [
        ("late", RunState.ACTIVE, 4)
    ]
    assert dry(people, LONGER).resumable == 0


NIGHT = datetime(2026, 3, 3, 23, 0, tzinfo=UTC)
WORDY = PLAIN.replace('id = "n4"', 'id = "n4"\nafter = "1 day"')
FIRST_ELSE = PLAIN.replace("[[step]]", '[[step]]\nid = "n0"\nwait = "1 day"\n[[step]]', 1)


@pytest.mark.parametrize(
    ("begun", "versions", "sent"),
    [
        ({}, [], 1),
        ({}, [WORDY], 1),
        ({}, [WORDY, SECOND], 1),
        ({}, [FIRST_ELSE], 0),
        ({"at": "n2"}, [WORDY], 0),
        ({"step_no": 1}, [WORDY], 0),
        ({"at": "w"}, [SECOND], 0),
    ],
    ids=[
        "no new version",
        "stayed",
        "stayed twice",
        "no longer first",
        "at another step",
        "asked nothing",
        "jumped",
    ],
)
def test_whose_first_mail_answers_them_gets_it_at_night_after_a_new_version_too(
    people, begun, versions, sent
):
    people.db.clock = FixedClock(NIGHT)
    people.people(1, at=begun.get("at", "n1"))
    if "step_no" in begun:
        people.rows("UPDATE nurture_run SET step_no = :n RETURNING id", n=begun["step_no"])
    for each in versions:
        people.publish(each, Choices(inside=True, removed={"w": "n1"}))
    people.rows("UPDATE nurture_run SET due_at = :now RETURNING id", now=NIGHT)
    people.advance()
    assert people.value("SELECT count(*) FROM message") == sent
    assert people.value("SELECT count(*) FROM nurture_step WHERE outcome = 'moved'") == len(
        versions
    )


def test_who_lacks_a_mail_of_the_new_version_goes_on_with_the_old(people):
    people.people(2, at="n2")
    with people.db() as work:
        other = read(PLAIN.replace("another-month", "brand-new")).journey
        counted = publishing.dry_run(work, people.sequence_id, other)
    assert (counted.unfit, counted.staying) == (2, 0)


def test_a_version_never_changes_and_the_same_twice_is_one(people):
    no, _ = people.publish(SECOND)
    assert people.publish(SECOND)[0] == no
    with pytest.raises(Invalid, match="Line"):
        people.publish(PLAIN.replace("thanks", "thankz"))
    beside = PLAIN + '[[tests]]\nname = "wrong"\npath = ["n2"]\n'
    with pytest.raises(Invalid, match="wrong"):
        people.publish(beside)


def test_whoever_enters_goes_by_the_newest_version_that_their_campaign_can_send(people):
    people.people(1)
    lead = people.value("SELECT id FROM lead")
    with people.db() as work:
        work.session.execute(text("DELETE FROM nurture_run"))
    people.publish(SECOND)
    with people.db() as work:
        actions.enrol(work, lead)
    assert people.value("SELECT version_id FROM nurture_run") == people.version_id


def test_who_is_stuck_is_shown_and_tried_again_or_led_on(people):
    runs = people.people(3)
    with people.db() as work:
        why = text(
            "UPDATE nurture_run SET state = 4, left_because = 'No sender.' WHERE id = ANY(:i)"
        )
        work.session.execute(why, {"i": runs[:2]})
    with people.db(people.person) as work:
        (stuck,) = overview.stuck(work.session, SYSTEM, people.sequence_id)
        assert (stuck.node, stuck.people, stuck.reason) == ("n2", 2, "No sender.")
        assert actions.retry_stuck(work, people.sequence_id, "n2") == 2
    people.advance()
    assert people.value("SELECT count(*) FROM message") == 3
    with people.db() as work:
        work.session.execute(text("UPDATE nurture_run SET state = 4 WHERE node = 'w'"))
    with people.db(people.person) as work, pytest.raises(Conflict):
        actions.skip_stuck(work, people.sequence_id, "w")
    with people.db() as work:
        work.session.execute(text("UPDATE nurture_run SET node = 'n4'"))
    with people.db(people.person) as work:
        assert actions.skip_stuck(work, people.sequence_id, "n4") == 3
    assert set(people.rows("SELECT state, node FROM nurture_run")) == {(RunState.EXHAUSTED, "end")}


def test_every_change_of_a_draft_can_be_taken_back_and_nobody_overwrites_unseen(people):
    with people.db(people.person) as work:
        draft = drafts.start(work, people.campaign_id, PLAIN)
        for n, source in enumerate((SECOND, LONGER), draft.no):
            drafts.save(work, people.campaign_id, source, seen=n, did=f"Change {n}")
        with pytest.raises(ChangedMeanwhile):
            drafts.save(work, people.campaign_id, PLAIN, seen=draft.no, did="Late")
        assert drafts.step_back(work, people.campaign_id).source == SECOND
        back = drafts.step_back(work, people.campaign_id)
        assert (back.source, back.can_undo, back.can_redo) == (PLAIN, False, True)
        assert drafts.step_on(work, people.campaign_id).source == SECOND
        drafts.discard(work, people.campaign_id)
        assert drafts.draft_of(work, people.campaign_id) is None
