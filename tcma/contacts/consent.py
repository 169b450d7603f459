"""Who agreed to what: the lines of the consent ledger, when implied consent ends, who must confirm."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tcma.contacts.rules import LawfulBasis

MARKETING = "marketing"
MAIL = "mail"
BY_PURCHASE, BY_ENQUIRY = 24, 6
"""Months that implied consent lasts in Canada after a purchase and after an enquiry (CASL)."""
CONFIRMED_ONLY = frozenset({"DE", "AT", "CH"})
"""Where a ticked box proves nothing until the owner of the mailbox has confirmed it."""
ASK_AGAIN, ASK_LASTS = timedelta(days=1), timedelta(days=30)
"""How soon a form asks the same person again, and how long a question can be answered."""
_COUNTRY = {
    "CA": ("ca", "can", "canada", "kanada"),
    "DE": ("de", "deu", "germany", "deutschland", "allemagne", "alemania"),
    "AT": ("at", "aut", "austria", "österreich", "oesterreich", "autriche"),
    "CH": ("ch", "che", "switzerland", "schweiz", "suisse", "svizzera"),
}
SPELLINGS: dict[str, tuple[str, ...]] = _COUNTRY
_BY_SPELLING = {word: code for code, words in _COUNTRY.items() for word in words}


class ConsentAct(StrEnum):
    """What a line of the ledger says; the latest that is not `ASKED` counts."""

    ASKED = "asked"
    GIVEN = "given"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ConsentKind(StrEnum):
    """On what a line rests; implied consent always has an end."""

    EXPRESS = "express"
    IMPLIED = "implied"
    LEGITIMATE_INTEREST = "legitimate_interest"
    CONTRACT = "contract"


class Controller(StrEnum):
    """Who decides about a list (GDPR articles 4 and 26)."""

    PARTNER = "partner"
    VENDOR = "vendor"
    JOINT = "joint"


class Standing(StrEnum):
    """How a person stands by the ledger alone."""

    SILENT = "silent"
    STANDS = "stands"
    WAITS = "waits"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the ledger for one address, partner, purpose and channel."""

    act: ConsentAct
    kind: ConsentKind
    at: datetime
    jurisdiction: str = ""
    vendor_id: UUID | None = None
    expires_at: datetime | None = None


def standing(lines: Iterable[Line], *, now: datetime, vendor_id: UUID | None = None) -> Standing:
    """How somebody stands towards mail of a partner, about `vendor_id` when one is named.

    `lines` come in the order they were written. A line that names a vendor counts for that vendor
    alone. A consent that must be confirmed waits until it is.
    """
    counted = [
        line
        for line in lines
        if line.act is not ConsentAct.ASKED and line.vendor_id in (None, vendor_id)
    ]
    if not counted:
        return Standing.SILENT
    last = counted[-1]
    if last.act is ConsentAct.WITHDRAWN:
        return Standing.WITHDRAWN
    if last.act is ConsentAct.EXPIRED or (last.expires_at and last.expires_at <= now):
        return Standing.ENDED
    if last.act is ConsentAct.GIVEN and last.jurisdiction in CONFIRMED_ONLY:
        return Standing.WAITS if last.kind is ConsentKind.EXPRESS else Standing.STANDS
    return Standing.STANDS


def country_code(country: str) -> str:
    """The two letters of a country whose law we treat apart, else the text in capitals."""
    return _BY_SPELLING.get(country.strip().casefold(), country.strip().upper())


def implied_until(basis: LawfulBasis, country: str, since: datetime) -> datetime | None:
    """When a list's basis ends for people of a country, None when it does not.

    In Canada customers are implied consent for 24 months and other grounds for 6; only what people
    signed up to themselves stays.
    """
    if country_code(country) != "CA":
        return None
    months = {LawfulBasis.CONTRACT: BY_PURCHASE, LawfulBasis.LEGITIMATE_INTEREST: BY_ENQUIRY}
    return months_after(since, months[basis]) if basis in months else None


def months_after(at: datetime, months: int) -> datetime:
    """The same day of the month so many months later, or that month's last."""
    year, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + year, month + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


class Told(StrEnum):
    """What somebody told the partner, as the partner writes it down."""

    AGREED = "agreed"
    BOUGHT = "bought"
    ENQUIRED = "enquired"
    REFUSED = "refused"


def line_for(told: Told, jurisdiction: str, at: datetime) -> Line:
    """The line that a partner's note makes: in Canada a purchase and an enquiry are implied consent."""
    if told is Told.REFUSED:
        return Line(act=ConsentAct.WITHDRAWN, kind=ConsentKind.EXPRESS, at=at)
    if told is Told.AGREED:
        return Line(act=ConsentAct.GIVEN, kind=ConsentKind.EXPRESS, at=at)
    months, kind = {
        Told.BOUGHT: (BY_PURCHASE, ConsentKind.CONTRACT),
        Told.ENQUIRED: (BY_ENQUIRY, ConsentKind.LEGITIMATE_INTEREST),
    }[told]
    if country_code(jurisdiction) != "CA":
        return Line(act=ConsentAct.GIVEN, kind=kind, at=at)
    ends = months_after(at, months)
    return Line(act=ConsentAct.GIVEN, kind=ConsentKind.IMPLIED, at=at, expires_at=ends)


def must_be_asked(lines: Iterable[Line], *, now: datetime) -> bool:
    """Whether a ticked form is followed by the mail that asks: not once somebody has confirmed, and
    not twice in a day, for anybody can type an address into a form.
    """
    known = list(lines)
    words = [
        line.act
        for line in known
        if line.act is not ConsentAct.ASKED
        and not (line.act is ConsentAct.GIVEN and line.jurisdiction in CONFIRMED_ONLY)
    ]
    if words and words[-1] is ConsentAct.CONFIRMED:
        return False
    asked = [line.at for line in known if line.act is ConsentAct.ASKED]
    return not asked or now - asked[-1] >= ASK_AGAIN


def is_too_late(asked_at: datetime, now: datetime) -> bool:
    """Whether a question has ended unanswered: a yes after that proves nothing any more."""
    return now - asked_at > ASK_LASTS


def may_be_asked(lines: Iterable[Line], *, now: datetime, rest_days: int = 30) -> bool:
    """Whether somebody may get the mail that asks for consent: never after a no, once a month."""
    acts = list(lines)
    if any(line.act is ConsentAct.WITHDRAWN for line in acts):
        return False
    asked = [line.at for line in acts if line.act is ConsentAct.ASKED]
    return not asked or (now - asked[-1]).days >= rest_days
