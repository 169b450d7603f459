"""Documents: a scoped, named use of stored bytes; the bytes themselves live in the file store."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.db.work import Work


class Document(Model):
    """An uploaded or produced file as somebody may see it. `sha256` is hex."""

    __tablename__ = "document"
    __table_args__ = (
        Index("document_twin", "sha256"),
        Index("document_partner", "partner_id", "id"),
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
    if not work.files.exists(document.key):
        work.files.put(document.key, content, media_type)
    work.session.add(document)
    work.session.flush()  # the id is named by the row that attaches it
    return document
