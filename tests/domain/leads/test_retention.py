"""After its time the person goes and the count stays."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma import retention
from tcma.retention import CLOSED_LEADS, HELD, MAILS, let_go

OLD_AND_NEW = """
INSERT INTO message (mailing_id, contact_id, due_at, sent_at, state, address_hash, address)
  SELECT 1, n, :now, CAST(:now AS timestamptz) - n * interval '1 day', 0, 'h', 'p' || n || '@x.example'
  FROM generate_series(900, 700, -20) n;
INSERT INTO event (message_id, mailing_id, kind, slot, verdict, user_agent, at)
  SELECT id, 1, 1, 0, 1, 'Agent', sent_at FROM message;
INSERT INTO feedback_report (source, external_id, message_id, action, status, recipient, detail, at)
  SELECT 'test', id::text, id, 'failed', '4.2.2', address, '{}', sent_at FROM message;
"""


def filled(db, query):
    with db() as work:
        return work.session.scalar(text(query))


@pytest.fixture
def years(db):
    """Mails, clicks and reports of 900 to 700 days ago."""
    with db() as work:
        for each in OLD_AND_NEW.split(";\n"):
            if each.strip():
                work.session.execute(text(each), {"now": work.now})
    return db


def test_old_mails_lose_their_addresses_and_keep_their_rows(years, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 4)
    seen = []
    for _ in range(4):
        with years() as work:
            gone = let_go(work)
        seen.append((gone["mails"], gone["reactions"]))
    assert seen == [(4, 4), (3, 3), (0, 0), (0, 0)]
    assert filled(years, "SELECT count(*) FROM message") == 11
    assert filled(years, "SELECT count(*) FROM message WHERE address <> ''") == 4
    assert filled(years, "SELECT count(*) FROM event WHERE user_agent <> ''") == 4
    assert filled(years, "SELECT count(*) FROM feedback_report WHERE recipient <> ''") == 4
    years.clock.move(MAILS)
    with years() as work:
        assert let_go(work)["mails"] == 4
    assert filled(years, "SELECT count(*) FROM event WHERE user_agent <> ''") == 0


def test_a_closed_lead_is_emptied_after_its_time_and_an_open_one_is_not(db, ask):
    lead = ask(1).lead_id
    ask(2, address="open@brackwater.example")
    with db() as work:
        work.session.execute(
            text("UPDATE lead SET state = 'lost', closed_at = :now WHERE id = :id"),
            {"now": work.now, "id": lead},
        )
    db.clock.move(CLOSED_LEADS)
    with db() as work:
        assert let_go(work)["leads"] == 0
    db.clock.move(timedelta(seconds=1))
    with db() as work:
        assert let_go(work)["leads"] == 1
    assert filled(db, "SELECT string_agg(address, ',') FROM lead").strip(",") == (
        "open@brackwater.example"
    )
    assert filled(db, "SELECT count(*) FROM lead_capture WHERE raw <> '{}'") == 1


def test_what_was_held_back_is_deleted_after_three_months(db, ground):
    with db() as work:
        work.session.execute(
            text(
                "INSERT INTO held_submission (id, vendor_id, campaign_id, source, external_id,"
                " payload, reason, state, at) SELECT gen_random_uuid(), vendor_id, id, 'page', 'x',"
                " '{}', 'honeypot', 'held', :now FROM campaign"
            ),
            {"now": work.now},
        )
    db.clock.move(HELD + timedelta(seconds=1))
    with db() as work:
        assert let_go(work)["held"] == 1
