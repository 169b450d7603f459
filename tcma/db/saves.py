"""A document in the making: every change is a save of the whole of it, so each can be taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.words import say

LONGEST = 60_000
MOST_SAVES = 300


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it stands: `no` is its save, `did` what that changed; whether steps lead back and on."""

    id: UUID
    no: int
    source: str
    did: str
    by: str
    at: datetime
    can_undo: bool
    can_redo: bool


class ChangedMeanwhile(Conflict):
    """Somebody else changed the draft since it was read."""


@dataclass(frozen=True, slots=True)
class Saves:
    """One kind of drafts by the table of their saves, and what such a document is called."""

    table: Any
    name: str

    def first(self, work: Work, row: Any, source: str) -> Draft:
        """Write the first save of a new draft."""
        work.session.add(row)
        work.session.flush()  # its saves name it
        return self._save(work, row, source, did="Started")

    def save(self, work: Work, row: Any, source: str, *, seen: int, did: str) -> Draft:
        """Save a changed document. `seen` is the save it was made from; the row is locked.

        Raises ChangedMeanwhile when another save stands there now, Invalid when it is too long.
        """
        if len(source) > LONGEST:
            message = f"There are at most {LONGEST} letters in it."
            raise Invalid(message, code="draft.long", fields={"source": message})
        last = found(work.session.get(self.table, (row.id, row.no)))
        if last.source == source:
            return self.view(work, row)
        if row.no != seen:
            message = f"{last.by_name} changed {self.name} meanwhile."
            remedy = say("Look, then change it again.")
            raise ChangedMeanwhile(message, code="draft.changed", remedy=remedy)
        return self._save(work, row, source, did=did)

    def walk(self, work: Work, row: Any, by: int) -> Draft:
        """Take the last change back, or do it again; nothing happens at the first and the last."""
        if work.session.get(self.table, (row.id, row.no + by)) is not None:
            row.no += by
        return self.view(work, row)

    def discard(self, work: Work, row: Any) -> None:
        """Throw a draft away with its saves."""
        work.session.execute(delete(self.table).where(self.table.draft_id == row.id))
        work.session.delete(row)
        work.session.flush()  # another may be started within this transaction

    def view(self, work: Work, row: Any) -> Draft:
        """Return a draft as it stands."""
        now = found(work.session.get(self.table, (row.id, row.no)))
        low, high = work.session.execute(
            select(func.min(self.table.no), func.max(self.table.no)).where(
                self.table.draft_id == row.id
            )
        ).one()
        return Draft(
            row.id, row.no, now.source, now.did, now.by_name, now.at, row.no > low, row.no < high
        )

    def _save(self, work: Work, row: Any, source: str, *, did: str) -> Draft:
        """Write the next save; what had been taken back is gone, and so are the oldest of very many."""
        table = self.table
        gone = (table.no > row.no) | (table.no <= row.no - MOST_SAVES)
        work.session.execute(delete(table).where(table.draft_id == row.id, gone))
        row.no += 1
        by = work.principal.name
        save = table(
            draft_id=row.id, no=row.no, source=source, did=did[:200], by_name=by, at=work.now
        )
        work.session.add(save)
        work.session.flush()  # the view reads it
        return self.view(work, row)
