"""Who is told by mail about a request, a claim or a payment, and where the button leads.

Letters to a partner's people stand in `delivery/mail` in every language of the console; the desk
reads English.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.work import Work
from tcma.delivery.notices import Reader, tell
from tcma.mdf.decision_links import link_for
from tcma.mdf.models.amendments import Amendment
from tcma.mdf.models.bank import BankAccount
from tcma.mdf.models.changes import FundChange
from tcma.mdf.models.deadlines import ClaimExtension
from tcma.mdf.models.funding import Claim, FundBudget, FundRequest
from tcma.mdf.models.payments import Payment, PaymentBatch
from tcma.mdf.programme.settled import CASH
from tcma.mdf.queries import vendor_of
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import ROLE_PERMISSIONS, Permission, Role


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody a letter goes to."""

    id: UUID
    reader: Reader


def _people(work: Work, who: ColumnElement[bool]) -> list[Addressee]:
    rows = work.session.execute(
        select(UserAccount.id, UserAccount.email, UserAccount.name, UserAccount.locale)
        .where(who)
        .order_by(UserAccount.email)
    )
    return [
        Addressee(row.id, Reader(email=row.email, name=row.name, locale=row.locale)) for row in rows
    ]


def _these(work: Work, *user_ids: UUID | None) -> list[Addressee]:
    return _people(work, UserAccount.id.in_([each for each in user_ids if each]))


def _members(work: Work, of: ColumnElement[bool], roles: Collection[str]) -> list[Addressee]:
    active = Membership.state == MembershipState.ACTIVE
    seats = select(Membership.user_id).where(of, active, Membership.role.in_(roles))
    return _people(work, UserAccount.id.in_(seats))


def _deciders(work: Work, vendor_id: UUID, permission: Permission) -> list[Addressee]:
    roles = [role.value for role, may in ROLE_PERMISSIONS.items() if permission in may]
    return _members(work, Membership.vendor_id == vendor_id, roles)


def _tell(  # noqa: PLR0913 - a letter, its readers, where it leads
    work: Work,
    template: str,
    values: Mapping[str, str],
    people: Iterable[Addressee],
    *,
    vendor_id: UUID,
    path: str = "",
    link: Callable[[Addressee], str] | None = None,
) -> None:
    """Write the same letter to each; `path` is where the button leads, or `link` one's own address."""
    for each in people:
        url = link(each) if link else f"{work.site.public_url}{path}"
        tell(work, template, values, each.reader, url=url, vendor_id=vendor_id)


def _decides(work: Work, row: FundRequest | Claim) -> Callable[[Addressee], str]:
    """Return the address by which each reader alone decides, without signing in."""
    zone = vendor_of(work.session, row.vendor_id).zone

    def link(each: Addressee) -> str:
        token = link_for(work.session, work.site.signer, row, each.id, zone=zone)
        return f"{work.site.public_url}/l/approve/{token}"

    return link


def _partner(work: Work, partner_id: UUID) -> str:
    return work.session.get_one(Partner, partner_id).name


def request_sent(work: Work, request: FundRequest, deciders: Collection[UUID]) -> None:
    """Tell the people whose turn it is that a request waits for them."""
    assert request.answer_by is not None
    asked = Money(request.requested_minor, request.currency)
    values = _asks(work, request, request.title, asked, request.answer_by)
    people, link = _these(work, *deciders), _decides(work, request)
    _tell(work, "request_filed", values, people, vendor_id=request.vendor_id, link=link)


def change_asked(
    work: Work, request: FundRequest, deciders: Collection[UUID], change: Amendment
) -> None:
    """Tell the people who decide that an approved activity is to change; the desk shows how."""
    asked = Money(change.requested_minor, request.currency)
    title = f"{request.title}, changed: {change.words}"
    values = _asks(work, request, title, asked, change.answer_by)
    path = f"/desk/fund-requests/{request.ref}"
    people = _these(work, *deciders)
    _tell(work, "request_filed", values, people, vendor_id=request.vendor_id, path=path)


def _asks(
    work: Work, request: FundRequest, title: str, asked: Money, answer_by: date
) -> dict[str, str]:
    return {
        "partner": _partner(work, request.partner_id),
        "reference": request.ref,
        "title": title,
        "amount": spoken(asked),
        "decide_by": spoken_day(answer_by),
    }


def more_time_asked(
    work: Work, request: FundRequest, asked: ClaimExtension, deciders: Collection[UUID]
) -> None:
    """Tell the people who may give it that a partner asks for more time to claim."""
    values = {
        "partner": _partner(work, request.partner_id),
        "reference": request.ref,
        "title": request.title,
        "last": spoken_day(asked.before),
        "wanted": spoken_day(asked.wanted),
        "answer_by": spoken_day(asked.answer_by),
        "words": asked.words,
    }
    path = f"/desk/fund-requests/{request.ref}#more-time"
    people = _these(work, *deciders)
    _tell(work, "more_time_asked", values, people, vendor_id=request.vendor_id, path=path)


def request_answered(
    work: Work, request: FundRequest, *, outcome: str, sentence: str, note: str = ""
) -> None:
    """Tell whoever asked what became of the request; `outcome` is approved, refused, …"""
    values = _answer(work, request, outcome, sentence, note)
    path = f"/console/fund-requests/{request.ref}"
    people = _these(work, request.submitted_by)
    _tell(work, "request_decided", values, people, vendor_id=request.vendor_id, path=path)


def claim_answered(
    work: Work, claim: Claim, *, outcome: str, sentence: str, note: str = ""
) -> None:
    """Tell whoever filed what became of the claim; `sentence` names sums and what is left out."""
    values = _answer(work, claim, outcome, sentence, note)
    path = f"/console/claims/{claim.ref}"
    people = _these(work, claim.filed_by)
    _tell(work, "claim_decided", values, people, vendor_id=claim.vendor_id, path=path)


def _answer(
    work: Work, row: FundRequest | Claim, outcome: str, sentence: str, note: str
) -> dict[str, str]:
    return {
        "reference": row.ref,
        "outcome": outcome,
        "sentence": sentence,
        "note": note,
        "decided_by": work.principal.name,
    }


def claim_sent(work: Work, claim: Claim, deciders: Collection[UUID]) -> None:
    """Tell the people whose turn it is that a claim waits for them."""
    assert claim.answer_by is not None
    values = _waits(work, claim, Money(claim.amount_minor, claim.currency), claim.answer_by)
    people, link = _these(work, *deciders), _decides(work, claim)
    _tell(work, "claim_filed", values, people, vendor_id=claim.vendor_id, link=link)


def claim_disputed(
    work: Work, claim: Claim, amount: Money, answer_by: date, besides: Collection[UUID | None]
) -> None:
    """Tell the vendor's deciders that a decided sum is disputed; the desk shows how.

    `besides` decided it, or may not answer for another reason.
    """
    deciders = _deciders(work, claim.vendor_id, Permission.CLAIM_DECIDE)
    people = [each for each in deciders if each.id not in besides]
    values, path = _waits(work, claim, amount, answer_by), f"/desk/claims/{claim.ref}#dispute"
    _tell(work, "claim_filed", values, people, vendor_id=claim.vendor_id, path=path)


def _waits(work: Work, claim: Claim, amount: Money, answer_by: date) -> dict[str, str]:
    return {
        "partner": _partner(work, claim.partner_id),
        "reference": claim.ref,
        "amount": spoken(amount),
        "decide_by": spoken_day(answer_by),
    }


def paid(work: Work, batch: PaymentBatch, payments: Iterable[Payment]) -> None:
    """Send each partner one remittance note for all of its payments in a batch."""
    claims: dict[UUID, list[tuple[Claim, Payment]]] = {}
    for payment in payments:
        claim = work.session.get_one(Claim, payment.claim_id)
        claims.setdefault(payment.partner_id, []).append((claim, payment))
    for pairs in claims.values():
        total = Money(sum(payment.amount_minor for _, payment in pairs), batch.currency)
        values = {
            "reference": batch.ref,
            "claims": ", ".join(claim.ref for claim, _ in pairs),
            "amount": spoken(total),
            "bank_reference": batch.bank_reference or "",
            "numbers": ", ".join(payment.memo for _, payment in pairs if payment.memo),
        }
        people = _these(work, *{claim.filed_by for claim, _ in pairs})
        template = "payment_sent" if batch.way == CASH else "payment_given"
        template = template if total else "payment_kept"
        path = f"/console/funds/payments/{batch.ref}"
        _tell(work, template, values, people, vendor_id=batch.vendor_id, path=path)


def account_stated(work: Work, account: BankAccount, masked: str) -> None:
    """Tell a partner's owners that their account changed, and ask the payers to check it."""
    vendor_id = account.vendor_id
    values = {"account": masked, "changed_by": work.principal.name, "holder": account.holder}
    if account.partner_id:
        owners = _members(work, Membership.partner_id == account.partner_id, [Role.OWNER])
        path = "/console/funds/accounts"
        _tell(work, "account_stated", values, owners, vendor_id=vendor_id, path=path)
    payers = _deciders(work, vendor_id, Permission.PAYMENT_MAKE)
    path = "/desk/payments/accounts"
    _tell(work, "account_to_check", values, payers, vendor_id=vendor_id, path=path)


def fund_change_asked(
    work: Work, budget: FundBudget, change: FundChange, said: str, people: Collection[UUID]
) -> None:
    """Tell whoever may confirm a change of a fund that it waits for them."""
    values = {
        "fund": budget.name,
        "change": said,
        "reason": change.reason,
        "asked_by": work.principal.name,
    }
    path = f"/desk/funds/{budget.ref}"
    _tell(
        work,
        "fund_change_waits",
        values,
        _these(work, *people),
        vendor_id=budget.vendor_id,
        path=path,
    )


def fund_change_answered(work: Work, budget: FundBudget, change: FundChange, said: str) -> None:
    """Tell whoever asked for a change of a fund what a colleague said."""
    values = {
        "fund": budget.name,
        "change": said,
        "outcome": "confirmed" if change.state == "done" else "let be",
        "decided_by": work.principal.name,
    }
    people, path = _these(work, change.asked_by), f"/desk/funds/{budget.ref}"
    _tell(work, "fund_change_answered", values, people, vendor_id=budget.vendor_id, path=path)


def claim_due(work: Work, request: FundRequest, left: Money, last: date) -> None:
    """Remind whoever asked that approved money must be claimed by a day."""
    values = {
        "partner": _partner(work, request.partner_id),
        "amount": spoken(left),
        "ends_on": spoken_day(last),
    }
    people, path = _these(work, request.submitted_by), f"/console/fund-requests/{request.ref}"
    _tell(work, "funds_ending", values, people, vendor_id=request.vendor_id, path=path)
