"""A partner's page and its form: one lead however it is sent, none from machines."""

import json
from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import text

from tcma.clock import FixedClock
from tcma.rendering.landing import HONEYPOT, STAMP

READING = timedelta(seconds=20)
PERSON = {
    "first_name": "Nia",
    "last_name": "Calder",
    "company": "Calder & Sons",
    "phone": "0113 496 0111",
    "consent": "on",
}


@pytest.fixture
def clock(sent, monkeypatch):
    """A clock that stands still until a test moves it."""
    fixed = FixedClock(sent.db.clock.now())
    monkeypatch.setattr(sent.db, "clock", fixed)
    return fixed


@pytest.fixture
def browser(clock, sent):
    return sent.client()


@pytest.fixture
def path(sent):
    return f"/go/{sent.world.parts['page']}"


def filled(page, **facts):
    """The form's hidden and chosen values with a person's answers."""
    tree = LexborHTMLParser(page.text)
    values = {
        field.attributes["name"]: field.attributes.get("value") or ""
        for field in tree.css("form input[type=hidden][name]")
    }
    for choice in tree.css("form select[name]"):
        options = [o.attributes.get("value") for o in choice.css("option")]
        values[choice.attributes["name"]] = next(o for o in options if o)
    return values | PERSON | facts


def leads_of(sent, address):
    return sent.count("SELECT count(*) FROM lead WHERE address = :address", address=address)


def test_a_page_runs_our_puzzle_alone_and_takes_only_its_own_style(browser, path):
    answer = browser.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "default-src 'none'" in policy
    assert "'sha256-" in policy
    assert "script-src 'self';" in policy
    scripts = LexborHTMLParser(answer.text).css("script")
    assert {each.attributes.get("src") or each.attributes["type"] for each in scripts} == {
        "application/ld+json",
        "/form.js",
    }


def test_a_page_nobody_published_is_not_found(browser):
    assert browser.get("/go/fenwright/nothing-here").status_code == 404


def test_a_form_sent_twice_is_one_lead(sent, browser, path, clock):
    form = filled(browser.get(path), email="nia@calder.example")
    clock.move(READING)
    answers = [browser.post(path, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert leads_of(sent, "nia@calder.example") == 1


def test_who_comes_from_a_mail_brings_that_mail_along(sent, browser, path, clock):
    message, _ = sent.messages[0]
    click = browser.get(f"/c/{sent.token('c', message, 1)}").headers["Location"]
    there = click.removeprefix("https://tcma.test")
    assert there.startswith(f"{path}?")
    form = filled(browser.get(there), email="from-mail@calder.example")
    clock.move(READING)
    assert browser.post(path, data=form).status_code == 200
    known = sent.count(
        "SELECT launch_id FROM lead WHERE address = 'from-mail@calder.example'",
    )
    assert known == sent.world.parts["launch_id"]


def test_a_machine_in_the_hidden_field_is_thanked_and_held_for_a_person(sent, browser, path, clock):
    form = filled(browser.get(path), email="bot@calder.example") | {HONEYPOT: "https://x.example"}
    clock.move(READING)
    assert browser.post(path, data=form).status_code == 200
    assert leads_of(sent, "bot@calder.example") == 0
    held = "SELECT count(*) FROM held_submission WHERE payload->>'address' = :address"
    assert sent.count(held, address="bot@calder.example") == 1


def test_a_form_filled_in_under_two_seconds_is_asked_for_again_with_its_values(
    sent, browser, path, clock
):
    form = filled(browser.get(path), email="quick@calder.example")
    clock.move(timedelta(seconds=1))
    answer = browser.post(path, data=form)
    assert answer.status_code == 422
    assert "Send it once more" in answer.text
    assert "quick@calder.example" in answer.text
    assert leads_of(sent, "quick@calder.example") == 0


@pytest.mark.parametrize("stamp", ["", "forged.stamp"])
def test_a_form_with_a_forged_stamp_is_not_taken(sent, browser, path, stamp):
    form = filled(browser.get(path), email="forged@calder.example") | {STAMP: stamp}
    assert browser.post(path, data=form).status_code == 422
    assert leads_of(sent, "forged@calder.example") == 0


def test_without_consent_there_is_no_lead_and_the_answers_are_kept(sent, browser, path, clock):
    form = filled(browser.get(path), email="silent@calder.example")
    del form["consent"]
    clock.move(READING)
    answer = browser.post(path, data=form)
    assert answer.status_code == 422
    assert "silent@calder.example" in answer.text
    assert leads_of(sent, "silent@calder.example") == 0


def test_link_previews_and_search_engines_are_told_what_it_is(browser, path):
    tree = LexborHTMLParser(browser.get(path).text)
    facts = {
        each.attributes["property"]: each.attributes["content"]
        for each in tree.css("meta[property]")
    }
    assert facts["og:url"].endswith(path)
    picture = browser.get(facts["og:image"].partition("://")[2].partition("/")[2].join(("/", "")))
    assert picture.data.startswith(b"\xff\xd8")
    known = json.loads(tree.css_first('script[type="application/ld+json"]').text())
    kinds = {each["@type"]: each for each in known["@graph"]}
    assert set(kinds) == {"WebPage", "Organization", "FAQPage"}
    assert kinds["WebPage"]["url"] == facts["og:url"]
    assert kinds["FAQPage"]["mainEntity"][0]["acceptedAnswer"]["text"]


def test_what_was_measured_is_kept_with_the_page(sent):
    report = sent.count("SELECT report FROM page LIMIT 1")
    assert report["errors"] == []
    assert 0 < report["html_kb"] <= 16
    assert report["least_contrast"] >= 4.5


def test_people_are_counted_by_the_way_they_came_and_machines_are_not(sent, browser, path):
    human = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36"}
    for via, headers in (
        ("qr", human),
        ("qr", human),
        ("else", human),
        ("qr", {"User-Agent": "Googlebot/2.1"}),
    ):
        browser.get(f"{path}?via={via}", headers=headers)
    assert sent.count("SELECT count FROM page_visit WHERE via = 'qr'") == 2
    assert sent.count("SELECT count(*) FROM page_visit") == 1


@pytest.fixture
def recalled(sent):
    """A verb that recalls every page, taken back when the test is over."""

    def pages(state):
        with sent.db() as work:
            work.session.execute(text("UPDATE page SET state = :state"), {"state": state})

    yield lambda: pages("recalled")
    pages("live")


def test_a_recalled_page_says_so_and_its_block_vanishes(browser, path, recalled):
    block = browser.get(path.replace("/go/", "/embed/"))
    assert block.status_code == 200
    assert "frame-ancestors *" in block.headers["Content-Security-Policy"]
    assert "?via=embed" in block.text
    recalled()
    gone = browser.get(path)
    assert gone.status_code == 410
    assert "This offer has ended" in gone.text
    assert browser.post(path, data={}).status_code == 404
    gone_block = browser.get(path.replace("/go/", "/embed/"))
    assert (gone_block.status_code, "data-gone" in gone_block.text) == (410, True)


def test_the_script_for_other_sites_is_a_few_hundred_octets(browser):
    answer = browser.get("/embed.js")
    assert len(answer.data) < 600
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(("typed", "kept"), [("DE", "DE"), ("Germany", "DE"), ("", "GB")])
def test_a_country_in_the_form_is_where_the_request_comes_from(
    sent, browser, path, clock, typed, kept
):
    address = f"abroad-{typed.lower()}@calder.example"
    form = filled(browser.get(path), email=address, phone="", country=typed)
    clock.move(READING)
    assert browser.post(path, data=form).status_code == 200
    known = "SELECT country FROM lead WHERE address = :address"
    assert sent.count(known, address=address) == kept
