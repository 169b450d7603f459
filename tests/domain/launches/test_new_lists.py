"""A list that has just come in, of which PostgreSQL knows nothing yet, is counted and frozen as fast as any."""

import time

from sqlalchemy import text

from tcma.delivery.freezing import freeze
from tcma.delivery.models import Mailing
from tcma.launches.audience import of_lists
from tcma.launches.preflight import preflight, reach_of
from tests.faults.posting import a_mailing, people
from tests.faults.stage import Stage

MANY, EARLIER = 6_000, 3
MOST_S = 20
"""A plan that compares each with each takes minutes."""


def test_many_people_nobody_has_counted_are_judged_and_frozen_one_by_one(db):
    with db() as work:
        mailing_id = a_mailing(work, 1, start=False)
        mailing = work.session.get_one(Mailing, mailing_id)
        vendor_id, partner_id = mailing.vendor_id, mailing.partner_id
        for number in range(EARLIER):
            people(work, partner_id, MANY, domain=f"earlier{number}.example")
        work.session.execute(text("analyze contact, contact_list, list_member"))
        crowd = people(work, partner_id, MANY, domain="crowd.example")
        work.session.execute(
            text(
                "insert into suppression (address_hash, reason, at) select address_hash,"
                " 'unsubscribed', now() from contact where id % 4 = 0"
            )
        )
    audience = of_lists([crowd], vendor_id=vendor_id, now=db.clock.now())
    begun = time.monotonic()
    with db() as work:
        reach = reach_of(
            work.session, audience, vendor_id=vendor_id, partner_id=partner_id, now=work.now
        )
        assert (reach.people, sum(reach.held.values())) == (MANY, MANY // 4)
    with db() as work:
        assert freeze(work, mailing_id, audience) == MANY
    assert time.monotonic() - begun < MOST_S


def test_the_first_people_of_a_partner_are_judged_before_anybody_has_counted_the_partner(db):
    known = Stage(db, count=3_000, domain="known.example")
    with db() as work:
        work.session.execute(text("analyze contact, contact_list, list_member"))
    stage = Stage(db, count=MANY, beside=known, domain="first.example")
    ref = stage.planned()
    with db(stage.alice) as work:
        work.session.execute(text("set local statement_timeout = '8s'"))
        assert preflight(work, ref).reach.sendable == MANY
