"""Somebody who asks to be forgotten is nowhere any more, and no journey writes to them."""

import pytest
from sqlalchemy import text

from tcma.contacts import erasure
from tcma.errors import NotFound
from tcma.forgetting import forget
from tcma.nurture.rules import Exit, RunState
from tests import builders

LEFT_OVER = """
SELECT 'message' FROM message WHERE address LIKE '%' || :name || '%'
UNION ALL SELECT 'report' FROM feedback_report WHERE recipient LIKE '%' || :name || '%'
UNION ALL SELECT 'lead' FROM lead WHERE address LIKE '%' || :name || '%' OR first_name <> ''
UNION ALL SELECT 'capture' FROM lead_capture WHERE raw::text LIKE '%' || :name || '%'
UNION ALL SELECT 'note' FROM lead_touch WHERE note LIKE '%' || :name || '%'
UNION ALL SELECT 'held' FROM held_submission WHERE payload::text LIKE '%' || :name || '%'
UNION ALL SELECT 'told' FROM outbox_delivery WHERE payload::text LIKE '%' || :name || '%'
"""
TRACES = """
INSERT INTO lead_capture (id, lead_id, source, external_id, raw, consent_given, consent_text,
    consent_version, page_url, at)
  SELECT gen_random_uuid(), id, 'page', 'x1', jsonb_build_object('address', address), true, '', 'v1', '', now()
  FROM lead;
INSERT INTO lead_touch (lead_id, kind, note, actor_name, at)
  SELECT id, 'note', 'wrote from ' || address, 'Sam', now() FROM lead;
INSERT INTO held_submission (id, vendor_id, campaign_id, source, external_id, payload, reason, state, at)
  SELECT gen_random_uuid(), vendor_id, campaign_id, 'page', 'x2',
    jsonb_build_object('address', address), 'honeypot', 'held', now() FROM lead;
INSERT INTO webhook_endpoint (id, ref, vendor_id, name, url, events, secret, state, made_by, made_at)
  SELECT gen_random_uuid(), 'HOOK-x', vendor_id, 'x', 'https://x.example', '[]', '', 'on', '', now() FROM lead;
INSERT INTO outbox_delivery (id, endpoint_id, event, key, subject_id, payload, state, created_at)
  SELECT gen_random_uuid(), w.id, 'lead.received', 'x', l.id, jsonb_build_object('email', l.address),
    'waiting', now() FROM lead l CROSS JOIN webhook_endpoint w WHERE w.ref = 'HOOK-x';
INSERT INTO feedback_report (source, external_id, message_id, action, status, recipient, detail, at)
  SELECT 'test', 'x3', id, 'failed', '4.2.2', address, '{}', now() FROM message;
"""


@pytest.fixture
def one(people):
    """One person with a sent mail and a trace in every table; who they are and their run."""
    people.mailings()
    people.clear()
    (run,) = people.people(1)
    people.advance()
    with people.db() as work:
        work.session.execute(text(TRACES))
        address, contact = work.session.execute(
            text("SELECT address, contact_id FROM message")
        ).one()
        owner = builders.alice(work, people.partners[0])
    yield run, contact, address.partition("@")[0], owner
    with people.db() as work:
        work.session.execute(
            text(
                "TRUNCATE lead_capture, lead_touch, held_submission, feedback_report,"
                " outbox_delivery, webhook_endpoint"
            )
        )


def test_nothing_of_a_person_is_left_and_the_journey_ends(people, one):
    _, contact, name, owner = one
    kinds = {kind for (kind,) in people.rows(LEFT_OVER, name=name)}
    assert kinds == {"message", "report", "lead", "capture", "note", "held", "told"}
    with people.db(owner) as work:
        emptied = forget(work, contact)
    assert emptied.pop("in step with CRMs") == 0  # nobody keeps this lead in one: see domain/crm
    assert all(emptied.values()), emptied
    assert people.rows(LEFT_OVER, name=name) == []
    assert people.rows("SELECT state, left_because FROM nurture_run") == [
        (RunState.EXITED, Exit.ERASED)
    ]


def test_a_step_of_somebody_who_was_erased_sends_nothing(people, one):
    _, contact, _, owner = one
    with people.db(owner) as work:
        erasure.erase_contact(work, contact)
    before = people.value("SELECT count(*) FROM message")
    with people.db() as work:
        work.session.execute(text("UPDATE nurture_run SET due_at = now() - interval '1 year'"))
    people.advance()
    assert people.value("SELECT count(*) FROM message") == before
    assert people.value("SELECT why FROM nurture_step ORDER BY step_no DESC") == Exit.ERASED


def test_a_strangers_person_is_not_found(people, one):
    _, contact, name, _ = one
    with people.db() as work:
        other = builders.charlie(work, people.vendor_id)
    with people.db(other) as work, pytest.raises(NotFound):
        forget(work, contact)
    assert people.rows(LEFT_OVER, name=name)
