"""What may be asked of a fund, how its row keeps it, and how it reads."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.mdf.funds import reducing
from tcma.mdf.funds.reducing import Facts
from tcma.mdf.models.changes import FundChange
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.partners.models import Partner

WAS = "was"
"""Where a body keeps what stood when it was asked; only what differs from it is changed."""


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


def as_body(change: Change, budget: FundBudget) -> dict[str, Any]:
    """Return a change as its row keeps it; of name and days with those that stood."""
    body = {
        "act": change.act,
        "partner": change.partner_id,
        "minor": change.amount.minor if change.amount is not None else None,
        "into": change.into,
        "until": change.until,
    }
    kept: dict[str, Any] = {
        name: value if isinstance(value, int) else str(value)
        for name, value in body.items()
        if value is not None
    }
    if change.facts:
        kept |= _facts_body(change.facts)
        kept[WAS] = _facts_body(reducing.facts_of(budget))
    return kept


def _facts_body(facts: Facts) -> dict[str, str]:
    return {
        "name": facts.name.strip(),
        "starts_on": facts.starts_on.isoformat(),
        "ends_on": facts.ends_on.isoformat(),
    }


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Say whether two bodies ask for the same, whatever stood when they did."""
    return {**one, WAS: None} == {**other, WAS: None}


def as_change(row: FundChange, budget: FundBudget) -> Change:
    """Return what a row asks for now: a name or day that it did not change is as it is today."""
    body = row.body
    facts = None
    if "ends_on" in body:
        now, was = _facts_body(reducing.facts_of(budget)), body.get(WAS, {})
        it = {name: body[name] if body[name] != was.get(name) else now[name] for name in now}
        days = date.fromisoformat(it["starts_on"]), date.fromisoformat(it["ends_on"])
        facts = Facts(name=it["name"], starts_on=days[0], ends_on=days[1])
    return Change(
        act=Act(row.act),
        reason=row.reason,
        partner_id=UUID(body["partner"]) if "partner" in body else None,
        amount=Money(body["minor"], budget.currency) if "minor" in body else None,
        into=UUID(body["into"]) if "into" in body else None,
        until=date.fromisoformat(body["until"]) if "until" in body else None,
        facts=facts,
    )


def words_of(session: Session, row: FundChange, budget: FundBudget) -> str:
    """Return what a change is, in one sentence."""
    change = as_change(row, budget)
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
            return _facts_words(found(change.facts), reducing.facts_of(budget))


def _facts_words(facts: Facts, was: Facts) -> str:
    parts = []
    if facts.name != was.name:
        parts.append(f"call it “{facts.name}”")
    if (facts.starts_on, facts.ends_on) != (was.starts_on, was.ends_on):
        parts.append(
            f"let it run from {spoken_day(facts.starts_on)} to {spoken_day(facts.ends_on)}"
        )
    said = " and ".join(parts) or "leave name and days as they are"
    return said[:1].upper() + said[1:]
