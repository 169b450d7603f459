"""Where a segment or an own field of a partner is used, and that neither goes while something rests on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tcma.contacts import removing
from tcma.contacts.conditions import condition_of
from tcma.contacts.models import ContactImport, Segment
from tcma.contacts.rules import ImportState
from tcma.contacts.segments import segment
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.journeys.document import Journey
from tcma.launches.models import Launch, LaunchMail, LaunchSegment
from tcma.launches.rules import OVER
from tcma.library.models import Campaign, PartnerCopy
from tcma.library.rules import CampaignState
from tcma.nurture.starters import date_keys, starters
from tcma.nurture.versions import journey_of
from tcma.on_behalf.models import StandingOrder
from tcma.on_behalf.rules import OrderState
from tcma.partners.models import Vendor
from tcma.words import Words, joined, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of use: its `kind` is one of `words_of`; `ref` names its page.

    What `binds` must be changed first; of the others the reader is told.
    """

    kind: str
    name: str
    ref: str
    binds: bool


def segment_uses(work: Work, segment_id: UUID) -> list[Place]:
    """Return the launches that have still to write down its people, the standing orders that go to it,
    and the journeys that ask for it by its name.
    """
    one = segment(work.session, work.principal, segment_id)
    return [
        *_launches(work, segment_id),
        *_orders(work, segment_id),
        *_journeys_asking(work, one.name),
    ]


def _launches(work: Work, segment_id: UUID) -> Iterator[Place]:
    written = (
        select(LaunchMail.launch_id)
        .where(LaunchMail.no == 1, LaunchMail.mailing_id.is_not(None))
        .where(LaunchMail.launch_id == Launch.id)
    )
    wanted = (
        select(Launch.name, Launch.ref)
        .join(LaunchSegment, LaunchSegment.launch_id == Launch.id)
        .where(
            LaunchSegment.segment_id == segment_id,
            Launch.partner_id == _own(work),
            Launch.state.not_in(OVER),
            ~written.exists(),
        )
        .order_by(Launch.due_at, Launch.id)
    )
    for row in work.session.execute(wanted):
        yield Place(kind="launch", name=row.name, ref=row.ref, binds=True)


def _orders(work: Work, segment_id: UUID) -> Iterator[Place]:
    wanted = (
        select(Vendor.name)
        .join(StandingOrder, StandingOrder.vendor_id == Vendor.id)
        .where(
            StandingOrder.partner_id == _own(work),
            StandingOrder.state != OrderState.LEFT,
            StandingOrder.list_ids.contains([str(segment_id)]),
        )
        .distinct()
        .order_by(Vendor.name)
    )
    for name in work.session.scalars(wanted):
        yield Place(kind="order", name=name, ref="", binds=True)


def _journeys_asking(work: Work, name: str) -> Iterator[Place]:
    for row, journey in _journeys(work):
        asked = {each.casefold() for when in journey.conditions for each in when.segment}
        if name.casefold() in asked:
            ref = f"{row.vendor}/{row.slug}"
            yield Place(kind="asking", name=row.campaign, ref=ref, binds=False)


def _journeys(work: Work) -> Iterator[tuple[Any, Journey]]:
    wanted = (
        select(
            Campaign.id, Campaign.name.label("campaign"), Campaign.slug,
            Vendor.slug.label("vendor"), PartnerCopy.version_id,
        )
        .join(PartnerCopy, PartnerCopy.campaign_id == Campaign.id)
        .join(Vendor, Vendor.id == Campaign.vendor_id)
        .where(PartnerCopy.partner_id == _own(work), Campaign.state != CampaignState.RETIRED)
        .order_by(Campaign.name, Campaign.id)
    )  # fmt: skip
    for row in work.session.execute(wanted).all():
        yield row, journey_of(work, campaign_id=row.id, campaign_version_id=row.version_id)


def field_uses(work: Work, key: str) -> list[Place]:
    """Return the segments that ask for an own field, the journeys that begin by a date in it, and the
    imports that fill it or whose columns are remembered.

    Mails name no own field: their tokens are those of `rendering.tokens`.
    """
    return [*_segments_asking(work, key), *_begun_by(work, key), *_imports(work, key)]


def _segments_asking(work: Work, key: str) -> Iterator[Place]:
    wanted = select(Segment).where(Segment.partner_id == _own(work), Segment.deleted_at.is_(None))
    for row in work.session.scalars(wanted.order_by(Segment.name)):
        if any(line.field == key for line in condition_of(row.condition).rows):
            yield Place(kind="segment", name=row.name, ref=str(row.id), binds=True)


def _begun_by(work: Work, key: str) -> Iterator[Place]:
    agreed = {
        starter.campaign_id: starter for starter in starters(work.session, partner_id=_own(work))
    }
    for row, journey in _journeys(work):
        starter = agreed.get(row.id)
        start = journey.start
        if start is None or not start.by_date or starter is None:
            continue
        if key in date_keys(work.session, _own(work), start):
            binds = starter.agrees(start)
            ref = f"{row.vendor}/{row.slug}"
            yield Place(kind="begun", name=row.campaign, ref=ref, binds=binds)


def _imports(work: Work, key: str) -> Iterator[Place]:
    """The files that fill it just now, and the last one whose columns would be read that way again."""
    wanted = (
        select(ContactImport.id, ContactImport.file_name, ContactImport.state)
        .where(
            ContactImport.partner_id == _own(work),
            ContactImport.state.in_((ImportState.IMPORTING, ImportState.UNDOING, ImportState.DONE)),
            ContactImport.mapping.has_key(key),
        )
        .order_by(ContactImport.id.desc())
    )
    told = False
    for row in work.session.execute(wanted):
        binds = row.state != ImportState.DONE
        if binds or not told:
            kind = "filling" if binds else "filled"
            yield Place(kind=kind, name=row.file_name, ref=str(row.id), binds=binds)
        told = told or not binds


def _own(work: Work) -> UUID:
    return found(work.principal.partner_id)


def delete_segment(work: Work, segment_id: UUID) -> str:
    """Delete a segment and return its name; Conflict, with the places, while something goes to it."""
    _refuse(segment_uses(work, segment_id), say("This segment is in use."))
    return removing.delete_segment(work, segment_id)


def remove_field(work: Work, key: str) -> None:
    """Remove an own field with every value; Conflict, with the places, while something asks for it."""
    _refuse(field_uses(work, key), say("This field is in use."))
    removing.remove_field(work, key)


def words_of(place: Place) -> Words:
    """Return in a sentence how a place uses it."""
    name = place.name
    words = {
        "launch": say("The launch “{name}” goes to it.", name=name),
        "order": say("What {name} launches for you goes to it.", name=name),
        "asking": say("The journey of “{name}” asks for it by its name.", name=name),
        "begun": say("The journey of “{name}” begins by it.", name=name),
        "segment": say("The segment “{name}” asks for it.", name=name),
        "filling": say("The import of “{name}” has not ended.", name=name),
        "filled": say(
            "Files such as “{name}” fill it: the next one leaves the column out.", name=name
        ),
    }
    return words[place.kind]


def _refuse(places: Sequence[Place], what: Words) -> None:
    bound = [place for place in places if place.binds]
    if bound:
        raise Conflict(
            joined(what, *(words_of(place) for place in bound)),
            code="contacts.in_use",
            remedy=say("Change that first."),
        )
