"""A deal without a lead, from the seller's form to the desk: files, parts, its end; moved by hand and key."""

import io

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tests.builders import PASSWORD, mira
from tests.pages import Visitor, served

NEW = "/console/opportunities/new"
FACTS = {"vendor": "corbelane", "company": "Brackwater Joinery", "site": "brackwater.example",
         "name": "Server move", "amount": "9000", "closes_on": "2040-05-01"}  # fmt: skip


def one(desk):
    with desk.db() as work:
        return work.session.execute(text("SELECT * FROM opportunity ORDER BY id DESC")).first()


@pytest.fixture
def made(desk):
    with desk.db() as work:
        slug = work.session.scalar(text("SELECT slug FROM vendor"))
    assert desk.as_("Sam").post(NEW, **FACTS | {"vendor": slug}).status == 303
    return one(desk).ref


@pytest.fixture
def manager(desk):
    with desk.db() as work:
        mira(work, desk.ids["vendor"])
        email = work.session.scalar(text("SELECT email FROM user_account WHERE name = 'Mira'"))
    return Visitor(desk.app, email)


def test_what_is_missing_stays_on_the_form(desk):
    page = desk.as_("Sam").post(NEW, vendor="corbelane", company="", amount="x", site="nowhere")
    assert page.status == 422
    assert "whose deal it is" in page.words
    assert one(desk) is None


def test_files_are_only_saved_and_a_stranger_finds_none(desk, made):
    sam = desk.as_("Sam")
    show = f"/console/opportunities/{made}"
    pdf = b"%PDF-1.7\n%%EOF\n"
    assert sam.post(f"{show}/files", file=(io.BytesIO(pdf), "Offer.pdf")).status == 303
    refused = sam.post(f"{show}/files", file=(io.BytesIO(b"<html>"), "Offer.pdf"))
    assert refused.status == 422
    assert "web page" in refused.words
    page = sam.get(show)
    [link] = [a for a in page.tree.css("a[download]") if "Offer" in a.text()]
    address = link.attributes["href"]
    kept = sam.get(address)
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert kept.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in kept.headers["Content-Security-Policy"]
    assert desk.as_("Charlie").get(address).status == 404
    assert sam.post(f"{address}/removal").status == 303
    assert "Offer.pdf" not in sam.get(show).words


def test_the_desk_reads_it_and_names_a_part(desk, made, manager):
    show = f"/desk/opportunities/{made}"
    page = manager.get(show)
    assert "Brackwater Joinery" in page.words
    assert "Registered" in page.words
    with desk.db() as work:
        slug = work.session.scalar(
            text("SELECT slug FROM partner WHERE id <> :p"), {"p": desk.ids["fenwright"]}
        )
    assert manager.post(f"{show}/parts", partner=slug, role="fulfilling").status == 303
    other = desk.as_("Charlie").get(f"/console/opportunities/{made}")
    assert "works on it" in other.words
    assert not other.tree.css("form[enctype]")
    manager.post(f"{show}/parts/removal", partner=slug, role="fulfilling")
    assert desk.as_("Charlie").get(f"/console/opportunities/{made}").status == 404


def test_it_is_won_from_its_page(desk, made):
    sam = desk.as_("Sam")
    sam.post(f"/console/opportunities/{made}/end", result="lost", reason="")
    assert one(desk).state == "open"
    sam.post(f"/console/opportunities/{made}/end", result="won")
    assert one(desk).state == "won"


@pytest.fixture(params=[1280, 390])
def page(desk, browser, made, request):
    with served(desk.app) as address:
        context = browser.new_context(
            base_url=address, viewport={"width": request.param, "height": 900}
        )
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("[name=email]", "sam@people.example")
        page.fill("[name=password]", PASSWORD)
        page.click("main .btn-primary")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto("/console/opportunities")
        yield page
        context.close()


def test_a_card_is_moved_by_dragging_by_keys_and_by_its_buttons(page, made):
    def stands_at(stage):
        expect(page.locator(f"[data-stage={stage}]").locator(f"#{made}")).to_be_visible()

    stands_at("qualified")
    page.locator("[data-card]").drag_to(page.locator("[data-stage=negotiation] h2"))
    stands_at("negotiation")
    expect(page.locator("[data-stage=negotiation]")).to_contain_text("9,000")
    expect(page.locator(f"#{made}")).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    stands_at("proposal")
    page.keyboard.press("Shift+ArrowRight")
    stands_at("negotiation")
    page.keyboard.press("Shift+ArrowRight")  # there is no stage behind it
    stands_at("negotiation")
    page.locator("[data-card]").get_by_role("button", name="Back to").click()
    stands_at("proposal")
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
