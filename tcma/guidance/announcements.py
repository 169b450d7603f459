"""A vendor tells people of its partners something: by mail whoever chose it, on the first page everybody."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery.announcing import announce
from tcma.delivery.letters import Letter, write_letter
from tcma.delivery.notices import house_of
from tcma.delivery.queries import Equation, equation, reaction_counts
from tcma.errors import Conflict, Invalid
from tcma.guidance.choices import wanting
from tcma.guidance.models_news import Announcement, AnnouncementReceipt
from tcma.guidance.news_rules import (
    LONGEST_TITLE,
    LONGEST_WORDS,
    MOST_DAYS,
    PURPOSE_WORDS,
    Purpose,
    paragraphs,
)
from tcma.guidance.programmes import standings
from tcma.ids import new_id
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.partners.rules import EnrolmentState
from tcma.permissions import PARTNER_ROLES, Permission, Principal, Role
from tcma.words import say

NEWEST = 3
"""How many stand on a first page at once; the rest are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnnouncement:
    """What a person writes; empty `tiers`, `levels` or `roles` mean any, 0 `shown_days` no first page."""

    purpose: Purpose
    title: str
    words: str
    link: str
    tiers: Sequence[str] = ()
    levels: Sequence[str] = ()
    roles: Sequence[str] = ()
    shown_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Somebody an announcement is for."""

    user_id: UUID
    name: str
    email: str
    locale: str
    role: Role
    partner_id: UUID
    partner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """For how many people of how many partners it is, and how many of them chose such mail."""

    people: int
    partners: int
    mailed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementView:
    """An announcement as its vendor reads it."""

    id: UUID
    purpose: Purpose
    title: str
    words: str
    link: str
    tiers: tuple[str, ...]
    levels: tuple[str, ...]
    roles: tuple[str, ...]
    shown_days: int
    made_by: str
    made_at: datetime
    sent_by: str
    sent_at: datetime | None
    shown_until: datetime | None

    @property
    def is_sent(self) -> bool:
        """Say whether it has gone out and cannot be changed."""
        return self.sent_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one: for how many it was, how their mails ended, how many said they read it."""

    people: int
    partners: int
    mailed: int
    equation: Equation
    bounced: int
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An announcement as somebody at a partner reads it."""

    id: UUID
    vendor: str
    purpose: Purpose
    title: str
    words: str
    link: str
    sent_at: datetime
    read_at: datetime | None

    @property
    def site(self) -> str:
        """The host its link leads to."""
        return urlsplit(self.link).hostname or ""


def write(work: Work, new: NewAnnouncement, announcement_id: UUID | None = None) -> UUID:
    """Keep a draft, a new one or one that is there; Invalid with fields, Conflict once it was sent."""
    work.require(Permission.PARTNERS_MANAGE)
    vendor_id = found(work.principal.vendor_id)
    wrong = _wrong(new)
    if wrong:
        raise Invalid(next(iter(wrong.values())), code="announcement.fields", fields=wrong)
    facts = asdict(new) | {
        "title": " ".join(new.title.split()), "words": "\n\n".join(paragraphs(new.words)),
        "tiers": list(new.tiers), "levels": list(new.levels), "roles": list(new.roles),
    }  # fmt: skip
    if announcement_id is not None:
        row = _draft(work, announcement_id)
        for name, value in facts.items():
            setattr(row, name, value)
        return row.id
    made = Announcement(
        id=new_id(), vendor_id=vendor_id, made_by=work.principal.name, made_at=work.now, **facts
    )
    work.session.add(made)
    work.session.flush()  # its page is shown next, by another query
    return made.id


def _wrong(new: NewAnnouncement) -> dict[str, str]:
    wrong = {}
    if not 0 < len(" ".join(new.title.split())) <= LONGEST_TITLE:
        wrong["title"] = f"Write what it is about, in at most {LONGEST_TITLE} characters."
    if not paragraphs(new.words) or len(new.words) > LONGEST_WORDS:
        wrong["words"] = f"Write it, in at most {LONGEST_WORDS:,} characters."
    if new.link and not new.link.startswith("https://"):
        wrong["link"] = "Write an address that begins with https://."
    if not 0 <= new.shown_days <= MOST_DAYS:
        wrong["shown_days"] = f"Write days from 0 to {MOST_DAYS}."
    return wrong


def drop(work: Work, announcement_id: UUID) -> None:
    """Throw a draft away."""
    work.require(Permission.PARTNERS_MANAGE)
    row = _draft(work, announcement_id)
    work.session.execute(delete(Announcement).where(Announcement.id == row.id))


def _draft(work: Work, announcement_id: UUID) -> Announcement:
    row = _held(work, announcement_id)
    if row.sent_at is not None:
        raise Conflict("It has gone out already.", code="announcement.sent")
    return row


def _held(work: Work, announcement_id: UUID) -> Announcement:
    wanted = visible(select(Announcement), work.principal, Announcement)
    row: Announcement = found(
        work.session.scalar(wanted.where(Announcement.id == announcement_id).with_for_update())
    )
    return row


def addressees(work: Work, it: AnnouncementView) -> list[Addressee]:
    """Return whom an announcement is for now, each person once, by partner and name."""
    vendor_id = found(work.principal.vendor_id)
    wanted = (
        select(
            UserAccount.id.label("user_id"), UserAccount.name, UserAccount.email,
            UserAccount.locale, Membership.role, Partner.id.label("partner_id"),
            Partner.name.label("partner"),
        )
        .join(Membership, Membership.user_id == UserAccount.id)
        .join(Partner, Partner.id == Membership.partner_id)
        .join(Enrolment, Enrolment.partner_id == Partner.id)
        .where(
            Enrolment.vendor_id == vendor_id,
            Enrolment.state == EnrolmentState.ACTIVE,
            Membership.state == MembershipState.ACTIVE,
            Membership.role.in_(it.roles or [role.value for role in PARTNER_ROLES]),
        )
        .order_by(Partner.name, UserAccount.name, UserAccount.id)
    )  # fmt: skip
    if it.tiers:
        wanted = wanted.where(Enrolment.tier.in_(it.tiers))
    rows = work.session.execute(wanted).mappings().all()
    if it.levels:
        reached = {
            pair.partner_id for pair in standings(work.session, work.principal, now=work.now)
            if pair.vendor_id == vendor_id and pair.standing.level in it.levels
        }  # fmt: skip
        rows = [row for row in rows if row["partner_id"] in reached]
    once: dict[UUID, Addressee] = {}
    for row in rows:
        once.setdefault(row["user_id"], Addressee(**{**row, "role": Role(row["role"])}))
    return list(once.values())


def reach(work: Work, it: AnnouncementView) -> Reach:
    """Return for how many people it is, and how many of them have chosen to be mailed."""
    people = addressees(work, it)
    chose = wanting(work.session, found(work.principal.vendor_id), it.purpose)
    return Reach(
        people=len(people),
        partners=len({each.partner_id for each in people}),
        mailed=sum(each.user_id in chose for each in people),
    )


def send(work: Work, announcement_id: UUID) -> None:
    """Send it: mail to whoever chose it, the first page to everybody it is for; pressing twice is once.

    Invalid when it is for nobody, or would reach nobody: none chose mail and no first page shows it.
    """
    work.require(Permission.PARTNERS_MANAGE)
    row = _held(work, announcement_id)
    if row.sent_at is not None:
        return
    it = _view(row)
    people = addressees(work, it)
    chose = wanting(work.session, row.vendor_id, it.purpose)
    mailed = [each for each in people if each.user_id in chose]
    if not people or not (mailed or row.shown_days):
        why = say("Nobody is reached: nobody it is for has chosen such mail.")
        raise Invalid(
            why if people else say("It is for nobody. Choose more tiers, levels or roles."),
            code="announcement.nobody",
        )
    row.sent_by, row.sent_at = work.principal.name, work.now
    row.shown_until = work.now + timedelta(days=row.shown_days) if row.shown_days else None
    numbers: dict[UUID, int] = {}
    if mailed:
        row.mailing_id, made = announce(
            work, vendor_id=row.vendor_id, topic=row.purpose, subject=row.title,
            to=[(each.email, _letter(work, row, each)) for each in mailed],
        )  # fmt: skip
        numbers = dict(zip((each.user_id for each in mailed), made, strict=True))
    receipts = [
        {"announcement_id": row.id, "user_id": each.user_id, "partner_id": each.partner_id,
         "message_id": numbers.get(each.user_id)}
        for each in people
    ]  # fmt: skip
    work.session.execute(insert(AnnouncementReceipt), receipts)
    work.audit(
        f"announced “{row.title}”", "announcement", row.id, vendor_id=row.vendor_id,
        people=len(people), mailed=len(mailed),
    )  # fmt: skip


def _letter(work: Work, row: Announcement, to: Addressee) -> Callable[[str], Letter]:
    house, foot = house_of(work, row.vendor_id)
    url = row.link or f"{work.site.public_url}/console/news/{row.id}"

    def written(way_out: str) -> Letter:
        return write_letter(
            "announcement",
            {
                "title": row.title, "vendor": house, "person": to.name,
                "purpose": PURPOSE_WORDS[Purpose(row.purpose)],
                "button": say("Read more") if row.link else say("Open it"),
            },
            house=house, url=url, foot=foot, language=to.locale.partition("-")[0],
            more=paragraphs(row.words), way_out=(say("No more of this"), way_out),
        )  # fmt: skip

    return written


def announcements(session: Session, principal: Principal) -> list[AnnouncementView]:
    """Return a vendor's announcements, drafts too, newest first."""
    wanted = visible(select(Announcement), principal, Announcement)
    return [_view(row) for row in session.scalars(wanted.order_by(Announcement.id.desc()))]


def announcement_by_id(
    session: Session, principal: Principal, announcement_id: UUID
) -> AnnouncementView:
    """Return one; NotFound for another vendor's."""
    wanted = visible(select(Announcement), principal, Announcement)
    return _view(found(session.scalar(wanted.where(Announcement.id == announcement_id))))


def _view(row: Announcement) -> AnnouncementView:
    return AnnouncementView(
        id=row.id, purpose=Purpose(row.purpose), title=row.title, words=row.words, link=row.link,
        tiers=tuple(row.tiers), levels=tuple(row.levels), roles=tuple(row.roles),
        shown_days=row.shown_days, made_by=row.made_by, made_at=row.made_at,
        sent_by=row.sent_by or "", sent_at=row.sent_at, shown_until=row.shown_until,
    )  # fmt: skip


def outcome(session: Session, principal: Principal, announcement_id: UUID) -> Outcome:
    """Return what became of one; NotFound for another vendor's. A draft has reached nobody."""
    row = found(
        session.scalar(
            visible(select(Announcement), principal, Announcement).where(
                Announcement.id == announcement_id
            )
        )
    )
    r = AnnouncementReceipt
    n = session.execute(
        select(
            func.count().label("people"), func.count(r.partner_id.distinct()).label("partners"),
            func.count(r.message_id).label("mailed"), func.count(r.read_at).label("read"),
        ).where(r.announcement_id == announcement_id)
    ).one()  # fmt: skip
    mailing_id = row.mailing_id
    return Outcome(
        people=n.people, partners=n.partners, mailed=n.mailed, read=n.read,
        equation=equation(session, mailing_id) if mailing_id else Equation(),
        bounced=reaction_counts(session, [mailing_id])["bounced"] if mailing_id else 0,
    )  # fmt: skip


def news_for(session: Session, principal: Principal, *, now: datetime | None = None) -> list[News]:
    """Return what was announced to the person that reads, newest first; with `now` only what a first
    page shows then: not read yet, and within its days.
    """
    wanted = _news(principal).order_by(Announcement.sent_at.desc(), Announcement.id.desc())
    if now is not None:
        wanted = wanted.where(
            AnnouncementReceipt.read_at.is_(None), Announcement.shown_until > now
        ).limit(NEWEST)
    return [_told(row) for row in session.execute(wanted).mappings()]


def news_by_id(session: Session, principal: Principal, announcement_id: UUID) -> News:
    """Return one that was announced to the person that reads; NotFound for anybody else."""
    wanted = _news(principal).where(Announcement.id == announcement_id)
    return _told(found(session.execute(wanted).mappings().first()))


def _told(row: Mapping[Any, Any]) -> News:
    return News(**{**row, "purpose": Purpose(row["purpose"])})


def _news(principal: Principal) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Announcement.id, Vendor.name.label("vendor"), Announcement.purpose,
            Announcement.title, Announcement.words, Announcement.link, Announcement.sent_at,
            AnnouncementReceipt.read_at,
        )
        .join(AnnouncementReceipt, AnnouncementReceipt.announcement_id == Announcement.id)
        .join(Vendor, Vendor.id == Announcement.vendor_id)
        .where(
            AnnouncementReceipt.user_id == principal.user_id,
            AnnouncementReceipt.partner_id == principal.partner_id,
        )
    )  # fmt: skip


def read(work: Work, announcement_id: UUID) -> None:
    """Say that the person that acts has read one, so that it leaves their first page; once is enough."""
    news_by_id(work.session, work.principal, announcement_id)
    work.session.execute(
        update(AnnouncementReceipt)
        .where(
            AnnouncementReceipt.announcement_id == announcement_id,
            AnnouncementReceipt.user_id == found(work.principal.user_id),
            AnnouncementReceipt.read_at.is_(None),
        )
        .values(read_at=work.now)
    )
