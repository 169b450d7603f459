"""A vendor's file of partners or parts: looked at, done as a whole, and taken back as a whole."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from tcma.bulk.models import BulkFile, BulkRow
from tcma.bulk.reading import Columns, read_lines
from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.ids import new_id
from tcma.permissions import Permission, Principal

TRIED, DONE, UNDONE = "tried", "done", "undone"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is about: `judge` writes a fault to each row that must be left out, `make` does
    the others, `back` undoes them or raises Conflict when something was used already.
    """

    name: str
    permission: Permission
    columns: Columns
    judge: Callable[[Work, BulkFile, Sequence[BulkRow]], None]
    make: Callable[[Work, BulkFile, Sequence[BulkRow]], None]
    back: Callable[[Work, BulkFile, Sequence[BulkRow]], None]


def take(work: Work, kind: Kind, about: UUID, *, file_name: str, content: bytes) -> BulkFile:
    """Read a file and say what each row would do; nothing is done before `carry_out`.

    An earlier file of the same person that was only tried gives way. Raises Invalid for a file
    that cannot be read as a whole.
    """
    work.require(kind.permission)
    lines = read_lines(content, file_name, kind.columns)
    vendor, person = found(work.principal.vendor_id), found(work.principal.user_id)
    work.session.execute(
        delete(BulkFile).where(
            BulkFile.about == about,
            BulkFile.kind == kind.name,
            BulkFile.made_by == person,
            BulkFile.state == TRIED,
        )
    )
    made = BulkFile(
        id=new_id(),
        ref=next_reference(work, "IMP"),
        vendor_id=vendor,
        kind=kind.name,
        about=about,
        file_name=file_name[-120:],
        state=TRIED,
        made_by=person,
        made_at=work.now,
    )
    work.session.add(made)
    work.session.flush()  # its rows name it
    rows = [
        BulkRow(
            id=new_id(),
            file_id=made.id,
            vendor_id=vendor,
            kind=kind.name,
            about=about,
            no=line.no,
            reference=line.cells.get("reference", ""),
            cells=line.cells,
            fault="",
            counts=False,
        )
        for line in lines
    ]
    _judge(work, kind, made, rows)
    work.session.add_all(rows)
    work.session.flush()  # the page that follows lists them
    return made


def carry_out(work: Work, kind: Kind, made: BulkFile) -> int:
    """Do every row that has no fault, judged anew; return how many. A second press does nothing.

    Two files at once wait for each other, so that a reference counts once.
    """
    work.require(kind.permission)
    if not _moved(work, made, TRIED, DONE):
        return 0
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(str(made.about)))))
    rows = sorted(rows_of(work.session, made), key=lambda row: row.no)
    for row in rows:
        row.fault = ""
    _judge(work, kind, made, rows)
    some = [row for row in rows if not row.fault]
    kind.make(work, made, some)
    for row in some:
        row.counts = True
    words = f"{made.ref}: {len(some)} of {len(rows)} rows of {made.file_name}"
    work.audit("imported", "bulk_file", made.id, vendor_id=made.vendor_id, words=words)
    return len(some)


def undo(work: Work, kind: Kind, made: BulkFile) -> None:
    """Take back everything a file did; its rows may be imported again.

    Raises Conflict, and leaves all as it is, when anything of it was used already.
    """
    work.require(kind.permission)
    if not _moved(work, made, DONE, UNDONE):
        return
    rows = [row for row in rows_of(work.session, made) if row.counts]
    kind.back(work, made, rows)
    work.session.execute(
        update(BulkRow)
        .where(BulkRow.file_id == made.id, BulkRow.counts)
        .values(counts=False, fault="Undone.")
    )
    work.audit("undone", "bulk_file", made.id, vendor_id=made.vendor_id, words=made.ref)


def _moved(work: Work, made: BulkFile, before: str, after: str) -> bool:
    if work.principal.vendor_id != made.vendor_id:
        found(None)
    by, at = ("done_by", "done_at") if after == DONE else ("undone_by", "undone_at")
    moved = work.session.execute(
        update(BulkFile)
        .where(BulkFile.id == made.id, BulkFile.state == before)
        .values({"state": after, by: work.principal.user_id, at: work.now})
        .returning(BulkFile.id)
    ).one_or_none()
    if moved is None and made.state == TRIED and after == UNDONE:
        raise Conflict("Nothing of this file was done.", code="bulk.state")
    return moved is not None


def _judge(work: Work, kind: Kind, made: BulkFile, rows: Sequence[BulkRow]) -> None:
    before = set(
        work.session.scalars(
            select(BulkRow.reference).where(
                BulkRow.about == made.about, BulkRow.kind == kind.name, BulkRow.counts
            )
        )
    )
    seen: set[str] = set()
    for row in rows:
        if not row.reference:
            row.fault = "The reference is missing."
        elif row.reference in before:
            row.fault = "Imported before."
        elif row.reference in seen:
            row.fault = "This reference stands further up in the file."
        seen.add(row.reference)
    kind.judge(work, made, [row for row in rows if not row.fault])


def file_by_ref(
    session: Session, principal: Principal, ref: str, *, kind: str, about: UUID
) -> BulkFile:
    """Return one of the vendor's files about something; else NotFound."""
    one = select(BulkFile).where(
        BulkFile.ref == ref, BulkFile.kind == kind, BulkFile.about == about
    )
    row: BulkFile | None = session.scalars(visible(one, principal, BulkFile)).one_or_none()
    return found(row)


def files_of(
    session: Session, principal: Principal, kind: str, about: UUID
) -> list[tuple[BulkFile, int, int]]:
    """Return the files about something, newest first, each with how many rows stand of how many."""
    rows = session.execute(
        visible(
            select(BulkFile, func.count().filter(BulkRow.counts), func.count(BulkRow.id))
            .outerjoin(BulkRow, BulkRow.file_id == BulkFile.id)
            .where(BulkFile.about == about, BulkFile.kind == kind)
            .group_by(BulkFile.id)
            .order_by(BulkFile.id.desc()),
            principal,
            BulkFile,
        )
    )
    return [(row[0], int(row[1]), int(row[2])) for row in rows]


def rows_of(session: Session, made: BulkFile) -> list[BulkRow]:
    """Return the rows of a file, those that are left out first."""
    some = select(BulkRow).where(BulkRow.file_id == made.id)
    rows: Iterable[BulkRow] = session.scalars(some.order_by(BulkRow.no))
    return sorted(rows, key=lambda row: (not row.fault, row.no))
