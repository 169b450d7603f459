"""A version that removes or moves the step people begin at: counted, and done, for who began by themselves, too."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.journeys.reading import read
from tcma.nurture import publishing
from tcma.nurture.publishing import Choices, Moved
from tcma.nurture.rules import Exit
from tests.domain.nurture.crowd import PLAIN
from tests.domain.nurture.test_by_date import BY_DATE, ENDS, dated

__all__ = ["dated"]
GONE = BY_DATE.replace('id = "n2"', 'id = "early"').replace('step = "n2"', 'step = "early"')
"""The step at which they begin has another name."""
MOVED = BY_DATE.replace('step = "n2"', 'step = "n3"')
"""They begin at another step, and the old one is still there."""
LONGER = BY_DATE.replace(
    "[start]", 'then = "late"\n[[step]]\nid = "late"\nwait = "30 days"\n[start]'
)
OPEN = "SELECT node, state, left_because FROM nurture_run ORDER BY id"


def dry(dated, source):
    with dated.db() as work:
        return publishing.dry_run(work, dated.people.sequence_id, read(source).journey)


def begun(dated, people=3):
    """So many who began by their date, and two who asked, at the step at which both are."""
    dated.people.publish(BY_DATE)
    dated.agree()
    dated.known(people, ENDS)
    dated.begin()
    dated.people.people(2)


def at_the_end(dated):
    """Who is inside has had everything: the last mail was that of n4."""
    dated.rows(
        "WITH ended AS (UPDATE nurture_run SET state = 5, node = 'end', due_at = NULL, ended_at = now(),"
        " step_no = step_no + 1 WHERE state = 0 RETURNING id, step_no)"
        " INSERT INTO nurture_step (run_id, step_no, version_no, at, node, outcome)"
        " SELECT id, step_no - 1, 1, now(), 'n4', 'sent' FROM ended RETURNING 1"
    )


@pytest.mark.parametrize(
    ("choices", "moved", "nodes"),
    [
        (Choices(), Moved(untouched=5), {"n2"}),
        (Choices(inside=True), Moved(left=5), {"end"}),
        (Choices(inside=True, removed={"n2": "n3"}), Moved(jumped=5), {"n3"}),
        (Choices(inside=True, removed={"n2": "early"}), Moved(jumped=5), {"early"}),
    ],
)
def test_who_waits_at_a_removed_beginning_is_counted_and_goes_as_chosen(
    dated, choices, moved, nodes
):
    begun(dated)
    counted = dry(dated, GONE)
    assert (counted.inside, counted.staying, counted.removed) == (5, 0, {"n2": 5})
    assert dated.people.publish(GONE, choices)[1] == moved
    rows = dated.rows(OPEN)
    assert {row.node for row in rows} == nodes
    if moved.left:
        assert {(row.state, row.left_because) for row in rows} == {(2, Exit.STEP_GONE)}
    [new] = dated.known(1, ENDS)
    assert dated.begin()[-1][:2] == (new, "early")


def test_who_waits_where_they_began_stays_when_others_begin_elsewhere(dated):
    begun(dated)
    assert (dry(dated, MOVED).staying, dry(dated, MOVED).removed) == (5, {})
    assert dated.people.publish(MOVED, Choices(inside=True))[1] == Moved(stayed=5)
    [new] = dated.known(1, ENDS)
    assert [tuple(row[:2]) for row in dated.begin()][-1] == (new, "n3")
    assert dated.people.value("SELECT count(*) FROM nurture_run WHERE node = 'n2'") == 5


def test_who_began_by_themselves_and_had_reached_the_end_goes_on_with_what_is_appended(dated):
    begun(dated)
    at_the_end(dated)
    assert dry(dated, LONGER).resumable == 5
    _, moved = dated.people.publish(LONGER, Choices(inside=True, resume=True))
    assert moved == Moved(resumed=5)
    assert dated.people.value("SELECT count(*) FROM nurture_run WHERE node = 'late'") == 5


def test_where_the_partner_lets_it_begin_no_more_only_who_asked_goes_on(dated):
    begun(dated)
    at_the_end(dated)
    dated.agree(begins=False)
    assert dry(dated, LONGER).resumable == 2
    _, moved = dated.people.publish(LONGER, Choices(inside=True, resume=True))
    assert moved == Moved(resumed=2)


@pytest.mark.parametrize("asked", [False, True])
def test_who_came_to_the_end_several_times_goes_on_once(dated, asked):
    dated.people.publish(BY_DATE)
    dated.agree()
    if asked:
        dated.people.people(2)
    else:
        dated.known(2, ENDS)
        dated.begin()
    at_the_end(dated)
    with dated.db() as work:
        work.session.execute(
            text(
                "INSERT INTO nurture_run (sequence_id, version_id, vendor_id, partner_id, contact_id, lead_id,"
                " rotation, state, node, step_no, since, created_at, ended_at, occurrence)"
                " SELECT sequence_id, version_id, vendor_id, partner_id, contact_id, lead_id, 2, 5, 'end', 1,"
                " since, created_at, ended_at, occurrence + 365 FROM nurture_run"
            )
        )
        work.session.execute(
            text(
                "INSERT INTO nurture_step (run_id, step_no, version_no, at, node, outcome)"
                " SELECT id, 0, 1, now(), 'n4', 'sent' FROM nurture_run WHERE rotation = 2"
            )
        )
    assert dry(dated, LONGER).resumable == 2
    _, moved = dated.people.publish(LONGER, Choices(inside=True, resume=True))
    assert moved == Moved(resumed=2)
    rows = dated.rows("SELECT rotation, node FROM nurture_run WHERE state = 0")
    assert [tuple(row) for row in rows] == [(2, "late")] * 2


def test_a_plain_version_lets_them_begin_no_more_and_who_is_inside_stays(dated):
    begun(dated)
    assert dated.people.publish(PLAIN, Choices(inside=True))[1] == Moved(stayed=5)
    dated.known(1, ENDS)
    dated.at(dated.db.clock.now() + timedelta(minutes=1))
    assert len(dated.begin()) == 5
