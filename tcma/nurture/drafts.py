"""A journey in the making: every change is a save of the whole document, so each can be taken back."""

from uuid import UUID

from sqlalchemy import select

from tcma.db.saves import Draft, Saves
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.library.models import Campaign
from tcma.nurture.models import SequenceDraft, SequenceSave
from tcma.permissions import Permission

SAVES = Saves(SequenceSave, "this journey")


def draft_of(work: Work, campaign_id: UUID) -> Draft | None:
    """Return the vendor's draft of a campaign's journey, None without one."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    row = _row(work, campaign_id)
    return SAVES.view(work, row) if row else None


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
    return SAVES.first(work, row, source)


def save(work: Work, campaign_id: UUID, source: str, *, seen: int, did: str) -> Draft:
    """Save a changed document. `seen` is the save it was made from.

    Raises ChangedMeanwhile when another save stands there now, Invalid when it is too long.
    """
    return SAVES.save(work, _locked(work, campaign_id), source, seen=seen, did=did)


def step_back(work: Work, campaign_id: UUID) -> Draft:
    """Take the last change back; nothing happens at the first."""
    return SAVES.walk(work, _locked(work, campaign_id), -1)


def step_on(work: Work, campaign_id: UUID) -> Draft:
    """Do again what was taken back; nothing happens at the last."""
    return SAVES.walk(work, _locked(work, campaign_id), 1)


def discard(work: Work, campaign_id: UUID) -> None:
    """Throw the draft away with its saves."""
    row = _locked(work, campaign_id)
    SAVES.discard(work, row)
    work.audit("discarded a journey draft", "sequence_draft", row.id, vendor_id=row.vendor_id)


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
