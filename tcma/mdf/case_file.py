"""The case file of a request: what is shown, what is missing, and what looks wrong with a claim."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tcma.db.documents import Document
from tcma.launches.models import Launch
from tcma.launches.rules import OVER
from tcma.mdf import paper_views
from tcma.mdf.deadlines import in_time, local_day
from tcma.mdf.models import ActivityLaunch, Claim, FundActivity, FundRequest, Invoice, Proof
from tcma.mdf.queries import activities_of, remaining_of, vendor_of
from tcma.mdf.records import InvoiceLine, Item
from tcma.mdf.rules import (
    COLLECTED,
    COUNTED_CLAIM,
    OPEN_CLAIM,
    PROOF_WORDS,
    PROOFS,
    ActivityKind,
    Check,
    ClaimFacts,
    ClaimState,
    InvoiceFacts,
    ProofKind,
    ProofState,
    Reimbursable,
    reimbursable,
)
from tcma.mdf.words import spoken, spoken_count, spoken_day
from tcma.money import Money
from tcma.partners.models import Partner

BY_PARTNER, BY_US = "you", "we collect it"


def checklist(
    session: Session, request: FundRequest, *, now: datetime, claim: Claim | None = None
) -> list[Item]:
    """Return the lines of a case file in the order they are asked for, the invoice last.

    A line the launch writes is `to_come` while a launch may still write it, then `missing`.
    """
    today = local_day(now, vendor_of(session, request.vendor_id).zone)
    proofs = _newest_proofs(session, request.id)
    items: list[Item] = []
    for activity in activities_of(session, request.id):
        waits = _may_still_write(session, activity, today)
        of_this = [row for row in proofs if row.activity_id == activity.id]
        for kind in PROOFS[ActivityKind(activity.kind)]:
            rows = [row for row in of_this if row.kind == kind]
            items.extend(_item(kind, row) for row in rows)
            if not rows:
                state = ProofState.TO_COME if kind in COLLECTED and waits else ProofState.MISSING
                by = BY_US if kind in COLLECTED else BY_PARTNER
                items.append(Item(kind, PROOF_WORDS[kind], state, by))
        asked = PROOFS[ActivityKind(activity.kind)]
        items.extend(_item(ProofKind(row.kind), row) for row in of_this if row.kind not in asked)
    return items + _invoice_items(session, claim)


def _newest_proofs(session: Session, request_id: UUID) -> list[Row[tuple[object, ...]]]:
    # What the launch wrote at its end takes the place of what it wrote at its start.
    began = func.split_part(Proof.source, "@", 1)
    newest = (
        select(
            Proof.activity_id,
            Proof.kind,
            Proof.title,
            Proof.source,
            Proof.at,
            Proof.detail,
            Proof.document_id,
            Document.file_name,
            Document.sha256,
        )
        .join(Document, Document.id == Proof.document_id)
        .join(FundActivity, FundActivity.id == Proof.activity_id)
        .where(FundActivity.request_id == request_id)
        .ext(distinct_on(Proof.activity_id, Proof.kind, began))
        .order_by(Proof.activity_id, Proof.kind, began, Proof.at.desc(), Proof.id.desc())
    )
    return list(session.execute(newest))


def _item(kind: ProofKind, row: Row[tuple[object, ...]]) -> Item:
    ours = row.source.startswith("launch:")
    return Item(
        kind,
        row.title,
        ProofState.COLLECTED if ours else ProofState.UPLOADED,
        BY_US if ours else BY_PARTNER,
        document_id=row.document_id,
        file_name=row.file_name,
        sha256=row.sha256,
        at=row.at,
        facts=str(row.detail.get("words", "")),
    )


def _may_still_write(session: Session, activity: FundActivity, today: date) -> bool:
    states = session.scalars(
        select(Launch.state)
        .join(ActivityLaunch, ActivityLaunch.launch_id == Launch.id)
        .where(ActivityLaunch.activity_id == activity.id)
    ).all()
    if not states:
        return today <= activity.ends_on
    return any(state not in OVER for state in states)


def _invoice_items(session: Session, claim: Claim | None) -> list[Item]:
    rows = (
        []
        if claim is None
        else session.execute(
            select(
                Invoice.number,
                Document.id,
                Document.file_name,
                Document.sha256,
                Document.made_at,
            )
            .join(Document, Document.id == Invoice.document_id)
            .where(Invoice.claim_id == claim.id)
            .order_by(Invoice.id)
        ).all()
    )
    if not rows:
        words = PROOF_WORDS[ProofKind.INVOICE]
        return [Item(ProofKind.INVOICE, words, ProofState.MISSING, BY_PARTNER)]
    return [
        Item(
            ProofKind.INVOICE,
            f"Invoice {row.number}",
            ProofState.UPLOADED,
            BY_PARTNER,
            document_id=row.id,
            file_name=row.file_name,
            sha256=row.sha256,
            at=row.made_at,
        )
        for row in rows
    ]


def missing(items: list[Item]) -> tuple[str, ...]:
    """Return the titles without which a claim cannot be filed."""
    return tuple(
        item.title for item in items if item.state in {ProofState.MISSING, ProofState.TO_COME}
    )


def last_day(request: FundRequest, claim: Claim) -> date:
    """Return the last day to file: the request's, or later when the claim came back."""
    assert request.claim_by is not None
    fix_by = claim.trace.get("fix_by")
    return max(request.claim_by, date.fromisoformat(fix_by)) if fix_by else request.claim_by


def invoices_of(session: Session, claim: Claim) -> list[Invoice]:
    """Return a claim's invoices in the order they came."""
    some = select(Invoice).where(Invoice.claim_id == claim.id)
    return list(session.scalars(some.order_by(Invoice.id)))


def worth(session: Session, request: FundRequest, claim: Claim, *, now: datetime) -> Reimbursable:
    """Return what the vendor owes for a claim's invoices, with every cut."""
    facts = [
        InvoiceFacts(
            invoice.number,
            Money(invoice.net_minor, invoice.currency),
            twin_claim(session, claim, invoice.issuer, invoice.number),
        )
        for invoice in invoices_of(session, claim)
    ]
    return reimbursable(
        ClaimFacts(
            invoices=facts,
            share_bps=request.share_bps,
            remaining=left_for(session, request, claim),
            deadline=last_day(request, claim),
            now=filed_or(claim, now),
            zone=vendor_of(session, request.vendor_id).zone,
        )
    )


def left_for(session: Session, request: FundRequest, claim: Claim) -> Money:
    """Return what of the approved plan this claim may take; once decided, what it could take then.

    A plan that was closed since holds nothing, and must not make an old claim look wrong.
    """
    if claim.state in OPEN_CLAIM or claim.decided_at is None:
        return remaining_of(session, request, besides=claim.id)
    earlier = select(
        func.coalesce(func.sum(func.coalesce(Claim.approved_minor, Claim.amount_minor)), 0)
    ).where(
        Claim.request_id == request.id,
        Claim.id != claim.id,
        Claim.state.in_(COUNTED_CLAIM),
        Claim.filed_at < claim.decided_at,
    )
    taken = int(session.scalars(earlier).one())
    return Money((request.approved_minor or 0) - taken, claim.currency)


def filed_or(claim: Claim, now: datetime) -> datetime:
    """Return when a claim was filed, or `now` while it is with the partner."""
    with_partner = claim.state in {ClaimState.DRAFT, ClaimState.INFO_REQUESTED}
    return now if with_partner or claim.filed_at is None else claim.filed_at


def twin_claim(session: Session, claim: Claim, issuer: str, number: str) -> str:
    """Return the reference of the partner's other claim that holds the same invoice, or «»."""
    same = _same_invoice(issuer, number)
    one = (
        select(Claim.ref)
        .join(Invoice, Invoice.claim_id == Claim.id)
        .where(*same, Claim.partner_id == claim.partner_id, Claim.id != claim.id)
        .where(Claim.state.in_(COUNTED_CLAIM))
        .order_by(Claim.ref)
    )
    return session.scalar(one.limit(1)) or ""


def _same_invoice(issuer: str, number: str) -> tuple[ColumnElement[bool], ...]:
    def plain(text: Any) -> ColumnElement[str]:
        return func.lower(func.regexp_replace(text, "[^[:alnum:]]", "", "g"))

    return plain(Invoice.number) == plain(number), plain(Invoice.issuer) == plain(issuer)


@dataclass(frozen=True, slots=True)
class Doubts:
    """Signs that something was claimed before; shown to the vendor, never whose it was."""

    files: dict[UUID, str]
    numbers: dict[UUID, str]


def doubts(session: Session, claim: Claim) -> Doubts:
    """Return per document and per invoice whether the same stands in a claim of anybody."""
    mine, other = Invoice.__table__.alias("mine"), Document.__table__.alias("other")
    file_of = Document.__table__.alias("file_of")
    used = select(Invoice.document_id).where(Invoice.claim_id != claim.id)
    elsewhere = session.execute(
        select(file_of.c.id)
        .join(mine, mine.c.document_id == file_of.c.id)
        .join(other, other.c.sha256 == file_of.c.sha256)
        .where(mine.c.claim_id == claim.id, other.c.id != file_of.c.id)
        .where(other.c.id.in_(used))
    ).scalars()
    files = paper_views.same_papers(session, claim)
    files |= dict.fromkeys(elsewhere, "The same file stands in another claim.")
    numbers: dict[UUID, str] = {}
    for invoice in invoices_of(session, claim):
        twin = (
            select(Claim.id)
            .join(Invoice, Invoice.claim_id == Claim.id)
            .where(*_same_invoice(invoice.issuer, invoice.number), Claim.id != claim.id)
            .where(Claim.state.in_(COUNTED_CLAIM))
        )
        if session.scalar(twin.limit(1)):
            numbers[invoice.id] = "The same invoice number of this issuer stands in another claim."
    return Doubts(files, numbers)


def other_party(partner: Partner, invoice: Invoice) -> bool:
    """Say whether an invoice is made out to somebody else than the partner."""
    names = {partner.name.casefold(), partner.legal_name.casefold()}
    return invoice.made_out_to.strip().casefold() not in names


def approved_on(session: Session, request: FundRequest, now: datetime) -> date:
    """Return the vendor's day on which a plan was approved, today while it is not."""
    return local_day(request.decided_at or now, vendor_of(session, request.vendor_id).zone)


def invoice_lines(
    session: Session, request: FundRequest, claim: Claim, *, now: datetime, told: Doubts | None
) -> list[InvoiceLine]:
    """Return a claim's invoices; `told` are the doubts this reader may see."""
    lines = []
    partner = session.get_one(Partner, claim.partner_id)
    since = approved_on(session, request, now)
    papers = paper_views.papers_by_invoice(session, claim)
    for invoice in invoices_of(session, claim):
        document = session.get_one(Document, invoice.document_id)
        doubt = ""
        if told:
            doubt = told.files.get(document.id, "") or told.numbers.get(invoice.id, "")
        lines.append(
            InvoiceLine(
                id=invoice.id,
                issuer=invoice.issuer,
                number=invoice.number,
                issued_on=invoice.issued_on,
                made_out_to=invoice.made_out_to,
                net=Money(invoice.net_minor, invoice.currency),
                tax=Money(invoice.tax_minor, invoice.currency),
                document_id=document.id,
                file_name=document.file_name,
                doubt=doubt,
                other_party=other_party(partner, invoice),
                early=invoice.issued_on < since,
                paper=papers.get(invoice.id),
                seen=paper_views.same_sum(session, claim, invoice) if told else "",
            )
        )
    return lines


def claim_checks(
    session: Session, request: FundRequest, claim: Claim, *, now: datetime
) -> tuple[Check, ...]:
    """Return the nine things the desk looks at before it decides."""
    partner = session.get_one(Partner, claim.partner_id)
    zone = vendor_of(session, claim.vendor_id).zone
    invoices = invoices_of(session, claim)
    told = doubts(session, claim)
    due = worth(session, request, claim, now=now)
    gaps = missing(checklist(session, request, now=now, claim=claim))
    strangers = [i.number for i in invoices if other_party(partner, i)]
    since = approved_on(session, request, now)
    early = [i.number for i in invoices if i.issued_on < since]
    filed = filed_or(claim, now)
    late_by = last_day(request, claim)
    amount = Money(claim.amount_minor, claim.currency)
    return (
        Check(
            "in_time", in_time(filed, late_by, zone), f"Last day to file: {spoken_day(late_by)}."
        ),
        Check(
            "case_file",
            not gaps,
            f"Missing: {', '.join(gaps)}." if gaps else "The case file is complete.",
        ),
        Check(
            "invoice",
            bool(invoices),
            f"{spoken_count(len(invoices), 'invoice')}, {spoken(due.net)} net.",
        ),
        Check("amount", amount <= due.amount, f"{spoken(due.amount)} follows from the invoices."),
        Check(
            "plan",
            amount <= left_for(session, request, claim),
            f"Approved for the plan: {spoken(Money(request.approved_minor or 0, claim.currency))}.",
        ),
        Check(
            "party",
            not strangers,
            f"{_named(strangers)} made out to another company."
            if strangers
            else f"Made out to {partner.name}.",
        ),
        Check(
            "dates",
            not early,
            f"{_named(early)} older than the approval of {spoken_day(since)}."
            if early
            else f"Not older than the approval of {spoken_day(since)}.",
        ),
        _once("number_once", told.numbers, "No invoice number stands elsewhere."),
        _once("file_once", told.files, "No file stands elsewhere."),
    )


def _once(code: str, found: dict[UUID, str], clean: str) -> Check:
    return Check(code, not found, " ".join(dict.fromkeys(found.values())) or clean)


def _named(numbers: list[str]) -> str:
    return f"Invoice {numbers[0]} is" if len(numbers) == 1 else f"Invoices {_and(numbers)} are"


def _and(numbers: list[str]) -> str:
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}"
