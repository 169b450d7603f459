"""Changes of a fund under a key of their own: done at once, or when a second person confirms them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.mdf import letters
from tcma.mdf.funds import confirming, ending, reducing
from tcma.mdf.funds.changes import Act, Change, as_body, as_change, same, words_of
from tcma.mdf.funds.leave import Leave
from tcma.mdf.funds.opening import still_open
from tcma.mdf.models.changes import FundChange
from tcma.mdf.models.funding import FundAllocation, FundBudget
from tcma.mdf.queries import fund_by_ref, own
from tcma.permissions import Permission, Principal


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
    body = as_body(change, budget)
    stood = work.session.get(FundChange, key, populate_existing=True)
    if stood is not None:
        if (stood.budget_id, stood.reason) != (budget.id, change.reason.strip()) or not same(
            stood.body, body
        ):
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
        confirming.tell(work, row, budget)
    else:
        _do(work, budget, change, Leave(reason=row.reason, asked_by=row.asked_by))
    return row


def takes_two(work: Work, budget: FundBudget, change: Change) -> bool:
    """Say whether a second person confirms a change."""
    if change.act is Act.EDIT:
        return reducing.moves_days(budget, found(change.facts))
    return change.act in {Act.TAKE_BACK, Act.REDUCE, Act.CLOSE} or bool(
        confirming.wanted(work.session, budget, change.act, work.now)
    )


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
    # A name or day that a colleague changes at this moment is not taken back by this one.
    work.session.refresh(budget, with_for_update={"key_share": True})
    said = words_of(work.session, row, budget)
    _do(work, budget, as_change(row, budget), Leave(reason=row.reason, asked_by=row.asked_by))
    row.state, row.decided_by, row.decided_at = "done", work.principal.user_id, work.now
    letters.fund_change_answered(work, budget, row, said)


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
    if row.asked_by != work.principal.user_id:
        letters.fund_change_answered(work, budget, row, words)


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


def change_of(session: Session, principal: Principal, fund_ref: str, change_id: UUID) -> FundChange:
    """Return a change of one of the vendor's funds; else NotFound."""
    budget = fund_by_ref(session, principal, fund_ref)
    one = select(FundChange).where(FundChange.id == change_id, FundChange.budget_id == budget.id)
    row: FundChange | None = session.scalars(one).one_or_none()
    return found(row)
