"""Prepare a copy's posts for each network, and keep what was published as it was."""

from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert

from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.library import pictures
from tcma.library.compiling import page_url_of
from tcma.library.ingredients import Ingredients, gather
from tcma.library.models import PartnerCopy
from tcma.permissions import Permission
from tcma.rendering.slots import effective
from tcma.rendering.source import ImageSource
from tcma.rendering.words import spoken
from tcma.social.models import SocialPost
from tcma.social.rules import (
    Fit,
    Network,
    fit,
    link_of,
    nearest,
    opening_address,
    post_address,
    text_for,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One network's post: the words, the tracked link, both together measured, its picture."""

    network: Network
    text: str
    link: str
    fit: Fit
    picture: ImageSource | None
    opens: str


def prepared(work: Work, copy: PartnerCopy) -> list[Prepared]:
    """Return the post of a copy for every network."""
    page_url = page_url_of(work, copy)
    made = gather(work, copy, page_url=page_url)
    return [prepared_for(network, made) for network in Network]


def prepared_for(network: Network, made: Ingredients) -> Prepared:
    """Return the post of one network; `made` knows the page's public address."""
    names = {
        "partner": made.partner.short_name or made.partner.name,
        "vendor": made.vendor.name,
        "product": made.source.product,
    }
    slots = effective(made.source.slots, made.slots, language=made.language)
    text = spoken(text_for(network, slots), names)
    link = link_of(made.page_url, network)
    stills = [(i.name, i.width, i.height) for i in made.source.images if i.suffix != "gif"]
    name = nearest(network, stills)
    return Prepared(
        network=network,
        text=text,
        link=link,
        fit=fit(network, text, link),
        picture=pictures.image_named(made.source, name) if name else None,
        opens=opening_address(network, text, link),
    )


def mark_posted(work: Work, copy: PartnerCopy, network: Network, address: str) -> None:
    """Keep that a post stands at an address, with its words and picture; twice is once.

    It goes into the case file of every approved activity it was published for. Raises Invalid for
    an address that is no post there, or while the post itself cannot be published.
    """
    work.require(Permission.COPY_EDIT)
    where = post_address(network, address)
    post = prepared_for(network, gather(work, copy, page_url=page_url_of(work, copy)))
    if post.fit.problem:
        raise Invalid(post.fit.problem, code="social.post", fields={"address": post.fit.problem})
    drawn = pictures.picture(work, copy, post.picture.name) if post.picture else None
    row = insert(SocialPost).values(
        id=new_id(),
        vendor_id=copy.vendor_id,
        partner_id=copy.partner_id,
        copy_id=copy.id,
        campaign_id=copy.campaign_id,
        network=network,
        words=post.fit.whole,
        link=post.link,
        picture_key=drawn.key if drawn else "",
        address=where,
        posted_by=work.principal.name,
        posted_at=work.now,
    )
    work.session.execute(row.on_conflict_do_nothing(constraint="social_post_once"))
    work.audit(
        "published on a network",
        "partner_copy",
        copy.id,
        vendor_id=copy.vendor_id,
        partner_id=copy.partner_id,
        network=network,
        address=where,
    )
    work.wake(Job.PROOF_COLLECT)
