"""What a vendor's journey does with a partner's contact: into and out of lists by name, mail no more."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from tcma.contacts.actions import add_to_list
from tcma.contacts.models import ContactList, ListMember, Suppression
from tcma.contacts.rules import LawfulBasis, SuppressionReason
from tcma.db.work import Work

MADE = "Filled by a campaign’s journey"


def into_list(work: Work, contact_id: int, name: str, *, partner_id: UUID) -> bool:
    """Put a contact into the partner's list of a name, made when there is none; twice is once.

    What each of its people agreed to themselves goes before the basis of the list. False where the
    partner has taken such a list away: it is theirs, and nobody brings it back.
    """
    made = insert(ContactList).values(
        partner_id=partner_id, name=name, basis=LawfulBasis.CONSENT, source=MADE,
        created_at=work.now,
    )  # fmt: skip
    work.session.execute(made.on_conflict_do_nothing(constraint="contact_list_name"))
    list_id = _list_of(work, name, partner_id)
    if list_id is None:
        return False
    add_to_list(work, list_id, [contact_id])
    return True


def out_of_list(work: Work, contact_id: int, name: str, *, partner_id: UUID) -> bool:
    """Take a contact out of the partner's list of a name; False when there is no such list."""
    list_id = _list_of(work, name, partner_id)
    work.session.execute(
        delete(ListMember).where(ListMember.list_id == list_id, ListMember.contact_id == contact_id)
    )
    return list_id is not None


def _list_of(work: Work, name: str, partner_id: UUID) -> UUID | None:
    return work.session.scalar(
        select(ContactList.id).where(
            ContactList.partner_id == partner_id,
            ContactList.name == name,
            ContactList.deleted_at.is_(None),
        )
    )


def never_again(
    work: Work, address_hash: bytes, why: str, *, partner_id: UUID, vendor_id: UUID
) -> None:
    """Stop this partner's mail about this vendor to an address; twice is once.

    Other vendors of the partner and other partners are not the journey's to decide about; the
    partner may take it back.
    """
    reason = SuppressionReason.MANUAL.name.lower()
    work.session.execute(
        insert(Suppression)
        .values(
            address_hash=address_hash, partner_id=partner_id, vendor_id=vendor_id, reason=reason,
            at=work.now,
        )
        .on_conflict_do_nothing(constraint="suppression_once")
    )  # fmt: skip
    work.audit(
        "stopped", "address", address_hash.hex(), partner_id=partner_id, vendor_id=vendor_id,
        reason=reason, why=why,
    )  # fmt: skip
