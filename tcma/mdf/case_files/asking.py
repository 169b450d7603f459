"""Asks a service about proofs, where the installation names one: after the rules, outside any transaction.

Its findings stand beside those of the rules, marked as its own; one that is away is asked again for a
day and then given up. Nothing waits for it.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from tcma.db.documents import Document
from tcma.db.work import Work
from tcma.errors import Invalid, NotFound, Unavailable
from tcma.mdf.models.funding import Proof
from tcma.mdf.models.prechecks import ProofReading
from tcma.mdf.papers.reading import REMOVED, Open
from tcma.mdf.prechecks.facts import facts_from, sought_from
from tcma.mdf.prechecks.findings import findings, plain
from tcma.proof_reader import ProofReader, ProofToRead

LEASE = timedelta(minutes=3)
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6),
         timedelta(hours=16))  # fmt: skip
"""Until the next try, after the first, the second …; after the last nobody asks any more."""
READ, LATER, GIVEN_UP = "read", "later", "given up"


def due(work: Work, service: str, *, limit: int = 20) -> list[UUID]:
    """Return the readings that wait for this service and that no worker has in hand, oldest first."""
    some = select(ProofReading.id).where(
        ProofReading.due_at <= work.now, ProofReading.reader == service
    )
    return list(work.session.scalars(some.order_by(ProofReading.due_at).limit(limit)))


def ask(open_work: Open, service: ProofReader, reading_id: UUID) -> str:
    """Have a service read one proof and keep what it says.

    Returns `read`, `later` or `given up`, empty when there was nothing to do or another worker has it.
    """
    with open_work() as work:
        asked = _take(work, reading_id)
    if asked is None:
        return ""
    said: list[dict[str, object]] = []
    why = ""
    try:
        said = [
            {"code": f"service.{one.code}", "result": one.result, "words": one.words,
             "remedy": one.remedy, "values": {}}
            for one in service.read(asked)
        ]  # fmt: skip
    except (Unavailable, Invalid) as away:
        why = away.message
    with open_work() as work:
        return _close(work, reading_id, said, why)


def _take(work: Work, reading_id: UUID) -> ProofToRead | None:
    taken = work.session.scalars(
        update(ProofReading)
        .where(ProofReading.id == reading_id, ProofReading.due_at <= work.now)
        .values(due_at=work.now + LEASE, tries=ProofReading.tries + 1)
        .returning(ProofReading)
    ).one_or_none()
    if taken is None:
        return None
    proof = work.session.get_one(Proof, taken.proof_id)
    document = work.session.get_one(Document, proof.document_id)
    content = None if document.removed_at else _content(work, document)
    if content is None:
        taken.due_at, taken.why = None, REMOVED
        return None
    sought = sought_from(taken.sought)
    return ProofToRead(
        id=str(taken.id),
        title=proof.title,
        file_name=document.file_name,
        media_type=document.media_type,
        content=content,
        sought=taken.sought,
        facts=taken.facts,
        findings=plain(findings(facts_from(taken.facts), sought)),
    )


def _content(work: Work, document: Document) -> bytes | None:
    try:
        return work.files.get(document.key)
    except NotFound:
        return None


def _close(work: Work, reading_id: UUID, said: list[dict[str, object]], why: str) -> str:
    one = select(ProofReading).where(ProofReading.id == reading_id).with_for_update()
    row = work.session.scalars(one).one()
    if row.due_at is None:
        return ""
    if why and row.tries <= len(WAITS):
        row.due_at, row.why = work.now + WAITS[row.tries - 1], why
        return LATER
    row.due_at, row.why, row.found = None, why, said
    return GIVEN_UP if why else READ
