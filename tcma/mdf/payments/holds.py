"""What keeps an approved claim from being paid: a hold on its partner, or a sum that is too small."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.mdf.models.bank import PayoutHold, PayoutMinimum
from tcma.mdf.models.funding import Claim
from tcma.mdf.rules import ClaimState, positive
from tcma.mdf.words import spoken
from tcma.money import Money
from tcma.partners.models import Enrolment, Partner
from tcma.permissions import Permission, Principal


def place(work: Work, partner_id: UUID, *, reason: str, overdue: bool = False) -> None:
    """Pay a partner nothing for now; again changes nothing. NotFound for who is not enrolled.

    With `overdue` bills it can plan and claim nothing either, where a fund's rules say so.
    """
    work.require(Permission.PAYMENT_MAKE)
    vendor_id = found(work.principal.vendor_id)
    found(work.session.get(Enrolment, (vendor_id, partner_id)))
    why = reason.strip()
    if not why:
        words = "Say why."
        raise Invalid(words, code="mdf.hold.reason", fields={"reason": words})
    if standing(work.session, vendor_id, partner_id):
        return
    work.session.add(
        PayoutHold(
            id=new_id(),
            vendor_id=vendor_id,
            partner_id=partner_id,
            reason=why,
            overdue=overdue,
            placed_by=found(work.principal.user_id),
            placed_at=work.now,
        )
    )
    _log(work, partner_id, "held payments", f"{why} Bills are overdue." if overdue else why)


def lift(work: Work, partner_id: UUID) -> None:
    """Let payments to a partner go again; by another person than who held them."""
    work.require(Permission.PAYMENT_MAKE)
    hold = standing(work.session, found(work.principal.vendor_id), partner_id)
    if hold is None:
        return
    if hold.placed_by == work.principal.user_id:
        raise Conflict("You held these payments, so another person lets them go.",
                       code="mdf.four_eyes", remedy="Ask a colleague of finance.")  # fmt: skip
    hold.lifted_by, hold.lifted_at = work.principal.user_id, work.now
    _log(work, partner_id, "let payments go", hold.reason)


def standing(session: Session, vendor_id: UUID, partner_id: UUID) -> PayoutHold | None:
    """Return the hold that stands on a partner, None without one."""
    return session.scalars(
        select(PayoutHold).where(
            PayoutHold.vendor_id == vendor_id,
            PayoutHold.partner_id == partner_id,
            PayoutHold.lifted_at.is_(None),
        )
    ).one_or_none()


def holds(session: Session, principal: Principal) -> list[tuple[PayoutHold, str, str]]:
    """Return the holds that stand, with each partner's name and short name."""
    rows = session.execute(
        visible(
            select(PayoutHold, Partner.name, Partner.slug)
            .join(Partner, Partner.id == PayoutHold.partner_id)
            .where(PayoutHold.lifted_at.is_(None))
            .order_by(Partner.name),
            principal,
            PayoutHold,
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]


def set_minimum(work: Work, minimum: Money | None, currency: str) -> None:
    """Say below which sum nothing is paid to a partner in a currency; None pays everything."""
    work.require(Permission.PAYMENT_MAKE)
    vendor_id = found(work.principal.vendor_id)
    if minimum is None:
        work.session.execute(
            delete(PayoutMinimum).where(
                PayoutMinimum.vendor_id == vendor_id, PayoutMinimum.currency == currency
            )
        )
    else:
        values = {"minor": positive(minimum, currency, "minimum").minor}
        work.session.execute(
            insert(PayoutMinimum)
            .values(vendor_id=vendor_id, currency=currency, **values)
            .on_conflict_do_update(index_elements=["vendor_id", "currency"], set_=values)
        )
    words = spoken(minimum) if minimum else f"none in {currency}"
    work.audit("set the least payment", "vendor", vendor_id, vendor_id=vendor_id, words=words)


def minimums(session: Session, vendor_id: UUID) -> list[Money]:
    """Return the least payment of each currency that has one."""
    some = select(PayoutMinimum).where(PayoutMinimum.vendor_id == vendor_id)
    rows = session.scalars(some.order_by(PayoutMinimum.currency))
    return [Money(row.minor, row.currency) for row in rows]


def obstacle(session: Session, claim: Claim) -> str:
    """Return why an approved claim is not paid now; empty when nothing holds it."""
    if hold := standing(session, claim.vendor_id, claim.partner_id):
        return f"Payments to this partner are held: {hold.reason}"
    ready = session.scalar(
        select(func.coalesce(func.sum(Claim.approved_minor), 0)).where(
            Claim.vendor_id == claim.vendor_id,
            Claim.partner_id == claim.partner_id,
            Claim.currency == claim.currency,
            Claim.state == ClaimState.APPROVED,
        )
    )
    return too_little(session, claim.vendor_id, Money(int(ready or 0), claim.currency))


def too_little(session: Session, vendor_id: UUID, total: Money) -> str:
    """Return why a partner's sum waits for more; empty when it reaches the vendor's least."""
    least = session.get(PayoutMinimum, (vendor_id, total.currency))
    if least is None or total.minor >= least.minor:
        return ""
    amount = spoken(Money(least.minor, total.currency))
    return f"You pay from {amount} on. It waits for more claims of this partner."


def _log(work: Work, partner_id: UUID, verb: str, words: str) -> None:
    work.audit(verb, "partner", partner_id, partner_id=partner_id, words=words)
