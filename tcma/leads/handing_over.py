"""Leads and deals on their way to CRMs: what is due as errands; what came of them, and read back here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update

from tcma.crm.actions import access_of
from tcma.crm.carrying import WHOLE, Carried, Errand
from tcma.crm.models import CrmConnection, CrmLink
from tcma.crm.rules import (
    CLOSES_IN,
    LONGEST_SAID,
    POLL,
    REST,
    ConnectionState,
    Fields,
    LinkState,
    fields_of,
)
from tcma.db.work import Work
from tcma.errors import TcmaError
from tcma.leads import pipeline
from tcma.leads.deal_papers import Paper, papers_of
from tcma.leads.models import Lead, Opportunity
from tcma.leads.rules import Stage
from tcma.library.models import Campaign
from tcma.money import Money
from tcma.outbox.rules import LEASE, next_try
from tcma.partners.models import Partner
from tcma.permissions import SYSTEM
from tcma.ports import CrmAccess, CrmError, CrmFault

BATCH = 25
CLOSED_THERE = "closed_outside"


@dataclass(frozen=True, slots=True)
class Round:
    """What goes to one account now; `access` is None when its key does not open any more. `links`
    tells by an errand's key which row it came from, and how many changes that row had seen.
    """

    connection_id: UUID
    access: CrmAccess | None
    fields: Fields
    errands: tuple[Errand, ...]
    links: Mapping[str, tuple[UUID, int]]


def take_due(work: Work, *, batch: int = BATCH) -> list[Round]:
    """Lease the leads that are due, those that waited longest first, by account."""
    free = or_(CrmConnection.rests_until.is_(None), CrmConnection.rests_until <= work.now)
    due = (
        select(CrmLink.id)
        .join(CrmConnection, CrmConnection.id == CrmLink.connection_id)
        .where(CrmLink.due_at <= work.now, CrmConnection.state == ConnectionState.ON, free)
        .order_by(CrmLink.due_at)
        .limit(batch)
        .with_for_update(skip_locked=True, of=CrmLink)
    )
    taken = work.session.scalars(
        update(CrmLink)
        .where(CrmLink.id.in_(work.session.scalars(due).all()))
        .values(due_at=work.now + LEASE, attempts=CrmLink.attempts + 1)
        .returning(CrmLink)
    ).all()
    rounds = []
    for connection_id in sorted({each.connection_id for each in taken}):
        one = work.session.get_one(CrmConnection, connection_id)
        mine = [each for each in taken if each.connection_id == connection_id]
        pairs = _errands(work, one, mine)
        try:
            access = access_of(work, one)
        except ValueError:
            access = None
        rounds.append(
            Round(
                connection_id,
                access,
                fields_of(one.fields),
                tuple(errand for _, errand in pairs),
                {errand.key: (link.id, link.wanted) for link, errand in pairs},
            )
        )
    return rounds


def _errands(
    work: Work, one: CrmConnection, links: Sequence[CrmLink]
) -> list[tuple[CrmLink, Errand]]:
    """Return each lead, and each deal without one, as it stands now, oldest first."""
    own = or_(Opportunity.lead_id == CrmLink.lead_id, Opportunity.id == CrmLink.opportunity_id)
    query = (
        select(CrmLink.id, Lead, Opportunity, Campaign.name.label("campaign"),
               Partner.name.label("partner"))
        .outerjoin(Lead, Lead.id == CrmLink.lead_id)
        .outerjoin(Opportunity, own)
        .outerjoin(Campaign,
                   Campaign.id == func.coalesce(Lead.campaign_id, Opportunity.campaign_id))
        .outerjoin(Partner, Partner.id == func.coalesce(Lead.partner_id, Opportunity.partner_id))
        .where(CrmLink.id.in_([each.id for each in links]))
    )  # fmt: skip
    rows = {row.id: row for row in work.session.execute(query)}
    base_url = f"{work.site.public_url}/{'desk' if one.vendor_id else 'console'}"
    files = papers_of(
        work.session, [row.Opportunity.id for row in rows.values() if row.Opportunity]
    )
    pairs = []
    for link in sorted(links, key=lambda each: str(each.lead_id or each.opportunity_id)):
        row = rows[link.id]
        lead, deal = row.Lead, row.Opportunity
        url = address_of(base_url, lead, deal)
        base = link.base
        pairs.append(
            (
                link,
                Errand(
                    key=lead.ref if lead else deal.ref,
                    deal_key=deal.ref if deal else "",
                    lead=lead_facts(lead, row.campaign, url) if lead else {},
                    deal=deal_facts(
                        lead,
                        deal,
                        row.campaign or "",
                        row.partner,
                        with_files(base_url, deal, files.get(deal.id, ()) if deal else (), url),
                    ),
                    lead_before=base.get("lead", {}),
                    deal_before=base.get("deal", {}),
                    before=base.get("both", {}),
                    their_lead=link.their_lead,
                    their_deal=link.their_deal,
                    with_lead=one.with_leads and lead is not None,
                ),
            )
        )
    return pairs


def address_of(base_url: str, lead: Lead | None, deal: Opportunity | None) -> str:
    """Return the page of a lead, else of its opportunity, below a side's address."""
    if lead is not None:
        return f"{base_url}/leads/{lead.ref}"
    return f"{base_url}/opportunities/{deal.ref}" if deal else base_url


def with_files(base_url: str, deal: Opportunity | None, files: Sequence[Paper], url: str) -> str:
    """Return an address with a line below for each file: its name, link and hash, never its bytes."""
    lines = [
        f"{each.file_name}: {base_url}/opportunities/{deal.ref}/files/{each.id}"
        f" (SHA-256 {each.sha256})"
        for each in files
        if deal
    ]
    return "\n".join([url, *lines])


def lead_facts(lead: Lead, campaign: str, url: str) -> dict[str, str]:
    """Return a lead by the names that fields are mapped from."""
    return {
        "email": lead.address,
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "company": lead.company,
        "phone": lead.phone,
        "country": lead.country,
        "postcode": lead.postcode,
        "campaign": campaign,
        "points": str(lead.score),
        "url": url,
    }


def deal_facts(
    lead: Lead | None, one: Opportunity | None, campaign: str, partner: str | None, url: str
) -> dict[str, str]:
    """Return an opportunity by the names that fields are mapped from; nothing when there is none."""
    if one is None:
        return {}
    closes_on = one.closes_on or (one.created_at + CLOSES_IN).date()
    return {
        "name": one.name,
        "stage": one.stage if one.state == "open" else one.state,
        "amount": str(Money(one.amount_minor, one.currency).major),
        "currency": one.currency,
        "closes_on": closes_on.isoformat(),
        "campaign": campaign,
        "partner": partner or "",
        "company": one.company or (lead.company if lead else ""),
        "email": lead.address if lead else "",
        "url": url,
    }


def record(work: Work, round_: Round, carried: Sequence[Carried]) -> None:
    """Write down what came of a round; what nobody came to is free again at once."""
    one = work.session.get_one(CrmConnection, round_.connection_id, with_for_update=True)
    left = dict(round_.links)
    trouble: CrmError | None = None
    for each in carried:
        link_id, wanted = left.pop(each.key)
        link = work.session.get(CrmLink, link_id, with_for_update=True)
        if link is None:
            continue  # forgotten meanwhile
        if each.error is None:
            _even(work, one, link, each, wanted)
        else:
            _not_taken(work, link, each.error)
            trouble = each.error if each.error.fault in WHOLE else trouble
    work.session.execute(
        update(CrmLink)
        .where(CrmLink.id.in_([link_id for link_id, _ in left.values()]))
        .values(due_at=work.now, attempts=CrmLink.attempts - 1)
    )
    _note(work, one, trouble)


def key_does_not_open(round_: Round) -> Carried:
    """Return what comes of a round whose key was sealed with another secret."""
    return Carried(
        key=round_.errands[0].key,
        error=CrmError(
            CrmFault.DENIED,
            "Its key does not open with this TCMA_SECRET.",
            remedy="Put the key in anew below.",
        ),
    )


def _note(work: Work, one: CrmConnection, trouble: CrmError | None) -> None:
    """Keep the trouble of a whole account, or that it answers again."""
    if trouble is None:
        one.said = one.remedy = ""
        one.failing_since = one.rests_until = None
        return
    waits = {CrmFault.BUSY: timedelta(seconds=trouble.wait_s or 60), CrmFault.DENIED: REST}
    one.rests_until = work.now + waits.get(trouble.fault, timedelta(minutes=1))
    one.said, one.remedy = trouble.words[:LONGEST_SAID], trouble.remedy
    if trouble.fault is CrmFault.DENIED and one.failing_since is None:
        one.failing_since = work.now
        work.audit("was refused by", "crm", one.ref, vendor_id=one.vendor_id,
                   partner_id=one.partner_id, said=one.said)  # fmt: skip


def _not_taken(work: Work, link: CrmLink, error: CrmError) -> None:
    """Let a lead wait, or lay it aside until somebody mends what is wrong with it."""
    link.said, link.remedy = error.words[:LONGEST_SAID], error.remedy
    if error.fault in {CrmFault.BUSY, CrmFault.DENIED}:
        link.due_at, link.attempts = work.now, link.attempts - 1
        return
    link.due_at = next_try(link.attempts, work.now) if error.fault is CrmFault.AWAY else None
    if link.due_at is None:
        link.state = LinkState.REFUSED


def _even(work: Work, one: CrmConnection, link: CrmLink, each: Carried, wanted: int) -> None:
    """Take what changed there, and remember what is the same on both sides now."""
    is_newest = link.wanted == wanted
    said, both = each.said, dict(each.settled.both)
    if each.settled.take:
        mine = (Opportunity.lead_id == link.lead_id if link.lead_id
                else Opportunity.id == link.opportunity_id)  # fmt: skip
        deal = work.session.scalars(select(Opportunity).where(mine)).one()
        why = take(work, deal, each.settled.take, one)
        if why:
            both = each.settled.without_taking(link.base.get("both", {}))
        said = f"{said} {why}".strip()
        work.session.refresh(link)  # the change here marked it, too
    if each.settled.clash:
        names = ", ".join(name.replace("_", " ") for name in each.settled.clash)
        said = f"{said} Both sides had changed: {names}.".strip()
    link.base = {"lead": dict(each.lead), "deal": dict(each.deal), "both": both}
    link.their_lead, link.their_deal = each.their_lead, each.their_deal
    link.owner, link.said, link.remedy = each.owner or link.owner, said[:LONGEST_SAID], ""
    link.attempts, link.even_at = 0, work.now
    link.state = LinkState.EVEN if is_newest else LinkState.WAITING
    is_open = each.settled.both.get("stage", "won") not in {"won", "lost"}
    link.due_at = (work.now + POLL if is_open else None) if is_newest else work.now


def take(work: Work, deal: Opportunity, changes: Mapping[str, str], one: CrmConnection) -> str:
    """Change an opportunity here as it was changed there; return why not, empty when it was.

    The house changes it: whose CRM it is was asked before, and a vendor's people answer no leads.
    """
    house = replace(work, principal=SYSTEM)
    if deal.lead_id is not None:
        work.session.get_one(Lead, deal.lead_id, with_for_update=True)
    try:
        with work.session.begin_nested():
            amount = changes.get("amount")
            worth = Money(deal.amount_minor, deal.currency)
            if amount is not None:
                worth = Money.exactly(amount, deal.currency, text=amount)
            closes_on = changes.get("closes_on")
            if amount is not None or closes_on:
                day = date.fromisoformat(closes_on) if closes_on else deal.closes_on
                pipeline.amend(house, deal.ref, name=deal.name, worth=worth, closes_on=day)
            stage = changes.get("stage", "")
            if stage in {"won", "lost"}:
                pipeline.close(house, deal.ref, won=stage == "won",
                               reason=None if stage == "won" else CLOSED_THERE)  # fmt: skip
            elif stage:
                pipeline.move(house, deal.ref, stage=Stage(stage))
            work.audit("read back", "opportunity", deal.ref, vendor_id=deal.vendor_id,
                       partner_id=deal.partner_id, crm=one.system, **changes)  # fmt: skip
    except (TcmaError, ValueError) as error:
        why = error.message if isinstance(error, TcmaError) else str(error)
        return f"Not taken: {why}"
    return ""
