"""Signatures checked by another implementation (dkimpy), with the key where a receiver finds it."""

import contextlib
import re
from datetime import UTC, datetime

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcma.rendering.headers import Letterhead
from tcma.rendering.mime import build
from tcma.senders.dkim import Algorithm, DkimSigner, key_bytes, load_key, new_key, record

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LETTER = build(
    subject="For [[first_name|you]]",
    preview="",
    html="<p>Dear  [[first_name|you]],\t </p>\n.\n<p>[[company|]] </p>"
    + "<p>Lorem ipsum</p>" * 400,
    text="Dear [[first_name|you]]  \n\n.\n[[company|]]\r\n",
    rtl=False,
)
HEAD = Letterhead(
    from_name="Fenwright & Söhne",
    from_address="hello@fenwright.example",
    reply_to="sales@fenwright.example",
    list_id="1.fenwright.example",
    feedback_id="1:1:launch:tcma",
)
KEYS = {each: new_key(each) for each in Algorithm}


def message(signer, name="Ida", company="Brackwater"):
    values = {"first_name": name, "company": company}
    head = HEAD.headers(
        to_address="ida@brackwater.example",
        to_name=name,
        subject=LETTER.subject(values),
        date=AT,
        message_id="1.abc@fenwright.example",
        unsubscribe_url="https://tcma.example/u/" + "t" * 90,
    )
    body = LETTER.pieces(values)
    mark = signer.header(head + LETTER.head, body, at=int(AT.timestamp()))
    return b"".join((mark, head, LETTER.head, b"\r\n", *body))


def signer_of(algorithm):
    return DkimSigner("fenwright.example", "t1", KEYS[algorithm])


def holds(raw, key):
    asked = []

    def published(name, timeout=5):
        asked.append(name)
        return record(key).encode()

    good = dkim.verify(raw, dnsfunc=published)
    assert not good or asked == [b"t1._domainkey.fenwright.example."]
    return good


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_another_implementation_finds_the_signature_good(algorithm):
    assert holds(message(signer_of(algorithm)), KEYS[algorithm])


@pytest.mark.parametrize("algorithm", list(Algorithm))
@pytest.mark.parametrize(
    "harm",
    [
        lambda raw: raw.replace(b"Lorem", b"LOREM", 1),
        lambda raw: raw.replace(b"hello@fenwright", b"h3llo@fenwright", 1),
        lambda raw: raw.replace(b"/u/tt", b"/u/xx", 1),
        lambda raw: raw.replace(b"=One-Click", b"=Two-Click", 1),
        lambda raw: b"From: evil@example.org\r\n" + raw,
        lambda raw: raw.replace(b"\r\nSubject:", b"\r\nSubject: Evil\r\nSubject:", 1),
    ],
)
def test_whatever_is_changed_on_the_way_breaks_it(algorithm, harm):
    raw = message(signer_of(algorithm))
    harmed = harm(raw)
    assert harmed != raw
    with contextlib.suppress(dkim.DKIMException):
        assert not holds(harmed, KEYS[algorithm])


def test_what_the_road_may_do_to_headers_leaves_it_good():
    raw = message(signer_of(Algorithm.RSA))
    folded = raw.replace(b"\r\nList-Id: ", b"\r\nList-Id:\r\n\t ").replace(
        b"\r\nTo: ", b"\r\nTO:  "
    )
    assert folded != raw
    assert holds(folded, KEYS[Algorithm.RSA])


def test_from_is_signed_twice_and_the_one_click_headers_are_covered():
    mark = message(signer_of(Algorithm.RSA)).split(b"\r\nFrom:")[0].decode()
    signed = re.sub(r"\s", "", re.search(r"h=([^;]*);", mark)[1]).split(":")
    assert signed.count("from") == 2
    assert {"list-unsubscribe", "list-unsubscribe-post", "reply-to", "message-id"} <= set(signed)
    assert max(len(line) for line in mark.split("\r\n")) <= 100


@settings(max_examples=60, deadline=None)
@given(name=st.text(max_size=60), company=st.text(max_size=120))
def test_whatever_people_are_called_the_signature_holds(name, company):
    clean = re.sub(r"[\r\n\x00]", "", name)
    assert holds(message(signer_of(Algorithm.ED25519), clean, company), KEYS[Algorithm.ED25519])


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_key_that_was_put_away_signs_the_same(algorithm):
    again = load_key(key_bytes(KEYS[algorithm]))
    assert record(again) == record(KEYS[algorithm])
    signer = DkimSigner("fenwright.example", "t1", again)
    assert holds(message(signer), KEYS[algorithm])
