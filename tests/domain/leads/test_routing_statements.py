"""What a batch of leads costs: so many statements, whatever its size and however many partners there are."""

import pytest

from tcma.leads import offers
from tcma.leads.rules import RestKind
from tests.builders import a_campaign, a_partner, waiting_leads
from tests.counted import statements
from tests.domain.leads.conftest import rules_are
from tests.domain.leads.test_opening import rests

BEFORE_THE_LOCK = (
    "FROM lead ",
    "FROM lead_chance",
    "FROM jsonb_to_recordset",
    "FROM campaign",
    "FROM lead_recycling",
)
UNDER_IT = (
    "FROM routing_version", "FROM enrolment", "FROM territory", "INSERT INTO routing_member",
    "LEFT JOIN partner_hours", "INSERT INTO audit_entry", "INSERT INTO lead_offer",
)  # fmt: skip
PERFORMS = """
[[rule]]
name = "By performance"
weight = "performance"
"""


@pytest.mark.parametrize(("leads", "more_partners"), [(1, 0), (40, 5)])
def test_a_batch_takes_one_statement_for_all_that_is_asked_of_the_partners(
    db, ground, leads, more_partners
):
    with db() as work:
        for _ in range(more_partners):
            a_partner(work, ground.vendor_id, territories=("GB-N",))
        campaign = a_campaign(work, ground.vendor_id)
        waiting_leads(work, ground.vendor_id, campaign.campaign_id, leads)
    with db() as work, statements(db.engine) as said:
        assert offers.route_waiting(work, ground.vendor_id) == leads
    locked = next(n for n, one in enumerate(said) if "pg_advisory_xact_lock" in one)
    for found, meant in ((said[:locked], BEFORE_THE_LOCK), (said[locked + 1 :], UNDER_IT)):
        assert len(found) == len(meant), found
        for one, part in zip(found, meant, strict=True):
            assert part in one, one


def test_pauses_absences_and_performance_are_told_by_the_same_statement(db, ground, clock):
    rests(db, ground.alice, RestKind.PAUSED)
    rules_are(db, ground, PERFORMS)
    with db() as work:
        campaign = a_campaign(work, ground.vendor_id)
        waiting_leads(work, ground.vendor_id, campaign.campaign_id, 3)
    with db() as work:  # the day's record is counted once
        assert offers.route_waiting(work, ground.vendor_id, most=1) == 1
    with db() as work, statements(db.engine) as said:
        assert offers.route_waiting(work, ground.vendor_id) == 2
    locked = next(n for n, one in enumerate(said) if "pg_advisory_xact_lock" in one)
    record = [one for one in said if "routing_record" in one]
    assert len(record) == 1, record
    assert len(said[locked + 1 :]) == len(UNDER_IT) + 1
