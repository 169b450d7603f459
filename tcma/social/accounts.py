"""A partner connects its page at a network, tries it, ends it; its token is sealed and never shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tcma import vault
from tcma.db.scope import visible
from tcma.db.work import Work
from tcma.errors import Conflict, Forbidden, Invalid
from tcma.ids import new_id
from tcma.permissions import Permission, Principal
from tcma.ports import SocialAccess, SocialError
from tcma.social.models import SocialAccount, SocialPost
from tcma.social.rules import SENDABLE, Network, PostState
from tcma.words import say

PURPOSE = b"tcma.social-token.1"


@dataclass(frozen=True, slots=True)
class AccountView:
    """A connected page."""

    network: Network
    account: str
    name: str
    said: str
    remedy: str
    made_by: str
    made_at: datetime


def accounts(session: Session, principal: Principal) -> dict[Network, AccountView]:
    """Return the connected pages of a partner."""
    return {
        Network(row.network): AccountView(
            Network(row.network), row.account, row.name, row.said, row.remedy,
            row.made_by, row.made_at,
        )
        for row in _standing(session, principal)
    }  # fmt: skip


def _standing(session: Session, principal: Principal) -> Sequence[SocialAccount]:
    query = visible(select(SocialAccount), principal, SocialAccount)
    return session.scalars(query.where(SocialAccount.ended_at.is_(None))).all()


def wanted_access(network: Network, account: str, token: str) -> SocialAccess:
    """Return the access that a form names, to try it before it is kept; Invalid when it is not whole."""
    if network not in SENDABLE:
        raise Invalid(say("Posts cannot be sent there."), code="social.network")
    number, secret = account.strip(), token.strip()
    wrong = {}
    if not number.isdigit() or len(number) > 30:
        wrong["account"] = say("Write its number, digits only.")
    if not secret or not secret.isascii() or not secret.isprintable():
        wrong["token"] = say("Copy the whole token here.")
    if wrong:
        raise Invalid(say("The page cannot be connected so."), code="social.account", fields=wrong)
    return SocialAccess(network, number, SENDABLE[network], secret)


def connect(work: Work, access: SocialAccess, *, name: str) -> None:
    """Keep a page that has answered; it takes the place of the one before."""
    work.require(Permission.SOCIAL_CONNECT)
    partner_id = work.principal.partner_id
    if partner_id is None:
        raise Forbidden(say("A page is the partner’s to connect."), code="social.side")
    for row in _standing(work.session, work.principal):
        if row.network == access.network:
            _end(work, row)
    account_id = new_id()
    work.session.add(
        SocialAccount(
            id=account_id,
            partner_id=partner_id,
            network=access.network,
            account=access.account,
            url=access.url,
            name=name[:200],
            token=vault.seal(
                work.site.secret, access.token.encode(), purpose=PURPOSE, bound=account_id.bytes
            ),
            made_by=work.principal.name,
            made_at=work.now,
        )
    )
    waiting = (
        PostState.SCHEDULED, PostState.SENDING, PostState.REFUSED, PostState.STOPPED,
        PostState.UNCERTAIN,
    )  # fmt: skip
    work.session.flush()  # posts name the account by its id
    work.session.execute(
        update(SocialPost)
        .where(
            SocialPost.partner_id == partner_id,
            SocialPost.network == access.network,
            SocialPost.state.in_(waiting),
            SocialPost.account_id.is_not(None),
        )
        .values(account_id=account_id)
    )
    work.audit("connected", "social_account", account_id, network=access.network)


def end(work: Work, network: Network) -> None:
    """Forget the token of a page; what is scheduled for it waits for the next."""
    work.require(Permission.SOCIAL_CONNECT)
    for row in _standing(work.session, work.principal):
        if row.network == network:
            _end(work, row)


def _end(work: Work, row: SocialAccount) -> None:
    row.ended_at, row.token = work.now, b""
    work.session.flush()  # before another takes its place
    work.audit("ended", "social_account", row.id, network=row.network)


def account_of(work: Work, network: Network) -> UUID:
    """Return the account that sends to a network; Conflict when none is connected."""
    for row in _standing(work.session, work.principal):
        if row.network == network:
            return row.id
    raise Conflict(
        say("No page is connected there."),
        code="social.none",
        remedy=say("Connect it under Social pages."),
    )


def access_of(work: Work, account_id: UUID) -> SocialAccess | None:
    """Return how to reach an account; None when it was ended or its token does not open."""
    row = work.session.get_one(SocialAccount, account_id)
    if row.ended_at is not None:
        return None
    try:
        token = vault.unseal(
            work.site.secret, row.token, purpose=PURPOSE, bound=row.id.bytes
        ).decode()
    except ValueError:
        return None
    return SocialAccess(row.network, row.account, row.url, token)


def note_trouble(work: Work, account_id: UUID, trouble: SocialError | None) -> None:
    """Keep what an account's network said last; None when it does its work again."""
    row = work.session.get_one(SocialAccount, account_id)
    row.said = trouble.words[:300] if trouble else ""
    row.remedy = trouble.remedy if trouble else ""
