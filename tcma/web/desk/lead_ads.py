"""Lead ads at the desk: who calls us with leads, what came of it, and a new one."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.leads import ad_words, ads
from tcma.leads.ad_words import Network
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.ways_in import offer_choices
from tcma.web.forms.desk import LeadAdsForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/leads/ads")
@allows(Permission.LEAD_ASSIGN)
def lead_ads_index() -> ResponseReturnValue:
    """List the sources, and offer a new one."""
    return page_of(LeadAdsForm(formdata=None))


def page_of(form: LeadAdsForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the page."""
    offer_choices(form)
    page = render_template(
        "desk/leads/ads.html",
        sources=ads.sources(work()),
        form=form,
        words=ad_words.NETWORK_WORDS,
        signed_by=ad_words.SIGNED_BY,
        base=f"{work().site.public_url}/hooks/lead-ads",
    )
    return make_response(page, status)


@desk.post("/leads/ads")
@allows(Permission.LEAD_ASSIGN)
def lead_ads_create() -> ResponseReturnValue:
    """Set a source up."""
    form = LeadAdsForm()
    campaigns, pairs = offer_choices(form)
    status = 422
    if form.validate():
        ref = ""
        with attempt(form) as tried:
            new = ads.NewSource(
                network=Network(form.network.data),
                name=form.name.data,
                campaign_id=campaigns[form.campaign.data],
                partner_id=pairs.get(form.partner.data or ""),
                secret=form.secret.data or "",
                token=form.token.data or "",
                consent=form.consent.data or "",
                fields=ad_words.fields_read(form.fields.data or ""),
            )
            ref = ads.make_source(work(), new)
        if tried.done:
            flash(f"{ref} is set up. Paste its address at the network now.")
            return redirect(url_for("desk.lead_ads_index"), 303)
        status = tried.status
    return page_of(form, status=status)


@desk.post("/leads/ads/<ref>")
@allows(Permission.LEAD_ASSIGN)
def lead_ads_act(ref: str) -> ResponseReturnValue:
    """End a source, or ask anew for what was given up."""
    if request.form.get("act") == "end":
        ads.end_source(work(), ref)
        flash("It is ended. What came by it stays.")
    else:
        count = ads.ask_again(work(), ref)
        flash(f"{count} asked for again." if count != 1 else "One asked for again.")
    return redirect(url_for("desk.lead_ads_index"), 303)
