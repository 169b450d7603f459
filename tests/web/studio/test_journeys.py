"""A journey as its author changes it: drawn, tried on the virtual clock, published with people inside."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tcma.clock import SystemClock
from tcma.embedded.process import free_port
from tests.builders import PASSWORD
from tests.domain.nurture.crowd import crowd
from tests.pages import app_of, served

SLUG = "cloud-migration"


@pytest.fixture
def world(postgres, tmp_path):
    """Five people wait at n2 and two at w; Vera's studio is on a real server."""
    url = f"http://127.0.0.1:{free_port()}"
    with crowd(postgres, tmp_path, partners=1, public_url=url) as made:
        made.clear()
        made.db.clock = SystemClock()
        tomorrow = made.db.clock.now() + timedelta(days=1)
        made.people(5, at="n2", due=tomorrow)
        made.people(2, at="w", due=tomorrow, waits="clicked")
        with served(app_of(made.db, tmp_path), port=urlsplit(url).port):
            yield made


def signed_in(browser, world):
    email = world.value("SELECT email FROM user_account WHERE name = 'Vera'")
    page = browser.new_context(base_url=world.db.site.public_url).new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main .btn-primary")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def test_a_journey_is_drawn_tried_on_the_clock_and_published_with_people_inside(browser, world):
    page = signed_in(browser, world)
    page.goto("/studio/journeys")
    page.get_by_role("link", name="One steady arch at a time").click()
    drawn = page.get_by_role("group", name="The journey, step by step")
    drawn.get_by_role("link", name="n2: Send list-in-ten-minutes, 5 people here").wait_for()
    page.get_by_role("button", name="Change it").click()

    page.get_by_label("What it does").select_option(label="Ask who somebody is")
    page.get_by_label("Where").select_option("n2/then")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    page.get_by_label("Country").fill("gb")
    page.get_by_label("Points at least").fill("")
    page.get_by_label("No leads to").select_option("end")
    page.get_by_role("button", name="Save the step").press("Enter")
    board = page.get_by_role("group", name="The draft, step by step")
    board.get_by_role("link", name="s1: Country is GB?").wait_for()
    board.get_by_role("link", name="n4: Send another-month").press("Enter")
    page.get_by_role("button", name="Take it out").click()
    board.get_by_role("link", name="n4").wait_for(state="detached")
    board.get_by_role("link", name="w:").click()
    page.get_by_label("Name of the step").fill("wait")
    page.get_by_role("button", name="Save the step").click()
    board.get_by_role("link", name="wait:").wait_for()
    page.get_by_role("button", name="Undo").click()
    board.get_by_role("link", name="w:", exact=False).wait_for()
    board.get_by_role("link", name="wait:").wait_for(state="detached")
    page.get_by_role("button", name="Redo").click()
    board.get_by_role("link", name="wait:").wait_for()

    page.get_by_role("link", name="Try on the virtual clock").click()
    page.get_by_label("What they do").fill("day4:click")
    page.get_by_role("button", name="Walk it").click()
    walk = page.get_by_role("list", name="What happens, in order")
    assert "They click in list-in-ten-minutes" in walk.inner_text()
    assert "n3: Send read-together" in walk.inner_text()
    page.go_back()
    page.go_back()

    page.get_by_role("link", name="Publish").click()
    page.get_by_role("heading", name="What happens to the 7 people inside?").wait_for()
    page.get_by_label("Those inside, too").check()
    page.get_by_label("The 2 people at w").select_option("n3")
    page.get_by_label("Why").fill("Only Britain")
    page.get_by_role("button", name="Publish version 2").click()
    said = "Version 2 is published. Of those inside 5 stay at their step, 2 go on at another step."
    page.get_by_text(said).wait_for()
    page.get_by_role("link", name="n3: Send read-together, 2 people here").wait_for()
    moved = world.rows("SELECT node, count(*) FROM nurture_run WHERE state = 0 GROUP BY 1")
    assert dict(moved) == {"n2": 5, "n3": 2}
    page.context.close()


def test_steps_that_keep_lists_stop_and_send_on_are_put_in_by_their_forms(browser, world):
    page = signed_in(browser, world)
    page.goto(f"/studio/journeys/{SLUG}")
    page.get_by_role("button", name="Change it").click()
    board = page.get_by_role("group", name="The draft, step by step")

    page.get_by_label("What it does").select_option(label="Put into a list of the partner")
    page.get_by_label("Where", exact=True).select_option("n2/then")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    page.get_by_label("List", exact=True).fill("Read twice")
    page.get_by_role("button", name="Save the step").press("Enter")
    board.get_by_role("link", name="s1: Into the list “Read twice”").wait_for()

    page.get_by_label("What it does").select_option(label="Never mail them again")
    page.get_by_label("Where", exact=True).select_option("n4/then")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    page.get_by_label("Why", exact=True).fill("Bought elsewhere")
    page.get_by_role("button", name="Save the step").press("Enter")
    board.get_by_role("link", name="s2: Never mail again: Bought").wait_for()

    page.get_by_label("What it does").select_option(label="Go on to another campaign’s journey")
    page.get_by_label("Where", exact=True).select_option("n3/then")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    board.get_by_role("link", name="s3: On to the journey of").wait_for()
    page.get_by_label("Campaign", exact=True).get_by_text("which is not there").wait_for(
        state="attached"
    )
    page.context.close()
