"""How a telling is signed and when it is tried again: plain values in, plain values out."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from tcma import vault
from tcma.outbox.rules import LEASE, WAITS, body_of, headers_of, is_taken, next_try, shown

AT = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def test_a_signature_is_the_one_of_the_standards_own_example():
    """Message, time, body and secret as the Standard Webhooks publish them."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1_614_265_330, UTC)
    headers = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', [secret])
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert shown(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_two_secrets_sign_side_by_side():
    marks = headers_of("m", AT, b"{}", [b"a" * 32, b"b" * 32])["webhook-signature"].split()
    assert len(set(marks)) == 2
    assert marks[0] == headers_of("m", AT, b"{}", [b"a" * 32])["webhook-signature"]


def test_the_same_row_gives_the_same_octets_whatever_the_order_of_its_keys():
    one = body_of("lead.accepted", AT, {"b": "Größe", "a": {"y": 1, "x": 2}})
    assert one == body_of("lead.accepted", AT, {"a": {"x": 2, "y": 1}, "b": "Größe"})
    assert "Größe".encode() in one


def test_tries_come_less_and_less_often_for_two_days_and_then_no_more():
    waits = [next_try(n, AT) - AT for n in range(1, len(WAITS) + 1)]
    assert waits == sorted(waits)
    assert timedelta(days=2) < sum(waits, timedelta()) < timedelta(days=3)
    assert next_try(len(WAITS) + 1, AT) is None
    assert timedelta(seconds=15) < LEASE


@pytest.mark.parametrize(
    ("status", "taken"), [(200, True), (204, True), (299, True), (302, False), (410, False),
                          (500, False), (0, False)],
)  # fmt: skip
def test_only_a_status_of_200_to_299_counts_as_taken(status, taken):
    assert is_taken(status) is taken


def test_a_secret_at_rest_opens_for_its_owner_and_purpose_only():
    sealed = vault.seal(b"s" * 32, b"hush", purpose=b"p", bound=b"owner")
    assert b"hush" not in sealed
    assert vault.unseal(b"s" * 32, sealed, purpose=b"p", bound=b"owner") == b"hush"
    for secret, purpose, bound in (
        (b"t" * 32, b"p", b"owner"),
        (b"s" * 32, b"q", b"owner"),
        (b"s" * 32, b"p", b"other"),
    ):
        with pytest.raises(ValueError, match="does not open"):
            vault.unseal(secret, sealed, purpose=purpose, bound=bound)
