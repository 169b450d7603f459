"""A small copy of each picture and PDF in a case file, so that who decides can look at it, and what
a pre-check reads in those that a partner brought: what a launch wrote is proved by its hashes.

A worker opens the file in the limited process that opens papers; the row is the truth, as with those.
"""

from uuid import UUID

from sqlalchemy import select, update

from tcma.db.documents import Document, store_document
from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.invoices import reading
from tcma.invoices.proofs import ProofSeen
from tcma.mdf.case_files import prechecks
from tcma.mdf.models.funding import Proof
from tcma.mdf.papers.reading import LEASE, MOST_TRIES, PATIENCE, REMOVED, Open
from tcma.mdf.rules import BROUGHT

PICTURED = frozenset({"application/pdf", "image/jpeg", "image/png"})
MADE, NONE = "made", "none"


def due(work: Work, *, limit: int = 50) -> list[UUID]:
    """Return the proofs that want a small copy and that no worker has in hand, oldest first."""
    some = select(Proof.id).where(Proof.preview_due_at <= work.now)
    return list(work.session.scalars(some.order_by(Proof.preview_due_at).limit(limit)))


def make(open_work: Open, proof_id: UUID, *, service: str = "") -> str:
    """Make the small copy of one proof, or keep why there is none, and what is read in it.

    `service` is who is to be asked about it next. Returns `made` or `none`, empty when there was nothing to do or another worker has it.
    """
    with open_work() as work:
        taken = _take(work, proof_id)
        if taken is None:
            return ""
        try:
            content = work.files.get(taken.key)
        except NotFound:  # no other try brings it back
            return _close(work, proof_id, ProofSeen(why=REMOVED))
        proof = work.session.get_one(Proof, proof_id)
        brought = proof.source.startswith(BROUGHT)
        wanted = prechecks.sought_of(work, proof) if brought else None
    if wanted:
        seen = reading.read_proof(content, wanted[1], patience=PATIENCE)
    else:
        seen = reading.draw_proof(content, patience=PATIENCE)
    with open_work() as work:
        done = _close(work, proof_id, seen)
        if done and wanted:
            proof = work.session.get_one(Proof, proof_id)
            prechecks.keep(work, proof, seen, wanted[0], service=service)
        return done


def _take(work: Work, proof_id: UUID) -> Document | None:
    taken = work.session.execute(
        update(Proof)
        .where(Proof.id == proof_id, Proof.preview_due_at <= work.now)
        .values(preview_due_at=work.now + LEASE, preview_tries=Proof.preview_tries + 1)
        .returning(Proof.document_id, Proof.preview_tries)
    ).one_or_none()
    if taken is None:
        return None
    document = work.session.get_one(Document, taken.document_id, with_for_update={"read": True})
    if document.removed_at:
        _close(work, proof_id, ProofSeen(why=REMOVED))
        return None
    if taken.preview_tries > MOST_TRIES:  # it takes its worker down each time
        _close(work, proof_id, ProofSeen(why="The file breaks what reads it."))
        return None
    return document


def _close(work: Work, proof_id: UUID, seen: ProofSeen) -> str:
    one = select(Proof).where(Proof.id == proof_id, Proof.preview_due_at.is_not(None))
    proof = work.session.scalars(one.with_for_update()).one_or_none()
    if proof is None:
        return ""
    proof.preview_due_at, proof.preview_why = None, seen.why
    if proof.source.startswith(BROUGHT):  # what a launch writes is alike everywhere
        proof.picture_mark = seen.picture_mark
    # The file may have gone while it was looked at; its copy goes with it.
    whole = work.session.get_one(Document, proof.document_id, with_for_update=True)
    if not seen.picture or whole.removed_at:
        return NONE
    if proof.preview_id:  # it is read again
        return MADE
    proof.preview_id = store_document(
        work,
        kind="preview",
        file_name="preview.png",
        media_type="image/png",
        content=seen.picture,
        vendor_id=proof.vendor_id,
        partner_id=proof.partner_id,
    ).id
    return MADE
