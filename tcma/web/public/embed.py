"""A page's card and its form on the partner's own site: they change with the campaign and go when it is
recalled.
"""

from typing import Final
from urllib.parse import urlsplit

from flask import Response, make_response, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import NotFound
from tcma.library.copy_queries import page_at
from tcma.library.queries import PageView
from tcma.library.rules import PageState
from tcma.partners.queries import partner_of
from tcma.rendering.form_alone import form_alone
from tcma.rendering.landing import STAMP, Landing
from tcma.rendering.page_holes import style_hashes
from tcma.web import puzzle
from tcma.web.auth import open_to_all
from tcma.web.guards import FORM_LIMIT, csrf, limiter
from tcma.web.public import public
from tcma.web.public.landing import Filled, form_of, placed, read_stamp, stored, taken
from tcma.web.unit_of_work import work

OUTSIDE: Final = """(()=>{for(const a of document.querySelectorAll("a[data-tcma]")){\
const f=document.createElement("iframe");f.src=a.dataset.tcma;f.title=a.textContent;\
f.style.cssText="border:0;width:100%;height:0;display:block";\
addEventListener("message",e=>{const h=e.data&&e.data.tcma;\
if(e.source===f.contentWindow&&h>=0){f.style.height=h+"px";a.hidden=true}});a.after(f)}})()
"""
"""On the partner's site: puts the card beside its link, and hides the link once the card answered.
While we do not answer, the link stays. It needs `script-src` and `frame-src` of our host, no more.
"""
INSIDE: Final = """(()=>{const b=document.body,t=()=>parent.postMessage({tcma:\
b.dataset.gone?0:Math.ceil(b.getBoundingClientRect().height)},"*");\
new ResizeObserver(t).observe(b);addEventListener("load",t);t()})()
"""
INSIDE_TAG: Final = '<script src="/embed/inside.js"></script>'
GONE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>This offer has ended</title>'
    '<body data-gone="1"><script src="/embed/inside.js"></script></body></html>'
)


@public.get("/embed.js")
@open_to_all("a script of a few hundred octets for partners' sites")
def embed_script() -> ResponseReturnValue:
    """Return what a partner's site loads."""
    return script(OUTSIDE)


@public.get("/embed/inside.js")
@open_to_all("what a card runs to tell its height")
def embed_inside() -> ResponseReturnValue:
    """Return what the card itself loads."""
    return script(INSIDE)


@public.get("/embed/<path:path>")
@open_to_all("a published page's card, shown on other sites")
def embed_block(path: str) -> ResponseReturnValue:
    """Return the card; 410 and nothing to see when the page was recalled."""
    page = page_at(work().session, path)
    if page.state is not PageState.LIVE:
        return framed(GONE, (), status=410)
    block = stored(page).block
    if block is None:
        raise NotFound
    html = placed(block.show(), page).replace("</body>", f"{INSIDE_TAG}</body>")
    return framed(html, block.style_hashes)


@public.get("/form.js")
@open_to_all("what a form runs to solve its puzzle")
def form_script() -> ResponseReturnValue:
    """Return what every form of a published page loads."""
    return script(puzzle.SCRIPT)


@public.get("/embed-form/<path:path>")
@open_to_all("a published page's form, shown on other sites")
def embed_form(path: str) -> ResponseReturnValue:
    """Return the form alone; 410 and nothing to see when the page was recalled."""
    page = page_at(work().session, path)
    if page.state is not PageState.LIVE:
        return framed(GONE, (), status=410)
    return form_in_frame(page, stored(page), Filled({}), stood_on=site_around())


@public.post("/embed-form/<path:path>")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all("a published form on another site: signed stamp, honeypot, puzzle, rate, consent")
def embed_form_create(path: str) -> ResponseReturnValue:
    """Take the form as the page itself does, and answer in the frame."""
    page = page_at(work().session, path)
    if page.state is not PageState.LIVE:
        return framed(GONE, (), status=410)
    kept, stamp = stored(page), read_stamp(page)
    values = {name: text[:400] for name, text in request.form.items() if name != STAMP}
    errors = taken(page, kept, values, stamp)
    if errors:
        stood_on = stamp.stood_on if stamp else ""
        return form_in_frame(page, kept, Filled(values, errors), stood_on=stood_on)
    partner = partner_of(work().session, page.partner_id)
    said = kept.thanks.show(facts={"owner": partner.name})
    return alone(placed(said, page), INSIDE_TAG)


def form_in_frame(page: PageView, kept: Landing, filled: Filled, *, stood_on: str) -> Response:
    """Render the form of a page for one visit of somebody else's site."""
    action = url_for("public.embed_form_create", path=page.path)
    html = form_of(page, kept, filled, action=action, stood_on=stood_on)
    foot = f'{INSIDE_TAG}<script src="/form.js" defer></script>'
    return alone(placed(html, page), foot, status=422 if filled.errors else 200)


def alone(html: str, foot: str, *, status: int = 200) -> Response:
    """Send what a page says and asks, without what stands around it."""
    bare = form_alone(html, foot=foot)
    return framed(bare, style_hashes(bare), status=status, form_action="'self'")


def site_around() -> str:
    """Return the address of the site whose frame asks, as far as its browser tells; else empty.

    It stands in the consent receipt as the place where the person agreed.
    """
    there = urlsplit(request.referrer or "")
    if there.scheme not in {"http", "https"} or "|" in there.geturl():
        return ""
    return f"{there.scheme}://{there.netloc}{there.path}"[:300]


def framed(
    html: str, style_hashes: tuple[str, ...], *, status: int = 200, form_action: str = "'none'"
) -> Response:
    """Send what any site may show in a frame, and that does nothing but look, lead and ask."""
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {' '.join(style_hashes) or chr(39) + 'none' + chr(39)}; "
        "img-src 'self' data:; font-src 'self'; script-src 'self'; base-uri 'none'; "
        f"form-action {form_action}; frame-ancestors *"
    )
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "no-cache"
    return response


def script(text: str) -> Response:
    """Send a script that other sites may load."""
    response = make_response(text)
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
