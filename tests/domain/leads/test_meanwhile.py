"""What two do with one lead at the same moment: the second acts on what the first has made of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from tcma.leads import actions, by_hand, offers, recycling, replies
from tcma.leads.models import Lead, LeadCapture, LeadOffer
from tcma.leads.rules import LeadState
from tests.builders import mira
from tests.faults.posting import until

WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND wait_event_type = 'Lock'"
)


@pytest.fixture
def manager(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


def waits(db):
    with db() as work:
        return work.session.scalar(text(WAITS))


def test_a_form_that_comes_while_its_lead_is_closed_is_a_lead_of_its_own(db, ask, manager):
    first = ask(1).lead_id
    with ThreadPoolExecutor(1) as pool:
        with db(manager) as work:
            by_hand.dismiss(work, work.session.get_one(Lead, first), reason="spam")
            work.session.flush()
            second = pool.submit(ask, 2)
            until(lambda: waits(db), 30, what="the form to wait")
        came = second.result()
    assert came.is_new
    with db() as work:
        by_lead = dict(
            work.session.execute(select(LeadCapture.external_id, LeadCapture.lead_id)).all()
        )
    assert by_lead == {"1": first, "2": came.lead_id}


def test_an_answer_that_comes_while_its_lead_is_routed_again_takes_it_from_nobody(
    db, ground, ask, manager
):
    lead_id = ask(1).lead_id
    with db() as work:
        offers.route(work, lead_id)
        actions.accept(work, work.session.scalars(select(LeadOffer.id)).one(), by="Sam")
    with db(ground.sam) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, lead_id).ref)
        recycling.recycle(work, lead, reason="too_early")

    def answers(work):
        lead = work.session.get_one(Lead, lead_id)
        assert lead.state == LeadState.RECYCLED
        return pool.submit(replies.answered, work, lead, replies.Wrote("Ida", "Yes", "Call me."))

    with ThreadPoolExecutor(1) as pool, db() as answering:
        with db(manager) as work:
            by_hand.route_again(work, work.session.get_one(Lead, lead_id))
            assert offers.route(work, lead_id) == ground.second
            second = answers(answering)
            until(lambda: waits(db), 30, what="the answer to wait")
        second.result()
    with db() as work:
        lead = work.session.get_one(Lead, lead_id)
    assert (lead.state, lead.partner_id) == (LeadState.OFFERED, ground.second)
    assert lead.replied_at is not None
