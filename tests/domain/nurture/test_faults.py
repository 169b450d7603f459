"""The faults N1 to N8: whatever happens, nobody gets a step twice, and nobody is forgotten."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from tcma.nurture import actions
from tcma.nurture.rules import RunState
from tcma.nurture.stepping import step_due
from tests.domain.nurture.crowd import EXITS, PLAIN, TUESDAY
from tests.services import ROOT
from workers import nurture

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
    nurture.stop(people.run, message_id=str(message_id))


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
    nurture.stop(people.run)
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


def test_n6_after_three_days_of_silence_all_go_in_order_and_what_is_too_old_is_left_out(people):
    late = {days: people.people(20, due=TUESDAY - timedelta(days=days)) for days in (9, 3, 2, 1)}
    with people.db() as work:
        step_due(work, batch=40)
    first = set(people.rows("SELECT run_id, outcome FROM nurture_step"))
    assert first == {(r, "skipped") for r in late[9]} | {(r, "sent") for r in late[3]}
    assert (
        people.value("SELECT min(why) FROM nurture_step WHERE outcome = 'skipped'") == "9 days late"
    )
    people.db.clock.at = TUESDAY.replace(hour=21)
    people.advance()
    assert people.value("SELECT count(*) FROM nurture_step") == 40
    opens = people.value("SELECT min(due_at) FROM nurture_run WHERE node = 'n2'")
    assert opens.astimezone(ZoneInfo("Europe/London")).hour == 8
    people.db.clock.at = opens
    people.advance()
    assert people.value("SELECT count(*) FROM nurture_step WHERE outcome = 'sent'") == 60


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
