"""Leads and journeys where one row cannot be written: the others have their turn in the same look."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tcma.delivery.feedback_reasons import Action
from tcma.jobs import Job
from tcma.leads import offers
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.rules import LeadState
from tests.builders import a_campaign, a_vendor, mira, waiting_leads
from tests.domain.leads.conftest import ask, ground, rules_are  # noqa: F401 - fixtures
from tests.domain.leads.test_idle import RULES
from tests.domain.leads.test_scores import closed
from tests.domain.nurture.test_entering import comes  # noqa: F401 - a fixture
from tests.faults.posting import rung
from tests.odd_rows import REFUSED, odd
from workers.main import import_handlers
from workers.runtime import Run


@pytest.fixture
def look(db):
    """`look(job)` is one look of the clock, at the end of which what failed is raised."""
    import_handlers()
    run = Run(services=db, stopping=lambda: False)

    def looked(job):
        with pytest.raises(DBAPIError, match=REFUSED):
            rung(run, job)

    return looked


def waiting(db, vendor_id, count, **facts):
    with db() as work:
        campaign = work.session.scalar(
            text("SELECT id FROM campaign WHERE vendor_id = :v"), {"v": vendor_id}
        )
        return waiting_leads(work, vendor_id, campaign, count, **facts)


def states(db):
    with db() as work:
        return dict(work.session.execute(select(Lead.id, Lead.state)).all())


def test_a_lead_that_cannot_be_offered_stops_no_other_of_its_vendor_nor_of_another(
    db, ground, look  # noqa: F811
):  # fmt: skip
    with db() as work:
        other = a_vendor(work, name="Quillon")
        a_campaign(work, other, slug="renewal-upsell")
    mine, theirs = waiting(db, ground.vendor_id, 3), waiting(db, other, 1)
    with odd(db, "lead", f"r.id = '{mine[0]}'"):
        look(Job.LEAD_ROUTE)
    found = states(db)
    assert found.pop(mine[0]) == LeadState.NEW
    assert found.pop(theirs[0]) == LeadState.UNASSIGNED
    assert set(found.values()) == {LeadState.OFFERED}


def told(db, column, table):
    with db() as work:
        return dict(work.session.execute(text(f"SELECT id, {column} FROM {table}")).all())


def test_an_offer_that_nobody_can_be_told_of_silences_no_other_letter(
    db, ground, ask, look  # noqa: F811
):  # fmt: skip
    leads = [ask(n, address=f"ida{n}@brackwater{n}.example").lead_id for n in range(3)]
    left = waiting(db, ground.vendor_id, 1)
    with db() as work:
        for each in leads:
            offers.route(work, each)
        work.session.execute(
            text("UPDATE lead SET state = 'unassigned' WHERE id = :id"), {"id": left[0]}
        )
        mira(work, ground.vendor_id)
        first = work.session.scalars(select(LeadOffer.id).order_by(LeadOffer.id)).first()
    with odd(db, "lead_offer", f"r.id = '{first}'"):
        look(Job.LEAD_TELL)
    offered = told(db, "told_at", "lead_offer")
    assert offered.pop(first) is None
    assert None not in offered.values()
    assert told(db, "escalated_at", "lead")[left[0]] is not None
    with db() as work:
        twice = "SELECT count(*) FROM message GROUP BY address, mailing_id, id HAVING count(*) > 1"
        assert work.session.execute(text(twice)).all() == []


def test_an_offer_that_cannot_be_reminded_of_leaves_the_others_reminded(
    db, ground, ask, look  # noqa: F811
):  # fmt: skip
    for n in range(3):
        lead_id = ask(n, address=f"ida{n}@brackwater{n}.example").lead_id
        with db() as work:
            offers.route(work, lead_id)
    with db() as work:
        work.session.execute(text("UPDATE lead_offer SET told_at = :now"), {"now": work.now})
        ends = work.session.scalars(select(LeadOffer.answer_by)).first()
        first = work.session.scalars(select(LeadOffer.id).order_by(LeadOffer.id)).first()
    db.clock.at = ends - timedelta(minutes=40)
    with odd(db, "lead_offer", f"r.id = '{first}'"):
        look(Job.LEAD_TELL)
    steps = told(db, "reminders", "lead_offer")
    assert steps.pop(first) == 0
    assert list(steps.values()) == [1, 1]


REPORT = """
INSERT INTO feedback_report (source, external_id, action, message_id, recipient, status, detail, at)
VALUES ('mail', :id, :action, :message, 'ida@brackwater.example', '', '{}', :now) RETURNING id"""


def test_an_answer_that_cannot_be_brought_home_holds_up_no_other(db, look):
    with db() as work:
        ids = [
            work.session.scalar(
                text(REPORT),
                {"id": str(n), "action": Action.REPLY, "message": n + 1, "now": work.now},
            )
            for n in range(3)
        ]
    with odd(db, "feedback_report", f"r.id = {ids[0]}"):
        look(Job.LEAD_REPLIED)
    heard = told(db, "told_at", "feedback_report")
    assert [heard[each] is None for each in ids] == [True, False, False]


def test_a_lead_nobody_can_be_warned_of_does_not_keep_other_vendors_waiting(
    db, ground, ask, look  # noqa: F811
):  # fmt: skip
    with db() as work:
        other = a_vendor(work, name="Quillon")
        a_campaign(work, other, slug="renewal-upsell")
    accepted = {
        "state": LeadState.ACCEPTED, "partner_id": ground.first, "moved_at": db.clock.now(),
    }  # fmt: skip
    mine = waiting(db, ground.vendor_id, 1, **accepted)
    theirs = waiting(db, other, 1, **accepted)
    rules_are(db, ground, RULES)
    with db() as work:
        work.session.execute(
            text(
                "INSERT INTO routing_version SELECT gen_random_uuid(), :v, no, source, valid_from,"
                " note, made_by, made_at FROM routing_version"
            ),
            {"v": other},
        )
    db.clock.move(timedelta(days=6))
    for odd_one, other_one in ((mine, theirs), (theirs, mine)):
        with db() as work:
            work.session.execute(text("UPDATE lead SET idle_told_at = NULL"))
        with odd(db, "lead", f"r.id = '{odd_one[0]}'"):
            look(Job.LEAD_IDLE)
        warned = told(db, "idle_told_at", "lead")
        assert (warned[odd_one[0]] is None, warned[other_one[0]] is None) == (True, False)


def test_points_that_cannot_be_counted_keep_no_vendor_from_learning(
    db, ground, look  # noqa: F811
):  # fmt: skip
    closed(db, ground, 300)
    with odd(db, "lead", "r.state = 'new'"):
        look(Job.SCORE_LEARN)
    assert told(db, "vendor_id", "score_model").values()


def test_a_lead_that_cannot_begin_keeps_nobody_else_from_its_first_mail(
    db, comes, look  # noqa: F811
):  # fmt: skip
    leads = [
        comes(external_id=str(n), address=f"nia{n}@calder.example", source="api:IN-1")
        for n in range(3)
    ]
    with odd(db, "nurture_run", f"r.lead_id = '{leads[2]}'", on="INSERT"):
        look(Job.NURTURE_ENROL)
    with db() as work:
        begun = set(work.session.scalars(text("SELECT lead_id FROM nurture_run")))
        mails = work.session.scalar(text("SELECT count(*) FROM message WHERE contact_id > 0"))
    assert (begun, mails) == (set(leads[:2]), 2)


def test_a_run_that_cannot_be_ended_keeps_nobody_else_in_their_journey(
    db, comes, look  # noqa: F811
):  # fmt: skip
    import_handlers()
    leads = [
        comes(external_id=str(n), address=f"nia{n}@calder.example", source="api:IN-1")
        for n in range(3)
    ]
    rung(Run(services=db, stopping=lambda: False), Job.NURTURE_ENROL)
    with db() as work:
        work.session.execute(text("UPDATE lead SET replied_at = :now"), {"now": work.now})
    odd_one = min(leads)
    with odd(db, "nurture_run", f"r.lead_id = '{odd_one}'"):
        look(Job.NURTURE_STOP)
    with db() as work:
        still = set(work.session.scalars(text("SELECT lead_id FROM nurture_run WHERE state = 0")))
    assert still == {odd_one}
