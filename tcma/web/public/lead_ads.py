"""Where ad networks call: their question whether the address is ours, and the leads they tell of."""

from flask import make_response, request
from flask.typing import ResponseReturnValue

from tcma.leads import ad_words, ads
from tcma.web.auth import open_to_all
from tcma.web.guards import API_LIMIT, csrf, limiter
from tcma.web.public import public
from tcma.web.unit_of_work import work

LARGEST = 512 * 1024


@public.get("/hooks/lead-ads/<ref>")
@limiter.limit(API_LIMIT)
@open_to_all("answers a network's question with what only both know")
def lead_ads_ask(ref: str) -> ResponseReturnValue:
    """Prove to Meta or LinkedIn that this address is the one that was set up."""
    said = ads.challenged(work(), ref, request.args)
    if isinstance(said, dict):
        return said
    response = make_response(said)
    response.mimetype = "text/plain"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@public.post("/hooks/lead-ads/<ref>")
@csrf.exempt
@limiter.limit(API_LIMIT)
@open_to_all("signed by the network's secret over every octet")
def lead_ads_take(ref: str) -> ResponseReturnValue:
    """Take a call in; the same one again changes nothing. 403 for what is not signed."""
    request.max_content_length = LARGEST
    header = next(
        (
            request.headers[name]
            for name in set(ad_words.SIGNED_BY.values())
            if name in request.headers
        ),
        "",
    )
    ads.called(work(), ref, request.get_data(), header)
    return make_response("", 204)
