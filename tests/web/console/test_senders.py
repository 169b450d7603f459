"""Addresses a partner sends from."""

import pytest

from tcma.delivery.actions import ensure_sender


def test_without_an_own_address_the_vendors_is_shown(desk):
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


def test_an_own_address_is_added_and_seen_by_nobody_else(desk):
    fields = {"from_name": "Fenwright", "from_address": "hello@fenwright.example"}
    page = desk.as_("Alice").post("/console/senders", **fields, follow=True)
    assert "hello@fenwright.example" in page.words
    assert "hello@fenwright.example" not in desk.as_("Charlie").get("/console/senders").words


@pytest.mark.parametrize(
    "address", ["fenwright@gmail.com", "no address", "a@b\r\nBcc: x@y.example"]
)
def test_an_address_nobody_may_send_from_is_refused(desk, address):
    page = desk.as_("Alice").post("/console/senders", from_name="Fenwright", from_address=address)
    assert page.status == 422
    assert page.tree.css_first("#from_address-error")


def test_a_seller_sends_nothing(desk):
    assert desk.as_("Sam").get("/console/senders").status == 403
