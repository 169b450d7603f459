"""A partner says that it published a post: «I posted this»."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from tcma.permissions import Permission
from tcma.social import actions
from tcma.social.rules import HABITS, Network
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.copies import own_copy, page_of
from tcma.web.console.previews import card_of
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
    here = url_for("console.copy_show", vendor=vendor, slug=slug, part="social", seen="posts")
    return redirect(f"{here}#post-{network}", 303)
