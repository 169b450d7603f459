"""Leads as pages show them: plain records."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tcma.leads.rules import LeadState, OfferState, Stage
from tcma.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow:
    """A line of a list of leads. `answer_by` stands while an offer is open, `with_name` is who works
    on it at its partner, empty while everybody may; `asked` counts the partners who are asked at once;
    `chance` is that of the trained score, of a hundred, None for who may not see it.
    `moved_at` is when it was last offered, answered or touched, `since` from when somebody waits.
    """

    id: UUID
    ref: str
    state: LeadState
    company: str
    person: str
    place: str
    campaign: str
    vendor: str
    partner: str
    score: int
    created_at: datetime
    moved_at: datetime
    since: datetime
    answer_by: datetime | None
    reason: str
    with_name: str = ""
    asked: int = 0
    chance: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One offer of a lead, with its trace."""

    id: UUID
    epoch: int
    partner_id: UUID
    partner: str
    state: OfferState
    reason: str
    trace: dict[str, Any]
    offered_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    answered_by: str | None
    decline_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the person agreed to, when and where; `waits` until they confirm it, where they must."""

    text: str
    version: str
    given: bool
    page_url: str
    at: datetime
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchRow:
    """What a seller recorded."""

    kind: str
    note: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityRow:
    """A line of the pipeline. `lead_ref` is empty when a seller registered it without a lead; `holds`
    says whether the principal works on it, or has another part in it.
    """

    id: UUID

    ref: str
    name: str
    state: str
    stage: Stage
    worth: Money
    closes_on: date | None
    lead_ref: str
    company: str
    partner: str
    campaign: str
    created_at: datetime
    registered_by: str = ""
    loss_reason: str | None = None
    holds: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadView:
    """One lead whole. Personal fields are `HIDDEN` while `masked`; a partner's view has its own turns,
    and how many others were asked before it, and beside it. `points` is what its score came from.
    """

    row: LeadRow
    masked: bool
    holds: bool
    offer_id: UUID | None
    first_name: str
    last_name: str
    address: str
    phone: str
    answers: dict[str, str]
    contact_id: int | None
    vendor_id: UUID
    vendor_slug: str
    currency: str
    turns: tuple[Turn, ...]
    asked_before: int
    asked_beside: int
    consent: Consent | None
    touches: tuple[TouchRow, ...]
    history: tuple[tuple[datetime, str, str], ...]
    opportunity: OpportunityRow | None
    points: dict[str, Any]
