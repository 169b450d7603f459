"""Time stamps: asked over a real socket, held to the bytes, the question and the authority."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from tcma.adapters.egress import Egress
from tcma.adapters.time_authority import HttpAuthority
from tcma.errors import Invalid, Unavailable
from tcma.sealed import stamps
from tests.time_authority import SEEN, Authority, known, listening, refused

SAID = b'{"signature": "x"}'


def asked(authority, content=SAID, *, roots=None):
    with listening(authority) as url:
        web = Egress((urlsplit(url).netloc,))
        return HttpAuthority(web, url, roots or authority.pem).stamp(content)


def test_a_stamp_says_when_and_by_whom_and_sends_no_more_than_a_hash(authority):
    stamped = asked(authority)
    stamp = stamps.read(stamped.token, SAID, stamps.roots_of(stamped.roots))
    assert (stamp.at, stamp.by) == (SEEN, "CN=Time of Test")
    ((path, kind, question),) = authority.asked
    assert (path, kind) == ("/tsr", "application/timestamp-query")
    assert SAID not in question
    assert len(question) < 150


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda _, __: None, "it answers 503"),
        (lambda _, __: refused(), "the authority refused"),
        (lambda _, __: b"", "it cannot be read"),
        (lambda _, __: b"<html>", "it cannot be read"),
        (lambda _, said: said[:-4], "it cannot be read"),
        (lambda _, said: said + b"\0" * 200_000, "it is too large"),
        (lambda asked, _: known().says(stamps.question(SAID)[0]), "Nonce mismatch"),
        (
            lambda asked, _: known().says(asked.replace(asked[30:60], asked[31:61])),
            "Mismatch between messages",
        ),
    ],
)
def test_an_answer_that_is_none_is_not_taken_for_one(authority, change, why):
    authority.answer = change
    with pytest.raises(Unavailable, match=why):
        asked(authority)


def test_another_authority_of_the_same_name_is_not_trusted(authority):
    other = Authority(authority.name)
    with pytest.raises(Unavailable, match="certificate"):
        asked(other, roots=authority.pem)


def test_a_certificate_that_was_made_for_something_else_stamps_nothing():
    server = Authority("Web", purpose=ExtendedKeyUsageOID.SERVER_AUTH)
    with pytest.raises(Unavailable, match="no stamp"):
        asked(server)


def test_a_stamp_outlives_its_certificate_but_is_not_made_after_it():
    short = Authority("Short", until=SEEN + timedelta(days=1))
    stamped = asked(short)
    assert stamps.read(stamped.token, SAID, stamps.roots_of(short.pem)).at == SEEN
    short.at = SEEN + timedelta(days=2)
    with pytest.raises(Unavailable, match="certificate"):
        asked(short)


def test_a_stamp_of_other_bytes_or_with_one_bit_changed_is_none(authority):
    stamped = asked(authority)
    roots = stamps.roots_of(authority.pem)
    with pytest.raises(stamps.NotStamped, match="Mismatch"):
        stamps.read(stamped.token, SAID + b" ", roots)
    for at in range(12, len(stamped.token), 61):
        token = bytearray(stamped.token)
        token[at] ^= 1
        try:
            read = stamps.read(bytes(token), SAID, roots)
        except stamps.NotStamped:
            continue
        assert (read.at, read.by) == (SEEN, "CN=Time of Test"), at


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"x" * 200_000])
def test_what_is_no_certificate_cannot_be_trusted(pem):
    with pytest.raises(Invalid, match="no certificate"):
        stamps.roots_of(pem)


def test_without_an_authority_nobody_is_asked():
    assert stamps.NoAuthority().stamp(SAID) is None
