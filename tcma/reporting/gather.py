"""Counts what reports are made of, from the rows themselves, within what a principal may see."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    SQLColumnExpression,
    case,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from tcma.db.scope import seen_by, visible
from tcma.delivery.models import Mailing, Message
from tcma.delivery.queries import equations, reactions_by_mailing
from tcma.delivery.reaction_sums import reaction_sums, sums_in
from tcma.delivery.rules import MailingState, MessageState
from tcma.delivery.small_cells import FEWEST, hides_from
from tcma.launches.models import Launch, LaunchMail
from tcma.leads.models import Lead, Opportunity
from tcma.library.models import Campaign
from tcma.mdf.models.funding import ActivityLaunch
from tcma.mdf.models.ledger import LedgerAccount, LedgerTransfer
from tcma.mdf.rules import TransferKind
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Principal
from tcma.reporting.metrics import Counts, Purse, summed

MOST_LAUNCHES = 2_000
REPORTED = ("bounced", "human_opened", "clicked", "human_clicked", "unsubscribed")
"""The reactions that reports tell of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchFacts:
    """One launch with what its mails brought so far; leads are counted apart.

    `untold` are mailings to too few people to be told of; `counts` is without them.
    """

    id: UUID
    ref: str
    name: str
    state: str
    vendor: str
    zone: str
    partner: str
    partner_id: UUID
    partner_slug: str
    campaign: str
    campaign_id: UUID
    campaign_slug: str
    created_at: datetime
    mailings: tuple[int, ...]
    untold: frozenset[int]
    counts: Counts


def launch_facts(  # noqa: PLR0913 - whose, since when, which
    session: Session,
    principal: Principal,
    *,
    since: datetime | None = None,
    ref: str = "",
    campaign: str = "",
    partner: str = "",
) -> list[LaunchFacts]:
    """Return the newest launches a principal may see, with sent, opened, clicked.

    Only that of a reference, of a campaign or of a partner by its slug, when one is given.
    """
    rows = visible(
        select(
            Launch.id,
            Launch.ref,
            Launch.name,
            Launch.state,
            Launch.partner_id,
            Launch.campaign_id,
            Launch.created_at,
            Vendor.name.label("vendor"),
            Vendor.zone,
            Partner.name.label("partner"),
            Partner.slug.label("partner_slug"),
            Campaign.name.label("campaign"),
            Campaign.slug.label("campaign_slug"),
        )
        .join(Vendor, Vendor.id == Launch.vendor_id)
        .join(Partner, Partner.id == Launch.partner_id)
        .join(Campaign, Campaign.id == Launch.campaign_id)
        .order_by(Launch.id.desc())
        .limit(MOST_LAUNCHES),
        principal,
        Launch,
    )
    if since:
        rows = rows.where(Launch.created_at >= since)
    for column, asked in ((Launch.ref, ref), (Campaign.slug, campaign), (Partner.slug, partner)):
        if asked:
            rows = rows.where(column == asked)
    found = session.execute(rows).mappings().all()
    mailings = _mailings(session, [row["id"] for row in found])
    counts = counts_of(session, [number for some in mailings.values() for _, number in some])
    hides = hides_from(principal)
    facts = []
    for row in found:
        own = mailings.get(row["id"], [])
        untold = _untold(own, counts) if hides else frozenset[int]()
        told = (counts[number] for _, number in own if number not in untold)
        facts.append(
            LaunchFacts(
                **row,
                mailings=tuple(number for _, number in own),
                untold=untold,
                counts=sum(told, Counts(launches=1, untold=len(untold))),
            )
        )
    return facts


def _untold(mailings: list[tuple[int, int]], counts: Mapping[int, Counts]) -> frozenset[int]:
    """Return the mailings of mails that left for too few; the variants of a mail count together."""
    by_mail: dict[int, Counts] = {}
    for no, number in mailings:
        by_mail[no] = by_mail.get(no, Counts()) + counts[number]
    few = {no for no, of in by_mail.items() if of.sent < FEWEST and of != Counts()}
    return frozenset(number for no, number in mailings if no in few)


def _mailings(session: Session, launches: list[UUID]) -> dict[UUID, list[tuple[int, int]]]:
    rows = session.execute(
        select(LaunchMail.launch_id, LaunchMail.no, LaunchMail.mailing_id)
        .where(LaunchMail.launch_id.in_(launches), LaunchMail.mailing_id.is_not(None))
        .order_by(LaunchMail.launch_id, LaunchMail.no)
    )
    by_launch: dict[UUID, list[tuple[int, int]]] = {}
    for launch_id, no, mailing_id in rows:
        if mailing_id is not None:
            by_launch.setdefault(launch_id, []).append((no, mailing_id))
    return by_launch


def counts_of(session: Session, mailings: list[int]) -> dict[int, Counts]:
    """Return sent and reactions of each mailing."""
    sums = equations(session, mailings)
    reactions = reactions_by_mailing(session, mailings)
    return {each: _counts({**reactions[each], "sent": sums[each].sent}) for each in mailings}


def mail_counts(
    session: Session,
    principal: Principal,
    by: InstrumentedAttribute[UUID],
    *,
    since: datetime | None = None,
) -> dict[UUID, Counts]:
    """Return how many launches there were and what their mails brought, by a column of the launch.

    Mailings that are over have their sums, first reactions too; only what still runs is counted.
    What went to too few people for this reader is in none of it (`delivery.small_cells`).
    """
    chosen = visible(select(by.label("key"), Launch.id), principal, Launch)
    if since:
        chosen = chosen.where(Launch.created_at >= since)
    mine = chosen.subquery("mine")
    mails = (
        select(
            mine.c.key, mine.c.id.label("launch_id"), LaunchMail.no,
            Mailing.id, Mailing.state, Mailing.sent_n,
        )
        .join(LaunchMail, LaunchMail.launch_id == mine.c.id)
        .join(Mailing, Mailing.id == LaunchMail.mailing_id)
        .cte("mails")
    )  # fmt: skip
    each = _each_mailing(mails)
    summed = reaction_sums()
    brought = (
        select(mine.c.key, *sums_in(summed, REPORTED))
        .join(LaunchMail, LaunchMail.launch_id == mine.c.id)
        .join(summed, summed.c.mailing_id == LaunchMail.mailing_id)
        .group_by(mine.c.key)
    )
    went = select(each.c.key, func.sum(each.c.n).label("sent")).group_by(each.c.key)
    if hides_from(principal):
        told = each.c.of_mail >= FEWEST
        few = func.count().filter(each.c.of_mail.between(1, FEWEST - 1))
        went = select(
            each.c.key,
            func.coalesce(func.sum(each.c.n).filter(told), 0).label("sent"),
            few.label("untold"),
        ).group_by(each.c.key)
        brought = brought.where(summed.c.mailing_id.in_(select(each.c.id).where(told)))
    answer: dict[UUID, Counts] = {}
    for query in (
        select(mine.c.key, func.count().label("launches")).group_by(mine.c.key),
        went,
        brought,
    ):
        for row in session.execute(query).mappings():
            more = {**row}
            key = more.pop("key")
            answer[key] = answer.get(key, Counts()) + _counts(more)
    return answer


def _each_mailing(mails: CTE) -> CTE:
    """Return each mailing with how many it left for, and how many its mail did with all variants."""
    over = mails.c.state == MailingState.FINISHED
    which = (mails.c.key, mails.c.launch_id, mails.c.no, mails.c.id)
    left = union_all(
        select(*which, mails.c.sent_n.label("n")).where(over),
        select(*which, func.count())
        .join(Message, Message.mailing_id == mails.c.id)
        .where(~over, Message.state == MessageState.SENT)
        .group_by(*which),
    ).subquery("left_for")
    of_mail = func.sum(left.c.n).over(partition_by=(left.c.launch_id, left.c.no))
    return select(left.c.key, left.c.id, left.c.n, of_mail.label("of_mail")).cte("each_mailing")


def _counts(n: Mapping[str, int]) -> Counts:
    seen = dict.fromkeys(REPORTED, 0) | {key: int(value) for key, value in n.items()}
    return Counts(
        launches=seen.get("launches", 0),
        sent=seen.get("sent", 0),
        untold=seen.get("untold", 0),
        bounced=seen["bounced"],
        opened=seen["human_opened"],
        clicked=seen["human_clicked"],
        machines=seen["clicked"] - seen["human_clicked"],
        unsubscribed=seen["unsubscribed"],
    )


def leads_seen_by(principal: Principal) -> ColumnElement[bool]:
    """Return the leads that count for a principal: a vendor's all, a partner's what it brought."""
    if principal.partner_id:
        return Lead.source_partner_id == principal.partner_id
    return seen_by(principal, Lead)


FUNDED = Lead.launch_id.in_(select(ActivityLaunch.launch_id))
"""Leads of launches that carry out a funded activity."""
WON = "won"


def lead_counts(  # noqa: PLR0913 - by what, since when, of which
    session: Session,
    principal: Principal,
    by: SQLColumnExpression[Any],
    *,
    since: datetime | None = None,
    funded: bool = False,
    launches: Collection[UUID] | None = None,
) -> dict[UUID, tuple[Counts, Purse]]:
    """Return leads, accepted, opportunities, won and their worth by a column of the lead.

    `funded` leaves only those of launches that carry out a funded activity, `launches` those of these.
    """
    won = Opportunity.state == WON
    rows: Select[*tuple[Any, ...]] = (
        select(
            by.label("key"),
            Opportunity.currency,
            func.count(Lead.id).label("leads"),
            func.count(Lead.accepted_at).label("accepted"),
            func.count(Opportunity.id).label("opportunities"),
            func.coalesce(func.sum(Opportunity.amount_minor), 0).label("worth"),
            func.count(Opportunity.id).filter(won).label("won"),
            func.coalesce(func.sum(Opportunity.amount_minor).filter(won), 0).label("won_worth"),
        )
        .outerjoin(Opportunity, Opportunity.lead_id == Lead.id)
        .where(leads_seen_by(principal), by.is_not(None))
        .group_by(by, Opportunity.currency)
    )
    if since:
        rows = rows.where(Lead.created_at >= since)
    if funded:
        rows = rows.where(FUNDED)
    if launches is not None:
        rows = rows.where(Lead.launch_id.in_(launches))
    answer: dict[UUID, tuple[Counts, Purse]] = {}
    for row in session.execute(rows):
        counts, purse = answer.get(row.key, (Counts(), Purse()))
        more = Counts(
            leads=row.leads, accepted=row.accepted, opportunities=row.opportunities, won=row.won
        )
        if row.currency:
            worth = summed([Money(int(row.worth), row.currency)])
            closed = summed([Money(int(row.won_worth), row.currency)])
            purse += Purse(worth=worth, won=closed)
        answer[row.key] = (counts + more, purse)
    return answer


_WAS = aliased(LedgerTransfer)
_KIND = func.coalesce(_WAS.kind, LedgerTransfer.kind)
_AMOUNT = case((_WAS.id.is_not(None), -LedgerTransfer.amount), else_=LedgerTransfer.amount)
_PARTNERS_SIDE = case(
    (LedgerTransfer.kind == TransferKind.CLAW_BACK, LedgerTransfer.debit_id),
    else_=LedgerTransfer.credit_id,
)
"""Clawed-back money leaves a partner's account for the fund as a whole."""
_GROWS = {
    TransferKind.RESERVE: ("reserved", 1),
    TransferKind.RELEASE: ("reserved", -1),
    TransferKind.CLAIM: ("claimed", 1),
    TransferKind.PAY: ("paid", 1),
}


def money_by_campaign(session: Session, principal: Principal) -> dict[UUID, Purse]:
    """Return fund money by campaign, reversals taken off."""
    return _money(session, principal, LedgerTransfer.campaign_id)


def money_by_partner(session: Session, principal: Principal) -> dict[UUID, Purse]:
    """Return fund money by partner, reversals taken off."""
    return _money(session, principal, LedgerAccount.partner_id)


def money_by_launch(session: Session, principal: Principal) -> dict[UUID, Purse]:
    """Return the money of the activities each launch carries out.

    Two launches of one activity both show all of it: sums over launches would count it twice.
    """
    by_activity = _money(session, principal, LedgerTransfer.activity_id)
    ties = session.execute(select(ActivityLaunch.activity_id, ActivityLaunch.launch_id))
    answer: dict[UUID, Purse] = {}
    for activity_id, launch_id in ties:
        purse = by_activity.get(activity_id)
        if purse is not None:
            answer[launch_id] = answer.get(launch_id, Purse()) + purse
    return answer


def _money(
    session: Session, principal: Principal, by: InstrumentedAttribute[Any]
) -> dict[UUID, Purse]:
    rows = session.execute(
        select(
            by.label("key"),
            _KIND.label("kind"),
            LedgerTransfer.currency,
            func.sum(_AMOUNT).label("minor"),
        )
        .join(LedgerAccount, LedgerAccount.id == _PARTNERS_SIDE)
        .outerjoin(_WAS, _WAS.id == LedgerTransfer.reverses)
        .where(seen_by(principal, LedgerAccount), by.is_not(None), _KIND.in_(list(_GROWS)))
        .group_by(by, _KIND, LedgerTransfer.currency)
    )
    answer: dict[UUID, Purse] = {}
    for row in rows:
        name, sign = _GROWS[TransferKind(row.kind)]
        more = Purse(**{name: summed([Money(sign * int(row.minor), row.currency)])})
        answer[row.key] = answer.get(row.key, Purse()) + more
    return answer


def both(
    keys: Iterable[UUID],
    counts: Mapping[UUID, Counts],
    leads: Mapping[UUID, tuple[Counts, Purse]],
    money: Mapping[UUID, Purse],
) -> dict[UUID, tuple[Counts, Purse]]:
    """Bring mail, leads and money of the same things together."""
    answer = {}
    for key in keys:
        of_leads, worth = leads.get(key, (Counts(), Purse()))
        answer[key] = (counts.get(key, Counts()) + of_leads, money.get(key, Purse()) + worth)
    return answer
