"""Before the time of an offer is over its person hears of it, then the owner; who is away gets no offer."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tcma.delivery.models import MessageBody
from tcma.leads import actions, due, offers, reminding, sharing, telling
from tcma.leads.models import LeadOffer
from tcma.leads.routing.sellers import Way

MAILS = """SELECT split_part(address, '@', 1) FROM message
  JOIN message_body ON message_id = message.id WHERE subject LIKE '%still waits%' ORDER BY message.id"""


@pytest.fixture
def offered(db, ground, ask):
    """A lead that is Sam's to answer by one o'clock: it is nine."""
    with db(ground.alice) as work:
        sharing.save_rule(work, way=Way.TURN, keeps=False, areas={})
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
    with db() as work:
        telling.tell(work)
        return work.session.scalars(select(LeadOffer)).one()


def reminded(db, **time):
    db.clock.move(timedelta(**time))
    with db() as work:
        reminding.remind(work)
    with db() as work:
        assert reminding.remind(work) == 0, "each comes once"
        names = work.session.scalars(text(MAILS)).all()
    return [name.partition(".")[0] for name in names]


def test_whose_it_is_hears_an_hour_before_and_the_owner_half_an_hour_before(db, offered):
    assert offered.answer_by - offered.offered_at == timedelta(hours=4)
    assert reminded(db, hours=2, minutes=59) == []
    assert reminded(db, minutes=1) == ["sam"]
    assert reminded(db, minutes=29) == ["sam"]
    assert reminded(db, minutes=1) == ["sam", "alice"]
    with db() as work:
        link = work.session.scalars(select(MessageBody.html)).all()[-1]
    assert "/l/lead/" in link


def test_who_has_answered_hears_nothing(db, offered):
    with db() as work:
        actions.accept(work, offered.id, by="Sam")
    assert reminded(db, hours=3, minutes=45) == []


def test_after_the_end_the_lead_goes_on_and_nobody_is_reminded(db, offered):
    assert reminded(db, hours=5) == []
    with db() as work:
        assert due.overdue_offer_ids(work.session, now=work.now) == [offered.id]


def test_a_partner_whose_sellers_are_all_away_gets_no_offer_and_the_trace_says_so(db, ground, ask):
    with db(ground.alice) as work:
        today = work.now.date()
        sharing.state_absence(work, ground.sam.user_id, today, today + timedelta(days=4))
    lead_id = ask().lead_id
    with db() as work:
        assert offers.route(work, lead_id) == ground.second
        trace = work.session.scalars(select(LeadOffer.trace)).one()
    why = {row["partner"]: row["why"] for row in trace["candidates"]}
    assert why["Fenwright"].startswith("everybody is away until")
    db.clock.move(timedelta(days=5))
    again = ask(2, address="jo@otherfirm.example").lead_id
    with db() as work:
        assert offers.route(work, again) == ground.first
