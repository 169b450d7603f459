"""An owner says up to which sum a colleague may ask funds; above it an owner sends the plan."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.accounts.models import UserAccount
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import LimitReached, NotFound
from tcma.mdf.models.spending import SpendingLimit
from tcma.mdf.queries import belongs_to
from tcma.mdf.rules import positive
from tcma.mdf.words import spoken
from tcma.money import Money
from tcma.permissions import Permission, Principal
from tcma.words import say


def set_limit(work: Work, user_id: UUID, limit: Money | None) -> None:
    """Say the most a colleague may ask for with one plan; None takes the limit away.

    Raises NotFound for who is no colleague, Invalid for a sum that is not above zero.
    """
    work.require(Permission.PEOPLE_MANAGE)
    partner_id = found(work.principal.partner_id)
    if not belongs_to(work.session, user_id, partner_id):
        raise NotFound
    if limit is None:
        work.session.execute(
            delete(SpendingLimit).where(
                SpendingLimit.partner_id == partner_id, SpendingLimit.user_id == user_id
            )
        )
    else:
        positive(limit, limit.currency, "limit")
        values = {
            "currency": limit.currency,
            "minor": limit.minor,
            "set_by": found(work.principal.user_id),
            "set_at": work.now,
        }
        work.session.execute(
            insert(SpendingLimit)
            .values(partner_id=partner_id, user_id=user_id, **values)
            .on_conflict_do_update(index_elements=["partner_id", "user_id"], set_=values)
        )
    words = f"up to {spoken(limit)} a plan" if limit else "no limit"
    work.audit("limited", "person", user_id, partner_id=partner_id, words=words)


def limits_of(session: Session, principal: Principal) -> list[tuple[str, Money]]:
    """Return who of one's company has a limit, by name."""
    rows = session.execute(
        select(UserAccount.name, SpendingLimit.minor, SpendingLimit.currency)
        .join(UserAccount, UserAccount.id == SpendingLimit.user_id)
        .where(SpendingLimit.partner_id == principal.partner_id)
        .order_by(UserAccount.name)
    )
    return [(row.name, Money(row.minor, row.currency)) for row in rows]


def check(work: Work, asked: Money) -> None:
    """Raise LimitReached when whoever asks may not ask for that much, or only in another currency."""
    me = work.principal
    if me.partner_id is None or me.user_id is None:
        return
    row = work.session.get(SpendingLimit, (me.partner_id, me.user_id))
    if row is None or (row.currency == asked.currency and asked.minor <= row.minor):
        return
    limit = spoken(Money(row.minor, row.currency))
    raise LimitReached(
        say(
            "You may ask for up to {limit} with one plan; this one asks for {spoken}.",
            limit=limit,
            spoken=spoken(asked),
        ),
        code="mdf.request.limit",
        remedy=say("Ask an owner of your company to send it."),
    )
