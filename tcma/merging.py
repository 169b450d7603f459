"""One person of two contacts everywhere: each feature moves what it keeps, in one transaction."""

from collections.abc import Collection
from uuid import UUID

from tcma.contacts import merging
from tcma.db.work import Work
from tcma.delivery.actions import skip_twice
from tcma.leads import contacts as leads
from tcma.nurture import contacts as journeys


def merge(work: Work, kept_id: int, other_id: int, *, from_other: Collection[str] = ()) -> UUID:
    """Merge two contacts of the principal's; return the number by which `part` takes it back.

    Leads and open journeys of the other go on under the kept one; of two mails of one launch that
    still wait the other's is skipped. Raises as `contacts.merging.merge_rows` does.
    """
    row = merging.merge_rows(work, kept_id, other_id, from_other=from_other)
    merging.note_moved(
        row,
        leads=[str(each) for each in leads.move(work, other_id, kept_id)],
        runs=journeys.move(work, other_id, kept_id),
    )
    skip_twice(work, kept_id, other_id)
    return row.id


def part(work: Work, merge_id: UUID) -> None:
    """Take a merge back, or the word that two are two people. Raises as `undo_rows` does."""
    row = merging.undo_rows(work, merge_id)
    moved = row.was.get("moved", {})
    leads.move(
        work, row.kept_id, row.other_id, only=[UUID(each) for each in moved.get("leads", ())]
    )
    journeys.move(work, row.kept_id, row.other_id, only=moved.get("runs", ()))
