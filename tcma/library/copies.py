"""A partner's own part of a campaign: values for the open slots on top of a pinned version."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Forbidden, Invalid, NotFound
from tcma.library.models import CampaignVersion, PartnerCopy
from tcma.library.queries import vendor_offers
from tcma.library.rules import VersionState
from tcma.library.seeing import seen_campaigns
from tcma.library.sources import source_of
from tcma.partners.queries import brand_in_force, partner_of
from tcma.permissions import Permission
from tcma.rendering import slots as slot_rules
from tcma.rendering.slots import SlotSource, SlotType
from tcma.rendering.source import CampaignSource
from tcma.words import joined, opening, say

__all__ = [
    "PartnerCopy",
    "choose_language",
    "copy_of",
    "copy_row",
    "from_form",
    "newest_version",
    "problems_of",
    "save_slots",
    "slots_of",
]
NEUTRAL = (
    SlotType.NUMBER,
    SlotType.COLOUR,
    SlotType.URL,
    SlotType.PHONE,
    SlotType.DATE,
    SlotType.ADDRESS,
    SlotType.IMAGE,
)
"""Slot types whose values hold in every language."""


def copy_of(work: Work, campaign_id: UUID, *, partner_id: UUID | None = None) -> PartnerCopy:
    """Return the partner's copy of a campaign, made on first use from the published version.

    NotFound unless the partner is enrolled with the vendor and the campaign is published.
    """
    work.require(Permission.COPY_EDIT)
    owner = partner_id if work.principal.is_system else work.principal.partner_id
    if owner is None:
        raise Forbidden(say("A copy is the partner's to make."), code="copy.side")
    mine = select(PartnerCopy).where(
        PartnerCopy.partner_id == owner, PartnerCopy.campaign_id == campaign_id
    )
    known = work.session.scalars(mine).one_or_none()
    if known is not None:
        return known
    version = found(work.session.scalars(vendor_offers(owner, campaign_id)).one_or_none())
    role = "" if work.principal.is_system else work.principal.role.value
    asked = [(campaign_id, version.vendor_id)]
    if not seen_campaigns(work.session, owner, asked, today=work.now.date(), role=role):
        raise NotFound
    source = source_of(work, version.id)
    work.session.execute(
        insert(PartnerCopy)
        .values(
            vendor_id=version.vendor_id,
            partner_id=owner,
            campaign_id=campaign_id,
            version_id=version.id,
            language=source.language_for(_language_of(work, owner)),
            slots={},
            changed_at=work.now,
        )
        .on_conflict_do_nothing(constraint="partner_copy_once")
    )
    return work.session.scalars(mine).one()


def _language_of(work: Work, partner_id: UUID) -> str:
    own = brand_in_force(work.session, partner_id).fields.get("language")
    return own or partner_of(work.session, partner_id).locale


def copy_row(work: Work, copy_id: UUID, *, lock: bool = False) -> PartnerCopy:
    """Return a copy that the principal may see; NotFound for others'."""
    wanted = visible(
        select(PartnerCopy).where(PartnerCopy.id == copy_id), work.principal, PartnerCopy
    )
    row: PartnerCopy | None = work.session.scalars(
        wanted.with_for_update() if lock else wanted
    ).one_or_none()
    return found(row)


def slots_of(copy: PartnerCopy, language: str | None = None) -> dict[str, Any]:
    """Return the partner's own values in a language, its defaults not among them."""
    return dict(copy.slots.get(language or copy.language, {}))


def save_slots(work: Work, copy_id: UUID, values: Mapping[str, Any]) -> PartnerCopy:
    """Keep the partner's values for the copy's language; equal to the default is not kept.

    Slots not named stay as they were. Raises Invalid with a sentence per slot that is locked,
    unknown, missing or does not fit; nothing is saved then.
    """
    copy = _editable(work, copy_id)
    source = source_of(work, copy.version_id)
    wanted = _reduced(source, slots_of(copy) | dict(values), copy.language)
    fields = problems_of(source, wanted, copy.language, given=values)
    if fields:
        raise Invalid(say("Some texts cannot stay as they are."), code="copy.slots", fields=fields)
    copy.slots = dict(copy.slots) | {copy.language: wanted}
    copy.changed_at = work.now
    work.audit(
        "edited",
        "partner_copy",
        copy.id,
        vendor_id=copy.vendor_id,
        partner_id=copy.partner_id,
        slots=sorted(values),
    )
    return copy


def problems_of(
    source: CampaignSource,
    values: Mapping[str, Any],
    language: str,
    *,
    given: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return slot → sentence for everything wrong; with `given`, only what those slots cause.

    A change that is still required is not a fault of saving other slots: the preflight names it.
    """
    judged = {**values, **(given or {})}
    problems = slot_rules.check(source.slots, judged, language=language)
    return {
        p.slot: joined(p.message, say("{reason}.", reason=opening(p.remedy)))
        for p in problems
        if given is None or p.slot in given
    }


def _reduced(source: CampaignSource, values: Mapping[str, Any], language: str) -> dict[str, Any]:
    by_key = {slot.key: slot for slot in source.slots}
    return {
        key: value
        for key, value in values.items()
        if key in by_key and (by_key[key].change_required or value != by_key[key].default(language))
    }


def _editable(work: Work, copy_id: UUID) -> PartnerCopy:
    work.require(Permission.COPY_EDIT)
    return copy_row(work, copy_id, lock=True)


def from_form(slots: tuple[SlotSource, ...], form: Mapping[str, str]) -> dict[str, Any]:
    """Return typed values of a posted form: numbers, one list entry a line, `question | answer`.

    What cannot be read stays text, so that the check can say so.
    """
    out: dict[str, Any] = {}
    for slot in slots:
        if slot.key not in form:
            continue
        text = form[slot.key].replace("\r\n", "\n").strip()
        if slot.type is SlotType.NUMBER:
            out[slot.key] = int(text) if text.lstrip("-").isdigit() else text
        elif slot.type is SlotType.LIST:
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            out[slot.key] = [_pair(line) for line in lines] if slot.pair else lines
        elif slot.type is SlotType.ADDRESS:
            out[slot.key] = "\n".join(line.strip() for line in text.split("\n") if line.strip())
        elif slot.type is SlotType.TEXT:
            out[slot.key] = " ".join(text.split())
        else:
            out[slot.key] = text
    return out


def _pair(line: str) -> list[str]:
    question, _, answer = line.partition("|")
    return [question.strip(), answer.strip()]


def choose_language(work: Work, copy_id: UUID, language: str) -> PartnerCopy:
    """Speak another of the campaign's languages; numbers and addresses go along, texts do not."""
    copy = _editable(work, copy_id)
    source = source_of(work, copy.version_id)
    if language not in source.languages:
        message = say("This campaign does not speak “{language}”.", language=language)
        raise Invalid(message, code="copy.language", fields={"language": message})
    if language != copy.language:
        neutral = {s.key for s in source.slots if s.type in NEUTRAL or s.aspect}
        carried = {k: v for k, v in slots_of(copy).items() if k in neutral}
        copy.slots = dict(copy.slots) | {language: carried | slots_of(copy, language)}
        copy.language, copy.changed_at = language, work.now
    return copy


def newest_version(work: Work, copy: PartnerCopy) -> CampaignVersion | None:
    """Return the published version when the copy is pinned to another one, else None."""
    version = work.session.scalars(
        select(CampaignVersion).where(
            CampaignVersion.campaign_id == copy.campaign_id,
            CampaignVersion.state == VersionState.PUBLISHED,
        )
    ).one_or_none()
    return version if version and version.id != copy.version_id else None
