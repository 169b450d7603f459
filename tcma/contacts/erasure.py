"""Forgetting a person's own row, and old ways back to it."""

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from tcma.contacts.actions import partner_of
from tcma.contacts.models import (
    Contact,
    ContactImport,
    ContactImportChange,
    ContactMerge,
    ListMember,
    Suppression,
)
from tcma.contacts.rules import UNDO_DAYS, ImportState, SuppressionReason
from tcma.db.counting import changed
from tcma.db.documents import Document
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.ids import random_token
from tcma.words import say

FILES_AT_ONCE = 500
ERASURE = SuppressionReason.ERASURE.name.lower()


def erase_contact(work: Work, contact_id: int) -> str:
    """Empty a contact's own row, leave every list, put it on the stop list; return its address.

    The addresses that were merged into it go the same way.

    Other features' copies are theirs to empty: see `tcma.forgetting`.
    """
    partner_of(work)
    wanted = visible(select(Contact).where(Contact.id == contact_id), work.principal, Contact)
    row: Contact = found(work.session.scalars(wanted.with_for_update()).one_or_none())
    address = row.address
    merged = delete(ContactMerge).where(ContactMerge.kept_id == row.id)
    others = work.session.scalars(merged.returning(ContactMerge.other_hash)).all()
    stop = insert(Suppression).on_conflict_do_nothing(constraint="suppression_once")
    work.session.execute(
        stop,
        [
            {"address_hash": each, "partner_id": row.partner_id, "reason": ERASURE, "at": work.now}
            for each in (row.address_hash, *others)
            if each is not None
        ],
    )
    work.session.execute(delete(ListMember).where(ListMember.contact_id == row.id))
    work.session.execute(
        update(Contact)
        .where(Contact.id == row.id)
        .values(
            address="",
            address_hash=random_token(16).encode(),
            first_name="",
            last_name="",
            company="",
            country="",
            phone="",
            language="",
            fields={},
            tags=[],
        )
    )
    work.session.execute(
        delete(ContactImportChange).where(ContactImportChange.contact_id == row.id)
    )
    return address


def purge(work: Work) -> int:
    """Delete what undo would bring back once nobody may undo any more; return the rows.

    The files they came with go, too: who is erased stays in none of them.
    """
    _let_files_go(work)
    work.session.execute(
        update(ContactMerge)
        .where(ContactMerge.at < work.now - UNDO_DAYS, ContactMerge.was != {})
        .values(was={})
    )
    old = select(ContactImport.id).where(
        ContactImport.made_at < work.now - UNDO_DAYS, ContactImport.state != ImportState.UNDOING
    )
    return changed(
        work.session, delete(ContactImportChange).where(ContactImportChange.import_id.in_(old))
    )


def _let_files_go(work: Work) -> None:
    """Remove old contact files and their reports; one that nobody confirmed is refused."""
    old = (
        select(ContactImport)
        .join(Document, Document.id == ContactImport.document_id)
        .where(
            ContactImport.made_at < work.now - UNDO_DAYS,
            ContactImport.state.not_in((ImportState.IMPORTING, ImportState.UNDOING)),
            Document.removed_at.is_(None),
        )
        .order_by(ContactImport.id)
        .limit(FILES_AT_ONCE)
        .with_for_update(of=ContactImport, skip_locked=True)
    )
    for row in work.session.scalars(old).all():
        files = (row.document_id, row.report_id)
        work.session.execute(
            update(Document).where(Document.id.in_(files)).values(removed_at=work.now)
        )
        heads = [{"name": each["name"], "values": []} for each in row.preview.get("columns", ())]
        row.preview = row.preview | {"columns": heads, "refused": []}
        row.report_id = None
        if row.state == ImportState.MAPPING:
            row.state, row.finished_at = ImportState.REFUSED, work.now
            row.error = say("Nobody confirmed this file for 30 days: it was deleted.")
