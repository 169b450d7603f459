"""A mail that somebody wrote becomes a submission: who, what they ask, and why it may be a machine's."""

import hashlib
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from tcma.delivery.feedback_replies import is_for_many
from tcma.errors import Invalid
from tcma.leads.intake import LONGEST_TEXT, Capture
from tcma.words import say

CONSENT = "Wrote to us by mail and asked to be answered."
SOURCE = "mail:"
"""How the source of a submission begins that came by mail."""
SUBJECT, WROTE = "Subject", "Wrote"


def submission_of(raw: bytes, *, source: str) -> tuple[Capture, str]:
    """Return the submission of a mail, and why it looks like an automaton's (else empty).

    Invalid when it names no sender.
    """
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    name, address = parseaddr(_head(mail, "From"))
    if "@" not in address:
        raise Invalid(say("This mail names no sender."), code="mail.sender")
    first, _, last = name.strip().rpartition(" ")
    number = _head(mail, "Message-ID").strip() or hashlib.sha256(raw).hexdigest()
    new = Capture(
        source=source,
        external_id=number[:200],
        address=address,
        consent_given=True,
        consent_text=CONSENT,
        consent_version="mail",
        page_url="",
        first_name=first or last,
        last_name=last if first else "",
        answers={SUBJECT: _head(mail, "Subject"), WROTE: _text(mail)},
    )
    return new, _automaton(mail)


def words_of(said: Capture) -> tuple[str, str]:
    """Return subject and words of a submission that came by mail."""
    return said.answers.get(SUBJECT, ""), said.answers.get(WROTE, "")


def _head(mail: EmailMessage, name: str) -> str:
    return str(mail.get(name, "")).replace("\x00", "")


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        text = part.get_content()
    except (LookupError, ValueError):  # a charset nobody knows
        return ""
    return str(text).replace("\x00", "").strip()[:LONGEST_TEXT]


def _automaton(mail: EmailMessage) -> str:
    if is_for_many(mail):
        return "a program sent it by itself, or it went to a list"
    if parseaddr(_head(mail, "Return-Path") or "<x@y>")[1] == "":
        return "it is a report of a mail server"
    return ""
