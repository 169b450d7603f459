"""What people at partners chose of a vendor's mail: the default is no, every word is kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import announcing
from tcma.delivery.links import Purpose as LinkPurpose
from tcma.delivery.links import read_link
from tcma.errors import NotFound
from tcma.guidance.models_news import Announcement, AnnouncementReceipt, MailChoice
from tcma.guidance.news_rules import CONSENT_WORDS, Purpose
from tcma.ids import new_id
from tcma.partners.models import Enrolment, Vendor
from tcma.partners.rules import EnrolmentState

PAGE, LINK = "page", "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorChoices:
    """What somebody gets of one vendor."""

    vendor_id: UUID
    vendor: str
    slug: str
    wanted: frozenset[Purpose]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What a way out in a mail stops, for whom."""

    user_id: UUID
    name: str
    email: str
    locale: str
    vendor_id: UUID
    vendor: str
    purpose: Purpose
    wants: bool


def wanting(session: Session, vendor_id: UUID, purpose: Purpose) -> frozenset[UUID]:
    """Return everybody whose last word to a vendor's mail for a purpose is yes."""
    newest = (
        select(MailChoice.user_id, MailChoice.wants)
        .where(MailChoice.vendor_id == vendor_id, MailChoice.purpose == purpose)
        .ext(distinct_on(MailChoice.user_id))
        .order_by(MailChoice.user_id, MailChoice.id.desc())
    )
    return frozenset(row.user_id for row in session.execute(newest) if row.wants)


def wanted_by(session: Session, user_id: UUID) -> dict[UUID, frozenset[Purpose]]:
    """Return what one person wants, by vendor."""
    newest = (
        select(MailChoice.vendor_id, MailChoice.purpose, MailChoice.wants)
        .where(MailChoice.user_id == user_id)
        .ext(distinct_on(MailChoice.vendor_id, MailChoice.purpose))
        .order_by(MailChoice.vendor_id, MailChoice.purpose, MailChoice.id.desc())
    )
    answer: dict[UUID, set[Purpose]] = {}
    for row in session.execute(newest):
        if row.wants:
            answer.setdefault(row.vendor_id, set()).add(Purpose(row.purpose))
    return {vendor_id: frozenset(some) for vendor_id, some in answer.items()}


def choices_of(session: Session, user_id: UUID) -> list[VendorChoices]:
    """Return every vendor that a person works for through a partner, with what they chose of it."""
    vendors = session.execute(
        select(Vendor.id, Vendor.name, Vendor.slug)
        .join(Enrolment, Enrolment.vendor_id == Vendor.id)
        .join(Membership, Membership.partner_id == Enrolment.partner_id)
        .where(
            Membership.user_id == user_id,
            Membership.state == MembershipState.ACTIVE,
            Enrolment.state == EnrolmentState.ACTIVE,
        )
        .group_by(Vendor.id)
        .order_by(Vendor.name, Vendor.id)
    )
    wanted = wanted_by(session, user_id)
    return [
        VendorChoices(
            vendor_id=row.id, vendor=row.name, slug=row.slug,
            wanted=wanted.get(row.id, frozenset()),
        )
        for row in vendors
    ]  # fmt: skip


def choose(work: Work, chosen: Collection[tuple[str, Purpose]]) -> int:
    """Keep what the person that acts wants, as (vendor's slug, purpose); return how many words changed.

    What is not among `chosen` is a no. A vendor that is none of theirs is passed over.
    """
    user_id = found(work.principal.user_id)
    person = work.session.get_one(UserAccount, user_id)
    changed = 0
    for one in choices_of(work.session, user_id):
        for purpose in Purpose:
            wants = (one.slug, purpose) in chosen
            if wants != (purpose in one.wanted):
                _say(work, person, (one.vendor_id, one.vendor), purpose, wants=wants, how=PAGE)
                changed += 1
    return changed


def behind(work: Work, token: str) -> Stop:
    """Return what the way out of a mail stops; NotFound for anything forged."""
    message_id, _ = read_link(work.site.signer, LinkPurpose.ANNOUNCED, token)
    row = work.session.execute(
        select(
            UserAccount.id.label("user_id"), UserAccount.name, UserAccount.email,
            UserAccount.locale, Vendor.id.label("vendor_id"), Vendor.name.label("vendor"),
            Announcement.purpose,
        )
        .join(AnnouncementReceipt, AnnouncementReceipt.user_id == UserAccount.id)
        .join(Announcement, Announcement.id == AnnouncementReceipt.announcement_id)
        .join(Vendor, Vendor.id == Announcement.vendor_id)
        .where(AnnouncementReceipt.message_id == message_id)
    ).mappings().first()  # fmt: skip
    if row is None:
        raise NotFound
    purpose = Purpose(row["purpose"])
    wants = purpose in wanted_by(work.session, row["user_id"]).get(row["vendor_id"], frozenset())
    return Stop(**{**row, "purpose": purpose}, wants=wants)


def stop(work: Work, token: str, *, everything: bool = False) -> Stop:
    """Take back the choice that a mail rests on, or every choice of its vendor; twice is once.

    What is queued and has not begun to leave is skipped.
    """
    behind_it = behind(work, token)
    person = work.session.get_one(UserAccount, behind_it.user_id)
    wanted = wanted_by(work.session, person.id).get(behind_it.vendor_id, frozenset())
    ended: Sequence[Purpose] = [*Purpose] if everything else [behind_it.purpose]
    for purpose in ended:
        if purpose in wanted:
            vendor = (behind_it.vendor_id, behind_it.vendor)
            _say(work, person, vendor, purpose, wants=False, how=LINK)
    return behind(work, token)


def _say(  # noqa: PLR0913 - whose word, about whose mail, what and how
    work: Work, person: UserAccount, vendor: tuple[UUID, str], purpose: Purpose, *,
    wants: bool, how: str,
) -> None:  # fmt: skip
    vendor_id, name = vendor
    work.session.add(
        MailChoice(
            id=new_id(), user_id=person.id, vendor_id=vendor_id, purpose=purpose, wants=wants,
            words=str(CONSENT_WORDS[purpose].filled(vendor=name)), how=how, at=work.now,
        )
    )  # fmt: skip
    work.session.flush()  # the next word is compared with this one
    if not wants:
        announcing.skip_announcements(
            work, vendor_id=vendor_id, topic=purpose, address=person.email
        )
