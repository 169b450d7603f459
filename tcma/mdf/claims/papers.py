"""A partner hands in a paper, looks at what was read of it, and makes it an invoice of the claim."""

from uuid import UUID

from sqlalchemy import delete, select

from tcma.db.documents import Document, store_document
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.mdf.claims import filing
from tcma.mdf.models.funding import Claim, Invoice
from tcma.mdf.models.papers import InvoicePaper
from tcma.mdf.moving import log
from tcma.mdf.paper_line import REFUSED
from tcma.mdf.papers import uploads
from tcma.mdf.papers.invoice_lines import InvoiceEntry
from tcma.mdf.papers.reading import await_reading
from tcma.words import say

MOST_OPEN = 10
"""Papers of one claim that are not invoices yet."""


def hand_in(work: Work, claim: Claim, *, file_name: str, content: bytes) -> InvoicePaper:
    """Store a paper of a claim and let a worker read it; the same file twice is one paper.

    Raises Invalid for a file that cannot be proof, LimitReached when too many wait for a person.
    """
    filing.editing(work, claim)
    upload = uploads.accept_invoice(file_name, content)
    waiting = open_papers(work, claim)
    document = store_document(
        work,
        kind="invoice",
        file_name=upload.file_name,
        media_type=upload.media_type,
        content=upload.content,
        vendor_id=claim.vendor_id,
        partner_id=claim.partner_id,
    )
    for paper in waiting:
        if work.session.get_one(Document, paper.document_id).sha256 == document.sha256:
            return paper
    if len(waiting) >= MOST_OPEN:
        raise LimitReached(
            say("{most_open} papers wait for you already.", most_open=MOST_OPEN),
            code="mdf.paper.count",
            remedy=say("Add or throw away some of them first."),
        )
    paper = await_reading(
        work, (claim.id, claim.vendor_id, claim.partner_id), document, invoice_id=None
    )
    log(work, claim, "paper handed in", document.file_name)
    return paper


def open_papers(work: Work, claim: Claim) -> list[InvoicePaper]:
    """Return the papers of a claim that are not invoices yet, oldest first."""
    some = select(InvoicePaper).where(
        InvoicePaper.claim_id == claim.id, InvoicePaper.invoice_id.is_(None)
    )
    return list(work.session.scalars(some.order_by(InvoicePaper.id)))


def enter(work: Work, claim: Claim, paper_id: UUID, entry: InvoiceEntry) -> Invoice:
    """Make a paper an invoice with what a person found right; entered twice is one invoice.

    Raises Conflict for a paper that was refused, Invalid with fields as `claims.add_invoice`.
    """
    filing.editing(work, claim)
    paper = _paper(work, claim, paper_id)
    if paper.invoice_id:
        return work.session.get_one(Invoice, paper.invoice_id)
    if paper.state == REFUSED:
        raise Conflict(paper.reason, code="mdf.paper.refused", remedy=say("Upload another file."))
    if paper.found.get("credit_note"):
        raise Invalid(
            say("A credit note gives money back and cannot be claimed."),
            code="mdf.paper.credit_note",
            fields={"number": say("This is a credit note. Upload the invoice.")},
        )
    document = work.session.get_one(Document, paper.document_id)
    invoice = filing.enter(work, claim, entry, document)
    paper.invoice_id = invoice.id
    return invoice


def throw_away(work: Work, claim: Claim, paper_id: UUID) -> None:
    """Take a paper out of a claim before it is an invoice; the file stays in the store."""
    filing.editing(work, claim)
    paper = _paper(work, claim, paper_id)
    if paper.invoice_id:
        raise Conflict(say("This paper is an invoice of the claim."), code="mdf.paper.entered")
    work.session.execute(delete(InvoicePaper).where(InvoicePaper.id == paper.id))
    document = work.session.get_one(Document, paper.document_id)
    log(work, claim, "paper thrown away", document.file_name)


def _paper(work: Work, claim: Claim, paper_id: UUID) -> InvoicePaper:
    one = select(InvoicePaper).where(InvoicePaper.id == paper_id, InvoicePaper.claim_id == claim.id)
    return found(work.session.scalars(one.with_for_update()).one_or_none())
