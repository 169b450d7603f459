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
    house, foot = house_of(work, vendor_id)
    written = []
    for each in letters:
        values = {
            "vendor": house,
            "person": each.name,
            "company": each.company,
            "campaign": each.campaign,
            "place": each.place,
            "reason": f"{each.reason.rstrip('.')}.",
            "answer_by": when(each.answer_by, each.zone),
        }
        letter = write_letter("lead_offered", values, house=house, url=each.url, foot=foot)
        written.append((each.to, letter))
    queue_letters(work, written, vendor_id=vendor_id)


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
    house, foot = house_of(work, vendor_id)
    written = []
    for each in letters:
        values = {
            "vendor": house,
            "company": each.company,
            "campaign": each.campaign,
            "place": each.place,
            "reason": f"{each.reason.rstrip('.')}.",
            "accepted": each.accepted,
        }
        letter = write_letter("lead_taken", values, house=house, url=each.url, foot=foot)
        written.append((each.to, letter))
    queue_letters(work, written, vendor_id=vendor_id)


def fresh_link(work: Work, *, vendor_id: UUID, to: str, days: int, url: str) -> None:
    """Mail somebody a fresh link to an offer they were told about; nothing of the lead stands in it."""
    house, foot = house_of(work, vendor_id)
    letter = write_letter("lead_link", {"days": str(days)}, house=house, url=url, foot=foot)
    queue_letters(work, [(to, letter)], vendor_id=vendor_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadGone:
    """What the letter that a lead is taken says, and to whom."""

    to: str
    name: str
    company: str
    url: str


def leads_gone(work: Work, letters: Sequence[LeadGone], *, vendor_id: UUID) -> None:
    """Say that others, who were asked at the same time, took leads; a letter each."""
    house, foot = house_of(work, vendor_id)
    written = []
    for each in letters:
        values = {"vendor": house, "person": each.name, "company": each.company}
        letter = write_letter("lead_gone", values, house=house, url=each.url, foot=foot)
        written.append((each.to, letter))
    queue_letters(work, written, vendor_id=vendor_id)


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


def lead_answered(work: Work, letters: Sequence[LeadAnswered], *, vendor_id: UUID) -> None:
    """Say that a person answered a mail, with their words; a letter each."""
    house, foot = house_of(work, vendor_id)
    written = []
    for each in letters:
        values = {"who": each.who, "company": each.company, "subject": each.subject,
                  "words": each.words}  # fmt: skip
        letter = write_letter("lead_answered", values, house=house, url=each.url, foot=foot)
        written.append((each.to, letter))
    queue_letters(work, written, vendor_id=vendor_id)


def lead_given(  # noqa: PLR0913 - the words of the letter
    work: Work, *, vendor_id: UUID, to: str, name: str, company: str, given_by: str, url: str
) -> None:
    """Tell somebody at a partner that a colleague gave them a lead."""
    house, foot = house_of(work, vendor_id)
    values = {"vendor": house, "person": name, "company": company, "given_by": given_by}
    letter = write_letter("lead_given", values, house=house, url=url, foot=foot)
    queue_letters(work, [(to, letter)], vendor_id=vendor_id)


def lead_taken_back(  # noqa: PLR0913 - the words of the letter
    work: Work, *, vendor_id: UUID, to: str, name: str, company: str, why: str, url: str
) -> None:
    """Tell somebody at a partner that a lead it had accepted is taken back, and why."""
    house, foot = house_of(work, vendor_id)
    values = {"vendor": house, "person": name, "company": company, "why": f"{why.rstrip('.')}."}
    letter = write_letter("lead_taken_back", values, house=house, url=url, foot=foot)
    queue_letters(work, [(to, letter)], vendor_id=vendor_id)


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
    house, foot = house_of(work, vendor_id)
    values = {
        "vendor": house,
        "person": name,
        "company": company,
        "days": "a day" if days == 1 else f"{days} days",
        "until": when(until, zone),
    }
    letter = write_letter("lead_idle", values, house=house, url=url, foot=foot)
    queue_letters(work, [(to, letter)], vendor_id=vendor_id)


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
    house, foot = house_of(work, vendor_id)
    values = {
        "vendor": house,
        "person": name,
        "company": company,
        "answer_by": when(answer_by, zone),
    }
    letter = write_letter("lead_waits", values, house=house, url=url, foot=foot)
    queue_letters(work, [(to, letter)], vendor_id=vendor_id)
