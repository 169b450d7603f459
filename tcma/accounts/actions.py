"""Invitations, memberships, resets and one's own settings."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babel import Locale, UnknownLocaleError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from tcma.accounts.models import Membership, UsedLink, UserAccount
from tcma.accounts.passwords import hash_password, matches
from tcma.accounts.queries import INVITATION, RESET, offer_of
from tcma.accounts.rules import (
    INVITATION_LASTS,
    RESET_LASTS,
    AccountState,
    MembershipState,
    check_password,
    normal_email,
)
from tcma.accounts.sessions import end_sessions, open_session
from tcma.clock import zones
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, NotFound
from tcma.ids import new_id, token_hash
from tcma.permissions import PARTNER_ROLES, ROLE_WORDS, VENDOR_ROLES, Permission, Role
from tcma.words import say

THEMES = ("system", "light", "dark")
HEADS = (Role.OWNER, Role.ADMINISTRATOR)
"""Roles of which every organisation keeps at least one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A link to mail to a person; the edge hands it to `delivery.notices`."""

    token: str
    email: str
    name: str
    locale: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation(Letter):
    """An invitation to one role on one side."""

    membership_id: UUID
    user_id: UUID
    role: Role
    vendor_id: UUID | None
    partner_id: UUID | None

    @property
    def role_words(self) -> str:
        """The role as people read it."""
        return ROLE_WORDS[self.role]


def invite(  # noqa: PLR0913 - who, as what, on which side
    work: Work,
    *,
    email: str,
    name: str,
    role: Role,
    vendor_id: UUID | None = None,
    partner_id: UUID | None = None,
) -> Invitation:
    """Invite a person to the principal's own side; the house may name any side.

    Raises Invalid for a broken address or a role of the other side, Conflict for a member.
    """
    work.require(Permission.PEOPLE_MANAGE)
    if not work.principal.is_system:
        vendor_id, partner_id = work.principal.vendor_id, work.principal.partner_id
    own = select(UserAccount.locale).where(UserAccount.id == work.principal.user_id)
    return enlist(
        work, email=email, name=name, role=role, vendor_id=vendor_id, partner_id=partner_id,
        locale=work.session.scalar(own),
    )  # fmt: skip


def enlist(  # noqa: PLR0913 - who, as what, on which side
    work: Work,
    *,
    email: str,
    name: str,
    role: Role,
    vendor_id: UUID | None = None,
    partner_id: UUID | None = None,
    locale: str | None = None,
) -> Invitation:
    """Write account and invited membership and return the letter; the caller has checked who may.

    Inviting an invited person again makes a fresh link. A new account begins in the language of
    `locale`, which its person changes at will.
    """
    check_invitation(email, name, role, for_partner=partner_id is not None)
    address = normal_email(email)
    begins = {"locale": locale} if locale else {}
    fresh = insert(UserAccount).values(
        email=address, name=name.strip(), created_at=work.now, **begins
    )
    work.session.execute(fresh.on_conflict_do_nothing(index_elements=["email"]))
    user = work.session.scalars(select(UserAccount).where(UserAccount.email == address)).one()
    member = work.session.scalars(
        select(Membership).where(
            Membership.user_id == user.id,
            Membership.vendor_id.is_not_distinct_from(vendor_id),
            Membership.partner_id.is_not_distinct_from(partner_id),
        )
    ).one_or_none()
    letter = invite_member(
        work, user, member, role=role, vendor_id=vendor_id, partner_id=partner_id
    )
    work.session.flush()  # whoever asks for the people next finds them
    return letter


def invite_member(  # noqa: PLR0913 - who, as what, on which side
    work: Work,
    user: UserAccount,
    member: Membership | None,
    *,
    role: Role,
    vendor_id: UUID | None = None,
    partner_id: UUID | None = None,
) -> Invitation:
    """Make somebody's membership, or a new one, an invited one and return the letter; Conflict for a member."""
    if member is None:
        member = Membership(
            id=new_id(),
            user_id=user.id,
            vendor_id=vendor_id,
            partner_id=partner_id,
            created_at=work.now,
        )
        work.session.add(member)
    elif member.state == MembershipState.ACTIVE:
        raise Conflict(say("{user} is already a member.", user=user.name), code="people.member")
    member.role, member.state = role, MembershipState.INVITED
    work.audit(
        "invited", "membership", member.id, vendor_id=vendor_id, partner_id=partner_id, role=role
    )
    expires_at = work.now + INVITATION_LASTS
    return Invitation(
        token=work.site.signer.sign(INVITATION, str(member.id), expires_at=expires_at),
        email=user.email,
        name=user.name,
        locale=user.locale,
        expires_at=expires_at,
        membership_id=member.id,
        user_id=user.id,
        role=role,
        vendor_id=vendor_id,
        partner_id=partner_id,
    )


def check_invitation(email: str, name: str, role: Role, *, for_partner: bool) -> None:
    """Raise Invalid for a broken address, no name, or a role of the other side."""
    fields = {}
    try:
        validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        fields["email"] = say("This is not a mail address.")
    if not name.strip():
        fields["name"] = say("Write the person's name.")
    if role not in (PARTNER_ROLES if for_partner else VENDOR_ROLES):
        fields["role"] = say("This role belongs to the other side.")
    if fields:
        raise Invalid(
            say("The invitation is not complete."), code="people.invitation", fields=fields
        )


def accept_invitation(work: Work, *, token: str, password: str, name: str = "") -> str:
    """Join by a link that works once; return the token of a fresh session.

    A new account gets `password`; an existing one must give its own. Raises NotFound for a used,
    forged or expired link and Invalid for a weak or wrong password.
    """
    offer = offer_of(work.session, work.site.signer, token, now=work.now)
    member = work.session.get_one(Membership, offer.membership_id, with_for_update=True)
    user = work.session.get_one(UserAccount, member.user_id, with_for_update=True)
    if user.password_hash is not None:
        if not matches(user.password_hash, password):
            raise Invalid(
                say("This is not the password of your account."),
                code="sign_in.wrong",
                fields={"password": say("Give the password you sign in with.")},
            )
    else:
        check_password(password, email=user.email, name=name or user.name)
        user.password_hash = hash_password(password)
    use_link(work, token, purpose=INVITATION)
    user.name = name.strip() or user.name
    user.state = AccountState.ACTIVE
    member.state = MembershipState.ACTIVE
    work.audit(
        "joined",
        "membership",
        member.id,
        vendor_id=member.vendor_id,
        partner_id=member.partner_id,
        person=user.name,
    )
    work.session.flush()  # the session row refers to both
    return open_session(work, user_id=user.id, membership_id=member.id)


def withdraw_invitations(work: Work, partner_ids: Collection[UUID]) -> None:
    """End what nobody of these partners has accepted; the caller has checked who may."""
    work.session.execute(
        update(Membership)
        .where(
            Membership.partner_id.in_(partner_ids),
            Membership.state == MembershipState.INVITED,
        )
        .values(state=MembershipState.ENDED)
    )


def use_link(work: Work, token: str, *, purpose: str) -> None:
    """Mark a signed link as used; NotFound when it was already."""
    used = (
        insert(UsedLink)
        .values(token_hash=token_hash(token), purpose=purpose, used_at=work.now)
        .on_conflict_do_nothing()
        .returning(UsedLink.token_hash)
    )
    if work.session.scalar(used) is None:
        raise NotFound(say("This link has been used already."), code="link.used")


def ask_reset(work: Work, *, email: str) -> Letter | None:
    """Return the letter for an active account, None for anybody else; the page says the same."""
    user = work.session.scalars(
        select(UserAccount).where(
            UserAccount.email == normal_email(email), UserAccount.state == AccountState.ACTIVE
        )
    ).one_or_none()
    if user is None:
        return None
    expires_at = work.now + RESET_LASTS
    payload = f"{user.id}:{_mark(user)}"
    token = work.site.signer.sign(RESET, payload, expires_at=expires_at)
    return Letter(
        token=token, email=user.email, name=user.name, locale=user.locale, expires_at=expires_at
    )


def reset_password(work: Work, *, token: str, password: str) -> None:
    """Set a new password by a link that works once; unlocks, and ends every session.

    A link made before any later change of the password is NotFound.
    """
    user_id, _, mark = work.site.signer.read(RESET, token, work.now).partition(":")
    user = found(work.session.get(UserAccount, UUID(user_id), with_for_update=True))
    if _mark(user) != mark:
        raise NotFound(say("This link has been used already."), code="link.used")
    check_password(password, email=user.email, name=user.name)
    use_link(work, token, purpose=RESET)
    user.password_hash = hash_password(password)
    user.failed_n, user.locked_until = 0, None
    end_sessions(work, user_id=user.id)
    work.audit("reset password", "user", user.id)


def _mark(user: UserAccount) -> str:
    return hashlib.sha256((user.password_hash or "").encode()).hexdigest()[:16]


def end_membership(work: Work, *, membership_id: UUID) -> None:
    """Take a person's role away, or leave oneself; the last owner or administrator stays.

    Ends the sessions of that role at once.
    """
    member = _member(work, membership_id)
    if member.user_id != work.principal.user_id:
        work.require(Permission.PEOPLE_MANAGE)
    _keep_a_head(work, member)
    member.state = MembershipState.ENDED
    end_sessions(work, membership_id=member.id)
    work.audit("left", "membership", member.id, role=member.role)


def change_role(work: Work, *, membership_id: UUID, role: Role) -> None:
    """Give a colleague another role of the same side."""
    work.require(Permission.PEOPLE_MANAGE)
    member = _member(work, membership_id)
    if role not in (PARTNER_ROLES if member.partner_id else VENDOR_ROLES):
        message = say("This role belongs to the other side.")
        raise Invalid(message, code="people.role", fields={"role": message})
    if role not in HEADS:
        _keep_a_head(work, member)
    work.audit("changed role", "membership", member.id, before=member.role, after=role)
    member.role = role


def _member(work: Work, membership_id: UUID) -> Membership:
    wanted = select(Membership).where(
        Membership.id == membership_id, Membership.state != MembershipState.ENDED
    )
    mine = visible(wanted, work.principal, Membership).with_for_update()
    member: Membership | None = work.session.scalars(mine).one_or_none()
    return found(member)


def _keep_a_head(work: Work, member: Membership) -> None:
    if member.role not in HEADS or member.state != MembershipState.ACTIVE:
        return
    side = select(Membership.id).where(
        Membership.vendor_id.is_not_distinct_from(member.vendor_id),
        Membership.partner_id.is_not_distinct_from(member.partner_id),
        Membership.role == member.role,
        Membership.state == MembershipState.ACTIVE,
    )
    # Locked in order, so that two heads who leave at the same time wait for each other.
    heads = work.session.scalars(side.order_by(Membership.id).with_for_update()).all()
    if heads == [member.id]:
        word = ROLE_WORDS[Role(member.role)].lower()
        raise Conflict(
            say("The last {word} cannot leave.", word=word),
            code="people.last_head",
            remedy=say("Make somebody else {word} first.", word=word),
        )


def update_self(
    work: Work,
    *,
    name: str | None = None,
    locale: str | None = None,
    zone: str | None = None,
    theme: str | None = None,
) -> None:
    """Change one's own name, locale (`de-AT`), time zone (IANA) and theme; Invalid with fields."""
    work.require(Permission.ACCOUNT_SELF)
    user = found(work.session.get(UserAccount, work.principal.user_id))
    fields = {}
    if name is not None and not name.strip():
        fields["name"] = say("Write your name.")
    if locale is not None and not _is_locale(locale):
        fields["locale"] = say("We do not know this language.")
    if zone is not None and zone not in zones():
        fields["zone"] = say("We do not know this time zone.")
    if theme is not None and theme not in THEMES:
        fields["theme"] = say("Choose system, light or dark.")
    if fields:
        raise Invalid(say("Your settings were not saved."), code="account.settings", fields=fields)
    user.name = name.strip() if name else user.name
    user.locale = locale or user.locale
    user.zone = zone or user.zone
    user.theme = theme or user.theme


def _is_locale(text: str) -> bool:
    try:
        Locale.parse(text, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def change_password(work: Work, *, current: str, new: str) -> None:
    """Set a new password, knowing the old one; ends every session, this one too."""
    work.require(Permission.ACCOUNT_SELF)
    user = found(work.session.get(UserAccount, work.principal.user_id, with_for_update=True))
    if not matches(user.password_hash, current):
        message = say("This is not your present password.")
        raise Invalid(message, code="sign_in.wrong", fields={"current": message})
    check_password(new, email=user.email, name=user.name)
    user.password_hash = hash_password(new)
    end_sessions(work, user_id=user.id)
    work.audit("changed password", "user", user.id)
