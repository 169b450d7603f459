"""Set up a CRM, change its key and its fields, send again what it refused."""

import json
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from tcma import vault
from tcma.crm.defaults import DEFAULTS
from tcma.crm.models import CrmConnection, CrmLink
from tcma.crm.rules import LONGEST_SAID, ConnectionState, Fields, LinkState, System, Target
from tcma.db.counting import changed
from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.permissions import Permission
from tcma.ports import CrmAccess, CrmError, Web
from tcma.words import say

PURPOSE = b"tcma.crm-key.1"
HUBSPOT = "https://api.hubapi.com"
SECRETS: dict[System, tuple[str, ...]] = {
    System.SALESFORCE: ("client_id", "client_secret"),
    System.HUBSPOT: ("token",),
    System.SHEET: (),
}
"""What a connection is let in by."""


def connect(  # noqa: PLR0913 - what a connection is made of
    work: Work,
    web: Web,
    system: System,
    *,
    url: str = "",
    secrets: Mapping[str, str],
    with_leads: bool = True,
) -> str:
    """Set up a CRM for the principal's own side; return its reference.

    Raises Invalid when something of its key is missing or it stands where nobody may go.
    """
    work.require(Permission.CRM_CONNECT)
    connection_id = new_id()
    place, sealed = _key(work, web, system, connection_id, url=url, secrets=secrets)
    one = CrmConnection(
        id=connection_id,
        ref=next_reference(work, "CRM"),
        vendor_id=work.principal.vendor_id,
        partner_id=work.principal.partner_id,
        system=system,
        url=place,
        secrets=sealed,
        fields=DEFAULTS[system].as_json(),
        with_leads=with_leads,
        made_by=work.principal.name,
        made_at=work.now,
    )
    work.session.add(one)
    work.audit("connected", "crm", one.ref, system=system)
    return one.ref


def change_key(work: Work, web: Web, ref: str, *, url: str, secrets: Mapping[str, str]) -> None:
    """Give a connection another place or key; what waits is tried again at once."""
    one = connection(work, ref)
    one.url, one.secrets = _key(work, web, System(one.system), one.id, url=url, secrets=secrets)
    one.failing_since = one.rests_until = None
    one.said = one.remedy = ""
    work.audit("changed the key of", "crm", ref)
    work.wake(Job.CRM_SYNC)


def change_fields(work: Work, ref: str, fields: Fields, *, with_leads: bool) -> int:
    """Change where fields go and who wins; everything is written anew. Return how many."""
    one = connection(work, ref)
    keyless = {name for name in ("stage", "name") if name not in fields.deal}
    if keyless:
        raise Invalid(say("An opportunity goes by its name and its stage: both need a field there."),
                      code="crm.fields")  # fmt: skip
    if (
        one.system == System.HUBSPOT
        and with_leads
        and fields.lead.get("email", Target()).field != "email"
    ):
        raise Invalid(say("HubSpot knows people by their address: the e-mail address goes to email."),
                      code="crm.fields")  # fmt: skip
    one.fields, one.with_leads = fields.as_json(), with_leads
    work.audit("changed the fields of", "crm", ref)
    return _again(work, one, CrmLink.id.is_not(None))


def set_state(work: Work, ref: str, state: ConnectionState) -> None:
    """Pause a connection, let it go on, or end it: then its key is forgotten."""
    one = connection(work, ref)
    one.state = state
    if state is ConnectionState.ENDED:
        one.secrets = b""
        work.session.execute(
            update(CrmLink).where(CrmLink.connection_id == one.id).values(due_at=None)
        )
    verbs = {ConnectionState.ON: "let go on", ConnectionState.PAUSED: "paused"}
    work.audit(verbs.get(state, "ended"), "crm", ref)
    work.wake(Job.CRM_SYNC)


def send_again(work: Work, ref: str, link_id: UUID | None = None) -> int:
    """Send one lead again, or everything that was refused; return how many."""
    one = connection(work, ref)
    which = CrmLink.state == LinkState.REFUSED if link_id is None else CrmLink.id == link_id
    count = _again(work, one, which, their_deal="")
    work.audit("sent again", "crm", ref, count=count)
    return count


def _again(work: Work, one: CrmConnection, which: ColumnElement[bool], **anew: str) -> int:
    """Let links be looked at now, as if nothing had been tried; `anew` are columns to set beside.

    A sheet is carried by hand: nothing of it is ever due.
    """
    if one.system == System.SHEET:
        return 0
    count = changed(
        work.session,
        update(CrmLink)
        .where(CrmLink.connection_id == one.id, which)
        .values(
            state=LinkState.WAITING,
            attempts=0,
            due_at=work.now,
            wanted=CrmLink.wanted + 1,
            **anew,
        ),
    )
    work.wake(Job.CRM_SYNC)
    return count


def forget(work: Work, lead_ids: Collection[UUID]) -> int:
    """Forget what was the same on both sides; nothing of these leads is sent any more."""
    if not lead_ids:
        return 0
    return changed(work.session, delete(CrmLink).where(CrmLink.lead_id.in_(lead_ids)))


def connection(work: Work, ref: str, *, hold: bool = True) -> CrmConnection:
    """Return a connection of the principal's own, locked by `hold`; Conflict when it was ended."""
    work.require(Permission.CRM_CONNECT)
    query = visible(select(CrmConnection), work.principal, CrmConnection)
    query = query.where(CrmConnection.ref == ref)
    one = found(work.session.scalar(query.with_for_update() if hold else query))
    if one.state == ConnectionState.ENDED:
        raise Conflict(say("This connection was ended."), code="crm.ended")
    return one


def key_of(work: Work, ref: str) -> CrmAccess:
    """Return how to reach a connection of the principal's own, to try it; nothing is locked."""
    one = connection(work, ref, hold=False)
    try:
        return access_of(work, one)
    except ValueError:
        raise Conflict(
            say("Its key does not open with this TCMA_SECRET."),
            code="crm.key",
            remedy=say("Put the key in anew below."),
        ) from None


def note_check(work: Work, ref: str, trouble: CrmError | None) -> None:
    """Keep what a try said; one that answers is asked again at once."""
    one = connection(work, ref)
    one.said = trouble.words[:LONGEST_SAID] if trouble else ""
    one.remedy = trouble.remedy if trouble else ""
    if trouble is None:
        one.failing_since = one.rests_until = None
        work.wake(Job.CRM_SYNC)


def access_of(work: Work, one: CrmConnection) -> CrmAccess:
    """Return how to reach it; ValueError when its key does not open with this installation's secret."""
    plain = vault.unseal(work.site.secret, one.secrets, purpose=PURPOSE, bound=one.id.bytes)
    return CrmAccess(f"{one.id}:{one.secrets[:13].hex()}", one.system, one.url, json.loads(plain))


def _key(  # noqa: PLR0913 - what a key is made of
    work: Work, web: Web, system: System, owner: UUID, *, url: str, secrets: Mapping[str, str]
) -> tuple[str, bytes]:
    missing = {name: "Fill this in." for name in SECRETS[system] if not secrets.get(name)}
    if missing:
        raise Invalid(say("Its key is not whole."), code="crm.key", fields=missing)
    place = (url or (HUBSPOT if system is System.HUBSPOT else "")).rstrip("/")
    if system is not System.SHEET:
        try:
            web.check(place)
        except Invalid as refused:
            words = refused.advice
            raise Invalid(words, code="crm.url", fields={"url": words}) from refused
    kept = json.dumps({name: secrets[name] for name in SECRETS[system]}).encode()
    return place, vault.seal(work.site.secret, kept, purpose=PURPOSE, bound=owner.bytes)
