"""A journey that begins by a date: said in the whole's form, seen on the canvas, run by their date, counted."""

import re

from playwright.sync_api import expect

from tests.web.studio.canvas import drawn, said, step
from tests.web.studio.test_journeys_whole import changes, whole


def by_date(page):
    changes(page, "Begins by itself")
    page.get_by_label("Besides the form it begins by").select_option("date")
    page.get_by_label("Name of the date field").fill("contract end, Vertragsende")
    page.get_by_label("So many days").fill("90")
    page.get_by_label("They begin at").select_option("n2")
    page.get_by_role("button", name="Save it").click()
    said(page, "Changed begins by itself.")


def test_it_is_said_in_a_form_drawn_and_run_by_a_date(opened):
    page = opened
    by_date(page)
    expect(page.locator("#source")).to_have_value(
        re.compile(r'date = \["contract end", "Vertragsende"\]')
    )
    expect(
        drawn(page).get_by_role("link", name="A date of theirs comes: say who enters")
    ).to_be_visible()
    step(page, "n2").click()
    said_of_it = "90 days before “contract end” or “Vertragsende”, at 09:00, at n2"
    expect(whole(page)).to_contain_text(said_of_it)
    page.locator("body").press("Control+z")
    said(page, "Taken back.")
    expect(whole(page)).not_to_contain_text("Vertragsende")
    page.locator("body").press("Shift+Control+Z")
    expect(whole(page)).to_contain_text(said_of_it)
    page.get_by_label("Their date").fill("2027-03-01")
    page.get_by_role("button", name="Run it").click()
    walk = page.get_by_role("list", name="What happens, in order")
    expect(walk.locator("li").first).to_contain_text("n2: Send list-in-ten-minutes")
    expect(walk.locator("li").first).to_contain_text(re.compile("4 Dec"))


def test_what_cannot_be_is_said_at_its_field_and_a_calendar_asks_for_whom(opened):
    page = opened
    changes(page, "Begins by itself")
    page.get_by_label("Besides the form it begins by").select_option("date")
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_text("Write what partners call the date field.").first).to_be_visible()
    page.get_by_label("Besides the form it begins by").select_option("calendar")
    page.get_by_label("Or days of a calendar").fill("first monday")
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_text("it is not said for whom").first).to_be_visible()
    expect(page.get_by_label("Or days of a calendar")).to_have_value("first monday")


def test_before_it_is_published_it_says_for_how_many_it_begins(opened, world):
    world.rows(
        "INSERT INTO custom_field (partner_id, key, label, kind) VALUES (:p, 'x_contract_end', 'Contract end', 'date')"
        " RETURNING 1", p=world.partners[0],
    )  # fmt: skip
    world.rows("UPDATE partner_copy SET begins_by_date_at = now() RETURNING 1")
    world.rows(
        "WITH l AS (INSERT INTO contact_list (id, partner_id, name, basis, created_at)"
        "  VALUES (gen_random_uuid(), :p, 'Customers', 'contract', now()) RETURNING id),"
        " m AS (INSERT INTO list_member SELECT l.id, c.id FROM l, contact c)"
        " UPDATE contact SET fields = jsonb_build_object('x_contract_end', (current_date + 100)::text) RETURNING 1",
        p=world.partners[0],
    )  # fmt: skip
    page = opened
    by_date(page)
    page.get_by_role("link", name="Publish").click()
    ahead = page.get_by_label("Whom it begins for by itself")
    expect(ahead).to_contain_text("1 of 1")
    expect(ahead).to_contain_text(
        re.compile(r"Contacts with their day in the next 30 days\s*1[45]")
    )
    page.get_by_role("button", name=re.compile("Publish version")).click()
    expect(page.get_by_label("Whom it begins for by itself")).to_contain_text("1 of 1")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
