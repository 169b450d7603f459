"""Leads of a list, as an event hands it over: looked at first, then taken in row by row, each once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import literal, select, update

from tcma.contacts.imports import on_disk
from tcma.contacts.judging import Judged, Verdict
from tcma.contacts.mapping import header_words
from tcma.contacts.reading import Table, open_table
from tcma.contacts.rules import ContactField as F
from tcma.db.counting import changed
from tcma.db.documents import Document, store_document
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Invalid, TcmaError
from tcma.leads.capturing import Origin, take_in
from tcma.leads.intake import Capture
from tcma.leads.models import HeldSubmission, LeadCapture
from tcma.permissions import Permission
from tcma.spreadsheet import text_row
from tcma.words import say

KIND = "lead_list"
MOST_ROWS = 1_000
LARGEST = 5 << 20
SHOWN = 5
IDS = frozenset({"id", "lead id", "external id", "record id"})
MESSAGES = frozenset({"message", "notes", "note", "comment", "comments", "question"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Where a list comes from: the event's name tells lists apart, the words are what people agreed to."""

    name: str
    words: str
    origin: Origin

    @property
    def source(self) -> str:
        """Return what makes a row of this event known when it comes again."""
        name = re.sub(r"\s+", " ", self.name).strip().casefold()
        return f"list:{self.origin.vendor_id}:{name}"


@dataclass(slots=True)
class Look:
    """What becomes of a list: rows that are new, rows that came before, and those refused, with why."""

    columns: tuple[tuple[str, str], ...] = ()
    fresh: list[Capture] = field(default_factory=list)
    known: int = 0
    held: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def keep(work: Work, *, file_name: str, content: bytes) -> UUID:
    """Keep an uploaded list; Invalid at its field for a file that is too large."""
    work.require(Permission.LEAD_ASSIGN)
    if len(content) > LARGEST:
        message = say("A list has at most {most} MB.", most=LARGEST >> 20)
        raise Invalid(message, code="lists.large", fields={"file": message})
    document = store_document(
        work,
        kind=KIND,
        file_name=Path(file_name).name[:120],
        media_type="application/octet-stream",
        content=content,
        vendor_id=found(work.principal.vendor_id),
        partner_id=None,
    )
    return document.id


def kept(work: Work, list_id: UUID) -> Document:
    """Return a list that was uploaded; NotFound when it is another vendor's."""
    work.require(Permission.LEAD_ASSIGN)
    query = visible(select(Document), work.principal, Document).where(Document.kind == KIND)
    query = query.where(Document.removed_at.is_(None))
    return found(work.session.scalar(query.where(Document.id == list_id)))


def let_go(work: Work, before: datetime) -> int:
    """Remove lists that were uploaded before; their people stand in the leads they became."""
    return changed(
        work.session,
        update(Document)
        .where(Document.kind == KIND, Document.made_at < before, Document.removed_at.is_(None))
        .values(removed_at=work.now),
    )


def look(work: Work, list_id: UUID, event: Event) -> Look:
    """Say what would become of each row; nothing is written. Invalid when it is no table."""
    document = kept(work, list_id)
    seen, result = Look(), Look()
    with on_disk(work.files.get(document.key)) as path:
        table = open_table(path, name=document.file_name)
        names = {index: name.value.replace("_", " ") for name, index in table.guess().items()}
        result.columns = tuple(
            (column, names.get(index, "kept as an answer"))
            for index, column in enumerate(table.columns)
        )
        for judged, cells in _rows(table):
            if judged.verdict is Verdict.ACCEPT:
                seen.fresh.append(_capture(event, table, judged, cells))
                seen.refused.append((judged.row, "", ""))
            else:
                result.refused.append((judged.row, judged.values.get(F.EMAIL, ""), judged.reason))
    before = _before(work, event.source, [each.external_id for each in seen.fresh])
    for new, (row, _, _) in zip(seen.fresh, seen.refused, strict=True):
        if new.external_id not in before:
            result.fresh.append(new)
        elif before[new.external_id] in {None, new.digest()}:
            result.known += 1
        else:
            why = "It came before with another content; the first stays."
            result.refused.append((row, new.address, why))
    result.refused.sort()
    return result


def take(work: Work, list_id: UUID, event: Event) -> Look:
    """Make leads of the rows that are new; taking a list twice takes each row once.

    Raises Invalid without the words that people agreed to. A row that is refused leaves the others.
    """
    if not event.words.strip():
        message = say("Write the words that people agreed to.")
        raise Invalid(message, code="lists.words", fields={"words": message})
    result = look(work, list_id, event)
    taken = []
    for new in result.fresh:
        try:
            with work.session.begin_nested():
                if take_in(work, event.origin, new) is None:
                    result.held += 1
                taken.append(new)
        except TcmaError as error:
            result.refused.append((0, new.address, error.message))
    result.fresh = taken
    work.audit("took in a list of leads", KIND, list_id, vendor_id=event.origin.vendor_id,
               rows=len(taken), known=result.known, refused=len(result.refused))  # fmt: skip
    return result


def refused_rows(result: Look) -> Iterator[bytes]:
    """Yield the refused rows as a CSV with their reasons."""
    yield text_row(["Row", "Address", "Why"])
    for row, address, why in result.refused:
        yield text_row([str(row), address, why])


def _rows(table: Table) -> Iterator[tuple[Judged, list[str]]]:
    cells = (cells for _, cells in table.rows())
    for number, pair in enumerate(zip(table.judged(), cells, strict=True), 1):
        if number > MOST_ROWS:
            message = say("A list has at most {most:,} rows.", most=MOST_ROWS)
            raise Invalid(message, code="lists.rows", remedy=say("Split it into several files."),
                          fields={"file": say("{message} Split it into several files.", message=message)})  # fmt: skip
        yield pair


def _capture(event: Event, table: Table, judged: Judged, cells: list[str]) -> Capture:
    """Return a row as a submission; columns that are no field of a person are its answers."""
    values = judged.values
    address = judged.address.text if judged.address else ""
    fields = set(table.guess().values())
    number, answers = "", {}
    for index, column in enumerate(table.columns):
        cell = cells[index].strip() if index < len(cells) else ""
        words = header_words(column)
        if words in IDS:
            number = cell
        elif cell and index not in fields:
            answers["message" if words in MESSAGES else column] = cell
    return Capture(
        source=event.source,
        external_id=number or address.casefold(),
        address=address,
        consent_given=True,
        consent_text=event.words,
        consent_version=f"list {event.name}"[:120],
        page_url="",
        first_name=values.get(F.FIRST_NAME, ""),
        last_name=values.get(F.LAST_NAME, ""),
        company=values.get(F.COMPANY, ""),
        phone=values.get(F.PHONE, ""),
        country=values.get(F.COUNTRY, ""),
        postcode=values.get(F.POSTCODE, ""),
        answers=answers,
    )


def _before(work: Work, source: str, ids: list[str]) -> dict[str, bytes | None]:
    """Return the rows of this event that came before, with the mark of what they held."""
    taken = select(LeadCapture.external_id, LeadCapture.digest).where(
        LeadCapture.source == source, LeadCapture.external_id.in_(ids)
    )
    held = select(HeldSubmission.external_id, literal(None)).where(
        HeldSubmission.source == source, HeldSubmission.external_id.in_(ids)
    )
    rows = [*work.session.execute(held), *work.session.execute(taken)]
    return {row[0]: row[1] for row in rows}
