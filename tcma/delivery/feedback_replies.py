"""What a person wrote back: which of our mails it answers, and the words without what they quote."""

import re
from email.message import Message
from email.utils import parseaddr

from tcma.delivery.feedback_report import header_addresses, one_header

LONGEST_WORDS = 2_000
_NUMBER = re.compile(r"AQ[A-Za-z0-9_-]{34}\Z")
"""The shape of a token that names a message; whether it is one of ours its signature says."""
_IDS = re.compile(r"<([^<>\s@]+)@[^<>\s]+>")
_QUOTED = re.compile(
    r"^(?:>|-{2,} ?(?:original message|ursprüngliche nachricht|message d['’]origine|mensaje original|"
    r"messaggio originale)|_{10,}[ \t]*$|(?:from|von|de|da|van|差出人)[ \t]?: .+@|"
    r"(?:on|am|le|el|il|op)\b.{4,200}(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef)[^\n]{0,80}:[ \t]*$|"
    r"-- $)",
    re.IGNORECASE | re.MULTILINE,
)


def answered(headers: Message) -> str:
    """Return the name of our mail that a mail answers, empty when it names none.

    Mail programs name what is answered in In-Reply-To and References; one that does not writes to
    the address the mail came back to, which carries the same name.
    """
    ids = _IDS.findall(" ".join(one_header(headers, n) for n in ("In-Reply-To", "References")))
    to = header_addresses(
        headers, "X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc", "Reply-To"
    )
    names = [*ids, *(address.partition("@")[0] for address in to)]
    return next((name for name in names if _NUMBER.match(name)), "")


def is_for_many(headers: Message) -> bool:
    """Say whether a mail went out by itself or to a list, so that nobody wrote it to us."""
    submitted = one_header(headers, "Auto-Submitted").strip().lower()
    precedence = one_header(headers, "Precedence").strip().lower()
    return (
        submitted not in {"", "no"}
        or precedence in {"bulk", "list", "junk", "auto_reply", "auto-reply"}
        or headers.get("List-Id") is not None
    )


def who(headers: Message) -> tuple[str, str]:
    """Return who wrote: name and address as they stand in the mail."""
    name, address = parseaddr(one_header(headers, "From"))
    return " ".join(name.split())[:120], address[:320]


def own_words(text: str) -> str:
    """Return what somebody wrote themselves, above what their program quotes; bounded."""
    cut = _QUOTED.search(text)
    own = text[: cut.start()] if cut and text[: cut.start()].strip() else text
    lines = [line.rstrip() for line in own.strip().splitlines()]
    return "\n".join(line for n, line in enumerate(lines) if line or (n and lines[n - 1]))[
        :LONGEST_WORDS
    ]
