"""A partner's own sending domains: set one up, paste its records, add addresses on it."""

from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.delivery import budgets, sender_domains, sender_queries
from tcma.launches import seeding
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.senders import actions, queries
from tcma.web import sender_pages
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.way_back import back, way_back
from tcma.web.forms.partner import AddressForm, DomainForm
from tcma.web.forms.seeds import SeedsForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.get("/senders")
@allows(Permission.LAUNCH_PLAN)
def sender_index() -> ResponseReturnValue:
    """Show whose address mails carry, for each vendor, and the domains of one's own."""
    return index_of(DomainForm(None))


def index_of(
    form: DomainForm, *, status: int = 200, seeds: SeedsForm | None = None
) -> ResponseReturnValue:
    """Render domains and addresses."""
    session, principal = work().session, work().principal
    groups = [
        (pair.vendor, sender_queries.senders(session, principal, vendor_id=pair.vendor_id))
        for pair in partners.enrolments(session, principal)
    ]
    page = render_template(
        "console/senders/index.html",
        groups=groups,
        domains=queries.domains(session, principal),
        form=form,
        held=budgets.held_senders(session, principal),
        let_at=lambda number: url_for("console.sender_let_go", sender_id=number),
        may_let=principal.may(Permission.LAUNCH_STEER),
        seeds=seeds if seeds is not None else seeding_form(),
    )
    return make_response(page, status)


def seeding_form() -> SeedsForm:
    """Return the seed addresses of one's own, filled in."""
    own = seeding.seeds(work().session, work().principal)
    return SeedsForm(None, data={"seeds": "\n".join(own)})


@console.post("/senders/seeds")
@allows(Permission.LAUNCH_PLAN)
def sender_seeds() -> ResponseReturnValue:
    """Save the addresses that get a copy of each launch."""
    form = SeedsForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            seeding.set_seeds(work(), (form.seeds.data or "").split())
        if tried.done:
            flash(say("Saved. The next launch goes to them first."), "good")
            return redirect(url_for("console.sender_index"), 303)
        status = tried.status
    return index_of(DomainForm(None), status=status, seeds=form)


@console.post("/senders")
@allows(Permission.BRAND_EDIT)
def sender_create() -> ResponseReturnValue:
    """Set up a domain: its keys are made, its records are shown."""
    form = DomainForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            name = actions.add_domain(work(), form.domain.data or "")
        if tried.done:
            return redirect(page_address(name), 303)
        status = tried.status
    return index_of(form, status=status)


@console.post("/senders/held/<uuid:sender_id>/resumption")
@allows(Permission.LAUNCH_STEER)
def sender_let_go(sender_id: UUID) -> ResponseReturnValue:
    """Let a held address send again; what comes back is counted anew."""
    sender_pages.let_go(sender_id)
    return redirect(url_for("console.sender_index"), 303)


@console.get("/senders/<domain>")
@allows(Permission.LAUNCH_PLAN)
def sender_show(domain: str) -> ResponseReturnValue:
    """Show a domain's records, what stands there, and its addresses."""
    own = partners.brand_in_force(work().session, found(work().principal.partner_id))
    return page_of(domain, AddressForm(None, data={"from_name": own.fields["name"]}))


def page_of(domain: str, form: AddressForm, *, status: int = 200) -> ResponseReturnValue:
    """Render one domain."""
    session, principal = work().session, work().principal
    kept = queries.domain_by_name(session, principal, domain)
    page = render_template(
        "console/senders/show.html",
        **sender_pages.facts(kept),
        addresses=sender_queries.addresses_on(session, principal, kept.name),
        form=form,
    )
    return make_response(page, status)


@console.post("/senders/<domain>/look")
@allows(Permission.BRAND_EDIT)
def sender_look(domain: str) -> ResponseReturnValue:
    """Ask DNS now."""
    sender_pages.look_now(queries.domain_by_name(work().session, work().principal, domain))
    return redirect(page_address(domain), 303)


@console.post("/senders/<domain>/addresses")
@allows(Permission.BRAND_EDIT)
def sender_address_create(domain: str) -> ResponseReturnValue:
    """Add an address on the domain."""
    form = AddressForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            sender_domains.add_address(
                work(), domain, local=form.local.data or "", from_name=form.from_name.data or ""
            )
        if tried.done:
            flash(say("Added. Choose it when you launch."), "good")
            return redirect(way_back_to_choose(domain), 303)
        status = tried.status
    return page_of(domain, form, status=status)


@console.post("/senders/<domain>/keys")
@allows(Permission.BRAND_EDIT)
def sender_rotate(domain: str) -> ResponseReturnValue:
    """Make new keys; the old ones sign until DNS shows the new."""
    sender_pages.make_new_keys(domain)
    return redirect(url_for("console.sender_show", domain=domain), 303)


@console.post("/senders/<domain>/pace")
@allows(Permission.BRAND_EDIT)
def sender_pace(domain: str) -> ResponseReturnValue:
    """Limit how much leaves from the domain, or end its warm-up."""
    sender_pages.set_pace(domain)
    return redirect(url_for("console.sender_show", domain=domain), 303)


@console.post("/senders/<domain>/removal")
@allows(Permission.BRAND_EDIT)
def sender_remove(domain: str) -> ResponseReturnValue:
    """Forget the domain, its addresses and its keys."""
    with attempt() as tried:
        sender_domains.remove_domain(work(), domain)
    if not tried.done:
        flash(tried.words, "need")
        return redirect(url_for("console.sender_show", domain=domain), 303)
    flash(say("{domain} is removed. Its records may go from your DNS.", domain=domain), "good")
    return redirect(url_for("console.sender_index"), 303)


def page_address(domain: str) -> str:
    """Return the domain's page, with the way back to a launch."""
    return url_for("console.sender_show", domain=domain, back=back() or None)


def way_back_to_choose(domain: str) -> str:
    """Return where the new address is chosen: the plan one came from, else this page."""
    if back().startswith("LCH-"):
        return url_for("console.launch_edit", ref=back())
    return way_back(url_for("console.sender_show", domain=domain))
