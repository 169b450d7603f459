"""Deals without a lead, registered by a seller, and who has which part in an opportunity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Invalid, LimitReached
from tcma.leads import outgoing
from tcma.leads.deciding import holders_of, rules_in_force
from tcma.leads.intake import company_of
from tcma.leads.models import Opportunity
from tcma.leads.models_deals import OpportunityPart
from tcma.leads.rules import Role, Stage
from tcma.library.models import Campaign
from tcma.money import Money
from tcma.outbox.rules import Event
from tcma.partners.models import Enrolment, Partner
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission, Principal
from tcma.words import say, say_n


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What a seller registers; `site` is the customer's web address or one of its mail addresses.

    `pressed` is the form it comes by: the same one again is the same deal.
    """

    vendor_id: UUID
    company: str
    site: str
    name: str
    worth: Money
    closes_on: date | None
    campaign_id: UUID | None = None
    pressed: UUID | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A partner's part in an opportunity."""

    partner_id: UUID
    partner: str
    slug: str
    role: Role
    named: bool


def domain_of(site: str) -> str:
    """Return the domain that a web or mail address names; empty for free mail and for what is none."""
    bare = site.strip().casefold().partition("://")[2] or site.strip().casefold()
    host = bare.rpartition("@")[2].partition("/")[0].partition(":")[0].strip(".")
    host = host.removeprefix("www.")
    if "." not in host or not all(c.isalnum() or c in ".-" for c in host):
        return ""
    return company_of(f"x@{host}")


def register(work: Work, new: Deal) -> Opportunity:
    """Open an opportunity by hand, brought and held by the seller's partner.

    The same form again returns the first one. Invalid with fields for what is missing; NotFound for a vendor
    the partner is not active with; LimitReached for one more than the vendor's rules allow.
    """
    work.require(Permission.LEAD_ANSWER)
    partner_id = found(work.principal.partner_id)
    pair = (new.vendor_id, partner_id)
    joined = found(work.session.get(Enrolment, pair, with_for_update={"key_share": True}))
    found(joined if joined.state == EnrolmentState.ACTIVE else None)
    if known := _pressed(work, partner_id, new.pressed):
        return known
    if new.campaign_id:
        mine = select(Campaign.id).where(Campaign.vendor_id == new.vendor_id)
        found(work.session.scalar(mine.where(Campaign.id == new.campaign_id)))
    wrong = _wrong(new)
    if wrong:
        raise Invalid(next(iter(wrong.values())), code="opportunity.fields", fields=wrong)
    _refuse_too_many(work, new.vendor_id, partner_id)
    company = " ".join(new.company.split())[:200]
    one = Opportunity(
        ref=next_reference(work, "OPP"),
        lead_id=None,
        vendor_id=new.vendor_id,
        partner_id=partner_id,
        campaign_id=new.campaign_id,
        company=company,
        domain=domain_of(new.site),
        registered_by=work.principal.name,
        name=" ".join(new.name.split())[:200] or company,
        state="open",
        stage=Stage.QUALIFIED,
        amount_minor=new.worth.minor,
        currency=new.worth.currency,
        closes_on=new.closes_on,
        created_at=work.now,
        moved_at=work.now,
        pressed=new.pressed,
    )
    work.session.add(one)
    work.session.flush()  # its parts name it
    credit(work, one, partner_id, Role.SOURCING)
    credit(work, one, partner_id, Role.FULFILLING)
    work.audit("registered", "opportunity", one.ref, vendor_id=one.vendor_id,
               partner_id=partner_id, amount=one.amount_minor, currency=one.currency)  # fmt: skip
    outgoing.tell_deal(work, Event.OPPORTUNITY_MADE, one, key="1")
    return one


def registered() -> ColumnElement[bool]:
    """Return the condition of open deals that were registered, and came of no lead."""
    return (Opportunity.state == "open") & Opportunity.lead_id.is_(None)


def open_ones(session: Session, vendor_id: UUID, partner_id: UUID) -> int:
    """Return how many open registrations a partner holds with a vendor."""
    mine = select(func.count()).where(
        Opportunity.vendor_id == vendor_id, Opportunity.partner_id == partner_id, registered()
    )
    return session.scalar(mine) or 0


def room(
    session: Session, vendor_id: UUID, partner_id: UUID, now: datetime
) -> tuple[int, int] | None:
    """Return how many open registrations a partner holds with a vendor, and how many it may; None without a limit."""
    most = rules_in_force(session, vendor_id, now).rules.deals.most_open
    return (open_ones(session, vendor_id, partner_id), most) if most else None


def _refuse_too_many(work: Work, vendor_id: UUID, partner_id: UUID) -> None:
    held = room(work.session, vendor_id, partner_id, work.now)
    if held and held[0] >= held[1]:
        raise LimitReached(
            say_n(
                "You hold an open registration with this vendor, and one is the limit.",
                "You hold {n} open registrations with this vendor, and {n} is the limit.",
                held[1],
            ),
            code="opportunity.many",
            remedy=say("Win or close one first, or ask your channel manager."),
        )


def _pressed(work: Work, partner_id: UUID, pressed: UUID | None) -> Opportunity | None:
    if pressed is None:
        return None
    mine = select(Opportunity).where(Opportunity.partner_id == partner_id)
    return work.session.scalar(mine.where(Opportunity.pressed == pressed))


def _wrong(new: Deal) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not new.company.strip():
        wrong["company"] = say("Write whose deal it is.")
    if new.site.strip() and not domain_of(new.site):
        wrong["site"] = say("Write the customer’s own web address, such as example.com.")
    if new.worth.minor <= 0:
        wrong["amount"] = say("Write what it may be worth.")
    return wrong


def others_at(session: Session, vendor_id: UUID, partner_id: UUID, domain: str) -> Sequence[str]:
    """Return the other partners who work with a company: an open deal, or a lead they took."""
    if not domain:
        return ()
    key = partner_id  # any name for the one question
    holder = holders_of(session, vendor_id, {key: domain}).get(key)
    ours, theirs = f".{domain}", func.concat(".", Opportunity.domain)
    same = or_(
        func.right(ours, func.length(theirs)) == theirs, func.right(theirs, len(ours)) == ours
    )
    deals = select(Opportunity.partner_id).where(
        Opportunity.vendor_id == vendor_id,
        Opportunity.state == "open",
        Opportunity.domain != "",
        same,
    )
    ids = {*session.scalars(deals), *([holder] if holder else [])} - {partner_id}
    query = select(Partner.name).where(Partner.id.in_(ids)).order_by(Partner.name)
    return tuple(session.scalars(query)) if ids else ()


def rivals_of(session: Session, principal: Principal, ref: str) -> Sequence[str]:
    """Return the partners who work with the company of a registered deal, too; for the desk."""
    one = found(session.scalar(visible(select(Opportunity), principal, Opportunity)
                               .where(Opportunity.ref == ref)))  # fmt: skip
    return others_at(session, one.vendor_id, one.partner_id, one.domain)


def credit(work: Work, one: Opportunity, partner_id: UUID, role: Role) -> None:
    """Note a part that comes by itself; nobody but the desk reads it of another partner."""
    _give(work, one, partner_id, role, named=False)


def give_part(work: Work, ref: str, partner_id: UUID, role: Role) -> None:
    """Name a partner's part in an opportunity; it may read it then, and the holder sees its name."""
    one = _for_desk(work, ref)
    found(work.session.get(Enrolment, (one.vendor_id, partner_id)))
    known = work.session.get(OpportunityPart, (one.id, partner_id, role.value))
    if known is not None and known.named:
        return
    _give(work, one, partner_id, role, named=True)
    work.audit(f"named a {role} partner of", "opportunity", one.ref, vendor_id=one.vendor_id,
               partner_id=one.partner_id, partner=str(partner_id))  # fmt: skip


def take_part(work: Work, ref: str, partner_id: UUID, role: Role) -> None:
    """Take a part away again."""
    one = _for_desk(work, ref)
    row = work.session.get(OpportunityPart, (one.id, partner_id, role.value))
    if row is not None:
        work.session.delete(row)
        work.audit(f"took away a {role} partner of", "opportunity", one.ref,
                   vendor_id=one.vendor_id, partner_id=one.partner_id,
                   partner=str(partner_id))  # fmt: skip


def _for_desk(work: Work, ref: str) -> Opportunity:
    work.require(Permission.LEAD_ASSIGN)
    query = select(Opportunity).where(Opportunity.ref == ref)
    return found(work.session.scalar(visible(query, work.principal, Opportunity)))


def _give(work: Work, one: Opportunity, partner_id: UUID, role: Role, *, named: bool) -> None:
    row = insert(OpportunityPart).values(
        opportunity_id=one.id, vendor_id=one.vendor_id, partner_id=partner_id, role=role.value,
        named=named, given_by=work.principal.name, at=work.now,
    )  # fmt: skip
    key = ["opportunity_id", "partner_id", "role"]
    known = OpportunityPart.named
    work.session.execute(
        row.on_conflict_do_update(index_elements=key, set_={"named": known | row.excluded.named})
    )


def parts(session: Session, principal: Principal, opportunity_id: UUID) -> Sequence[Part]:
    """Return who has which part: to a partner its own and those the desk named."""
    order = {role.value: n for n, role in enumerate(Role)}
    query = (
        select(OpportunityPart, Partner.name, Partner.slug)
        .join(Partner, Partner.id == OpportunityPart.partner_id)
        .where(OpportunityPart.opportunity_id == opportunity_id)
    )
    if principal.partner_id:
        mine = OpportunityPart.partner_id == principal.partner_id
        query = query.where(mine | OpportunityPart.named)
    rows = session.execute(query.order_by(Partner.name)).all()
    found_parts = [Part(p.partner_id, name, slug, Role(p.role), p.named) for p, name, slug in rows]
    return sorted(found_parts, key=lambda part: order[part.role])
