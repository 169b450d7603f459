"""What a proxy in front asks before it gets a certificate for a name: are a partner's pages there?"""

from urllib.parse import urlsplit

from flask import make_response, request
from flask.typing import ResponseReturnValue

from tcma.errors import NotFound
from tcma.hosts.queries import partner_of_host
from tcma.web.auth import open_to_all
from tcma.web.guards import API_LIMIT, limiter
from tcma.web.public import public
from tcma.web.unit_of_work import work


@public.get("/hosts/ask")
@limiter.limit(API_LIMIT)
@open_to_all("says of a name that DNS shows to everybody whether its pages are answered here")
def host_ask() -> ResponseReturnValue:
    """Answer 200 for our own name and each proved host of a partner (`?domain=`), else 404."""
    name = request.args.get("domain", "").lower().rstrip(".")
    ours = urlsplit(work().site.public_url).hostname
    if name != ours and partner_of_host(work().session, name) is None:
        raise NotFound
    return make_response("", 200)
