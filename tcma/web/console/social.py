"""What a partner does with its posts: says that it published one, sends, takes back, removes."""

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from tcma.db.work import Work
from tcma.library.copies import PartnerCopy
from tcma.permissions import Permission
from tcma.social import actions
from tcma.social.rules import HABITS, SENDABLE, Network
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.copies import own_copy, page_of
from tcma.web.console.previews import card_of
from tcma.web.forms.social import local_instant
from tcma.web.reading import reader
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.post("/campaigns/<vendor>/<slug>/posts/<network>")
@allows(Permission.COPY_EDIT)
def social_posted(vendor: str, slug: str, network: str) -> ResponseReturnValue:
    """Keep the address of a post, with its words and picture as they are now."""
    if network not in tuple(Network):
        raise NotFound
    card = card_of(vendor, slug)
    copy = own_copy(card)
    field = f"{network}_address"
    with attempt() as tried:
        actions.mark_posted(work(), copy, Network(network), request.form.get(field, ""))
    if not tried.done:
        return page_of(card, copy, "social", boxes={}, refused={field: tried.words})
    flash(
        say("Kept: your post on {name}, as it is now.", name=HABITS[Network(network)].name), "good"
    )
    return redirect(at_posts(vendor, slug, network), 303)


@console.post("/campaigns/<vendor>/<slug>/posts/<network>/sending")
@allows(Permission.COPY_EDIT)
def social_schedule(vendor: str, slug: str, network: str) -> ResponseReturnValue:
    """Send a post by the connected page, now or at a time."""
    if network not in tuple(SENDABLE):
        raise NotFound
    card = card_of(vendor, slug)
    copy = own_copy(card)
    field = f"{network}_at"
    with attempt() as tried:
        at = local_instant(request.form.get(field, ""), reader().zone, work().now)
        actions.schedule(work(), copy, Network(network), at)
    if not tried.done:
        return page_of(card, copy, "social", boxes={}, refused={field: tried.words})
    name = HABITS[Network(network)].name
    now = at <= work().now
    flash(
        say("On its way to {name}.", name=name)
        if now
        else say("It goes to {name} then.", name=name),
        "work",
    )
    return redirect(at_posts(vendor, slug, network), 303)


ACTS: Mapping[str, tuple[Callable[[Work, PartnerCopy, UUID], None], str]] = {
    "withdrawal": (actions.withdraw, say("It is taken back.")),
    "repeat": (actions.send_again, say("It is on its way again.")),
    "removal": (actions.remove, say("It is being removed there.")),
}


@console.post("/campaigns/<vendor>/<slug>/posts/<uuid:post>/<act>")
@allows(Permission.COPY_EDIT)
def social_act(vendor: str, slug: str, post: UUID, act: str) -> ResponseReturnValue:
    """Take a post back, send it again, or have it removed where it stands."""
    if act not in ACTS:
        raise NotFound
    verb, said = ACTS[act]
    copy = own_copy(card_of(vendor, slug))
    with attempt() as tried:
        verb(work(), copy, post)
    flash(said if tried.done else tried.words, "good" if tried.done else "need")
    return redirect(at_posts(vendor, slug, ""), 303)


def at_posts(vendor: str, slug: str, network: str) -> str:
    """Return the address of the posts, at one network's."""
    here = url_for("console.copy_show", vendor=vendor, slug=slug, part="social", seen="posts")
    return f"{here}#post-{network}" if network else here
