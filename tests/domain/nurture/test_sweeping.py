"""Sweeps that must not lose anybody from sight. The one for journeys whose wake-up was lost: who has no reason to end hides nobody who has."""

from datetime import timedelta

from sqlalchemy import text

from tcma.jobs import Job
from tcma.nurture import queries
from tcma.nurture.rules import BATCH, RunState
from tests.domain.nurture.crowd import PLAIN
from tests.faults.posting import rung

STAYS = PLAIN.replace('"accepted", ', "")
LATER = "UPDATE nurture_run SET due_at = due_at + interval '3 days'"
OF_RUNS = "UPDATE lead SET state = :state FROM nurture_run r WHERE r.lead_id = lead.id AND r.id = ANY(:runs)"


def are(people, runs, state):
    with people.db() as work:
        work.session.execute(text(LATER))
        work.session.execute(text(OF_RUNS), {"state": state, "runs": runs})


def leads_to_stop(people):
    with people.db() as work:
        return len(queries.to_stop(work.session, work.now))


def test_who_is_back_in_nurture_has_no_reason_to_end_until_they_ask_anew(people):
    runs = people.people(3)
    are(people, runs, "recycled")
    assert leads_to_stop(people) == 0
    again = people.people(1, partner=1)
    with people.db() as work:
        same = "UPDATE lead SET address_hash = (SELECT l.address_hash FROM lead l JOIN nurture_run r ON r.lead_id = l.id WHERE r.id = :old) FROM nurture_run r WHERE r.lead_id = lead.id AND r.id = :new"
        work.session.execute(text(same), {"old": runs[0], "new": again[0]})
    assert leads_to_stop(people) == 1
    rung(people.run, Job.NURTURE_STOP)
    assert people.rows("SELECT id FROM nurture_run WHERE state = 2") == [(runs[0],)]


def test_a_page_full_of_those_whose_journey_goes_on_hides_nobody_behind_it(people):
    ends = people.sequence_id, people.version_id
    people.publish(STAYS)
    are(people, people.people(queries.STOPPED + 1), "accepted")
    people.sequence_id, people.version_id = ends
    left = people.people(1, partner=1)
    are(people, left, "accepted")
    with people.db() as work:  # the last in the order of the sweep
        last = "UPDATE nurture_run SET version_id = :version WHERE lead_id = (SELECT lead_id FROM nurture_run WHERE state = 0 ORDER BY lead_id DESC LIMIT 1) RETURNING id"
        [due] = work.session.scalars(text(last), {"version": ends[1]}).all()
    for _ in range(2):
        rung(people.run, Job.NURTURE_STOP)
    assert people.value("SELECT state FROM nurture_run WHERE id = :id", id=due) == RunState.EXITED


def test_a_step_that_cannot_be_written_makes_nobody_of_long_ago_go_before_their_rate(people):
    """Its batch is taken one by one then, and nobody else."""
    late = people.people(2 * BATCH + 50, due=people.db.clock.now() - timedelta(days=1))
    odd, *others = people.people(4, partner=1)
    with people.db() as work:  # a row that is in the way of its step
        there = "INSERT INTO nurture_step (run_id, step_no, version_no, at, node, outcome) VALUES (:run, 0, 1, now(), 'n2', 'x')"
        work.session.execute(text(there), {"run": odd})
    people.advance()
    taken = "SELECT count(*) FROM nurture_step WHERE run_id = ANY(:runs) AND outcome <> 'x'"
    assert people.value(taken, runs=[odd, *others]) == 3
    assert people.value(taken, runs=late) == BATCH
    assert people.rows("SELECT id FROM nurture_run WHERE attempt = 1") == [(odd,)]
