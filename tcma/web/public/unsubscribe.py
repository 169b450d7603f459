"""Stop mails: a page that only shows, a POST that stops (RFC 8058 one-click included)."""

from flask import g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.contacts.rules import StopWish
from tcma.delivery import feedback
from tcma.delivery.links import Purpose
from tcma.delivery.queries import MessageFacts, message_of_link
from tcma.partners.queries import partner_of, vendor
from tcma.web.auth import open_to_all
from tcma.web.guards import csrf
from tcma.web.pictures import logo_of
from tcma.web.public import public
from tcma.web.unit_of_work import work

ONE_CLICK = "List-Unsubscribe"


@public.get("/u/<token>", defaults={"purpose": Purpose.UNSUBSCRIBE.value})
@public.get("/p/<token>", defaults={"purpose": Purpose.PREFERENCES.value})
@open_to_all("signed token of one message; GET never changes anything")
def unsubscribe(token: str, purpose: str) -> ResponseReturnValue:
    """Show the page with its one button."""
    facts = message_of_link(work().session, work().site.signer, Purpose(purpose), token)
    return page_of(facts, token, purpose)


@public.post("/u/<token>", defaults={"purpose": Purpose.UNSUBSCRIBE.value})
@public.post("/p/<token>", defaults={"purpose": Purpose.PREFERENCES.value})
@csrf.exempt
@open_to_all("signed token of one message; no cookie, no CSRF token, as RFC 8058 asks")
def unsubscribe_create(token: str, purpose: str) -> ResponseReturnValue:
    """Stop at once; twice is the same as once. A mail program's own POST gets a bare answer."""
    asked = request.form.get("wish", StopWish.BRAND.value)
    wish = StopWish(asked) if asked in set(StopWish) else StopWish.BRAND
    facts = feedback.unsubscribe(work(), token, wish=wish)
    if ONE_CLICK in request.form or not request.form:
        return make_response("Stopped.\n", 200, {"Content-Type": "text/plain; charset=utf-8"})
    return page_of(facts, token, purpose, done=wish)


def page_of(
    facts: MessageFacts, token: str, purpose: str, *, done: StopWish | None = None
) -> ResponseReturnValue:
    """Render the page in the sender's name."""
    partner = partner_of(work().session, facts.partner_id) if facts.partner_id else None
    maker = vendor(work().session, facts.vendor_id) if facts.vendor_id else None
    sender = partner or maker
    if partner:
        g.locale, g.zone = partner.locale, partner.zone
    return render_template(
        "public/unsubscribe.html",
        organisation=sender.name if sender else "tcma",
        logo_url=logo_of(work().session, "partner" if partner else "vendor", sender.id)
        if sender
        else "",
        vendor=maker.name if maker and partner else "",
        address=facts.address,
        topic=facts.topic or "",
        action=url_for("public.unsubscribe_create", token=token, purpose=purpose),
        done=done,
    )
