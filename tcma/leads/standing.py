"""How a vendor's partners stand while a batch of leads is decided: read once under the vendor's
lock, then moved on by each decision, so that every trace tells the state its own lead met.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.leads.at_hand import candidates_of
from tcma.leads.deciding import RulesInForce, areas_of, rules_in_force
from tcma.leads.models import RoutingMember
from tcma.leads.routing.choosing import Choice, choose
from tcma.leads.routing.facts import Area, Candidate, Request
from tcma.leads.routing.trying import kept
from tcma.leads.turns import lock_rounds


@dataclass(slots=True)
class Standing:
    """The rules in force, the territories, and each partner as it stands after what was decided."""

    vendor_id: UUID
    rules: RulesInForce
    areas: list[Area]
    candidates: dict[UUID, Candidate]
    credits: dict[UUID, dict[str, int]]
    moved: dict[str, dict[UUID, int]]

    def decide(self, request: Request, turns: Mapping[UUID, str]) -> Choice:
        """Choose for one lead; whoever is in `turns` had it before. Nothing moves before `give`."""
        ready = self.candidates
        if turns:
            ready = {each: _barred(c, turns.get(each)) for each, c in ready.items()}
        choice = choose(request, self.areas, list(ready.values()), self.rules.rules)
        trace = kept(choice, request, self.areas, ready)
        return replace(choice, trace=trace | {"version": self.rules.no})

    def give(self, choice: Choice, partner_id: UUID) -> None:
        """Move the standing on by a choice whose lead is offered to a partner."""
        for each, amount in choice.credits.items():
            self.credits[each][choice.pool] = amount  # what the candidate looks at
        self.moved.setdefault(choice.pool, {}).update(choice.credits)
        one = self.candidates[partner_id]
        self.candidates[partner_id] = replace(
            one, open_leads=one.open_leads + 1, today=one.today + 1, lately=one.lately + 1
        )

    def keep(self, session: Session) -> None:
        """Store the credits that moved, in one statement."""
        rows = [
            {"vendor_id": self.vendor_id, "pool": pool, "partner_id": partner_id, "credit": amount}
            for pool, amounts in sorted(self.moved.items())
            for partner_id, amount in sorted(amounts.items())
        ]
        if not rows:
            return
        row = insert(RoutingMember).values(rows)
        session.execute(
            row.on_conflict_do_update(
                index_elements=["vendor_id", "pool", "partner_id"],
                set_={"credit": row.excluded.credit},
            )
        )


def standing_of(session: Session, vendor_id: UUID, *, now: datetime) -> Standing:
    """Return the standing of a vendor's partners; until the transaction ends nobody else has it.

    One router per vendor at a time: a pool's first credits have no rows that could be locked.
    """
    lock_rounds(session, vendor_id)
    rules = rules_in_force(session, vendor_id, now)
    candidates = candidates_of(session, vendor_id, now=now, rules=rules.rules, hold=True)
    credit = {c.partner_id: dict(c.credits) for c in candidates}
    return Standing(
        vendor_id,
        rules,
        areas_of(session, vendor_id),
        {c.partner_id: replace(c, credits=credit[c.partner_id]) for c in candidates},
        credit,
        {},
    )


def _barred(one: Candidate, turn: str | None) -> Candidate:
    if one.barred or not turn:
        return one
    return replace(one, barred=f"had its turn ({turn.replace('_', ' ')})")
