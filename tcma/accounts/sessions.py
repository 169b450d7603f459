"""Signing in and out: the same work for an unknown account, lock-out, sessions by hashed token."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership, SignInSession, UsedLink, UserAccount
from tcma.accounts.passwords import hash_password, is_outdated, matches
from tcma.accounts.queries import SignedIn, memberships, signed_in
from tcma.accounts.rules import (
    SESSION_IDLE,
    SESSION_LASTS,
    AccountState,
    MembershipState,
    lock_after_failure,
    normal_email,
)
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Invalid, LimitReached, TcmaError
from tcma.ids import random_token, token_hash
from tcma.words import say, say_n

SEEN_EVERY = timedelta(minutes=5)
KEEP_ENDED = timedelta(days=30)

_LIVE = (
    select(SignInSession, UserAccount)
    .join(UserAccount, UserAccount.id == SignInSession.user_id)
    .where(
        SignInSession.token_hash == bindparam("token_hash"),
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > bindparam("now"),
        SignInSession.seen_at > bindparam("idle_since"),
    )
)
"""Asked at each request: built once."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of a try to sign in: a token for the cookie, or the refusal to show.

    A refusal is a value, not an exception, so that the counted failure is committed.
    """

    token: str | None = None
    refusal: TcmaError | None = None


def sign_in(work: Work, *, email: str, password: str) -> Attempt:
    """Open a session for the right password; count the failure and lock after five in a row.

    The row lock makes tries on one account wait for each other, so none slips past the count.
    """
    user = work.session.scalars(
        select(UserAccount).where(UserAccount.email == normal_email(email)).with_for_update()
    ).one_or_none()
    if user is not None and user.locked_until and user.locked_until > work.now:
        return Attempt(refusal=_locked(user.locked_until, work.now))
    usable = user is not None and user.state == AccountState.ACTIVE
    right = matches(user.password_hash if user and usable else None, password[:1_000])
    if user is None or not right:
        return Attempt(refusal=_failed(work, user))
    sides = memberships(work.session, user.id)
    if not sides:
        return Attempt(refusal=_wrong())
    user.failed_n, user.locked_until = 0, None
    if user.password_hash and is_outdated(user.password_hash):
        user.password_hash = hash_password(password)
    return Attempt(token=open_session(work, user_id=user.id, membership_id=sides[0].id))


def open_session(work: Work, *, user_id: UUID, membership_id: UUID) -> str:
    """Write a new session and return its token; the caller has checked who it is."""
    token = random_token()
    work.session.add(
        SignInSession(
            token_hash=token_hash(token),
            user_id=user_id,
            membership_id=membership_id,
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now + SESSION_LASTS,
        )
    )
    return token


def recognise(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Return who a cookie's token is, None for ended, idle, expired and unknown ones.

    Marks the session as seen, at most every five minutes.
    """
    asked = {"token_hash": token_hash(token), "now": now, "idle_since": now - SESSION_IDLE}
    live = session.execute(_LIVE, asked).one_or_none()
    if live is None:
        return None
    row, user = live
    if row.seen_at < now - SEEN_EVERY:
        row.seen_at = now
    return signed_in(session, row, user)


def sign_out(work: Work, *, token: str) -> None:
    """End the session of a cookie; quiet when there is none."""
    work.session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_(None))
        .values(ended_at=work.now)
    )


def switch_membership(work: Work, *, token: str, membership_id: UUID) -> None:
    """Act for another side from now on; NotFound unless the role is the session's own person's."""
    row = found(
        work.session.scalars(
            select(SignInSession).where(
                SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_(None)
            )
        ).one_or_none()
    )
    own = select(Membership.id).where(
        Membership.id == membership_id,
        Membership.user_id == row.user_id,
        Membership.state == MembershipState.ACTIVE,
    )
    row.membership_id = found(work.session.scalar(own))


def end_sessions(
    work: Work, *, user_id: UUID | None = None, membership_id: UUID | None = None
) -> None:
    """End every session of a person, or of one of the person's roles."""
    whose = (
        SignInSession.user_id == user_id
        if user_id
        else SignInSession.membership_id == membership_id
    )
    work.session.execute(
        update(SignInSession)
        .where(whose, SignInSession.ended_at.is_(None))
        .values(ended_at=work.now)
    )


def purge(work: Work) -> int:
    """Delete sessions and used links that ended a month ago; return how many sessions went."""
    horizon = work.now - KEEP_ENDED
    gone = work.session.execute(
        delete(SignInSession)
        .where(or_(SignInSession.ended_at < horizon, SignInSession.expires_at < horizon))
        .returning(SignInSession.id)
    ).all()
    work.session.execute(delete(UsedLink).where(UsedLink.used_at < horizon))
    return len(gone)


def _failed(work: Work, user: UserAccount | None) -> TcmaError:
    if user is None:
        return _wrong()
    user.failed_n += 1
    user.locked_until = lock_after_failure(user.failed_n, work.now)
    if user.locked_until is None:
        return _wrong()
    work.audit("locked", "user", user.id, tries=user.failed_n)
    return _locked(user.locked_until, work.now)


def _wrong() -> Invalid:
    return Invalid(
        say("Address and password do not match."),
        code="sign_in.wrong",
        remedy=say("Try again, or ask for a link to set a new password."),
    )


def _locked(until: datetime, now: datetime) -> LimitReached:
    minutes = max(1, round((until - now).total_seconds() / 60))
    return LimitReached(
        say_n("Too many tries. Wait {n} minute.", "Too many tries. Wait {n} minutes.", minutes),
        code="sign_in.locked",
        remedy=say("Or set a new password by mail: that unlocks the account at once."),
    )
