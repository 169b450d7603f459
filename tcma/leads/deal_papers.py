"""Files of an opportunity: judged by their bytes, pictures drawn anew, kept by hash, only ever saved."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from PIL import Image, ImageOps
from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.documents import Document, store_document
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.invoices.kinds import ENDINGS, MOST_PIXELS, Kind, kind_of
from tcma.invoices.record import Refused
from tcma.leads import outgoing
from tcma.leads.models import Opportunity
from tcma.leads.models_deals import OpportunityPaper
from tcma.leads.queries import has_part
from tcma.outbox.rules import Event
from tcma.permissions import Permission, Principal
from tcma.words import say

MOST = 10
MOST_DRAWN = MOST_PIXELS // 4
"""Pixels of a picture that is opened here; one takes up to four bytes of the web process."""
KIND = "opportunity"
ACCEPTED = (Kind.PDF, Kind.JPEG, Kind.PNG, Kind.DOCX, Kind.XLSX)
_SCRIPTS = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia)\b")
_NAME = re.compile(r"[^\w .()-]+")


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as pages list it; `sha256` is hex."""

    id: UUID
    file_name: str
    media_type: str
    size: int
    sha256: str
    added_by: str
    added_at: datetime
    key: str


def attach(work: Work, ref: str, *, file_name: str, content: bytes) -> None:
    """Add a PDF, picture, DOCX or XLSX to an opportunity; the same bytes again change nothing.

    Invalid with `file` for anything else, for what carries scripts, and for one more than ten.
    """
    work.require(Permission.LEAD_ANSWER)
    one = _held(work, ref)
    kind, content = _inert(content)
    document = store_document(
        work, kind=KIND, file_name=_safe(file_name, ENDINGS[kind]), media_type=kind.value,
        content=content, vendor_id=one.vendor_id, partner_id=one.partner_id,
    )  # fmt: skip
    known = papers(work.session, one.id)
    if any(paper.sha256 == document.sha256 for paper in known):
        work.session.delete(document)
        return
    if len(known) >= MOST:
        raise _refused(say("An opportunity holds {n} files at most.", n=MOST))
    work.session.add(
        OpportunityPaper(opportunity_id=one.id, document_id=document.id,
                         added_by=work.principal.name, added_at=work.now)
    )  # fmt: skip
    one.moved_at, one.warned_at = work.now, None
    _tell(work, one, "attached a file to", document)


def detach(work: Work, ref: str, paper_id: UUID) -> None:
    """Take a file away from an opportunity; one that is gone already changes nothing."""
    work.require(Permission.LEAD_ANSWER)
    one = _held(work, ref)
    query = select(OpportunityPaper, Document).join(
        Document, Document.id == OpportunityPaper.document_id
    )
    row = work.session.execute(query.where(
        OpportunityPaper.id == paper_id, OpportunityPaper.opportunity_id == one.id
    )).first()  # fmt: skip
    if row is None:
        return
    paper, document = row
    work.session.delete(paper)
    work.session.flush()  # the row that names the document goes first
    work.session.delete(document)
    _tell(work, one, "took a file from", document)


def papers(session: Session, opportunity_id: UUID) -> Sequence[Paper]:
    """Return the files of an opportunity, first one first."""
    return papers_of(session, [opportunity_id]).get(opportunity_id, [])


def papers_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Paper]]:
    """Return the files of opportunities; one that has none is left out."""
    query = (
        select(OpportunityPaper, Document)
        .join(Document, Document.id == OpportunityPaper.document_id)
        .where(OpportunityPaper.opportunity_id.in_(ids))
        .order_by(OpportunityPaper.id)
    )
    kept: dict[UUID, list[Paper]] = {}
    for p, d in session.execute(query):
        one = Paper(
            p.id, d.file_name, d.media_type, d.size, d.sha256, p.added_by, p.added_at, d.key
        )
        kept.setdefault(p.opportunity_id, []).append(one)
    return kept


def paper(session: Session, principal: Principal, ref: str, paper_id: UUID) -> Paper:
    """Return one file of an opportunity that a principal may see; NotFound otherwise."""
    query = select(Opportunity.id).where(Opportunity.ref == ref, has_part(principal))
    all_of_it = papers(session, found(session.scalar(query)))
    return found(next((each for each in all_of_it if each.id == paper_id), None))


def _held(work: Work, ref: str) -> Opportunity:
    query = select(Opportunity).where(
        Opportunity.ref == ref, Opportunity.partner_id == work.principal.partner_id
    )
    one = found(work.session.scalar(query.with_for_update()))
    if one.state != "open":
        raise Conflict(say("This opportunity has closed meanwhile."), code="opportunity.closed")
    return one


def _tell(work: Work, one: Opportunity, verb: str, document: Document) -> None:
    work.audit(verb, "opportunity", one.ref, vendor_id=one.vendor_id, partner_id=one.partner_id,
               file=document.file_name, sha256=document.sha256)  # fmt: skip
    outgoing.tell_deal(work, Event.OPPORTUNITY_CHANGED, one, key=work.now.isoformat())


def _inert(content: bytes) -> tuple[Kind, bytes]:
    try:
        kind = kind_of(content)
    except Refused as why:
        raise _refused(why.reason) from None
    if kind not in ACCEPTED:
        raise _refused(say("We take a PDF, JPEG, PNG, DOCX or XLSX."))
    if kind is Kind.PDF and (b"%%EOF" not in content[-2048:] or _SCRIPTS.search(content)):
        raise _refused(say("The PDF is cut off, or it carries scripts or files. Print it anew."))
    if kind in {Kind.JPEG, Kind.PNG}:
        return kind, _drawn_anew(content, "JPEG" if kind is Kind.JPEG else "PNG")
    return kind, content


def _drawn_anew(content: bytes, form: str) -> bytes:
    """A picture without what else its file held: where it was taken, and anything behind its end.

    A larger JPEG is opened at half its size; what only opens whole (PNG, progressive) is refused then.
    """
    out = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content), formats=(form,)) as picture:
            if picture.width * picture.height > MOST_DRAWN and "progressive" not in picture.info:
                picture.draft("RGB", (picture.width // 2, picture.height // 2))
            if picture.width * picture.height > MOST_DRAWN:
                raise _refused(say("The picture has too many pixels."), say("Make it smaller."))
            upright = ImageOps.exif_transpose(picture)
            upright.info.clear()
            upright.save(out, form, quality=90)
    except (OSError, SyntaxError, ValueError):
        raise _refused(say("The picture is broken or cut off. Save it again.")) from None
    return out.getvalue()


def _refused(words: str, remedy: str | None = None) -> Invalid:
    return Invalid(words, code="opportunity.file", fields={"file": words}, remedy=remedy)


def _safe(file_name: str, ending: str) -> str:
    stem = file_name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return (_NAME.sub("-", stem).strip(" .-")[:80] or "file") + ending
