"""Addresses on sending domains, and who hears when a domain begins or ceases to carry mail."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import (
    Uuid,
    column,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    table,
)

from tcma.accounts import queries as accounts
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import notices
from tcma.delivery.actions import ensure_sender
from tcma.delivery.models import Mailing, Sender
from tcma.errors import Conflict, Invalid
from tcma.jobs import Job
from tcma.permissions import Permission
from tcma.senders import actions as domains
from tcma.senders.actions import Change
from tcma.senders.models import SenderDomain
from tcma.senders.records import Seen
from tcma.senders.rules import DomainState
from tcma.words import say


def add_address(work: Work, domain: str, *, local: str, from_name: str) -> UUID:
    """Add an address to send from on a domain of the partner's own; Invalid for what is none."""
    work.require(Permission.BRAND_EDIT)
    partner_id = found(work.principal.partner_id)
    query = select(SenderDomain.id).where(
        SenderDomain.partner_id == partner_id, SenderDomain.name == domain
    )
    found(work.session.scalar(query))
    local = local.strip().lower()
    if "@" in local and local.partition("@")[2] == domain:
        local = local.partition("@")[0]
    if not local or "@" in local:
        raise Invalid(
            say("Write what stands before @{domain}, such as hello.", domain=domain),
            code="sender.address",
            fields={
                "local": say("Write what stands before @{domain}, such as hello.", domain=domain)
            },
        )
    return ensure_sender(
        work, from_name=from_name, from_address=f"{local}@{domain}", partner_id=partner_id
    )


def remove_domain(work: Work, name: str) -> None:
    """Forget a domain of the principal's side; Conflict while addresses on it are in use."""
    domains.may_edit(work)
    if work.principal.partner_id:
        _remove_addresses(work, name)
    domains.remove_domain(work, name)


def _remove_addresses(work: Work, name: str) -> None:
    mine = (Sender.partner_id == work.principal.partner_id) & Sender.is_fallback.is_(False)
    here = mine & (func.split_part(Sender.from_address, "@", 2) == name)
    launch = table("launch", column("sender_id", Uuid()))
    tested = table("launch_trial", column("sender_id", Uuid()))
    used = or_(
        exists().where(Mailing.sender_id == Sender.id),
        exists(select(literal(1)).select_from(launch).where(launch.c.sender_id == Sender.id)),
        exists(select(literal(1)).select_from(tested).where(tested.c.sender_id == Sender.id)),
    )
    if work.session.scalar(select(literal(1)).where(here & used).limit(1)):
        raise Conflict(
            say(
                "Launches name an address on {name}, so it stays. Mail that is on its way "
                "needs it.",
                name=name,
            ),
            code="sender.used",
        )
    work.session.execute(delete(Sender).where(here))


def record_look(work: Work, domain_id: UUID, seen: Mapping[str, Seen]) -> Change:
    """Write down a look at DNS; whoever keeps the domain is told when it begins or ceases to hold."""
    change = domains.record_look(work, domain_id, seen)
    news = {DomainState.VERIFIED, DomainState.FAILING, DomainState.BROKEN}
    back = change.before is DomainState.FAILING and change.after is DomainState.VERIFIED
    if change.after is not change.before and change.after in news and not back:
        _tell(work, change)
    if change.after is DomainState.VERIFIED:
        work.wake(Job.MAILING_SEND)
    return change


def _tell(work: Work, change: Change) -> None:
    domain = found(work.session.get(SenderDomain, change.domain_id))
    side = "desk" if domain.vendor_id else "console"
    able = Permission.VENDOR_EDIT if domain.vendor_id else Permission.BRAND_EDIT
    people = accounts.members_of(
        work.session, partner_id=domain.partner_id, vendor_id=domain.vendor_id, able_to=able
    )
    for person in people:
        notices.sender_domain(
            work,
            notices.Reader.of(person),
            change.after.value,
            vendor_id=domain.vendor_id,
            domain=change.name,
            url=f"{work.site.public_url}/{side}/senders/{change.name}",
        )
