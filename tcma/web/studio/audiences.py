"""Who sees a campaign, as rules; and what one partner sees of all, with each reason in words."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.library import queries as library
from tcma.library import seeing
from tcma.library.visibility import ASKS
from tcma.partners import queries as partners
from tcma.partners.queries import EnrolmentView
from tcma.permissions import Permission, Role
from tcma.web.audience_options import ROLES, options
from tcma.web.auth import allows
from tcma.web.studio import studio
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@studio.route("/campaigns/<slug>/audience", methods=["GET", "POST"])
@allows(Permission.CAMPAIGN_AUTHOR)
def campaign_audience(slug: str) -> ResponseReturnValue:
    """Show who sees a campaign, and change it."""
    newest = library.versions(work().session, work().principal, slug=slug)[0]
    if request.method == "POST":
        typed = {aspect: request.form.getlist(aspect) for aspect in ASKS}
        typed["certification"] = request.form.get("certification", "").splitlines()
        seeing.set_visibility(work(), slug, typed)
        flash("Saved. Their library follows at once; what runs goes on.", "good")
        return redirect(url_for("studio.campaign_audience", slug=slug), 303)
    rules = seeing.visibility_of(work(), slug)
    rows = pairs()
    shown = {
        row.partner_id: row.partner
        for row in rows
        if seeing.seen_campaigns(
            work().session,
            row.partner_id,
            [(newest.campaign_id, row.vendor_id)],
            today=work().now.date(),
        )
    }
    return render_template(
        "studio/campaigns/audience.html",
        slug=slug,
        name=newest.facts["name"],
        rules=rules,
        options=options(),
        partners=rows,
        shown=shown,
    )


@studio.get("/audience")
@allows(Permission.CAMPAIGN_AUTHOR)
def audience_index() -> ResponseReturnValue:
    """Say what one partner sees today, and why."""
    rows = pairs()
    slug, role = request.args.get("partner", ""), request.args.get("role", "")
    chosen = next((row for row in rows if row.partner_slug == slug), rows[0] if rows else None)
    role = role if role in ROLES else Role.OWNER.value
    told = []
    if chosen:
        told = seeing.explained(work(), chosen.partner_id, role=role, names=names())
    return render_template(
        "studio/campaigns/seen.html",
        partners=rows,
        chosen=chosen,
        role=role,
        roles=list(ROLES.items()),
        told=told,
        asks=ASKS,
    )


def pairs() -> list[EnrolmentView]:
    """Return the vendor's partners, by name."""
    return partners.enrolments(work().session, work().principal)


def names() -> dict[str, str]:
    """Return codes in words."""
    return {code: words for rows in options().values() for code, words in rows}
