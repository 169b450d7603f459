"""A lead's sequence: its first mail at once, later ones in rows, each step once, and its end."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tcma.contacts.actions import suppress
from tcma.delivery.actions import ensure_sender
from tcma.delivery.models import Message
from tcma.delivery.rules import MessageState, Reason
from tcma.jobs import Job
from tcma.leads import actions as leads
from tcma.leads import offers, queries
from tcma.leads.models import Lead
from tcma.nurture.models import NurtureRun, NurtureStep
from tcma.nurture.rules import Exit, RunState
from tests.domain.leads.conftest import ask, ground  # noqa: F401 - the same ground
from tests.faults.posting import rung
from workers.runtime import Run


@pytest.fixture
def run(db):
    return Run(services=db, stopping=lambda: False)


@pytest.fixture
def lead_id(db, ground, ask):  # noqa: F811 - fixtures
    with db() as work:
        ensure_sender(
            work,
            partner_id=ground.first,
            from_name="Fenwright",
            from_address="hello@fenwright.example",
        )
    return ask().lead_id


def state(db):
    with db() as work:
        runs = work.session.scalars(select(NurtureRun)).all()
        steps = work.session.scalars(select(NurtureStep).order_by(NurtureStep.step_no)).all()
        mails = work.session.scalars(
            select(Message).where(Message.contact_id > 0).order_by(Message.id)
        ).all()
        return runs, steps, mails


def test_the_first_mail_is_queued_at_once_and_the_next_waits_in_its_row(db, run, lead_id, clock):
    rung(run, Job.NURTURE_ENROL, lead_id=str(lead_id))
    rung(run, Job.NURTURE_ADVANCE)
    runs, steps, mails = state(db)
    assert [s.outcome for s in steps] == ["sent"]
    assert [m.state for m in mails] == [MessageState.READY]
    assert runs[0].state == RunState.ACTIVE
    assert runs[0].due_at > clock.now() + timedelta(days=2)


def test_waking_twice_enrols_once_and_sends_once(db, run, lead_id):
    for _ in range(3):
        rung(run, Job.NURTURE_ENROL, lead_id=str(lead_id))
        rung(run, Job.NURTURE_ADVANCE)
    runs, steps, mails = state(db)
    assert (len(runs), len(steps), len(mails)) == (1, 1, 1)


def test_a_lost_wake_up_is_found_by_the_sweep(db, run, lead_id):
    rung(run, Job.NURTURE_ENROL)
    assert len(state(db)[0]) == 1


def test_every_mail_of_the_sequence_goes_once_and_the_run_ends(db, run, lead_id, clock):
    rung(run, Job.NURTURE_ENROL, lead_id=str(lead_id))
    for _ in range(40):
        rung(run, Job.NURTURE_ADVANCE)
        clock.move(timedelta(days=1))
    runs, _, mails = state(db)
    assert runs[0].state == RunState.EXHAUSTED
    assert len(mails) >= 3
    assert len({(m.mailing_id, m.step_no) for m in mails}) == len(mails)


def test_accepting_ends_it_and_drops_the_mail_that_has_not_left(db, run, lead_id, ground):  # noqa: F811
    rung(run, Job.NURTURE_ENROL, lead_id=str(lead_id))
    rung(run, Job.NURTURE_ADVANCE)
    with db() as work:
        offers.route(work, lead_id)
    with db() as work:
        offer = queries.view_of(
            work.session, work.principal, work.session.get_one(Lead, lead_id)
        ).offer_id
        leads.accept(work, offer, by="Sam")
    rung(run, Job.NURTURE_STOP, lead_id=str(lead_id))
    runs, _, mails = state(db)
    assert (runs[0].state, runs[0].left_because) == (RunState.EXITED, Exit.ACCEPTED)
    assert [(m.state, m.reason) for m in mails] == [(MessageState.SKIPPED, Reason.ANSWERED)]


def test_an_unsubscribed_person_leaves_at_the_next_step(db, run, lead_id, clock, ground):  # noqa: F811
    rung(run, Job.NURTURE_ENROL, lead_id=str(lead_id))
    rung(run, Job.NURTURE_ADVANCE)
    with db() as work:
        suppress(work, address="ida@brackwater.example", partner_id=ground.first)
    clock.move(timedelta(days=10))
    rung(run, Job.NURTURE_ADVANCE)
    runs, _, mails = state(db)
    assert runs[0].left_because == Exit.UNSUBSCRIBED
    assert len(mails) == 1


def test_a_partner_without_a_sender_makes_the_run_wait_then_stick_visibly(db, run, ask, clock):  # noqa: F811
    lead = ask().lead_id
    rung(run, Job.NURTURE_ENROL, lead_id=str(lead))
    for _ in range(6):
        rung(run, Job.NURTURE_ADVANCE)
        clock.move(timedelta(minutes=6))
    with db() as work:
        stuck = work.session.scalars(select(NurtureRun)).one()
        mails = work.session.scalar(
            select(func.count()).select_from(Message).where(Message.contact_id > 0)
        )
    assert (stuck.state, mails) == (RunState.STUCK, 0)
    assert "sender" in stuck.left_because


def test_a_mail_that_was_answered_by_unsubscribing_names_whose_run_ends(db, run, lead_id, ground):  # noqa: F811
    rung(run, Job.NURTURE_ENROL, lead_id=str(lead_id))
    rung(run, Job.NURTURE_ADVANCE)
    message = state(db)[2][0]
    with db() as work:
        suppress(work, "ida@brackwater.example", partner_id=ground.first)
    rung(run, Job.NURTURE_STOP, message_id=str(message.id))
    assert state(db)[0][0].left_because == Exit.UNSUBSCRIBED
