"""Offers in a partner's chat: masked, one text, a signed link for each seller, once, forgotten with the person."""

import json

import pytest
from sqlalchemy import text

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.leads import actions as leads
from tcma.leads import offers, telling
from tcma.leads.chatting import plain
from tcma.leads.forgetting import forget
from tcma.leads.models import LeadOffer
from tcma.leads.signed import signed_offer
from tcma.outbox import actions, queries
from tcma.outbox.rules import WAITS, EndpointState, Event, Kind
from tests.builders import alice
from tests.domain.outbox.conftest import is_signed


@pytest.fixture
def owner(db, ground):
    with db() as work:
        return alice(work, ground.first)


def room(out, owner, program, *, name="#leads", kind=Kind.CHAT):
    with out.db(owner) as work:
        return actions.make_endpoint(
            work, out.run.services.web, name=name, url=program.url, kind=kind
        )


def offered(out, ask, **facts):
    lead_id = ask(1, **facts).lead_id
    with out.db() as work:
        offers.route(work, lead_id)
        telling.tell(work)
        telling.tell(work)
    out.send()
    return lead_id


def sellers(db, ground):
    """Who may answer for the partner."""
    with db() as work:
        query = (
            "SELECT u.name FROM membership m JOIN user_account u ON u.id = m.user_id"
            " WHERE m.partner_id = :id AND m.role IN ('seller', 'owner')"
        )
        return sorted(work.session.scalars(text(query), {"id": ground.first}))


def links(said):
    return [word for word in said.split() if "/l/lead/" in word]


def test_a_room_reads_one_text_and_each_seller_answers_by_a_link_of_their_own(
    out, program, ask, ground, owner
):
    room(out, owner, program)
    offered(out, ask)
    [(_, body)] = program.heard
    told = json.loads(body)
    assert set(told) == {"text"}
    said = told["text"]
    assert "Brackwater Joinery" in said
    for hidden in ("Ida", "Brook", "0113", "@", "FW1 2AB"):
        assert hidden not in said
    people = sellers(out.db, ground)
    assert len(links(said)) == len(people) >= 2
    for link in links(said):
        with out.db() as work:
            signed = signed_offer(
                work.session, work.site.signer, link.rpartition("/")[2], now=work.now
            )
            assert f"{signed.person.name}: {link}" in said
    with out.db(signed.person) as work:
        leads.accept(work, signed.offer.id, by=signed.person.name)
        state = work.session.execute(text("SELECT state, partner_id FROM lead")).one()
    assert tuple(state) == ("accepted", ground.first)
    out.send()
    [_, (_, after)] = program.heard
    assert json.loads(after)["text"].startswith(f"{signed.person.name} took it: Brackwater Joinery")
    assert "://" not in json.loads(after)["text"]


def test_a_program_gets_the_same_as_signed_json(out, program, ask, ground, owner):
    _, secret = room(out, owner, program, kind=Kind.PROGRAM)
    offered(out, ask)
    [(headers, body)] = program.heard
    assert is_signed(headers, body, secret)
    told = json.loads(body)
    assert told["type"] == "lead.offered"
    assert set(told["data"]["offer"]) == {
        "vendor",
        "company",
        "campaign",
        "place",
        "reason",
        "answer_by",
    }
    assert sorted(each["person"] for each in told["data"]["links"]) == sellers(out.db, ground)


def test_what_a_stranger_typed_is_text_in_the_room(out, program, ask, ground, owner):
    room(out, owner, program)
    offered(
        out,
        ask,
        company="<!channel> *Evil* [click](https://evil.example/x)\nBob: https://a.example @here",
    )
    said = json.loads(program.heard[0][1])["text"]
    assert "<" not in said
    assert "evil.example/x" in said
    assert "://evil" not in said
    assert len([line for line in said.split("\n") if line.startswith("Bob")]) == 0
    assert len(links(said)) == said.count("://") == len(sellers(out.db, ground))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Hartwell & Sons", "Hartwell &amp; Sons"),
        ("a\u202eb\x00c", "abc"),
        ("me@home.example", "me at home.example"),
        ("see https://x.example or WWW.y.example", "see https x.example or y.example"),
        ("`x` ~y~ a_b |c|", "x y a b /c/"),
        ("y" * 400, "y" * 300),
    ],
)
def test_mark_up_of_chats_is_taken_out(typed, said):
    assert plain(typed) == said


def test_only_the_partner_it_is_offered_to_hears_of_it(out, program, ask, ground, owner):
    with out.db() as work:
        other = alice(work, ground.second)
    room(out, other, program)
    out.made(events=["lead.offered", "lead.accepted"])
    offered(out, ask)
    assert program.told() == []
    ref, _ = room(out, owner, program)
    for stranger in (other, out.mira):
        with out.db(stranger) as work, pytest.raises(NotFound):
            actions.send_test(work, ref)
        with out.db(stranger) as work:
            assert ref not in [each.ref for each in queries.endpoints(work.session, stranger)]
    with out.db(ground.sam) as work, pytest.raises(Forbidden):
        actions.set_state(work, ref, EndpointState.ENDED)


def test_a_name_is_taken_once_an_inner_address_is_refused_and_a_secret_place_is_not_written_down(
    out, program, owner, db
):
    room(out, owner, program)
    with db(owner) as work, pytest.raises(Invalid):
        actions.make_endpoint(
            work, out.run.services.web, name="#leads", url=program.url, kind=Kind.CHAT
        )
    with db(owner) as work, pytest.raises(Invalid):
        actions.make_endpoint(
            work, out.run.services.web, name="x", url="http://127.0.0.1/x", kind=Kind.CHAT
        )
    with db() as work:
        said = work.session.scalar(
            text("SELECT detail->>'url' FROM audit_entry WHERE verb = 'set up a webhook'")
        )
    assert said == "crm.test"


def test_a_room_that_is_gone_is_told_to_the_owners_once(out, program, db, owner):
    ref, _ = room(out, owner, program)
    with db(owner) as work:
        actions.send_test(work, ref)
    program.status = 404
    for wait in (*WAITS, WAITS[0]):
        out.send()
        db.clock.move(wait)
    with db() as work:
        mails = work.session.scalars(
            text("SELECT subject FROM message_body WHERE subject LIKE '%#leads%'")
        ).all()
        owners = work.session.scalar(
            text("SELECT count(*) FROM membership WHERE partner_id = :id AND role = 'owner'"),
            {"id": owner.partner_id},
        )
    assert len(mails) == owners
    assert json.loads(program.heard[0][1]) == {"text": "This is a test. Nothing happened."}


def test_an_ended_room_hears_nothing_and_who_is_forgotten_is_forgotten_there(
    out, program, ask, db, owner
):
    ref, _ = room(out, owner, program)
    program.status = 503
    lead_id = offered(out, ask)
    program.heard.clear()
    with db() as work:
        lead = work.session.execute(text("SELECT contact_id, address FROM lead")).one()
        forget(work, lead.contact_id, lead.address)
        kept = work.session.execute(text("SELECT payload, state FROM outbox_delivery")).one()
    assert (kept.payload, kept.state) == ({}, "dead")
    assert lead_id
    with db(owner) as work:
        actions.set_state(work, ref, EndpointState.ENDED)
    with db(owner) as work, pytest.raises(Conflict):
        actions.send_test(work, ref)
    with db() as work:
        assert (
            queries.hearers_of_partners(work.session, [owner.partner_id], Event.LEAD_OFFERED) == {}
        )


def test_a_link_answers_nothing_once_its_person_left(out, program, ask, db, owner):
    room(out, owner, program)
    offered(out, ask)
    token = links(json.loads(program.heard[0][1])["text"])[0].rpartition("/")[2]
    with db() as work:
        work.session.execute(text("UPDATE membership SET state = 'ended'"))
    with db() as work, pytest.raises(NotFound):
        signed_offer(work.session, work.site.signer, token, now=work.now)
    with db() as work:
        assert work.session.query(LeadOffer).one().state == "offered"
