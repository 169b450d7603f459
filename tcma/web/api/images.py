"""Pictures for other programs: a template with slot values, drawn at once, later, or at an address."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from tcma.drawing import calls, keys, waiting
from tcma.drawing.calls import Ask, Call
from tcma.drawing.keys import Scope
from tcma.drawing.rules import LONGEST_LINK_DAYS, USUAL_LINK_DAYS
from tcma.drawing.signed import signed_address
from tcma.errors import Forbidden, Invalid
from tcma.library.pictures import Drawn
from tcma.web.api import api
from tcma.web.api.leads import LONGEST_ID, bearer, body
from tcma.web.auth import open_to_all
from tcma.web.guards import PICTURE_LIMIT, csrf, limiter
from tcma.web.unit_of_work import work

KEYED = "a bearer key, scoped to one campaign, and to a picture and a partner where it says so"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a body says besides the call itself."""

    echo: Mapping[str, Any]
    external_id: str
    webhook: str
    is_later: bool


def who_asks() -> str:
    """Count by key; without one by address."""
    said = request.headers.get("Authorization", "")
    return hashlib.sha256(said.encode()).hexdigest() if said else str(get_remote_address())


@api.get("/images/templates")
@limiter.limit(PICTURE_LIMIT, key_func=who_asks)
@open_to_all(KEYED)
def image_templates() -> ResponseReturnValue:
    """List what the key may draw, with the slots that each picture takes."""
    return {
        "templates": [
            {
                "template": str(one.template),
                "campaign": one.campaign,
                "width": one.width,
                "height": one.height,
                "languages": list(one.languages),
                "slots": {
                    slot.key: {
                        "type": slot.type.value,
                        "label": slot.label,
                        "default": {each: slot.default(each) for each in one.languages},
                        **({"choices": {k: list(v) for k, v in slot.options.items()}}
                           if slot.options else {}),
                    }
                    for slot in one.slots
                },
            }
            for one in calls.offered(work(), scope())
        ]
    }  # fmt: skip


@api.post("/images")
@csrf.exempt
@limiter.limit(PICTURE_LIMIT, key_func=who_asks)
@open_to_all(KEYED)
def image_create() -> ResponseReturnValue:
    """Draw a picture: its facts, or itself when only a picture is accepted; 202 when it comes later.

    422 with `fields` by slot, the same sentences as in the editor.
    """
    asking = scope(draws=True)
    sent = body()
    call = calls.prepared(work(), asking, ask_of(sent))
    wanted = wanted_of(sent)
    if wanted.is_later or not calls.is_at_once(work(), call):
        calls.refuse_misfits(call)
        job = waiting.ask_for(
            work(), asking, call,
            external_id=wanted.external_id, echo=wanted.echo, webhook=wanted.webhook,
        )  # fmt: skip
        answer = make_response(waiting.told(job), 202)
        answer.headers["Location"] = f"{work().site.public_url}/api/v1/images/{job.ref}"
        return answer
    waiting.refuse_long(wanted.echo)
    made = calls.drawn(work(), call)
    best = request.accept_mimetypes.best_match(["application/json", made.media_type])
    if best == made.media_type:
        answer = picture(made)
        answer.headers["Tcma-Template"] = str(call.template)
        return answer
    return facts_of(asking, call, made) | {"state": "done", "metadata": dict(wanted.echo)}


@api.post("/images/links")
@csrf.exempt
@limiter.limit(PICTURE_LIMIT, key_func=who_asks)
@open_to_all(KEYED)
def image_link_create() -> ResponseReturnValue:
    """Return a signed address that draws the call when somebody first looks, until its last day."""
    asking = scope(draws=True)
    sent = body()
    call = calls.prepared(work(), asking, ask_of(sent))
    calls.refuse_misfits(call)
    days = sent.get("days", USUAL_LINK_DAYS)
    if isinstance(days, bool) or not isinstance(days, int):
        message = f"Days are a whole number, 1 to {LONGEST_LINK_DAYS}."
        raise Invalid(message, code="images.days", fields={"days": message})
    url, until = signed_address(work(), asking, call, days=days)
    return {"template": str(call.template), "url": url, "expires_at": until.isoformat()}, 201


@api.get("/images/<ref>")
@limiter.limit(PICTURE_LIMIT, key_func=who_asks)
@open_to_all(KEYED)
def image_show(ref: str) -> ResponseReturnValue:
    """Say what became of a picture that was asked for."""
    return waiting.told(waiting.job_by_ref(work(), scope(), ref))


@api.get("/images/<ref>/picture")
@limiter.limit(PICTURE_LIMIT, key_func=who_asks)
@open_to_all(KEYED)
def image_picture(ref: str) -> ResponseReturnValue:
    """Return a picture that was asked for; 409 while it is not drawn."""
    return picture(waiting.picture_of_job(work(), scope(), ref))


def scope(*, draws: bool = False) -> Scope:
    """Return what the key of this request opens; Forbidden when it only reads and is to draw."""
    asking = keys.scope_of_secret(work().session, bearer())
    if draws and asking.only_reads:
        raise Forbidden(
            "This key only reads: it lists templates and fetches what others asked for.",
            code="images.only_reads",
            remedy="Ask the vendor's marketer for a key that draws.",
        )
    return asking


def ask_of(sent: Mapping[str, Any]) -> Ask:
    """Return the call of a body; Invalid names every field that is wrong."""
    wrong = {
        name: "This is a text."
        for name in ("template", "partner", "language")
        if not isinstance(sent.get(name, ""), str)
    }
    slots = sent.get("slots", {})
    if not isinstance(slots, dict):
        wrong["slots"] = 'Slots are values by name: {"cta_label": "…"}.'
    if "template" not in sent:
        wrong["template"] = "This is needed, as text."
    if wrong:
        raise Invalid("Some fields are wrong.", code="api.fields", fields=wrong)
    return Ask(
        template=sent["template"],
        partner=sent.get("partner", ""),
        language=sent.get("language", ""),
        slots=slots,
    )


def wanted_of(sent: Mapping[str, Any]) -> Wanted:
    """Return what a body says besides; Invalid names every field that is wrong."""
    echo, later = sent.get("metadata", {}), sent.get("async", False)
    number, webhook = sent.get("id", ""), sent.get("webhook", "")
    wrong = {}
    if not isinstance(echo, dict):
        wrong["metadata"] = "Metadata is an object; it comes back as it was sent."
    if not isinstance(later, bool):
        wrong["async"] = "This is true or false."
    wrong |= {
        name: "This is a text."
        for name, value in (("id", number), ("webhook", webhook))
        if not isinstance(value, str)
    }
    if wrong:
        raise Invalid("Some fields are wrong.", code="api.fields", fields=wrong)
    return Wanted(echo, number.strip()[:LONGEST_ID], webhook, later or bool(webhook or number))


def facts_of(asking: Scope, call: Call, made: Drawn) -> dict[str, Any]:
    """Return a drawn picture as JSON, with the address that shows it."""
    url, until = signed_address(work(), asking, call)
    said = {"template": str(call.template), "partner": call.partner, "language": call.language}
    return said | waiting.facts_of(made) | {"url": url, "expires_at": until.isoformat()}


def picture(made: Drawn) -> Response:
    """Send a picture named by what it was made of: asked for again, it is not sent again."""
    response = make_response(made.data)
    response.mimetype = made.media_type
    response.set_etag(made.key.rpartition("/")[2].partition(".")[0])
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
