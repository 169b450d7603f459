"""Pictures at signed addresses: drawn when somebody first looks, the same octets ever after."""

from flask.typing import ResponseReturnValue

from tcma.drawing.calls import drawn
from tcma.drawing.signed import call_of
from tcma.errors import NotFound
from tcma.web.api.images import picture
from tcma.web.auth import open_to_all
from tcma.web.guards import API_LIMIT, limiter
from tcma.web.public import public
from tcma.web.unit_of_work import work

LONGEST_KEPT_S = 3_600
"""How long others may keep a picture without asking: a recall is seen everywhere after it."""


@public.get("/pic/<token>.<suffix>")
@limiter.limit(API_LIMIT)
@open_to_all("a signed address: version, brand, values and a last day are inside the signature")
def signed_image(token: str, suffix: str) -> ResponseReturnValue:
    """Return the picture; 404 once its day is over, its key ended or its campaign recalled."""
    call = call_of(work(), token)
    if suffix != call.image.suffix:
        raise NotFound
    response = picture(drawn(work(), call))
    until = work().site.signer.expiry(token)
    left = int((until - work().now).total_seconds()) if until else LONGEST_KEPT_S
    response.headers["Cache-Control"] = f"public, max-age={min(left, LONGEST_KEPT_S)}"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
