"""The picture API in the studio: a call tried beside its picture, ready to copy, and the keys."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.drawing import calls, keys
from tcma.drawing.calls import Ask, Offered
from tcma.drawing.keys import Scope
from tcma.errors import TcmaError
from tcma.library import queries as library
from tcma.library.seeing import MAY_START
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.web.api.images import picture
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.errors import problem_of
from tcma.web.forms.base import offer
from tcma.web.forms.image_key import ImageKeyForm
from tcma.web.studio import studio
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

SLOT = "slot_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A call as it is tried: its picture's address, or what it was refused for."""

    template: Offered
    partner: str
    values: Mapping[str, Any]
    address: str = ""
    problem: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@studio.get("/picture-api")
@allows(Permission.CAMPAIGN_AUTHOR)
def picture_api_index() -> ResponseReturnValue:
    """Show a call beside its picture, then the keys."""
    return page_of(ImageKeyForm(formdata=None))


def page_of(form: ImageKeyForm, *, secret: str = "", status: int = 200) -> ResponseReturnValue:
    """Render the page; `secret` is a key that was just made, told this once."""
    offer_choices(form)
    session, principal = work().session, work().principal
    offered = calls.offered(work(), own_scope())
    names = partner_names()
    trial = tried(offered, names) if offered and names else None
    page = render_template(
        "studio/picture_api/index.html",
        offered=offered,
        partners=list(names.items()),
        trial=trial,
        snippets=snippets(trial) if trial else [],
        keys=keys.keys(session, principal),
        form=form,
        secret=secret,
        slot_prefix=SLOT,
    )
    return make_response(page, status)


def own_scope() -> Scope:
    """Return everything of the marketer's own vendor."""
    return Scope(vendor_id=found(work().principal.vendor_id))


def partner_names() -> dict[str, str]:
    """Return the vendor's partners that may start campaigns, by short name."""
    pairs = partners.enrolments(work().session, work().principal)
    return {p.partner_slug: p.partner for p in pairs if p.state in MAY_START}


def asked() -> Ask:
    """Return the call that the address of this page describes."""
    values = {
        name.removeprefix(SLOT): text
        for name, text in request.args.items()
        if name.startswith(SLOT) and text
    }
    return Ask(
        template=request.args.get("template", ""),
        partner=request.args.get("partner", ""),
        slots=values,
    )


def tried(offered: list[Offered], names: Mapping[str, str]) -> Trial:
    """Judge the call of this page; what it says of slots that the template has not is left out."""
    ask = asked()
    one = next((each for each in offered if str(each.template) == ask.template), offered[0])
    partner = ask.partner if ask.partner in names else next(iter(names))
    known = {slot.key for slot in one.slots}
    values = {key: value for key, value in ask.slots.items() if key in known}
    template = str(one.template)
    try:
        call = calls.prepared(
            work(), own_scope(), Ask(template=template, partner=partner, slots=values)
        )
        calls.refuse_misfits(call)
    except TcmaError as error:
        said = problem_of(error)
        return Trial(
            template=one, partner=partner, values=values,
            problem=json.dumps(said, indent=2, ensure_ascii=False),
            fields=getattr(error, "fields", {}),
        )  # fmt: skip
    query = {f"{SLOT}{key}": value for key, value in values.items()}
    address = url_for("studio.picture_api_try", template=template, partner=partner, **query)
    return Trial(template=one, partner=partner, values=values, address=address)


def snippets(trial: Trial) -> list[tuple[str, str, str]]:
    """Return (title, words, lines to copy) of a call's three ways."""
    site, one = work().site.public_url, trial.template
    body: dict[str, Any] = {"template": str(one.template), "partner": trial.partner}
    body |= {"slots": dict(trial.values)} if trial.values else {}
    file = f"{one.template.picture}.{'gif' if one.is_moving else 'jpg'}"
    moves = {"async": True, "metadata": {"row": 42}}
    return [
        (
            "At once",
            "The picture itself. Without Accept the answer is JSON with a signed address.",
            curl(f"{site}/api/v1/images", body, f"-H 'Accept: image/*' -o {file}"),
        ),
        (
            "Later",
            (
                "For large and moving pictures. Ask at the address in Location, or name a webhook "
                "of the desk (Leads, Ways out) in “webhook”."
            ),
            curl(f"{site}/api/v1/images", body | moves),
        ),
        (
            "At a signed address",
            "Version and brand are locked in it; it ends on its last day, or with its key.",
            curl(f"{site}/api/v1/images/links", body | {"days": 30}),
        ),
    ]


def curl(address: str, body: Mapping[str, Any], more: str = "") -> str:
    """Return a call as a shell takes it."""
    sent = shlex.quote(json.dumps(body, ensure_ascii=False))
    lines = [
        'curl -H "Authorization: Bearer $KEY" -H "Content-Type: application/json"',
        *([more] if more else []),
        f"-d {sent}",
        address,
    ]
    return " \\\n  ".join(lines)


@studio.get("/picture-api/try")
@allows(Permission.CAMPAIGN_AUTHOR)
def picture_api_try() -> ResponseReturnValue:
    """Return the picture of a call, by the same way as a program's."""
    return picture(calls.drawn(work(), calls.prepared(work(), own_scope(), asked())))


def offer_choices(form: ImageKeyForm) -> tuple[dict[str, tuple[UUID, str]], dict[str, UUID]]:
    """Offer campaigns with their pictures, and partners; what each choice means."""
    session, principal = work().session, work().principal
    rows = [c for c in library.campaigns(session, principal) if c.published_no]
    ids = {row.slug: (row.campaign_id, row.name) for row in rows}
    scopes: dict[str, tuple[UUID, str]] = {}
    words = []
    for slug, (campaign_id, name) in ids.items():
        scopes[slug] = (campaign_id, "")
        words.append((slug, f"{name}: all pictures"))
        for one in calls.offered(work(), Scope(vendor_id=found(principal.vendor_id),
                                               campaign_id=campaign_id)):  # fmt: skip
            scopes[f"{slug}/{one.template.picture}"] = (campaign_id, one.template.picture)
            words.append((f"{slug}/{one.template.picture}", f"{name}: {one.template.picture}"))
    pairs = {
        p.partner_slug: p.partner_id
        for p in partners.enrolments(session, principal)
        if p.state in MAY_START
    }
    offer(form.scope, words)
    offer(form.partner, [("", "Any; the call names it"), *partner_names().items()])
    return scopes, pairs


@studio.post("/picture-api/keys")
@allows(Permission.CAMPAIGN_AUTHOR)
def image_key_create() -> ResponseReturnValue:
    """Make a key and show it, this once."""
    form = ImageKeyForm()
    scopes, pairs = offer_choices(form)
    status = 422
    if form.validate():
        secret = ""
        with attempt(form) as done:
            campaign_id, picture_name = scopes[form.scope.data]
            secret = keys.make_key(
                work(),
                name=form.name.data or "",
                campaign_id=campaign_id,
                picture=picture_name,
                partner_id=pairs.get(form.partner.data or ""),
                only_reads=bool(form.only_reads.data),
            )
        if done.done:
            work().session.flush()  # the new key is in the list
            return page_of(ImageKeyForm(formdata=None), secret=secret)
        status = done.status
    return page_of(form, status=status)


@studio.post("/picture-api/keys/<uuid:image_key>/end")
@allows(Permission.CAMPAIGN_AUTHOR)
def image_key_end(image_key: UUID) -> ResponseReturnValue:
    """End a key at once."""
    keys.end_key(work(), image_key)
    flash("The key is ended, and every address that it signed. Drawn pictures stay.", "good")
    return redirect(url_for("studio.picture_api_index"), 303)
