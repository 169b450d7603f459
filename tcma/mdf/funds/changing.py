"""Changes of a fund under a key of their own: done at once, or when a second person confirms them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.mdf.funds import ending, reducing
from tcma.mdf.funds.leave import Leave, hindered
from tcma.mdf.funds.opening import still_open
from tcma.mdf.judging.deciding import rules_today
from tcma.mdf.models.changes import FundChange
from tcma.mdf.models.funding import FundAllocation, FundBudget
from tcma.mdf.queries import fund_by_ref, names_of, own
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Permission, Principal


class Act(StrEnum):
    """What may be asked of a fund."""

    TAKE_BACK = "take_back"
    REDUCE = "reduce"
    CLOSE = "close"
    EDIT = "edit"
    EXTEND = "extend"
    CARRY_OVER = "carry_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change as a form gives it; which fields count follows from the act."""

    act: Act
    reason: str
    partner_id: UUID | None = None
    amount: Money | None = None
    into: UUID | None = None
    until: date | None = None
    facts: reducing.Facts | None = None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change that waits; `blocked` says why this person cannot confirm it."""

    id: UUID
    act: Act
    words: str
    reason: str
    asked_by: str
    row: FundChange
    blocked: str


def ask(work: Work, budget: FundBudget, change: Change, *, key: UUID) -> FundChange:
    """Do a change, or write it down for a second person where it takes one.

    `key` is the form's own id: the same change under it again is the one that stands, another one a
    Conflict.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
    # Of two at once the second waits here, and then sees what the first wrote.
    work.session.execute(
        select(FundBudget.id).where(FundBudget.id == budget.id).with_for_update(key_share=True)
    )
    body = _as_body(change)
    stood = work.session.get(FundChange, key, populate_existing=True)
    if stood is not None:
        if (stood.budget_id, stood.body, stood.reason) != (budget.id, body, change.reason.strip()):
            raise Conflict(
                "This change was made before with another content.",
                code="mdf.fund.replayed",
                remedy="Load the page again before you change something else.",
            )
        return stood
    if not change.reason.strip():
        raise Invalid("Say why.", code="mdf.fund.leave", fields={"reason": "Say why."})
    waits = takes_two(work, budget, change)
    _check(work, budget, change)
    row = FundChange(
        id=key,
        budget_id=budget.id,
        vendor_id=budget.vendor_id,
        act=change.act,
        body=body,
        reason=change.reason.strip(),
        state="waits" if waits else "done",
        asked_by=found(work.principal.user_id),
        asked_at=work.now,
        decided_by=None if waits else work.principal.user_id,
        decided_at=None if waits else work.now,
    )
    work.session.add(row)
    if waits:
        words = f"{words_of(work.session, row, budget)}: {row.reason}"
        work.audit("asked", "fund", budget.id, vendor_id=budget.vendor_id, words=words)
    else:
        _do(work, budget, change, Leave(reason=row.reason, asked_by=row.asked_by))
    return row


def takes_two(work: Work, budget: FundBudget, change: Change) -> bool:
    """Say whether a second person confirms a change."""
    if change.act is Act.EDIT:
        return reducing.moves_days(budget, found(change.facts))
    return change.act in {Act.TAKE_BACK, Act.REDUCE, Act.CLOSE} or bool(
        _wanted(work, budget, change.act)
    )


def _wanted(work: Work, budget: FundBudget, act: str) -> Sequence[str]:
    rules = rules_today(work.session, budget, work.now).fund
    if act == Act.EXTEND:
        return ending.extenders(rules)
    return ending.carriers(rules) if act == Act.CARRY_OVER else ()


def confirm(work: Work, row: FundChange) -> None:
    """Do a change that a colleague asked for; again changes nothing.

    Raises Conflict for who asked, who has not the role the programme names, or what moved meanwhile.
    """
    work.require(Permission.BUDGET_MANAGE)
    budget = own(work.principal, work.session.get_one(FundBudget, row.budget_id))
    work.session.refresh(row, with_for_update=True)
    if row.state == "done":
        return
    _still_waits(row)
    _do(work, budget, _as_change(row, budget), Leave(reason=row.reason, asked_by=row.asked_by))
    row.state, row.decided_by, row.decided_at = "done", work.principal.user_id, work.now


def turn_down(work: Work, row: FundChange) -> None:
    """Let a change be; also by whoever asked for it."""
    work.require(Permission.BUDGET_MANAGE)
    budget = own(work.principal, work.session.get_one(FundBudget, row.budget_id))
    work.session.refresh(row, with_for_update=True)
    if row.state == "refused":
        return
    _still_waits(row)
    row.state, row.decided_by, row.decided_at = "refused", work.principal.user_id, work.now
    words = words_of(work.session, row, budget)
    work.audit("let be", "fund", budget.id, vendor_id=budget.vendor_id, words=words)


def _still_waits(row: FundChange) -> None:
    if row.state != "waits":
        said = {"done": "This was confirmed by now.", "refused": "This was let be by now."}
        raise Conflict(said[row.state], code="mdf.fund.change.moved")


def _check(work: Work, budget: FundBudget, change: Change) -> None:
    amount = change.amount
    match change.act:
        case Act.TAKE_BACK:
            reducing.check_take_back(work, _part(work, budget, change), found(amount))
        case Act.REDUCE:
            reducing.check_reduce(work, budget, found(amount))
        case Act.EDIT:
            reducing.check_edit(work, budget, found(change.facts))
        case Act.CARRY_OVER:
            into = found(work.session.get(FundBudget, found(change.into)))
            ending.check_carry_over(work, _part(work, budget, change), into, found(amount))
        case Act.EXTEND:
            ending.check_extend(work, _part(work, budget, change), found(change.until))
        case Act.CLOSE:
            still_open(budget)


def _do(work: Work, budget: FundBudget, change: Change, leave: Leave) -> None:
    match change.act:
        case Act.TAKE_BACK:
            part = _part(work, budget, change)
            reducing.take_back(work, part, found(change.amount), leave=leave)
        case Act.REDUCE:
            reducing.reduce(work, budget, found(change.amount), leave=leave)
        case Act.CLOSE:
            reducing.close(work, budget, leave=leave)
        case Act.EDIT:
            reducing.edit(work, budget, found(change.facts), leave=leave)
        case Act.EXTEND:
            part = _part(work, budget, change)
            ending.extend(work, part, until=found(change.until), leave=leave)
        case Act.CARRY_OVER:
            into = found(work.session.get(FundBudget, found(change.into)))
            part = _part(work, budget, change)
            ending.carry_over(work, part, into, found(change.amount), leave=leave)


def _part(work: Work, budget: FundBudget, change: Change) -> FundAllocation:
    one = select(FundAllocation).where(
        FundAllocation.budget_id == budget.id, FundAllocation.partner_id == change.partner_id
    )
    return own(work.principal, found(work.session.scalars(one).one_or_none()))


def _as_body(change: Change) -> dict[str, Any]:
    facts = change.facts
    body = {
        "act": change.act,
        "partner": change.partner_id,
        "minor": change.amount.minor if change.amount is not None else None,
        "into": change.into,
        "until": change.until,
        "name": facts.name.strip() if facts else None,
        "starts_on": facts.starts_on if facts else None,
        "ends_on": facts.ends_on if facts else None,
    }
    return {
        name: value if isinstance(value, int) else str(value)
        for name, value in body.items()
        if value is not None
    }


def _as_change(row: FundChange, budget: FundBudget) -> Change:
    body = row.body
    facts = None
    if "ends_on" in body:
        days = date.fromisoformat(body["starts_on"]), date.fromisoformat(body["ends_on"])
        facts = reducing.Facts(name=body["name"], starts_on=days[0], ends_on=days[1])
    return Change(
        act=Act(row.act),
        reason=row.reason,
        partner_id=UUID(body["partner"]) if "partner" in body else None,
        amount=Money(body["minor"], budget.currency) if "minor" in body else None,
        into=UUID(body["into"]) if "into" in body else None,
        until=date.fromisoformat(body["until"]) if "until" in body else None,
        facts=facts,
    )


def change_of(session: Session, principal: Principal, fund_ref: str, change_id: UUID) -> FundChange:
    """Return a change of one of the vendor's funds; else NotFound."""
    budget = fund_by_ref(session, principal, fund_ref)
    one = select(FundChange).where(FundChange.id == change_id, FundChange.budget_id == budget.id)
    row: FundChange | None = session.scalars(one).one_or_none()
    return found(row)


def waiting(work: Work, budget: FundBudget) -> list[ChangeLine]:
    """Return the changes of a fund that wait for a second person, oldest first."""
    rows = work.session.scalars(
        select(FundChange)
        .where(FundChange.budget_id == budget.id, FundChange.state == "waits")
        .order_by(FundChange.asked_at, FundChange.id)
    ).all()
    names = names_of(work.session, *(row.asked_by for row in rows))
    return [
        ChangeLine(
            row.id,
            Act(row.act),
            words_of(work.session, row, budget),
            row.reason,
            names[row.asked_by],
            row,
            hindered(work.principal, row.asked_by, _wanted(work, budget, row.act), two=True),
        )
        for row in rows
    ]


def words_of(session: Session, row: FundChange, budget: FundBudget) -> str:
    """Return what a change is, in one sentence."""
    change = _as_change(row, budget)
    who = session.get_one(Partner, change.partner_id).name if change.partner_id else ""
    amount = spoken(change.amount) if change.amount else ""
    match change.act:
        case Act.TAKE_BACK:
            return f"Take {amount} back from {who}"
        case Act.REDUCE:
            return f"Take {amount} out of the fund"
        case Act.CLOSE:
            return "Close the fund"
        case Act.EXTEND:
            return f"Give {who} time until {spoken_day(found(change.until))}"
        case Act.CARRY_OVER:
            into = session.get_one(FundBudget, change.into)
            return f"Carry {amount} of {who} over into {into.name}"
        case Act.EDIT:
            facts = found(change.facts)
            days = f"{spoken_day(facts.starts_on)} to {spoken_day(facts.ends_on)}"
            return f"Call it “{facts.name}”, {days}"
