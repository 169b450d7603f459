"""How long what is known of people is kept; afterwards the person goes and the count stays.

The stop list and the consent ledger know hashes and are kept; the fund ledger knows no contacts.
"""

from datetime import timedelta
from typing import Final

from tcma.db.work import Work
from tcma.delivery import forgetting as messages
from tcma.leads import forgetting as leads
from tcma.leads import lists
from tcma.tracking import forgetting as tracking

MAILS: Final = timedelta(days=761)
"""Twenty-five months: last year's campaign can be compared with this year's."""
CLOSED_LEADS: Final = timedelta(days=1_096)
"""Three years after the end of a lead: no claim of either side reaches further back (e.g. BGB section 195)."""
HELD: Final = timedelta(days=90)
"""Submissions that look like a machine's; who was wronged has asked by then."""
LISTS: Final = timedelta(days=30)
"""Lists of an event: their people are leads by then."""
BATCH: Final = 5_000
"""Rows of each kind in one turn, so that no turn holds locks for long; a turn comes each hour."""


def let_go(work: Work) -> dict[str, int]:
    """Empty what is old of people, delete held submissions and lists; return how many rows of what.

    Addresses of mails and of what came back for them, programs that opened and clicked, closed
    leads with their submissions and notes. Counts, states and moments stay.
    """
    gone = {
        "mails": messages.let_go(work, work.now - MAILS, BATCH),
        "reactions": tracking.let_go(work, work.now - MAILS, BATCH),
        "leads": leads.let_go(work, work.now - CLOSED_LEADS, BATCH),
        "held": leads.let_held_go(work, work.now - HELD),
        "lists": lists.let_go(work, work.now - LISTS),
    }
    if any(gone.values()):
        work.audit("let go", "people", "retention", counts=gone)
    return gone
