"""The chance of each lead by its vendor's trained score: judged as it comes and when it changes.

A model's card is read once per process; where none is in use, or one cannot be read, the points stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    and_,
    case,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.leads.intake import company_of
from tcma.leads.models import Lead, LeadChance, ScoreModel
from tcma.leads.trained.single import Card, card_of, judge
from tcma.library.models import Campaign
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.permissions import Permission, Principal
from tcma.words import read_back, say

log = structlog.get_logger(__name__)
MOST_CARDS = 64
_cards: dict[UUID, Card] = {}
Facts = Mapping[str, object]
WEEKDAYS: Final = (
    say("Monday"), say("Tuesday"), say("Wednesday"), say("Thursday"), say("Friday"),
    say("Saturday"), say("Sunday"),
)  # fmt: skip
OWN: Final = (
    say("Country"), say("Postcode area"), say("Campaign"), say("Partner page"), say("Company"),
    say("Phone"), say("Address"), say("Came by"),
)  # fmt: skip
"""Facts every lead has; their names are said in the reader's language, answers stay as given."""
OWN_VALUES: Final = {
    "named": say("named"),
    "not named": say("not named"),
    "left": say("a number was left"),
    "not left": say("no number was left"),
    "of a company": say("of a company"),
    "of a mail provider": say("of a mail provider"),
    "a mail": say("a mail"),
    "the page": say("the page"),
    "none": say("no partner’s page"),
}


@dataclass(frozen=True, slots=True)
class Chance:
    """What the trained score says of one lead: of a hundred like it, how many are won."""

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


def judged(work: Work, lead: Lead) -> bool:
    """Give a lead its chance by the model in use; False when points must do."""
    model_id = _in_use(work.session, lead.vendor_id)
    if model_id is None:
        return False
    try:
        card = _card(work.session, model_id)
    except (KeyError, TypeError, ValueError):
        log.exception("chance.unreadable", model=str(model_id))
        return False
    campaign, source = work.session.execute(
        select(Campaign.slug, Partner.slug)
        .select_from(Campaign)
        .outerjoin(Partner, Partner.id == lead.source_partner_id)
        .where(Campaign.id == lead.campaign_id)
    ).one()
    facts = facts_of(lead, campaign=campaign, source=source or "none")
    keep(work, model_id, card, [(lead.id, facts)])
    return True


def keep(work: Work, model_id: UUID, card: Card, leads: Sequence[tuple[UUID, Facts]]) -> None:
    """Judge leads by a card and keep what it says, in one statement."""
    if not leads:
        return
    rows = []
    for lead_id, facts in leads:
        said = judge(card, facts)
        rows.append({"lead_id": lead_id, "model_id": model_id, "at": work.now,
                     "per_mille": round(said.chance * 1000), "reasons": list(said.reasons)})  # fmt: skip
    row = insert(LeadChance)
    fresh = {name: row.excluded[name] for name in ("model_id", "per_mille", "reasons", "at")}
    work.session.execute(row.on_conflict_do_update(index_elements=["lead_id"], set_=fresh), rows)


def newest_model(vendor_id: UUID | InstrumentedAttribute[UUID]) -> Select[ScoreModel]:
    """Select a vendor's newest model, which is in use if it is shown."""
    of_vendor = select(ScoreModel).where(ScoreModel.vendor_id == vendor_id)
    return of_vendor.order_by(ScoreModel.no.desc()).limit(1)


def _in_use(session: Session, vendor_id: UUID) -> UUID | None:
    newest = newest_model(vendor_id).with_only_columns(ScoreModel.id, ScoreModel.shown)
    row = session.execute(newest).first()
    return row.id if row and row.shown else None


def _card(session: Session, model_id: UUID) -> Card:
    """Return a model's card, read once per process: models never change."""
    if model_id not in _cards:
        if len(_cards) >= MOST_CARDS:
            _cards.clear()
        _cards[model_id] = card_of(
            session.scalars(select(ScoreModel.table).where(ScoreModel.id == model_id)).one()
        )
    return _cards[model_id]


def shown_to(principal: Principal | None) -> ColumnElement[int | None]:
    """Return a lead's chance in thousandths for a query that knows `Lead` and joins `LeadChance`: NULL
    while no model is in use, and for partners whose vendor keeps it to itself.
    """
    newest = newest_model(Lead.vendor_id).with_only_columns(ScoreModel.shown).correlate(Lead)
    told = select(Vendor.shows_chance).where(Vendor.id == Lead.vendor_id).correlate(Lead)
    allowed = told.scalar_subquery() if principal and principal.partner_id else true()
    return case((and_(newest.scalar_subquery(), allowed), LeadChance.per_mille))


def chance_of(session: Session, lead_id: UUID, principal: Principal | None = None) -> Chance | None:
    """Return a lead's chance with its reasons, if `principal` may see it; None when there is none."""
    row = session.execute(
        select(shown_to(principal).label("per_mille"), LeadChance.reasons)
        .select_from(Lead)
        .join(LeadChance, LeadChance.lead_id == Lead.id)
        .where(Lead.id == lead_id)
    ).first()
    if row is None or row.per_mille is None:
        return None
    return Chance(percent_of(row.per_mille), tuple(reason_words(each) for each in row.reasons))


def chances_of(session: Session, vendor_id: UUID, lead_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return by lead its chance of a hundred, as rules for routing ask for it."""
    newest = newest_model(vendor_id).with_only_columns(ScoreModel.shown).scalar_subquery()
    these = func.any(literal(list(lead_ids), ARRAY(Uuid())))
    rows = session.execute(
        select(LeadChance.lead_id, LeadChance.per_mille).where(LeadChance.lead_id == these, newest)
    )
    return {row.lead_id: percent_of(row.per_mille) for row in rows}


def percent_of(per_mille: int) -> int:
    """Return a chance of a hundred."""
    return round(per_mille / 10)


def judges(session: Session, principal: Principal) -> bool:
    """Say whether lists of a principal have a chance to show: a model is in use, and may be seen."""
    if principal.vendor_id:
        return _in_use(session, principal.vendor_id) is not None
    vendors = select(Vendor.id).where(
        Vendor.shows_chance,
        Vendor.id.in_(
            select(Enrolment.vendor_id).where(Enrolment.partner_id == principal.partner_id)
        ),
    )
    return any(_in_use(session, each) is not None for each in session.scalars(vendors))


def is_shared(session: Session, principal: Principal) -> bool:
    """Say whether a vendor's partners see the chance of their leads."""
    vendor_id = found(principal.vendor_id)
    return bool(session.scalar(select(Vendor.shows_chance).where(Vendor.id == vendor_id)))


def share(work: Work, *, shown: bool) -> None:
    """Show a vendor's partners the chance of their leads, or keep it at the desk."""
    work.require(Permission.LEAD_ASSIGN)
    vendor_id = found(work.principal.vendor_id)
    work.session.execute(update(Vendor).where(Vendor.id == vendor_id).values(shows_chance=shown))
    verb = "showed partners the chance" if shown else "hid the chance from partners"
    work.audit(verb, "vendor", vendor_id, vendor_id=vendor_id)


def reason_words(kept: Any) -> str:
    """Return one reason as a sentence; a text of an older model as it stands."""
    if not isinstance(kept, dict):
        return str(kept)
    own = kept["name"] in OWN
    name, value = read_back(kept["name"]) if own else kept["name"], _value(kept, own=own)
    if kept["for"]:
        return say("{name} {value} speaks for it", name=name, value=value)
    return say("{name} {value} speaks against it", name=name, value=value)


def _value(kept: Mapping[str, Any], *, own: bool) -> str:
    match kept["is"]:
        case "said":
            text = kept["text"]
            return say("“{value}”", value=OWN_VALUES.get(text, text) if own else text)
        case "rare":
            return say("that is rare")
        case "weekday":
            return say("on a {weekday}", weekday=WEEKDAYS[kept["day"]])
        case "span":
            return _span(kept["low"], kept["high"])
        case _:
            return say("left empty")


def _span(low: float | None, high: float | None) -> str:
    if low is None:
        return say("up to {n}", n=f"{high:g}")
    return (
        say("over {n}", n=f"{low:g}")
        if high is None
        else say("{low} to {high}", low=f"{low:g}", high=f"{high:g}")
    )
