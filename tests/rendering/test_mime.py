"""The finished message: whole, safe and the same after storing."""

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcma.errors import Invalid
from tcma.rendering import headers, mime, tokens

from .campaigns import OUTSIDE

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
HTML = '<html><body><p class="t">Hello [[first_name|there]], =20 ü</p>\n.dots\n..more\n<a href="[[link:1]]" title="[[company|your company]]">Go</a> [[unsubscribe_url]]</body></html>'
TEXT = (
    "Hello [[first_name|there]],\n.a line with a dot\n"
    + "." * 200
    + "\n[[link:1]]\n-- \n[[unsubscribe_url]]\n"
)
URLS = {"link:1": "https://t.example/c/1", "unsubscribe_url": "https://t.example/u/1"}


def artefact(subject: str = "For [[company|you]]") -> mime.Artefact:
    return mime.build(subject=subject, preview="p", html=HTML, text=TEXT, rtl=False)


def head(**changes: str) -> bytes:
    given = {
        "from_name": "Fenwright",
        "from_address": "hello@fenwright.example",
        "to_address": "zoe@example.org",
        "subject": "Hello",
        "message_id": "1.abc@fenwright.example",
        "unsubscribe_url": "https://t.example/u/1",
    }
    return headers.headers(date=AT, **(given | changes))


def read(values: dict[str, str], **changes: str):
    return message_from_bytes(head(**changes) + artefact().fill(values), policy=policy.default)


def test_a_filled_message_reads_back_as_written():
    values = URLS | {"first_name": "Zoë <1>", "company": 'A "B" & C'}
    message = read(values)
    assert not message.defects
    html = message.get_body(("html",)).get_content().replace("\r\n", "\n")
    assert html.strip() == tokens.fill_html(HTML, values)
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text.strip() == tokens.fill_text(TEXT, values).strip()


@given(
    first=st.text(max_size=120).filter(lambda v: "\r" not in v),
    company=st.text(st.characters(codec="utf-8"), max_size=90),
)
@settings(max_examples=150, deadline=None)
def test_any_value_stays_a_value(first, company):
    first = "".join(c for c in first if not 0xD800 <= ord(c) <= 0xDFFF)
    values = URLS | {"first_name": first, "company": company}
    raw = artefact().fill(values)
    lines = raw.split(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert not any(line.startswith(b".") for line in lines)
    assert all(len(line) <= 80 for line in lines)
    message = message_from_bytes(head() + raw, policy=policy.default)
    html = message.get_body(("html",)).get_content().replace("\r\n", "\n")
    assert html.strip() == tokens.fill_html(HTML, values).strip()


def test_an_empty_value_falls_back_and_a_missing_address_is_refused():
    html = read(URLS | {"first_name": ""}).get_body(("html",)).get_content()
    assert "Hello there," in html
    with pytest.raises(Invalid) as refused:
        artefact().fill({"link:1": "https://t.example"})
    assert refused.value.code == "token.missing"


def test_a_follow_up_greets_by_first_name_and_falls_back():
    mail = mime.build(
        subject="x",
        preview="",
        html="<p>[[greeting|Hello]],</p>",
        text="[[greeting|Hello]],",
        rtl=False,
    )
    assert b"Hello Tom=\r\n," in mail.fill({"first_name": "Tom"})
    assert b"Hello=\r\n," in mail.fill({"first_name": ""})


def test_a_stored_artefact_fills_the_same_bytes():
    one = artefact()
    two = mime.Artefact.from_bytes(one.to_bytes())
    assert two.to_bytes() == one.to_bytes()
    assert two.sha256 == one.sha256
    assert two.fill(URLS) == one.fill(URLS)
    assert two.subject({"company": "Ä"}) == "For Ä"
    json.loads(one.to_bytes())


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"literals": [1]}', b"\x80\x04."])
def test_something_else_is_not_an_artefact(data):
    with pytest.raises(Invalid) as refused:
        mime.Artefact.from_bytes(data)
    assert refused.value.code == "artefact.broken"


def test_a_token_without_value_and_fallback_is_refused_before_anybody_gets_a_mail():
    with pytest.raises(Invalid) as refused:
        mime.build(subject="x", preview="", html="[[first_name]]", text="", rtl=False)
    assert refused.value.code == "token.no_fallback"


def test_the_headers_carry_one_click_unsubscribe():
    message = read(URLS, list_id="launch.fenwright.example", unsubscribe_mailto="u@t.example")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    ways = " ".join(message["List-Unsubscribe"].split())
    assert ways == "<https://t.example/u/1>, <mailto:u@t.example>"
    assert message["Message-ID"] == "<1.abc@fenwright.example>"
    assert message["MIME-Version"] == "1.0"


@pytest.mark.parametrize(
    "name",
    [
        "Hélianthe & Cœur Infogérance",
        "ひなた雲システム株式会社",
        'A "B" (C), D',
        "Müller & Söhne " * 8,
    ],
)
def test_names_and_subjects_in_any_script_survive(name):
    raw = head(from_name=name.strip(), subject=f"Betreff: {name} – für alle")
    message = message_from_bytes(raw + b"\r\n")
    shown, address = parseaddr(str(make_header(decode_header(message["From"]))))
    assert address == "hello@fenwright.example"
    assert shown == name.strip()
    assert str(make_header(decode_header(message["Subject"]))) == f"Betreff: {name} – für alle"
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


def _injections() -> list[str]:
    own = ["a\r\nBcc: x@y.example", "a\nX: y", "a\r\n\r\nbody", "a\x00b", "x\r"]
    path = OUTSIDE / "attacks" / "header_injection.json"
    if path.exists():
        from urllib.parse import unquote

        own += [unquote(p) for p in json.loads(path.read_text())["payloads"]]
    return own


@pytest.mark.parametrize("payload", _injections())
@pytest.mark.parametrize(
    "field",
    ["from_name", "subject", "to_name", "reply_to", "message_id", "unsubscribe_url", "list_id",
     "feedback_id", "unsubscribe_mailto", "from_address", "to_address"],
)  # fmt: skip
def test_no_value_makes_another_header(field, payload):
    try:
        raw = head(**{field: payload})
    except Invalid:
        return
    assert "\n" not in payload
    names = {line.split(b":")[0] for line in raw.split(b"\r\n") if not line.startswith(b" ")}
    assert b"Bcc" not in names
    assert b"Set-Cookie" not in names


def test_a_recipients_value_never_breaks_the_subject():
    subject = artefact().subject({"company": "a\r\nBcc: x@y.example"})
    assert "\n" not in subject
    assert subject == "For a Bcc: x@y.example"
