"""Why a partner gets as many leads as it does: its weight in turn, and what that comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.leads.at_hand import LATELY
from tcma.leads.deciding import rules_in_force
from tcma.leads.models import LeadOffer
from tcma.leads.performance import records_of
from tcma.leads.routing.performance import Record, held, weighed
from tcma.leads.routing.rules import Measure, Performance, Rules
from tcma.leads.rules import OfferState
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission

FEWEST = 3
"""Partners among whom what all did together tells nobody what one did."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A partner's weight by performance among all that a vendor has; `bound` says what holds it there."""

    partner_id: UUID
    partner: str
    weight: int
    record: Record
    bound: str


@dataclass(frozen=True, slots=True)
class Share:
    """What a partner may know of its share of one vendor's leads: `got` in thirty days, the weight of
    its enrolment, and by performance its own numbers beside the rates of all, None among too few.
    """

    vendor: str
    slug: str
    got: int
    enrolled: int
    by: Performance | None
    weight: int
    record: Record
    accepts_all: int | None = None
    wins_all: int | None = None
    minutes_all: int | None = None

    @property
    def counts(self) -> Sequence[Measure]:
        """What of its work counts; nothing where no rule weighs by it."""
        return self.by.by if self.by else ()


def weights_of(session: Session, vendor_id: UUID, rules: Rules, now: datetime) -> list[Weight]:
    """Return the weights by performance of a vendor's partners as one pool, highest first."""
    rows = session.execute(
        select(Partner.id, Partner.name)
        .join(Enrolment, Enrolment.partner_id == Partner.id)
        .where(
            Enrolment.vendor_id == vendor_id,
            Enrolment.state == EnrolmentState.ACTIVE,
            Enrolment.weight > 0,
        )
        .order_by(Partner.id)
    ).all()
    did = records_of(session, vendor_id, rules.performance, now)

    def bound(weight: int) -> str:
        words = held(weight, rules.performance).lstrip("; ")
        return f"held at {words}" if words else ""

    found_ = weighed(tuple(did.get(row.id) for row in rows), rules.performance)
    weights = [
        Weight(row.id, row.name, one.weight, did.get(row.id, Record()), bound(one.weight))
        for row, one in zip(rows, found_, strict=True)
    ]
    return sorted(weights, key=lambda each: (-each.weight, each.partner))


def shares(work: Work) -> list[Share]:
    """Return why the principal's partner gets as many leads as it does, by vendor."""
    work.require(Permission.LEAD_ANSWER)
    partner_id = found(work.principal.partner_id)
    got = (
        select(func.count())
        .select_from(LeadOffer)
        .where(
            LeadOffer.partner_id == partner_id,
            LeadOffer.vendor_id == Enrolment.vendor_id,
            LeadOffer.offered_at > work.now - LATELY,
            LeadOffer.state.in_((OfferState.OFFERED, OfferState.ACCEPTED)),
        )
        .correlate(Enrolment)
        .scalar_subquery()
    )
    rows = work.session.execute(
        select(Enrolment.vendor_id, Enrolment.weight, Vendor.name, Vendor.slug, got.label("got"))
        .join(Vendor, Vendor.id == Enrolment.vendor_id)
        .where(Enrolment.partner_id == partner_id, Enrolment.state == EnrolmentState.ACTIVE)
        .order_by(Vendor.name)
    )
    found_ = []
    for row in rows:
        rules = rules_in_force(work.session, row.vendor_id, work.now).rules
        own = Share(row.name, row.slug, row.got, row.weight, None, 100, Record())
        weights = weights_of(work.session, row.vendor_id, rules, work.now) if rules.performs else []
        mine = next((each for each in weights if each.partner_id == partner_id), None)
        found_.append(_performing(own, mine, weights, rules.performance) if mine else own)
    return found_


def _performing(own: Share, mine: Weight, weights: Sequence[Weight], by: Performance) -> Share:
    all_of = [each.record for each in weights]
    enough = len(all_of) >= FEWEST
    times = sorted(record.minutes for record in all_of if record.accepted)
    return Share(
        own.vendor,
        own.slug,
        own.got,
        own.enrolled,
        by,
        mine.weight,
        mine.record,
        _percent([(r.accepted, r.asked) for r in all_of]) if enough else None,
        _percent([(r.won, r.closed) for r in all_of]) if enough else None,
        times[(len(times) - 1) // 2] if enough and times else None,
    )


def _percent(counts: Sequence[tuple[int, int]]) -> int | None:
    did, of = (sum(each) for each in zip(*counts, strict=True))
    return round(100 * did / of) if of else None
