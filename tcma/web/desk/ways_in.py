"""Ways in at the desk: keys for other programs and mail addresses, and what was held back."""

from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.leads import ways_in
from tcma.library import queries as library
from tcma.partners import queries as partners
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.desk import IntakeKeyForm, LeadAdsForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/leads/ways-in")
@allows(Permission.LEAD_ASSIGN)
def ways_in_index() -> ResponseReturnValue:
    """Show what was held back, then the keys."""
    return page_of(IntakeKeyForm(formdata=None))


def page_of(form: IntakeKeyForm, *, secret: str = "", status: int = 200) -> ResponseReturnValue:
    """Render the page; `secret` is a key that was just made, told this once."""
    offer_choices(form)
    session, principal = work().session, work().principal
    page = render_template(
        "desk/leads/ways_in.html",
        held=ways_in.held(session, principal),
        keys=ways_in.keys(session, principal),
        form=form,
        secret=secret,
        address=f"{work().site.public_url}/api/v1/leads",
        mailbox=_mailbox,
    )
    return make_response(page, status)


def _mailbox(ref: str) -> str:
    site = work().site
    return f"{ways_in.mailbox_of(site.signer, ref)}@{site.mail_host}" if site.takes_mail else ""


def offer_choices(
    form: IntakeKeyForm | LeadAdsForm,
) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """Offer the vendor's published campaigns and active partners, by short name."""
    session, principal = work().session, work().principal
    campaigns = [c for c in library.campaigns(session, principal) if c.published_no]
    pairs = [p for p in partners.enrolments(session, principal) if p.state is EnrolmentState.ACTIVE]
    offer(form.campaign, [(c.slug, c.name) for c in campaigns])
    offer(form.partner, [("", "No partner: routed by the rules")]
          + [(p.partner_slug, p.partner) for p in pairs])  # fmt: skip
    return {c.slug: c.campaign_id for c in campaigns}, {p.partner_slug: p.partner_id for p in pairs}


@desk.post("/leads/ways-in/keys")
@allows(Permission.LEAD_ASSIGN)
def intake_key_create() -> ResponseReturnValue:
    """Make a key and show it, this once."""
    form = IntakeKeyForm()
    campaigns, pairs = offer_choices(form)
    status = 422
    if form.validate():
        secret = ""
        with attempt(form) as tried:
            secret = ways_in.make_key(
                work(),
                name=form.name.data,
                campaign_id=campaigns[form.campaign.data],
                partner_id=pairs.get(form.partner.data or ""),
                may_read=form.may_read.data,
            )
        if tried.done:
            return page_of(IntakeKeyForm(formdata=None), secret=secret)
        status = tried.status
    return page_of(form, status=status)


@desk.post("/leads/ways-in/keys/<uuid:intake_key>/end")
@allows(Permission.LEAD_ASSIGN)
def intake_key_end(intake_key: UUID) -> ResponseReturnValue:
    """End a key at once."""
    ways_in.end_key(work(), intake_key)
    flash("The key is ended. What came by it stays.", "good")
    return redirect(url_for("desk.ways_in_index"), 303)


@desk.post("/leads/ways-in/held/<uuid:held>")
@allows(Permission.LEAD_ASSIGN)
def held_decide(held: UUID) -> ResponseReturnValue:
    """Release a submission, which makes it a lead, or leave it aside."""
    with attempt() as tried:
        if request.form.get("act") == "release":
            lead = ways_in.lead_ref(work().session, ways_in.release(work(), held))
            said = f"It is lead {lead} now, and on its way to a partner."
        else:
            ways_in.drop(work(), held)
            said = "Left aside. It stays in the books, and nobody is asked about it again."
    flash(said if tried.done else tried.words, "good" if tried.done else "need")
    return redirect(url_for("desk.ways_in_index"), 303)
