"""A journey that waits for a visit: by a mail's link, and only when its click is a person's."""

from datetime import timedelta

from sqlalchemy import text

from tcma.jobs import Job
from tests.domain.nurture.crowd import PLAIN, TUESDAY
from tests.domain.nurture.test_faults import reacted, sent_to
from tests.faults.posting import rung


def test_a_visit_by_a_mail_wakes_who_waits_for_it_once_its_click_is_a_persons(people):
    waits = PLAIN.replace("clicked:list-in-ten-minutes", "visited")
    people.publish(waits)
    woken, swept = people.people(2, at="w", due=TUESDAY + timedelta(days=5), waits="visited")
    people.db.clock.move(timedelta(minutes=5))
    for run_id in (woken, swept):
        message = sent_to(people, run_id)
        with people.db() as work:
            seen = (
                "INSERT INTO page_signal (message_id, page_id, did, day, at)"
                " SELECT :id, :page, 'visited', :day, :now"
            )
            values = {"id": message, "page": people.pages[0], "now": work.now}
            work.session.execute(text(seen), values | {"day": work.now.date()})
        if run_id == woken:
            rung(people.run, Job.NURTURE_STOP, message_id=str(message))
            people.advance()
            assert people.rows("SELECT run_id FROM nurture_step") == []
        with people.db() as work:
            reacted(work, message, "human_clicked_at")
        if run_id == woken:
            rung(people.run, Job.NURTURE_STOP, message_id=str(message))
    rung(people.run, Job.NURTURE_STOP)
    people.advance()
    ways = people.rows("SELECT run_id, why FROM nurture_step WHERE node = 'w' ORDER BY run_id")
    assert ways == [(run, "visited yes") for run in (woken, swept)]
