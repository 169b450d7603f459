"""Whatever a recipient is called, a built message is whole CRLF lines without a lone dot."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tcma.errors import Invalid
from tcma.rendering.headers import headers
from tcma.rendering.mime import build

WHEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LETTER = build(
    subject="For [[first_name|you]]",
    preview="",
    html="<p>.[[first_name|you]]</p>\n.\n<p>[[company|]]</p>",
    text=".[[first_name|you]]\n.\n..[[company|]]\r\n",
    rtl=False,
)


@given(
    name=st.text(max_size=80) | st.sampled_from([".", "\r\n.\r\n", "\r\n.", "\n.\n", ".\r.\r"]),
    company=st.text(max_size=200)
    | st.sampled_from(["." * 80, "\r\n.\r\nMAIL FROM:<x@y>", "é" * 90]),
)
def test_no_value_can_end_the_message_or_break_its_lines(name, company):
    values = {"first_name": name, "company": company}
    try:
        head = headers(
            from_name="Fenwright",
            from_address="hello@fenwright.example",
            to_address="ida@brackwater.example",
            to_name=name,
            subject=LETTER.subject(values),
            date=WHEN,
            message_id="1.abc@fenwright.example",
        )
    except Invalid:
        head = b"X: refused\r\n\r\n"
    wire = head + LETTER.fill(values)
    assert wire.endswith(b"\r\n")
    lines = wire.split(b"\r\n")
    assert not any(line.startswith(b".") for line in lines)
    assert not any(b"\r" in line or b"\n" in line for line in lines)
