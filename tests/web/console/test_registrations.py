"""A registered deal on its pages: how many are held, when it lapses, more time at the desk, one press one deal."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tcma.leads.models import RoutingVersion
from tests.builders import PASSWORD
from tests.pages import served
from tests.web.console.test_opportunities import FACTS, NEW, made, manager, one  # noqa: F401

RULES = "[deals]\nmost_open = 2\ndays = 90\nwarn_days = 14\n"


@pytest.fixture
def ruled(desk, made):  # noqa: F811
    with desk.db() as work:
        work.session.add(
            RoutingVersion(
                vendor_id=desk.ids["vendor"], no=1, source=RULES, valid_from=work.now, note="", made_by="",
                made_at=work.now,
            )
        )  # fmt: skip
        return work.session.scalar(text("SELECT slug FROM vendor"))


def test_the_form_says_what_is_left_and_the_same_form_twice_is_one_deal(desk, made, ruled):  # noqa: F811
    sam = desk.as_("Sam")
    page = sam.get(NEW)
    assert "1 of 2 open registrations with" in page.words
    key = page.tree.css_first("main [name=key]").attributes["value"]
    facts = FACTS | {"vendor": ruled, "company": "Other", "key": key}
    first, second = sam.post(NEW, **facts), sam.post(NEW, **facts)
    assert first.status == second.status == 303
    assert first.headers["Location"] == second.headers["Location"]
    refused = sam.post(NEW, **FACTS | {"vendor": ruled, "company": "Third"})
    assert refused.status >= 400
    assert "2 is the limit" in refused.words
    assert "Third" in refused.tree.css_first("[name=company]").attributes["value"]
    with desk.db() as work:
        assert work.session.scalar(text("SELECT count(*) FROM opportunity")) == 2


def test_a_file_taken_away_twice_is_the_same_answer(desk, made):  # noqa: F811
    gone = f"/console/opportunities/{made}/files/01a228a1-377e-75bf-be5f-b63f47ba5c87/removal"
    assert desk.as_("Sam").post(gone).status == 303
    assert desk.as_("Charlie").post(gone).status == 404


def test_the_desk_gives_more_time_and_a_stranger_finds_nothing(desk, made, manager, ruled):  # noqa: F811
    show = f"/desk/opportunities/{made}"
    assert "Registered until" in manager.get(show).words
    day = (desk.db.clock.now() + timedelta(days=200)).date()
    assert manager.post(f"{show}/time", until="2001-01-01").status == 422
    assert manager.post(f"{show}/time", until="soon").status == 422
    assert manager.post(f"{show}/time", until=day.isoformat()).status == 303
    assert one(desk).kept_until is not None
    assert desk.as_("Sam").post(f"{show}/time", until=day.isoformat()).status in (403, 404)
    with desk.db() as work:
        work.session.execute(
            text("UPDATE opportunity SET state = 'lost', loss_reason = 'lapsed', closed_at = :now"),
            {"now": work.now},
        )
    assert "Its registration lapsed" in manager.get(show).words
    assert (
        "Its registration has lapsed."
        in desk.as_("Sam").get(f"/console/opportunities/{made}").words
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_a_seller_reads_when_it_lapses(desk, browser, made, ruled, width):  # noqa: F811
    with served(desk.app) as address:
        context = browser.new_context(base_url=address, viewport={"width": width, "height": 900})
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("[name=email]", "sam@people.example")
        page.fill("[name=password]", PASSWORD)
        page.click("main .btn-primary")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto(f"/console/opportunities/{made}")
        expect(page.get_by_text(re.compile("It lapses .* unless something moves"))).to_be_visible()
        page.goto(NEW)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
