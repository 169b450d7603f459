"""Sending domains of a partner: set up, looked at, with addresses; nobody else's."""

import pytest

from tcma.adapters.dns import Dns
from tcma.delivery.actions import ensure_sender
from tcma.embedded import names
from tcma.permissions import SYSTEM
from tcma.senders import queries
from tests.pages import app_over, services_of

NAME = "news.fenwright.example"


@pytest.fixture
def zone(tmp_path, desk):
    """A real name server that the app asks; `zone()` publishes all records of NAME."""
    server = names.start(tmp_path / "zone.txt")
    asked = Dns((server.address,), patience=1.0)
    desk.app = app_over(services_of(desk.db, tmp_path, names=asked))

    def publish():
        with desk.db() as work:
            domain = queries.domain_by_name(work.session, SYSTEM, NAME)
            for record in queries.records_of(work.session, domain, mail_host=work.site.mail_host):
                names.add(server.file, record.name, record.type, record.value)

    yield publish
    server.stop()


def test_without_an_own_domain_the_vendors_address_is_shown(desk):
    with desk.db() as work:
        ensure_sender(
            work,
            vendor_id=desk.ids["vendor"],
            from_name="Corbelane partners",
            from_address="partners@mail.corbelane.example",
            is_fallback=True,
        )
    page = desk.as_("Alice").get("/console/senders")
    assert "mail goes from your vendor’s with your name" in page.words
    assert "partners@mail.corbelane.example" in page.words


def test_a_domain_is_set_up_pasted_looked_at_and_given_an_address(desk, zone):
    visitor = desk.as_("Alice")
    page = visitor.post("/console/senders", domain="https://News.Fenwright.example", follow=True)
    assert page.heading == NAME
    assert page.all(".dns .pill") == ["Not looked at"] * 5
    assert "v=DKIM1; k=rsa; p=" in page.words
    page = visitor.post(f"/console/senders/{NAME}/look", follow=True)
    assert sorted(page.all(".dns .pill")) == ["Missing"] * 3 + ["Optional"] * 2
    zone()
    page = visitor.post(f"/console/senders/{NAME}/look", follow=True)
    assert "is verified" in page.text
    assert page.all(".dns .pill") == ["Found"] * 5
    page = visitor.post(
        f"/console/senders/{NAME}/addresses", from_name="Fenwright", local="Hello", follow=True
    )
    assert f"hello@{NAME}" in page.words
    assert "Yours, signed" in visitor.get("/console/senders").words
    assert (
        "Warming up, day 1 of 8: 0 of today’s 500" in visitor.get(f"/console/senders/{NAME}").words
    )
    page = visitor.post(f"/console/senders/{NAME}/pace", per_hour="90", is_warm="y", follow=True)
    assert "0 of 90 mails have left this hour" in page.words
    page = visitor.post(f"/console/senders/{NAME}/keys", follow=True)
    assert "New keys wait for their records" in page.words


def test_nobody_else_finds_the_domain(desk):
    desk.as_("Alice").post("/console/senders", domain=NAME)
    other = desk.as_("Charlie")
    assert other.get(f"/console/senders/{NAME}").status == 404
    for act in ("look", "keys", "pace", "removal", "addresses"):
        fields = {"from_name": "X", "local": "x"} if act == "addresses" else {}
        assert other.post(f"/console/senders/{NAME}/{act}", **fields).status == 404
    assert NAME not in other.get("/console/senders").words


@pytest.mark.parametrize("domain", ["gmail.com", "no domain", "hello@web.de"])
def test_a_domain_nobody_may_send_from_is_refused(desk, domain):
    page = desk.as_("Alice").post("/console/senders", domain=domain)
    assert page.status == 422
    assert page.tree.css_first("#domain-error, .error-summary")


@pytest.mark.parametrize("local", ["", "a b", "x@rival.example", "a\r\nBcc: x@y.example"])
def test_an_address_that_is_none_is_refused(desk, local):
    visitor = desk.as_("Alice")
    visitor.post("/console/senders", domain=NAME)
    page = visitor.post(f"/console/senders/{NAME}/addresses", from_name="Fen", local=local)
    assert page.status == 422


def test_a_domain_goes_with_its_addresses(desk):
    visitor = desk.as_("Alice")
    visitor.post("/console/senders", domain=NAME)
    visitor.post(f"/console/senders/{NAME}/addresses", from_name="Fenwright", local="hello")
    page = visitor.post(f"/console/senders/{NAME}/removal", follow=True)
    assert f"/console/senders/{NAME}" not in page.links()


def test_a_seller_sends_nothing(desk):
    assert desk.as_("Sam").get("/console/senders").status == 403
