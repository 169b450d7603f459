"""Deciding about money by a mailed link: one person, one object as it was sent, until one day.

The link only names who may look and, by its hash, what was seen. Whether that person may decide, and how much,
is asked of the same verbs as at the desk.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.accounts.models import UserAccount
from tcma.accounts.queries import Organisation, memberships
from tcma.db.documents import Document
from tcma.db.scope import found
from tcma.errors import NotFound
from tcma.ids import Signer
from tcma.mdf.deadlines import end_of_day
from tcma.mdf.judging.deciding import cost_lines
from tcma.mdf.models.funding import Claim, FundRequest, Invoice, Proof
from tcma.mdf.queries import activities_of
from tcma.mdf.rules import BROUGHT, CLAIM_WAITS, REQUEST_WAITS
from tcma.permissions import Permission, Principal

PURPOSE = "approve"
AFTER_THE_ANSWER_IS_DUE = timedelta(days=14)
"""A late answer is still an answer; later than this the link is old."""
UNCHECKED = datetime(1970, 1, 1, tzinfo=UTC)


class Standing(StrEnum):
    """What a link is good for now."""

    OPEN = "open"
    USED = "used"
    REPLACED = "replaced"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedDecision:
    """What stands behind a link. `person` acts as themselves, in their role at the vendor."""

    request: FundRequest | None
    claim: Claim | None
    person: Principal
    email: str
    vendor: Organisation
    standing: Standing

    @property
    def row(self) -> FundRequest | Claim:
        """The plan or the claim."""
        return self.claim if self.claim is not None else found(self.request)

    @property
    def waits(self) -> bool:
        """Say whether the object still waits for somebody's decision."""
        return self.row.state in (*REQUEST_WAITS, *CLAIM_WAITS)


def link_for(
    session: Session, signer: Signer, row: FundRequest | Claim, user_id: UUID, *, zone: str
) -> str:
    """Return the token by which one person decides about `row` as it stands now."""
    kind = "request" if isinstance(row, FundRequest) else "claim"
    last = end_of_day(found(row.answer_by), zone) + AFTER_THE_ANSWER_IS_DUE
    return signer.sign(
        PURPOSE, f"{kind}:{row.ref}:{user_id}:{_mark(session, row)}", expires_at=last
    )


def behind(session: Session, signer: Signer, token: str, *, now: datetime) -> MailedDecision:
    """Return what a link is about; NotFound when it is forged, or its person decides no more.

    Late and used links are read too: the page says so, and offers a fresh one.
    """
    kind, ref, user_id, mark = signer.read(PURPOSE, token, UNCHECKED).split(":")
    request, claim = _rows(session, kind, ref)
    row = claim if claim is not None else found(request)
    user = found(session.get(UserAccount, UUID(user_id)))
    role = found(
        next((m for m in memberships(session, user.id) if m.organisation.id == row.vendor_id), None)
    )
    person = Principal(
        user_id=user.id,
        name=user.name,
        role=role.role,
        vendor_id=row.vendor_id,
        via="signed link",
    )
    if not person.may(Permission.CLAIM_DECIDE if claim else Permission.REQUEST_DECIDE):
        raise NotFound
    ends = signer.expiry(token)
    standing = Standing.OPEN
    if row.state not in (*REQUEST_WAITS, *CLAIM_WAITS):
        standing = Standing.USED
    elif mark != _mark(session, row):
        standing = Standing.REPLACED
    elif ends and now > ends:
        standing = Standing.LATE
    return MailedDecision(
        request=request,
        claim=claim,
        person=person,
        email=user.email,
        vendor=role.organisation,
        standing=standing,
    )


def _rows(session: Session, kind: str, ref: str) -> tuple[FundRequest | None, Claim | None]:
    if kind == "request":
        return session.scalar(select(FundRequest).where(FundRequest.ref == ref)), None
    return None, session.scalar(select(Claim).where(Claim.ref == ref))


def _mark(session: Session, row: FundRequest | Claim) -> str:
    """Return a short name of what was sent: other content, or sent again or appealed, is another."""
    at, minor, said = (
        (row.submitted_at, row.requested_minor, [row.title, *_planned(session, row)])
        if isinstance(row, FundRequest)
        else (row.filed_at, row.amount_minor, _proven(session, row))
    )
    appealed = row.trace.get("appealed_at", "")
    what = [row.ref, at.isoformat() if at else "", appealed, minor, row.currency, said]
    told = json.dumps(what, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _planned(session: Session, request: FundRequest) -> list[object]:
    """What a plan says: its activities with their days, facts and costs."""
    return [
        [
            each.no,
            each.campaign_id,
            each.kind,
            each.starts_on,
            each.ends_on,
            each.share_bps,
            each.requested_minor,
            each.facts,
            cost_lines(session, each, request.currency),
        ]
        for each in activities_of(session, request.id)
    ]


def _proven(session: Session, claim: Claim) -> list[object]:
    """What a claim says: every field of its invoices, their files, and the proofs people added.

    What a launch writes by itself is none of it: that may come while the claim waits.
    """
    invoices = session.execute(
        select(Invoice, Document.sha256)
        .join(Document, Document.id == Invoice.document_id)
        .where(Invoice.claim_id == claim.id)
        .order_by(Invoice.id)
    )
    columns = [column.key for column in Invoice.__table__.columns]
    proofs = session.scalars(
        select(Document.sha256)
        .join(Proof, Proof.document_id == Document.id)
        .where(Proof.activity_id == claim.activity_id, Proof.source.startswith(BROUGHT))
        .order_by(Proof.id)
    )
    said = [[[getattr(row, name) for name in columns], file] for row, file in invoices]
    return [said, list(proofs)]
