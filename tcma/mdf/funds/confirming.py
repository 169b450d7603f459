"""Who may confirm a change of a fund, who is told, and which changes wait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.db.work import Work
from tcma.mdf import letters
from tcma.mdf.funds import ending
from tcma.mdf.funds.changes import Act, as_change, words_of
from tcma.mdf.funds.leave import hindered, people_with
from tcma.mdf.judging.deciding import rules_today
from tcma.mdf.models.changes import FundChange
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.queries import belongs_to, names_of
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Permission, Principal

WAITS = "waits"


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change that waits; `blocked` says why this person cannot confirm it, and who can."""

    id: UUID
    act: Act
    words: str
    reason: str
    asked_by: str
    asked_at: datetime
    amount: Money | None
    fund_ref: str
    fund_name: str
    partner: str
    mine: bool
    blocked: str


def wanted(session: Session, budget: FundBudget, act: str, now: datetime) -> Sequence[str]:
    """Return whose word a change takes by the programme; empty for everybody who manages funds."""
    rules = rules_today(session, budget, now).fund
    if act == Act.EXTEND:
        return ending.extenders(rules)
    return ending.carriers(rules) if act == Act.CARRY_OVER else ()


def who_may(session: Session, row: FundChange, budget: FundBudget, now: datetime) -> set[UUID]:
    """Return the people who may confirm a change: not who asked, nobody of the partner it is about."""
    titles = wanted(session, budget, row.act, now)
    people = people_with(session, budget.vendor_id, Permission.BUDGET_MANAGE, titles)
    about = as_change(row, budget).partner_id
    others = people - {row.asked_by}
    return {each for each in others if not (about and belongs_to(session, each, about))}


def tell(work: Work, row: FundChange, budget: FundBudget) -> None:
    """Write to whoever may confirm a change that it waits for them."""
    said = words_of(work.session, row, budget)
    people = who_may(work.session, row, budget, work.now)
    letters.fund_change_asked(work, budget, row, said, people)


def waiting(work: Work, budget: FundBudget) -> list[ChangeLine]:
    """Return the changes of a fund that wait for a second person, oldest first."""
    rows = work.session.scalars(
        select(FundChange)
        .where(FundChange.budget_id == budget.id, FundChange.state == WAITS)
        .order_by(FundChange.asked_at, FundChange.id)
    ).all()
    return _lines(work.session, work.principal, [(row, budget) for row in rows], work.now)


def waiting_for(session: Session, principal: Principal, *, now: datetime) -> list[ChangeLine]:
    """Return the changes of all funds that somebody else asked for and this person manages."""
    if not principal.may(Permission.BUDGET_MANAGE):
        return []
    rows = select(FundChange, FundBudget).join(FundBudget, FundBudget.id == FundChange.budget_id)
    rows = rows.where(FundChange.state == WAITS, FundChange.asked_by != principal.user_id)
    rows = rows.order_by(FundChange.asked_at, FundChange.id)
    found = session.execute(visible(rows, principal, FundChange)).all()
    return _lines(session, principal, [(row, budget) for row, budget in found], now)


def _lines(
    session: Session,
    principal: Principal,
    rows: Iterable[tuple[FundChange, FundBudget]],
    now: datetime,
) -> list[ChangeLine]:
    return [_line(session, principal, row, budget, now=now) for row, budget in rows]


def _line(
    session: Session, principal: Principal, row: FundChange, budget: FundBudget, *, now: datetime
) -> ChangeLine:
    change = as_change(row, budget)
    people = who_may(session, row, budget, now)
    names = names_of(session, row.asked_by, *people)
    blocked = ""
    if principal.user_id not in people:
        roles = wanted(session, budget, row.act, now)
        why = hindered(principal, row.asked_by, roles, two=True)
        others = sorted(names[each] for each in people)
        can = f"{_either(others)} can." if others else "Nobody else may yet."
        blocked = f"{why or 'You belong to this partner, so another person decides.'} {can}"
    return ChangeLine(
        id=row.id,
        act=Act(row.act),
        words=words_of(session, row, budget),
        reason=row.reason,
        asked_by=names[row.asked_by],
        asked_at=row.asked_at,
        amount=change.amount,
        fund_ref=budget.ref,
        fund_name=budget.name,
        partner=session.get_one(Partner, change.partner_id).name if change.partner_id else "",
        mine=row.asked_by == principal.user_id,
        blocked=blocked,
    )


def _either(names: Sequence[str]) -> str:
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
