"""The faults N1 to N8: whatever happens, nobody gets a step twice, and nobody is forgotten."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from tcma.delivery import feedback
from tcma.delivery.feedback_parse import classify
from tcma.delivery.links import Purpose
from tcma.jobs import Job
from tcma.nurture import actions
from tcma.nurture.rules import Exit, RunState
from tcma.nurture.stepping import step_due
from tests.domain.nurture.crowd import EXITS, PLAIN, TUESDAY
from tests.faults.posting import rung
from tests.services import ROOT

ENDS = 'exits = ["accepted", "unsubscribe"]\n'


def test_n1_a_kill_at_any_statement_leaves_all_of_a_batch_or_nothing(people):
    people.people(6)
    given = {
        "url": people.db.url, "at": TUESDAY.isoformat(), "files": str(people.db.files.folder),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.domain.nurture.killed"],
        input=json.dumps(given), capture_output=True, text=True, cwd=ROOT, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    *killed, lived = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(killed) > 8
    assert all(each == {"killed": True, "held": [0, 0, 0, 0]} for each in killed)
    assert lived == {"killed": False, "held": [6, 6, 12, 6]}
    people.advance()
    assert people.value("SELECT count(*) FROM message") == 6


def test_n2_a_click_and_the_timeout_in_one_instant_take_one_branch(people):
    runs = people.people(8, at="w", due=TUESDAY, waits="clicked")
    messages = [sent_to(people, run_id) for run_id in runs]
    clicks = [lambda m=m: clicked(people, m) for m in messages]
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(act) for act in (people.advance, *clicks, people.advance)]:
            each.result()
    people.advance()
    taken = people.rows("SELECT run_id, count(*) FROM nurture_step WHERE node = 'w' GROUP BY 1")
    assert sorted(taken) == [(run, 1) for run in sorted(runs)]
    assert people.value("SELECT count(*) FROM message WHERE step_no = 1") == 8


def clicked(people, message_id):
    with people.db() as work:
        reacted(work, message_id, "human_clicked_at")
    rung(people.run, Job.NURTURE_STOP, message_id=str(message_id))


def test_a_click_wakes_who_waits_for_it_and_its_lost_wake_up_is_found(people):
    woken, swept = people.people(2, at="w", due=TUESDAY + timedelta(days=5), waits="clicked")
    message, other = sent_to(people, woken), sent_to(people, swept)
    clicked(people, message)
    people.advance()
    with people.db() as work:
        reacted(work, other, "human_clicked_at")
        event = (
            "INSERT INTO event (message_id, mailing_id, kind, slot, verdict, user_agent, at)"
            " SELECT id, mailing_id, 2, 1, 1, '', :now FROM message WHERE id = :id"
        )
        work.session.execute(text(event), {"id": other, "now": work.now})
    rung(people.run, Job.NURTURE_STOP)
    people.advance()
    ways = people.rows("SELECT run_id, why FROM nurture_step WHERE node = 'w' ORDER BY run_id")
    assert ways == [(run, "clicked:list-in-ten-minutes yes") for run in (woken, swept)]


def sent_to(people, run_id, *, mail="list-in-ten-minutes"):
    """A mail of the journey that this run's person has had; its number."""
    with people.db() as work:
        return work.session.scalar(
            text(
                "INSERT INTO message (mailing_id, contact_id, origin_id, step_no, due_at, state,"
                " sent_at, address_hash, address) SELECT n.mailing_id, r.contact_id, r.id, 90, now(),"
                " 0, now(), c.address_hash, c.address FROM nurture_run r JOIN contact c ON"
                " c.id = r.contact_id JOIN nurture_mailing n ON n.partner_id = r.partner_id"
                " AND n.mail = :mail WHERE r.id = :run RETURNING id"
            ),
            {"run": run_id, "mail": mail},
        )


def reacted(work, message_id, how):
    work.session.execute(
        text(
            f"INSERT INTO message_reaction (message_id, mailing_id, {how})"
            " SELECT id, mailing_id, :now FROM message WHERE id = :id"
        ),
        {"id": message_id, "now": work.now},
    )


def test_n3_two_triggers_make_one_run(people):
    people.people(1)
    lead = people.value("SELECT id FROM lead")
    with people.db() as work:
        work.session.execute(text("DELETE FROM nurture_run"))

    def enrol():
        with people.db() as work:
            return actions.enrol(work, lead)

    with ThreadPoolExecutor(4) as pool:
        entered = [each.result() for each in [pool.submit(enrol) for _ in range(4)]]
    assert len([each for each in entered if each is not None]) == 1
    assert people.value("SELECT count(*) FROM nurture_run WHERE state = 0") == 1


WINDOW = (8, 18)


def test_n5_a_zone_that_changes_while_people_wait_moves_their_window_with_it(people):
    """Walked by quarters of an hour: each mail leaves at the first one whose window is open."""
    people.publish(PLAIN + '[window]\nzone = "partner"\n')
    changes = [("Europe/London", "America/New_York"), ("America/New_York", "Asia/Tokyo"),
               ("Asia/Tokyo", "Europe/London")]  # fmt: skip
    begins = TUESDAY.replace(hour=0)
    people.db.clock.at = begins
    zones = {}
    for n, (before, after) in enumerate(changes):
        now_in(people, n, before)
        due = begins.astimezone(ZoneInfo(before)) + timedelta(days=1)
        due = due.replace(hour=9, minute=0).astimezone(begins.tzinfo)
        (run,) = people.people(1, partner=n, due=due)
        zones[run] = (n, after, due)
    people.db.clock.move(timedelta(hours=6))
    for n, after, _ in zones.values():
        now_in(people, n, after)
    for _ in range(4 * 24 * 4):
        people.advance()
        people.db.clock.move(timedelta(minutes=15))
    left = dict(people.rows("SELECT run_id, at FROM nurture_step WHERE node = 'n2'"))
    assert left == {run: first_open(due, after) for run, (_, after, due) in zones.items()}
    people.rows("UPDATE partner SET zone = 'Europe/London' RETURNING 1")


def now_in(people, n, zone):
    people.rows(
        "UPDATE partner SET zone = :z WHERE id = :p RETURNING 1", z=zone, p=people.partners[n]
    )


def first_open(due, zone):
    """The walker: quarter by quarter from when a mail is due, on the clock that holds by then."""
    at = due
    while True:
        wall = at.astimezone(ZoneInfo(zone))
        if wall.weekday() < 5 and WINDOW[0] <= wall.hour < WINDOW[1]:
            return at
        at += timedelta(minutes=15)


def test_n6_after_three_days_of_silence_all_go_in_order_and_what_is_too_old_is_left_out(people):
    late = {days: people.people(20, due=TUESDAY - timedelta(days=days)) for days in (9, 3, 2, 1)}
    people.advance()
    taken = people.rows("SELECT run_id, outcome FROM nurture_step ORDER BY run_id")
    assert set(taken) == {
        (run, "skipped" if days == 9 else "sent") for days in late for run in late[days]
    }
    why = "SELECT min(why) FROM nurture_step WHERE outcome = 'skipped'"
    assert people.value(why) == "9 days late"


def test_n6_what_was_missed_goes_by_a_rate_oldest_first_behind_what_is_due(people):
    missed = people.people(450, due=TUESDAY - timedelta(days=1))
    first = people.people(50, due=TUESDAY - timedelta(days=3))
    asked = people.people(3, due=TUESDAY)
    people.advance()
    taken = {row.run_id for row in people.rows("SELECT run_id FROM nurture_step")}
    assert set(asked) <= taken
    assert taken - set(asked) == set(first) | set(missed[:150])
    people.advance()
    assert people.value("SELECT count(*) FROM nurture_step") == 203
    counts = []
    for _ in range(5):
        people.db.clock.move(timedelta(seconds=1))
        with ThreadPoolExecutor(4) as pool:
            for each in [pool.submit(people.advance) for _ in range(4)]:
                each.result()
        counts.append(people.value("SELECT count(*) FROM nurture_step"))
    assert counts == [303, 403, 503, 503, 503]
    order = people.rows(
        "SELECT run_id FROM nurture_step WHERE run_id = ANY(:m) ORDER BY at, run_id", m=missed
    )
    assert [row.run_id for row in order] == missed


def test_n6_after_a_silence_the_window_holds_for_what_was_missed(people):
    people.people(20, due=TUESDAY - timedelta(days=2))
    people.db.clock.at = TUESDAY.replace(hour=21)
    people.advance()
    assert people.value("SELECT count(*) FROM nurture_step") == 0
    opens = people.value("SELECT min(due_at) FROM nurture_run WHERE node = 'n2'")
    assert opens.astimezone(ZoneInfo("Europe/London")).hour == 8
    people.db.clock.at = opens
    people.advance()
    assert people.value("SELECT count(*) FROM nurture_step WHERE outcome = 'sent'") == 20


def test_n7_a_cap_holds_over_eight_workers_and_three_partners(people):
    day = PLAIN + '[cap]\npartner = "2 a day"\nvendor = "2 a day"\n'
    people.publish(day)
    for partner in range(3):
        people.people(25, partner=partner, same_as=5_000)
    with ThreadPoolExecutor(8) as pool:
        for each in [pool.submit(worker, people) for _ in range(8)]:
            each.result()
    per_address = "SELECT address_hash, count(*) AS n FROM message GROUP BY 1"
    assert {row.n for row in people.rows(per_address)} == {2}
    assert people.value("SELECT count(*) FROM message") == 50
    put_off = people.rows("SELECT due_at FROM nurture_run WHERE node = 'n2'")
    assert {row.due_at.day for row in put_off} == {4}
    people.db.clock.at = put_off[0].due_at
    people.advance()
    assert people.value("SELECT count(*) FROM message") == 75


def worker(people):
    with people.db() as work:
        done = step_due(work, batch=12).looked_at
    return worker(people) if done else None


def test_n8_a_mail_that_comes_back_takes_the_bounce_branch_and_stalls_nobody(people):
    people.publish(
        ENDS + '[[step]]\nid = "n2"\nsend = "thanks"\nthen = "b"\n'
        '[[step]]\nid = "b"\nbranch = "bounced:thanks"\nafter = "1 day"\nyes = "call"\nno = "n4"\n'
        '[[step]]\nid = "call"\ntask = "Their address is dead: call them"\nthen = "end"\n'
        '[[step]]\nid = "n4"\nsend = "another-month"\n'
    )
    dead, well = people.people(2)
    people.advance()
    message = people.value("SELECT id FROM message WHERE origin_id = :run", run=dead)
    with people.db() as work:
        reacted(work, message, "bounced_at")
    people.db.clock.move(timedelta(days=1, minutes=1))
    people.advance()
    people.advance()
    ways = dict(people.rows("SELECT run_id, why FROM nurture_step WHERE node = 'b'"))
    assert ways == {dead: "bounced:thanks yes", well: "bounced:thanks no"}
    assert people.rows("SELECT words FROM lead_task") == [("Their address is dead: call them",)]
    states = dict(people.rows("SELECT id, state FROM nurture_run"))
    assert states == {dead: RunState.EXHAUSTED, well: RunState.EXHAUSTED}


DEAD = """Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {token}@bounce.firm.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
In-Reply-To: <{token}@firm.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: Recipient address rejected: User unknown

--b
Content-Type: message/rfc822

Message-ID: <{token}@firm.example>
From: hi@firm.example
To: {address}
Subject: Thanks

Hello
--b--
"""


def bounces(people, message_id):
    """The report of the mail server that knows nobody of this name, taken in as from its pipe."""
    token = people.db.site.signer.message_token(Purpose.MESSAGE_ID, message_id)
    address = people.value("SELECT address FROM message WHERE id = :m", m=message_id)
    raw = DEAD.format(token=token, address=address or "p@example.org").encode()
    people.db.queue.sent.clear()
    with people.db() as work:
        taken = feedback.record(work, "mail", str(message_id), classify(raw))
    assert [each.message_id for each in taken] == [message_id]
    for ids in people.db.queue.of(Job.NURTURE_STOP):
        rung(people.run, Job.NURTURE_STOP, **ids)


def test_n8_a_real_report_of_a_dead_address_wakes_who_waits_for_it_and_their_mail_is_not_sent(
    people,
):
    people.publish(
        ENDS + '[[step]]\nid = "n2"\nsend = "thanks"\n'
        '[[step]]\nid = "b"\nwait_for = "bounced:thanks"\nat_most = "7 days"\nyes = "call"\nno = "n4"\n'
        '[[step]]\nid = "call"\ntask = "Their address is dead: call them"\n'
        '[[step]]\nid = "n4"\nsend = "another-month"\n'
    )
    dead, well = people.people(2)
    people.advance()
    message = people.value("SELECT id FROM message WHERE origin_id = :run", run=dead)
    bounces(people, message)
    people.advance()
    assert people.rows("SELECT words FROM lead_task") == [("Their address is dead: call them",)]
    for _ in range(3):
        people.db.clock.move(timedelta(days=8))
        people.advance()
        people.advance()
    states = dict(people.rows("SELECT id, state FROM nurture_run"))
    assert states == {dead: RunState.EXHAUSTED, well: RunState.EXHAUSTED}
    ways = dict(people.rows("SELECT run_id, why FROM nurture_step WHERE node = 'b'"))
    assert ways == {dead: "bounced:thanks yes", well: "bounced:thanks no"}
    stops = people.rows("SELECT reason, vendor_id, partner_id FROM suppression")
    assert stops == [("hard_bounce", None, None)]


def test_n8_a_real_report_ends_a_journey_that_ends_with_a_dead_address(people):
    people.publish(ENDS.replace('"accepted"', '"accepted", "bounce"') + PLAIN.removeprefix(EXITS))
    dead, well = people.people(2, due=TUESDAY + timedelta(days=2))
    bounces(people, sent_to(people, dead))
    assert dict(people.rows("SELECT id, left_because FROM nurture_run")) == {
        dead: Exit.BOUNCED, well: None,
    }  # fmt: skip


def test_a_step_that_cannot_be_decided_holds_up_nobody_and_is_shown(people):
    people.people(3)
    (odd,) = people.people(1)
    with people.db() as work:
        work.session.execute(
            text(
                "UPDATE lead SET answers = '[1]' FROM nurture_run r WHERE r.lead_id = lead.id AND r.id = :odd"
            ),
            {"odd": odd},
        )
    for _ in range(5):
        people.advance()
        people.db.clock.move(timedelta(minutes=6))
    states = dict(people.rows("SELECT id, state FROM nurture_run"))
    assert states.pop(odd) == RunState.STUCK
    assert set(states.values()) == {RunState.ACTIVE}
    assert people.value("SELECT count(*) FROM message") == 3


def test_who_is_told_and_asked_hears_once(people):
    people.publish(
        EXITS + '[[step]]\nid = "n2"\nnotify = "They wait for a call."\n'
        '[[step]]\nid = "t"\ntask = "Call them"\ndue = "1 working day"\n'
    )
    people.people(1)
    for _ in range(3):
        people.advance()
    assert people.rows("SELECT words, due_at FROM lead_task") == [
        ("Call them", TUESDAY + timedelta(days=1))
    ]
