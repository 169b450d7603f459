"""Addresses of pictures in the consoles: logos of organisations by content hash."""

from uuid import UUID

from sqlalchemy.orm import Session

from tcma.accounts.queries import Organisation
from tcma.partners.queries import logo_key


def logo_address(session: Session, organisation: Organisation) -> str:
    """Return the address of an organisation's logo, empty when it has none (its name is drawn)."""
    key = logo_key(session, kind=organisation.kind, organisation_id=organisation.id)
    return address_of(key)


def logo_of(session: Session, kind: str, organisation_id: UUID) -> str:
    """Return the address of a `vendor`'s or `partner`'s logo for a page without a session."""
    return address_of(logo_key(session, kind=kind, organisation_id=organisation_id))


def address_of(key: str | None) -> str:
    """Return the public address of a stored picture, empty for none."""
    return f"/{key.replace('public/', 'm/', 1)}" if key else ""
