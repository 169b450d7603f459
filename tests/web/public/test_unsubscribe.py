"""Stopping mails: looking changes nothing, one POST of any shape stops at once (ENGINE T2)."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.clock import FixedClock

ONE_CLICK = "List-Unsubscribe=One-Click"
BOUNDARY = "frontier"
MULTIPART = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    f"One-Click\r\n--{BOUNDARY}--\r\n"
)
SHAPES = {
    "a form": {"data": ONE_CLICK, "content_type": "application/x-www-form-urlencoded"},
    "multipart": {"data": MULTIPART, "content_type": f"multipart/form-data; boundary={BOUNDARY}"},
}


def stopped(sent, address):
    return sent.count(
        "SELECT count(DISTINCT s.id) FROM suppression s"
        " JOIN message m ON m.address_hash = s.address_hash WHERE m.address = :address",
        address=address,
    )


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("page", ["u", "p"])
def test_looking_at_the_page_stops_nothing(sent, page, method):
    message, address = sent.messages[0]
    before = stopped(sent, address)
    browser = sent.client()
    for _ in range(3):
        answer = getattr(browser, method)(f"/{page}/{sent.token(page, message)}")
        assert answer.status_code == 200
    assert stopped(sent, address) == before


@pytest.mark.parametrize("shape", SHAPES)
def test_t2_a_mail_programs_own_post_stops_once_without_cookie_or_token(sent, shape):
    message, address = sent.message()
    path = f"/u/{sent.token('u', message)}"
    agent = {"User-Agent": "curl/8.6"}
    browser = sent.client()
    answers = [browser.post(path, headers=agent, **SHAPES[shape]) for _ in range(2)]
    assert stopped(sent, address) == 0  # answered before the database knows
    sent.bring_in()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert "Set-Cookie" not in answers[0].headers
    assert stopped(sent, address) == 1


def test_t2_two_years_later_an_empty_post_still_stops(sent, monkeypatch):
    message, address = sent.message()
    later = FixedClock(sent.db.clock.now() + timedelta(days=730))
    monkeypatch.setattr(sent.db, "clock", later)
    assert sent.client().post(f"/u/{sent.token('u', message)}").status_code == 200
    sent.bring_in()
    assert stopped(sent, address) == 1


def test_a_person_is_told_in_the_senders_name_that_it_is_done(sent):
    message, _ = sent.messages[0]
    browser = sent.client()
    asked = browser.get(f"/u/{sent.token('u', message)}").text
    assert "Fenwright" in asked
    answer = browser.post(f"/u/{sent.token('u', message)}", data={"wish": "topic"})
    assert answer.status_code == 200
    assert "Fenwright" in answer.text


def test_a_forged_post_stops_nobody(sent):
    message, address = sent.messages[0]
    before = stopped(sent, address)
    for token in (sent.token("c", message, 1), sent.token("u", message)[:-2] + "xx"):
        assert sent.client().post(f"/u/{token}", data=ONE_CLICK).status_code == 404
    assert stopped(sent, address) == before


def test_what_somebody_wants_is_kept_in_its_scope_and_taken_back_by_themselves(sent):
    message, address = sent.messages[0]
    path = f"/p/{sent.token('p', message)}"
    browser = sent.client()
    scopes = {
        "brand": "vendor_id IS NOT NULL AND partner_id IS NOT NULL",
        "partner": "vendor_id IS NULL AND partner_id IS NOT NULL",
        "vendor": "vendor_id IS NOT NULL AND partner_id IS NULL",
        "all": "vendor_id IS NULL AND partner_id IS NULL",
    }
    for wish, scope in scopes.items():
        assert f'value="{wish}" checked' in browser.post(path, data={"wish": wish}).text
        where = f"message_id = {message} AND topic IS NULL"
        every = f"SELECT count(*) FROM suppression WHERE {where}"
        assert (sent.count(every), sent.count(f"{every} AND {scope}")) == (1, 1)
    topics = f"SELECT count(*) FROM suppression WHERE message_id = {message} AND topic IS NOT NULL"
    browser.post(path, data={"wish": "some"})
    assert (stopped(sent, address), sent.count(topics)) == (1, 1)
    ticked = sent.count("SELECT slug FROM campaign c JOIN mailing g ON g.campaign_id = c.id"
                        f" JOIN message m ON m.mailing_id = g.id WHERE m.id = {message}")  # fmt: skip
    browser.post(path, data={"wish": "some", "topics": ticked})
    assert stopped(sent, address) == 0
    acts = f"SELECT string_agg(act, ',' ORDER BY id) FROM consent_entry WHERE evidence->>'message' = '{message}'"
    assert sent.count(acts) == "withdrawn,withdrawn,withdrawn,withdrawn,confirmed"


def test_the_page_speaks_the_readers_language(sent):
    message, _ = sent.messages[0]
    with sent.db() as work:
        person = f"id = (SELECT contact_id FROM message WHERE id = {message})"
        work.session.execute(text(f"UPDATE contact SET language = 'de-AT' WHERE {person}"))
    shown = sent.client().get(f"/p/{sent.token('p', message)}").text
    assert '<html lang="de' in shown
    assert "Speichern" in shown
