"""Addresses a partner sends from, per vendor."""

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.contacts.rules import normal_address
from tcma.db.scope import found
from tcma.delivery import queries
from tcma.delivery.actions import ensure_sender
from tcma.errors import Invalid
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.way_back import back, way_back
from tcma.web.forms.partner import SenderForm
from tcma.web.unit_of_work import work

FREE_MAIL = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com",
    "yahoo.co.uk", "icloud.com", "me.com", "aol.com", "gmx.de", "gmx.net", "web.de",
    "t-online.de", "proton.me", "protonmail.com", "mail.ru", "qq.com", "orange.fr", "free.fr",
    "laposte.net", "libero.it",
})  # fmt: skip
"""Their owners forbid other servers to send for them (DMARC p=reject or quarantine)."""


@console.get("/senders")
@allows(Permission.LAUNCH_PLAN)
def sender_index() -> ResponseReturnValue:
    """Show whose address mails carry, for each vendor."""
    return page_of(SenderForm(None, data={"from_name": own_name()}))


def own_name() -> str:
    """Return the name mails carry."""
    partner_id = found(work().principal.partner_id)
    return partners.brand_in_force(work().session, partner_id).fields["name"]


def page_of(form: SenderForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the addresses."""
    session, principal = work().session, work().principal
    groups = [
        (pair.vendor, queries.senders(session, principal, vendor_id=pair.vendor_id))
        for pair in partners.enrolments(session, principal)
    ]
    own = {s.id: s for _, senders in groups for s in senders if not s.is_fallback}
    page = render_template(
        "console/senders/index.html", groups=groups, own=list(own.values()), form=form
    )
    return make_response(page, status)


def own_address(text: str) -> str:
    """Return an address fit to send from; Invalid for none, or one of a free mail service."""
    address = normal_address(text).text
    domain = address.rpartition("@")[2]
    if domain in FREE_MAIL:
        raise Invalid(
            f"A {domain} address cannot be the sender here; mail programs would refuse it. "
            "Use your own domain or your vendor’s.",
            code="sender.free_mail",
        )
    return address


def way_back_to_choose() -> str:
    """Return where the new address is chosen: the plan one came from, else this page."""
    if back().startswith("LCH-"):
        return url_for("console.launch_edit", ref=back())
    return way_back(url_for("console.sender_index"))


@console.post("/senders")
@allows(Permission.BRAND_EDIT)
def sender_create() -> ResponseReturnValue:
    """Add an address of the partner's own domain."""
    form = SenderForm()
    if form.validate():
        try:
            ensure_sender(
                work(),
                from_name=form.from_name.data or "",
                from_address=own_address(form.from_address.data or ""),
                partner_id=work().principal.partner_id,
            )
        except Invalid as error:
            form.from_address.errors = [error.message]
        else:
            flash("Added. Choose it when you launch.", "good")
            return redirect(way_back_to_choose(), 303)
    return page_of(form, status=422)
