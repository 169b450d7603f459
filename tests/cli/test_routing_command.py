"""`tcma leads route what-if` asks other rules about past leads, and writes nothing."""

import json

import pytest
from sqlalchemy import func, select

from tcma.clock import SystemClock
from tcma.leads import offers
from tcma.leads.models import LeadOffer, RoutingVersion
from tests.builders import a_campaign, a_partner, a_vendor, waiting_leads

TO_RIDGELINE = '[sticky]\nsource = "never"\n[[rule]]\nname = "Ours"\npartners = ["ridgeline"]\n'


@pytest.fixture
def asked(db, tmp_path, here):
    """Ask what if, after three leads went to Fenwright: `asked(rules)` → (code, answer)."""
    with db() as work:
        vendor_id = a_vendor(work)
        fenwright = a_partner(work, vendor_id, name="Fenwright", territories=("GB-N",))
        a_partner(work, vendor_id, name="Ridgeline", territories=("GB-N",))
        campaign_id = a_campaign(work, vendor_id).campaign_id
        facts = {"source_partner_id": fenwright, "created_at": SystemClock().now()}
        waiting_leads(work, vendor_id, campaign_id, 3, **facts)
        offers.route_waiting(work, vendor_id)

    def ask(rules):
        path = tmp_path / "rules.toml"
        path.write_text(rules, encoding="utf-8")
        words = ["leads", "route", "what-if", str(path), "--vendor", "corbelane", "--json"]
        code, out, _ = here(*words, TCMA_DATABASE_URL=db.url)
        return code, json.loads(out)

    return ask


def test_what_if_says_who_would_have_got_which_lead(db, asked):
    code, said = asked(TO_RIDGELINE)
    assert (code, said["ready"], said["leads"]) == (0, True, 3)
    assert said["shares"] == [["Ridgeline", 0, 3], ["Fenwright", 3, 0]]
    assert {(c["before"], c["after"]) for c in said["changes"]} == {("Fenwright", "Ridgeline")}
    with db() as work:
        assert work.session.scalar(select(func.count()).select_from(LeadOffer)) == 3
        assert work.session.scalar(select(func.count()).select_from(RoutingVersion)) == 0


def test_rules_with_a_fault_are_told_by_line_and_exit_1(asked):
    code, said = asked('[[rule]]\nname = "a"\npartners = ["nobody-here"]\n')
    assert (code, said["ready"], said["leads"]) == (1, False, 0)
    assert said["faults"][0]["line"] == 3
