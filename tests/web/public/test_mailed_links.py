"""Pixel, click, mail in the browser: a row decides, a forged token is nothing (ENGINE T3, T4)."""

import io
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from PIL import Image

from tcma.ids import Signer

TRICKS = (
    "url=https://evil.example",
    "url=//evil.example",
    "next=javascript:alert(1)",
    "redirect=%0d%0aLocation:%20https://evil.example",
    "to=https://tcma.test@evil.example",
)
HUMAN = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari"}


@pytest.fixture
def browser(sent):
    return sent.client()


def target_of(sent, slot):
    return sent.count(
        "SELECT url FROM mailing_link WHERE slot = :slot ORDER BY mailing_id LIMIT 1", slot=slot
    )


def test_the_pixel_is_one_transparent_point_that_nobody_caches(sent, browser):
    message, _ = sent.messages[0]
    answer = browser.get(f"/o/{sent.token('o', message)}", headers=HUMAN)
    assert (answer.status_code, answer.mimetype) == (200, "image/gif")
    with Image.open(io.BytesIO(answer.data)) as point:
        assert point.size == (1, 1)
        assert point.convert("RGBA").getpixel((0, 0))[3] == 0
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_click_leads_where_its_row_says(sent, browser):
    message, _ = sent.messages[0]
    answer = browser.get(f"/c/{sent.token('c', message, 1)}", headers=HUMAN)
    assert answer.status_code == 302
    assert answer.headers["Location"].split("?")[0] == target_of(sent, 1).split("?")[0]
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("trick", TRICKS)
def test_t4_nothing_in_the_request_changes_where_a_click_leads(sent, browser, trick):
    message, _ = sent.messages[0]
    token = sent.token("c", message, 1)
    plain = browser.get(f"/c/{token}", headers=HUMAN).headers["Location"]
    tricked = browser.get(f"/c/{token}?{trick}", headers=HUMAN).headers["Location"]
    assert tricked == plain
    assert "evil" not in tricked


def another_launch(sent, message):
    """The code of a mail's own link below the number of another mailing."""
    ours, theirs = (
        urlsafe_b64decode(sent.db.site.signer.message_token("c", message, 1, mailing) + "==")
        for mailing in (1, 2)
    )
    return urlsafe_b64encode(theirs[:-16] + ours[-16:]).decode().rstrip("=")


def forgeries(sent):
    message, _ = sent.messages[0]
    good = sent.token("c", message, 1)
    other = "A" if good[-1] != "A" else "B"
    return {
        "changed": good[:-1] + other,
        "cut": good[: len(good) // 2],
        "empty of sense": "AAAA.AAAA",
        "another purpose": sent.token("u", message),
        "a slot the mail has not": sent.token("c", message, 250),
        "a message there is not": sent.token("c", 2**40, 1),
        "an old key": Signer(b"a key of last year, thrown away").message_token("c", message, 1),
        "another launch": another_launch(sent, message),
    }


@pytest.mark.parametrize(
    "forgery",
    [
        "changed",
        "cut",
        "empty of sense",
        "another purpose",
        "a slot the mail has not",
        "a message there is not",
        "an old key",
        "another launch",
    ],
)
def test_t3_a_forged_click_is_not_found_and_writes_nothing(sent, browser, forgery):
    before = sent.events()
    assert browser.get(f"/c/{forgeries(sent)[forgery]}", headers=HUMAN).status_code == 404
    assert sent.events() == before


@pytest.mark.parametrize("purpose", ["o", "u", "p", "v", "n"])
def test_t3_a_token_of_one_kind_opens_no_other_kind(sent, browser, purpose):
    message, _ = sent.messages[0]
    before = sent.events()
    assert browser.get(f"/{purpose}/{sent.token('c', message, 1)}").status_code == 404
    assert sent.events() == before


def test_a_head_of_a_link_is_no_click_of_a_person(sent, browser):
    message, _ = sent.message()
    mailing = sent.count("SELECT mailing_id FROM message WHERE id = :id", id=message)
    token = sent.db.site.signer.message_token("c", message, 1, mailing)
    answer = browser.head(f"/c/{token}", headers=HUMAN)
    assert answer.status_code == 302
    assert sent.bring_in() == 1
    clicked = sent.count(
        "SELECT count(*) FROM message_reaction"
        " WHERE message_id = :id AND human_clicked_at IS NOT NULL",
        id=message,
    )
    assert clicked == 0


def test_the_mail_in_the_browser_is_theirs_and_can_run_nothing(sent, browser):
    message, _ = sent.messages[0]
    answer = browser.get(f"/v/{sent.token('v', message)}")
    assert answer.status_code == 200
    assert "Pat" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def test_every_tab_has_a_mark(browser):
    answer = browser.get("/favicon.ico")
    assert (answer.status_code, answer.mimetype) == (200, "image/x-icon")
    assert answer.data[:4] == b"\x00\x00\x01\x00"
