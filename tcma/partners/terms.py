"""Terms of a vendor for its partners: written as versions, accepted by a partner's owner, read by both."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.accounts.models import UserAccount
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Forbidden, Invalid
from tcma.ids import new_id
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.partners.models_terms import TermsAcceptance, TermsVersion
from tcma.partners.rules import EnrolmentState
from tcma.partners.terms_rules import REFUSALS, REMEDY, Act, Standing, standing_of
from tcma.permissions import Permission, Principal
from tcma.spreadsheet import csv_row
from tcma.words import say

LONGEST_TITLE, LONGEST_WORDS = 120, 100_000
MARK = b"\xef\xbb\xbf"
"""Tells Excel that the bytes are UTF-8."""
HEAD = ("Vendor", "Partner", "Version", "Title", "SHA-256 of the text", "Accepted by", "E-mail", "At (UTC)")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTerms:
    """A version as a person writes it; `asks_again` whoever accepted an earlier one."""

    title: str
    words: str
    asks_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """One version; `accepted_n` partners said yes to it."""

    no: int
    title: str
    words: str
    sha256: str
    asks_again: bool
    made_by: str
    made_at: datetime
    accepted_n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One line of the log."""

    vendor: str
    partner: str
    no: int
    title: str
    sha256: str
    accepted_by: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """How one partner stands to one vendor's terms; the version and yes that hold, if any."""

    vendor_id: UUID
    vendor: str
    vendor_slug: str
    partner_id: UUID
    partner: str
    partner_slug: str
    standing: Standing
    newest_no: int
    no: int | None
    accepted_by: str
    at: datetime | None


def publish(work: Work, new: NewTerms) -> VersionView:
    """Write the next version of the vendor's terms; Invalid with fields.

    The text of a version never changes. The first one asks everybody.
    """
    work.require(Permission.PARTNERS_MANAGE)
    vendor_id = found(work.principal.vendor_id)
    title, words = " ".join(new.title.split()), new.words.replace("\r\n", "\n").strip()
    wrong = _wrong(title, words)
    vendor = found(work.session.get(Vendor, vendor_id, with_for_update=True))
    before = versions(work.session, work.principal)
    digest = digest_of(words)
    if before and (before[0].sha256, before[0].title) == (digest, title):
        wrong["words"] = f"This is version {before[0].no}, word for word."
    if wrong:
        raise Invalid(next(iter(wrong.values())), code="terms.fields", fields=wrong)
    row = TermsVersion(
        id=new_id(), vendor_id=vendor_id, no=before[0].no + 1 if before else 1, title=title,
        words=words, sha256=digest, asks_again=new.asks_again or not before,
        made_by=work.principal.name, made_at=work.now,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()  # who has to accept it is asked by a query next
    work.audit("wrote terms", "vendor", vendor.id, vendor_id=vendor_id, no=row.no, sha256=digest)
    return _view(row, 0)


def _wrong(title: str, words: str) -> dict[str, str]:
    wrong = {}
    if not 0 < len(title) <= LONGEST_TITLE:
        wrong["title"] = f"Give them a name, in at most {LONGEST_TITLE} characters."
    if not 0 < len(words) <= LONGEST_WORDS:
        wrong["words"] = f"Write the text, in at most {LONGEST_WORDS:,} characters."
    return wrong


def digest_of(words: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hex: what a yes is a yes to."""
    return sha256(words.encode()).hexdigest()


def accept(work: Work, vendor_slug: str, *, no: int, digest: str) -> None:
    """Say yes for the partner to the newest version of a vendor, as it was shown; once is enough.

    Conflict when another version is the newest by now; NotFound for a vendor that is not the partner's.
    """
    work.require(Permission.TERMS_ACCEPT)
    partner_id = found(work.principal.partner_id)
    row = found(newest(work.session, work.principal, vendor_slug))
    if (row.no, row.sha256) != (no, digest):
        raise Conflict(
            say("There is a newer version by now."),
            code="terms.newer",
            remedy=say("Read it, then accept it."),
        )
    person = work.session.get_one(UserAccount, found(work.principal.user_id))
    yes = insert(TermsAcceptance).values(
        version_id=row.id, partner_id=partner_id, vendor_id=row.vendor_id, sha256=row.sha256,
        user_id=person.id, accepted_by=person.name, email=person.email, at=work.now,
    )  # fmt: skip
    made = work.session.execute(yes.on_conflict_do_nothing().returning(TermsAcceptance.version_id))
    if made.first():
        work.audit(
            "accepted terms", "partner", partner_id, vendor_id=row.vendor_id,
            partner_id=partner_id, no=no, sha256=digest,
        )  # fmt: skip


def require_accepted(session: Session, vendor_id: UUID, partner_id: UUID, act: Act) -> None:
    """Raise Forbidden with what to do while a partner has not accepted its vendor's terms."""
    if why := why_refused(session, vendor_id, partner_id, act):
        raise Forbidden(why, code="terms.accept", remedy=REMEDY)


def why_refused(session: Session, vendor_id: UUID, partner_id: UUID, act: Act) -> str:
    """Return why an act is refused until terms are accepted; empty when it is not."""
    rows = session.execute(
        select(TermsVersion.no, TermsVersion.asks_again).where(TermsVersion.vendor_id == vendor_id)
    )
    asked = [(row.no, row.asks_again) for row in rows]
    if not asked:
        return ""
    said_yes = session.scalars(
        select(TermsVersion.no)
        .join(TermsAcceptance, TermsAcceptance.version_id == TermsVersion.id)
        .where(TermsVersion.vendor_id == vendor_id, TermsAcceptance.partner_id == partner_id)
    ).all()
    if standing_of(asked, said_yes) is not Standing.WAITS:
        return ""
    return REFUSALS[act].filled(vendor=session.get_one(Vendor, vendor_id).name)


def newest(session: Session, principal: Principal, vendor_slug: str) -> TermsVersion | None:
    """Return the newest terms of a vendor that a partner is enrolled with; NotFound for others'."""
    mine = visible(select(Vendor.id).join(Enrolment), principal, Enrolment)
    vendor_id = found(session.scalar(mine.where(Vendor.slug == vendor_slug).limit(1)))
    return session.scalar(
        select(TermsVersion)
        .where(TermsVersion.vendor_id == vendor_id)
        .order_by(TermsVersion.no.desc())
        .limit(1)
    )


def text_of(session: Session, principal: Principal, vendor_slug: str) -> VersionView | None:
    """Return the newest terms as they are read; None while a vendor has written none."""
    row = newest(session, principal, vendor_slug)
    return _view(row, 0) if row else None


def versions(session: Session, principal: Principal) -> list[VersionView]:
    """Return a vendor's versions, newest first."""
    yes = (
        select(func.count())
        .where(TermsAcceptance.version_id == TermsVersion.id)
        .correlate(TermsVersion)
        .scalar_subquery()
    )
    wanted = visible(select(TermsVersion, yes), principal, TermsVersion)
    rows = session.execute(wanted.order_by(TermsVersion.no.desc()))
    return [_view(row, n) for row, n in rows]


def _view(row: TermsVersion, accepted_n: int) -> VersionView:
    return VersionView(
        no=row.no, title=row.title, words=row.words, sha256=row.sha256, asks_again=row.asks_again,
        made_by=row.made_by, made_at=row.made_at, accepted_n=accepted_n,
    )  # fmt: skip


def pairs(session: Session, principal: Principal) -> list[Pair]:
    """Return how every partner stands to its vendors' terms, as far as whoever reads may see them:
    a vendor's partners, or a partner's vendors; who is not active is left out.
    """
    firms = visible(
        select(
            Vendor.id.label("vendor_id"), Vendor.name.label("vendor"),
            Vendor.slug.label("vendor_slug"), Partner.id.label("partner_id"),
            Partner.name.label("partner"), Partner.slug.label("partner_slug"),
        )
        .join(Enrolment, Enrolment.vendor_id == Vendor.id)
        .join(Partner, Partner.id == Enrolment.partner_id)
        .where(Enrolment.state == EnrolmentState.ACTIVE)
        .order_by(Partner.name, Vendor.name),
        principal,
        Enrolment,
    )  # fmt: skip
    heads = session.execute(firms).mappings().all()
    asked: dict[UUID, list[tuple[int, bool]]] = {}
    wanted = select(TermsVersion.vendor_id, TermsVersion.no, TermsVersion.asks_again)
    for row in session.execute(
        wanted.where(TermsVersion.vendor_id.in_({head["vendor_id"] for head in heads}))
    ):
        asked.setdefault(row.vendor_id, []).append((row.no, row.asks_again))
    said = select(
        TermsAcceptance.vendor_id, TermsAcceptance.partner_id, TermsVersion.no,
        TermsAcceptance.accepted_by, TermsAcceptance.at,
    ).join(TermsVersion, TermsVersion.id == TermsAcceptance.version_id)  # fmt: skip
    last: dict[tuple[UUID, UUID], tuple[int | None, str, datetime | None]] = {}
    for yes in session.execute(visible(said, principal, TermsAcceptance).order_by(TermsVersion.no)):
        last[yes.vendor_id, yes.partner_id] = (yes.no, yes.accepted_by, yes.at)
    answer = []
    for head in heads:
        no, by, at = last.get((head["vendor_id"], head["partner_id"]), (None, "", None))
        of = asked.get(head["vendor_id"], [])
        answer.append(
            Pair(
                **head, standing=standing_of(of, [no] if no else []),
                newest_no=max((n for n, _ in of), default=0), no=no, accepted_by=by, at=at,
            )
        )  # fmt: skip
    return answer


def log(session: Session, principal: Principal) -> list[Acceptance]:
    """Return every yes that whoever reads may see, newest first."""
    wanted = (
        select(
            Vendor.name.label("vendor"), Partner.name.label("partner"), TermsVersion.no,
            TermsVersion.title, TermsAcceptance.sha256, TermsAcceptance.accepted_by,
            TermsAcceptance.email, TermsAcceptance.at,
        )
        .join(TermsVersion, TermsVersion.id == TermsAcceptance.version_id)
        .join(Vendor, Vendor.id == TermsAcceptance.vendor_id)
        .join(Partner, Partner.id == TermsAcceptance.partner_id)
        .order_by(TermsAcceptance.at.desc(), TermsVersion.no.desc(), Partner.name)
    )  # fmt: skip
    rows = session.execute(visible(wanted, principal, TermsAcceptance)).mappings()
    return [Acceptance(**row) for row in rows]


def log_file(session: Session, principal: Principal) -> Iterator[bytes]:
    """Yield the log as CSV, row by row, safe for spreadsheets."""
    yield MARK + csv_row(list(HEAD))
    for one in log(session, principal):
        yield csv_row(
            [one.vendor, one.partner, str(one.no), one.title, one.sha256, one.accepted_by,
             one.email, f"{one.at:%Y-%m-%d %H:%M:%S}"]
        )  # fmt: skip
