"""Sending domains at the desk: the vendor's own, all partners', and what is done without one."""

from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.delivery import budgets, sender_domains
from tcma.delivery.house_sender import house_sender
from tcma.permissions import Permission
from tcma.senders import actions, queries
from tcma.web import sender_pages
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.partner import DomainForm
from tcma.web.forms.vendor import PolicyForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/senders")
@allows(Permission.PARTNERS_READ)
def sender_index() -> ResponseReturnValue:
    """Show every domain mail of this vendor's programme comes from."""
    return index_of(DomainForm(None))


def index_of(form: DomainForm, *, status: int = 200) -> ResponseReturnValue:
    """Render domains and policy."""
    session, principal = work().session, work().principal
    vendor_id = found(principal.vendor_id)
    own = house_sender(session, vendor_id)
    page = render_template(
        "desk/senders/index.html",
        own=queries.domains(session, principal),
        partners=queries.partners_domains(session, principal),
        form=form,
        held=budgets.held_senders(session, principal),
        let_at=lambda number: url_for("desk.sender_let_go", sender_id=number),
        may_let=principal.may(Permission.LAUNCH_STEER),
        policy=PolicyForm(None, data={"policy": queries.policy_of(session, vendor_id).value}),
        house=own[1] if own else "",
        may_edit=principal.may(Permission.VENDOR_EDIT),
    )
    return make_response(page, status)


@desk.post("/senders")
@allows(Permission.VENDOR_EDIT)
def sender_create() -> ResponseReturnValue:
    """Set up a domain of the vendor's own."""
    form = DomainForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            name = actions.add_domain(work(), form.domain.data or "")
        if tried.done:
            return redirect(url_for("desk.sender_show", domain=name), 303)
        status = tried.status
    return index_of(form, status=status)


@desk.post("/senders/policy")
@allows(Permission.VENDOR_EDIT)
def sender_policy() -> ResponseReturnValue:
    """Choose what happens to mail of a partner whose domain is not verified."""
    form = PolicyForm()
    if form.validate():
        actions.set_policy(work(), form.chosen)
        flash("Saved. It holds from the next mail on.", "good")
    return redirect(url_for("desk.sender_index"), 303)


@desk.post("/senders/held/<uuid:sender_id>/resumption")
@allows(Permission.LAUNCH_STEER)
def sender_let_go(sender_id: UUID) -> ResponseReturnValue:
    """Let a held address send again; what comes back is counted anew."""
    sender_pages.let_go(sender_id)
    return redirect(url_for("desk.sender_index"), 303)


@desk.get("/senders/<domain>")
@allows(Permission.VENDOR_EDIT)
def sender_show(domain: str) -> ResponseReturnValue:
    """Show the records of the vendor's own domain."""
    kept = queries.domain_by_name(work().session, work().principal, domain)
    return make_response(render_template("desk/senders/show.html", **sender_pages.facts(kept)))


@desk.post("/senders/<domain>/look")
@allows(Permission.VENDOR_EDIT)
def sender_look(domain: str) -> ResponseReturnValue:
    """Ask DNS now."""
    sender_pages.look_now(queries.domain_by_name(work().session, work().principal, domain))
    return redirect(url_for("desk.sender_show", domain=domain), 303)


@desk.post("/senders/<domain>/keys")
@allows(Permission.VENDOR_EDIT)
def sender_rotate(domain: str) -> ResponseReturnValue:
    """Make new keys; the old ones sign until DNS shows the new."""
    sender_pages.make_new_keys(domain)
    return redirect(url_for("desk.sender_show", domain=domain), 303)


@desk.post("/senders/<domain>/pace")
@allows(Permission.VENDOR_EDIT)
def sender_pace(domain: str) -> ResponseReturnValue:
    """Limit how much leaves from the domain, or end its warm-up."""
    sender_pages.set_pace(domain)
    return redirect(url_for("desk.sender_show", domain=domain), 303)


@desk.post("/senders/<domain>/removal")
@allows(Permission.VENDOR_EDIT)
def sender_remove(domain: str) -> ResponseReturnValue:
    """Forget the domain and its keys."""
    sender_domains.remove_domain(work(), domain)
    flash(f"{domain} is removed. Its records may go from your DNS.", "good")
    return redirect(url_for("desk.sender_index"), 303)
