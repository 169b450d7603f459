"""In Chromium, at a phone's width: an owner states hours and a pause, the desk reads why, the next lead goes to
another; and a lead that is not ready goes back to nurture.
"""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tcma.leads import offers
from tcma.leads.models import LeadOffer
from tcma.permissions import Role
from tests.builders import PASSWORD, a_campaign, a_partner, a_user, a_vendor, waiting_leads
from tests.journeys.people import Person
from tests.pages import app_of, served

ALICE, MIRA = "alice@people.example", "mira@people.example"


@pytest.fixture
def house(db, tmp_path):
    with db() as work:
        vendor = a_vendor(work)
        campaign = a_campaign(work, vendor).campaign_id
        fenwright = a_partner(work, vendor, name="Fenwright", territories=("GB",))
        ridgeline = a_partner(work, vendor, name="Ridgeline", territories=("GB",))
        a_user(work, Role.OWNER, name="Alice", email=ALICE, partner_id=fenwright)
        a_user(work, Role.CHANNEL_MANAGER, name="Mira", email=MIRA, vendor_id=vendor)
        waiting_leads(work, vendor, campaign, 1, state="accepted", partner_id=fenwright,
                      accepted_at=work.now)  # fmt: skip
    with served(app_of(db, tmp_path)) as address:
        yield address, vendor, campaign, ridgeline


def test_an_owner_pauses_on_a_phone_and_gives_a_lead_back(db, browser, house):
    address, vendor, campaign, ridgeline = house
    alice = Person(browser, address, width=390, height=844).sign_in(ALICE, PASSWORD)
    main = alice.page.locator("main")
    alice.go("/console/leads/hours").choose("Saturday").fill({"Opens": "08:30", "Closes": "16:00"})
    alice.press("Save").see("Saved.").on_a_phone()
    expect(alice.page.get_by_label("Saturday")).to_be_checked()
    expect(alice.page.get_by_label("Opens")).to_have_value("08:30")
    alice.unfold("Close for some days, or pause")
    with db() as work:
        today = work.now.date().isoformat()
    alice.fill({"In your words": "Two are ill", "First day": today}).press("Note it")
    expect(main.get_by_role("region")).to_contain_text("No capacity: Two are ill")
    with db() as work:
        ids = waiting_leads(work, vendor, campaign, 2)
    with db() as work:
        offers.route_waiting(work, vendor)
        query = select(LeadOffer.partner_id).where(LeadOffer.lead_id.in_(ids))
        assert set(work.session.scalars(query)) == {ridgeline}
    mira = Person(browser, address).sign_in(MIRA, PASSWORD)
    mira.go("/desk/partners/fenwright").see("Takes no new leads.")
    mira.leave()
    alice.press("Take back").see("Nothing is planned.")
    alice.go("/console/leads?state=yours").open_row("Brackwater Joinery")
    alice.unfold("Not yet: give it back to nurture")
    alice.choose("They are interested, but not yet").press("Give it back")
    alice.see("It is back in nurture.").on_a_phone()
    alice.leave()
