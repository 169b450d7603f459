"""The headers of a message: what a mailing's messages share is encoded once, every value is one
line. RFC 5322, 2047, 2369, 8058.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from tcma.errors import Invalid

LINE = 76
ONE_CLICK = "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
_BREAK = re.compile(r"[\r\n\x00]")
_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+\Z")
_ADDRESS = re.compile(
    r"(?:\"(?:[ !#-\[\]-~]|\\[ -~])+\"|[^\s<>()\[\],;:\\\"@]+)@[^\s<>()\[\],;:\\\"@]+\Z"
)
_BAD_BARE = re.compile(r"[\s<>\x00-\x1f]")
_NAME = re.compile(r"[A-Za-z0-9-]+\Z")


class Letterhead:
    """What the headers of one mailing's messages have in common.

    Raises `Invalid` when any value holds a line break or an address is none.
    """

    __slots__ = ("_after", "_first")

    def __init__(
        self,
        *,
        from_name: str,
        from_address: str,
        reply_to: str = "",
        list_id: str = "",
        feedback_id: str = "",
    ) -> None:
        self._first = f"From: {mailbox(from_name, from_address)}\r\nTo: "
        after = []
        if reply_to:
            after.append(f"Reply-To: {mailbox('', reply_to, 'Reply-To')}")
        if list_id:
            after.append(f"List-Id: <{_bare('List-Id', list_id)}>")
        if feedback_id:
            after.append(f"Feedback-ID: {_bare('Feedback-ID', feedback_id)}")
        self._after = "".join(f"{line}\r\n" for line in after)

    def headers(  # noqa: PLR0913 - each part is named by the caller
        self,
        *,
        to_address: str,
        subject: str,
        date: datetime,
        message_id: str,
        to_name: str = "",
        unsubscribe_url: str = "",
        unsubscribe_mailto: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> bytes:
        """The headers of one message, each ended by CRLF; the content's own follow directly.

        `message_id` without angle brackets. With `unsubscribe_url` the one-click headers of
        RFC 8058 are set.
        """
        text = (
            f"{self._first}{mailbox(to_name, to_address, 'To')}\r\n"
            f"Subject: {encoded(_one_line('Subject', subject), used=9)}\r\n"
            f"Date: {_stamped(date)}\r\n"
            f"Message-ID: <{_bare('Message-ID', message_id)}>\r\n"
            f"{self._after}{_ways_out(unsubscribe_url, unsubscribe_mailto)}"
        )
        for name, value in (extra or {}).items():
            if not _NAME.match(name):
                message = f"“{name}” is not a header name."
                raise Invalid(message, code="header.name")
            text += f"{name}: {encoded(_one_line(name, value), used=len(name) + 2)}\r\n"
        return text.encode("ascii")


def headers(  # noqa: PLR0913 - each part is named by the caller
    *,
    from_name: str,
    from_address: str,
    to_address: str,
    subject: str,
    date: datetime,
    message_id: str,
    to_name: str = "",
    reply_to: str = "",
    unsubscribe_url: str = "",
    unsubscribe_mailto: str = "",
    list_id: str = "",
    feedback_id: str = "",
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """The headers of a message that shares them with no other: see `Letterhead`."""
    letterhead = Letterhead(
        from_name=from_name,
        from_address=from_address,
        reply_to=reply_to,
        list_id=list_id,
        feedback_id=feedback_id,
    )
    return letterhead.headers(
        to_address=to_address,
        subject=subject,
        date=date,
        message_id=message_id,
        to_name=to_name,
        unsubscribe_url=unsubscribe_url,
        unsubscribe_mailto=unsubscribe_mailto,
        extra=extra,
    )


def _one_line(name: str, value: str) -> str:
    if _BREAK.search(value):
        message = f"{name} must not hold a line break."
        raise Invalid(message, code="header.line_break", remedy="remove it", fields={name: message})
    return value


def encoded(text: str, *, used: int) -> str:
    """Header text by RFC 2047 and folded; `used` is the room the header's name takes."""
    if text.isascii() and len(text) + used <= LINE + 2:
        return text
    if text.isascii():
        return _folded(text, used)
    words: list[str] = []
    room = LINE - used
    chunk = ""
    for character in text:
        length = len(base64.b64encode((chunk + character).encode())) + 12
        if chunk and length > min(room, 75):
            words.append(_word(chunk))
            chunk, room = "", LINE - 1
        chunk += character
    words.append(_word(chunk))
    return "\r\n ".join(words)


def _word(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _folded(text: str, used: int) -> str:
    lines, line = [], ""
    room = LINE - used
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, LINE - 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


@lru_cache(maxsize=8)
def _stamped(date: datetime) -> str:
    return format_datetime(date)


def mailbox(name: str, address: str, header: str = "From") -> str:
    """A display name and address for a header.

    Raises `Invalid` for line breaks and for an address with anything else around it.
    """
    _one_line(header, name)
    if not _ADDRESS.match(_one_line(header, address)) or not address.isascii():
        message = f"“{address}” is not an address."
        raise Invalid(message, code="header.address", fields={header: message})
    name = " ".join(name.split())
    if not name:
        return address
    if not name.isascii():
        shown = encoded(name, used=len(header) + 2)
    elif _ATEXT.match(name):
        shown = name
    else:
        shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    last = shown.rsplit("\n", 1)[-1]
    joint = "\r\n " if len(last) + len(address) + 3 + len(header) + 2 > LINE else " "
    return f"{shown}{joint}<{address}>"


def _ways_out(url: str, mailto: str) -> str:
    """RFC 2369 and, for an address of the web, RFC 8058."""
    ways = []
    if url:
        if not url.startswith(("https://", "http://")):
            message = "The one-click address must be http(s)."
            raise Invalid(message, code="header.unsubscribe")
        ways.append(f"<{_bare('List-Unsubscribe', url)}>")
    if mailto:
        ways.append(f"<mailto:{_bare('List-Unsubscribe', mailto)}>")
    lines = "List-Unsubscribe: " + ",\r\n ".join(ways) + "\r\n" if ways else ""
    return f"{lines}{ONE_CLICK}\r\n" if url else lines


def _bare(name: str, value: str) -> str:
    if not value.isascii() or _BAD_BARE.search(value):
        message = f"{name} must be plain characters without spaces, brackets or line breaks."
        raise Invalid(message, code="header.line_break", fields={name: message})
    return value
