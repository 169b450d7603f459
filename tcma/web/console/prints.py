"""Printed pieces of a campaign: pages to look at, PDF to keep or to send to a printer."""

from typing import Any

from flask import make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from tcma.errors import Invalid
from tcma.library import prints
from tcma.library.copies import PartnerCopy
from tcma.library.ingredients import Ingredients
from tcma.library.prints import PrintedFile
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.previews import card_of, copy_to_show
from tcma.web.unit_of_work import work
from tcma.words import say

LABELS = {"datasheet": say("Datasheet"), "flyer": say("Flyer")}


def pieces_of(made: Ingredients, copy: PartnerCopy) -> list[dict[str, Any]]:
    """Return every piece with its pages, and what does not fit where one cannot be set."""
    found = []
    for piece in made.source.prints:
        try:
            prints.print_page(work(), copy, piece.name, 1)
            said: str = ""
        except Invalid as refused:
            said = refused.advice
        label: str = LABELS[piece.layout]
        if piece.name != piece.layout:
            label = piece.name.replace("-", " ").capitalize()
        found.append({"name": piece.name, "label": label, "pages": piece.pages, "said": said})
    return found


@console.get("/campaigns/<vendor>/<slug>/print/<name>-<int:number>.jpg")
@allows(Permission.CAMPAIGN_READ)
def print_picture(vendor: str, slug: str, name: str, number: int) -> ResponseReturnValue:
    """Return a page as a picture."""
    with copy_to_show(card_of(vendor, slug)) as (house, copy):
        return sent(prints.print_page(house, copy, name, number))


@console.get("/campaigns/<vendor>/<slug>/print/<name>.pdf")
@allows(Permission.CAMPAIGN_READ)
def print_file(vendor: str, slug: str, name: str) -> ResponseReturnValue:
    """Return a piece as PDF; with `?marks=1` for a printer, with bleed and crop marks."""
    marks = bool(request.args.get("marks"))
    with copy_to_show(card_of(vendor, slug)) as (house, copy):
        response = sent(prints.printed(house, copy, name, marks=marks))
    called = f"{slug}-{name}{'-print' if marks else ''}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{called}"'
    return response


def sent(file: PrintedFile) -> Response:
    """Return a file that is asked for again only when it changed."""
    response = make_response(file.data)
    response.mimetype = file.media_type
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(file.key.rpartition("/")[2])
    return response.make_conditional(request)
