"""Offers that need no answer: the vendor's rules, or the partner's own wish, accept them by themselves."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, tuple_

from tcma.db.work import Work
from tcma.leads.actions import accept
from tcma.leads.models import LeadOffer
from tcma.leads.models_people import LeadSharing
from tcma.leads.routing.rules import ACCEPTS, Accepts
from tcma.partners.models import Enrolment
from tcma.partners.rules import EnrolmentState

BY_ITSELF = "by itself"


def accept_by_themselves(work: Work, offers: Sequence[LeadOffer]) -> dict[UUID, Accepts]:
    """Accept those of these open, locked offers that need no answer; return why, by offer.

    Never one of several that are asked at once: whoever answers by itself would win each time.
    """
    alone = [offer for offer in offers if not offer.shared]
    wanting = set(
        work.session.scalars(
            select(LeadSharing.partner_id).where(
                LeadSharing.accepts, LeadSharing.partner_id.in_({o.partner_id for o in alone})
            )
        )
    )
    why = {
        offer.id: Accepts(offer.trace.get(ACCEPTS, Accepts.OWN))
        for offer in alone
        if ACCEPTS in offer.trace or offer.partner_id in wanting
    }
    ready = [offer for offer in alone if offer.id in why]
    active = _active(work, ready)
    for offer in ready:
        if (offer.vendor_id, offer.partner_id) in active:
            offer.trace = {**offer.trace, ACCEPTS: why[offer.id].value}
            accept(work, offer.id, by=BY_ITSELF, itself=why[offer.id])
        else:
            del why[offer.id]  # taken back by the clock, as every offer to such a partner
    return why


def _active(work: Work, offers: Sequence[LeadOffer]) -> set[tuple[UUID, UUID]]:
    pairs = {(offer.vendor_id, offer.partner_id) for offer in offers}
    if not pairs:
        return set()
    both = tuple_(Enrolment.vendor_id, Enrolment.partner_id)
    rows = work.session.execute(
        select(Enrolment.vendor_id, Enrolment.partner_id).where(
            both.in_(pairs), Enrolment.state == EnrolmentState.ACTIVE
        )
    )
    return {(row.vendor_id, row.partner_id) for row in rows}
