"""Reads of CRMs: the connections of one side, how leads stand in them, the rows of a sheet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tcma.crm.models import CrmConnection, CrmLink
from tcma.crm.rules import (
    KEY_FIELD,
    SYSTEM_WORDS,
    ConnectionState,
    Fields,
    LinkState,
    System,
    fields_of,
    told_stage,
)
from tcma.db.scope import found, visible
from tcma.leads.deal_papers import papers_of
from tcma.leads.handing_over import address_of, deal_facts, lead_facts, with_files
from tcma.leads.models import Lead, Opportunity
from tcma.leads.rules import HELD
from tcma.library.models import Campaign
from tcma.partners.models import Partner
from tcma.permissions import Principal
from tcma.ports import CrmKind
from tcma.spreadsheet import csv_row

MOST_SHOWN = 100
_OF_LINK = or_(Opportunity.lead_id == CrmLink.lead_id, Opportunity.id == CrmLink.opportunity_id)
_COMPANY = func.coalesce(func.nullif(Opportunity.company, ""), Lead.company).label("company")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionView:
    """A connection as its owners see it; its key is never read for a page."""

    ref: str
    system: System
    url: str
    state: ConnectionState
    fields: Fields
    with_leads: bool
    said: str
    remedy: str
    failing_since: datetime | None
    rests_until: datetime | None
    made_by: str
    made_at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what it is, in words."""
        return SYSTEM_WORDS[self.system]

    @property
    def is_sheet(self) -> bool:
        """Say whether it is carried by hand."""
        return self.system is System.SHEET

    def counted(self, state: str) -> int:
        """Return how many leads stand so."""
        return self.counts.get(state, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """How one lead stands in a CRM."""

    id: UUID
    lead_ref: str
    company: str
    deal_ref: str
    deal: str
    state: LinkState
    said: str
    remedy: str
    owner: str
    due_at: datetime | None
    even_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How an opportunity stands in one CRM: for its own page."""

    system: str
    state: LinkState
    owner: str
    even_at: datetime | None


def connections(session: Session, principal: Principal) -> list[ConnectionView]:
    """Return a side's connections, those in use first, then the newest."""
    over = (CrmConnection.state == ConnectionState.ENDED).label("over")
    query = visible(select(CrmConnection), principal, CrmConnection)
    rows = session.scalars(query.order_by(over, CrmConnection.id.desc())).all()
    counts = _counts(session, [row.id for row in rows])
    return [_view(row, counts.get(row.id, {})) for row in rows]


def connection(session: Session, principal: Principal, ref: str) -> ConnectionView:
    """Return one connection; NotFound when it is somebody else's."""
    query = visible(select(CrmConnection), principal, CrmConnection)
    row = found(session.scalar(query.where(CrmConnection.ref == ref)))
    return _view(row, _counts(session, [row.id]).get(row.id, {}))


def links(session: Session, principal: Principal, ref: str) -> list[LinkRow]:
    """Return how leads stand in a connection: refused first, then those that wait, then the newest."""
    query = (
        visible(
            select(CrmLink, Lead.ref.label("lead_ref"), _COMPANY,
                   Opportunity.ref.label("deal_ref"), Opportunity.name.label("deal")),
            principal, CrmConnection,
        )
        .join(CrmConnection, CrmConnection.id == CrmLink.connection_id)
        .outerjoin(Lead, Lead.id == CrmLink.lead_id)
        .outerjoin(Opportunity, _OF_LINK)
        .where(CrmConnection.ref == ref)
        .order_by(CrmLink.state.desc(), CrmLink.id.desc())
        .limit(MOST_SHOWN)
    )  # fmt: skip
    order = {LinkState.REFUSED: 0, LinkState.WAITING: 1, LinkState.EVEN: 2}
    rows = [
        LinkRow(
            id=row.CrmLink.id,
            lead_ref=row.lead_ref or "",
            company=row.company or "Somebody",
            deal_ref=row.deal_ref or "",
            deal=row.deal or "",
            state=LinkState(row.CrmLink.state),
            said=row.CrmLink.said,
            remedy=row.CrmLink.remedy,
            owner=row.CrmLink.owner,
            due_at=row.CrmLink.due_at,
            even_at=row.CrmLink.even_at,
        )
        for row in session.execute(query)
    ]
    return sorted(rows, key=lambda row: order[row.state])


def standings(session: Session, principal: Principal, deal_ref: str) -> list[Standing]:
    """Return how an opportunity stands in each CRM of the principal's own side."""
    query = (
        visible(select(CrmConnection.system, CrmLink), principal, CrmConnection)
        .join(CrmLink, CrmLink.connection_id == CrmConnection.id)
        .join(Opportunity, _OF_LINK)
        .where(Opportunity.ref == deal_ref, CrmConnection.state != ConnectionState.ENDED)
        .order_by(CrmConnection.id)
    )
    return [
        Standing(
            SYSTEM_WORDS[System(row.system)],
            LinkState(row.CrmLink.state),
            row.CrmLink.owner,
            row.CrmLink.even_at,
        )
        for row in session.execute(query)
    ]


def sheet(
    session: Session, principal: Principal, ref: str, kind: CrmKind, *, public_url: str
) -> Iterator[bytes]:
    """Yield the rows of a side's leads or opportunities with the columns of a connection."""
    one = connection(session, principal, ref)
    side = one.fields.deal if kind is CrmKind.DEAL else one.fields.lead
    places = {name: each for name, each in side.items() if each.field}
    yield csv_row([KEY_FIELD, *(each.field for each in places.values())])
    for key, facts in _facts(session, principal, kind, public_url):
        if "stage" in facts:
            facts["stage"] = told_stage(one.fields, facts["stage"])
        cells = [facts.get(name, "") or each.default for name, each in places.items()]
        yield csv_row([key, *cells])


def _facts(
    session: Session, principal: Principal, kind: CrmKind, public_url: str
) -> Iterator[tuple[str, dict[str, str]]]:
    base_url = f"{public_url}/{'desk' if principal.vendor_id else 'console'}"
    if kind is CrmKind.DEAL:
        yield from _deals(session, principal, base_url)
        return
    query = (
        visible(select(Lead, Campaign.name.label("campaign")), principal, Lead)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .where(Lead.address != "")
        .order_by(Lead.id)
    )
    if principal.partner_id:
        query = query.where(Lead.partner_id == principal.partner_id, Lead.state.in_(HELD))
    for row in session.execute(query):
        yield row.Lead.ref, lead_facts(row.Lead, row.campaign, address_of(base_url, row.Lead, None))


def _deals(
    session: Session, principal: Principal, base_url: str
) -> Iterator[tuple[str, dict[str, str]]]:
    query = (
        visible(
            select(Lead, Opportunity, Campaign.name.label("campaign"),
                   Partner.name.label("partner")),
            principal, Opportunity,
        )
        .select_from(Opportunity)
        .outerjoin(Lead, Lead.id == Opportunity.lead_id)
        .outerjoin(Campaign, Campaign.id == Opportunity.campaign_id)
        .join(Partner, Partner.id == Opportunity.partner_id)
        .where(or_(Lead.id.is_(None), Lead.address != ""))
        .order_by(Opportunity.id)
    )  # fmt: skip
    rows = session.execute(query).all()
    files = papers_of(session, [row.Opportunity.id for row in rows])
    for row in rows:
        lead, one = row.Lead, row.Opportunity
        url = with_files(base_url, one, files.get(one.id, ()), address_of(base_url, lead, one))
        yield one.ref, deal_facts(lead, one, row.campaign or "", row.partner, url)


def _counts(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    counted: dict[UUID, dict[str, int]] = {}
    for row in session.execute(
        select(CrmLink.connection_id, CrmLink.state, func.count().label("n"))
        .where(CrmLink.connection_id.in_(ids))
        .group_by(CrmLink.connection_id, CrmLink.state)
    ):
        counted.setdefault(row.connection_id, {})[row.state] = row.n
    return counted


def _view(row: CrmConnection, counts: Mapping[str, int]) -> ConnectionView:
    return ConnectionView(
        ref=row.ref,
        system=System(row.system),
        url=row.url,
        state=ConnectionState(row.state),
        fields=fields_of(row.fields),
        with_leads=row.with_leads,
        said=row.said,
        remedy=row.remedy,
        failing_since=row.failing_since,
        rests_until=row.rests_until,
        made_by=row.made_by,
        made_at=row.made_at,
        counts=counts,
    )
