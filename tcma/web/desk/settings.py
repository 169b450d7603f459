"""Settings of the vendor: names, postal address, zone, the address it writes from, logo."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.contacts.rules import normal_address
from tcma.db.scope import found
from tcma.delivery import house_sender
from tcma.errors import Invalid
from tcma.partners import brand, history, vendor_facts
from tcma.partners.queries import logo_key, vendor_brand
from tcma.partners.vendor_facts import VendorFacts
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.change_words import change_lines
from tcma.web.forms.vendor import VendorForm
from tcma.web.pictures import address_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/settings")
@allows(Permission.VENDOR_EDIT)
def settings() -> ResponseReturnValue:
    """Show the vendor's own facts, filled in, and who changed them when."""
    session, vendor_id = work().session, found(work().principal.vendor_id)
    facts = vendor_facts.facts_of(session, vendor_id)
    own = house_sender.house_sender(session, vendor_id) or (facts.name, "")
    data = {name: getattr(facts, name) for name in VendorFacts.__slots__}
    colour = vendor_brand(session, vendor_id).get("primary", "")
    form = VendorForm(
        None, data=data | {"from_name": own[0], "from_address": own[1], "primary": colour}
    )
    return page_of(form)


def page_of(form: VendorForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the settings."""
    session, principal = work().session, work().principal
    vendor_id = found(principal.vendor_id)
    fixed = vendor_facts.zone_is_fixed(session, vendor_id)
    own = vendor_facts.facts_of(session, vendor_id).zone
    form.offer_zone(own)
    form.zone.data = form.zone.data or own
    page = render_template(
        "desk/settings/index.html",
        form=form,
        zone_fixed=fixed,
        logo_url=address_of(logo_key(session, kind="vendor", organisation_id=vendor_id)),
        changes=change_lines(history.changes(session, principal, "vendor", vendor_id)),
    )
    return make_response(page, status)


@desk.post("/settings")
@allows(Permission.VENDOR_EDIT)
def settings_save() -> ResponseReturnValue:
    """Save all of it, or nothing."""
    vendor_id = found(work().principal.vendor_id)
    form = VendorForm()
    form.offer_zone(vendor_facts.facts_of(work().session, vendor_id).zone)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            save(form)
        if tried.done:
            flash("Saved. Notices and new launches follow at once.", "good")
            return redirect(url_for("desk.settings"), 303)
        status = tried.status
    return page_of(form, status=status)


def save(form: VendorForm) -> None:
    """Write what the form holds; raises with the field that is wrong."""
    vendor_id = found(work().principal.vendor_id)
    now = vendor_facts.facts_of(work().session, vendor_id)
    facts = VendorFacts(
        name=form.name.data,
        legal_name=form.legal_name.data,
        address=form.address.data,
        zone=form.zone.data or now.zone,
    )
    vendor_facts.save_facts(work(), facts)
    try:
        address = normal_address(form.from_address.data).text
        house_sender.set_house_sender(work(), from_name=form.from_name.data, from_address=address)
    except Invalid as error:
        raise Invalid(
            error.message, code=error.code, fields={"from_address": error.message}
        ) from error
    logo, white = form.uploaded("logo"), form.uploaded("logo_white")
    before = vendor_brand(work().session, vendor_id)
    if logo or white or form.primary.data != before.get("primary"):
        brand.save_vendor_brand(
            work(),
            vendor_id=vendor_id,
            logo=logo,
            logo_white=white,
            primary=form.primary.data,
        )
