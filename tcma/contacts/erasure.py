"""Forgetting a person: the contact, every copy of them in other tables, and old ways back."""

from datetime import timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from tcma.contacts.actions import partner_of
from tcma.contacts.models import (
    Contact,
    ContactImport,
    ContactImportChange,
    ListMember,
    Suppression,
)
from tcma.contacts.rules import SuppressionReason
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.ids import random_token

UNDO_DAYS = timedelta(days=30)
ERASURE = SuppressionReason.ERASURE.name.lower()
# Messages, reports and leads are layers above; only their copies of the person are emptied here.
_COPIES = (
    "UPDATE message SET address = '' WHERE contact_id = :contact AND address <> ''",
    (
        "UPDATE feedback_report SET recipient = '' WHERE message_id IN"
        " (SELECT id FROM message WHERE contact_id = :contact)"
    ),
    (
        "UPDATE lead_capture SET raw = '{}' WHERE raw <> '{}' AND lead_id IN"
        " (SELECT id FROM lead WHERE contact_id = :contact)"
    ),
    (
        "UPDATE lead SET address = '', first_name = '', last_name = '', company = '', phone = '',"
        " postcode = '', answers = '{}' WHERE contact_id = :contact"
    ),
    "DELETE FROM contact_import_change WHERE contact_id = :contact",
)


def erase_contact(work: Work, contact_id: int) -> dict[str, int]:
    """Forget a person; return how many rows of which table were emptied.

    The row is emptied, every list left, every copy in messages, reports, leads and captures
    emptied too. Kept are what happened without the person, the consent ledger and the stop list
    by their keyed hash, so that a later import cannot bring the person back (GDPR articles 17, 21).
    """
    partner_of(work)
    wanted = visible(select(Contact).where(Contact.id == contact_id), work.principal, Contact)
    row: Contact = found(work.session.scalars(wanted.with_for_update()).one_or_none())
    work.session.execute(
        insert(Suppression)
        .values(
            address_hash=row.address_hash, partner_id=row.partner_id, reason=ERASURE, at=work.now
        )
        .on_conflict_do_nothing(constraint="suppression_once")
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
    emptied = {}
    for statement in _COPIES:
        done = work.session.execute(text(statement), {"contact": row.id})
        emptied[statement.split()[1 if statement.startswith("UPDATE") else 2]] = done.rowcount  # type: ignore[attr-defined]
    work.audit("erased", "contact", row.id, **emptied)
    return emptied


def purge(work: Work) -> int:
    """Delete what undo would bring back once nobody may undo any more; return the rows."""
    old = select(ContactImport.id).where(ContactImport.made_at < work.now - UNDO_DAYS)
    done = work.session.execute(
        delete(ContactImportChange).where(ContactImportChange.import_id.in_(old))
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
