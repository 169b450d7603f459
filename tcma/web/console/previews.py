"""Previews of a campaign: mails, page and pictures as sandboxed documents, and what was measured."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue
from markupsafe import escape

from tcma.contacts import queries as contacts
from tcma.db.scope import found
from tcma.db.session import trial
from tcma.db.work import Work
from tcma.errors import Forbidden
from tcma.library import copies, pictures
from tcma.library import queries as library
from tcma.library.compiling import landing_of, outlined_page, preview_mail
from tcma.library.ingredients import gather
from tcma.library.queries import CampaignCard
from tcma.permissions import SYSTEM, Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.copy_parts import part_named, parts_of
from tcma.web.public.system import MAIL_CSP, sandboxed
from tcma.web.unit_of_work import services, work
from tcma.words import say

LOOKS = ("light", "dark", "plain")
NOBODY = "none"
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)")
FRAME_CSP = MAIL_CSP.replace("allow-popups", "allow-same-origin")
"""No script may run in it; the page around it may read its height."""


@contextmanager
def copy_to_show(card: CampaignCard) -> Iterator[tuple[Work, copies.PartnerCopy]]:
    """Lend the partner's copy, or before the first start one that is taken back again."""
    if card.copy_id:
        yield work(), copies.copy_row(work(), card.copy_id)
        return
    partner_id = work().principal.partner_id
    if partner_id is None:
        raise Forbidden(say("A copy is the partner’s."), code="copy.side")
    with services().transaction(SYSTEM) as house, trial(house):
        yield house, copies.copy_of(house, card.campaign_id, partner_id=partner_id)


def card_of(vendor: str, slug: str) -> CampaignCard:
    """Return a campaign this partner may use; NotFound otherwise."""
    return library.campaign_card(
        work().session,
        work().principal,
        vendor_slug=vendor,
        slug=slug,
        today=work().now.date(),
    )


def seen_by_tokens(chosen: str) -> dict[str, str] | None:
    """Return the tokens of a chosen contact; nobody's for `none`, None for the sample person."""
    if not chosen or not work().principal.may(Permission.CONTACTS_MANAGE):
        return None
    if chosen == NOBODY:
        return {}
    number = work().site.signer.read_public_number("contact", chosen)
    person = contacts.contact(work().session, work().principal, number, now=work().now)
    return contacts.tokens_of(person)


def looked(html: str, look: str) -> str:
    """Return a document as a reader with a light or a dark screen sees it, whoever looks."""
    return _SCHEME.sub(
        lambda said: "(min-width:0px)" if said[1] == look else "(max-width:0px)", html
    )


@console.get("/campaigns/<vendor>/<slug>/preview/<part>")
@allows(Permission.CAMPAIGN_READ)
def preview_document(vendor: str, slug: str, part: str) -> ResponseReturnValue:
    """Return one mail or the page as a document of its own, sandboxed; `own` frames own texts."""
    look, outline = request.args.get("look", "light"), bool(request.args.get("own"))
    with copy_to_show(card_of(vendor, slug)) as (house, copy):
        chosen = part_named(parts_of(gather(house, copy).source), part)
        if chosen.kind != "mail":
            if outline:
                return framed(looked(outlined_page(house, copy, page=chosen.page), look))
            page = found(landing_of(house, copy).named(chosen.page))
            return framed(looked(page.show(action="#", stamp="-"), look))
        tokens = seen_by_tokens(request.args.get("seen", ""))
        mail = preview_mail(house, copy, chosen.mail, tokens=tokens, outline=outline)
    if look == "plain":
        return framed(f'<!doctype html><meta charset="utf-8"><title>{escape(mail.subject)}</title>'
                      "<style>body{margin:24px;font:15px/1.5 ui-monospace,monospace;"
                      "white-space:pre-wrap;overflow-wrap:anywhere}</style>"
                      f"{escape(mail.text)}")  # fmt: skip
    return framed(looked(mail.html, look))


def framed(html: str) -> Response:
    """Return a sandboxed document whose height the page around it may read."""
    response = sandboxed(html)
    response.headers["Content-Security-Policy"] = FRAME_CSP
    return response


@console.get("/campaigns/<vendor>/<slug>/images/<name>.jpg")
@allows(Permission.CAMPAIGN_READ)
def campaign_image(vendor: str, slug: str, name: str) -> ResponseReturnValue:
    """Return one finished picture with both logos, to look at or, with `?save=1`, to keep."""
    with copy_to_show(card_of(vendor, slug)) as (house, copy):
        drawn = pictures.picture(house, copy, name)
    response = make_response(drawn.data)
    response.mimetype = drawn.media_type
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(drawn.key.rpartition("/")[2].partition(".")[0])
    if request.args.get("save"):
        response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{drawn.file_name}"'
    return response.make_conditional(request)
