"""A partner's copy moves to the vendor's newest version: locked parts update, its own words stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.library.compiling import publish_page
from tcma.library.copies import copy_row, newest_version, slots_of
from tcma.library.models import Campaign, CampaignVersion, Page, PartnerCopy
from tcma.library.rules import PageState
from tcma.library.sources import source_of
from tcma.permissions import Permission
from tcma.rendering.rebase import ASKED, Rebased, rebased, settled
from tcma.rendering.source import CampaignSource
from tcma.words import say

__all__ = ["Move", "move_of", "on_newest", "rebase", "rebase_untouched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a copy would become on the newest version: from which to which, slot by slot."""

    from_no: int
    to_no: int
    to_id: UUID
    old: CampaignSource
    new: CampaignSource
    language: str
    slots: tuple[Rebased, ...]

    @property
    def asked(self) -> tuple[Rebased, ...]:
        """What the partner chooses."""
        return tuple(each for each in self.slots if each.merge in ASKED)


def move_of(work: Work, copy: PartnerCopy) -> Move:
    """Return what moving a copy would mean; Conflict when it stands on the newest version."""
    version = newest_version(work, copy)
    if version is None:
        name = work.session.get_one(Campaign, copy.campaign_id).name
        raise Conflict(say("“{name}” has no newer version.", name=name), code="copy.newest")
    old, new = source_of(work, copy.version_id), source_of(work, version.id)
    language = new.language_for(copy.language)
    return Move(
        from_no=work.session.get_one(CampaignVersion, copy.version_id).no,
        to_no=version.no,
        to_id=version.id,
        old=old,
        new=new,
        language=language,
        slots=rebased(old, new, slots_of(copy, language), language=language),
    )


def on_newest(copy: PartnerCopy, move: Move, choices: Mapping[str, str]) -> PartnerCopy:
    """Return the copy as it would be, for a look at it; the row belongs to no session."""
    return PartnerCopy(
        id=copy.id,
        vendor_id=copy.vendor_id,
        partner_id=copy.partner_id,
        campaign_id=copy.campaign_id,
        version_id=move.to_id,
        language=move.language,
        slots={move.language: settled(move.slots, choices)},
        changed_at=copy.changed_at,
    )


def rebase(
    work: Work, copy_id: UUID, *, choices: Mapping[str, str] | None = None, seen: int | None = None
) -> PartnerCopy:
    """Move a copy to the newest version; `choices` is slot → mine or theirs, mine where not said.

    Other languages keep what may stay. A live page is renewed. Conflict when there is nothing newer,
    or when a version later than `seen` was published meanwhile.
    """
    work.require(Permission.COPY_EDIT)
    copy = copy_row(work, copy_id, lock=True)
    move = move_of(work, copy)
    if seen is not None and seen != move.to_no:
        raise Conflict(
            say("Version {to_no} was published meanwhile.", to_no=move.to_no),
            code="copy.newer",
            remedy=say("Look at it, then confirm."),
        )
    slots = {}
    for language, values in copy.slots.items():
        if language in move.new.languages:
            found = rebased(move.old, move.new, values, language=language)
            slots[language] = settled(found, (choices or {}) if language == move.language else {})
    copy.slots, copy.version_id, copy.language = slots, move.to_id, move.language
    copy.changed_at = work.now
    work.audit(
        "moved to version",
        "partner_copy",
        copy.id,
        vendor_id=copy.vendor_id,
        partner_id=copy.partner_id,
        version=move.to_no,
    )
    work.session.flush()  # the page below reads the copy by its row
    live = select(Page.id).where(Page.copy_id == copy.id, Page.state == PageState.LIVE)
    if work.session.scalar(live):
        publish_page(work, copy)
    return copy


def rebase_untouched(work: Work, copy: PartnerCopy) -> bool:
    """Move a copy nobody has written in; False for one that its partner has to look at."""
    if any(copy.slots.values()):
        return False
    rebase(work, copy.id)
    return True
