"""The demo world's names: sending domains, one verified, one with a slip, the vendor's own; and a
partner's host for its pages.

Only where the built-in name server runs: elsewhere nobody can publish these names.
"""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from tcma.db.work import Work
from tcma.demo.people import FENWRIGHT, HELIANTHE, NORDHAGENER
from tcma.embedded import names
from tcma.hosts import actions as hosts
from tcma.hosts import queries as host_queries
from tcma.partners.models import Partner, Vendor
from tcma.permissions import SYSTEM, Principal, Role
from tcma.senders import actions, queries
from tcma.senders.looking import look
from tcma.senders.records import Kind, Record
from tcma.wiring import Services

WITH_A_SLIP = "ridgeline"
SLIP = 180
"""Characters of a key that a form took: the rest was cut off."""


def publish_names(services: Services) -> None:
    """Set up the domains, write their records as their owners would, look at them once."""
    if not (services.settings.data / names.PORT_FILE).exists():
        return
    zone = services.settings.data / names.FILE
    with services.transaction(SYSTEM) as work:
        vendor_id = work.session.scalars(select(Vendor.id)).one()
        ada = Principal(user_id=None, name="Ada", role=Role.ADMINISTRATOR, vendor_id=vendor_id)
        made = [_published(work, zone, ada, "mail.corbelane.example")]
        for slug in (FENWRIGHT.slug, NORDHAGENER.slug, HELIANTHE.slug, WITH_A_SLIP):
            partner_id = work.session.scalars(select(Partner.id).where(Partner.slug == slug)).one()
            owner = Principal(user_id=None, name="Set-up", role=Role.OWNER, partner_id=partner_id)
            slip = slug == WITH_A_SLIP
            made.append(_published(work, zone, owner, f"{slug}.example", slip=slip))
        looked = [(each, _records(work, each)) for each in made]
    _page_host(services, zone)
    for domain_id, (name, records) in looked:
        seen = look(services.names, records, domain=name)
        with services.transaction(SYSTEM) as work:
            actions.record_look(work, domain_id, seen)


def _page_host(services: Services, zone: Path) -> None:
    """Prove `go.fenwright.example`, under which Fenwright's pages are answered."""
    with services.transaction(SYSTEM) as work:
        slug = Partner.slug == FENWRIGHT.slug
        partner_id = work.session.scalars(select(Partner.id).where(slug)).one()
        owner = Principal(user_id=None, name="Set-up", role=Role.OWNER, partner_id=partner_id)
        name = hosts.add_host(replace(work, principal=owner), f"go.{FENWRIGHT.slug}.example")
        kept = host_queries.host_by_name(work.session, owner, name)
        asked = hosts.records(work, kept)
        for record in asked:
            names.add(zone, record.name, record.type, record.value)
    seen = hosts.look(services.names, asked)
    with services.transaction(SYSTEM) as work:
        hosts.record_look(work, kept.id, seen)


def _records(work: Work, domain_id: UUID) -> tuple[str, list[Record]]:
    domain = queries.domain_by_id(work.session, domain_id)
    records = queries.records_of(work.session, domain, mail_host=work.site.mail_host)
    return domain.name, records


def _published(work: Work, zone: Path, owner: Principal, name: str, *, slip: bool = False) -> UUID:
    own = replace(work, principal=owner)
    actions.add_domain(own, name)
    domain = queries.domain_by_name(work.session, owner, name)
    for record in queries.records_of(work.session, domain, mail_host=work.site.mail_host):
        if slip and record.kind in (Kind.BOUNCE, Kind.DMARC, Kind.DKIM_ED25519):
            continue
        cut = slip and record.kind is Kind.DKIM_RSA
        value = record.value[:SLIP] if cut else record.value
        names.add(zone, record.name, record.type, value)
    return domain.id
