"""An offer as a partner's chat and programs are told it, masked, with a signed link for each who may answer; and
what became of it, where it was told.

The text goes into rooms of other makers, where a name a stranger typed into a form must be nothing but text:
no mention, no link, no mark-up.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

from tcma.db.work import Work
from tcma.delivery.notices import when
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.routing import masking
from tcma.leads.routing.masking import Fact
from tcma.leads.rules import DECLINE_REASONS, OfferState
from tcma.outbox import actions as outbox
from tcma.outbox.rules import Event
from tcma.partners.models import Partner
from tcma.words import in_language, say, say_n

_LINKS = re.compile(r"://|\bwww\.", re.IGNORECASE)
_MARKS = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "[": "(", "]": ")", "*": None, "_": " ", "~": None, "`": None, "|": "/"}
)  # fmt: skip
LONGEST = 300
LARGEST = 3_900
"""Characters of one text; rooms take 4,000 and refuse, or cut a link, beyond."""
TAKEN: Final = say("{who} took it: {lead}")
DECLINED: Final = say("{who} declined it: {lead}. Why: {why}")
OVER: Final = {
    OfferState.TIMED_OUT: say("No longer open: {lead}. The time to answer ended, and it went on."),
    OfferState.RECALLED: say("No longer open: {lead}. It was taken back."),
    OfferState.GONE: say("No longer open: {lead}. Another partner was faster."),
}
"""What became of an offer that nobody at the partner answered."""
ANSWERED = (OfferState.ACCEPTED, OfferState.DECLINED)
"""Offers that a person of the partner answered, whose name its room reads."""


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
    words = text_of(told, offer.answer_by, answerers, _language(work, offer))
    outbox.publish_to_partner(
        work, offer.partner_id, Event.LEAD_OFFERED, key=_key(offer), subject_id=lead.id,
        data={"offer": told, "links": links, "text": words},
    )  # fmt: skip


def tell_over(work: Work, offers: Sequence[LeadOffer]) -> None:
    """Say of offers that were just answered, or ended, what became of them, where they were told; once each."""
    for offer in offers:
        told = outbox.told(work, _key(offer), subject_id=offer.lead_id)
        if told is None:
            continue
        over: dict[str, Any] = {
            "offer": told["offer"],
            "state": offer.state,
            "by": offer.answered_by if offer.state in ANSWERED else None,
            "decline_reason": offer.decline_reason,
            "at": work.now.isoformat(),
        }
        words = over_of(over, _language(work, offer))
        outbox.follow(
            work, _key(offer), Event.LEAD_OFFER_OVER, key=f"{_key(offer)}:over",
            data=over | {"text": words}, subject_id=offer.lead_id,
        )  # fmt: skip


def text_of(
    told: dict[str, Any], answer_by: datetime, answerers: Sequence[Answerer], language: str = "en"
) -> str:
    """Return an offer as a room reads it: what it is, by when, and a line for each who may answer."""
    until = when(answer_by, answerers[0].zone)
    vendor, lead = plain(told["vendor"]), named(told, language)
    lines = [say("A lead from {vendor}: {lead}", vendor=vendor, lead=lead)]
    if told["reason"]:
        reason = plain(in_language(told["reason"], language))
        lines.append(say("Why you: {reason}", reason=reason))
    lines.append(say("Accept or decline it by {until}, without signing in:", until=until))
    told_lines = [in_language(line, language) for line in lines]
    links = [f"{plain(each.name)}: {each.url}" for each in answerers]
    room = LARGEST - sum(len(line) + 1 for line in told_lines)
    fit = sum(1 for upto in accumulate(len(link) + 1 for link in links) if upto <= room)
    if more := len(links) - fit:
        by_mail = say_n("{n} more has the link by mail.", "{n} more have the link by mail.", more)
        links[fit:] = [in_language(by_mail, language)]
    return "\n".join(told_lines + links)


def over_of(over: dict[str, Any], language: str) -> str:
    """Return what became of an offer as a room reads it, in one line."""
    state, lead = OfferState(over["state"]), named(over["offer"], language)
    who = plain(over["by"] or "")
    why = DECLINE_REASONS.get(over["decline_reason"] or "", "")
    answered = {OfferState.ACCEPTED: TAKEN, OfferState.DECLINED: DECLINED}
    line = (OVER | answered)[state].filled(who=who, lead=lead, why=why)
    return in_language(line, language)


def named(told: dict[str, Any], language: str) -> str:
    """Return what a room knows a lead by: its company, place and campaign, as far as they are shown."""
    facts = [in_language(told[key], language) for key in ("company", "place", "campaign")]
    return ", ".join(plain(fact) for fact in facts if fact)


def _key(offer: LeadOffer) -> str:
    return f"offer:{offer.id}"


def _language(work: Work, offer: LeadOffer) -> str:
    return work.session.get_one(Partner, offer.partner_id).locale[:2]


def plain(words: str) -> str:
    """Return what somebody typed as one line of text that a chat neither links, nor marks up, nor rings with."""
    line = " ".join(_LINKS.sub(" ", words).replace("@", " at ").split())
    return "".join(c for c in line if c.isprintable())[:LONGEST].translate(_MARKS)
