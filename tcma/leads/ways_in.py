"""Ways in besides pages: keys that other programs and mail addresses hand leads in by, and the list
of submissions that were held back, each released or dropped by a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery import feedback
from tcma.delivery.feedback_parse import classify
from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.ids import Signer, random_token, token_hash
from tcma.leads import mailed
from tcma.leads.capturing import Captured, Origin, capture, take_in
from tcma.leads.intake import Capture, from_payload
from tcma.leads.models import HeldSubmission, IntakeKey, Lead
from tcma.leads.rules import HeldState
from tcma.library.models import Campaign
from tcma.partners.models import Enrolment, Partner
from tcma.permissions import Permission, Principal

MARK = "tcma_in_"
"""How a key begins, so that a leaked one is recognised."""


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as the desk lists it; the key itself is told once, when it is made."""

    id: UUID
    ref: str
    name: str
    campaign: str
    partner: str
    may_read: bool
    made_by: str
    made_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldView:
    """A submission that was held back."""

    id: UUID
    reason: str
    address: str
    name: str
    company: str
    campaign: str
    partner: str
    texts: tuple[tuple[str, str], ...]
    at: datetime


def make_key(
    work: Work,
    *,
    name: str,
    campaign_id: UUID,
    partner_id: UUID | None,
    may_read: bool = False,
) -> str:
    """Make a key for one campaign, of one partner or of the vendor alone; the key, told once.

    With `may_read` it also reads the leads it stands for.
    """
    work.require(Permission.LEAD_ASSIGN)
    vendor_id = found(work.principal.vendor_id)
    if not name.strip():
        message = "Say who will use it."
        raise Invalid(message, code="intake.name", fields={"name": message})
    found(
        work.session.scalar(
            select(Campaign.id).where(Campaign.id == campaign_id, Campaign.vendor_id == vendor_id)
        )
    )
    if partner_id:
        found(work.session.get(Enrolment, (vendor_id, partner_id)))
    secret = MARK + random_token()
    key = IntakeKey(
        ref=next_reference(work, "IN"),
        vendor_id=vendor_id,
        partner_id=partner_id,
        campaign_id=campaign_id,
        name=name.strip()[:120],
        secret_hash=token_hash(secret),
        may_read=may_read,
        made_by=work.principal.name,
        made_at=work.now,
    )
    work.session.add(key)
    work.audit("made a key for leads", "intake_key", key.ref, vendor_id=vendor_id)
    return secret


def end_key(work: Work, key_id: UUID) -> None:
    """End a key at once; what came by it stays."""
    work.require(Permission.LEAD_ASSIGN)
    query = visible(select(IntakeKey).where(IntakeKey.id == key_id), work.principal, IntakeKey)
    key = found(work.session.scalar(query))
    if key.ended_at is None:
        key.ended_at = work.now
        work.audit("ended a key for leads", "intake_key", key.ref, vendor_id=key.vendor_id)


def origin_of_secret(session: Session, secret: str) -> tuple[str, Origin]:
    """Return a key's reference and what it lets in; Forbidden when it is unknown or ended."""
    return _origin(session, IntakeKey.secret_hash == token_hash(secret))


def scope_of_secret(session: Session, secret: str) -> Origin:
    """Return whose leads a key reads; Forbidden when it is unknown, was ended, or only hands in."""
    _, origin = origin_of_secret(session, secret)
    reads = select(IntakeKey.may_read).where(IntakeKey.secret_hash == token_hash(secret))
    if not session.scalar(reads):
        raise Forbidden(
            "This key hands leads in and reads none.",
            code="intake.key",
            remedy="Ask the vendor's channel manager for one that may read.",
        )
    return origin


def origin_of_ref(session: Session, ref: str) -> tuple[str, Origin]:
    """Return the same for a key named by a mail server of ours."""
    return _origin(session, IntakeKey.ref == ref)


def mailbox_of(signer: Signer, ref: str) -> str:
    """Return the name of the mailbox that takes mails as leads by this key; it cannot be guessed."""
    name = ref.lower()
    return f"leads-{name}-{signer.tag('lead.mailbox', name)}"


def origin_of_mailbox(work: Work, mailbox: str) -> tuple[str, Origin]:
    """Return the same for the mailbox of a key; NotFound for one that was never given."""
    ref = mailbox.lower().removeprefix("leads-").rpartition("-")[0].upper()
    if mailbox.lower() != mailbox_of(work.site.signer, ref):
        raise NotFound
    return origin_of_ref(work.session, ref)


def _origin(session: Session, which: Any) -> tuple[str, Origin]:
    key = session.scalar(select(IntakeKey).where(which, IntakeKey.ended_at.is_(None)))
    if key is None:
        raise Forbidden(
            "This key is not known, or it was ended.",
            code="intake.key",
            remedy="Ask the vendor's channel manager for a new one.",
        )
    return key.ref, Origin(
        vendor_id=key.vendor_id, campaign_id=key.campaign_id, partner_id=key.partner_id
    )


def by_mail(work: Work, ref: str, origin: Origin, raw: bytes) -> tuple[Capture, Captured | None]:
    """Take a mail in by a key; return the submission and its lead, None while it is held back.

    Who answers a mail of ours with it has answered that.
    """
    new, trap = mailed.submission_of(raw, source=f"{mailed.SOURCE}{ref}")
    done = take_in(work, origin, new, trap=trap)
    if done and done.is_fresh:
        feedback.answered_by(work, classify(raw))
    return new, done


def lead_ref(session: Session, captured: Captured) -> str:
    """Return the reference that whoever handed a lead in is told."""
    return session.get_one(Lead, captured.lead_id).ref


def keys(session: Session, principal: Principal) -> Sequence[KeyView]:
    """Return a vendor's keys, those in use first."""
    query = (
        select(IntakeKey, Campaign.name.label("campaign"), Partner.name.label("partner"))
        .join(Campaign, Campaign.id == IntakeKey.campaign_id)
        .outerjoin(Partner, Partner.id == IntakeKey.partner_id)
        .where(IntakeKey.vendor_id == found(principal.vendor_id))
        .order_by(IntakeKey.ended_at.desc().nulls_first(), IntakeKey.id.desc())
    )
    return [
        KeyView(
            k.id,
            k.ref,
            k.name,
            campaign,
            partner or "",
            k.may_read,
            k.made_by,
            k.made_at,
            k.ended_at,
        )
        for k, campaign, partner in session.execute(query)
    ]


def _held() -> Select[*tuple[Any, ...]]:
    return (
        select(HeldSubmission, Campaign.name.label("campaign"), Partner.name.label("partner"))
        .join(Campaign, Campaign.id == HeldSubmission.campaign_id)
        .outerjoin(Partner, Partner.id == HeldSubmission.partner_id)
        .where(HeldSubmission.state == HeldState.HELD)
    )


def held(session: Session, principal: Principal, *, limit: int = 100) -> Sequence[HeldView]:
    """Return the submissions that wait for a decision, newest first."""
    query = _held().where(HeldSubmission.vendor_id == found(principal.vendor_id))
    rows = session.execute(query.order_by(HeldSubmission.id.desc()).limit(limit))
    return [_held_view(row) for row in rows]


def _held_view(row: Row[*tuple[Any, ...]]) -> HeldView:
    one, kept = row.HeldSubmission, row.HeldSubmission.payload
    return HeldView(
        id=one.id,
        reason=one.reason,
        address=kept["address"][:200],
        name=f"{kept['first_name']} {kept['last_name']}".strip()[:200],
        company=kept["company"][:200],
        campaign=row.campaign,
        partner=row.partner or "",
        texts=tuple((k, v[:400]) for k, v in kept["answers"].items()),
        at=one.at,
    )


def release(work: Work, held_id: UUID) -> Captured:
    """Take a held submission in after all: it becomes a lead like any other."""
    one = _decided(work, held_id, HeldState.RELEASED)
    origin = Origin(
        vendor_id=one.vendor_id,
        campaign_id=one.campaign_id,
        partner_id=one.partner_id,
        page_id=one.page_id,
    )
    done = capture(work, origin, from_payload(one.payload))
    one.lead_id = done.lead_id
    return done


def drop(work: Work, held_id: UUID) -> None:
    """Leave a held submission aside for good."""
    _decided(work, held_id, HeldState.DROPPED)


def _decided(work: Work, held_id: UUID, state: HeldState) -> HeldSubmission:
    work.require(Permission.LEAD_ASSIGN)
    query = (
        select(HeldSubmission)
        .where(HeldSubmission.id == held_id)
        .where(HeldSubmission.vendor_id == found(work.principal.vendor_id))
        .with_for_update()
    )
    one = found(work.session.scalar(query))
    if one.state != HeldState.HELD:
        raise Conflict("Somebody decided about this already.", code="intake.decided")
    one.state, one.decided_at, one.decided_by = state, work.now, work.principal.name
    work.audit(f"{state} a held submission", "held_submission", one.id, vendor_id=one.vendor_id)
    return one
