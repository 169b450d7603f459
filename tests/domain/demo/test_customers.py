"""The demo's customers have days by which a journey begins: soon, just past, and over the whole year."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tcma.contacts.models import Contact
from tcma.demo.customers import CONTRACT_END, CUSTOMERS, add_customers
from tcma.journeys.reading import read
from tcma.journeys.starts import ahead, occurrences
from tcma.nurture.starters import date_keys
from tests import builders

KEYSTONE = Path("campaign_templates/renewal-upsell/nurture.toml")


@pytest.mark.parametrize("slug", CUSTOMERS)
def test_some_have_their_day_in_the_next_30_days_and_some_had_it_just_now(db, slug):
    journey = read(KEYSTONE.read_text(encoding="utf-8")).journey
    assert journey is not None
    start = journey.start
    assert start is not None
    with db() as work:
        partner_id = builders.a_partner(work, builders.a_vendor(work), profile=False)
        add_customers(work, partner_id, CUSTOMERS[slug])
        assert date_keys(work.session, partner_id, start) == [CONTRACT_END]
        rows = work.session.scalars(select(Contact.fields).where(Contact.partner_id == partner_id))
        ends = [date.fromisoformat(row[CONTRACT_END]) for row in rows]
        today, until = ahead(work.now, 30)
    soon = [end for end in ends if occurrences(start, end, today + timedelta(days=1), until)]
    past = [end for end in ends if occurrences(start, end, today - timedelta(days=14), today)]
    assert len(soon) >= 5
    assert len(past) >= 3
    assert len(set(ends)) == len(ends)
    assert min(ends) > today
