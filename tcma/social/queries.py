"""Reads of social posts: what was published of a partner's copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.permissions import Principal
from tcma.social.models import SocialPost
from tcma.social.rules import Network


@dataclass(frozen=True, slots=True)
class Posted:
    """A post that was published: where, when, and who said so."""

    address: str
    at: datetime
    by: str


def posted(
    session: Session, principal: Principal, copy_id: UUID
) -> Mapping[Network, tuple[Posted, ...]]:
    """Return the posts of a copy by network, newest first."""
    rows = session.scalars(
        visible(select(SocialPost), principal, SocialPost)
        .where(SocialPost.copy_id == copy_id)
        .order_by(SocialPost.id.desc())
    )
    found: dict[Network, tuple[Posted, ...]] = {}
    for row in rows:
        network = Network(row.network)
        mine = Posted(row.address, row.posted_at, row.posted_by)
        found[network] = (*found.get(network, ()), mine)
    return found
