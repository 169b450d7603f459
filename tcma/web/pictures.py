"""Addresses of pictures in the consoles: logos of organisations by content hash."""

from tcma.accounts.queries import Organisation
from tcma.partners.queries import logo_key
from tcma.permissions import SYSTEM
from tcma.web.unit_of_work import services


def logo_address(organisation: Organisation) -> str:
    """Return the address of an organisation's logo, empty when it has none (its name is drawn)."""
    with services().transaction(SYSTEM) as work:
        key = logo_key(work.session, kind=organisation.kind, organisation_id=organisation.id)
    return address_of(key)


def address_of(key: str | None) -> str:
    """Return the public address of a stored picture, empty for none."""
    return f"/{key.replace('public/', 'm/', 1)}" if key else ""
