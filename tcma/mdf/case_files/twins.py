"""Signs that something was claimed before: the same paper, number, file or picture in anybody's claim."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.documents import Document
from tcma.invoices.pictures import SAME_WITHIN, apart
from tcma.mdf.models.funding import Claim, Invoice, Proof
from tcma.mdf.papers import views as paper_views
from tcma.mdf.papers.invoices import invoices_of, same_invoice, uses_its_invoices
from tcma.mdf.papers.views import MOST_COMPARED
from tcma.mdf.rules import BROUGHT


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
    files |= _proofs_elsewhere(session, claim)
    numbers: dict[UUID, str] = {}
    for invoice in invoices_of(session, claim):
        twin = (
            select(Claim.id)
            .join(Invoice, Invoice.claim_id == Claim.id)
            .where(*same_invoice(invoice.issuer, invoice.number), Claim.id != claim.id)
            .where(uses_its_invoices())
        )
        if session.scalar(twin.limit(1)):
            numbers[invoice.id] = "The same invoice number of this issuer stands in another claim."
    return Doubts(files, numbers)


def _proofs_elsewhere(session: Session, claim: Claim) -> dict[UUID, str]:
    """Return per uploaded proof whether its file or picture shows another activity, too."""
    mine = session.execute(
        select(Proof.document_id, Proof.picture_mark, Document.sha256)
        .join(Document, Document.id == Proof.document_id)
        .where(Proof.activity_id == claim.activity_id, Proof.source.startswith(BROUGHT))
    ).all()
    elsewhere = Proof.activity_id != claim.activity_id
    same = select(Document.sha256).join(Proof, Proof.document_id == Document.id)
    taken = same.where(
        elsewhere,
        Proof.source.startswith(BROUGHT),
        Document.sha256.in_([row.sha256 for row in mine]),
    )
    known = set(session.scalars(taken))
    marks: list[str] = []
    if any(row.picture_mark for row in mine):
        newest = select(Proof.picture_mark).where(elsewhere, Proof.picture_mark != "")
        marks = list(session.scalars(newest.order_by(Proof.id.desc()).limit(MOST_COMPARED)))
    said: dict[UUID, str] = {}
    for row in mine:
        if row.sha256 in known:
            said[row.document_id] = "The same file is proof of another activity."
        elif row.picture_mark and any(apart(row.picture_mark, m) <= SAME_WITHIN for m in marks):
            said[row.document_id] = "The same picture is proof of another activity."
    return said
