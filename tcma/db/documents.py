"""Documents: a scoped, named use of stored bytes; the bytes themselves live in the file store."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.db.work import Work


class Document(Model):
    """An uploaded or produced file as somebody may see it. `sha256` is hex.

    `removed_at` says since when it is no longer given out, `gone_at` since when its bytes are no
    longer kept for it; the row stays and says so.
    """

    __tablename__ = "document"
    __table_args__ = (
        Index("document_twin", "sha256"),
        Index("document_partner", "partner_id", "id"),
        Index(
            "document_to_go",
            "removed_at",
            postgresql_where=text("removed_at IS NOT NULL AND gone_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    kind: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger())
    sha256: Mapped[str]
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]

    @property
    def key(self) -> str:
        """Where the bytes live in the file store."""
        return f"documents/{self.sha256[:2]}/{self.sha256}"


def store_document(  # noqa: PLR0913 - the columns of a document
    work: Work,
    *,
    kind: str,
    file_name: str,
    media_type: str,
    content: bytes,
    vendor_id: UUID | None,
    partner_id: UUID | None,
) -> Document:
    """Put the bytes under their hash and return the row that names this use of them."""
    digest = hashlib.sha256(content).hexdigest()
    document = Document(
        vendor_id=vendor_id,
        partner_id=partner_id,
        kind=kind,
        file_name=file_name,
        media_type=media_type,
        size=len(content),
        sha256=digest,
        made_by=work.principal.user_id,
        made_at=work.now,
    )
    _one_at_a_time(work, digest)
    if not work.files.exists(document.key):
        work.files.put(document.key, content, media_type)
    work.session.add(document)
    work.session.flush()  # the id is named by the row that attaches it
    return document


def _one_at_a_time(work: Work, digest: str) -> None:
    """Keep the same bytes from being stored for one document while they go for another."""
    work.session.execute(select(func.pg_advisory_xact_lock(int(digest[:15], 16))))


def let_bytes_go(work: Work, most: int) -> int:
    """Delete the bytes of documents removed before now, unless another document names the same.

    What a transaction removed goes in a later one, so that nothing is lost to a removal that never
    counted. Returns how many documents have no bytes any more.
    """
    rows = work.session.scalars(
        select(Document)
        .where(Document.removed_at < work.now, Document.gone_at.is_(None))
        .order_by(Document.removed_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        _one_at_a_time(work, row.sha256)
        others = select(Document.id).where(
            Document.sha256 == row.sha256, Document.removed_at.is_(None)
        )
        if work.session.scalar(others.limit(1)) is None:
            work.files.delete(row.key)
        row.gone_at = work.now
    return len(rows)
