"""Reads of social posts: what stands of a partner's copy, and what is on its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.permissions import Principal
from tcma.social.models import SocialPost
from tcma.social.rules import Network, PostState

SHOWN = tuple(state for state in PostState if state is not PostState.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A post: where and since when it stands, or when it leaves and what was wrong."""

    id: UUID
    state: PostState
    address: str
    at: datetime | None
    by: str
    said: str
    remedy: str
    was_sent: bool
    is_leaving: bool


def posts(
    session: Session, principal: Principal, copy_id: UUID
) -> Mapping[Network, tuple[PostView, ...]]:
    """Return the posts of a copy by network, newest first; those taken back are not shown."""
    rows = session.scalars(
        visible(select(SocialPost), principal, SocialPost)
        .where(SocialPost.copy_id == copy_id, SocialPost.state.in_(SHOWN))
        .order_by(SocialPost.id.desc())
    )
    found: dict[Network, tuple[PostView, ...]] = {}
    for row in rows:
        one = PostView(
            id=row.id,
            state=PostState(row.state),
            address=row.address,
            at=row.posted_at or row.due_at or row.tried_at,
            by=row.posted_by,
            said=row.said,
            remedy=row.remedy,
            was_sent=bool(row.number),
            is_leaving=row.due_at is not None,
        )
        network = Network(row.network)
        found[network] = (*found.get(network, ()), one)
    return found
