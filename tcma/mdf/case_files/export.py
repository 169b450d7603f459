"""The case file of a plan as one signed zip: proof, invoices, decisions and money, nobody's address.

Equal content is signed once: asked for again, it is the same file with the same time, and with the
stamp of the time authority as soon as that gave one (`stamping`).
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from tcma.db.audit import AuditEntry
from tcma.db.documents import Document
from tcma.db.work import Work
from tcma.delivery.queries import equation
from tcma.errors import LimitReached
from tcma.launches.models import Launch, LaunchMail
from tcma.mdf.case_files import stamping
from tcma.mdf.models.funding import ActivityLaunch, Claim, FundCostLine, FundRequest, Invoice, Proof
from tcma.mdf.models.ledger import LedgerAccount, LedgerTransfer
from tcma.mdf.models.papers import InvoicePaper
from tcma.mdf.models.payments import Payment
from tcma.mdf.papers import own_shares
from tcma.mdf.queries import activities_of, timeline, vendor_of
from tcma.partners.models import Partner
from tcma.permissions import Permission
from tcma.sealed.keys import signing_key
from tcma.sealed.seal import Entry, canonical, manifest_of, safe_name, sealed, signature_of
from tcma.sealed.stamps import NoAuthority, TimeAuthority
from tcma.words import say

LARGEST = 200 * 1024 * 1024
SUBJECT = "case_file"


@dataclass(frozen=True, slots=True)
class CaseZip:
    """A signed case file as it is saved."""

    file_name: str
    content: bytes


def export(work: Work, request: FundRequest, authority: TimeAuthority | None = None) -> CaseZip:
    """Return the case file of a plan its reader may see, stamped by the authority where it answers.

    Raises LimitReached when it is too large.
    """
    work.require(Permission.FUND_READ)
    claims = _claims(work.session, request)
    papers = [*_invoices(work, claims), *_own_shares(work, claims)]
    entries = [*_proofs(work, request), *papers, *_facts(work, request, claims)]
    if sum(len(one.content) for one in entries) > LARGEST:
        words = say("This case file is too large for one archive.")
        raise LimitReached(words, code="mdf.case.size")
    key = signing_key(work.site.secret)
    manifest = manifest_of(entries, _about(work.session, request, claims), key)
    digest = sha256(manifest).hexdigest()
    before = _signed_at(work.session, request, digest)
    at = before or work.now
    signature = signature_of(manifest, key=key, signed_at=at)
    stamped = stamping.stamp_of(work, request, signature, authority or NoAuthority())
    if before is None:  # written down after the authority was asked: no row waits for a network
        _sign(work, request, digest)
    content = sealed(entries, manifest, key=key, signed_at=at, stamped=stamped)
    return CaseZip(f"{request.ref}-case-file.zip", content)


def _signed_at(session: Session, request: FundRequest, digest: str) -> datetime | None:
    one = (
        select(AuditEntry.at)
        .where(AuditEntry.subject == SUBJECT, AuditEntry.subject_id == str(request.id))
        .where(AuditEntry.detail["sha256"].astext == digest)
        .order_by(AuditEntry.id)
        .limit(1)
    )
    return session.scalar(one)


def _sign(work: Work, request: FundRequest, digest: str) -> None:
    work.audit(
        "case file signed",
        SUBJECT,
        request.id,
        vendor_id=request.vendor_id,
        partner_id=request.partner_id,
        sha256=digest,
    )


def _claims(session: Session, request: FundRequest) -> list[Claim]:
    filed = select(Claim).where(Claim.request_id == request.id, Claim.filed_at.is_not(None))
    return list(session.scalars(filed.order_by(Claim.ref)))


def _about(session: Session, request: FundRequest, claims: list[Claim]) -> dict[str, Any]:
    return {
        "plan": request.ref,
        "title": request.title,
        "vendor": vendor_of(session, request.vendor_id).name,
        "partner": session.get_one(Partner, request.partner_id).name,
        "claims": [claim.ref for claim in claims],
    }


def _proofs(work: Work, request: FundRequest) -> list[Entry]:
    entries = []
    for number, activity in enumerate(activities_of(work.session, request.id), 1):
        rows = work.session.execute(
            select(Proof, Document)
            .join(Document, Document.id == Proof.document_id)
            .where(Proof.activity_id == activity.id)
            .order_by(Proof.at, Proof.id)
        )
        entries += [
            _stored(
                work,
                document,
                (f"activity-{number}/{at:02}-{safe_name(document.file_name)}", proof.kind),
                (proof.title, proof.source, proof.at),
            )
            for at, (proof, document) in enumerate(rows, 1)
        ]
    return entries


def _invoices(work: Work, claims: list[Claim]) -> list[Entry]:
    rows = work.session.execute(
        select(Invoice, Document, Claim.ref)
        .join(Document, Document.id == Invoice.document_id)
        .join(Claim, Claim.id == Invoice.claim_id)
        .where(Invoice.claim_id.in_([claim.id for claim in claims]))
        .order_by(Claim.ref, Invoice.id)
    )
    return [
        _stored(
            work,
            document,
            (f"{ref}/{at:02}-{safe_name(document.file_name)}", "invoice"),
            (f"Invoice {invoice.number}", "partner", document.made_at),
        )
        for at, (invoice, document, ref) in enumerate(rows, 1)
    ]


def _own_shares(work: Work, claims: list[Claim]) -> list[Entry]:
    found = []
    for claim in claims:
        for at, share in enumerate(own_shares.shares_of(work.session, claim), 1):
            document = work.session.get_one(Document, share.document_id)
            path = f"{claim.ref}/paid-{at:02}-{safe_name(share.file_name)}"
            title = f"Paid to {share.paid_to}"
            found.append(_stored(work, document, (path, "own_share"), (title, "partner", share.at)))
    return found


def _stored(
    work: Work, document: Document, named: tuple[str, str], told: tuple[str, str, datetime]
) -> Entry:
    path, kind = named
    title, origin, at = told
    if document.removed_at:
        day = f"{document.removed_at:%Y-%m-%d}"
        words = f"{document.file_name} was removed on {day}, as the fund's rules say.\n"
        said = f"{words}SHA-256 {document.sha256}\n".encode()
        return Entry(f"{path}.removed.txt", said, kind, f"{title}, removed {day}", origin, at)
    return Entry(path, work.files.get(document.key), kind, title, origin, at)


def _facts(work: Work, request: FundRequest, claims: list[Claim]) -> list[Entry]:
    session = work.session
    made = {
        "plan.json": ("plan", "The plan and its sums", _plan(session, request)),
        "claims.json": ("claims", "Claims and invoices", [_claim(session, c) for c in claims]),
        "finish.json": ("finish", "Everybody accounted for", _finish(session, request)),
        "history.json": ("history", "Who decided what, when", _history(session, request, claims)),
        "ledger.json": ("ledger", "Ledger entries", _ledger(session, request, claims)),
    }
    return [
        Entry(path, canonical(body), kind, title, "house", None)
        for path, (kind, title, body) in made.items()
    ]


def _plan(session: Session, request: FundRequest) -> dict[str, Any]:
    activities = [
        {
            "kind": activity.kind,
            "state": activity.state,
            "share_bps": activity.share_bps,
            "requested_minor": activity.requested_minor,
            "approved_minor": activity.approved_minor,
            "reason": activity.reason,
            "note": activity.note,
            "starts_on": activity.starts_on,
            "ends_on": activity.ends_on,
            "costs": [
                {"label": line.label, "minor": line.amount_minor}
                for line in session.scalars(
                    select(FundCostLine)
                    .where(FundCostLine.activity_id == activity.id)
                    .order_by(FundCostLine.no)
                )
            ],
        }
        for activity in activities_of(session, request.id)
    ]
    plain = ("ref", "title", "state", "currency", "requested_minor", "approved_minor")
    dated = ("submitted_at", "decided_at", "claim_by", "note", "trace")
    return {name: _json(getattr(request, name)) for name in (*plain, *dated)} | {
        "activities": activities
    }


def _claim(session: Session, claim: Claim) -> dict[str, Any]:
    rows = session.execute(
        select(Invoice, InvoicePaper)
        .outerjoin(InvoicePaper, InvoicePaper.invoice_id == Invoice.id)
        .where(Invoice.claim_id == claim.id)
        .order_by(Invoice.id)
    )
    names = ("issuer", "number", "issued_on", "made_out_to", "net_minor", "tax_minor", "currency")
    plain = ("ref", "state", "currency", "amount_minor", "approved_minor", "filed_at", "decided_at")
    return {name: _json(getattr(claim, name)) for name in plain} | {
        "invoices": [
            {"entered": {name: _json(getattr(invoice, name)) for name in names}}
            | {"read": {"from": paper.source, "fields": paper.found} if paper else None}
            for invoice, paper in rows
        ]
    }


def _finish(session: Session, request: FundRequest) -> list[dict[str, Any]]:
    ids = [activity.id for activity in activities_of(session, request.id)]
    rows = session.execute(
        select(Launch.ref, LaunchMail.mail, LaunchMail.mailing_id)
        .join(LaunchMail, LaunchMail.launch_id == Launch.id)
        .join(ActivityLaunch, ActivityLaunch.launch_id == Launch.id)
        .where(ActivityLaunch.activity_id.in_(ids), LaunchMail.mailing_id.is_not(None))
        .order_by(Launch.ref, LaunchMail.no)
    )
    sums = [(row.ref, row.mail, equation(session, row.mailing_id)) for row in rows]
    return [
        {"launch": ref, "mail": mail, "holds": each.holds} | asdict(each)
        for ref, mail, each in sums
    ]


def _history(session: Session, request: FundRequest, claims: list[Claim]) -> list[dict[str, str]]:
    about: list[tuple[str, UUID, str]] = [("fund_request", request.id, request.ref)]
    about += [("claim", claim.id, claim.ref) for claim in claims]
    return [
        {"at": event.at.isoformat(), "of": ref, "who": event.actor, "did": event.verb}
        | {"words": event.words}
        for subject, each, ref in about
        for event in timeline(session, subject, each)
    ]


def _ledger(session: Session, request: FundRequest, claims: list[Claim]) -> list[dict[str, Any]]:
    ids = [request.id, *(claim.id for claim in claims)]
    ids += session.scalars(select(Payment.id).where(Payment.claim_id.in_(ids)))
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    rows = session.execute(
        select(LedgerTransfer, debit.kind.label("debit"), credit.kind.label("credit"))
        .join(debit, debit.id == LedgerTransfer.debit_id)
        .join(credit, credit.id == LedgerTransfer.credit_id)
        .where(LedgerTransfer.subject_id.in_(ids))
        .order_by(LedgerTransfer.chain_id, LedgerTransfer.seq)
    )
    return [
        {
            "seq": entry.seq,
            "kind": entry.kind,
            "debit": taken,
            "credit": given,
            "minor": entry.amount,
            "currency": entry.currency,
            "at": entry.at.isoformat(),
            "reason": entry.reason,
            "previous": bytes(entry.prev_hash).hex(),
            "hash": bytes(entry.hash).hex(),
        }
        for entry, taken, given in rows
    ]


def _json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
