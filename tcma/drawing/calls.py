"""One call: a template, a partner and slot values, judged as in the editor and drawn as a campaign's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.drawing.keys import Scope
from tcma.drawing.rules import Template, is_small, open_slots, own_values, template_of, wrong_slots
from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.library.ingredients import Ingredients, gather_for
from tcma.library.models import Campaign, CampaignVersion
from tcma.library.picture_texts import texts_of
from tcma.library.pictures import Drawn, drawn_once, image_named, key_of
from tcma.library.rules import VersionState
from tcma.library.seeing import MAY_START, seen_campaigns
from tcma.library.sources import source_of
from tcma.library.stops import why_stopped
from tcma.partners.queries import brand_in_force, enrolment, partner_by_slug, partner_of
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.image_recipe import Recipe
from tcma.rendering.images import check_fit, load_recipe
from tcma.rendering.slots import SlotSource
from tcma.rendering.source import CampaignSource, ImageSource
from tcma.rendering.studio import Draws, here

MAY_BE_DRAWN = (VersionState.PUBLISHED, VersionState.SUPERSEDED)
"""A version that was locked stays drawable after the next one; a retired one does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a program asks for; `partner` is a short name, not needed where the key names one."""

    template: str
    partner: str = ""
    language: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that holds: everything named, version and brand locked."""

    template: Template
    vendor_id: UUID
    partner_id: UUID
    partner: str
    version_id: UUID
    brand_id: UUID | None
    language: str
    values: dict[str, Any]
    image: ImageSource
    made_of: Ingredients


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A template that a key may draw, and the slots it takes."""

    template: Template
    campaign: str
    width: int
    height: int
    languages: tuple[str, ...]
    slots: tuple[SlotSource, ...]
    is_moving: bool


def offered(work: Work, scope: Scope) -> list[Offered]:
    """Return the published templates of a scope, by name."""
    wanted = (
        select(Campaign.slug, Campaign.name, CampaignVersion.id, CampaignVersion.no)
        .join(CampaignVersion, CampaignVersion.campaign_id == Campaign.id)
        .where(
            Campaign.vendor_id == scope.vendor_id, CampaignVersion.state == VersionState.PUBLISHED
        )
        .order_by(Campaign.slug)
    )
    if scope.campaign_id:
        wanted = wanted.where(Campaign.id == scope.campaign_id)
    told = []
    for row in work.session.execute(wanted):
        source = source_of(work, row.id)
        told += [
            Offered(
                template=Template(row.slug, row.no, image.name),
                campaign=row.name,
                width=image.width,
                height=image.height,
                languages=tuple(source.languages),
                slots=open_slots(source, recipe_of(source, image)),
                is_moving=image.suffix == "gif",
            )
            for image in source.images
            if scope.picture in ("", image.name)
        ]
    return told


def prepared(work: Work, scope: Scope, ask: Ask) -> Call:
    """Return the call that an ask makes; nothing is drawn.

    Raises Forbidden outside the scope, Conflict while the campaign is stopped, Invalid with a
    sentence per field for the rest.
    """
    wanted = template_of(ask.template)
    campaign, version = _version(work, scope, wanted)
    why = why_stopped(work.session, campaign.id)
    if why:
        raise Conflict("The vendor has stopped this campaign.", code="images.stopped", remedy=why)
    partner_id = _partner(work, scope, ask.partner, campaign.id)
    source = source_of(work, version.id)
    firm = partner_of(work.session, partner_id)
    brand = brand_in_force(work.session, partner_id)
    spoken = brand.fields.get("language") or firm.locale
    language = ask.language or source.language_for(spoken)
    if language not in source.languages:
        message = (
            f"This campaign does not speak “{language}”. It has: {', '.join(source.languages)}."
        )
        raise Invalid(message, code="images.language", fields={"language": message})
    image = _image(source, wanted)
    wrong = wrong_slots(source, recipe_of(source, image), ask.slots, language)
    if wrong:
        raise Invalid("Some slots cannot be filled so.", code="images.slots", fields=wrong)
    values = own_values(source, ask.slots, language)
    return Call(
        template=Template(campaign.slug, version.no, image.name),
        vendor_id=scope.vendor_id,
        partner_id=partner_id,
        partner=firm.slug,
        version_id=version.id,
        brand_id=brand.id,
        language=language,
        values=values,
        image=image,
        made_of=gather_for(
            work,
            (scope.vendor_id, version.id),
            partner_id,
            values=values,
            language=language,
            brand_id=brand.id,
        ),
    )


def locked(  # noqa: PLR0913 - what a call is made of, as a row or a signed address keeps it
    work: Work,
    scope: Scope,
    *,
    version_id: UUID,
    picture: str,
    partner_id: UUID,
    brand_id: UUID | None,
    language: str,
    values: Mapping[str, Any],
) -> Call:
    """Return a call as it was locked, whatever was published since; NotFound once it is recalled."""
    version = found(work.session.get(CampaignVersion, version_id))
    stopped = why_stopped(work.session, version.campaign_id)
    if stopped or version.state not in MAY_BE_DRAWN:
        raise NotFound("This picture was recalled.", code="images.recalled")
    campaign = work.session.get_one(Campaign, version.campaign_id)
    image = image_named(source_of(work, version_id), picture)
    return Call(
        template=Template(campaign.slug, version.no, picture),
        vendor_id=scope.vendor_id,
        partner_id=partner_id,
        partner=partner_of(work.session, partner_id).slug,
        version_id=version_id,
        brand_id=brand_id,
        language=language,
        values=dict(values),
        image=image,
        made_of=gather_for(
            work,
            (scope.vendor_id, version_id),
            partner_id,
            values=values,
            language=language,
            brand_id=brand_id,
        ),
    )


def drawn(work: Work, call: Call, draw: Draws = here) -> Drawn:
    """Return the picture, drawn or from the store; Invalid (fields by slot) where a text does not fit."""
    return drawn_once(work, call.made_of, call.image.name, draw)


def is_at_once(work: Work, call: Call) -> bool:
    """Say whether the caller may wait for it: it is small, or drawn already."""
    return is_small(call.image) or work.files.exists(key_of(call.made_of, call.image))


def refuse_misfits(call: Call) -> None:
    """Raise Invalid (fields by slot) for a text that does not fit, measured without drawing."""
    fits = check_fit(
        recipe_of(call.made_of.source, call.image),
        texts=texts_of(call.made_of, call.image),
        language=call.language,
        fonts=BUILT_FONTS,
    )
    wrong = {fit.slot: fit.remedy for fit in fits if not fit.fits}
    if wrong:
        raise Invalid("Some texts do not fit.", code="rendering.does_not_fit", fields=wrong)


def recipe_of(source: CampaignSource, image: ImageSource) -> Recipe:
    """Return the recipe of a picture."""
    return load_recipe(source.files[image.recipe].decode(), name=image.recipe)


def _version(work: Work, scope: Scope, wanted: Template) -> tuple[Campaign, CampaignVersion]:
    campaign = work.session.scalar(
        select(Campaign).where(
            Campaign.vendor_id == scope.vendor_id, Campaign.slug == wanted.campaign
        )
    )
    outside = scope.picture not in ("", wanted.picture)
    if outside or (scope.campaign_id and (campaign is None or campaign.id != scope.campaign_id)):
        raise Forbidden(
            "This key is for another template.",
            code="images.scope",
            remedy="GET /api/v1/images/templates lists what it may draw.",
        )
    version = None
    if campaign is not None:
        query = select(CampaignVersion).where(CampaignVersion.campaign_id == campaign.id)
        asked = (
            query.where(CampaignVersion.no == wanted.no, CampaignVersion.state.in_(MAY_BE_DRAWN))
            if wanted.no
            else query.where(CampaignVersion.state == VersionState.PUBLISHED)
        )
        version = work.session.scalar(asked)
    if campaign is None or version is None:
        message = f"There is no published “{wanted}”. Leave the version out for the newest."
        raise Invalid(message, code="images.template", fields={"template": message})
    return campaign, version


def _image(source: CampaignSource, wanted: Template) -> ImageSource:
    try:
        return image_named(source, wanted.picture)
    except NotFound:
        names = ", ".join(image.name for image in source.images)
        message = f"There is no picture “{wanted.picture}”. This campaign has: {names}."
        raise Invalid(message, code="images.template", fields={"template": message}) from None


def _partner(work: Work, scope: Scope, slug: str, campaign_id: UUID) -> UUID:
    """The partner whose brand it carries; one that may not use the campaign is none."""
    message = "Name a partner that may use this campaign, by its short name."
    refused = Invalid(message, code="images.partner", fields={"partner": message})
    try:
        partner_id = partner_by_slug(work.session, slug).id if slug else scope.partner_id
        if partner_id is None or scope.partner_id not in (None, partner_id):
            raise refused
        pair = enrolment(work.session, scope.vendor_id, partner_id)
    except NotFound:
        raise refused from None
    asked = [(campaign_id, scope.vendor_id)]
    today = work.now.date()
    if pair.state not in MAY_START or not seen_campaigns(
        work.session, partner_id, asked, today=today
    ):
        raise refused
    return partner_id
