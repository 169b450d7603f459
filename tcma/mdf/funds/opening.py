"""Opens a vendor's funds, adds money and gives partners their parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tcma.db.references import next_reference
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.mdf.deadlines import local_day
from tcma.mdf.judging import deciding
from tcma.mdf.judging.shipped import shipped, shipped_source
from tcma.mdf.judging.versions import (
    FirstRules,
    first_source,
    found_programme,
    in_force,
    programme_by_ref,
    read_one,
    rules_of,
)
from tcma.mdf.ledger import booking
from tcma.mdf.models.funding import FundAllocation, FundBudget
from tcma.mdf.models.programmes import FundProgramme
from tcma.mdf.programme.document import (
    ACCRUED,
    FIXED,
    KINDS,
    MATCHED,
    POINTS,
    POOLED,
    Programme,
    worth_of_point,
)
from tcma.mdf.queries import balance, given, own, vendor_of
from tcma.mdf.rules import AccountKind, positive
from tcma.mdf.words import spoken
from tcma.money import Money
from tcma.partners.models import Enrolment, Vendor
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class FundPlan:
    """A fund as a form gives it. `share_bps` of 10 000 is what the vendor pays of a cost.

    `kind` is one of the programme's KINDS; an accrued fund grows by `accrual_bps` of imported sales
    and may begin empty. Of a pooled one partners see what is left when `pot_shown`; `point` is what
    one point of a fund in points is worth. `rules` names a shipped programme or one of the vendor's own
    by its reference: then that says share, kind and limits; empty, the standard with these numbers.
    """

    name: str
    total: Money
    starts_on: date
    ends_on: date
    share_bps: int = WHOLE
    notice_days: int = 0
    claim_days: int = 45
    cap: Money | None = None
    kind: str = "discretionary"
    accrual_bps: int = 0
    pot_shown: bool = True
    point: Decimal | None = None
    per_partner: Money | None = None
    rules: str = ""


def create_fund(work: Work, plan: FundPlan, *, vendor_id: UUID | None = None) -> FundBudget:
    """Open a fund with its books and its money; `vendor_id` is for the house only."""
    work.require(Permission.BUDGET_MANAGE)
    vendor = work.principal.vendor_id or vendor_id
    if vendor is None:
        raise Invalid("A fund belongs to a vendor.", code="mdf.fund.vendor")
    _check(plan)
    programme, rules = _rules(work, vendor_of(work.session, vendor), plan)
    if rules.kind != ACCRUED or plan.total:
        positive(plan.total, plan.total.currency, "total")
    budget = FundBudget(
        id=new_id(),
        ref=next_reference(work, "FND"),
        vendor_id=vendor,
        name=plan.name.strip(),
        currency=plan.total.currency,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        programme_id=programme.id,
        pooled=rules.kind == POOLED,
        pot_shown=plan.pot_shown,
        point=rules.point if rules.kind == POINTS else None,
        created_by=work.principal.user_id,
        created_at=work.now,
    )
    work.session.add(budget)
    booking.open_budget(work, budget, plan.total)
    words = f"{spoken(plan.total)} from {plan.starts_on} to {plan.ends_on}"
    work.audit("opened", "fund", budget.id, vendor_id=vendor, words=words)
    return budget


def _rules(work: Work, house: Vendor, plan: FundPlan) -> tuple[FundProgramme, Programme]:
    """Return the programme of a new fund, founded where it does not stand yet, and what it says."""
    today, currency = local_day(work.now, house.zone), plan.total.currency
    if plan.rules and plan.rules not in {each.key for each in shipped()}:
        programme = programme_by_ref(work.session, work.principal, plan.rules)
        said = rules_of(in_force(work.session, programme.id, today))
        if said.currency and said.currency != currency:
            words = f"These rules are about {said.currency}: choose it, or other rules."
            raise Invalid(words, code="mdf.fund.currency", fields={"currency": words})
        return programme, said
    name = plan.name.strip()
    if plan.rules:
        source = shipped_source(
            plan.rules, name, currency=currency, zone=house.zone, country=house.country
        )
    else:
        source = first_source(name, _numbers(house, plan))
    begins = min(plan.starts_on, today)
    return found_programme(work, house, plan.name, source, begins), read_one(source)


def _numbers(house: Vendor, plan: FundPlan) -> FirstRules:
    return FirstRules(
        share_bps=plan.share_bps,
        notice_days=plan.notice_days,
        claim_days=plan.claim_days,
        cap=plan.cap,
        currency=plan.total.currency,
        zone=house.zone,
        country=house.country,
        kind=plan.kind,
        accrual_bps=plan.accrual_bps,
        point=plan.point,
        per_partner=plan.per_partner,
    )


def _check(plan: FundPlan) -> None:
    fields = _wrong_rules(plan) | ({} if plan.rules else _wrong_numbers(plan))
    if fields:
        raise Invalid("Some fields need another value.", code="mdf.fund.invalid", fields=fields)
    for name, limit in (("cap", plan.cap), ("per_partner", plan.per_partner)):
        if limit is not None:
            positive(limit, plan.total.currency, name)


def _wrong_numbers(plan: FundPlan) -> dict[str, str]:
    fields: dict[str, str] = {}
    if plan.kind not in KINDS:
        fields["kind"] = "Choose how the money comes to partners."
    elif plan.kind == ACCRUED and not 0 < plan.accrual_bps <= WHOLE:
        fields["accrual"] = (
            "Write which part of the sales accrues, above 0 and at most 100 percent."
        )
    elif plan.kind == POINTS and plan.point is None:
        fields["point"] = "Write what one point is worth."
    elif plan.kind == FIXED and plan.per_partner is None:
        fields["per_partner"] = "Write what each partner has."
    if plan.point is not None and not worth_of_point(plan.point):
        fields["point"] = "Above zero, at most 8 digits after the point."
    if plan.kind != POINTS and plan.point is not None:
        fields["point"] = "Only a fund in points says what one is worth."
    if plan.kind != FIXED and plan.per_partner is not None:
        fields["per_partner"] = "Only of a fixed fund each partner has the same sum."
    if plan.kind == MATCHED and plan.share_bps == WHOLE:
        fields["share"] = "The partner pays a part of a matched fund: below 100 percent."
    return fields


def _wrong_rules(plan: FundPlan) -> dict[str, str]:
    fields: dict[str, str] = {}
    if not plan.name.strip():
        fields["name"] = "Give the fund a name."
    if plan.ends_on < plan.starts_on:
        fields["ends_on"] = "The last day comes after the first."
    if not 0 < plan.share_bps <= WHOLE:
        fields["share"] = "The share is above 0 and at most 100 percent."
    if plan.notice_days < 0 or plan.notice_days > 90:
        fields["notice_days"] = "Between 0 and 90 working days."
    if not 0 < plan.claim_days <= 366:
        fields["claim_days"] = "Between 1 and 366 days."
    return fields


def add_money(
    work: Work, budget: FundBudget, amount: Money, *, reason: str, key: UUID | None = None
) -> None:
    """Put more money into a fund; a reason says where it comes from.

    `key` is the form's own id: the same key twice books once, with another content it is a Conflict.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
    still_open(budget)
    positive(amount, budget.currency, "amount")
    if booking.add(work, budget, amount, reason=reason, key=key).replayed:
        return
    work.audit(
        "added", "fund", budget.id, vendor_id=budget.vendor_id, words=f"{spoken(amount)}, {reason}"
    )
    if budget.pooled:
        work.wake(Job.FUNDS_RELEASE)


def allocate(
    work: Work,
    budget: FundBudget,
    partner_id: UUID,
    amount: Money,
    *,
    key: UUID | None = None,
) -> FundAllocation:
    """Give an enrolled partner its part of a fund; again to give more.

    `key` is the form's own id: the same key twice books once. Raises LimitReached when the fund
    holds less.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
    still_open(budget)
    positive(amount, budget.currency, "amount")
    in_parts(budget)
    allocation = part_of(work, budget, partner_id)
    if key is None or not booking.stands(work, key):
        same_for_all(work, budget, allocation, amount)
        left = balance(
            work.session, AccountKind.UNALLOCATED, currency=budget.currency, chain_id=budget.id
        )
        if amount > left:
            words = f"{spoken(left)} of this fund is not allocated yet."
            raise LimitReached(
                words, code="mdf.fund.empty", remedy=f"Allocate {spoken(left)} or less."
            )
    booked = booking.allocate(work, budget, allocation, amount, key=key)
    if not booked.replayed:
        work.audit(
            "allocated",
            "fund",
            budget.id,
            vendor_id=budget.vendor_id,
            partner_id=partner_id,
            words=spoken(amount),
        )
        work.wake(Job.FUNDS_RELEASE)
    return allocation


def part_of_each(work: Work, budget: FundBudget) -> Money | None:
    """Return what each partner has of a fixed fund; None of others."""
    rules = deciding.rules_today(work.session, budget, work.now)
    each = rules.fund.per_partner if rules.kind == FIXED and rules.fund.per == "fund" else None
    return Money.parse(str(each), budget.currency) if each is not None else None


def same_for_all(work: Work, budget: FundBudget, allocation: FundAllocation, amount: Money) -> None:
    """Raise LimitReached where a fixed fund would give a partner more than each one has."""
    each = part_of_each(work, budget)
    if each is None:
        return
    # Two parts given at once would both see room; the part's lock makes the second wait.
    work.session.execute(
        select(FundAllocation.id).where(FundAllocation.id == allocation.id).with_for_update()
    )
    room = each - given(work.session, allocation)
    if amount > room:
        remedy = f"Allocate {spoken(room)} or less." if room else "It has its whole part."
        raise LimitReached(
            f"Each partner has {spoken(each)} of this fund.", code="mdf.fund.fixed", remedy=remedy
        )


def still_open(budget: FundBudget) -> None:
    """Raise Conflict for a fund that was closed."""
    if budget.closed_at is not None:
        words = f"{budget.ref} is closed."
        raise Conflict(words, code="mdf.fund.closed", remedy="Open another fund.")


def in_parts(budget: FundBudget) -> None:
    """Raise Conflict for a shared pot."""
    if budget.pooled:
        words = "A shared pot is not given in parts: approved plans take from it."
        raise Conflict(words, code="mdf.fund.pooled", remedy="Let the partners take part in it.")


def let_in(work: Work, budget: FundBudget, partner_ids: Sequence[UUID]) -> None:
    """Let partners plan with a shared pot; again changes nothing.

    Raises Conflict for a fund that is no pot, and for a partner that is not enrolled.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
    if not budget.pooled:
        raise Conflict("This fund is given in parts.", code="mdf.fund.parts")
    stood = set(
        work.session.scalars(
            select(FundAllocation.partner_id).where(FundAllocation.budget_id == budget.id)
        )
    )
    for partner_id in partner_ids:
        part_of(work, budget, partner_id)
        if partner_id not in stood:
            work.audit(
                "let in",
                "fund",
                budget.id,
                vendor_id=budget.vendor_id,
                partner_id=partner_id,
                words="may plan with the shared pot",
            )


def part_of(work: Work, budget: FundBudget, partner_id: UUID) -> FundAllocation:
    """Return a partner's part of a fund, opened empty if there is none; else Conflict."""
    enrolment = work.session.get(Enrolment, (budget.vendor_id, partner_id))
    if enrolment is None or enrolment.state in {EnrolmentState.SUSPENDED, EnrolmentState.ENDED}:
        raise Conflict(
            "This partner is not enrolled with you.",
            code="mdf.partner",
            remedy="Enrol the partner first.",
        )
    one = select(FundAllocation).where(
        FundAllocation.budget_id == budget.id, FundAllocation.partner_id == partner_id
    )
    work.session.execute(
        insert(FundAllocation)
        .values(
            id=new_id(),
            budget_id=budget.id,
            vendor_id=budget.vendor_id,
            partner_id=partner_id,
            currency=budget.currency,
            created_at=work.now,
        )
        .on_conflict_do_nothing(constraint="fund_allocation_once")
    )
    return work.session.scalars(one).one()
