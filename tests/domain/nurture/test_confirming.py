"""Where the law asks for a confirmation: the lead goes on, its journey waits for the yes."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tcma.contacts.consent import ConsentAct
from tcma.contacts.models import ConsentEntry
from tcma.delivery import opt_in
from tcma.delivery.links import Purpose
from tcma.jobs import Job
from tcma.leads import offers
from tcma.leads.queries import lead_view
from tcma.nurture import actions, queries
from tcma.nurture.models import NurtureRun
from tests.domain.leads.conftest import ask, ground  # noqa: F401 - the fixtures

GERMAN = {"country": "DE", "address": "ida@brackwater.example"}
ASKING = "SELECT count(*) FROM message_body WHERE html LIKE '%/k/%'"


@pytest.fixture
def german(ask):  # noqa: F811
    """A lead from Germany: who asked ticked the box and has not confirmed."""
    return ask(**GERMAN).lead_id


def runs(db):
    with db() as work:
        return work.session.scalar(select(func.count()).select_from(NurtureRun))


def enrol(db, lead_id):
    with db() as work:
        return actions.enrol(work, lead_id)


def swept(db):
    with db() as work:
        return list(queries.not_enrolled(work.session, work.now))


def say_yes(db):
    with db() as work:
        line = work.session.scalars(
            select(ConsentEntry.id)
            .where(ConsentEntry.act == ConsentAct.ASKED)
            .order_by(ConsentEntry.id)
        ).first()
        token = work.site.signer.message_token(Purpose.CONSENT, line)
        return opt_in.confirm(work, token, evidence={"ip": "192.0.2.1"})


def waits(db, who, lead_id):
    with db(who) as work:
        ref = work.session.scalar(text("SELECT ref FROM lead WHERE id = :id"), {"id": lead_id})
        return lead_view(work.session, who, ref).consent.waits


def test_the_lead_is_routed_and_the_journey_begins_with_the_confirmation(db, ground, german):  # noqa: F811
    with db() as work:
        assert offers.route(work, german) == ground.first
    assert enrol(db, german) is None
    assert swept(db) == []
    assert waits(db, ground.sam, german)
    db.queue.sent.clear()
    assert say_yes(db).is_confirmed
    assert db.queue.of(Job.NURTURE_ENROL)
    assert not waits(db, ground.sam, german)
    assert swept(db) == [german]
    assert enrol(db, german) is not None


def test_elsewhere_nothing_waits(db, ground, ask):  # noqa: F811
    assert enrol(db, ask().lead_id) is not None


def test_a_yes_after_thirty_days_changes_nothing(db, german):
    db.clock.move(timedelta(days=30, seconds=1))
    late = say_yes(db)
    assert (late.is_confirmed, late.is_too_late) == (False, True)
    assert enrol(db, german) is None


def test_each_submission_is_kept_but_nobody_is_asked_twice_a_day_or_after_the_yes(db, ask, german):  # noqa: F811
    def asked():
        with db() as work:
            return work.session.scalar(text(ASKING))

    assert asked() == 1
    ask(2, **GERMAN)
    assert asked() == 1
    db.clock.move(timedelta(days=1))
    ask(3, **GERMAN)
    assert asked() == 2
    say_yes(db)
    db.clock.move(timedelta(days=2))
    ask(4, **GERMAN)
    assert asked() == 2
    assert enrol(db, german) is not None
    with db() as work:
        given = select(func.count()).where(ConsentEntry.act == ConsentAct.GIVEN)
        assert work.session.scalar(given) == 4
