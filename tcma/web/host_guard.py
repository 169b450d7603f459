"""On which host a request came: the product's own, where everything is, or a partner's, where its pages
are and nothing else; any other host is told that nothing is here.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from flask import Flask, Response, g, make_response, redirect, request
from werkzeug.wsgi import get_host

from tcma.errors import NotFound
from tcma.hosts.queries import best_host, partner_of_host
from tcma.hosts.rules import has_name, is_ours
from tcma.library.copy_queries import live_pages
from tcma.library.queries import PageView
from tcma.permissions import SYSTEM
from tcma.web.unit_of_work import services, work

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ON_PARTNERS_HOSTS: Final = frozenset(
    {
        "public.favicon",
        "public.landing",
        "public.landing_create",
        "public.public_file",
        "public.share_picture",
    }
)
NOTHING_HERE: Final = "Nothing is answered under this name."
NO_PAGE: Final = "There is no page at this address."


class OnOwnHost:
    """WSGI: `front`, which answers files and mailed links before Flask does, on the product's own host
    alone; a request for any other goes to `behind`, where `guard` looks at it.
    """

    def __init__(
        self, front: "WSGIApplication", behind: "WSGIApplication", public_url: str
    ) -> None:
        self._front, self._behind, self._public_url = front, behind, public_url

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        own = is_ours(_without_port(get_host(environ)), self._public_url)
        return (self._front if own else self._behind)(environ, start_response)


def install(app: Flask) -> None:
    """Look at the host before anything else."""
    app.before_request(guard)


def guard() -> Response | None:
    """Let the product's own hosts through, a partner's to its pages; 421 for any other."""
    g.host_partner = None
    host = _host()
    if is_ours(host, services().site.public_url):
        return None
    with services().transaction(SYSTEM) as house:
        partner_id = partner_of_host(house.session, host)
        pages = live_pages(house.session, partner_id) if partner_id else []
    if partner_id is None:
        return plain(421, NOTHING_HERE)
    g.host_partner = partner_id
    if request.path == "/" and pages:
        return make_response(redirect(f"/go/{pages[0].path}", 302))
    return None if request.endpoint in ON_PARTNERS_HOSTS else plain(404, NO_PAGE)


def plain(status: int, words: str) -> Response:
    """Say on a host that is not ours why nothing is here: no page of the product, no way into it."""
    answer = make_response(words, status)
    answer.mimetype = "text/plain"
    return answer


def _host() -> str:
    """The request's host without its port."""
    return _without_port(request.host)


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() else host


def on_this_host(page: PageView) -> PageView:
    """Return a page that may be shown on this request's host; NotFound for other partners'."""
    mine = host_partner()
    if mine is not None and page.partner_id != mine:
        raise NotFound
    return page


def host_partner() -> UUID | None:
    """Return whose host this request came to; None for the product's own."""
    return cast(UUID | None, g.host_partner)


def lasting_address(page: PageView) -> str:
    """Return a page's address at the product, which mailed links and printed codes know."""
    return f"{work().site.public_url}/go/{page.path}"


def best_address(page: PageView) -> str:
    """Return where a page is best reached: on the host that its partner proved, else on ours."""
    named = has_name(work().site.public_url)
    host = best_host(work().session, page.partner_id) if named else ""
    return f"{origin_of(host)}/go/{page.path}" if host else lasting_address(page)


def origin_of(host: str) -> str:
    """Return a partner's host as addresses begin; with our scheme, and our port where it is odd."""
    scheme, _, rest = work().site.public_url.partition("://")
    port = rest.partition(":")[2] if scheme == "http" else ""
    return f"{scheme}://{host}{':' + port if port else ''}"


def this_origin() -> str:
    """Return where this request came to, as addresses begin."""
    return origin_of(_host()) if host_partner() else work().site.public_url
