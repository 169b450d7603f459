"""Addresses, consent and suppression as tables."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tcma.contacts.rules import (
    Scope,
    StopWish,
    SuppressionReason,
    address_hash,
    cell_address,
    normal_address,
    one_line,
    softly_dead,
    storable,
    suppression_for,
)
from tcma.errors import Invalid
from tcma.words import in_language

NOW = datetime(2026, 3, 1, tzinfo=UTC)
VENDOR, OTHER, PARTNER = UUID(int=1), UUID(int=2), UUID(int=3)
MAIL = Scope(vendor_id=VENDOR, partner_id=PARTNER, topic="security")


@pytest.mark.parametrize(
    ("cell", "text", "key"),
    [
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        ("  Ada.L@Example.COM \u00a0", "Ada.L@example.com", "ada.l@example.com"),
        ("\ufeffada@example.com\u200b", "ada@example.com", "ada@example.com"),
        ("mailto:ada@example.com?subject=Hi", "ada@example.com", "ada@example.com"),
        ("Ada Lovelace <ada@example.com>", "ada@example.com", "ada@example.com"),
        ('"Lovelace, Ada" <ada@example.com>', "ada@example.com", "ada@example.com"),
        ("<ada@example.com>", "ada@example.com", "ada@example.com"),
        ("ada@Müller.example", "ada@xn--mller-kva.example", "ada@xn--mller-kva.example"),
        ("o'neil+news@sub.example.co.uk", "o'neil+news@sub.example.co.uk", "o'neil+news@sub.example.co.uk"),
    ],
)  # fmt: skip
def test_an_address_is_found_in_a_cell_and_two_spellings_share_a_key(
    cell: str, text: str, key: str
) -> None:
    address = cell_address(cell, named=True)
    assert (address.text, address.key) == (text, key)


@pytest.mark.parametrize(
    "cell",
    [
        "", "   ", "ada", "ada@", "@example.com", "ada@localhost", "ada@example", "ada@@example.com",
        "ada@example..com", "ada@-example.com", "ada@example.com.", "a da@example.com",
        "ada.@example.com", ".ada@example.com", "ada@exa_mple.com", "ada@[127.0.0.1]",
        '"ada..l"@example.com', "Ada Lovelace <ada@example.com>", "<ada@example.com>",
        "ada@example.com\nbcc: eve@example.com", "\nada@example.com",
        f"{'a' * 65}@example.com", f"ada@{'b' * 64}.com", "ada\0@example.com", "ada@xn--0.com",
        "n/a", "ada@example.com, eve@example.com", "\ud800@example.com", "ada@printer.local",
    ],
)  # fmt: skip
def test_what_is_no_mailbox_is_refused_with_a_sentence(cell: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cell_address(cell)
    assert refusal.value.fields["email"] == refusal.value.message


def test_a_local_part_outside_ascii_is_kept_and_marked() -> None:
    assert normal_address("ñoñó@example.com").needs_smtputf8
    assert not normal_address("ada@müller.example").needs_smtputf8


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('"ada l"@Example.com', '"ada l"@example.com'),
        ('"ada"@example.com', "ada@example.com"),
        ("Ada <ada@example.com>", "ada@example.com"),
        ('"Ada, L." <ada@example.com>', "ada@example.com"),
    ],
)
def test_one_name_and_quotes_of_the_standard_belong_to_an_address(text: str, kept: str) -> None:
    assert normal_address(text).text == kept


@pytest.mark.parametrize(
    "text", [" ada@example.com", "mailto:ada@example.com", "A L <a@b.example>"]
)
def test_an_address_as_such_has_nothing_around_it(text: str) -> None:
    with pytest.raises(Invalid):
        normal_address(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ada", "There is no @-sign."),
        ("@example.com", "There is nothing before the @-sign."),
        ("ada@", "There is nothing after the @-sign."),
        ("ada@@example.com", "There is more than one @-sign."),
        ("ada @example.com", "There is a blank in it."),
        ("ada..l@example.com", "A point stands where none can stand."),
        (
            '"ada@elsewhere.example"@example.com',
            "No mail system gives out what stands between these quotes.",
        ),
        ("ada@exam_ple.com", "Something in it cannot stand in a mail address."),
    ],
)
def test_a_refused_address_says_why_in_the_readers_language(text, why):
    with pytest.raises(Invalid, match=re.escape(why)) as refused:
        normal_address(text)
    assert in_language(refused.value.message, "de") not in ("", why)


@pytest.mark.parametrize(("cell", "role"), [("Info@example.com", True), ("ada@example.com", False)])
def test_a_shared_mailbox_is_known(cell: str, role: bool) -> None:
    assert normal_address(cell).is_role is role


def test_the_hash_is_keyed_short_and_blind_to_case() -> None:
    one, two = normal_address("Ada@Example.com"), normal_address("ada@example.com")
    assert address_hash("secret", one) == address_hash(b"secret", two)
    assert address_hash("other", one) != address_hash("secret", one)
    assert len(address_hash("secret", one)) == 16


def test_stored_text_loses_only_what_a_database_cannot_hold() -> None:
    assert storable("A\0da\ud800\x07  ") == "Ada\x07  "
    assert one_line("Ada\r\nBcc: x\x07\u2028y ") == "Ada Bcc: x y"
    assert one_line("Ada \u202egnp.eciovni\u2069") == "Ada gnp.eciovni"


R = SuppressionReason


@pytest.mark.parametrize(
    ("reason", "wish", "scope", "operational"),
    [
        (R.UNSUBSCRIBED, StopWish.BRAND, Scope(vendor_id=VENDOR, partner_id=PARTNER), False),
        (R.UNSUBSCRIBED, StopWish.TOPIC, MAIL, False),
        (R.UNSUBSCRIBED, StopWish.VENDOR, Scope(vendor_id=VENDOR), False),
        (R.COMPLAINT, StopWish.BRAND, Scope(vendor_id=VENDOR), True),
        (R.HARD_BOUNCE, StopWish.BRAND, Scope(), True),
        (R.LEGAL, StopWish.BRAND, Scope(), True),
    ],
)
def test_a_stop_reaches_as_far_as_its_reason(
    reason: SuppressionReason, wish: StopWish, scope: Scope, operational: bool
) -> None:
    stop = suppression_for(reason, MAIL, wish=wish)
    assert (stop.scope, stop.operational, stop.until) == (scope, operational, None)


def test_a_rest_after_soft_bounces_needs_to_know_the_time() -> None:
    with pytest.raises(ValueError, match="pass now"):
        suppression_for(R.SOFT_BOUNCES, MAIL)


def test_three_launches_in_thirty_days_make_an_address_softly_dead() -> None:
    bounces = [(UUID(int=n), NOW - timedelta(days=n)) for n in (1, 2, 3)]
    assert softly_dead(bounces, now=NOW)
    assert not softly_dead([(UUID(int=1), at) for _, at in bounces], now=NOW)
    assert not softly_dead(bounces, now=NOW + timedelta(days=28))
