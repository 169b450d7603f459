"""What a room reads after an offer: who took it, or that it is no longer open; once, in the partner's language."""

import json

import pytest
from sqlalchemy import text

from tcma.leads import actions as leads
from tcma.leads import by_hand, offers
from tcma.leads.forgetting import forget
from tcma.leads.models import Lead
from tcma.outbox.rules import WAITS, Kind
from tests.domain.outbox.conftest import is_signed
from tests.domain.outbox.test_chats import offered, owner, room  # noqa: F401 - fixture

LEAD = "Brackwater Joinery, GB FW1, One steady arch at a time"


@pytest.fixture
def told(out, program, ask, owner):  # noqa: F811 - the fixture
    """A lead whose offer stands in the partner's room."""
    room(out, owner, program)
    lead_id = offered(out, ask)
    assert len(program.told()) == 1
    return lead_id


def offer_of(db, lead_id, partner_id):
    query = "SELECT id FROM lead_offer WHERE lead_id = :lead AND partner_id = :partner"
    with db() as work:
        return work.session.scalar(text(query), {"lead": lead_id, "partner": partner_id})


def said(out, program):
    out.send()
    return [each["text"] for each in program.told()]


def test_who_took_it_stands_below_it_once(out, program, db, ground, told):
    with db() as work:
        leads.accept(work, offer_of(db, told, ground.first), by="Sam <b>Reed</b>")
    assert said(out, program) == [f"Sam &lt;b&gt;Reed&lt;/b&gt; took it: {LEAD}"]
    with db() as work:
        by_hand.route_again(work, work.session.get_one(Lead, told), why="Too far away")
    assert said(out, program) == []  # the offer was over before


def test_nobody_answered_in_time(out, program, db, ground, told):
    for _ in range(2):
        with db() as work:
            leads.expire(work, offer_of(db, told, ground.first))
    assert said(out, program) == [
        f"No longer open: {LEAD}. The time to answer ended, and it went on."
    ]


def test_it_is_taken_back_by_hand(out, program, db, told):
    with db() as work:
        by_hand.dismiss(work, work.session.get_one(Lead, told), reason="spam")
    assert said(out, program) == [f"No longer open: {LEAD}. It was taken back."]


def test_a_program_is_told_what_became_of_it(out, program, db, ground, ask, owner):  # noqa: F811
    _, secret = room(out, owner, program, kind=Kind.PROGRAM)
    lead_id = offered(out, ask)
    [first] = program.told()
    with db() as work:
        leads.decline(work, offer_of(db, lead_id, ground.first), by="Sam Reed", reason="outside")
    out.send()
    [(headers, body)] = program.heard
    assert is_signed(headers, body, secret)
    over = json.loads(body)
    assert over["type"] == "lead.offer_over"
    assert over["data"]["offer"] == first["data"]["offer"]
    assert {key: over["data"][key] for key in ("state", "by", "decline_reason")} == {
        "state": "declined",
        "by": "Sam Reed",
        "decline_reason": "outside",
    }


def test_a_german_partner_reads_german(out, program, db, ground, ask, owner):  # noqa: F811
    with db() as work:
        work.session.execute(
            text("UPDATE partner SET locale = 'de-AT' WHERE id = :id"), {"id": ground.first}
        )
    room(out, owner, program)
    lead_id = offered(out, ask)
    [first] = program.told()
    assert first["text"].startswith("Ein Lead von Corbelane")
    assert "ohne Anmeldung" in first["text"]
    assert "\nWarum Sie: er kam über Ihre Seite, und GB-N ist Ihr Gebiet\n" in first["text"]
    with db() as work:
        leads.decline(work, offer_of(db, lead_id, ground.first), by="Sam Reed", reason="outside")
    [line] = said(out, program)
    assert line == f"Sam Reed hat abgelehnt: {LEAD}. Grund: Außerhalb unseres Gebiets"


def test_a_room_that_was_not_reached_is_not_asked_for_what_is_over(
    out,
    program,
    db,
    ground,
    ask,
    owner,  # noqa: F811
):
    room(out, owner, program)
    program.status = 503
    lead_id = offered(out, ask)
    program.heard.clear()
    with db() as work:
        leads.accept(work, offer_of(db, lead_id, ground.first), by="Sam Reed")
    program.status = 200
    for wait in WAITS[:3]:
        db.clock.move(wait)
        out.send()
    assert [each["text"] for each in program.told()] == [f"Sam Reed took it: {LEAD}"]


def test_who_is_forgotten_is_not_named_again(out, program, db, ground, told):
    with db() as work:
        lead = work.session.execute(text("SELECT contact_id, address FROM lead")).one()
        forget(work, lead.contact_id, lead.address)
        offers.recall(work, told)
    assert said(out, program) == []


def test_a_room_that_was_told_nothing_hears_nothing_of_the_end(
    out,
    program,
    db,
    ground,
    ask,
    owner,  # noqa: F811
):
    lead_id = offered(out, ask)
    room(out, owner, program)
    with db() as work:
        leads.accept(work, offer_of(db, lead_id, ground.first), by="Sam Reed")
    assert said(out, program) == []
