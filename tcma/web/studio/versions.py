"""Publishing a version and retiring a campaign: each names who is concerned before it happens."""

from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Invalid
from tcma.launches import queries as launches
from tcma.launches.ending import concerned
from tcma.launches.rules import RUNNING
from tcma.library import actions, copy_queries
from tcma.library import queries as library
from tcma.library.rules import VersionState
from tcma.partners import queries as partners
from tcma.partners.queries import EnrolmentView
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.studio import studio
from tcma.web.studio.previews import version_at
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

MAY_START = (EnrolmentState.ACTIVE, EnrolmentState.INVITED)


@studio.route("/campaigns/<slug>/versions/<int:no>/publication", methods=["GET", "POST"])
@allows(Permission.CAMPAIGN_AUTHOR)
def version_publish(slug: str, no: int) -> ResponseReturnValue:
    """Name who gets it, then put it into their library."""
    version = version_at(slug, no)
    problem = ""
    if request.method == "POST":
        try:
            first, last = (date_of(request.form.get(name, "")) for name in ("starts_on", "ends_on"))
            actions.publish(work(), version_id=version.id, starts_on=first, ends_on=last)
        except Invalid as error:
            problem = error.message
        else:
            count = people_words(len(who_may_start()))
            if library.version(work().session, version.id).state is VersionState.SCHEDULED:
                flash(f"It waits for its first day, then {count} can start it.", "good")
            else:
                flash(f"Published. {count} can start it now.", "good")
            return redirect(url_for("studio.campaign_show", slug=slug, version=no), 303)
    copies = [
        copy
        for copy in copy_queries.copies(work().session, work().principal)
        if copy.campaign_id == version.campaign_id and copy.version_id != version.id
    ]
    page = render_template(
        "studio/campaigns/publish.html",
        slug=slug,
        version=version,
        partners=who_may_start(),
        copies=copies,
        problem=problem,
        concerned=concerned(work().session, version.campaign_id),
        starts_on=request.form.get(
            "starts_on", version.starts_on.isoformat() if version.starts_on else ""
        ),
        ends_on=request.form.get("ends_on", version.ends_on.isoformat() if version.ends_on else ""),
    )
    return page, 422 if problem else 200


@studio.route("/campaigns/<slug>/retirement", methods=["GET", "POST"])
@allows(Permission.CAMPAIGN_AUTHOR)
def campaign_retire(slug: str) -> ResponseReturnValue:
    """Say what goes on and what ends, then take it out of the library."""
    newest = library.versions(work().session, work().principal, slug=slug)[0]
    if request.method == "POST":
        recall = bool(request.form.get("recall"))
        actions.retire(work(), campaign_id=newest.campaign_id, recall_pages=recall)
        flash("Retired. What runs goes on; nobody can start it any more.", "good")
        return redirect(url_for("studio.campaign_index"), 303)
    runs = launches.launches(
        work().session, work().principal, campaign_id=newest.campaign_id, states=RUNNING
    ).rows
    return render_template(
        "studio/campaigns/retire.html", slug=slug, version=newest, running=len(runs)
    )


def who_may_start() -> list[EnrolmentView]:
    """Return the partners a published campaign is offered to, by name."""
    rows = partners.enrolments(work().session, work().principal)
    return [row for row in rows if row.state in MAY_START]


def people_words(count: int) -> str:
    """Return `1 partner`, `8 partners`."""
    return "1 partner" if count == 1 else f"{count:,} partners"


def date_of(text: str) -> date | None:
    """Return the day of a date field, None when it is empty; Invalid when it is no date."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = "Write a day as 2026-12-31."
        raise Invalid(message, code="campaign.ends_on", fields={"ends_on": message}) from None
