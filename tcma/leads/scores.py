"""The trained score of a vendor's own leads: learnt at night, kept as rows, shown when it is better."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.leads.deciding import company_of
from tcma.leads.models import Lead, LeadChance, ScoreModel
from tcma.leads.rules import NO_LEAD, OPEN_LEAD, LeadState
from tcma.leads.scoring import score
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


@dataclass(frozen=True, slots=True)
class Chance:
    """What the trained score says of one lead."""

    percent: int
    reasons: tuple[str, ...]


def facts_of(lead: Lead, *, campaign: str, source: str) -> dict[str, object]:
    """Return what was known of a lead when it came, and nothing that came later."""
    facts: dict[str, object] = {
        "Country": lead.country,
        "Postcode area": "".join(c for c in lead.postcode[:2] if c.isalpha()) or lead.postcode[:2],
        "Campaign": campaign,
        "Partner page": source,
        "Company": "named" if lead.company else "not named",
        "Phone": "left" if lead.phone else "not left",
        "Address": "of a company" if company_of(lead.address) else "of a mail provider",
        "Came by": "a mail" if lead.message_id else "the page",
    }
    return facts | {question: str(answer) for question, answer in lead.answers.items()}


def points_of(lead: Lead) -> int:
    """Return the points by rule that a lead had when it came: clicks came later."""
    answers = {k: str(v) for k, v in lead.answers.items()}
    return score(company=lead.company, phone=lead.phone, answers=answers).points


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


def learn(work: Work, vendor_id: UUID) -> int | None:
    """Learn from a vendor's closed leads and keep the model; None when there are too few."""
    import numpy as np

    from tcma.leads.trained.table import table_of
    from tcma.leads.trained.training import enough, train

    if not enough(*counts(work.session, vendor_id)):
        return None
    rows = _leads(work.session, vendor_id, CLOSED, limit=MOST_LEARNT)
    table = table_of(_even([facts for _, facts in rows]))
    y = np.array([float(lead.state == LeadState.WON) for lead, _ in rows])
    points = np.array([float(points_of(lead)) for lead, _ in rows])
    order = np.array([lead.created_at.timestamp() for lead, _ in rows])
    trained = train(table, y, points, order)
    newest = select(func.max(ScoreModel.no)).where(ScoreModel.vendor_id == vendor_id)
    no = (work.session.scalar(newest) or 0) + 1
    model = ScoreModel(
        vendor_id=vendor_id,
        no=no,
        shown=trained.shown,
        card=trained.card,
        table=trained.scorecard.as_json(),
        made_at=work.now,
    )
    work.session.add(model)
    work.session.flush()  # the chances name it
    work.audit("trained a score", "score_model", model.id, vendor_id=vendor_id, shown=trained.shown)
    if trained.shown:
        judge_open(work, model)
    return no


def judge_open(work: Work, model: ScoreModel) -> int:
    """Give every open lead of a vendor its chance by a model, with what spoke for and against."""
    from tcma.leads.trained.scorecard import from_json
    from tcma.leads.trained.table import table_of

    rows = _leads(work.session, model.vendor_id, OPEN_LEAD, limit=MOST_LEARNT)
    if not rows:
        return 0
    card = from_json(model.table)
    names = [one.name for one in card.plan]
    table = table_of([{n: facts.get(n, "") for n in names} for _, facts in rows])
    chances, reasons = card.chances(table), card.reasons(table)
    for (lead, _), chance, words in zip(rows, chances.tolist(), reasons, strict=True):
        kept = {
            "model_id": model.id,
            "per_mille": round(chance * 1000),
            "reasons": words,
            "at": work.now,
        }
        row = insert(LeadChance).values(lead_id=lead.id, **kept)
        work.session.execute(row.on_conflict_do_update(index_elements=["lead_id"], set_=kept))
    return len(rows)


def standing(session: Session, principal: Principal, *, now: datetime) -> Standing:
    """Return what a vendor's people see of its score."""
    vendor_id = found(principal.vendor_id)
    closed, won = counts(session, vendor_id)
    row = newest_model(session, vendor_id)
    if row is None:
        return Standing(closed, won, None)
    model = Model(row.no, row.shown, row.card, row.made_at)
    return Standing(closed, won, model, _drift(session, row, now))


def newest_model(session: Session, vendor_id: UUID) -> ScoreModel | None:
    """Return the newest model of a vendor."""
    return session.scalar(
        select(ScoreModel)
        .where(ScoreModel.vendor_id == vendor_id)
        .order_by(ScoreModel.no.desc())
        .limit(1)
    )


def chance_of(session: Session, lead_id: UUID) -> Chance | None:
    """Return a lead's chance, as long as the newest model of its vendor may be shown."""
    row = session.execute(
        select(LeadChance, ScoreModel.vendor_id, ScoreModel.id)
        .join(ScoreModel, ScoreModel.id == LeadChance.model_id)
        .where(LeadChance.lead_id == lead_id)
    ).first()
    if row is None:
        return None
    newest = newest_model(session, row.vendor_id)
    if newest is None or not newest.shown:
        return None
    kept = row.LeadChance
    return Chance(round(kept.per_mille / 10), tuple(kept.reasons))


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
