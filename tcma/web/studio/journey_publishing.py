"""Publishing a version of a journey: what becomes of those inside is counted, asked, then done."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.errors import Invalid
from tcma.journeys.document import Journey
from tcma.journeys.words import title
from tcma.nurture import drafts, overview, publishing
from tcma.nurture.publishing import Choices
from tcma.nurture.told_run import NOTHING, ToldRun, told_moved, told_run
from tcma.nurture.versions import version_by_id
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.studio import studio
from tcma.web.studio.journeys import Place, ahead_for, place_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@studio.route("/journeys/<slug>/publish", methods=["GET", "POST"])
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_publish(slug: str) -> ResponseReturnValue:
    """Ask what happens to those inside, with counts; then publish and move them."""
    place = place_of(slug)
    draft = found(drafts.draft_of(work(), place.campaign_id))
    try:
        journey = publishing.checked(work(), place.base.id, draft.source)
    except Invalid as refused:
        flash(refused.message, "stop")
        return redirect(url_for("studio.journey_edit", slug=slug), 303)
    problem = ""
    if request.method == "POST":
        before = counted(place, journey)
        try:
            no, moved = publishing.publish(
                work(),
                vendor_id=place.vendor_id,
                campaign_id=place.campaign_id,
                campaign_version_id=place.base.id,
                source=draft.source,
                choices=choices_asked(),
                note=request.form.get("note", "").strip(),
            )
        except Invalid as refused:
            problem = refused.message
        else:
            drafts.discard(work(), place.campaign_id)
            done = told_moved(work().principal, moved, before, choices_asked())
            flash(said(no, done), "good")
            return redirect(url_for("studio.journey_show", slug=slug), 303)
    page = render_template(
        "studio/journeys/publish.html",
        place=place,
        draft=draft,
        no=next_no_of(place),
        counted=counted(place, journey),
        ahead=ahead_for(place, journey),
        journey=journey,
        choices=choices_asked(),
        titles=titles_of(place),
        targets=[(step.id, f"{step.id}: {title(step)}") for step in journey.steps],
        problem=problem,
    )
    return make_response(page, 422 if problem else 200)


def choices_asked() -> Choices:
    """Return what the form chooses."""
    form = request.form
    removed = {
        key.removeprefix("removed-"): form[key] for key in form if key.startswith("removed-")
    }
    return Choices(
        inside=form.get("inside") == "yes", removed=removed, resume=form.get("resume") == "yes"
    )


def counted(place: Place, journey: Journey) -> ToldRun:
    """Return what publishing would mean, counted as the reader may know it."""
    if place.sequence_id is None:
        return NOTHING
    session, principal = work().session, work().principal
    here = overview.told_steps(session, principal, place.sequence_id)
    return told_run(principal, publishing.dry_run(work(), place.sequence_id, journey), here)


def next_no_of(place: Place) -> int:
    """Return the number the version will have, as things stand."""
    lines = (
        overview.versions(work().session, work().principal, place.sequence_id)
        if place.sequence_id
        else []
    )
    return max((line.no for line in lines), default=0) + 1


def titles_of(place: Place) -> dict[tuple[int, str], str]:
    """Return what each step of the older versions does, by version and id."""
    lines = (
        overview.versions(work().session, work().principal, place.sequence_id)
        if place.sequence_id
        else []
    )
    return {
        (line.no, step.id): title(step)
        for line in lines
        for step in version_by_id(work(), line.id).journey.steps
    }


def said(no: int, moved: publishing.Moved) -> str:
    """Return what publishing did, in a sentence."""
    parts = [
        f"{people} {words}"
        for people, words in (
            (moved.stayed, "stay at their step"),
            (moved.jumped, "go on at another step"),
            (moved.left, "left"),
            (moved.resumed, "go on after the end"),
            (moved.untouched, "go on with their version"),
        )
        if people
    ]
    return f"Version {no} is published." + (
        f" Of those inside {', '.join(parts)}." if parts else ""
    )
