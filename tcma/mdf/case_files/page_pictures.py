"""A picture beside each kept page, drawn from the very octets whose hash stands in the case file."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from tcma.db.documents import Document, store_document
from tcma.db.sentences import with_words, words_of
from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.mdf.case_files.proofs import attach
from tcma.mdf.models.funding import FundActivity, Proof
from tcma.mdf.papers.reading import REMOVED
from tcma.mdf.rules import ProofKind
from tcma.words import say

AT_ONCE = 10
DRAWN = "picture"
"""In a proof's detail: the picture's hash, or why there is none. It is tried once."""


@dataclass(frozen=True, slots=True)
class Page:
    """A kept page, and where it stood."""

    html: bytes
    address: str


def undrawn(work: Work) -> list[UUID]:
    """Return the next kept pages that nobody tried to draw."""
    rows = (
        select(Proof.id)
        .join(Document, Document.id == Proof.document_id)
        .where(
            Proof.kind == ProofKind.PAGE,
            Document.media_type == "text/html",
            ~Proof.detail.has_key(DRAWN),
        )
        .order_by(Proof.id)
        .limit(AT_ONCE)
    )
    return list(work.session.scalars(rows))


def page_of(work: Work, proof_id: UUID) -> Page:
    """Return a kept page; NotFound with REMOVED when its file is gone from the store."""
    proof = work.session.get_one(Proof, proof_id)
    document = work.session.get_one(Document, proof.document_id)
    address = f"{work.site.public_url}{proof.detail.get('words', '')}"
    try:
        return Page(work.files.get(document.key), address)
    except NotFound as error:
        raise NotFound(REMOVED) from error


def keep(work: Work, proof_id: UUID, png: bytes, *, why: str = "") -> None:
    """Put the picture beside its page; without one the page says why. A second time is nothing."""
    one = select(Proof).where(Proof.id == proof_id).with_for_update()
    page = work.session.scalars(one).one()
    if DRAWN in page.detail:
        return
    if not png:
        words = say("{page}; no picture: {why}", page=words_of(page.detail), why=why)
        page.detail = {**page.detail, DRAWN: why or "none", **with_words(words)}
        return
    html = work.session.get_one(Document, page.document_id)
    activity = work.session.get_one(FundActivity, page.activity_id)
    document = store_document(
        work,
        kind=f"proof:{page.kind}",
        file_name=html.file_name.replace(".html", ".png"),
        media_type="image/png",
        content=png,
        vendor_id=page.vendor_id,
        partner_id=page.partner_id,
    )
    page.detail = {**page.detail, DRAWN: document.sha256}
    detail = with_words(say("drawn from the page as kept")) | {"sha256": document.sha256}
    title = f"{page.title}, as a picture"
    begun, at, moment = page.source.partition("@")
    source = (
        f"{begun}:picture{at}{moment}"  # it takes the place of an older picture, not of its page
    )
    attach(work, activity, document, (ProofKind(page.kind), title, source, detail))
