"""Letters that offer leads, give them on, or say that one is gone or wrote back: many in one go, for a batch of offers is told in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tcma.db.work import Work
from tcma.delivery.notices import Reader, tell, tell_each, when
from tcma.words import say, say_n


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadOffered:
    """What the letter that offers a lead says, and to whom."""

    reader: Reader
    company: str
    campaign: str
    place: str
    reason: str
    answer_by: datetime
    zone: str
    url: str


def leads_offered(work: Work, letters: Sequence[LeadOffered], *, vendor_id: UUID) -> None:
    """Offer leads, a letter each; the button answers without signing in."""
    tell_each(work, "lead_offered", [
        (each.reader, each.url, {
            "company": each.company, "campaign": each.campaign,
            "place": each.place, "reason": _ended(each.reason),
            "answer_by": when(each.answer_by, each.zone),
        }) for each in letters
    ], vendor_id=vendor_id)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTaken:
    """What the letter about a lead that was accepted by itself says, and to whom."""

    reader: Reader
    company: str
    campaign: str
    place: str
    reason: str
    accepted: str
    url: str


def leads_taken(work: Work, letters: Sequence[LeadTaken], *, vendor_id: UUID) -> None:
    """Say that leads were accepted by themselves, and why; a letter each."""
    tell_each(work, "lead_taken", [
        (each.reader, each.url, {
            "company": each.company, "campaign": each.campaign, "place": each.place,
            "reason": _ended(each.reason), "accepted": each.accepted,
        }) for each in letters
    ], vendor_id=vendor_id)  # fmt: skip


def fresh_link(work: Work, reader: Reader, *, vendor_id: UUID, days: int, url: str) -> None:
    """Mail somebody a fresh link to an offer they were told about; nothing of the lead stands in it."""
    tell(
        work,
        "lead_link",
        {"days": say_n("{n} day", "{n} days", days)},
        reader,
        url=url,
        vendor_id=vendor_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadGone:
    """What the letter that a lead is taken says, and to whom."""

    reader: Reader
    company: str
    url: str


def leads_gone(work: Work, letters: Sequence[LeadGone], *, vendor_id: UUID) -> None:
    """Say that others, who were asked at the same time, took leads; a letter each."""
    told = [(each.reader, each.url, {"company": each.company}) for each in letters]
    tell_each(work, "lead_gone", told, vendor_id=vendor_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadAnswered:
    """What the letter that somebody wrote back says, and to whom; `words` is what they wrote."""

    reader: Reader
    who: str
    company: str
    subject: str
    words: str
    url: str


def leads_answered(work: Work, letters: Sequence[LeadAnswered], *, vendor_id: UUID) -> None:
    """Say that a person answered a mail, with their words; a letter each."""
    tell_each(work, "lead_answered", [
        (each.reader, each.url, {
            "who": each.who, "company": each.company, "subject": each.subject, "words": each.words,
        }) for each in letters
    ], vendor_id=vendor_id)  # fmt: skip


def lead_given(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, *, vendor_id: UUID, company: str, given_by: str, url: str
) -> None:
    """Tell somebody at a partner that a colleague gave them a lead."""
    values = {"company": company, "given_by": given_by}
    tell(work, "lead_given", values, reader, url=url, vendor_id=vendor_id)


def lead_taken_back(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, *, vendor_id: UUID, company: str, why: str, url: str
) -> None:
    """Tell somebody at a partner that a lead it had accepted is taken back, and why."""
    values = {"company": company, "why": _ended(why)}
    tell(work, "lead_taken_back", values, reader, url=url, vendor_id=vendor_id)


def lead_idle(  # noqa: PLR0913 - the words of the letter
    work: Work,
    reader: Reader,
    *,
    vendor_id: UUID,
    company: str,
    days: int,
    until: datetime,
    zone: str,
    url: str,
) -> None:
    """Warn whose lead it is that it goes to another partner when nothing is noted of it."""
    values = {
        "company": company,
        "days": say_n("a day", "{n} days", days),
        "until": when(until, zone),
    }
    tell(work, "lead_idle", values, reader, url=url, vendor_id=vendor_id)


def deal_lapses(  # noqa: PLR0913 - the words of the letter
    work: Work,
    reader: Reader,
    *,
    vendor_id: UUID,
    company: str,
    deal: str,
    until: datetime,
    zone: str,
    url: str,
) -> None:
    """Warn whose registered deal it is that it lapses unless it is moved."""
    values = {"company": company, "deal": deal, "until": when(until, zone)}
    tell(work, "deal_lapses", values, reader, url=url, vendor_id=vendor_id)


def deal_lapsed(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, *, vendor_id: UUID, company: str, deal: str, url: str
) -> None:
    """Say whose registered deal it was that it has lapsed."""
    values = {"company": company, "deal": deal}
    tell(work, "deal_lapsed", values, reader, url=url, vendor_id=vendor_id)


def lead_waits(  # noqa: PLR0913 - the words of the letter
    work: Work,
    reader: Reader,
    *,
    vendor_id: UUID,
    company: str,
    answer_by: datetime,
    zone: str,
    url: str,
) -> None:
    """Remind somebody of a lead whose time is nearly over; the button answers without signing in."""
    values = {
        "company": company,
        "answer_by": when(answer_by, zone),
    }
    tell(work, "lead_waits", values, reader, url=url, vendor_id=vendor_id)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(".") else say("{reason}.", reason=sentence)
