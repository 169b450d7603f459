"""A partner's own host names for its pages: asked for, proved by two records, looked at, given up."""

from dataclasses import dataclass

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.hosts import actions, queries
from tcma.hosts.queries import HostView
from tcma.hosts.rules import KIND_WORDS, Finding, Record, has_name
from tcma.library import exporting
from tcma.library.copy_queries import live_pages
from tcma.partners.queries import partner_of
from tcma.permissions import Permission
from tcma.senders.rules import DomainState, Verdict
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.partner import HostForm
from tcma.web.host_guard import origin_of
from tcma.web.sender_pages import VERDICT_WORDS, zone_of
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash
from tcma.words import say


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as the page shows it: what to paste where, and what the last look found."""

    record: Record
    title: str
    why: str
    finding: Finding
    short_name: str

    @property
    def done(self) -> bool:
        """Say whether nothing is left to do about it."""
        return self.finding.verdict is Verdict.FOUND

    @property
    def sign(self) -> tuple[str, str, str]:
        """Word, icon and tone of the verdict."""
        return VERDICT_WORDS[self.finding.verdict]

    @property
    def paste(self) -> Record:
        """What to paste."""
        return self.record


@console.get("/page-hosts")
@allows(Permission.BRAND_EDIT)
def host_index() -> ResponseReturnValue:
    """List the host names of one's own, and ask for one."""
    return index_of(HostForm(formdata=None))


def index_of(form: HostForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the list."""
    session, principal = work().session, work().principal
    page = render_template(
        "console/page_hosts/index.html",
        hosts=queries.hosts(session, principal),
        pages=live_pages(session, found(principal.partner_id)),
        form=form,
    )
    return make_response(page, status)


@console.post("/page-hosts")
@allows(Permission.BRAND_EDIT)
def host_create() -> ResponseReturnValue:
    """Ask for a host name; its records are shown."""
    form = HostForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            name = actions.add_host(work(), form.host.data or "")
        if tried.done:
            return redirect(url_for("console.host_show", host=name), 303)
        status = tried.status
    return index_of(form, status=status)


@console.get("/pages.zip")
@allows(Permission.BRAND_EDIT)
def page_export() -> ResponseReturnValue:
    """Give all pages as one zip that any web server serves."""
    partner_id = found(work().principal.partner_id)
    made = exporting.export_pages(work(), partner_id)
    response = make_response(made.data)
    response.mimetype = "application/zip"
    name = partner_of(work().session, partner_id).slug
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-pages.zip"'
    return response


@console.get("/page-hosts/<host>")
@allows(Permission.BRAND_EDIT)
def host_show(host: str) -> ResponseReturnValue:
    """Show a host's records, what stands there, and the pages on it."""
    session, principal = work().session, work().principal
    kept = queries.host_by_name(session, principal, host)
    lines = shown(kept)
    return render_template(
        "console/page_hosts/show.html",
        host=kept,
        todo=[line for line in lines if not line.done],
        done=[line for line in lines if line.done],
        zone=zone_of(kept.name),
        is_named=has_name(work().site.public_url),
        pages=[
            (page.campaign, f"{origin_of(kept.name)}/go/{page.path}")
            for page in live_pages(session, kept.partner_id)
        ],
    )


def shown(host: HostView) -> list[Shown]:
    """Return a host's records with the findings of the last look."""
    known = {each.kind: each for each in host.findings}
    return [
        Shown(
            record,
            *KIND_WORDS[record.kind],
            known.get(record.kind, Finding(record.kind, Verdict.WAITING)),
            record.below(zone_of(host.name)),
        )
        for record in actions.records(work(), host)
    ]


@console.post("/page-hosts/<host>/look")
@allows(Permission.BRAND_EDIT)
def host_look(host: str) -> ResponseReturnValue:
    """Ask DNS now."""
    kept = queries.host_by_name(work().session, work().principal, host)
    seen = actions.look(services().names, actions.records(work(), kept))
    change = actions.record_look(work(), kept.id, seen)
    if change.is_taken:
        flash(say("Another partner’s pages are answered under this name."), "stop")
    elif change.after is DomainState.VERIFIED:
        flash(say("{host} is proved. Your pages are answered there.", host=host), "good")
    else:
        flash(say("Not everything stands yet. What is new can take an hour to be seen."), "need")
    return redirect(url_for("console.host_show", host=host), 303)


@console.post("/page-hosts/<host>/removal")
@allows(Permission.BRAND_EDIT)
def host_remove(host: str) -> ResponseReturnValue:
    """Give a host name up."""
    actions.remove_host(work(), host)
    flash(say("{host} is given up. Its records may go from your DNS.", host=host), "good")
    return redirect(url_for("console.host_index"), 303)
