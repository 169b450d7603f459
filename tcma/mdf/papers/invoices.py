"""What of a claim is on paper: its invoices, where the same stands already, and what it may still take."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tcma.mdf.exchange.rates import Rate, as_rate, plain
from tcma.mdf.models.funding import Claim, FundActivity, Invoice
from tcma.mdf.models.rates import ExchangeRate
from tcma.mdf.queries import activity_of, left_of
from tcma.mdf.rules import COUNTED_CLAIM, OPEN_CLAIM, ClaimState
from tcma.money import Money


def last_day(activity: FundActivity, claim: Claim) -> date:
    """Return the last day to file: the activity's, or later when the claim came back."""
    assert activity.claim_by is not None
    fix_by = claim.trace.get("fix_by")
    return max(activity.claim_by, date.fromisoformat(fix_by)) if fix_by else activity.claim_by


def invoices_of(session: Session, claim: Claim) -> list[Invoice]:
    """Return a claim's invoices in the order they came."""
    some = select(Invoice).where(Invoice.claim_id == claim.id)
    return list(session.scalars(some.order_by(Invoice.id)))


def left_for(session: Session, claim: Claim) -> Money:
    """Return what of its activity this claim may take; once decided, what it could take then.

    An activity that was closed since holds nothing, and must not make an old claim look wrong.
    """
    activity = activity_of(session, claim)
    if claim.state in OPEN_CLAIM or claim.decided_at is None:
        return left_of(session, activity, besides=claim.id)
    earlier = select(
        func.coalesce(func.sum(func.coalesce(Claim.approved_minor, Claim.amount_minor)), 0)
    ).where(
        Claim.activity_id == activity.id,
        Claim.id != claim.id,
        Claim.state.in_(COUNTED_CLAIM),
        Claim.filed_at < claim.decided_at,
    )
    taken = int(session.scalars(earlier).one())
    return Money((activity.approved_minor or 0) - taken, claim.currency)


def filed_or(claim: Claim, now: datetime) -> datetime:
    """Return when a claim was filed, or `now` while it is with the partner."""
    with_partner = claim.state in {ClaimState.DRAFT, ClaimState.INFO_REQUESTED}
    return now if with_partner or claim.filed_at is None else claim.filed_at


def twin_claim(session: Session, claim: Claim, issuer: str, number: str) -> str:
    """Return the reference of the partner's other claim that holds the same invoice, or «»."""
    same = same_invoice(issuer, number)
    one = (
        select(Claim.ref)
        .join(Invoice, Invoice.claim_id == Claim.id)
        .where(*same, Claim.partner_id == claim.partner_id, Claim.id != claim.id)
        .where(uses_its_invoices())
        .order_by(Claim.ref)
    )
    return session.scalar(one.limit(1)) or ""


def uses_its_invoices() -> ColumnElement[bool]:
    """Say of claims whether what they were made of is spent: paid, asked for, or appealed about.

    Of one that was clawed back in part some of it is still paid; one clawed back whole is over.
    """
    back = func.coalesce(Claim.trace["clawed_back_minor"].as_integer(), 0)
    kept = (Claim.state == ClaimState.REVERSED) & (back < Claim.approved_minor)
    return Claim.state.in_((*COUNTED_CLAIM, ClaimState.APPEALED)) | kept


def same_invoice(issuer: str, number: str) -> tuple[ColumnElement[bool], ...]:
    def plain(text: Any) -> ColumnElement[str]:
        return func.lower(func.regexp_replace(text, "[^[:alnum:]]", "", "g"))

    return plain(Invoice.number) == plain(number), plain(Invoice.issuer) == plain(issuer)


def rate_of(session: Session, invoice: Invoice) -> Rate | None:
    """Return the stored rate an invoice counts at; None in the fund's own currency."""
    if invoice.rate_id is None:
        return None
    return as_rate(session.get_one(ExchangeRate, invoice.rate_id), invoice.currency)


def counted(session: Session, claim: Claim, invoice: Invoice) -> Money:
    """Return an invoice's net in the claim's currency."""
    net, rate = Money(invoice.net_minor, invoice.currency), rate_of(session, invoice)
    return net.converted(rate.factor, claim.currency) if rate else net


def _rate_facts(session: Session, invoice: Invoice) -> dict[str, str]:
    rate = rate_of(session, invoice)
    return {"rate": plain(rate.factor), "rate_from": rate.words} if rate else {}


def _line_facts(invoice: Invoice, counts: str) -> list[dict[str, str]]:
    if not invoice.lines:
        return []
    whole = invoice.net_minor + (invoice.tax_minor if counts == "total" else 0)
    parts = Money(whole, invoice.currency).allocate([line["minor"] for line in invoice.lines])
    return [
        {"kind": line["kind"], "label": line["label"], "amount": str(part.major)}
        for line, part in zip(invoice.lines, parts, strict=True)
    ]


def invoice_facts(session: Session, claim: Claim, *, counts: str = "net") -> list[dict[str, Any]]:
    """Return a claim's invoices as a case has them; their lines add up to what `counts`."""
    return [
        {
            "number": each.number,
            "issuer": each.issuer,
            "issued_on": each.issued_on.isoformat(),
            "made_out_to": each.made_out_to,
            "currency": each.currency,
            "net": str(Money(each.net_minor, each.currency).major),
            "tax": str(Money(each.tax_minor, each.currency).major),
            "total": str(Money(each.net_minor + each.tax_minor, each.currency).major),
            "order_number": each.order_number,
            "shows": list(each.shown),
            "lines": _line_facts(each, counts),
            "already_in": twin_claim(session, claim, each.issuer, each.number),
            **_rate_facts(session, each),
        }
        for each in invoices_of(session, claim)
    ]
