"""A journey minds its vendor's rule on how much mail one person gets, beside its own caps."""

from datetime import timedelta

from sqlalchemy import text

from tcma.delivery import frequency
from tcma.delivery.frequency import Often
from tests.builders import mira


def test_who_had_enough_mail_of_another_partner_waits_for_the_journeys_next(people):
    with people.db() as work:
        manager = mira(work, people.vendor_id)
    with people.db(manager) as work:
        frequency.set_rule(work, Often(1, 5))
    try:
        people.people(2, same_as=900, partner=0)
        people.advance()
        assert people.value("SELECT count(*) FROM message") == 2
        with people.db() as work:
            work.session.execute(text("SET LOCAL session_replication_role = replica"))
            work.session.execute(
                text("UPDATE message SET state = 3, sent_at = :at"), {"at": work.now}
            )
        people.people(3, same_as=900, partner=1)  # the same two, and one more
        people.advance()
        assert people.value("SELECT count(*) FROM message") == 3
        held = people.rows("SELECT due_at FROM nurture_run WHERE partner_id = :p AND node = 'n2'",
                           p=people.partners[1])  # fmt: skip
        assert len(held) == 2
        people.db.clock.move(timedelta(days=6, hours=-1))
        people.advance()
        assert people.value("SELECT count(*) FROM message") == 5
    finally:
        with people.db(manager) as work:
            frequency.set_rule(work, None)
