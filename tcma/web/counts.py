"""How many things need an act of this person, for the rail."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from tcma.permissions import Permission, Principal


def waiting_counts(session: Session, principal: Principal) -> Mapping[str, int]:
    """Return label of the rail → count."""
    del session
    return {} if principal.may(Permission.ACCOUNT_SELF) else {}
