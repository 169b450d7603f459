"""The import itself: rows judged outside any transaction, one transaction per chunk by COPY.

A chunk commits its rows together with the place it ends at, so a killed worker resumes there.
"""

import codecs
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from json.encoder import encode_basestring_ascii as _json_text
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from sqlalchemy import select, text

from tcma.accounts.models import UserAccount
from tcma.contacts.actions import take_turns
from tcma.contacts.conditions import Kind, plain, tags_of
from tcma.contacts.imports import on_disk, split
from tcma.contacts.judging import Judged, Verdict
from tcma.contacts.merged_rows import lead_merged_home
from tcma.contacts.models import ContactImport
from tcma.contacts.reading import open_table
from tcma.contacts.rules import (
    SILENCE,
    ContactField,
    ImportState,
    SuppressionReason,
    address_hash,
)
from tcma.contacts.segments import custom_fields
from tcma.db.documents import Document, store_document
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Invalid, NotFound
from tcma.spreadsheet import text_row
from tcma.words import SOURCE, in_language, say

CHUNK = 5_000
TURN = 64
HEADS = (say("Row"), say("Address"), say("Reason"))
Open = Callable[[], AbstractContextManager[Work]]

_COLUMNS = (
    ContactField.FIRST_NAME, ContactField.LAST_NAME, ContactField.COMPANY, ContactField.COUNTRY,
    ContactField.PHONE, ContactField.LANGUAGE,
)  # fmt: skip
_OTHERS = tuple(
    (name, json.dumps(name.value) + ": ")
    for name in (
        ContactField.JOB_TITLE, ContactField.STREET, ContactField.CITY, ContactField.REGION,
        ContactField.POSTCODE, ContactField.WEBSITE,
    )
)  # fmt: skip
"""What has no column of its own, with how its member of `fields` begins."""
_SHORT = 60
"""Characters of what stands in an index; nobody's country or language is longer."""
_STAGE = """
CREATE TEMP TABLE import_stage (address_hash bytea, address text, first_name text,
  last_name text, company text, country text, phone text, language text, fields jsonb,
  tags varchar[], stopped boolean) ON COMMIT DROP
"""
_COPY = """
COPY import_stage (address_hash, address, first_name, last_name, company, country, phone,
  language, fields, tags, stopped) FROM STDIN
"""
_NEW = """
WITH fresh AS (INSERT INTO contact (partner_id, address, address_hash, first_name, last_name, company,
    country, phone, language, fields, tags, import_id, created_at)
  SELECT :partner, address, address_hash, first_name, last_name, company, country, phone, language,
    fields, tags, :import, :now FROM import_stage
  ON CONFLICT ON CONSTRAINT contact_address_once DO NOTHING RETURNING id, address_hash),
  joined AS (INSERT INTO list_member (list_id, contact_id) SELECT :list, id FROM fresh),
  done AS (DELETE FROM import_stage s USING fresh f WHERE s.address_hash = f.address_hash
    RETURNING s.stopped)
SELECT count(*) FILTER (WHERE NOT stopped) AS people, count(*) FILTER (WHERE stopped) AS stopped
FROM done
"""
_REMEMBER = """
INSERT INTO contact_import_change (import_id, contact_id, joined, was)
SELECT :import, c.id, m.contact_id IS NULL, jsonb_build_object('first_name', c.first_name,
  'last_name', c.last_name, 'company', c.company, 'country', c.country, 'phone', c.phone,
  'language', c.language, 'fields', c.fields, 'tags', to_jsonb(c.tags))
FROM import_stage s JOIN contact c ON c.partner_id = :partner AND c.address_hash = s.address_hash
  LEFT JOIN list_member m ON m.list_id = :list AND m.contact_id = c.id
WHERE c.import_id IS DISTINCT FROM :import
ON CONFLICT DO NOTHING
"""
_KNOWN = """
WITH known AS (UPDATE contact c SET
    first_name = coalesce(nullif(s.first_name, ''), c.first_name),
    last_name = coalesce(nullif(s.last_name, ''), c.last_name),
    company = coalesce(nullif(s.company, ''), c.company),
    country = coalesce(nullif(s.country, ''), c.country),
    phone = coalesce(nullif(s.phone, ''), c.phone),
    language = coalesce(nullif(s.language, ''), c.language),
    fields = c.fields || s.fields,
    tags = CASE WHEN s.tags <@ c.tags THEN c.tags
      ELSE ARRAY(SELECT DISTINCT unnest(c.tags || s.tags)) END
  FROM import_stage s WHERE c.partner_id = :partner AND c.address_hash = s.address_hash
  RETURNING c.id, c.address_hash),
  joined AS (INSERT INTO list_member (list_id, contact_id) SELECT :list, id FROM known
    ON CONFLICT DO NOTHING),
  done AS (DELETE FROM import_stage s USING known k WHERE s.address_hash = k.address_hash
    RETURNING s.stopped)
SELECT count(*) FILTER (WHERE NOT stopped) AS people, count(*) FILTER (WHERE stopped) AS stopped
FROM done
"""
_FORGOTTEN = """
DELETE FROM import_stage s USING suppression e WHERE e.address_hash = s.address_hash
  AND e.reason = :erasure AND (e.partner_id IS NULL OR e.partner_id = :partner)
RETURNING 1
"""
_STOPS = """
INSERT INTO suppression (address_hash, partner_id, reason, at)
SELECT address_hash, :partner, :reason, :now FROM import_stage WHERE stopped
ON CONFLICT ON CONSTRAINT suppression_once DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    import_id: UUID
    partner_id: UUID
    list_id: UUID
    file_name: str
    mapping: dict[ContactField, int]
    own: dict[str, int]
    kinds: dict[str, Kind]
    at: int
    content: bytes
    secret: bytes
    language: str


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Rows ready to be written: `at` is the place of the first in the file, `read` how many it had."""

    at: int
    read: int
    staged: Sequence[tuple[Any, ...]]


def due_imports(work: Work) -> list[UUID]:
    """Return the imports that wait for a worker or were left by one that died."""
    wanted = select(ContactImport.id, ContactImport.preview["beat"].astext.label("beat")).where(
        ContactImport.state == ImportState.IMPORTING
    )
    dead = (work.now - SILENCE).isoformat()
    rows = work.session.execute(wanted.order_by(ContactImport.id))
    return [row.id for row in rows if row.beat is None or row.beat < dead]


def run_import(open_work: Open, import_id: UUID, *, stopping: Callable[[], bool] = bool) -> None:
    """Import a confirmed file to its end; quiet when it is done or another worker has it.

    A file that turns out unreadable is refused with its reason before any row is written. One that is gone
    is refused, too, or ends with the rows that are in: they can be undone.
    """
    try:
        with open_work() as work:
            plan = _plan(work, import_id)
    except NotFound:
        with open_work() as work:
            _end_early(work, import_id, say("The file was removed."))
        return
    if plan is None:
        return
    with on_disk(plan.content) as path, TemporaryFile(prefix="tcma-left-out-") as left_out:
        try:
            done = _import_rows(open_work, plan, path, left_out, stopping)
        except Invalid as why:
            with open_work() as work:
                _end_early(work, import_id, why.message)
            return
        if done:
            with open_work() as work:
                _finish(work, import_id, left_out)


def _import_rows(
    open_work: Open, plan: _Plan, path: Path, left_out: IO[bytes], stopping: Callable[[], bool]
) -> bool:
    """Write chunk after chunk, making the next ready while one is written; False when it was left.

    Every row left out, those before a resumption included, goes into the file `left_out` with its
    reason: however many, they take no room here.
    """
    seen = open_table(path, name=plan.file_name)
    if plan.at == 0:
        sum(1 for _ in seen.rows())  # the whole file is readable, or nothing is imported
    rows = _giving_way(seen.judged(plan.mapping, own=plan.own))
    _report(left_out, islice(rows, plan.at), seen.columns, plan.language)
    at = plan.at
    writing: Future[bool] | None = None
    with ThreadPoolExecutor(max_workers=1) as writer:
        while chunk := list(islice(rows, CHUNK)):
            ready = _Chunk(at, len(chunk), _staged(plan.secret, chunk, plan.kinds))
            if stopping() or (writing is not None and not writing.result()):
                return False
            writing = writer.submit(_in_transaction, open_work, plan, ready)
            _report(left_out, chunk, seen.columns, plan.language)
            at += len(chunk)
        if writing is not None and not writing.result():
            return False
    return True


def _giving_way(rows: Iterable[Judged]) -> Iterator[Judged]:
    """Pass rows on; in between the thread that writes has its turn, for which it would wait 5 ms each time."""
    for n, each in enumerate(rows):
        if n % TURN == 0:
            time.sleep(0)
        yield each


def _in_transaction(open_work: Open, plan: _Plan, chunk: _Chunk) -> bool:
    with open_work() as work:
        return _write(work, plan, chunk)


def _plan(work: Work, import_id: UUID) -> _Plan | None:
    row = work.session.get(ContactImport, import_id)
    if row is None or row.state != ImportState.IMPORTING:
        return None
    content = work.files.get(work.session.get_one(Document, row.document_id).key)
    mapping, own = split(row.mapping)
    return _Plan(
        import_id=row.id,
        partner_id=row.partner_id,
        list_id=found(row.list_id),
        file_name=row.file_name,
        mapping=mapping,
        own=own,
        kinds={f.key: f.kind for f in custom_fields(work.session, row.partner_id)},
        at=row.preview["at"],
        content=content,
        secret=work.site.secret,
        language=_language(work, row.made_by),
    )


def _language(work: Work, user_id: UUID | None) -> str:
    """Return the language of whoever brought the file."""
    locale = work.session.scalar(select(UserAccount.locale).where(UserAccount.id == user_id))
    return (locale or SOURCE).partition("-")[0]


def _report(
    left_out: IO[bytes], judged: Iterable[Judged], columns: Sequence[str], language: str
) -> None:
    """Add the rows left out, each whole behind its reason: mended, the file can be brought again."""
    for each in judged:
        if each.verdict is Verdict.ACCEPT:
            continue
        typed = each.values.get(ContactField.EMAIL, "")
        address = each.address.text if each.address else typed
        if not left_out.tell():
            heads = [in_language(head, language) for head in HEADS]
            left_out.write(codecs.BOM_UTF8 + text_row([*heads, *columns]))
        why = in_language(each.reason, language)
        left_out.write(text_row([str(each.row), address, why, *each.cells]))


def _locked(work: Work, import_id: UUID) -> ContactImport | None:
    wanted = select(ContactImport).where(
        ContactImport.id == import_id, ContactImport.state == ImportState.IMPORTING
    )
    return work.session.scalars(wanted.with_for_update(skip_locked=True)).one_or_none()


def _write(work: Work, plan: _Plan, chunk: _Chunk) -> bool:
    """Write one chunk and move the place on; False when another worker was faster."""
    row = _locked(work, plan.import_id)
    if row is None or row.preview["at"] != chunk.at:
        return False
    take_turns(work, plan.partner_id)
    _copy(work, chunk.staged)
    scope: dict[str, Any] = {"partner": plan.partner_id, "now": work.now}
    erasure = SuppressionReason.ERASURE.name.lower()
    forgotten = work.session.execute(text(_FORGOTTEN), scope | {"erasure": erasure}).all()
    twice = lead_merged_home(work.session, plan.partner_id)
    reason = SuppressionReason.IMPORTED.name.lower()
    work.session.execute(text(_STOPS), scope | {"reason": reason})
    left = len(chunk.staged) - len(forgotten) - twice.known - twice.stopped
    row.known_n += twice.known
    row.stopped_n += twice.stopped
    into = scope | {"import": plan.import_id, "list": plan.list_id}
    while left:  # who is erased meanwhile is neither new nor known: they are new the next time
        new = work.session.execute(text(_NEW), into).one()
        row.added_n += new.people
        row.stopped_n += new.stopped
        left -= new.people + new.stopped
        if left:
            work.session.execute(text(_REMEMBER), into)
            known = work.session.execute(text(_KNOWN), into).one()
            row.known_n += known.people
            row.stopped_n += known.stopped
            left -= known.people + known.stopped
    row.refused_n += chunk.read - len(chunk.staged) + len(forgotten)
    row.preview = row.preview | {"at": chunk.at + chunk.read, "beat": work.now.isoformat()}
    return True


def _staged(
    secret: bytes, chunk: Sequence[Judged], kinds: Mapping[str, Kind]
) -> list[tuple[Any, ...]]:
    """Return one row for each address of a chunk: who unsubscribed stays so, whatever else it says."""
    rows: dict[bytes, tuple[Any, ...]] = {}
    for judged in _giving_way(chunk):
        stopped = judged.verdict is Verdict.UNSUBSCRIBED
        if judged.address is None or not (stopped or judged.verdict is Verdict.ACCEPT):
            continue
        digest = address_hash(secret, judged.address)
        if digest in rows and not stopped:
            continue
        rows[digest] = _row(digest, judged, kinds, stopped=stopped)
    return list(rows.values())


def _row(
    digest: bytes, judged: Judged, kinds: Mapping[str, Kind], *, stopped: bool
) -> tuple[Any, ...]:
    values = judged.values
    others = [begun + _json_text(values[name]) for name, begun in _OTHERS if name in values]
    for key, cell in judged.own.items():
        value = plain(kinds[key], cell) if key in kinds else None
        if value is not None:
            others.append(f"{_json_text(key)}: {json.dumps(value)}")
    assert judged.address is not None
    first, last, company, country, phone, language = [values.get(name, "") for name in _COLUMNS]
    return (
        digest,
        judged.address.text,
        first,
        last,
        company,
        country[:_SHORT],
        phone,
        language[:_SHORT],
        f"{{{', '.join(others)}}}",
        tags_of(values[ContactField.TAGS]) if ContactField.TAGS in values else [],
        stopped,
    )


def _copy(work: Work, rows: Sequence[tuple[Any, ...]]) -> None:
    raw = work.session.connection().connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)


def _end_early(work: Work, import_id: UUID, why: str) -> None:
    row = _locked(work, import_id)
    if row is None:
        return
    row.state, row.error, row.finished_at = ImportState.REFUSED, why, work.now
    if row.preview["at"]:
        row.state, row.rows_n = ImportState.DONE, row.preview["at"]


def _finish(work: Work, import_id: UUID, left_out: IO[bytes]) -> None:
    row = _locked(work, import_id)
    if row is None:
        return
    row.rows_n = row.added_n + row.known_n + row.stopped_n + row.refused_n
    if left_out.tell():
        left_out.seek(0)
        row.report_id = store_document(
            work,
            kind="contact_report",
            file_name="rows-left-out.csv",
            media_type="text/csv",
            content=left_out.read(),
            vendor_id=None,
            partner_id=row.partner_id,
        ).id
    row.state, row.finished_at = ImportState.DONE, work.now
    work.audit(
        "imported",
        "contact_import",
        row.id,
        partner_id=row.partner_id,
        added=row.added_n,
        known=row.known_n,
        stopped=row.stopped_n,
        refused=row.refused_n,
    )
