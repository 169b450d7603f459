"""A partner's rule for its leads, and who of its people is away: stated, and taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from tcma.accounts.models import UserAccount
from tcma.accounts.queries import Person
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Forbidden, Invalid
from tcma.leads.handing_on import sellers_of, today_at
from tcma.leads.models_people import LeadSharing, SellerAbsence
from tcma.leads.routing.sellers import Way, typed_areas
from tcma.permissions import Permission
from tcma.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a partner shares its leads; `areas` as typed, by person, `person_id` who gets all of them."""

    way: Way
    keeps: bool
    accepts: bool
    areas: dict[UUID, str]
    changed_by: str
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Somebody's days without new leads; `is_now` says whether today is one of them."""

    id: UUID
    person_id: UUID
    person: str
    starts_on: date
    ends_on: date
    is_now: bool


def rule_of(work: Work) -> Rule:
    """Return the rule of the principal's partner; without one everybody hears of every lead."""
    row = work.session.get(LeadSharing, found(work.principal.partner_id))
    if row is None:
        return Rule(way=Way.EVERYBODY, keeps=False, accepts=False, areas={}, changed_by="")
    areas = {UUID(person): ", ".join(places) for person, places in row.areas.items()}
    return Rule(
        way=Way(row.way),
        keeps=row.keeps,
        accepts=row.accepts,
        areas=areas,
        changed_by=row.changed_by,
        person_id=row.person_id,
    )


def save_rule(  # noqa: PLR0913 - the fields of a rule
    work: Work,
    *,
    way: Way,
    keeps: bool,
    areas: Mapping[UUID, str],
    accepts: bool = False,
    person_id: UUID | None = None,
) -> None:
    """Share leads by this rule from now on; Invalid with the person whose areas cannot be read, or when
    who is to get all of them gets none.
    """
    work.require(Permission.PEOPLE_MANAGE)
    partner_id = found(work.principal.partner_id)
    people = sellers_of(work.session, partner_id)
    if way is Way.PERSON and person_id not in {each.user_id for each in people}:
        message = say("Choose somebody who gets leads.")
        raise Invalid(message, code="leads.person", fields={"person_id": message})
    values = {
        "way": way,
        "keeps": keeps,
        "accepts": accepts,
        "areas": _read_areas(people, way, areas),
        "person_id": person_id if way is Way.PERSON else None,
        "changed_by": work.principal.name,
        "changed_at": work.now,
    }
    work.session.execute(
        insert(LeadSharing)
        .values(partner_id=partner_id, **values)
        .on_conflict_do_update(index_elements=["partner_id"], set_=values)
    )
    work.audit(
        "shares leads",
        "partner",
        partner_id,
        partner_id=partner_id,
        way=way.value,
        accepts=accepts,
    )


def _read_areas(
    people: Sequence[Person], way: Way, areas: Mapping[UUID, str]
) -> dict[str, list[str]]:
    """Return the areas of each person as they are kept."""
    read: dict[str, list[str]] = {}
    for person in people:
        try:
            places = typed_areas(areas.get(person.user_id, ""))
        except ValueError as error:
            message = say(
                "{name}: “{typed}” does not begin with a country. Write GB LS, or DE.",
                name=person.name,
                typed=str(error),
            )
            raise Invalid(
                message, code="leads.area", fields={f"areas-{person.user_id}": message}
            ) from None
        if places:
            read[str(person.user_id)] = places
    if way is Way.AREA and not read:
        message = say("Write for at least one person where their leads come from.")
        raise Invalid(message, code="leads.areas", fields={"way": message})
    return read


def absences(work: Work) -> list[Away]:
    """Return who of the principal's partner is away or will be, soonest first."""
    partner_id = found(work.principal.partner_id)
    today = today_at(work, partner_id)
    rows = work.session.execute(
        select(SellerAbsence, UserAccount.name)
        .join(UserAccount, UserAccount.id == SellerAbsence.user_id)
        .where(SellerAbsence.partner_id == partner_id, SellerAbsence.ends_on >= today)
        .order_by(SellerAbsence.starts_on, SellerAbsence.id)
    )
    return [
        Away(
            id=row.id,
            person_id=row.user_id,
            person=name,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            is_now=row.starts_on <= today,
        )
        for row, name in rows
    ]


def state_absence(work: Work, person_id: UUID, starts_on: date, ends_on: date) -> None:
    """Give somebody no new leads from one day to another; others' days are the owner's to state."""
    partner_id = _may_speak_for(work, person_id)
    if person_id not in {each.user_id for each in sellers_of(work.session, partner_id)}:
        message = say("Choose somebody who gets leads.")
        raise Invalid(message, code="leads.away", fields={"person": message})
    if ends_on < starts_on or ends_on < today_at(work, partner_id):
        message = say("The last day is before the first, or has passed.")
        raise Invalid(message, code="leads.away", fields={"ends_on": message})
    work.session.add(
        SellerAbsence(
            partner_id=partner_id,
            user_id=person_id,
            starts_on=starts_on,
            ends_on=ends_on,
            stated_at=work.now,
        )
    )


def end_absence(work: Work, absence_id: UUID) -> None:
    """Take an absence back: new leads come again at once."""
    row = found(work.session.get(SellerAbsence, absence_id))
    found(row if row.partner_id == work.principal.partner_id else None)
    _may_speak_for(work, row.user_id)
    work.session.execute(delete(SellerAbsence).where(SellerAbsence.id == absence_id))


def _may_speak_for(work: Work, person_id: UUID) -> UUID:
    work.require(Permission.LEAD_ANSWER)
    mine = person_id == work.principal.user_id
    if not mine and not work.principal.may(Permission.PEOPLE_MANAGE):
        raise Forbidden(say("You can say when you are away yourself; an owner can for others."))
    return found(work.principal.partner_id)
