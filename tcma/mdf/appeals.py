"""What an appeal against a refusal needs: words, within thirty days, once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tcma.db.work import Work
from tcma.errors import Invalid, LimitReached
from tcma.words import say

APPEAL_WITHIN = timedelta(days=30)
LONGEST = 2_000


def open_until(decided_at: datetime | None, trace: Mapping[str, Any]) -> datetime | None:
    """Return until when a refusal may be appealed, None when it was already."""
    return None if decided_at is None or "appeal" in trace else decided_at + APPEAL_WITHIN


def checked(work: Work, decided_at: datetime | None, trace: Mapping[str, Any], words: str) -> str:
    """Return the partner's words when an appeal is still possible; else raise with the reason."""
    until = open_until(decided_at, trace)
    if until is None or work.now > until:
        raise LimitReached(
            say("A refusal can be appealed once, within thirty days."),
            code="mdf.appeal",
            remedy=say("Write a new plan, or talk to your channel manager."),
        )
    said = words.strip()
    if not 0 < len(said) <= LONGEST:
        wrong = say("Say in a few sentences what was overlooked.")
        raise Invalid(wrong, code="mdf.appeal", fields={"words": wrong})
    return said
