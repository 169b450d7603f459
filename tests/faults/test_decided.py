"""A test of two variants whose worker is killed in its decision, and again while the winner leaves."""

import pytest
from sqlalchemy import text

from tcma.jobs import Job
from tcma.launches.choices import Choices, TrialChoice
from tcma.launches.rules import LaunchState
from tcma.launches.trial import Arm
from tests.faults.posting import REST_S, START_S, until
from tests.faults.stage import Stage
from workers.lines import LINES

pytestmark = pytest.mark.timeout(400)
COUNT = 120
REST = "select mailing_id from launch_mail where arm = 0"


def answered_to_b(db):
    """Eleven people of B click: more than chance explains."""
    with db() as work:
        work.session.execute(
            text(
                "insert into message_reaction (message_id, mailing_id, human_clicked_at)"
                " select m.id, m.mailing_id, now() from message m"
                " join launch_mail l on l.mailing_id = m.mailing_id and l.arm = 2"
                " where m.state = 3 order by m.id limit 11"
            )
        )


def in_the_way(work):
    """Whether somebody waits for a row that this transaction holds."""
    return work.session.scalar(
        text(
            "select count(*) from pg_locks join pg_stat_activity using (pid)"
            " where not granted and datname = current_database()"
        )
    )


def killed(worker):
    worker.kill()
    worker.wait()


def test_killed_in_the_decision_and_after_it_the_winner_goes_once_to_everybody(real, plant, sink):
    stage = Stage(real, count=COUNT)
    test = TrialChoice(subject="Which servers may retire?", share=50)
    ref = stage.started(mails="first", choices=Choices(trial=test))

    def only_the_rest_waits():
        detail = stage.detail(ref)
        return detail.trial and 0 < detail.trial.waiting == detail.equation.waiting

    plant.start("workers.scheduler")
    worker = plant.start()
    plant.ring(Job.LAUNCH_START)
    until(only_the_rest_waits, REST_S, what="the test")
    with real() as work:  # the decision stands, all but the start of the mailing that waits
        work.session.execute(text(f"select 1 from mailing where id = ({REST}) for update"))
        answered_to_b(real)
        until(lambda: in_the_way(work), START_S, what="the decision")
        killed(worker)
    assert stage.detail(ref).trial.winner is None
    sink.order("hold")
    worker = plant.start()
    until(lambda: stage.detail(ref).trial.winner is Arm.B, START_S, what="the decision, again")
    until(sink.fell_silent, START_S, what="a conversation without an answer")
    killed(worker)
    sink.order("go")
    plant.start()
    until(lambda: stage.detail(ref).line.state is LaunchState.FINISHED, REST_S, what="the end")
    done, kept = stage.detail(ref), sink.kept(f"@{stage.domain}")
    assert done.equation.holds
    assert (done.equation.expected, done.equation.waiting) == (COUNT, 0)
    assert done.equation.uncertain <= LINES
    assert max(kept.values()) == 1, "somebody got two"
    assert done.equation.sent <= len(kept) <= done.equation.sent + done.equation.uncertain
