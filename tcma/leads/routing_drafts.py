"""A vendor's routing rules in the making: form and text change the same document, each change can be taken
back, and publishing it is the end of it.
"""

from collections.abc import Callable
from datetime import date

from sqlalchemy import select

from tcma.db.saves import Draft, Saves
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.leads import routing_versions
from tcma.leads.models_routing import RoutingDraft, RoutingSave
from tcma.permissions import Permission

SAVES = Saves(RoutingSave, "these rules")


def draft_of(work: Work) -> Draft | None:
    """Return the vendor's draft, None without one."""
    work.require(Permission.LEAD_ASSIGN)
    row = _row(work)
    return SAVES.view(work, row) if row else None


def start(work: Work, source: str, *, did: str = "") -> Draft:
    """Start a draft with a document, or go on with the one that is there; with `did` it becomes the
    document, which can be taken back like every change.
    """
    work.require(Permission.LEAD_ASSIGN)
    row = _row(work, lock=True)
    if row is None:
        vendor_id = routing_versions.vendor_of(work.principal)
        row = RoutingDraft(vendor_id=vendor_id, no=0, made_at=work.now)
        return SAVES.first(work, row, source)
    if did:
        return SAVES.save(work, row, source, seen=row.no, did=did)
    return SAVES.view(work, row)


def change(work: Work, how: Callable[[str], str], *, seen: int, did: str) -> Draft:
    """Save what a change makes of the draft. Raises what the change raises, and ChangedMeanwhile."""
    row = _locked(work)
    return SAVES.save(work, row, how(SAVES.view(work, row).source), seen=seen, did=did)


def step(work: Work, by: int) -> Draft:
    """Take the last change back (-1) or do it again (1); nothing happens at either end."""
    return SAVES.walk(work, _locked(work), by)


def publish(work: Work, *, valid_from: date, note: str, seen: int) -> int:
    """Publish the draft from a day on; its number. Invalid with what is wrong, or when it has changed
    since it was tried.
    """
    row = _locked(work)
    if row.no != seen:
        raise Invalid("The rules have changed since you tried them.", code="routing.seen")
    no = routing_versions.publish(
        work, SAVES.view(work, row).source, valid_from=valid_from, note=note
    )
    SAVES.discard(work, row)
    return no


def discard(work: Work) -> None:
    """Throw the draft away with its saves."""
    row = _locked(work)
    SAVES.discard(work, row)
    work.audit("discarded rules", "routing_draft", row.id, vendor_id=row.vendor_id)


def _row(work: Work, *, lock: bool = False) -> RoutingDraft | None:
    vendor_id = routing_versions.vendor_of(work.principal)
    mine = select(RoutingDraft).where(RoutingDraft.vendor_id == vendor_id)
    return work.session.scalars(mine.with_for_update() if lock else mine).one_or_none()


def _locked(work: Work) -> RoutingDraft:
    work.require(Permission.LEAD_ASSIGN)
    return found(_row(work, lock=True))
