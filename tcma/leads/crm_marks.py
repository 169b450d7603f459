"""Which CRMs hear of a lead: noted in the transaction that changed it, so that nothing is lost."""

from uuid import UUID

from sqlalchemy import text

from tcma.db.counting import changed
from tcma.db.work import Work
from tcma.jobs import Job

_MARK = """
    INSERT INTO crm_link (id, connection_id, lead_id, due_at, base)
    SELECT gen_random_uuid(), c.id, l.id, :now, '{{}}'
    FROM lead l
    JOIN crm_connection c ON c.vendor_id = l.vendor_id OR c.partner_id = l.partner_id
    LEFT JOIN opportunity o ON o.lead_id = l.id
    WHERE {which} AND c.state <> 'ended' AND c.system <> 'sheet' AND l.address <> ''
        AND (c.with_leads OR o.id IS NOT NULL)
        AND (c.vendor_id IS NOT NULL OR l.state IN ('accepted', 'opportunity', 'won', 'lost'))
    ON CONFLICT (connection_id, lead_id) DO UPDATE
        SET wanted = crm_link.wanted + 1, state = 'waiting', attempts = 0, due_at = EXCLUDED.due_at
    """
"""A partner's CRM hears of what the partner holds, a vendor's of what came to the vendor."""
_MARK_DEAL = """
    INSERT INTO crm_link (id, connection_id, opportunity_id, due_at, base)
    SELECT gen_random_uuid(), c.id, o.id, :now, '{{}}'
    FROM opportunity o
    JOIN crm_connection c ON c.vendor_id = o.vendor_id OR c.partner_id = o.partner_id
    WHERE {which} AND o.lead_id IS NULL AND c.state <> 'ended' AND c.system <> 'sheet'
    ON CONFLICT (connection_id, opportunity_id) DO UPDATE
        SET wanted = crm_link.wanted + 1, state = 'waiting', attempts = 0, due_at = EXCLUDED.due_at
    """
"""The same of opportunities that have no lead."""
ONE_DEAL = text(_MARK_DEAL.format(which="o.id = :deal"))
ALL_DEALS = text(_MARK_DEAL.format(which="c.ref = :ref"))
ONE = text(_MARK.format(which="l.id = :lead"))
ALL = text(_MARK.format(which="c.ref = :ref"))


def mark(work: Work, lead_id: UUID) -> None:
    """Note that a lead or its opportunity changed, for each CRM that hears of it."""
    work.session.flush()  # what was changed in this transaction is what counts
    if changed(work.session, ONE, {"lead": lead_id, "now": work.now}):
        work.wake(Job.CRM_SYNC)


def mark_deal(work: Work, deal_id: UUID) -> None:
    """Note that an opportunity without a lead changed, for each CRM that hears of it."""
    work.session.flush()  # what was changed in this transaction is what counts
    if changed(work.session, ONE_DEAL, {"deal": deal_id, "now": work.now}):
        work.wake(Job.CRM_SYNC)


def mark_all(work: Work, ref: str) -> int:
    """Note every lead that a new connection is to have; return how many, opportunities without a lead
    with them.
    """
    work.session.flush()  # the connection was made in this transaction
    told = {"ref": ref, "now": work.now}
    count = changed(work.session, ALL, told) + changed(work.session, ALL_DEALS, told)
    work.wake(Job.CRM_SYNC)
    return count
