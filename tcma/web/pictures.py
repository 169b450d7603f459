"""Addresses of pictures in the consoles: logos of organisations by content hash."""

from tcma.accounts.queries import Organisation
from tcma.partners.queries import logo_key
from tcma.web.unit_of_work import services


def logo_address(organisation: Organisation) -> str:
    """Return the address of an organisation's logo, empty when it has none (its name is drawn)."""
    from tcma.permissions import SYSTEM  # noqa: PLC0415

    with services().transaction(SYSTEM) as work:
        key = logo_key(work.session, organisation.kind, organisation.id)
    return f"/{key.replace('public/', 'm/')}" if key else ""
