"""An offer as a partner's chat and programs are told it: masked, with a signed link for each who may answer.

The text goes into rooms of other makers, where a name a stranger typed into a form must be nothing but text:
no mention, no link, no mark-up.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tcma.db.work import Work
from tcma.delivery.notices import when
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.routing import masking
from tcma.leads.routing.masking import Fact
from tcma.outbox import actions as outbox
from tcma.outbox.rules import Event
from tcma.partners.models import Partner
from tcma.words import in_language, say

_MARKS = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "[": "(", "]": ")", "*": None, "_": " ", "~": None, "`": None, "|": "/"}
)  # fmt: skip
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Answerer:
    """Somebody who may answer an offer: their name, their zone, and the address that is theirs alone."""

    name: str
    zone: str
    url: str


def tell_offer(  # noqa: PLR0913 - what is told
    work: Work,
    offer: LeadOffer,
    lead: Lead,
    *,
    campaign: str,
    vendor: str,
    shown: Collection[Fact],
    answerers: Sequence[Answerer],
) -> None:
    """Put an offer into the outbox of every address of its partner that hears of offers; once an offer."""
    if not answerers:
        return
    told: dict[str, Any] = {
        "vendor": vendor,
        "company": masking.company(lead.company, shown),
        "campaign": campaign,
        "place": masking.place(lead.country, lead.postcode, shown),
        "reason": offer.reason,
        "answer_by": offer.answer_by.isoformat(),
    }
    links = [{"person": each.name, "url": each.url} for each in answerers]
    locale = work.session.get_one(Partner, offer.partner_id).locale
    words = text_of(told, offer.answer_by, answerers, language=locale.partition("-")[0])
    outbox.publish_to_partner(
        work, offer.partner_id, Event.LEAD_OFFERED, key=f"offer:{offer.id}", subject_id=lead.id,
        data={"offer": told, "links": links, "text": words},
    )  # fmt: skip


def text_of(
    told: dict[str, Any], answer_by: datetime, answerers: Sequence[Answerer], *, language: str
) -> str:
    """Return an offer as a room of `language` reads it: what it is, by when, and a line for each who may
    answer.
    """
    known = {name: plain(in_language(text, language)) for name, text in told.items()}
    facts = ", ".join(known[key] for key in ("company", "place", "campaign") if known[key])
    until = when(answer_by, answerers[0].zone)
    lines = [say("A lead from {vendor}: {facts}", vendor=known["vendor"], facts=facts)]
    if known["reason"]:
        lines.append(say("Why you: {reason}", reason=known["reason"]))
    lines.append(say("Accept or decline it by {until}, without signing in:", until=until))
    answers = [f"{plain(each.name)}: {each.url}" for each in answerers]
    return "\n".join([*(in_language(line, language) for line in lines), *answers])


def plain(words: str) -> str:
    """Return what somebody typed as one line of text that a chat neither links, nor marks up, nor rings with."""
    line = " ".join(words.replace("://", " ").replace("@", " at ").split())
    return "".join(c for c in line if c.isprintable())[:LONGEST].translate(_MARKS)
