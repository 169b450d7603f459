"""In Chromium: a rule is added and moved by a form, tried on last quarter's leads, published, and decides; and
the same by the text beside it, by the keyboard.
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

MIRA = "mira@people.example"
FIRST = '[[rule]]\nname = "The south first"\nif = { postcode = ["BS"] }\npartners = ["ridgeline"]\n'
AFTER = '\n[[rule]]\nname = "In turn"\n'
SHARES = (
    """rows => rows.map(row => [...row.cells].map(cell => cell.lastChild.textContent.trim()))"""
)


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


@pytest.fixture
def mira(browser, house):
    person = Person(browser, house[0]).sign_in(MIRA, PASSWORD)
    person.go("/desk/leads").press("Rules").press("Change the rules")
    yield person
    person.said = [
        each for each in person.said if "422" not in each
    ]  # a browser tells refusals, too
    person.leave()


def decided(db, house, postcode):
    """The trace of the next lead from a place."""
    _, vendor, campaign = house
    with db() as work:
        [lead] = waiting_leads(work, vendor, campaign, 1, postcode=postcode)
        assert offers.route(work, lead)
        return work.session.scalars(select(LeadOffer.trace).where(LeadOffer.lead_id == lead)).one()


def test_a_rule_made_by_a_form_is_tried_published_and_decides_the_next_lead(db, mira, house):
    main = mira.page.locator("main")
    mira.press("Change what holds for all rules").choose("Is one among all").press("Save")
    expect(main).to_contain_text("Whose page brought a lead makes no difference.")
    mira.press("Add a rule")
    mira.fill({"Name": "The south first", "Country": "Britain", "Postcode begins with": "bs"})
    mira.page.get_by_role("group", name="Only these partners").get_by_label("Ridgeline").check()
    mira.press("Add it")
    wrong = mira.page.get_by_role("link", name="“BRITAIN” is no country")
    expect(wrong).to_have_attribute("href", "#country")
    mira.fill({"Country": "GB"}).press("Add it")
    mira.see("Rules below are never asked")
    mira.press("Go back").press("Territory").choose("Ask the next rule").press("Save")
    mira.press("Add a rule").fill({"Name": "The south first", "Postcode begins with": "BS"})
    mira.page.get_by_role("group", name="Only these partners").get_by_label("Ridgeline").check()
    mira.press("Add it")
    said = "A lead with a postcode that begins with BS goes in turn to ridgeline."
    rules = mira.page.locator(".rule-list > li")
    expect(rules.nth(1)).to_contain_text(said)
    mira.press("Ask The south first earlier")
    expect(rules.nth(0)).to_contain_text(said)
    mira.press("Take Territory out")
    expect(rules).to_have_count(1)
    mira.press("Undo")
    expect(rules).to_have_count(2)
    mira.press("Add a test").fill({"Name": "Bristol", "Country": "GB", "Postcode": "BS1"})
    mira.page.get_by_label("Who gets it").select_option("fenwright")
    mira.press("Add it").see("Test “Bristol” fails: ridgeline got it")
    mira.press("Bristol").page.get_by_label("Who gets it").select_option("ridgeline")
    mira.press("Save")
    expect(main.get_by_role("region", name="Tests beside the rules")).to_contain_text("Passes")
    mira.on_a_phone().page.set_viewport_size({"width": 1280, "height": 900})
    mira.press("Try on last quarter").see("Of 6 leads of the last quarter")
    shares = mira.page.get_by_role("region", name="Leads by partner").locator("tbody tr")
    expect(shares.filter(has_text="Ridgeline")).to_contain_text("+4")
    elsewhere = mira.page.get_by_role("region", name="Leads that would have gone elsewhere")
    expect(elsewhere.get_by_role("cell", name="“The south first”, in turn")).to_have_count(3)
    mira.on_a_phone().page.set_viewport_size({"width": 1280, "height": 900})
    mira.fill({"Why": "Bristol is Ridgeline’s"}).press("Publish", exact=True)
    mira.see("Version 1 is published").see("In force: version 1").see("Bristol is Ridgeline’s")
    trace = decided(db, house, "BS2 0QQ")
    assert (trace["version"], trace["rule_name"]) == (1, "The south first")


def test_the_text_beside_the_forms_says_the_same_and_names_its_lines(db, mira, house):
    mira.unfold("As it is written")
    text = mira.page.get_by_label("Rules", exact=True)
    text.focus()
    mira.page.keyboard.press("ControlOrMeta+a")
    mira.page.keyboard.insert_text('[sticky]\nsource = "nobody"\n')
    mira.page.get_by_role("button", name="Save the text").press("Enter")
    mira.see("Line 2:")
    text.fill('[sticky]\nsource = "never"\n\n# Ours.\n' + FIRST + AFTER)
    mira.press("Save the text").see("A lead with a postcode that begins with BS goes in turn")
    mira.press("Switch In turn off").see("Switched off, nobody is asked by it.")
    mira.unfold("As it is written")
    kept = "# Ours.\n" + FIRST + AFTER + "off = true\n"
    expect(text).to_have_value('[sticky]\nsource = "never"\n\n' + kept)
    mira.press("Try on last quarter").press("Publish", exact=True)
    mira.see("Version 1 is published")
    assert decided(db, house, "BS2 0QQ")["rule_name"] == "The south first"
