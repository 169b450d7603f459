"""A partner's owner brings offers into a chat: a room added by its page, tried, paused, ended; strangers find none."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tests.builders import PASSWORD
from tests.pages import Visitor, served

PAGE = "/console/leads/chat"
ROOM = {"kind": "chat", "name": "#leads", "url": "https://hooks.chat.example/T0/secret"}


def rows(desk):
    with desk.db() as work:
        return work.session.execute(
            text("SELECT * FROM webhook_endpoint WHERE partner_id IS NOT NULL ORDER BY id")
        ).all()


@pytest.fixture
def email(desk):
    """The owner's."""
    with desk.db() as work:
        query = (
            "SELECT u.email FROM membership m JOIN user_account u ON u.id = m.user_id"
            " WHERE m.partner_id = :id AND m.role = 'owner'"
        )
        return work.session.scalar(text(query), {"id": desk.ids["fenwright"]})


@pytest.fixture
def owner(desk, email):
    return Visitor(desk.app, email)


def test_a_room_is_added_tried_paused_and_ended(desk, owner):
    assert owner.post(PAGE, **ROOM).status == 303
    [row] = rows(desk)
    assert (row.kind, row.events, row.vendor_id) == ("chat", ["lead.offered"], None)
    page = owner.get(PAGE)
    assert "#leads" in page.words
    assert "hooks.chat.example" in page.words
    assert "on its way" in page.words
    assert "T0/secret" not in page.text
    with desk.db() as work:
        work.session.execute(text("DELETE FROM outbox_delivery"))
    assert "nothing yet" in owner.get(PAGE).words, "what was told is kept for a month only"
    owner.post(f"{PAGE}/{row.ref}/test")
    with desk.db() as work:
        assert (
            work.session.scalar(text("SELECT count(*) FROM outbox_delivery WHERE event = 'test'"))
            == 1
        )
    for state in ("paused", "on", "ended"):
        assert owner.post(f"{PAGE}/{row.ref}/state", state=state).status == 303
        assert rows(desk)[0].state == state
    assert (
        "This webhook was ended."
        in owner.get(owner.post(f"{PAGE}/{row.ref}/test").headers["Location"]).words
    )


def test_what_is_wrong_stays_on_the_form_and_a_programs_secret_is_shown_once(desk, owner):
    for wrong in ({"url": "http://10.0.0.1/x"}, {"name": ""}, {"kind": "pigeon"}):
        page = owner.post(PAGE, **ROOM | wrong)
        assert page.status == 422
    assert rows(desk) == []
    page = owner.post(PAGE, **ROOM | {"kind": "program", "name": "ours"})
    assert "whsec_" in page.words
    assert "whsec_" not in owner.get(PAGE).words


def test_sellers_and_strangers_find_nothing(desk, owner):
    owner.post(PAGE, **ROOM)
    ref = rows(desk)[0].ref
    assert desk.as_("Sam").get(PAGE).status == 403
    for path in (f"{PAGE}/{ref}/state", f"{PAGE}/{ref}/test"):
        assert desk.as_("Charlie").post(path, state="ended").status in (303, 404)
    assert rows(desk)[0].state == "on"


@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_added_in_a_browser(desk, browser, email, width):
    with served(desk.app) as address:
        context = browser.new_context(base_url=address, viewport={"width": width, "height": 900})
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("[name=email]", email)
        page.fill("[name=password]", PASSWORD)
        page.click("main .btn-primary")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto("/console/leads/sharing")
        page.get_by_role("link", name="Leads in your chat").click()
        page.get_by_label("Name").fill("#leads")
        page.get_by_label("Address of its incoming webhook").fill(ROOM["url"])
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_text("a test is on its way")).to_be_visible()
        expect(page.get_by_role("cell", name=re.compile("On"))).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
