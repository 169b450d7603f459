"""A mailbox at somebody's mail server (IMAP, RFC 3501), read for what comes back to the house."""

import imaplib
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from tcma.errors import Unavailable

WAIT_S = 30
LARGEST = 10 * 1024 * 1024
"""Octets of a mail that are read; reports are small, and what is quoted stands behind them."""
AT_ONCE = 200
"""Most mails of one look: the others wait for the next."""


def read_unseen(url: str, take: Callable[[bytes], bool]) -> int:
    """Hand each unread mail of `imaps://user:password@host/FOLDER` to `take`; return how many.

    A mail counts as read when `take` has returned; one to which it said no is flagged for a person.
    Raises Unavailable when the server does not answer or refuses; what `take` raises goes on.
    """
    parts = urlsplit(url)
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    try:
        with _open(url) as box:
            box.login(unquote(parts.username or ""), unquote(parts.password or ""))
            _asked(box.select(f'"{folder}"'))
            numbers = _asked(box.uid("SEARCH", "UNSEEN"))[0].split()[:AT_ONCE]
            for number in numbers:
                marks = r"(\Seen)" if take(_whole(box, number.decode())) else r"(\Seen \Flagged)"
                _asked(box.uid("STORE", number.decode(), "+FLAGS", marks))
            return len(numbers)
    except (imaplib.IMAP4.error, OSError) as error:
        raise Unavailable(
            f"The mailbox {parts.hostname}/{folder} cannot be read: {error}",
            code="mail.inbox",
            remedy="Look at its address and password in TCMA_RETURN_MAIL.",
        ) from None


def _open(url: str) -> imaplib.IMAP4:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "imaps":
        return imaplib.IMAP4_SSL(
            host, parts.port or 993, ssl_context=ssl.create_default_context(), timeout=WAIT_S
        )
    return imaplib.IMAP4(host, parts.port or 143, timeout=WAIT_S)


def _asked(answer: tuple[str, list[Any]]) -> list[Any]:
    state, said = answer
    if state != "OK":
        raise imaplib.IMAP4.error(
            b" ".join(each for each in said if each).decode("ascii", "replace")
        )
    return said


def _whole(box: imaplib.IMAP4, number: str) -> bytes:
    """Return a mail's bytes, without marking it as read."""
    for part in _asked(box.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST}>)")):
        if isinstance(part, tuple):
            return bytes(part[1])
    return b""
