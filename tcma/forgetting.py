"""Forgetting a person everywhere: each feature empties its own copies, all in one transaction."""

from tcma.contacts import erasure
from tcma.contacts.likely import parts_of
from tcma.db.work import Work
from tcma.delivery import forgetting as messages
from tcma.leads import forgetting as leads
from tcma.nurture.actions import stop_answered
from tcma.nurture.rules import Exit


def forget(work: Work, contact_id: int) -> dict[str, int]:
    """Forget a contact of one's own; return how many rows of what were emptied.

    Kept are what happened without the person, the consent ledger and the stop list by their keyed
    hash, so that a later import cannot bring the person back (GDPR articles 17, 21). Raises
    NotFound for somebody else's contact.
    """
    parts = parts_of(work.session, contact_id)
    address = erasure.erase_contact(work, contact_id)
    stopped = stop_answered(work, lead_id=None, contact_id=contact_id, why=Exit.ERASED)
    emptied = {
        "journeys": stopped,
        **messages.forget(work, parts),
        **leads.forget(work, contact_id, address),
    }
    said = ", ".join(f"{count} {what}" for what, count in emptied.items())
    work.audit("erased", "contact", contact_id, words=said)
    return emptied
