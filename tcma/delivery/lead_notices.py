"""Letters that offer leads, give them on, or say that one is gone or wrote back: many in one go, for a batch of offers is told in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tcma.db.work import Work
from tcma.delivery.letters import write_letter
from tcma.delivery.notices import house_of, queue_letters, when


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadOffered:
    """What the letter that offers a lead says, and to whom."""

    to: str
    name: str
    company: str
    campaign: str
    place: str
    reason: str
    answer_by: datetime
    zone: str
    url: str


def leads_offered(work: Work, letters: Sequence[LeadOffered], *, vendor_id: UUID) -> None:
    """Offer leads, a letter each; the button answers without signing in."""
    _send(work, "lead_offered", [
        (each.to, each.url, {
            "person": each.name, "company": each.company, "campaign": each.campaign,
            "place": each.place, "reason": _ended(each.reason),
            "answer_by": when(each.answer_by, each.zone),
        }) for each in letters
    ], vendor_id=vendor_id)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTaken:
    """What the letter about a lead that was accepted by itself says, and to whom."""

    to: str
    name: str
    company: str
    campaign: str
    place: str
    reason: str
    accepted: str
    url: str


def leads_taken(work: Work, letters: Sequence[LeadTaken], *, vendor_id: UUID) -> None:
    """Say that leads were accepted by themselves, and why; a letter each."""
    _send(work, "lead_taken", [
        (each.to, each.url, {
            "company": each.company, "campaign": each.campaign, "place": each.place,
            "reason": _ended(each.reason), "accepted": each.accepted,
        }) for each in letters
    ], vendor_id=vendor_id)  # fmt: skip


def fresh_link(work: Work, *, vendor_id: UUID, to: str, days: int, url: str) -> None:
    """Mail somebody a fresh link to an offer they were told about; nothing of the lead stands in it."""
    _send(work, "lead_link", [(to, url, {"days": str(days)})], vendor_id=vendor_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadGone:
    """What the letter that a lead is taken says, and to whom."""

    to: str
    name: str
    company: str
    url: str


def leads_gone(work: Work, letters: Sequence[LeadGone], *, vendor_id: UUID) -> None:
    """Say that others, who were asked at the same time, took leads; a letter each."""
    told = [(each.to, each.url, {"person": each.name, "company": each.company}) for each in letters]
    _send(work, "lead_gone", told, vendor_id=vendor_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadAnswered:
    """What the letter that somebody wrote back says, and to whom; `words` is what they wrote."""

    to: str
    name: str
    who: str
    company: str
    subject: str
    words: str
    url: str


def leads_answered(work: Work, letters: Sequence[LeadAnswered], *, vendor_id: UUID) -> None:
    """Say that a person answered a mail, with their words; a letter each."""
    _send(work, "lead_answered", [
        (each.to, each.url, {
            "who": each.who, "company": each.company, "subject": each.subject, "words": each.words,
        }) for each in letters
    ], vendor_id=vendor_id)  # fmt: skip


def lead_given(  # noqa: PLR0913 - the words of the letter
    work: Work, *, vendor_id: UUID, to: str, name: str, company: str, given_by: str, url: str
) -> None:
    """Tell somebody at a partner that a colleague gave them a lead."""
    values = {"person": name, "company": company, "given_by": given_by}
    _send(work, "lead_given", [(to, url, values)], vendor_id=vendor_id)


def lead_taken_back(  # noqa: PLR0913 - the words of the letter
    work: Work, *, vendor_id: UUID, to: str, name: str, company: str, why: str, url: str
) -> None:
    """Tell somebody at a partner that a lead it had accepted is taken back, and why."""
    values = {"person": name, "company": company, "why": _ended(why)}
    _send(work, "lead_taken_back", [(to, url, values)], vendor_id=vendor_id)


def lead_idle(  # noqa: PLR0913 - the words of the letter
    work: Work,
    *,
    vendor_id: UUID,
    to: str,
    name: str,
    company: str,
    days: int,
    until: datetime,
    zone: str,
    url: str,
) -> None:
    """Warn whose lead it is that it goes to another partner when nothing is noted of it."""
    values = {
        "person": name,
        "company": company,
        "days": "a day" if days == 1 else f"{days} days",
        "until": when(until, zone),
    }
    _send(work, "lead_idle", [(to, url, values)], vendor_id=vendor_id)


def deal_lapses(  # noqa: PLR0913 - the words of the letter
    work: Work,
    *,
    vendor_id: UUID,
    to: str,
    name: str,
    company: str,
    deal: str,
    until: datetime,
    zone: str,
    url: str,
) -> None:
    """Warn whose registered deal it is that it lapses unless it is moved."""
    values = {"person": name, "company": company, "deal": deal, "until": when(until, zone)}
    _send(work, "deal_lapses", [(to, url, values)], vendor_id=vendor_id)


def deal_lapsed(  # noqa: PLR0913 - the words of the letter
    work: Work, *, vendor_id: UUID, to: str, name: str, company: str, deal: str, url: str
) -> None:
    """Say whose registered deal it was that it has lapsed."""
    values = {"person": name, "company": company, "deal": deal}
    _send(work, "deal_lapsed", [(to, url, values)], vendor_id=vendor_id)


def lead_waits(  # noqa: PLR0913 - the words of the letter
    work: Work,
    *,
    vendor_id: UUID,
    to: str,
    name: str,
    company: str,
    answer_by: datetime,
    zone: str,
    url: str,
) -> None:
    """Remind somebody of a lead whose time is nearly over; the button answers without signing in."""
    values = {
        "person": name,
        "company": company,
        "answer_by": when(answer_by, zone),
    }
    _send(work, "lead_waits", [(to, url, values)], vendor_id=vendor_id)


def _ended(sentence: str) -> str:
    return f"{sentence.rstrip('.')}."


def _send(
    work: Work, template: str, told: Sequence[tuple[str, str, dict[str, str]]], *, vendor_id: UUID
) -> None:
    """Queue a letter for each (address, where its button leads, what it says)."""
    house, foot = house_of(work, vendor_id)
    written = [
        (to, write_letter(template, {"vendor": house} | values, house=house, url=url, foot=foot))
        for to, url, values in told
    ]
    queue_letters(work, written, vendor_id=vendor_id)
