"""What leads people to a partner's page from paper and from its own site: QR code, web block, counts."""

from dataclasses import dataclass

from flask import make_response, request
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.errors import Invalid, NotFound
from tcma.library import prints
from tcma.library.copies import PartnerCopy
from tcma.library.copy_queries import page_of_copy
from tcma.library.rules import PageState
from tcma.library.visits import VIAS, visits_of
from tcma.permissions import Permission
from tcma.rendering.qr import QrCode, print_problems, qr_code
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.previews import card_of, copy_to_show
from tcma.web.host_guard import best_address
from tcma.web.unit_of_work import work

USUAL_MM = 30
KINDS = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTools:
    """A published page's lasting address and where it is best reached, its code, card and form, who came
    by them (way, how many), and its printed pieces (name, address).
    """

    address: str
    best: str
    smallest_mm: float
    snippet: str
    form_snippet: str
    came: list[tuple[str, int]]
    html_kb: float
    sheets: list[tuple[str, str]]


def tools_of(copy: PartnerCopy) -> PageTools | None:
    """Return the tools of a copy's page; None until it is published."""
    page = page_of_copy(work().session, copy.id)
    if page is None or page.state is not PageState.LIVE:
        return None
    site = work().site.public_url
    address = f"{site}/go/{page.path}"
    counted = visits_of(work().session, page.id)
    return PageTools(
        address=address,
        best=best_address(page),
        smallest_mm=code_of(address).smallest_mm,
        snippet=lines_to_paste(site, address, f"{site}/embed/{page.path}"),
        form_snippet=lines_to_paste(site, address, f"{site}/embed-form/{page.path}"),
        came=[(words, counted[via]) for via, words in VIAS.items() if via in counted],
        html_kb=page.report.get("html_kb", 0),
        sheets=[(name, f"{address}/{name}.pdf") for name in prints.names_of(work(), copy)],
    )


def lines_to_paste(site: str, address: str, framed: str) -> str:
    """Return what a partner pastes into a page of its own: a link that becomes what it names."""
    return (
        f'<a href="{address}" data-tcma="{framed}">{address}</a>\n'
        f'<script src="{site}/embed.js" async></script>'
    )


def code_of(address: str) -> QrCode:
    """Return the code that leads to a page and is counted as such."""
    return qr_code(f"{address}?via=qr")


@console.get("/campaigns/<vendor>/<slug>/qr.<kind>")
@allows(Permission.CAMPAIGN_READ)
def page_qr(vendor: str, slug: str, kind: str) -> ResponseReturnValue:
    """Return the page's code as SVG or PNG; a width at which phones would fail is refused."""
    media_type = found(KINDS.get(kind))
    with copy_to_show(card_of(vendor, slug)) as (_, copy):
        tools = tools_of(copy)
    if tools is None:
        raise NotFound
    code = code_of(tools.address)
    width = request.args.get("mm", USUAL_MM, type=int)
    problems = print_problems(code, width_mm=width)
    if problems:
        raise Invalid(problems[0], code="qr.print")
    response = make_response(code.svg() if kind == "svg" else code.png())
    response.mimetype = media_type
    response.headers["Cache-Control"] = "private, no-cache"
    if request.args.get("save"):
        response.headers["Content-Disposition"] = f'attachment; filename="{slug}-qr.{kind}"'
    return response
