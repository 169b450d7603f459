"""Founds, invites and lets go many partners at once: as `actions` does one, asked for once for all."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from uuid import UUID

from sqlalchemy import delete, func, or_, select

from tcma.accounts.actions import Invitation, withdraw_invitations
from tcma.accounts.enlisting import Invited, enlist_each
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.partners import history
from tcma.partners.actions import Firm, facts_of
from tcma.partners.models import Enrolment, EnrolmentTerritory, Partner, Territory
from tcma.partners.rules import EnrolmentState, PartnerKind, Tier, slug_of
from tcma.permissions import Permission, Role
from tcma.words import say

NUMBERED = re.compile(r"-\d+$")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a partner is to the vendor: level, kind, and the codes of its territories."""

    tier: Tier
    kind: PartnerKind
    territories: tuple[str, ...] = ()


def found_each(work: Work, firms: Sequence[tuple[Firm, Standing]]) -> list[UUID]:
    """Found partners and enrol them with the principal's vendor; their ids in the same order.

    Raises Invalid for a firm that lacks something or a territory that is none.
    """
    work.require(Permission.PARTNERS_MANAGE)
    vendor_id = found(work.principal.vendor_id)
    _known(work, vendor_id, (standing for _, standing in firms))
    slugs = _slugs(work, [firm for firm, _ in firms])
    ids = [new_id() for _ in firms]
    for partner_id, slug, (firm, _) in zip(ids, slugs, firms, strict=True):
        firm.checked()
        work.session.add(
            Partner(
                id=partner_id,
                slug=slug,
                name=firm.name.strip(),
                legal_name=firm.legal_name.strip(),
                country=firm.country,
                zone=firm.zone,
                locale=firm.locale,
                currency=firm.currency,
                created_at=work.now,
            )
        )
    work.session.flush()  # enrolments refer to partners
    for partner_id, (_, standing) in zip(ids, firms, strict=True):
        work.session.add(
            Enrolment(
                vendor_id=vendor_id,
                partner_id=partner_id,
                tier=standing.tier,
                kind=standing.kind,
                state=EnrolmentState.INVITED,
                joined_at=work.now,
            )
        )
        work.audit("enrolled", "partner", partner_id, vendor_id=vendor_id, partner_id=partner_id)
    work.session.flush()  # territories refer to enrolments
    standings = {each: standing for each, (_, standing) in zip(ids, firms, strict=True)}
    _set_territories(work, vendor_id, standings)
    return ids


def _slugs(work: Work, firms: Sequence[Firm]) -> list[str]:
    """Return a short name nobody has for each firm, numbered where its name is taken."""
    stems = [slug_of(firm.name) for firm in firms]
    bare = func.regexp_replace(Partner.slug, NUMBERED.pattern.replace(r"\d", "[0-9]"), "")
    some = select(Partner.slug).where(or_(Partner.slug.in_(set(stems)), bare.in_(set(stems))))
    taken = set(work.session.scalars(some))
    chosen = []
    for stem in stems:
        names = chain((stem,), (f"{stem}-{n}" for n in count(2)))
        slug = next(name for name in names if name not in taken)
        taken.add(slug)
        chosen.append(slug)
    return chosen


def _known(work: Work, vendor_id: UUID, standings: Iterable[Standing]) -> None:
    known = set(
        work.session.scalars(select(Territory.code).where(Territory.vendor_id == vendor_id))
    )
    named = {code for standing in standings for code in standing.territories}
    if unknown := sorted(named - known):
        message = say("There is no territory {unknown}.", unknown=", ".join(unknown))
        raise Invalid(message, code="partners.territory", fields={"territories": message})


def _set_territories(work: Work, vendor_id: UUID, standings: Mapping[UUID, Standing]) -> None:
    own = (EnrolmentTerritory.vendor_id == vendor_id) & EnrolmentTerritory.partner_id.in_(standings)
    before: dict[UUID, list[str]] = {}
    for row in work.session.scalars(select(EnrolmentTerritory).where(own)):
        before.setdefault(row.partner_id, []).append(row.code)
    work.session.execute(delete(EnrolmentTerritory).where(own))
    rows = []
    for partner_id, standing in standings.items():
        codes = sorted(set(standing.territories))
        had = {"territories": sorted(before.get(partner_id, []))}
        history.record(
            work, "partner", partner_id, had, {"territories": codes}, vendor_id=vendor_id
        )
        pair = {"vendor_id": vendor_id, "partner_id": partner_id}
        rows += [pair | {"code": code} for code in codes]
    if rows:
        work.session.connection().execute(
            EnrolmentTerritory.metadata.tables["enrolment_territory"].insert(), rows
        )


def take_in_again(work: Work, standings: Mapping[UUID, Standing]) -> None:
    """Enrol partners anew whose enrolment ended, as invited ones."""
    work.require(Permission.PARTNERS_MANAGE)
    vendor_id = found(work.principal.vendor_id)
    _known(work, vendor_id, standings.values())
    for row in _enrolments(work, list(standings)):
        before, standing = facts_of(row), standings[row.partner_id]
        row.tier, row.kind, row.state = standing.tier, standing.kind, EnrolmentState.INVITED
        history.record(work, "partner", row.partner_id, before, facts_of(row), vendor_id=vendor_id)
    _set_territories(work, vendor_id, standings)


def _enrolments(work: Work, partner_ids: Sequence[UUID]) -> Sequence[Enrolment]:
    """Return and lock the vendor's enrolments of all these; NotFound when one is missing."""
    mine = select(Enrolment).where(
        Enrolment.vendor_id == found(work.principal.vendor_id),
        Enrolment.partner_id.in_(partner_ids),
    )
    rows = work.session.scalars(
        mine.order_by(Enrolment.partner_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    found(True if len(rows) == len(set(partner_ids)) else None)
    return rows


def invite_each(work: Work, people: Sequence[Invited], role: Role = Role.OWNER) -> list[Invitation]:
    """Invite a person into each of several partners of the vendor; the letters in the same order."""
    work.require(Permission.PARTNERS_MANAGE)
    if not people:
        return []
    _enrolments(work, [one.partner_id for one in people])
    return enlist_each(work, people, role)


def uninvite_each(work: Work, partner_ids: Sequence[UUID]) -> None:
    """End enrolments that nobody joined by, with their open invitations; Conflict for another.

    A partner that is enrolled elsewhere as well keeps its invitations.
    """
    work.require(Permission.PARTNERS_MANAGE)
    rows = _enrolments(work, partner_ids)
    if any(row.state != EnrolmentState.INVITED for row in rows):
        raise Conflict(say("Somebody joined already."), code="partners.joined")
    before, after = {"state": EnrolmentState.INVITED.value}, {"state": EnrolmentState.ENDED.value}
    for row in rows:
        row.state = EnrolmentState.ENDED
        history.record(work, "partner", row.partner_id, before, after, vendor_id=row.vendor_id)
    work.session.flush()  # the question that follows is about the others
    elsewhere = select(Enrolment.partner_id).where(
        Enrolment.partner_id.in_(partner_ids), Enrolment.state != EnrolmentState.ENDED
    )
    withdraw_invitations(work, set(partner_ids) - set(work.session.scalars(elsewhere)))
