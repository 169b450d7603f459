"""In Chromium: a calendar is made and joined, the letter's link steers on a phone without script, and a
run is checked and scheduled.
"""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.builders import PASSWORD
from tests.domain.on_behalf.world import ground
from tests.journeys.people import Person
from tests.pages import app_of, served

LINK = re.compile(r"https://tcma\.test(/l/ahead/[\w.-]+)")


@pytest.fixture
def house(db, tmp_path):
    made = ground(db, partners=2)
    with served(app_of(db, tmp_path)) as address:
        made.address = address
        yield made


def email(house, who):
    return house.one("select email from user_account where id = :id", id=who.user_id)


def letter_link(house, subject):
    with house.db() as work:
        query = text("select plain from message_body where subject like :s order by 1 limit 1")
        return LINK.search(work.session.scalar(query, {"s": f"%{subject}%"}))[1]


def test_marketing_happens_without_the_partner_doing_it(house, browser):
    vera = Person(browser, house.address).sign_in(email(house, house.vera), PASSWORD)
    vera.go("/desk/launches").press("Calendars").press("New calendar")
    vera.fill({"Name": "One campaign a quarter"}).press("Make the calendar")
    vera.see("No campaign is in it yet").fill({"On": str(house.day(10))}).press("Put it in")
    vera.see("It comes to 0 partners")
    owner = Person(browser, house.address).sign_in(email(house, house.first.owner), PASSWORD)
    owner.go("/console/launches").press("What comes by itself").press("Join").on_a_phone()
    owner.page.get_by_label("Yes, this may happen").focus()
    owner.page.keyboard.press("Space")
    owner.press("Join", exact=True).see("You get a letter before each launch")
    house.db.clock.move(timedelta(days=6))
    house.ring()
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, base_url=house.address, java_script_enabled=False
    )
    page = phone.new_page()
    page.goto(letter_link(house, "goes to your customers"))
    assert page.frame_locator("iframe").get_by_text("Partner 00").count() >= 1
    page.get_by_role("button", name="Skip this one").click()
    page.get_by_role("button", name="Take the skip back").click()
    assert house.row().state == "waiting"
    house.ring()
    page.reload()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_load_state("networkidle")
    assert "said yes" in page.locator("main").inner_text()
    phone.close()
    house.db.clock.move(timedelta(days=4))
    house.ring()
    assert house.row().state == "launched"
    owner.leave()
    vera.leave()


def test_a_run_is_checked_and_scheduled(house, browser):
    house.join(house.partners[1])
    vera = Person(browser, house.address).sign_in(email(house, house.vera), PASSWORD)
    vera.go("/desk/launches").press("Launch for partners").press("Launch for partners")
    vera.page.get_by_label("Go first").select_option("0")
    vera.press("Check the partners")
    house.ring()
    vera.page.reload()
    vera.see("1 of 2 partners are ready").see("known when they say yes").on_a_phone()
    vera.page.set_viewport_size({"width": 1280, "height": 900})
    vera.press("Schedule it for the ticked partners").see("Each partner gets a letter now")
    house.ring()
    assert {row.state for row in house.rows()} == {"told", "asking"}
    page = browser.new_page(base_url=house.address)
    page.goto(letter_link(house, "May Corbelane launch"))
    page.get_by_role("button", name="Yes, launch it").click()
    page.wait_for_load_state()
    assert "said yes" in page.locator("main").inner_text()
    page.close()
    vera.press("Stop it for all").press("Stop it for all", exact=True).see("Stopped")
    assert {row.state for row in house.rows()} == {"stopped"}
    vera.leave()
