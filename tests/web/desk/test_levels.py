"""What levels give, from the vendor's form to the partner's first page; a level lowered at the desk."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tests.builders import PASSWORD
from tests.pages import served

PROGRAMME = "/desk/programme"


@pytest.fixture
def active(counter):
    """The partner holds the level “active”; its short name."""
    with counter.house.db() as work:
        row = work.session.execute(
            text("SELECT vendor_id, partner_id FROM enrolment WHERE partner_id = :id"),
            {"id": counter.house.alice.partner_id},
        ).one()
        work.session.execute(
            text(
                "INSERT INTO partner_level (id, vendor_id, partner_id, level, how, has, at) VALUES"
                " (gen_random_uuid(), :vendor, :partner, 'active', 'rule',"
                ' \'{"launches": 2, "leads": 3, "won": 0}\', :now)'
            ),
            {
                "vendor": row.vendor_id,
                "partner": row.partner_id,
                "now": work.now - timedelta(days=1),
            },
        )
        return work.session.scalar(
            text("SELECT slug FROM partner WHERE id = :id"), {"id": row.partner_id}
        )


def filled(page):
    """The fields of the programme's form as they stand."""
    form = page.tree.css_first("form.programme")
    fields = {
        each.attributes["name"]: each.attributes.get("value", "") for each in form.css("input")
    }
    fields |= {each.attributes["name"]: each.text().strip() for each in form.css("textarea")}
    return {name: value for name, value in fields.items() if name != "csrf_token"}


def test_what_a_level_gives_is_written_by_the_vendor_and_read_by_the_partner(counter, active):
    fields = filled(counter.mira.get(PROGRAMME))
    gives = {
        "active_gives": "Leads of your region.\n\nA fund of  your own.",
        "proven_gives": "A person of ours.",
    }
    assert counter.mira.post(PROGRAMME, **fields | gives).status == 303
    assert counter.mira.get(PROGRAMME).tree.css_first("[name=active_gives]").text().strip() == (
        "Leads of your region.\nA fund of your own."
    )
    home = counter.alice.get("/console")
    assert "What it gives you Leads of your region. A fund of your own." in home.words
    assert "What “Proven” adds A person of ours." in home.words
    refused = counter.mira.post(PROGRAMME, **fields | {"active_gives": "x" * 201})
    assert refused.status == 422
    assert "up to 200 letters" in refused.words


def test_a_level_is_lowered_with_a_reason_that_the_partner_reads(counter, active):
    show = f"/desk/partners/{active}"
    page = counter.mira.get(show)
    assert "It keeps its level until you lower it." in page.words
    assert counter.mira.post(f"{show}/level", level="new", why="").status == 422
    assert counter.mira.post(f"{show}/level", level="proven", why="x").status == 409
    for _ in range(2):
        assert (
            counter.mira.post(f"{show}/level", level="started", why="Quiet for long").status == 303
        )
    assert "lowered by Mira: Quiet for long" in counter.mira.get(show).words
    assert "Mira lowered your level: Quiet for long" in counter.alice.get("/console").words
    assert counter.finn.post(f"{show}/level", level="new", why="x").status == 403
    assert counter.alice.post(f"{show}/level", level="new", why="x").status == 404


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_hold_it_at_any_width(counter, active, browser, width):
    fields = filled(counter.mira.get(PROGRAMME))
    gives = {"active_gives": "Leads of your region.\nA fund.", "proven_gives": "A person of ours."}
    counter.mira.post(PROGRAMME, **fields | gives)
    with counter.house.db() as work:
        emails = dict(work.session.execute(text("SELECT name, email FROM user_account")).all())
    with served(counter.app) as address:
        for name, path, words in (
            ("Mira", f"/desk/partners/{active}", "Active, by rule"),
            ("Mira", PROGRAMME, "What each level gives"),
            ("Alice", "/console", "A person of ours."),
        ):
            context = browser.new_context(
                base_url=address, viewport={"width": width, "height": 900}
            )
            page = context.new_page()
            page.goto("/sign-in")
            page.fill("[name=email]", emails[name])
            page.fill("[name=password]", PASSWORD)
            page.click("main .btn-primary")
            page.wait_for_url(lambda url: "/sign-in" not in url)
            page.goto(path)
            expect(page.get_by_text(words).first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            context.close()
