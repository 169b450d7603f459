"""A rule that asks for a certificate knows both: what the rules say of a partner, and its page, until the
last day stated there.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tcma.leads import offers
from tcma.leads.models import LeadOffer
from tcma.leads.routing.reading import read
from tcma.leads.routing.trying import replayed
from tcma.partners import actions as partners
from tests.domain.leads.conftest import rules_are
from tests.domain.leads.traces import decision_of

KEEP = '[sticky]\nsource = "never"\n[[rule]]\nname = "Skilled"\nneed = { certificate = ["keep"] }\n'
BY_RULES = KEEP + '[partner.ridgeline]\ncertificates = ["keep"]\n'


def certified(db, partner_id, text):
    with db() as work:
        partners.change_enrolment(work, partner_id=partner_id, certifications=text)


def decided(db, ask, number):
    lead_id = ask(number, address=f"ida@keep{number}.example").lead_id
    with db() as work:
        got = offers.route(work, lead_id)
        trace = work.session.scalar(select(LeadOffer.trace).where(LeadOffer.lead_id == lead_id))
    why = {row["partner"]: row["why"] for row in trace["candidates"]} if trace else {}
    return got, why, trace


def test_a_certificate_of_the_partners_page_counts_until_its_last_day(db, ground, ask):
    rules_are(db, ground, KEEP)
    assert decided(db, ask, 1)[0] is None
    last = db.clock.now().date()
    certified(db, ground.first, f"Keep until {last.isoformat()}\nSpan")
    got, why, trace = decided(db, ask, 2)
    assert got == ground.first
    assert why["Fenwright"].endswith(f"has Keep by its page until {last.isoformat()}")
    again = replayed(trace, read(KEEP).rules)
    assert (again.partner_id, again.trace) == (got, decision_of(trace))
    db.clock.move(timedelta(days=2))
    assert decided(db, ask, 3)[0] is None


def test_the_trace_tells_a_certificate_by_the_rules_from_one_that_ended(db, ground, ask):
    rules_are(db, ground, BY_RULES)
    certified(db, ground.first, "Keep until 2024-03-31")
    got, why, trace = decided(db, ask, 1)
    assert got == ground.second
    assert why["Ridgeline"].endswith("has keep by the rules")
    assert why["Fenwright"] == "has no certificate keep: Keep ended on 2024-03-31"
    assert replayed(trace, read(BY_RULES).rules).trace == decision_of(trace)


@pytest.mark.parametrize("page", ["keep", "Keep", "KEEP until 2099-01-01"])
def test_a_name_is_the_same_in_capitals(db, ground, ask, page):
    rules_are(db, ground, KEEP)
    certified(db, ground.second, page)
    assert decided(db, ask, 1)[0] == ground.second
