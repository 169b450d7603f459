"""One event of a mail provider about one recipient, whatever the provider calls it."""

from dataclasses import dataclass, replace
from typing import Self

from tcma.delivery.feedback_reasons import Action
from tcma.delivery.feedback_report import Fact, reply_in, status_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One event about one recipient. `action` is None where the words of `fact` must decide."""

    fact: Fact
    action: Action | None = None
    reason: str = ""
    message_id: str = ""
    event_id: str = ""

    def acting(self, action: Action | None) -> Self:
        """Return the same event with this verdict."""
        return replace(self, action=action)


def fact_of(address: object, words: str = "", status: str = "") -> Fact:
    """Return what a provider says about an address, as if a report had said it."""
    code = status_in(status) or status_in(words)
    return Fact(recipient=str(address or "").strip(" <>"), status=code, words=words.strip(),
                reply=reply_in(f"{status} ") or reply_in(words), command=_spoken(words))  # fmt: skip


def _spoken(words: str) -> str:
    """A provider reports the answer to RCPT unless it says otherwise."""
    return "DATA" if "end of data" in words.lower() else "RCPT" if words else ""
