"""A partner's first page: its first steps with their days, and its next plays with a reason each."""

from datetime import timedelta

from tcma.guidance import actions
from tcma.guidance.rules import Step


def texts(page, css):
    return [" ".join(node.text().split()) for node in page.tree.css(css)]


def test_who_is_new_is_led_step_by_step_and_its_manager_sees_how_far(stocked):
    stocked.db.clock.move(timedelta(days=8))
    page = stocked.as_("Alice").get("/console")
    assert texts(page, ".next h2") == ["Add your logo"]
    assert "Was due on Mon 9 Mar" in page.words
    assert texts(page, ".firsts a") == [
        "Add your logo",
        "Send from your own domain",
        "Launch your first campaign",
    ]
    assert len(page.tree.css("main .btn-primary")) == 1
    with stocked.world("Mira") as work:
        actions.waive(work, stocked.ids["fenwright"], Step.LOGO, "Their name is the logo.")
    page = stocked.as_("Alice").get("/console")
    assert "Mira: Their name is the logo." in page.words
    assert texts(page, ".next h2") == ["Send from your own domain"]


def test_every_open_step_leads_to_a_page(stocked):
    alice = stocked.as_("Alice")
    links = alice.get("/console").tree.css(".firsts a")
    assert links
    assert {alice.get(link.attributes["href"]).status for link in links} == {200}


def test_plays_have_a_reason_and_a_button_and_are_only_what_one_may_do(stocked):
    page = stocked.as_("Alice").get("/console")
    assert texts(page, ".plays h3") == ["Launch “One steady arch at a time”"]
    assert "You have not launched anything yet." in texts(page, ".plays p")[0]
    (button,) = page.tree.css(".plays .btn")
    assert stocked.as_("Alice").get(button.attributes["href"]).status == 200
    assert texts(stocked.as_("Sam").get("/console"), ".plays h3, .firsts li") == []


def test_the_desk_shows_how_far_a_partner_is_and_waives_a_step(stocked):
    stocked.db.clock.move(timedelta(days=8))
    mira = stocked.as_("Mira")
    assert "2 of 5, 1 late" in mira.get("/desk/partners").words
    assert "was due on Mon 9 Mar, 1 day late" in mira.get("/desk/partners/fenwright").words
    refused = mira.post("/desk/partners/fenwright/waivers", step="logo", why="")
    assert (refused.status, "Write why." in refused.words) == (422, True)
    page = mira.post("/desk/partners/fenwright/waivers", step="logo", why="No need.", follow=True)
    assert "Mira: No need." in page.words
    assert "Mira does not ask for its logo: No need." in page.words
    again = mira.post("/desk/partners/fenwright/waivers/logo/end", follow=True)
    assert "was due on Mon 9 Mar" in again.words
