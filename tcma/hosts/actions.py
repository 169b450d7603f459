"""Verbs on partners' host names: ask for one, look at its records, give it up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import delete, select

from tcma.accounts import queries as accounts
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery.host_notices import page_host
from tcma.delivery.notices import Reader
from tcma.hosts.models import PageHost
from tcma.hosts.queries import HostView, partner_of_host, view_of
from tcma.hosts.rules import ANSWERED, Kind, Record, host_name, judge, proved, records_of, target_of
from tcma.ids import random_token
from tcma.permissions import Permission
from tcma.ports import NameAnswer, Names
from tcma.senders.rules import DomainState, next_look, next_state


@dataclass(frozen=True, slots=True)
class Change:
    """What a look did to a host; `is_taken` when its records stand and another partner has it."""

    name: str
    before: DomainState
    after: DomainState
    is_taken: bool


def add_host(work: Work, text: str) -> str:
    """Ask for a host name; the same again is the same. Raises Invalid for what cannot be one's own."""
    work.require(Permission.BRAND_EDIT)
    partner_id = found(work.principal.partner_id)
    name = host_name(text, ours=target_of(work.site.public_url, work.site.mail_host))
    mine = select(PageHost.id).where(PageHost.partner_id == partner_id, PageHost.name == name)
    if work.session.scalar(mine):
        return name
    host = PageHost(
        partner_id=partner_id,
        name=name,
        token=random_token(18),
        state=DomainState.PENDING,
        since=work.now,
        due_at=work.now,
        made_by=work.principal.name,
        made_at=work.now,
    )
    work.session.add(host)
    work.audit("asked for", "page_host", name, partner_id=partner_id)
    return name


def remove_host(work: Work, name: str) -> None:
    """Give a host name up: nothing is answered there any more."""
    work.require(Permission.BRAND_EDIT)
    query = visible(select(PageHost).where(PageHost.name == name), work.principal, PageHost)
    host: PageHost = found(work.session.scalar(query))
    work.session.execute(delete(PageHost).where(PageHost.id == host.id))
    work.audit("gave up", "page_host", name, partner_id=host.partner_id)


def records(work: Work, host: HostView) -> tuple[Record, ...]:
    """Return what must stand in DNS for a host."""
    target = target_of(work.site.public_url, work.site.mail_host)
    return records_of(host.name, host.token, target=target)


def look(names: Names, asked: tuple[Record, ...]) -> dict[Kind, NameAnswer]:
    """Ask DNS for each record; takes a few seconds at most, outside any transaction that holds rows."""
    return {record.kind: names.ask(record.name, record.type) for record in asked}


def record_look(work: Work, host_id: UUID, seen: Mapping[Kind, NameAnswer]) -> Change:
    """Write down what DNS said; a proved host is answered from now on, one that lapsed no more.

    NotFound when it was given up meanwhile.
    """
    host = found(work.session.get(PageHost, host_id, with_for_update=True))
    findings = [
        judge(record, seen.get(record.kind, NameAnswer(silent=True)))
        for record in records(work, view_of(host))
    ]
    good = proved(findings)
    owner = partner_of_host(work.session, host.name)
    is_taken = bool(good and owner not in (None, host.partner_id))
    good = False if is_taken else good
    before = DomainState(host.state)
    after = next_state(before, proved=good, since=host.failing_since, now=work.now)
    if after is not before:
        host.state, host.since = after, work.now
        work.audit(after.value, "page_host", host.name, partner_id=host.partner_id)
        if (before, after) != (DomainState.FAILING, DomainState.VERIFIED):
            _tell(work, host, after)
    if after is DomainState.FAILING:
        host.failing_since = host.failing_since or work.now
    elif after in ANSWERED:
        host.failing_since = None
    host.findings = [asdict(each) | {"stands": list(each.stands)} for each in findings]
    host.checked_at = work.now
    host.due_at = next_look(after, proved=good, since=host.since, now=work.now)
    return Change(host.name, before, after, is_taken)


def _tell(work: Work, host: PageHost, state: DomainState) -> None:
    """Write to those who keep the partner's brand; one look that failed and was made good is no news."""
    people = accounts.members_of(
        work.session, partner_id=host.partner_id, vendor_id=None, able_to=Permission.BRAND_EDIT
    )
    for person in people:
        page_host(
            work,
            Reader.of(person),
            state.value,
            host=host.name,
            url=f"{work.site.public_url}/console/page-hosts/{host.name}",
        )
