"""A contact file on its way into a list: looked at, confirmed, left."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tcma.contacts.actions import NewList, create_list, own_list, partner_of
from tcma.contacts.conditions import Kind
from tcma.contacts.judging import Verdict
from tcma.contacts.mapping import header_words
from tcma.contacts.models import ContactImport, ContactList, CustomField
from tcma.contacts.reading import Table, open_table
from tcma.contacts.remembered import mark_of, remembered
from tcma.contacts.rules import ContactField, ImportState, LawfulBasis
from tcma.contacts.segments import add_field, custom_fields
from tcma.db.documents import Document, store_document
from tcma.db.scope import found, visible
from tcma.db.sentences import packed
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.jobs import Job
from tcma.words import joined, say

LARGEST_FILE = 200 * 1024 * 1024
LOOK_AT = 20_000
"""Rows judged before the mapping is confirmed; a longer file is counted, not judged, till then."""
SHOWN = 6
REFUSED_SHOWN = 20
REASONS_SHOWN = 8
NEW_FIELD = "new:"
"""Before a kind and the place of a column: the column becomes a field of its own."""


def start(
    work: Work,
    *,
    file_name: str,
    content: bytes,
    list_id: UUID | None = None,
    partner_id: UUID | None = None,
) -> UUID:
    """Keep an uploaded file and look at it; the columns wait for `confirm`.

    A file with the heads of one that was imported before is read as that one was.
    Raises Invalid, with a remedy, for a file that cannot be read as a whole; nothing is kept then.
    """
    owner = partner_of(work, partner_id)
    if len(content) > LARGEST_FILE:
        raise Invalid(
            say("This file is larger than {largest_file} MB.", largest_file=LARGEST_FILE >> 20),
            code="contacts.file_too_large",
            remedy=say("Split it, or leave out columns that are not needed."),
            fields={"file": say("At most {largest_file} MB.", largest_file=LARGEST_FILE >> 20)},
        )
    target = own_list(work, list_id).id if list_id else None
    with on_disk(content) as path:
        seen = open_table(path, name=file_name)
        guessed = {field.value: index for field, index in seen.guess().items()}
        known = remembered(work.session, owner, seen.columns) if seen.has_header else None
        mapping = _with_own(work, owner, seen, known.mapping if known else guessed)
        preview = _preview(seen, mapping)
    if known and known.mapping != guessed:
        preview["remembered"] = known.at.isoformat()
    document = store_document(
        work,
        kind="contact_file",
        file_name=Path(file_name).name[:120],
        media_type="application/octet-stream",
        content=content,
        vendor_id=None,
        partner_id=owner,
    )
    row = ContactImport(
        partner_id=owner,
        list_id=target,
        document_id=document.id,
        file_name=document.file_name,
        state=ImportState.MAPPING,
        encoding=seen.encoding or "",
        delimiter=seen.delimiter or "",
        mapping=mapping,
        heads=mark_of(seen.columns) if seen.has_header else "",
        preview=preview,
        rows_n=preview["rows"],
        made_by=work.principal.user_id,
        made_at=work.now,
    )
    work.session.add(row)
    work.session.flush()  # the page is addressed by the import's id
    work.audit("uploaded", "contact_import", row.id, partner_id=owner, rows=row.rows_n)
    return row.id


@contextmanager
def on_disk(content: bytes) -> Iterator[Path]:
    """Lend a temporary file: the readers stream from disk, memory stays bounded."""
    with tempfile.NamedTemporaryFile(prefix="tcma-import-") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def _preview(seen: Table, mapping: Mapping[str, int]) -> dict[str, Any]:
    """Return columns with first values, and what would become of the first rows."""
    rows_n = sum(1 for _ in seen.rows())  # a file cut off in the middle is refused here
    counts = dict.fromkeys((each.value for each in Verdict), 0)
    refused: list[list[Any]] = []
    reasons: Counter[str] = Counter()
    by_column: dict[Verdict, Counter[int]] = {each: Counter() for each in Verdict}
    by_field = split(mapping)[0]
    for place, judged in enumerate(seen.judged(by_field)):
        if place >= LOOK_AT:
            break
        counts[judged.verdict.value] += 1
        if judged.column is not None:
            by_column[judged.verdict][judged.column] += 1
        if judged.verdict is Verdict.ACCEPT:
            continue
        reasons[judged.reason] += 1
        if len(refused) < REFUSED_SHOWN:
            refused.append([judged.row, packed(judged.reason)])
    columns = [
        {
            "name": name,
            "values": [row[index] for row in seen.sample[:SHOWN] if index < len(row)],
        }
        for index, name in enumerate(seen.columns)
    ]
    return {
        "rows": rows_n,
        "judged": min(rows_n, LOOK_AT),
        "counts": counts,
        "refused": refused,
        "reasons": [[packed(why), n] for why, n in reasons.most_common(REASONS_SHOWN)],
        "stopped": {str(at): n for at, n in by_column[Verdict.UNSUBSCRIBED].items()},
        "silent": {str(at): n for at, n in by_column[Verdict.REJECT].items()},
        "columns": columns,
        "notes": packed(list(seen.notes)),
        "has_header": seen.has_header,
        "at": 0,
    }


def _with_own(work: Work, owner: UUID, seen: Table, mapping: Mapping[str, int]) -> dict[str, int]:
    """Return a mapping with the partner's own fields for columns of their names that have no field."""
    labels = {header_words(one.label): one.key for one in custom_fields(work.session, owner)}
    named = {
        labels[words]: index
        for index, column in enumerate(seen.columns if seen.has_header else ())
        if index not in mapping.values() and (words := header_words(column)) in labels
    }
    return named | dict(mapping)


def only_stops(preview: Mapping[str, Any]) -> bool:
    """Say whether nobody of a file that was judged to its end may be mailed, but some asked not to be."""
    counts, judged = preview.get("counts", {}), preview.get("judged", 0)
    whole = judged >= preview.get("rows", 0)
    return whole and not counts.get("accept") and bool(counts.get("unsubscribed"))


def split(mapping: Mapping[str, int]) -> tuple[dict[ContactField, int], dict[str, int]]:
    """Return the columns of our own fields, and those of the fields the partner made."""
    fields = {ContactField(name): i for name, i in mapping.items() if name in set(ContactField)}
    return fields, {name: i for name, i in mapping.items() if name not in set(ContactField)}


def remap(work: Work, import_id: UUID, mapping: Mapping[str, int]) -> ContactImport:
    """Judge the file anew by another mapping: field name → column index."""
    row = _own(work, import_id, ImportState.MAPPING)
    clean = _checked_mapping(work, row, mapping)
    with on_disk(_content(work, row)) as path:
        row.preview = _preview(open_table(path, name=row.file_name), clean)
    row.mapping, row.rows_n = clean, row.preview["rows"]
    return row


def _checked_mapping(work: Work, row: ContactImport, mapping: Mapping[str, int]) -> dict[str, int]:
    made = select(CustomField.key).where(
        CustomField.partner_id == row.partner_id, CustomField.removed_at.is_(None)
    )
    names = {*(each.value for each in ContactField), *work.session.scalars(made)}
    columns = [str(each["name"]) for each in row.preview["columns"]]
    clean = {k: v for k, v in mapping.items() if k in names and 0 <= v < len(columns)}
    new = {k: v for k, v in mapping.items() if k.startswith(NEW_FIELD) and 0 <= v < len(columns)}
    fields = {}
    if ContactField.EMAIL not in clean:
        fields["email"] = say("Say which column holds the e-mail address.")
    doubled = {v for v in clean.values() if list(clean.values()).count(v) > 1}
    if doubled:
        fields["mapping"] = say("One column stands for two fields.")
    if fields:
        raise Invalid(joined(*fields.values()), code="contacts.mapping", fields=fields)
    return clean | {_new_field(work, k, columns[v]): v for k, v in new.items()}


def _new_field(work: Work, kind: str, label: str) -> str:
    """Make a field of a column, unless one of that name is there; return its key."""
    known = {one.label.casefold(): one.key for one in custom_fields(work.session, partner_of(work))}
    if label.casefold() in known:
        return known[label.casefold()]
    try:
        return add_field(work, label, Kind(kind.removeprefix(NEW_FIELD).partition(":")[0]))
    except (Invalid, ValueError) as why:
        words = say(
            "“{column}” cannot become a field of that name: choose one that is there, or name the column otherwise.",
            column=label,
        )
        raise Invalid(words, code="contacts.mapping", fields={"mapping": words}) from why


def _content(work: Work, row: ContactImport) -> bytes:
    return work.files.get(work.session.get_one(Document, row.document_id).key)


def _own(work: Work, import_id: UUID, state: str) -> ContactImport:
    partner_of(work, work.session.scalar(
        select(ContactImport.partner_id).where(ContactImport.id == import_id)
    ))  # fmt: skip
    wanted = visible(
        select(ContactImport).where(ContactImport.id == import_id), work.principal, ContactImport
    )
    row: ContactImport = found(work.session.scalars(wanted.with_for_update()).one_or_none())
    if row.state != state:
        raise Conflict(say("This import has gone on meanwhile."), code="contacts.import_state")
    return row


def confirm(  # noqa: PLR0913 - what the confirmation form asks
    work: Work,
    import_id: UUID,
    *,
    basis: LawfulBasis,
    mapping: Mapping[str, int] | None = None,
    list_name: str = "",
    source: str = "",
    evidence: str = "",
) -> UUID:
    """Let the import run, into its list or a new one of `list_name`; return the list's id.

    Raises Invalid without a basis: nobody is mailed on none, which is why a file of stops alone
    needs none; and for a list that rests on another. Nothing is mailed by importing.
    """
    row = _own(work, import_id, ImportState.MAPPING)
    if only_stops(row.preview):
        mapping = row.mapping  # as it was judged: with other columns it may hold others
    elif basis is LawfulBasis.UNKNOWN:
        message = say("Say how you know that these people agree.")
        raise Invalid(message, code="contacts.basis", fields={"basis": message})
    row.mapping = _checked_mapping(work, row, mapping if mapping is not None else row.mapping)
    if row.list_id is not None:
        target = own_list(work, row.list_id)
        if basis is not LawfulBasis.UNKNOWN:
            _same_ground(target, basis)
    else:
        stem = list_name.strip() or Path(row.file_name).stem[:60] or "Import"
        new = NewList(name=stem, basis=basis, source=source or row.file_name, evidence=evidence)
        row.list_id = create_list(work, new, partner_id=row.partner_id)
        row.preview = row.preview | {"new_list": True}
    row.state = ImportState.IMPORTING
    work.wake(Job.CONTACTS_IMPORT, import_id=row.id)
    work.audit("confirmed", "contact_import", row.id, partner_id=row.partner_id, basis=basis)
    return row.list_id


def _same_ground(target: ContactList, basis: LawfulBasis) -> None:
    """Refuse people who agreed otherwise than those of the list: a list has one ground for all."""
    if target.basis != basis:
        message = say("The list “{name}” rests on another ground.", name=target.name)
        raise Invalid(
            message,
            code="contacts.other_basis",
            remedy=say("Import these people into a list of their own."),
            fields={"basis": message},
        )


def cancel(work: Work, import_id: UUID) -> None:
    """Leave an import that was not confirmed; the uploaded file is not read again."""
    row = _own(work, import_id, ImportState.MAPPING)
    row.state, row.finished_at = ImportState.UNDONE, work.now
