"""What leaves the house is signed for one purpose, and numbers do not leak."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcma.errors import NotFound
from tcma.ids import Signer, new_id

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SIGNER = Signer(b"one secret of thirty-two letters")
OTHER = Signer(b"two secret of thirty-two letters")


def test_a_token_carries_its_payload_for_its_purpose_only():
    token = SIGNER.sign("lead", "offer:1")
    assert SIGNER.read("lead", token, NOW) == "offer:1"
    for signer, purpose in ((SIGNER, "reset"), (OTHER, "lead")):
        with pytest.raises(NotFound):
            signer.read(purpose, token, NOW)


def test_a_token_ends_with_its_date():
    token = SIGNER.sign("lead", "x", expires_at=NOW)
    assert SIGNER.read("lead", token, NOW) == "x"
    with pytest.raises(NotFound, match="no longer valid"):
        SIGNER.read("lead", token, NOW + timedelta(seconds=1))


@given(st.text(max_size=80))
def test_a_forged_token_is_not_found_and_never_a_crash(text):
    for read in (
        lambda: SIGNER.read("lead", text, NOW),
        lambda: SIGNER.read_message_token("c", text),
    ):
        with pytest.raises(NotFound):
            read()


@given(st.data(), st.integers(0, 2**63 - 1))
def test_a_token_has_one_spelling(data, number):
    token = SIGNER.message_token("c", number)
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from(sorted({*"AQgwBZ09-_"} - {token[at]})))
    with pytest.raises(NotFound):
        SIGNER.read_message_token("c", token[:at] + letter + token[at + 1 :])


@given(number=st.integers(0, 2**63 - 1), slot=st.integers(0, 65_535))
def test_a_mailed_link_names_its_message_and_slot(number, slot):
    token = SIGNER.message_token("c", number, slot)
    assert len(token) <= 48
    assert SIGNER.read_message_token("c", token) == (number, slot, 0)
    long = SIGNER.message_token("c", number, slot, 7)
    assert len(long) <= 48
    assert SIGNER.read_message_token("c", long) == (number, slot, 7)
    with pytest.raises(NotFound):
        SIGNER.read_message_token("u", token)


@given(st.integers(0, 2**63 - 1))
def test_a_public_number_reads_back_and_differs_by_kind(number):
    name = SIGNER.public_number("contact", number)
    assert SIGNER.read_public_number("contact", name) == number
    assert SIGNER.public_number("message", number) != name


def test_neighbours_do_not_look_alike():
    names = {SIGNER.public_number("contact", n) for n in range(100)}
    assert len(names) == 100
    assert len({name[:3] for name in names}) > 90


def test_new_ids_are_ordered_by_time():
    ids = [new_id() for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert ids == sorted(ids)


@given(st.binary(max_size=80))
def test_a_code_is_hmac_sha256_with_the_key_of_its_purpose(body):
    key = hashlib.sha256(b"tcma.link|lead|" + SIGNER.secret).digest()
    assert SIGNER._mac("lead", body) == hmac.digest(key, body, "sha256")[:16]
