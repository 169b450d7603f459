"""In Chromium: a rule is changed by the keyboard, tried on last quarter's leads, published, and decides."""

import pytest
from sqlalchemy import select

from tcma.leads import offers
from tcma.leads.models import LeadOffer
from tcma.permissions import Role
from tests.builders import PASSWORD, a_campaign, a_partner, a_user, a_vendor, waiting_leads
from tests.journeys.people import Person
from tests.pages import app_of, served

MIRA = "mira@people.example"
FIRST = '[[rule]]\nname = "The south first"\nif = { postcode = ["BS"] }\npartners = ["ridgeline"]\n'
AFTER = '\n[[rule]]\nname = "In turn"\n'


@pytest.fixture
def house(db, tmp_path):
    """Six leads went to Fenwright, whose page brought them; the desk is on a real server."""
    with db() as work:
        vendor = a_vendor(work)
        campaign = a_campaign(work, vendor)
        fenwright = a_partner(work, vendor, name="Fenwright", territories=("GB",))
        a_partner(work, vendor, name="Ridgeline", territories=("GB",))
        a_user(work, Role.CHANNEL_MANAGER, name="Mira", email=MIRA, vendor_id=vendor)
        for postcode in ("BS1 4DJ", "LS1 2AB"):
            waiting_leads(work, vendor, campaign.campaign_id, 3, postcode=postcode,
                          source_partner_id=fenwright)  # fmt: skip
    with db() as work:
        assert offers.route_waiting(work, vendor) == 6
    with served(app_of(db, tmp_path)) as address:
        yield address, vendor, campaign.campaign_id


def test_a_rule_is_changed_tried_on_last_quarters_leads_published_and_decides(db, browser, house):
    address, vendor, campaign = house
    mira = Person(browser, address).sign_in(MIRA, PASSWORD)
    mira.go("/desk/leads").press("Rules").press("Change the rules")
    text = mira.page.get_by_label("Rules", exact=True)
    text.focus()
    mira.page.keyboard.press("ControlOrMeta+a")
    mira.page.keyboard.insert_text('[sticky]\nsource = "nobody"\n')
    mira.page.get_by_role("button", name="Try on last quarter").press("Enter")
    mira.see("Line 2:")
    text.fill('[sticky]\nsource = "never"\n\n' + FIRST + AFTER)
    mira.press("Try on last quarter").see("Of 6 leads of the last quarter")
    elsewhere = mira.page.get_by_role("region", name="Leads that would have gone elsewhere")
    assert elsewhere.get_by_role("cell", name="“The south first”, in turn").count() == 3
    mira.on_a_phone()
    mira.page.set_viewport_size({"width": 1280, "height": 900})
    mira.fill({"Why": "Bristol is Ridgeline’s"}).press("Publish", exact=True)
    mira.see("Version 1 is published").see("In force: version 1")
    assert "Bristol is Ridgeline’s" in mira.words
    with db() as work:
        [lead] = waiting_leads(work, vendor, campaign, 1, postcode="BS2 0QQ")
        assert offers.route(work, lead)
        offer = work.session.scalars(select(LeadOffer).where(LeadOffer.lead_id == lead)).one()
    assert (offer.trace["version"], offer.trace["rule_name"]) == (1, "The south first")
    mira.leave()
