"""A sender's own relays on their page: added, tried in words, put in order; nobody else's."""

import pytest

from tcma.adapters.egress import Egress
from tcma.delivery.actions import ensure_sender
from tests.builders import PASSWORD
from tests.journeys.people import Person
from tests.pages import app_over, served, services_of

NAME = "news.fenwright.example"
PAGE = f"/console/senders/{NAME}/relays"
CLOSED = {"kind": "smtp", "host": "127.0.0.1", "port": "1"}


@pytest.fixture
def alice(desk, tmp_path):
    """Alice with a sending domain, on an installation whose own network is this machine."""
    services = services_of(desk.db, tmp_path, web=Egress(inside=("127.0.0.1",)))
    desk.app = app_over(services)
    visitor = desk.as_("Alice")
    visitor.post("/console/senders", domain=NAME)
    return visitor


def only(page):
    """The address of the one relay a page lists."""
    [path] = {each for each in page.links("main h3 a") if each.startswith(f"{PAGE}/")}
    return path


def test_a_relay_is_added_tried_and_takes_a_mail_to_oneself(desk, alice, smtp_sink):
    with desk.db() as work:
        ensure_sender(
            work, partner_id=desk.ids["fenwright"], from_name="Fenwright",
            from_address=f"hello@{NAME}",
        )  # fmt: skip
    page = alice.post(PAGE, kind="smtp", host="127.0.0.1", port=str(smtp_sink.port), follow=True)
    assert "answers, lets us in and would take mail" in page.text
    assert page.all("main li .pill") == ["Answers"]
    page = alice.post(f"{only(page)}/mail", follow=True)
    assert "took the mail. Look into alice@people.example" in page.text
    [mail] = smtp_sink.kept
    assert (mail.sender, mail.recipient) == (f"hello@{NAME}", "alice@people.example")
    assert mail.message["From"] == f"Fenwright <hello@{NAME}>"
    smtp_sink.script.rcpt["alice@people.example"] = ["550 5.7.1 sender not allowed"]
    page = alice.post(f"{only(page)}/mail", follow=True)
    assert "did not take the mail. It said: 550 5.7.1 sender not allowed Allow mail" in page.text
    page = alice.post(f"{only(page)}/removal", follow=True)
    assert "Mail leaves by the relays of this installation" in page.words


def test_one_that_takes_no_mail_is_kept_and_said_to_with_the_remedy(desk, alice):
    page = alice.post(PAGE, **CLOSED, user="me", password="geheim", follow=True)
    assert page.all("main li .pill") == ["Takes no mail"]
    assert "At 127.0.0.1 nobody listens on port 1. Check the port: 587" in page.words
    assert "None of your relays takes mail. Nobody is lost" in page.words
    page = alice.post(f"{PAGE}/last-resort", last="house", follow=True)
    assert "The relays of this installation send it meanwhile" in page.words
    domain = alice.get(f"/console/senders/{NAME}")
    assert "Takes no mail" in domain.words
    edit = alice.get(only(page))
    assert "geheim" not in page.text + edit.text + domain.text
    page = alice.post(only(page), **CLOSED | {"port": "2525"}, user="me", password="")
    assert page.status == 422
    assert "Type the password anew" in page.words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"kind": "smtps", "host": "smtp.provider.example", "port": "22"}, "may not be reached"),
        ({"kind": "smtp", "host": "smtp.provider.example"}, "Without TLS nothing leaves"),
        ({"kind": "smtps", "host": ""}, "This is missing"),
        ({"kind": "ses", "host": "eu-central-1"}, "Write the key’s id here"),
    ],
)
def test_what_cannot_be_a_relay_is_refused_at_its_field(alice, typed, words):
    page = alice.post(PAGE, **typed)
    assert page.status == 422
    assert words in page.words


def test_a_stranger_finds_nothing(desk, alice):
    relay_page = only(alice.post(PAGE, **CLOSED, follow=True))
    stranger = desk.as_("Charlie")
    assert stranger.get(PAGE).status == stranger.get(relay_page).status == 404
    for act in ("", "/test", "/mail", "/up", "/removal"):
        assert stranger.post(f"{relay_page}{act}", **CLOSED).status == 404
    assert stranger.post(f"{PAGE}/last-resort", last="house").status == 404
    assert desk.as_("Sam").get(PAGE).status == 403


def test_the_form_is_filled_and_the_order_changed_with_the_keyboard_alone(
    desk, alice, browser, smtp_sink
):
    alice.post(PAGE, **CLOSED)
    with served(desk.app) as address:
        person = Person(browser, address).sign_in("alice@people.example", PASSWORD)
        person.go(PAGE)
        keys = person.page.keyboard
        person.page.get_by_label("SMTP, TLS after the greeting").focus()
        for _ in range(3):
            keys.press("ArrowDown")
        for typed in ("127.0.0.1", str(smtp_sink.port), "", ""):
            keys.press("Tab")
            keys.type(typed)
        keys.press("Tab")
        keys.press("Enter")
        person.see("answers, lets us in and would take mail")
        person.page.get_by_role("button", name="Try it earlier").press("Enter")
        person.page.wait_for_load_state()
        rows = person.page.locator("main h3")
        assert str(smtp_sink.port) in rows.first.inner_text()
        person.on_a_phone()
        person.leave()
