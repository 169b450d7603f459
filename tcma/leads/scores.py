"""The trained score of a vendor's own leads: learnt at night, kept as rows, shown when it is better."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.alone import is_alone
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.leads import ripening
from tcma.leads.chances import facts_of, keep, newest_model
from tcma.leads.models import Lead, ScoreModel
from tcma.leads.points import known_of, points_in_force
from tcma.leads.rules import NO_LEAD, OPEN_LEAD, LeadState
from tcma.leads.scoring.adding import score
from tcma.leads.trained.single import card_of
from tcma.library.models import Campaign
from tcma.partners.models import Partner
from tcma.permissions import Principal

AGAIN_AFTER = timedelta(hours=20)
LATELY = timedelta(days=30)
MOST_LEARNT = 50_000
CLOSED = (LeadState.WON, LeadState.LOST)
A_LEAD = func.coalesce(Lead.loss_reason, "").not_in(list(NO_LEAD))
"""What the desk closed as spam or as the same request again teaches nothing."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model as its page shows it."""

    no: int
    shown: bool
    card: dict[str, Any]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a vendor is: closed leads, the newest model, and how the newest leads differ."""

    closed: int
    won: int
    model: Model | None
    drift: list[tuple[str, float]] = field(default_factory=list)


def counts(session: Session, vendor_id: UUID) -> tuple[int, int]:
    """Return how many leads of a vendor are closed, and how many of them were won."""
    won = func.count().filter(Lead.state == LeadState.WON)
    row = session.execute(
        select(func.count(), won).where(Lead.vendor_id == vendor_id, Lead.state.in_(CLOSED), A_LEAD)
    ).one()
    return row[0], row[1]


def vendors_due(session: Session, *, now: datetime) -> Sequence[UUID]:
    """Return vendors that have closed leads and no model of today."""
    fresh = select(ScoreModel.vendor_id).where(ScoreModel.made_at > now - AGAIN_AFTER)
    return session.scalars(
        select(Lead.vendor_id)
        .where(Lead.state.in_(CLOSED), Lead.vendor_id.not_in(fresh))
        .group_by(Lead.vendor_id)
        .order_by(Lead.vendor_id)
    ).all()


def learn_once(work: Work, vendor_id: UUID) -> int | None:
    """Learn as `learn`, unless another worker does or did since the vendor was found due."""
    mine = is_alone(work, f"learn {vendor_id}")
    due = mine and vendor_id in vendors_due(work.session, now=work.now)
    return learn(work, vendor_id) if due else None


def learn(work: Work, vendor_id: UUID) -> int | None:
    """Learn from a vendor's closed leads and keep the model; None when there are too few.

    Leads that nobody took are routed where a rule may take them for their chance by it.
    """
    import numpy as np

    from tcma.leads.trained.table import table_of
    from tcma.leads.trained.training import enough, train

    if not enough(*counts(work.session, vendor_id)):
        return None
    rows = _leads(work.session, vendor_id, CLOSED, limit=MOST_LEARNT)
    table = table_of(_even([facts for _, facts in rows]))
    y = np.array([float(lead.state == LeadState.WON) for lead, _ in rows])
    rules = points_in_force(work.session, vendor_id, work.now).points
    known = [known_of(lead, campaign=str(facts["Campaign"])) for lead, facts in rows]
    points = np.array([float(score(rules, one).points) for one in known])
    order = np.array([lead.created_at.timestamp() for lead, _ in rows])
    trained = train(table, y, points, order)
    newest = newest_model(vendor_id).with_only_columns(ScoreModel.no)
    no = (work.session.scalar(newest) or 0) + 1
    model = ScoreModel(
        vendor_id=vendor_id,
        no=no,
        shown=trained.shown,
        card=trained.card,
        table=trained.scorecard.as_json(),
        made_at=work.now,
    )
    with ripening.watched(work, _unassigned(work.session, vendor_id)):
        work.session.add(model)
        work.session.flush()  # the chances name it
        if trained.shown:
            judge_open(work, model)
    work.audit("trained a score", "score_model", model.id, vendor_id=vendor_id, shown=trained.shown)
    return no


def _unassigned(session: Session, vendor_id: UUID) -> Sequence[Lead]:
    query = select(Lead).where(Lead.vendor_id == vendor_id, Lead.state == LeadState.UNASSIGNED)
    return session.scalars(query.order_by(Lead.id.desc()).limit(MOST_LEARNT)).all()


def judge_open(work: Work, model: ScoreModel) -> int:
    """Give every open lead of a vendor its chance by a model, with what spoke for and against."""
    states = (*OPEN_LEAD, LeadState.OPPORTUNITY)
    rows = _leads(work.session, model.vendor_id, states, limit=MOST_LEARNT)
    keep(work, model.id, card_of(model.table), [(lead.id, facts) for lead, facts in rows])
    return len(rows)


def standing(session: Session, principal: Principal, *, now: datetime) -> Standing:
    """Return what a vendor's people see of its score."""
    vendor_id = found(principal.vendor_id)
    closed, won = counts(session, vendor_id)
    row = session.scalar(newest_model(vendor_id))
    if row is None:
        return Standing(closed, won, None)
    model = Model(row.no, row.shown, row.card, row.made_at)
    return Standing(closed, won, model, _drift(session, row, now))


def _drift(session: Session, model: ScoreModel, now: datetime) -> list[tuple[str, float]]:
    from tcma.leads.trained.scorecard import from_json
    from tcma.leads.trained.table import table_of
    from tcma.leads.trained.training import drifts

    plan = from_json(model.table).plan
    rows = _leads(session, model.vendor_id, None, limit=2_000, since=now - LATELY)
    if len(rows) < 20:
        return []
    names = [one.name for one in plan]
    table = table_of([{n: facts.get(n, "") for n in names} for _, facts in rows])
    return drifts(model.card, plan, table)


def _leads(
    session: Session,
    vendor_id: UUID,
    states: Sequence[LeadState] | None,
    *,
    limit: int,
    since: datetime | None = None,
) -> list[tuple[Lead, dict[str, object]]]:
    query = (
        select(Lead, Campaign.slug, Partner.slug)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .outerjoin(Partner, Partner.id == Lead.source_partner_id)
        .where(Lead.vendor_id == vendor_id)
        .order_by(Lead.id.desc())
        .limit(limit)
    )
    if states is not None:
        query = query.where(Lead.state.in_(states), A_LEAD)
    if since is not None:
        query = query.where(Lead.created_at > since)
    return [
        (lead, facts_of(lead, campaign=campaign, source=source or "none"))
        for lead, campaign, source in session.execute(query)
    ]


def _even(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name, "") for name in names} for row in rows]
