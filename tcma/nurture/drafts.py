"""A journey in the making: every change is a save of the whole document, so each can be taken back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.library.models import Campaign
from tcma.nurture.models import SequenceDraft, SequenceSave
from tcma.permissions import Permission
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


def draft_of(work: Work, campaign_id: UUID) -> Draft | None:
    """Return the vendor's draft of a campaign's journey, None without one."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    row = _row(work, campaign_id)
    return _view(work, row) if row else None


def start(work: Work, campaign_id: UUID, source: str) -> Draft:
    """Start a draft with a document, or go on with the one that is there."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    mine = visible(select(Campaign).where(Campaign.id == campaign_id), work.principal, Campaign)
    campaign = found(work.session.scalar(mine))
    known = draft_of(work, campaign_id)
    if known is not None:
        return known
    row = SequenceDraft(
        vendor_id=campaign.vendor_id, campaign_id=campaign_id, no=0, made_at=work.now
    )
    work.session.add(row)
    work.session.flush()  # its saves name it
    return _save(work, row, source, did="Started")


def save(work: Work, campaign_id: UUID, source: str, *, seen: int, did: str) -> Draft:
    """Save a changed document. `seen` is the save it was made from.

    Raises ChangedMeanwhile when another save stands there now, Invalid when it is too long.
    """
    row = _locked(work, campaign_id)
    if len(source) > LONGEST:
        message = f"A journey has at most {LONGEST} letters."
        raise Invalid(message, code="journey.long", fields={"source": message})
    last = found(work.session.get(SequenceSave, (row.id, row.no)))
    if last.source == source:
        return _view(work, row)
    if row.no != seen:
        message = f"{last.by_name} changed this journey meanwhile."
        raise ChangedMeanwhile(
            message, code="journey.changed", remedy=say("Look, then change it again.")
        )
    return _save(work, row, source, did=did)


def step_back(work: Work, campaign_id: UUID) -> Draft:
    """Take the last change back; nothing happens at the first."""
    return _walk(work, campaign_id, -1)


def step_on(work: Work, campaign_id: UUID) -> Draft:
    """Do again what was taken back; nothing happens at the last."""
    return _walk(work, campaign_id, 1)


def discard(work: Work, campaign_id: UUID) -> None:
    """Throw the draft away with its saves."""
    row = _locked(work, campaign_id)
    work.session.execute(delete(SequenceSave).where(SequenceSave.draft_id == row.id))
    work.session.delete(row)
    work.session.flush()  # another may be started within this transaction
    work.audit("discarded a journey draft", "sequence_draft", row.id, vendor_id=row.vendor_id)


def _walk(work: Work, campaign_id: UUID, by: int) -> Draft:
    row = _locked(work, campaign_id)
    if work.session.get(SequenceSave, (row.id, row.no + by)) is not None:
        row.no += by
    return _view(work, row)


def _save(work: Work, row: SequenceDraft, source: str, *, did: str) -> Draft:
    """Write the next save; what had been taken back is gone, and so are the oldest of very many."""
    work.session.execute(
        delete(SequenceSave).where(
            SequenceSave.draft_id == row.id,
            (SequenceSave.no > row.no) | (SequenceSave.no <= row.no - MOST_SAVES),
        )
    )
    row.no += 1
    by = work.principal.name
    work.session.add(
        SequenceSave(
            draft_id=row.id, no=row.no, source=source, did=did[:200], by_name=by, at=work.now
        )
    )
    work.session.flush()  # the view below reads it
    return _view(work, row)


def _view(work: Work, row: SequenceDraft) -> Draft:
    now = found(work.session.get(SequenceSave, (row.id, row.no)))
    low, high = work.session.execute(
        select(func.min(SequenceSave.no), func.max(SequenceSave.no)).where(
            SequenceSave.draft_id == row.id
        )
    ).one()
    return Draft(
        row.id, row.no, now.source, now.did, now.by_name, now.at, row.no > low, row.no < high
    )


def _row(work: Work, campaign_id: UUID, *, lock: bool = False) -> SequenceDraft | None:
    mine = visible(
        select(SequenceDraft).where(SequenceDraft.campaign_id == campaign_id),
        work.principal,
        SequenceDraft,
    )
    return work.session.scalars(mine.with_for_update() if lock else mine).one_or_none()


def _locked(work: Work, campaign_id: UUID) -> SequenceDraft:
    work.require(Permission.CAMPAIGN_AUTHOR)
    return found(_row(work, campaign_id, lock=True))
