"""Who is told by mail about a request, a claim or a payment, and where the button leads."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.work import Work
from tcma.delivery import fund_notices, notices
from tcma.mdf.decision_links import link_for
from tcma.mdf.models.amendments import Amendment
from tcma.mdf.models.bank import BankAccount
from tcma.mdf.models.changes import FundChange
from tcma.mdf.models.deadlines import ClaimExtension
from tcma.mdf.models.funding import Claim, FundBudget, FundRequest, Payment, PaymentBatch
from tcma.mdf.queries import vendor_of
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import ROLE_PERMISSIONS, Permission, Role


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody a letter goes to."""

    email: str
    name: str
    id: UUID


def _people(work: Work, *user_ids: UUID | None) -> list[Reader]:
    rows = work.session.execute(
        select(UserAccount.email, UserAccount.name, UserAccount.id).where(
            UserAccount.id.in_([user_id for user_id in user_ids if user_id])
        )
    )
    return [Reader(row.email, row.name, row.id) for row in rows]


def _deciders(work: Work, vendor_id: UUID, permission: Permission) -> list[Reader]:
    roles = [role.value for role, may in ROLE_PERMISSIONS.items() if permission in may]
    rows = work.session.execute(
        select(UserAccount.email, UserAccount.name, UserAccount.id)
        .join(Membership, Membership.user_id == UserAccount.id)
        .where(
            Membership.vendor_id == vendor_id,
            Membership.state == MembershipState.ACTIVE,
            Membership.role.in_(roles),
        )
        .distinct()
        .order_by(UserAccount.email)
    )
    return [Reader(*row) for row in rows]


def _decision(work: Work, row: FundRequest | Claim, reader: Reader) -> str:
    """Return the address by which `reader` alone decides, without signing in."""
    zone = vendor_of(work.session, row.vendor_id).zone
    token = link_for(work.session, work.site.signer, row, reader.id, zone=zone)
    return f"{work.site.public_url}/l/approve/{token}"


def _owners(work: Work, partner_id: UUID) -> list[Reader]:
    rows = work.session.execute(
        select(UserAccount.email, UserAccount.name, UserAccount.id)
        .join(Membership, Membership.user_id == UserAccount.id)
        .where(
            Membership.partner_id == partner_id,
            Membership.state == MembershipState.ACTIVE,
            Membership.role == Role.OWNER,
        )
        .order_by(UserAccount.email)
    )
    return [Reader(*row) for row in rows]


def _partner(work: Work, partner_id: UUID) -> str:
    return work.session.get_one(Partner, partner_id).name


def request_sent(work: Work, request: FundRequest, deciders: Collection[UUID]) -> None:
    """Tell the people whose turn it is that a request waits for them."""
    assert request.answer_by is not None
    for reader in sorted(_people(work, *deciders), key=lambda each: each.email):
        notices.request_filed(
            work,
            vendor_id=request.vendor_id,
            to=reader.email,
            name=reader.name,
            partner=_partner(work, request.partner_id),
            reference=request.ref,
            title=request.title,
            amount=Money(request.requested_minor, request.currency),
            decide_by=request.answer_by,
            url=_decision(work, request, reader),
        )


def change_asked(
    work: Work, request: FundRequest, deciders: Collection[UUID], change: Amendment
) -> None:
    """Tell the people who decide that an approved activity is to change; the desk shows how."""
    for reader in sorted(_people(work, *deciders), key=lambda each: each.email):
        notices.request_filed(
            work,
            vendor_id=request.vendor_id,
            to=reader.email,
            name=reader.name,
            partner=_partner(work, request.partner_id),
            reference=request.ref,
            title=f"{request.title}, changed: {change.words}",
            amount=Money(change.requested_minor, request.currency),
            decide_by=change.answer_by,
            url=f"{work.site.public_url}/desk/fund-requests/{request.ref}",
        )


def more_time_asked(
    work: Work, request: FundRequest, asked: ClaimExtension, deciders: Collection[UUID]
) -> None:
    """Tell the people who may give it that a partner asks for more time to claim."""
    for reader in sorted(_people(work, *deciders), key=lambda each: each.email):
        fund_notices.more_time_asked(
            work,
            vendor_id=request.vendor_id,
            to=reader.email,
            name=reader.name,
            partner=_partner(work, request.partner_id),
            reference=request.ref,
            title=request.title,
            days=(asked.before, asked.wanted, asked.answer_by),
            words=asked.words,
            url=f"{work.site.public_url}/desk/fund-requests/{request.ref}#more-time",
        )


def request_answered(
    work: Work, request: FundRequest, *, outcome: str, sentence: str, note: str = ""
) -> None:
    """Tell whoever asked what became of the request."""
    for reader in _people(work, request.submitted_by):
        notices.request_decided(
            work,
            vendor_id=request.vendor_id,
            to=reader.email,
            name=reader.name,
            reference=request.ref,
            outcome=outcome,
            sentence=sentence,
            decided_by=work.principal.name,
            url=f"{work.site.public_url}/console/fund-requests/{request.ref}",
            note=note,
        )


def claim_sent(work: Work, claim: Claim, deciders: Collection[UUID]) -> None:
    """Tell the people whose turn it is that a claim waits for them."""
    assert claim.answer_by is not None
    asked = Money(claim.amount_minor, claim.currency)
    readers = sorted(_people(work, *deciders), key=lambda each: each.email)
    links = [(reader, _decision(work, claim, reader)) for reader in readers]
    _claim_waits(work, claim, asked, claim.answer_by, links)


def claim_disputed(
    work: Work, claim: Claim, amount: Money, answer_by: date, besides: Collection[UUID | None]
) -> None:
    """Tell the vendor's deciders that a decided sum is disputed; the desk shows how.

    `besides` decided it, or may not answer for another reason.
    """
    url = f"{work.site.public_url}/desk/claims/{claim.ref}#dispute"
    readers = _deciders(work, claim.vendor_id, Permission.CLAIM_DECIDE)
    links = [(reader, url) for reader in readers if reader.id not in besides]
    _claim_waits(work, claim, amount, answer_by, links)


def _claim_waits(
    work: Work, claim: Claim, amount: Money, answer_by: date, links: list[tuple[Reader, str]]
) -> None:
    for reader, url in links:
        notices.claim_filed(
            work,
            vendor_id=claim.vendor_id,
            to=reader.email,
            name=reader.name,
            partner=_partner(work, claim.partner_id),
            reference=claim.ref,
            amount=amount,
            decide_by=answer_by,
            url=url,
        )


def claim_answered(
    work: Work, claim: Claim, *, outcome: str, sentence: str, note: str = ""
) -> None:
    """Tell whoever filed what became of the claim."""
    for reader in _people(work, claim.filed_by):
        notices.claim_decided(
            work,
            vendor_id=claim.vendor_id,
            to=reader.email,
            name=reader.name,
            reference=claim.ref,
            outcome=outcome,
            sentence=sentence,
            decided_by=work.principal.name,
            url=f"{work.site.public_url}/console/claims/{claim.ref}",
            note=note,
        )


def paid(work: Work, batch: PaymentBatch, payments: Iterable[Payment]) -> None:
    """Send each partner one remittance note for all of its payments in a batch."""
    claims: dict[UUID, list[tuple[Claim, Payment]]] = {}
    for payment in payments:
        claim = work.session.get_one(Claim, payment.claim_id)
        claims.setdefault(payment.partner_id, []).append((claim, payment))
    for pairs in claims.values():
        total = Money(sum(payment.amount_minor for _, payment in pairs), batch.currency)
        filed = {claim.filed_by for claim, _ in pairs}
        for reader in _people(work, *filed):
            notices.payment_sent(
                work,
                vendor_id=batch.vendor_id,
                to=reader.email,
                name=reader.name,
                reference=batch.ref,
                claims=", ".join(claim.ref for claim, _ in pairs),
                amount=total,
                bank_reference=batch.bank_reference or "",
                url=f"{work.site.public_url}/console/funds/payments/{batch.ref}",
            )


def account_stated(work: Work, account: BankAccount, masked: str) -> None:
    """Tell a partner's owners that their account changed, and ask the payers to check it."""
    base = work.site.public_url
    if account.partner_id:
        for reader in _owners(work, account.partner_id):
            notices.account_stated(
                work,
                vendor_id=account.vendor_id,
                to=reader.email,
                name=reader.name,
                account=masked,
                changed_by=work.principal.name,
                url=f"{base}/console/funds/accounts",
            )
    for reader in _deciders(work, account.vendor_id, Permission.PAYMENT_MAKE):
        notices.account_to_check(
            work,
            vendor_id=account.vendor_id,
            to=reader.email,
            name=reader.name,
            holder=account.holder,
            account=masked,
            changed_by=work.principal.name,
            url=f"{base}/desk/payments/accounts",
        )


def fund_change_asked(
    work: Work, budget: FundBudget, change: FundChange, said: str, people: Collection[UUID]
) -> None:
    """Tell whoever may confirm a change of a fund that it waits for them."""
    for reader in sorted(_people(work, *people), key=lambda each: each.email):
        fund_notices.fund_change_waits(
            work,
            vendor_id=budget.vendor_id,
            to=reader.email,
            name=reader.name,
            fund=budget.name,
            change=said,
            reason=change.reason,
            asked_by=work.principal.name,
            url=f"{work.site.public_url}/desk/funds/{budget.ref}",
        )


def fund_change_answered(work: Work, budget: FundBudget, change: FundChange, said: str) -> None:
    """Tell whoever asked for a change of a fund what a colleague said."""
    for reader in _people(work, change.asked_by):
        fund_notices.fund_change_answered(
            work,
            vendor_id=budget.vendor_id,
            to=reader.email,
            name=reader.name,
            fund=budget.name,
            change=said,
            outcome="confirmed" if change.state == "done" else "let be",
            decided_by=work.principal.name,
            url=f"{work.site.public_url}/desk/funds/{budget.ref}",
        )


def claim_due(work: Work, request: FundRequest, left: Money, last: date) -> None:
    """Remind whoever asked that approved money must be claimed by a day."""
    for reader in _people(work, request.submitted_by):
        notices.funds_ending(
            work,
            vendor_id=request.vendor_id,
            to=reader.email,
            name=reader.name,
            partner=_partner(work, request.partner_id),
            amount=left,
            ends_on=last,
            url=f"{work.site.public_url}/console/fund-requests/{request.ref}",
        )
