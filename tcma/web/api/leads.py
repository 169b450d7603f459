"""Leads from and for other programs: one POST each, by a key for one campaign; a repeat is harmless. A key
that may read gets them back, with who has them and until when.
"""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from tcma.errors import Forbidden, Invalid
from tcma.leads import read_out, ways_in
from tcma.leads.capturing import take_in
from tcma.leads.intake import Capture
from tcma.web.api import api
from tcma.web.auth import open_to_all
from tcma.web.guards import API_LIMIT, csrf, limiter
from tcma.web.unit_of_work import work

TEXTS = ("first_name", "last_name", "company", "phone", "country", "postcode")
LONGEST_BODY = 64 * 1024
LONGEST_ID = 200


@api.post("/leads")
@csrf.exempt
@limiter.limit(API_LIMIT)
@open_to_all(
    "a bearer key, scoped to one campaign of one vendor, and to a partner where it says so"
)
def lead_create() -> ResponseReturnValue:
    """Take a lead in: 201 for a new submission, 200 for a repeat, 202 when it is held back.

    409 when the same `id` came before with another content, 422 with `fields` for what is wrong.
    """
    ref, origin = ways_in.origin_of_secret(work().session, bearer())
    new = capture_of(ref, body())
    done = take_in(work(), origin, new)
    receipt = new.digest().hex()
    if done is None:
        return {"lead": None, "held": True, "receipt": receipt}, 202
    lead = ways_in.lead_ref(work().session, done)
    return {"lead": lead, "new": done.is_new, "receipt": receipt}, 201 if done.is_fresh else 200


@api.get("/leads")
@limiter.limit(API_LIMIT)
@open_to_all(
    "a bearer key that may read, scoped to one campaign, and to a partner where it says so"
)
def lead_list() -> ResponseReturnValue:
    """Return fifty leads of the key, newest first, and `next`: the `after` of the page behind it."""
    scope = ways_in.scope_of_secret(work().session, bearer())
    state, after = request.args.get("state", ""), request.args.get("after")
    page = read_out.leads(work(), scope, state=state, after=after)
    return {"leads": list(page.rows), "next": page.next}


@api.get("/leads/<ref>")
@limiter.limit(API_LIMIT)
@open_to_all(
    "a bearer key that may read, scoped to one campaign, and to a partner where it says so"
)
def lead_one(ref: str) -> ResponseReturnValue:
    """Return one lead of the key."""
    scope = ways_in.scope_of_secret(work().session, bearer())
    return read_out.lead(work(), scope, ref)


def bearer() -> str:
    """Return the key of a request; Forbidden when there is none."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not secret.strip():
        raise Forbidden(
            "This address asks for a key.",
            code="api.key",
            remedy="Send it as `Authorization: Bearer …`.",
        )
    return secret.strip()


def body() -> Mapping[str, Any]:
    """Return the JSON object of a request; Invalid when it is none."""
    request.max_content_length = LONGEST_BODY
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid(
            "The body is no JSON object.", code="api.body", remedy="Send application/json."
        )
    return sent


def capture_of(ref: str, sent: Mapping[str, Any]) -> Capture:
    """Return the submission that a body describes; Invalid names every field that is wrong."""
    wrong: dict[str, str] = {}
    consent, answers = sent.get("consent"), sent.get("answers", {})
    if not isinstance(consent, dict) or not isinstance(consent.get("text"), str):
        wrong["consent"] = 'Say what was agreed to: {"text": "…", "version": "…", "given": true}.'
        consent = {}
    if not isinstance(answers, dict) or not all(isinstance(v, str) for v in answers.values()):
        wrong["answers"] = "Answers are texts by name."
        answers = {}
    for name in ("id", "email"):
        if not isinstance(sent.get(name), str) or not sent[name].strip():
            wrong[name] = "This is needed, as text."
    wrong |= {n: "This is a text." for n in TEXTS if not isinstance(sent.get(n, ""), str)}
    if wrong:
        raise Invalid("Some fields are wrong.", code="api.fields", fields=wrong)
    return Capture(
        source=f"api:{ref}",
        external_id=sent["id"].strip()[:LONGEST_ID],
        address=sent["email"],
        consent_given=consent.get("given") is True,
        consent_text=consent["text"],
        consent_version=str(consent.get("version", ""))[:80],
        page_url=str(sent.get("page_url", ""))[:400],
        answers=answers,
        **{name: sent.get(name, "") for name in TEXTS},
    )
