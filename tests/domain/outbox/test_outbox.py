"""What other programs are told: once in the books, again until it is taken, forgotten with the person."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.leads import actions as leads
from tcma.leads import offers
from tcma.leads.forgetting import forget
from tcma.leads.models import Lead, LeadOffer
from tcma.money import Money
from tcma.outbox import actions, queries, sending
from tcma.outbox.rules import WAITS, DeliveryState, EndpointState, Event
from tests.builders import a_vendor, mira, vera
from tests.domain.outbox.conftest import is_signed
from tests.odd_rows import REFUSED, odd

ALL = tuple(Event)


def accepted(out, ask, ground, number=1):
    """A lead that came in and was accepted."""
    lead_id = ask(number, address=f"ida{number}@brackwater.example").lead_id
    with out.db() as work:
        offers.route(work, lead_id)
        offer = work.session.scalars(select(LeadOffer).where(LeadOffer.lead_id == lead_id)).one()
        leads.accept(work, offer.id, by="Sam")
    return lead_id


def test_a_leads_way_to_business_is_told_step_by_step_signed_and_once(out, program, ask, ground):
    out.made(events=ALL)
    lead_id = accepted(out, ask, ground)
    with out.db(ground.sam) as work:
        lead = leads.held_lead(work, work.session.get_one(Lead, lead_id).ref)
        leads.convert(work, lead, name="Move", amount=Money(480_000, "GBP"), closes_on=None)
        leads.close(work, lead, won=True)
    out.send()
    assert all(is_signed(headers, body, out.secret) for headers, body in program.heard)
    told = program.told()
    assert sorted(each["type"] for each in told) == [
        "lead.accepted", "lead.closed", "lead.received", "opportunity.made",
    ]  # fmt: skip
    by = {each["type"]: each["data"] for each in told}
    assert by["lead.accepted"]["lead"]["state"] == "accepted"
    assert by["lead.accepted"]["partner"]["name"] == "Fenwright"
    assert by["opportunity.made"]["opportunity"]["amount"] == {"minor": 480_000, "currency": "GBP"}
    assert by["lead.closed"]["opportunity"]["state"] == "won"
    out.send()
    assert program.told() == []
    assert {row.state for row in out.rows()} == {DeliveryState.SENT}


def test_only_what_was_chosen_is_told_and_only_to_the_vendor_it_concerns(
    out, program, db, ask, ground
):
    with db() as work:
        stranger = mira(work, a_vendor(work, name="Quillon"))
    with db(stranger) as work:
        actions.make_endpoint(
            work, out.run.services.web, name="theirs", url=program.url, events=ALL
        )
    out.made(events=[Event.LEAD_ACCEPTED])
    accepted(out, ask, ground)
    out.send()
    assert [each["type"] for each in program.told()] == ["lead.accepted"]
    with db(stranger) as work, pytest.raises(NotFound):
        actions.send_test(work, out.ref)


def test_what_is_not_taken_is_tried_again_under_the_same_number_until_nobody_tries_any_more(
    out, program
):
    out.made()
    out.test()
    program.status = 503
    for wait in WAITS:
        out.send()
        out.send()  # nothing is due yet
        out.db.clock.move(wait)
    out.send()
    assert len(program.heard) == len(WAITS) + 1
    assert len({headers["webhook-id"] for headers, _ in program.heard}) == 1
    assert len({body for _, body in program.heard}) == 1
    [row] = out.rows()
    assert (row.state, row.status, row.said) == (DeliveryState.DEAD, 503, "as you say")
    out.test()
    with out.db() as work:
        letters = "SELECT count(*) FROM message_body WHERE subject LIKE '%is not reached'"
        assert work.session.scalar(text(letters)) == 1
        assert queries.endpoint(work.session, out.mira, out.ref).failing_since is not None

    program.status = 204
    with out.db(out.mira) as work:
        assert actions.replay(work, out.ref) == 1
    out.send()
    assert {row.state for row in out.rows()} == {DeliveryState.SENT}
    with out.db() as work:
        assert queries.endpoint(work.session, out.mira, out.ref).failing_since is None


def test_who_dies_between_sending_and_writing_sends_again_under_the_same_number(out, program):
    out.made()
    out.test()
    with out.db() as work:
        [due] = sending.take_due(work)
    out.send()
    assert program.heard == []
    out.db.clock.move(timedelta(minutes=3))
    out.send()
    [(headers, _)] = program.heard
    assert headers["webhook-id"] == f"msg_{due.delivery_id.hex}"


def test_an_answer_that_cannot_be_written_has_none_of_the_others_sent_twice(out, program):
    out.made()
    for _ in range(3):
        out.test()
    odd_one = out.rows()[0].id
    refused = odd(out.db, "outbox_delivery", f"r.id = '{odd_one}' AND r.state = 'sent'")
    with refused, pytest.raises(DBAPIError, match=REFUSED):
        out.send()
    assert len(program.heard) == 3
    out.db.clock.move(timedelta(minutes=3))
    out.send()
    assert len(program.heard) == 4
    assert {row.state for row in out.rows()} == {DeliveryState.SENT}


def test_two_workers_never_hold_the_same_telling(out):
    out.made()
    for _ in range(3):
        out.test()
    with out.db() as one, out.db() as other:
        mine = {each.delivery_id for each in sending.take_due(one, batch=2)}
        theirs = {each.delivery_id for each in sending.take_due(other, batch=2)}
    assert (len(mine), len(theirs)) == (2, 1)
    assert not mine & theirs


def test_a_redirect_is_not_taken_and_leads_nowhere(out, program):
    out.made()
    out.test()
    program.status = 302
    out.send()
    [row] = out.rows()
    assert (row.state, row.status) == (DeliveryState.WAITING, 302)


def test_a_paused_one_keeps_what_waits_and_an_ended_one_gives_it_up(out, program):
    out.made()
    with out.db(out.mira) as work:
        actions.set_state(work, out.ref, EndpointState.PAUSED)
    out.test()
    out.send()
    assert program.heard == []
    with out.db(out.mira) as work:
        actions.set_state(work, out.ref, EndpointState.ON)
    out.send()
    assert len(program.told()) == 1
    out.test()
    with out.db(out.mira) as work:
        actions.set_state(work, out.ref, EndpointState.ENDED)
    out.send()
    assert program.heard == []
    with out.db(out.mira) as work, pytest.raises(Conflict):
        actions.send_test(work, out.ref)
    out.made(name="crm")  # the name is free again


def test_a_new_secret_signs_at_once_and_the_old_one_beside_it_for_a_day(out, program):
    out.made()
    old = out.secret
    with out.db(out.mira) as work:
        new = actions.rotate_secret(work, out.ref)
        stored = work.session.execute(text("SELECT secret, old_secret FROM webhook_endpoint")).one()
    assert new.encode() not in bytes(stored.secret)
    for hours, both in ((0, True), (25, False)):
        out.db.clock.move(timedelta(hours=hours))
        out.test()
        out.send()
        [(headers, body)] = program.heard
        assert is_signed(headers, body, new)
        assert is_signed(headers, body, old) is both
        program.heard.clear()


def test_whoever_is_forgotten_is_forgotten_in_the_outbox_and_told_to_nobody(
    out, program, ask, ground
):
    out.made(events=ALL)
    lead_id = accepted(out, ask, ground)
    with out.db(ground.alice) as work:
        lead = work.session.get_one(Lead, lead_id)
        assert forget(work, lead.contact_id, lead.address)["told to others"] == 2
    out.send()
    assert program.heard == []
    assert [(row.state, row.is_kept) for row in out.rows()] == [(DeliveryState.DEAD, False)] * 2
    with out.db(out.mira) as work, pytest.raises(Conflict, match="no longer kept"):
        actions.replay(work, out.ref, out.rows()[0].id)


@pytest.mark.parametrize(
    "url", ["http://9.9.9.9/x", "https://9.9.9.9:22/", "ftp://9.9.9.9/", "crm", "https://a:b@c.example/"]
)  # fmt: skip
def test_a_place_that_may_not_be_reached_is_refused_when_it_is_written_down(out, url):
    with pytest.raises(Invalid) as refused:
        out.made(url=url)
    assert "url" in refused.value.fields


def test_x4_a_place_that_moved_inside_afterwards_is_not_reached(out, program):
    out.made(url="https://hooks.example/in")  # resolves to this machine here
    out.test()
    out.send()
    [row] = out.rows()
    assert (row.state, row.status) == (DeliveryState.WAITING, None)
    assert "not on the open internet" in row.said
    assert program.heard == []


def test_who_may_not_assign_leads_may_set_up_nothing(out, db, ground):
    with db() as work:
        author = vera(work, ground.vendor_id)
    with db(author) as work, pytest.raises(Forbidden):
        actions.make_endpoint(
            work, out.run.services.web, name="x", url="https://9.9.9.9/", events=()
        )
