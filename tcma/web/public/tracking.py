"""Mailed links that `mailed_links` passes on: old ones and doubtful ones, and the mail in the browser."""

import email.policy
from email.message import EmailMessage
from email.parser import BytesParser

from flask import Response, make_response, redirect, request
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.delivery.building import Broken, Builder
from tcma.delivery.claims import Claimed
from tcma.delivery.links import Links, Purpose, arriving
from tcma.delivery.queries import message_of_link
from tcma.errors import NotFound
from tcma.tracking import actions
from tcma.tracking.networks import network_of
from tcma.web.auth import open_to_all
from tcma.web.mailed_links import PIXEL
from tcma.web.public import public
from tcma.web.public.system import sandboxed
from tcma.web.unit_of_work import work


@public.get("/o/<token>")
@open_to_all("signed token of one message")
def opened(token: str) -> ResponseReturnValue:
    """Answer the pixel and note the opening with its verdict."""
    actions.record_open(work(), token, user_agent=agent(), method=request.method, network=network())
    response = make_response(PIXEL)
    response.mimetype = "image/gif"
    return private(response)


@public.get("/c/<token>")
@open_to_all("signed token of one message and link; the target comes from the row")
def clicked(token: str) -> ResponseReturnValue:
    """Go where the mailing's row says; our own pages learn which mail brought the visitor."""
    url = actions.record_click(
        work(), token, user_agent=agent(), method=request.method, network=network()
    )
    return away(arriving(url, token, public_url=work().site.public_url))


@public.get("/n/<token>")
@open_to_all("signed token of one message; the target comes from the row")
def unseen(token: str) -> ResponseReturnValue:
    """Note that a machine followed the link that no person sees, and answer as to any link."""
    where = actions.record_unseen(
        work(), token, user_agent=agent(), method=request.method, network=network()
    )
    return away(where)


@public.get("/v/<token>")
@open_to_all("signed token of one message; shows what that person got")
def in_browser(token: str) -> ResponseReturnValue:
    """Show a mail as its recipient got it."""
    facts = message_of_link(work().session, work().site.signer, Purpose.VIEW, token)
    site = work().site
    builder = Builder(work().files, Links.of(site))
    row = Claimed(
        id=facts.id,
        mailing_id=facts.mailing_id,
        contact_id=facts.contact_id,
        address=facts.address,
        attempt=1,
    )
    made = builder.build(work().session, facts.mailing_id, [row], now=work().now)[0]
    if isinstance(made, Broken):
        raise NotFound
    mail = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(made.body)
    part = mail.get_body(("html",))
    return sandboxed(found(part).get_content())


def away(where: str) -> Response:
    """Lead on from a mailed link."""
    response = make_response(redirect(where, 302))
    response.headers["Referrer-Policy"] = "no-referrer"
    return private(response)


def agent() -> str:
    """Return who asks, as it says itself."""
    return request.headers.get("User-Agent", "")


def network() -> str:
    """Return the mark of the network that asks."""
    return network_of(work().site.signer, request.remote_addr or "")


def private(response: Response) -> Response:
    """Keep an answer out of every cache."""
    response.headers["Cache-Control"] = "no-store, private"
    return response
