"""A page's card on the partner's own site: it changes with the campaign and goes when it is recalled."""

from typing import Final

from flask import Response, make_response
from flask.typing import ResponseReturnValue

from tcma.errors import NotFound
from tcma.library.copy_queries import page_at
from tcma.library.rules import PageState
from tcma.web.auth import open_to_all
from tcma.web.public import public
from tcma.web.public.landing import placed, stored
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
    html = placed(block.show(), page).replace(
        "</body>", '<script src="/embed/inside.js"></script></body>'
    )
    return framed(html, block.style_hashes)


def framed(html: str, style_hashes: tuple[str, ...], *, status: int = 200) -> Response:
    """Send a card that any site may show in a frame, and that does nothing but look and lead."""
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {' '.join(style_hashes) or chr(39) + 'none' + chr(39)}; "
        "img-src 'self' data:; font-src 'self'; script-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors *"
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
