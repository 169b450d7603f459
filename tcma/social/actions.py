"""Prepare a copy's posts for each network, and keep what was published as it was."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.library import pictures
from tcma.library.compiling import page_url_of
from tcma.library.copies import copy_row
from tcma.library.copy_queries import page_of_copy
from tcma.library.ingredients import Ingredients, gather
from tcma.library.models import PartnerCopy
from tcma.library.rules import PageState
from tcma.partners.standing import refuse_barred
from tcma.permissions import Permission
from tcma.rendering.slots import effective
from tcma.rendering.source import ImageSource
from tcma.rendering.words import spoken
from tcma.social import accounts
from tcma.social.models import SocialPost
from tcma.social.rules import (
    HABITS,
    Fit,
    Network,
    PostState,
    fit,
    link_of,
    may_schedule,
    nearest,
    opening_address,
    post_address,
    text_for,
)
from tcma.words import say


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
    made = _as_it_is(work, copy, network)
    row = insert(SocialPost).values(**made, address=where, posted_at=work.now)
    work.session.execute(row.on_conflict_do_nothing())
    _note(work, copy, "published on a network", network, address=where)
    work.wake(Job.PROOF_COLLECT)


def _as_it_is(work: Work, copy: PartnerCopy, network: Network) -> dict[str, Any]:
    """Return the columns of a post with its words and picture as they are now."""
    post = prepared_for(network, gather(work, copy, page_url=page_url_of(work, copy)))
    if post.fit.problem:
        raise Invalid(post.fit.problem, code="social.post", fields={"address": post.fit.problem})
    drawn = pictures.picture(work, copy, post.picture.name) if post.picture else None
    texts = post.picture.texts.get(copy.language, {}) if post.picture else {}
    return {
        "id": new_id(),
        "vendor_id": copy.vendor_id,
        "partner_id": copy.partner_id,
        "copy_id": copy.id,
        "campaign_id": copy.campaign_id,
        "network": network,
        "words": post.fit.whole,
        "alt": texts.get("alt", ""),
        "link": post.link,
        "picture_key": drawn.key if drawn else "",
        "posted_by": work.principal.name,
    }


def _note(work: Work, copy: PartnerCopy, verb: str, network: Network, **facts: str) -> None:
    work.audit(
        verb,
        "partner_copy",
        copy.id,
        vendor_id=copy.vendor_id,
        partner_id=copy.partner_id,
        network=network,
        **facts,
    )


def schedule(work: Work, copy: PartnerCopy, network: Network, at: datetime) -> None:
    """Let a post be sent at a time by the connected page, with its words and picture as they are now.

    Raises Conflict while another of the network is on its way, no page is connected or the vendor has
    suspended the partner, Invalid for a time that is past and while the post cannot be published.
    """
    work.require(Permission.COPY_EDIT)
    may_schedule(at, work.now)
    refuse_barred(work.session, copy.vendor_id, copy.partner_id, code="social.barred")
    copy_row(work, copy.id, lock=True)  # of two clicks the second sees the first's
    account_id = accounts.account_of(work, network)
    waiting = select(SocialPost.id).where(
        SocialPost.copy_id == copy.id,
        SocialPost.network == network,
        SocialPost.state.in_((PostState.SCHEDULED, PostState.SENDING, PostState.UNCERTAIN)),
    )
    if work.session.scalar(waiting.limit(1)) is not None:
        name = HABITS[network].name
        raise Conflict(
            say("A post is on its way to {name} already.", name=name), code="social.waiting",
            remedy=say("Wait for it, or take it back first."),
        )  # fmt: skip
    page = page_of_copy(work.session, copy.id)
    if page is None or page.state is not PageState.LIVE:
        raise Conflict(say("Your page is not public yet: the link would lead nowhere."),
                       code="social.page", remedy=say("Launch first."))  # fmt: skip
    made = _as_it_is(work, copy, network)
    work.session.add(
        SocialPost(
            **made, account_id=account_id, state=PostState.SCHEDULED, due_at=at, posted_at=None
        )
    )
    _note(work, copy, "scheduled on a network", network, at=at.isoformat())
    work.wake(Job.SOCIAL_SEND)


def withdraw(work: Work, copy: PartnerCopy, post_id: UUID) -> None:
    """Take a post back that has not left, or give up one that was refused; Conflict once it leaves."""
    post = _held(work, copy, post_id)
    if post.state not in (
        PostState.SCHEDULED, PostState.REFUSED, PostState.STOPPED, PostState.UNCERTAIN,
    ):  # fmt: skip
        raise Conflict(
            say("It is leaving just now."), code="social.leaves", remedy=say("Look again soon.")
        )
    post.state, post.due_at = PostState.WITHDRAWN, None
    _note(work, copy, "took back on a network", Network(post.network))


def send_again(work: Work, copy: PartnerCopy, post_id: UUID) -> None:
    """Send a post again that was refused or stopped; one that is uncertain once more by a person's word
    that it is not there. Conflict while the vendor has suspended the partner.
    """
    post = _held(work, copy, post_id)
    if post.state not in (PostState.REFUSED, PostState.STOPPED, PostState.UNCERTAIN):
        raise Conflict(say("There is nothing to send again."), code="social.state")
    refuse_barred(work.session, copy.vendor_id, copy.partner_id, code="social.barred")
    post.state, post.due_at, post.attempts = PostState.SCHEDULED, work.now, 0
    post.may_stand = False
    _note(work, copy, "sends again on a network", Network(post.network))
    work.wake(Job.SOCIAL_SEND)


def remove(work: Work, copy: PartnerCopy, post_id: UUID) -> None:
    """Have a post that we sent taken away from the network."""
    post = _held(work, copy, post_id)
    if post.state != PostState.POSTED or not post.number:
        raise Conflict(say("Only a post that was sent from here can be removed from here."),
                       code="social.state")  # fmt: skip
    post.due_at, post.attempts = work.now, 0
    _note(work, copy, "removes from a network", Network(post.network))
    work.wake(Job.SOCIAL_SEND)


def _held(work: Work, copy: PartnerCopy, post_id: UUID) -> SocialPost:
    work.require(Permission.COPY_EDIT)
    query = visible(select(SocialPost), work.principal, SocialPost).where(
        SocialPost.id == post_id, SocialPost.copy_id == copy.id
    )
    return found(work.session.scalar(query.with_for_update()))
