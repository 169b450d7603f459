"""A worker reads papers: takes one, reads it outside any transaction, records what it found.

The row is the truth: a paper whose worker died is taken again, a paper read twice is read once.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tcma.db.documents import Document, store_document
from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.invoices import reading
from tcma.invoices.reading import Reading
from tcma.invoices.record import REJECT
from tcma.jobs import Job
from tcma.mdf.models.funding import Claim, Invoice
from tcma.mdf.models.papers import InvoicePaper
from tcma.mdf.paper_line import READ, REFUSED, WAITING
from tcma.words import say

LEASE = timedelta(seconds=60)
"""How long one worker has for a paper before another may take it."""
MOST_TRIES = 3
PATIENCE = 20
"""Seconds of the clock a busy machine may take beyond the reader's own."""
REMOVED = say("The file was removed.")
Open = Callable[[], AbstractContextManager[Work]]


def await_reading(
    work: Work, claim_of: tuple[UUID, UUID, UUID], document: Document, *, invoice_id: UUID | None
) -> InvoicePaper:
    """Add a paper of a claim (its id, vendor, partner) and ring for a worker."""
    claim_id, vendor_id, partner_id = claim_of
    paper = InvoicePaper(
        claim_id=claim_id,
        vendor_id=vendor_id,
        partner_id=partner_id,
        document_id=document.id,
        invoice_id=invoice_id,
        due_at=work.now,
        handed_in_at=work.now,
    )
    work.session.add(paper)
    work.session.flush()  # the wake-up names it
    work.wake(Job.INVOICE_READ, paper_id=paper.id)
    return paper


def unusable_papers(session: Session, claim: Claim) -> list[str]:
    """Return the numbers of a claim's invoices whose file was refused by its reader."""
    some = (
        select(Invoice.number)
        .join(InvoicePaper, InvoicePaper.invoice_id == Invoice.id)
        .where(Invoice.claim_id == claim.id, InvoicePaper.state == REFUSED)
    )
    return list(session.scalars(some.order_by(Invoice.id)))


def due_papers(work: Work, *, limit: int = 50) -> list[UUID]:
    """Return the papers no worker has in hand, oldest first."""
    due = select(InvoicePaper.id).where(
        InvoicePaper.state == WAITING, InvoicePaper.due_at <= work.now
    )
    return list(work.session.scalars(due.order_by(InvoicePaper.due_at).limit(limit)))


def read_paper(open_work: Open, paper_id: UUID) -> str:
    """Read one paper to its end; returns its state, empty when another worker has it."""
    with open_work() as work:
        taken = _take(work, paper_id)
        content = _content(work, paper_id, taken) if taken else None
    if content is None:
        return ""
    found = reading.read(content, picture=True, patience=PATIENCE)
    with open_work() as work:
        return _record(work, paper_id, found)


def _content(work: Work, paper_id: UUID, document: Document) -> bytes | None:
    """Return the file; None when the store has it no more, which no other try brings back."""
    try:
        return work.files.get(document.key)
    except NotFound:
        _close(work, paper_id, {"state": REFUSED, "reason": REMOVED})
        return None


def _take(work: Work, paper_id: UUID) -> Document | None:
    taken = work.session.execute(
        update(InvoicePaper)
        .where(
            InvoicePaper.id == paper_id,
            InvoicePaper.state == WAITING,
            InvoicePaper.due_at <= work.now,
        )
        .values(due_at=work.now + LEASE, tries=InvoicePaper.tries + 1)
        .returning(InvoicePaper.document_id, InvoicePaper.tries)
    ).one_or_none()
    if taken is None:
        return None
    if taken.tries > MOST_TRIES:  # it takes its worker down each time
        _close(work, paper_id, {"state": REFUSED, "reason": "The file breaks what reads it."})
        return None
    document = work.session.get_one(Document, taken.document_id, with_for_update={"read": True})
    if document.removed_at:
        _close(work, paper_id, {"state": REFUSED, "reason": REMOVED})
        return None
    return document


def _record(work: Work, paper_id: UUID, found: Reading) -> str:
    read = found.read
    state = REFUSED if read.verdict == REJECT else READ
    values: dict[str, object] = {
        "state": state,
        "reason": read.reason,
        "source": read.source,
        "doubt": found.doubt,
        "pages": read.pages,
        "found": reading.plain_of(read.fields),
        "picture_mark": found.picture_mark,
        "words_mark": found.words_mark,
    }
    return state if _close(work, paper_id, values, picture=found.picture) else ""


def _close(work: Work, paper_id: UUID, values: dict[str, object], *, picture: bytes = b"") -> bool:
    one = select(InvoicePaper).where(InvoicePaper.id == paper_id).with_for_update()
    paper = work.session.scalars(one).one_or_none()
    if paper is None or paper.state != WAITING:
        return False
    # The file may have gone while it was read; its picture goes with it.
    whole = work.session.get_one(Document, paper.document_id, with_for_update=True)
    if picture and not whole.removed_at:
        paper.preview_id = store_document(
            work,
            kind="preview",
            file_name="first-page.png",
            media_type="image/png",
            content=picture,
            vendor_id=paper.vendor_id,
            partner_id=paper.partner_id,
        ).id
    for name, value in values.items():
        setattr(paper, name, value)
    paper.read_at = work.now
    return True
