"""A partner's brand profile: six fields and a logo, with the head of its mails beside them."""

import base64
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from tcma.db.scope import found
from tcma.errors import Invalid
from tcma.partners import brand as brands
from tcma.partners import queries as partners
from tcma.partners.queries import ProfileView
from tcma.permissions import Permission
from tcma.rendering.colour import HEX, contrast, label_on
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.lockup import LogoSet, mail_logo, variant
from tcma.rendering.logos import PreparedLogo, prepare
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.way_back import way_back
from tcma.web.forms.partner import MORE_FIELDS, BrandForm
from tcma.web.pictures import address_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

FALLBACK = "#10282D"
LINE = 26
"""Letters of a name that stand on one line of a mail's head."""
INK = {"light": "#10282D", "dark": "#EFEAE0"}
LOUD = {"light": (255, 255, 255), "dark": (0x13, 0x29, 0x2F)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a mail on one ground: the mark as a picture, or the name in `lines` of type."""

    ground: str
    colour: str
    ink: str
    picture: str
    width: int
    height: int
    said: str
    lines: tuple[str, ...] = ()


@console.get("/brand")
@allows(Permission.BRAND_EDIT)
def brand() -> ResponseReturnValue:
    """Show the profile in force."""
    profile = profile_now()
    return page_of(BrandForm(None, data=profile.fields), profile)


@console.get("/welcome")
@allows(Permission.BRAND_EDIT)
def welcome() -> ResponseReturnValue:
    """Ask for the profile, the first thing a new partner does."""
    profile = profile_now()
    return page_of(BrandForm(None, data=profile.fields), profile)


@console.post("/brand", defaults={"first": False})
@console.post("/welcome", defaults={"first": True})
@allows(Permission.BRAND_EDIT)
def brand_save(*, first: bool) -> ResponseReturnValue:
    """Write a new version of the profile; every campaign follows."""
    profile = profile_now()
    form = BrandForm()
    if form.validate():
        logo = form.uploaded("logo")
        try:
            ready = new_logo(logo)
            brands.save_profile(
                work(),
                fields=form.values(profile.fields),
                logo=logo,
                logo_white=form.uploaded("logo_white"),
                remove_logos=bool(request.form.get("remove") or (ready and not ready.is_white)),
            )
        except Invalid as error:
            if error.code.startswith("logo.") and not error.fields:
                form.logo.errors = [error.message]
            else:
                form.take(error)
        else:
            flash(say("Saved. Every campaign follows."), "good")
            return redirect(way_back(url_for("console.home" if first else "console.brand")), 303)
    return page_of(form, profile, status=422)


@console.post("/brand/preview")
@allows(Permission.BRAND_EDIT)
def brand_preview() -> ResponseReturnValue:
    """Return the mail heads for what is typed and chosen now; nothing is saved."""
    form = BrandForm()
    profile = profile_now()
    ready, refused = None, ""
    try:
        ready = new_logo(form.uploaded("logo"))
    except Invalid as error:
        refused = error.message
    context = looks(form.name.data or "", form.primary.data or "", profile, ready)
    heads = render_block("console/brand/show.html", "heads", **context)
    return heads + render_template(
        "console/brand/said.html", refused=refused or context["vanishes"]
    )


def new_logo(data: bytes | None) -> PreparedLogo | None:
    """Return a chosen logo drawn anew, None when none was chosen; Invalid says why it cannot be."""
    return prepare(data) if data else None


def profile_now() -> ProfileView:
    """Return this partner's profile in force."""
    return partners.brand_in_force(work().session, found(work().principal.partner_id))


def page_of(form: BrandForm, profile: ProfileView, *, status: int = 200) -> ResponseReturnValue:
    """Render the profile; a first one is welcomed."""
    page = render_template(
        "console/brand/show.html",
        may_connect=work().principal.may(Permission.SOCIAL_CONNECT),
        form=form,
        profile=profile,
        first=request.path.endswith("/welcome"),
        logo_url=address_of(profile.logo_key or profile.logo_white_key),
        more_open=any(form[name].errors for name in MORE_FIELDS),
        **looks(form.name.data or "", form.primary.data or "", profile, None),
    )
    return make_response(page, status)


def looks(
    name: str, primary: str, profile: ProfileView, logo: PreparedLogo | None
) -> dict[str, Any]:
    """Return the heads by day and by night, and how readable the colour is.

    A new logo in colour replaces the old pair: an old white one would be another brand's.
    """
    colour = primary if HEX.match(primary) else FALLBACK
    stored = work().files
    keys = {"colour": profile.logo_key, "white": profile.logo_white_key}
    if logo and not logo.is_white:
        keys = {}
    marks = {kind: stored.get(key) for kind, key in keys.items() if key}
    if logo:
        marks["white" if logo.is_white else "colour"] = logo.png
    own = LogoSet(
        name=name.strip() or say("Your name"),
        primary=colour,
        colour=marks.get("colour"),
        white=marks.get("white"),
    )
    label = label_on(colour)
    vanishes = ""
    try:
        heads = [head_of(own, ground) for ground in ("light", "dark")]
    except Invalid as refused:
        vanishes = refused.advice
        heads = [head_of(replace(own, colour=None, white=None), each) for each in ("light", "dark")]
    return {
        "heads": heads,
        "vanishes": vanishes,
        "colour": colour,
        "label": label or "#FFFFFF",
        "colour_words": say(
            "Text on your colour: {contrast:.1f} : 1", contrast=contrast(label, colour)
        )
        if label
        else say("No text is readable on this colour. Choose a darker or a lighter one."),
        "colour_good": label is not None,
    }


def head_of(own: LogoSet, ground: str) -> Head:
    """Draw the mark as a mail on this ground shows it, and measure it."""
    colour = brands.GROUNDS[ground]
    choice = variant(own, LOUD[ground])
    if choice.kind == "text":
        return Head(
            ground=ground,
            colour=colour,
            ink=INK[ground],
            picture="",
            width=0,
            height=0,
            said=say("Your name in type, {contrast:.1f} : 1", contrast=choice.contrast),
            lines=tuple(wrap(own.name, LINE)[:2]),
        )
    mark = mail_logo(own, ground=colour, fonts=BUILT_FONTS)
    said = {
        "plate": say("On a plate of its own, {contrast:.1f} : 1", contrast=choice.contrast),
        "own_ground": say("Logo brings its own ground"),
    }.get(choice.kind, say("Logo {contrast:.1f} : 1, space kept", contrast=choice.contrast))
    if choice.is_pale:
        said = say(
            "Parts of your logo are pale, {contrast:.1f} : 1. A darker version would read better.",
            contrast=choice.contrast,
        )
    data = base64.b64encode(mark.data).decode()
    return Head(
        ground=ground,
        colour=colour,
        ink=INK[ground],
        picture=f"data:{mark.media_type};base64,{data}",
        width=mark.width,
        height=mark.height,
        said=said,
    )
