"""A person who answers a mail: their journey hears of it, and the partner reads what they wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.contacts.rules import address_hash, normal_address
from tcma.delivery import feedback
from tcma.delivery.feedback_parse import classify
from tcma.delivery.links import Purpose
from tcma.jobs import Job
from tcma.leads.capturing import Origin, capture
from tcma.leads.mailed import submission_of
from tcma.leads.queries import lead_view
from tcma.nurture.rules import Exit, RunState
from tcma.reporting.contact_history import Happening, contact_history
from tests.builders import sam
from tests.domain.nurture.crowd import PLAIN, TUESDAY
from tests.domain.nurture.test_faults import sent_to
from tests.faults.posting import rung

WAITS = (
    'exits = ["accepted"]\n[[step]]\nid = "w"\nwait_for = "{signal}"\nat_most = "7 days"\n'
    'yes = "thank"\nno = "n4"\n[[step]]\nid = "thank"\ntask = "Call them"\nthen = "end"\n'
    '[[step]]\nid = "n4"\nsend = "another-month"\n'
)


@pytest.fixture
def seller(people):
    """The one seller of the partner."""
    if not hasattr(people, "seller"):
        with people.db() as work:
            people.seller = sam(work, people.partners[0])
    return people.seller


def reply(people, message_id, *, words="Yes, Thursday.", number="1", **heads):
    """The mail with which somebody answers a mail of ours."""
    name = people.db.site.signer.message_token(Purpose.MESSAGE_ID, message_id)
    plain = {
        "From": "Ada Byte <ada@elsewhere.example>",
        "To": f"{name}@bounce.firm.example",
        "Subject": "Re: The list",
        "Message-ID": f"<{number}@elsewhere.example>",
        "In-Reply-To": f"<{name}@firm.example>",
    }
    return "\n".join([*(f"{k}: {v}" for k, v in (plain | heads).items()), "", words]).encode()


def comes_back(people, raw):
    people.db.queue.sent.clear()
    with people.db() as work:
        taken = feedback.record(work, "mail", f"{hash(raw)}", classify(raw))
    for ids in people.db.queue.of(Job.NURTURE_STOP):
        rung(people.run, Job.NURTURE_STOP, **ids)
    rung(people.run, Job.LEAD_REPLIED)
    for ids in people.db.queue.of(Job.NURTURE_STOP):
        rung(people.run, Job.NURTURE_STOP, **ids)
    return taken


def ended(people):
    return dict(people.rows("SELECT id, left_because FROM nurture_run WHERE state = 2"))


def test_an_answer_ends_the_journey_of_who_wrote_it_and_nobody_elses(people, seller):
    one, other = people.people(2, due=TUESDAY + timedelta(days=2))
    comes_back(people, reply(people, sent_to(people, one)))
    assert ended(people) == {one: Exit.REPLIED}
    assert people.value("SELECT state FROM nurture_run WHERE id = :r", r=other) == RunState.ACTIVE


def test_an_answer_stands_in_the_history_of_the_lead_and_goes_to_its_seller_once(people, seller):
    (one,) = people.people(1, due=TUESDAY + timedelta(days=2))
    message = sent_to(people, one)
    for _ in range(2):
        comes_back(people, reply(people, message))
    comes_back(people, reply(people, message, **{"X-Original-To": "another@way.example"}))
    touches = people.rows("SELECT kind, note FROM lead_touch")
    assert touches == [("reply", "Re: The list: Yes, Thursday.")]
    letters = people.rows("SELECT subject, plain FROM message_body")
    assert [each.subject for each in letters] == ["Ada Byte wrote back: Re: The list"]
    assert "“Yes, Thursday.”" in letters[0].plain
    assert people.value("SELECT replied_at FROM lead WHERE replied_at IS NOT NULL") == TUESDAY


def test_whom_the_lead_is_only_offered_to_reads_nothing_of_it_yet(people, seller):
    (one,) = people.people(1, partner=1, due=TUESDAY + timedelta(days=2))
    people.rows(
        "UPDATE lead SET state = 'offered', partner_id = :p RETURNING 1", p=people.partners[0]
    )
    comes_back(people, reply(people, sent_to(people, one)))
    assert people.rows("SELECT 1 FROM message_body") == []
    ref = people.value("SELECT ref FROM lead")
    with people.db(seller) as work:
        [touch] = lead_view(work.session, seller, ref).touches
    assert (touch.kind, touch.note) == ("reply", "")
    people.rows("UPDATE lead SET state = 'accepted' RETURNING 1")
    with people.db(seller) as work:
        [touch] = lead_view(work.session, seller, ref).touches
    assert touch.note == "Re: The list: Yes, Thursday."


@pytest.mark.parametrize(
    "heads",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Subject": "Automatic reply: The list"},
        {"Return-Path": "<>"},
        {"In-Reply-To": "<AQAAAAAAAAAHAADk3q8xk0d3cVhGfH2pTn0w@firm.example>", "To": "x@firm.example"},
    ],
)  # fmt: skip
def test_an_automatic_or_forged_answer_changes_nothing(people, heads):
    (one,) = people.people(1, due=TUESDAY + timedelta(days=2))
    comes_back(people, reply(people, sent_to(people, one), **heads))
    assert ended(people) == {}
    assert people.rows("SELECT kind FROM lead_touch") == []
    assert people.value("SELECT count(*) FROM message_reaction WHERE replied_at IS NOT NULL") == 0


def test_who_waits_for_an_answer_goes_on_at_once_where_it_does_not_end_the_journey(people):
    people.publish(WAITS.format(signal="replied"))
    (one,) = people.people(1, at="w", due=TUESDAY + timedelta(days=5), waits="replied")
    comes_back(people, reply(people, sent_to(people, one)))
    people.advance()
    people.advance()
    assert people.rows("SELECT words FROM lead_task") == [("Call them",)]
    assert people.value("SELECT why FROM nurture_step WHERE node = 'w'") == "replied yes"


def test_an_answer_to_another_mail_of_the_partner_ends_the_journey_too(people):
    (one,) = people.people(1, due=TUESDAY + timedelta(days=2))
    message = sent_to(people, one)
    with people.db() as work:
        work.session.execute(text("UPDATE message SET origin_id = 0 WHERE id = :m"), {"m": message})
    comes_back(people, reply(people, message))
    assert ended(people) == {one: Exit.REPLIED}


def test_a_lost_wake_up_is_found(people):
    (one,) = people.people(1, due=TUESDAY + timedelta(days=2))
    raw = reply(people, sent_to(people, one))
    with people.db() as work:
        feedback.record(work, "mail", "1", classify(raw))
    rung(people.run, Job.LEAD_REPLIED)
    rung(people.run, Job.NURTURE_STOP)
    assert ended(people) == {one: Exit.REPLIED}


def test_an_answer_of_who_is_no_lead_stands_in_the_story_of_the_contact(people, seller):
    (one,) = people.people(1, due=TUESDAY + timedelta(days=2))
    message = sent_to(people, one)
    people.rows("DELETE FROM nurture_run RETURNING 1")
    people.rows("DELETE FROM lead RETURNING 1")
    comes_back(people, reply(people, message))
    contact = people.value("SELECT contact_id FROM message WHERE id = :m", m=message)
    with people.db(seller) as work:
        story = contact_history(work.session, seller, contact)
    assert [m.about for m in story if m.what is Happening.WROTE] == ["Yes, Thursday."]
    assert [m.what for m in story].count(Happening.REPLIED) == 1


def open_lead_of(people, run_id):
    """What lets a submission join the lead of a run."""
    row = people.rows(
        "SELECT l.address, l.id FROM lead l JOIN nurture_run r ON r.lead_id = l.id WHERE r.id = :r",
        r=run_id,
    )[0]
    with people.db() as work:
        work.session.execute(
            text("UPDATE lead SET address_hash = :h WHERE id = :id"),
            {"h": address_hash(work.site.secret, normal_address(row.address)), "id": row.id},
        )
    return row.address


def joins(people, address, new):
    people.db.queue.sent.clear()
    origin = Origin(
        vendor_id=people.vendor_id, campaign_id=people.campaign_id,
        partner_id=people.partners[0], page_id=people.pages[0],
    )  # fmt: skip
    people.db.clock.move(timedelta(minutes=1))
    with people.db() as work:
        assert not capture(work, origin, new).is_new
    for ids in people.db.queue.of(Job.NURTURE_STOP):
        rung(people.run, Job.NURTURE_STOP, **ids)
    people.advance()


def test_a_mail_that_joins_an_open_lead_is_an_answer(people, seller):
    people.publish(PLAIN)
    (one,) = people.people(1, due=TUESDAY + timedelta(days=2))
    address = open_lead_of(people, one)
    raw = f"From: Ada <{address}>\nMessage-ID: <9@x.example>\nSubject: Prices\n\nHow much?"
    joins(people, address, submission_of(raw.encode(), source="mail:IN-1")[0])
    assert ended(people) == {one: Exit.REPLIED}
    assert people.rows("SELECT note FROM lead_touch") == [("Prices: How much?",)]


def test_a_mail_to_an_address_for_leads_that_answers_ours_marks_what_it_answers(people):
    (one,) = people.people(1, due=TUESDAY + timedelta(days=2))
    message = sent_to(people, one)
    with people.db() as work:
        feedback.answered_by(work, classify(reply(people, message, To="sales@firm.example")))
    assert people.value("SELECT replied_at FROM message_reaction WHERE message_id = :m", m=message)
    assert people.rows("SELECT 1 FROM feedback_report") == []


def test_a_second_form_that_joins_an_open_lead_wakes_who_waits_for_one(people):
    people.publish(WAITS.format(signal="form"))
    (one,) = people.people(1, at="w", due=TUESDAY + timedelta(days=5), waits="form")
    address = open_lead_of(people, one)
    raw = f"From: Ada <{address}>\nMessage-ID: <8@x.example>\nSubject: x\n\nx"
    new = submission_of(raw.encode(), source="page:1")[0]
    joins(people, address, new)
    people.advance()
    assert people.value("SELECT why FROM nurture_step WHERE node = 'w'") == "form yes"
    assert people.rows("SELECT words FROM lead_task") == [("Call them",)]
