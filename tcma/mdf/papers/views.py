"""Reads of papers: what was read of each, what speaks against it, where the same was seen before."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tcma.db.documents import Document
from tcma.invoices.pictures import SAME_WITHIN, apart
from tcma.invoices.reading import fields_from
from tcma.invoices.record import Fields
from tcma.invoices.sayings import told
from tcma.mdf.deadlines import local_day
from tcma.mdf.models.funding import Claim, FundRequest, Invoice
from tcma.mdf.models.papers import InvoicePaper
from tcma.mdf.paper_line import READ, REFUSED, PaperLine
from tcma.mdf.papers.checks import Entered, differences, doubts_at_sight
from tcma.mdf.queries import vendor_of
from tcma.mdf.rules import COUNTED_CLAIM
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.words import joined, say

MOST_COMPARED = 20_000
"""Pictures of other claims that one picture is compared with, newest first."""


def open_papers(session: Session, claim: Claim, *, now: datetime) -> list[PaperLine]:
    """Return the papers of a claim that are no invoices yet, with what its partner should know."""
    rows = session.execute(
        select(InvoicePaper, Document.file_name)
        .join(Document, Document.id == InvoicePaper.document_id)
        .where(InvoicePaper.claim_id == claim.id, InvoicePaper.invoice_id.is_(None))
        .order_by(InvoicePaper.id)
    ).all()
    if not rows:
        return []
    partner = session.get_one(Partner, claim.partner_id)
    request = session.get_one(FundRequest, claim.request_id)
    zone = vendor_of(session, claim.vendor_id).zone
    since = local_day(request.decided_at or now, zone)
    return [
        _line(paper, name, _at_sight(paper, claim, partner, (since, local_day(now, zone))))
        for paper, name in rows
    ]


def _at_sight(
    paper: InvoicePaper, claim: Claim, partner: Partner, days: tuple[date, date]
) -> tuple[str, ...]:
    if paper.state != READ:
        return ()
    said = doubts_at_sight(
        fields_from(paper.found),
        currency=claim.currency,
        names=(partner.name, partner.legal_name),
        since=days[0],
        today=days[1],
    )
    return (*filter(None, (told(paper.doubt),)), *said)


def _line(paper: InvoicePaper, file_name: str, doubts: tuple[str, ...]) -> PaperLine:
    return PaperLine(
        id=paper.id,
        state=paper.state,
        file_name=file_name,
        document_id=paper.document_id,
        preview_id=paper.preview_id,
        reason=told(paper.reason),
        source=told(paper.source),
        pages=paper.pages,
        fields=fields_from(paper.found) if paper.state == READ else Fields(),
        doubts=doubts,
    )


def papers_by_invoice(session: Session, claim: Claim) -> dict[UUID, PaperLine]:
    """Return the paper of each invoice of a claim, with every difference to what was entered."""
    rows = session.execute(
        select(InvoicePaper, Document.file_name, Invoice)
        .join(Document, Document.id == InvoicePaper.document_id)
        .join(Invoice, Invoice.id == InvoicePaper.invoice_id)
        .where(InvoicePaper.claim_id == claim.id)
    ).all()
    return {
        invoice.id: _line(paper, name, _compared(paper, invoice)) for paper, name, invoice in rows
    }


def _compared(paper: InvoicePaper, invoice: Invoice) -> tuple[str, ...]:
    if paper.state == REFUSED:
        return (joined(say("The file could not be read."), told(paper.reason)),)
    if paper.state != READ:
        return ()
    entered = Entered(
        issuer=invoice.issuer,
        number=invoice.number,
        issued_on=invoice.issued_on,
        made_out_to=invoice.made_out_to,
        net=Money(invoice.net_minor, invoice.currency),
        tax=Money(invoice.tax_minor, invoice.currency),
    )
    said = differences(fields_from(paper.found), entered)
    return (*filter(None, (told(paper.doubt),)), *said)


def same_papers(session: Session, claim: Claim) -> dict[UUID, str]:
    """Return per document of a claim whether its words or its picture stand in anybody's claim.

    For the vendor's eyes only.
    """
    said: dict[UUID, str] = {}
    papers = session.scalars(
        select(InvoicePaper)
        .where(InvoicePaper.claim_id == claim.id, InvoicePaper.invoice_id.is_not(None))
        .order_by(InvoicePaper.id)
    )
    for paper in papers:
        if paper.words_mark and _elsewhere(
            session, claim, InvoicePaper.words_mark == paper.words_mark
        ):
            said[paper.document_id] = "A paper with the same words stands in another claim."
        elif paper.picture_mark and _pictured(session, claim, paper.picture_mark):
            said[paper.document_id] = "The same picture stands in another claim."
    return said


def same_sum(session: Session, claim: Claim, invoice: Invoice) -> str:
    """Return whether anybody's other claim has the same sum of the same day: worth a look."""
    if _elsewhere(session, claim, *_same_sum(invoice)):
        return "The same sum of the same day stands in another claim. Compare the two."
    return ""


def _same_sum(invoice: Invoice) -> tuple[ColumnElement[bool], ...]:
    return (
        Invoice.issued_on == invoice.issued_on,
        Invoice.net_minor + Invoice.tax_minor == invoice.net_minor + invoice.tax_minor,
        Invoice.currency == invoice.currency,
    )


def _elsewhere(session: Session, claim: Claim, *same: ColumnElement[bool]) -> bool:
    one = (
        select(Invoice.id)
        .join(Claim, Claim.id == Invoice.claim_id)
        .outerjoin(InvoicePaper, InvoicePaper.invoice_id == Invoice.id)
        .where(*same, Claim.id != claim.id)
        .where(Claim.state.in_(COUNTED_CLAIM))
    )
    return session.scalar(one.limit(1)) is not None


def _pictured(session: Session, claim: Claim, mark: str) -> bool:
    others = (
        select(InvoicePaper.picture_mark)
        .join(Invoice, Invoice.id == InvoicePaper.invoice_id)
        .join(Claim, Claim.id == Invoice.claim_id)
        .where(InvoicePaper.picture_mark != "", Claim.id != claim.id)
        .where(Claim.state.in_(COUNTED_CLAIM))
        .order_by(InvoicePaper.id.desc())
        .limit(MOST_COMPARED)
    )
    return any(apart(mark, other) <= SAME_WITHIN for other in session.scalars(others))
