"""Leads as other programs read them back: those of one key, whole for the vendor, for a partner as far as
it has accepted them, without what others did with them.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, or_

from tcma.db.pages import Page, page_of
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.leads.capturing import Origin
from tcma.leads.models import Lead
from tcma.leads.outgoing import PERSONAL, told, told_rows
from tcma.leads.rules import LeadState, is_masked

HIDDEN_TOO = ("answers",)
"""What somebody wrote may name them, so it is shown with their name."""
ITS_HOLDERS = ("accepted_at", "closed_at", "loss_reason")
"""What became of a lead with a partner, which is nobody else's business."""


def leads(work: Work, scope: Origin, *, state: str = "", after: str | None = None) -> Page[Any]:
    """Return a page of a key's leads, newest first; Invalid for a state that is none."""
    query = _within(scope)
    if state:
        if state not in set(LeadState):
            raise Invalid("There is no such state.", code="api.state", remedy=", ".join(LeadState))
        query = query.where(Lead.state == state)
    page = page_of(work.session, query, [Lead.id], after=after)
    return Page([_told(work, scope, row) for row in page.rows], page.next)


def lead(work: Work, scope: Origin, ref: str) -> dict[str, Any]:
    """Return one of a key's leads; NotFound when it is another's."""
    row = work.session.execute(_within(scope).where(Lead.ref == ref)).one_or_none()
    return _told(work, scope, found(row))


def _within(scope: Origin) -> Select[*tuple[Any, ...]]:
    query = told_rows(scope.partner_id).where(
        Lead.vendor_id == scope.vendor_id, Lead.campaign_id == scope.campaign_id
    )
    if scope.partner_id is None:
        return query
    own: UUID = scope.partner_id
    return query.where(or_(Lead.partner_id == own, Lead.source_partner_id == own))


def _told(work: Work, scope: Origin, row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    one = told(row, work.site.public_url)
    if scope.partner_id is None:
        return one
    one["lead"]["url"] = f"{work.site.public_url}/console/leads/{row.Lead.ref}"
    holds = row.Lead.partner_id == scope.partner_id
    if is_masked(LeadState(row.Lead.state), holds=holds):
        one["lead"] |= dict.fromkeys((*PERSONAL, *HIDDEN_TOO))
    if not holds:
        one["partner"] = None
        one["lead"] |= dict.fromkeys(ITS_HOLDERS)
        one.pop("opportunity", None)
    return one
