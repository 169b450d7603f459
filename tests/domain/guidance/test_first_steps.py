"""First steps are read from rows, reminded of by mail, and stopped when done or waived."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tcma.errors import Forbidden, Invalid, NotFound
from tcma.guidance import actions, queries
from tcma.guidance.rules import Step, StepState
from tcma.partners import brand
from tests.builders import FULL_PROFILE, a_list, a_logo, a_partner, a_vendor, alice, mira

MAILS = "SELECT address, subject, plain FROM message JOIN message_body ON message_id = message.id"
PROVED = """INSERT INTO sender_domain (id, partner_id, name, state, since, due_at, created_at)
  VALUES (gen_random_uuid(), :partner, 'news.alice.example', 'verified', :now, :now, :now)"""


@dataclass
class Newcomer:
    vendor: UUID
    partner: UUID
    alice: Any
    mira: Any


@pytest.fixture
def newcomer(db):
    """A partner that joined on Monday 2 March at 9 in London, with a person and nothing else."""
    with db() as work:
        vendor = a_vendor(work)
        partner = a_partner(work, vendor, name="Fenwright", profile=False)
        return Newcomer(vendor, partner, alice(work, partner), mira(work, vendor))


def steps(db, who):
    with db(who.alice) as work:
        (one,) = queries.first_steps(work.session, who.alice, now=work.now)
    return one


def done(db, who):
    return {s.step for s in steps(db, who).progress.steps if s.state is StepState.DONE}


def nudge(db, who):
    with db() as work:
        return set(actions.nudge(work, (who.vendor, who.partner)))


def mails(db):
    with db() as work:
        return work.session.execute(text(MAILS)).all()


def test_each_step_is_done_when_its_row_is_there(db, newcomer):
    assert done(db, newcomer) == set()
    with db() as work:
        brand.save_profile(work, partner_id=newcomer.partner, fields=FULL_PROFILE)
    assert done(db, newcomer) == {Step.PROFILE}
    with db() as work:
        brand.save_profile(work, partner_id=newcomer.partner, fields=FULL_PROFILE, logo=a_logo())
        a_list(work, newcomer.partner, 1)
        work.session.execute(text(PROVED), {"partner": newcomer.partner, "now": work.now})
    assert done(db, newcomer) == {Step.PROFILE, Step.LOGO, Step.LIST, Step.SENDER}
    assert steps(db, newcomer).progress.next.step is Step.LAUNCH
    assert Step.CLAIM not in {each.step for each in steps(db, newcomer).progress.steps}


def test_a_reminder_goes_once_to_the_people_who_can_do_it(db, newcomer):
    assert nudge(db, newcomer) == set()
    db.clock.move(timedelta(days=1))
    assert nudge(db, newcomer) == {Step.PROFILE}
    assert nudge(db, newcomer) == set()
    ((address, subject, plain),) = mails(db)
    assert address.startswith("alice")
    assert subject == "Fill in your brand profile: your first steps with Corbelane"
    assert "by Thu 5 Mar 2026" in plain
    assert "https://tcma.test/console/welcome" in plain
    db.clock.move(timedelta(days=7))  # Tuesday 10 March
    assert nudge(db, newcomer) == {Step.PROFILE, Step.LOGO}
    assert "was due on Thu 5 Mar 2026, 5 days ago" in mails(db)[-1].plain
    assert steps(db, newcomer).nudged_about == (Step.PROFILE, Step.LOGO)


def test_nothing_goes_at_night_nor_to_nobody(db, newcomer):
    db.clock.move(timedelta(days=1, hours=12))
    assert nudge(db, newcomer) == set()
    db.clock.move(timedelta(hours=12))
    with db() as work:
        work.session.execute(text("UPDATE membership SET state = 'ended' WHERE role = 'owner'"))
    assert nudge(db, newcomer) == set()
    assert mails(db) == []


def test_a_waived_step_is_not_reminded_of_and_can_be_asked_for_again(db, newcomer):
    db.clock.move(timedelta(days=1))
    with db(newcomer.mira) as work:
        actions.waive(work, newcomer.partner, Step.PROFILE, " We made it \n for them. ")
    assert nudge(db, newcomer) == set()
    given = steps(db, newcomer).waivers[Step.PROFILE]
    assert (given.by, given.why) == ("Mira", "We made it for them.")
    with db(newcomer.mira) as work:
        actions.ask_again(work, newcomer.partner, Step.PROFILE)
    assert nudge(db, newcomer) == {Step.PROFILE}


def test_a_waiver_needs_a_reason_and_the_vendor_whose_partner_it_is(db, newcomer):
    with db() as work:
        stranger = mira(work, a_vendor(work, name="Quillon"))
    with pytest.raises(Invalid), db(newcomer.mira) as work:
        actions.waive(work, newcomer.partner, Step.LOGO, "  ")
    with pytest.raises(NotFound), db(stranger) as work:
        actions.waive(work, newcomer.partner, Step.LOGO, "No.")
    with pytest.raises(Forbidden), db(newcomer.alice) as work:
        actions.waive(work, newcomer.partner, Step.LOGO, "No.")
    with db(stranger) as work:
        assert queries.first_steps(work.session, stranger, now=work.now) == []
