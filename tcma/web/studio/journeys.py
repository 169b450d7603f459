"""A vendor's journeys: the list, one drawn with the people in it, and the stuck."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.errors import Conflict
from tcma.journeys import column, graph
from tcma.journeys.document import Journey, Kind
from tcma.journeys.words import sentence, settings
from tcma.library import queries as library
from tcma.library.queries import campaign_source
from tcma.library.rules import VersionState
from tcma.nurture import actions, drafts, overview
from tcma.nurture.ahead import AheadOfAll, ahead_of_all
from tcma.nurture.told import told
from tcma.nurture.versions import sequence_id_of, version_by_id
from tcma.permissions import Permission
from tcma.rendering.source import JOURNEY
from tcma.web.auth import allows
from tcma.web.studio import studio
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

ICONS: Final = {
    Kind.SEND: "mail", Kind.WAIT: "clock", Kind.UNTIL: "calendar-time", Kind.EVENT: "hourglass",
    Kind.BRANCH: "click", Kind.CHECK: "user-question", Kind.SPLIT: "arrows-split", Kind.NOTIFY: "bell",
    Kind.TASK: "checklist", Kind.WEBHOOK: "webhook", Kind.ENLIST: "playlist-add", Kind.UNLIST: "playlist-x",
    Kind.STOP: "mail-off", Kind.MOVE: "arrow-right-circle", Kind.GOAL: "trophy", Kind.EXIT: "door-exit",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A campaign whose journey is shown. `base` is the version whose mails it may send."""

    slug: str
    name: str
    campaign_id: UUID
    vendor_id: UUID
    base: library.VersionView
    sequence_id: UUID | None

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        """The way to a page below the journey's own."""
        return [
            ("Journeys", url_for("studio.journey_index")),
            (self.name, url_for("studio.journey_show", slug=self.slug)),
        ]


def place_of(slug: str) -> Place:
    """Return the campaign at an address; NotFound for another vendor's."""
    versions = library.versions(work().session, work().principal, slug=slug)
    base = next((v for v in versions if v.state is VersionState.PUBLISHED), versions[0])
    name = str(base.facts.get("name", slug))
    sequence_id = sequence_id_of(work().session, base.campaign_id)
    return Place(slug, name, base.campaign_id, base.vendor_id, base, sequence_id)


def mails_of(place: Place) -> list[str]:
    """Return the nurture mails of the campaign in their order."""
    source = campaign_source(work(), place.base.id)
    return [mail.key for mail in source.mails if mail.kind == "nurture"]


def source_in_force(place: Place) -> str:
    """Return the document that new entrants go by."""
    lines = (
        overview.versions(work().session, work().principal, place.sequence_id)
        if place.sequence_id
        else []
    )
    own = next((line.source for line in lines if line.published_at), None)
    if own is not None:
        return own
    return campaign_source(work(), place.base.id).files[JOURNEY].decode("utf-8-sig")


@studio.get("/journeys")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_index() -> ResponseReturnValue:
    """List the journeys with who is inside."""
    rows = overview.journeys(work().session, work().principal)
    campaigns = library.campaigns(work().session, work().principal)
    return render_template("studio/journeys/index.html", campaigns=campaigns, rows=rows)


@studio.get("/journeys/<slug>")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_show(slug: str) -> ResponseReturnValue:
    """Show a version drawn, with who stands where; without a choice the one that is entered."""
    place = place_of(slug)
    session = work().session
    lines = (
        overview.versions(session, work().principal, place.sequence_id) if place.sequence_id else []
    )
    asked = request.args.get("version", type=int)
    line = next((each for each in lines if each.published_at), lines[0] if lines else None)
    if asked is not None:
        line = found(next((each for each in lines if each.no == asked), None))
    if line is not None:
        journey = version_by_id(work(), line.id).journey
        standing = overview.standing(
            session, work().principal, found(place.sequence_id), version_id=line.id
        )
    else:
        journey = campaign_source(work(), place.base.id).nurture
        standing = overview.NOBODY
    people = standing.here
    return render_template(
        "studio/journeys/show.html",
        place=place,
        line=line,
        lines=lines,
        journey=journey,
        standing=standing,
        people=people,
        sheets=sheets_of(journey, people, standing.stuck),
        icons=ICONS,
        step_anchor=lambda step: f"#step-{step}",
        sentences={step.id: sentence(step) for step in journey.steps},
        settings=settings(journey),
        stuck=overview.stuck(session, work().principal, place.sequence_id)
        if place.sequence_id
        else [],
        compared=overview.compared(session, work().principal, place.sequence_id)
        if place.sequence_id
        else None,
        draft=drafts.draft_of(work(), place.campaign_id),
        ahead=ahead_for(place, journey),
        inside=overview.inside(session, work().principal, place.sequence_id)
        if place.sequence_id
        else 0,
    )


def ahead_for(place: Place, journey: Journey) -> AheadOfAll | None:
    """Return whom a journey would begin for by itself; None where nothing does."""
    if journey.start is None:
        return None
    found = ahead_of_all(
        work().session,
        place.campaign_id,
        journey.start,
        sequence_id=place.sequence_id,
        now=work().now,
    )
    return found.told_to(work().principal)


def sheets_of(
    journey: Journey, people: Mapping[str, int], stuck: Mapping[str, int]
) -> tuple[graph.Drawing, graph.Drawing]:
    """Return a journey drawn for a desk and for a phone."""
    return graph.wide(journey, people, stuck), column.narrow(journey, people, stuck)


@studio.post("/journeys/<slug>/stuck/<step>/<any(retry, skip):remedy>")
@allows(Permission.NURTURE_STEER)
def journey_unstick(slug: str, step: str, remedy: str) -> ResponseReturnValue:
    """Let everybody go on who is stuck at a step: try it again, or leave it out."""
    place = place_of(slug)
    sequence_id = found(place.sequence_id)
    act = actions.retry_stuck if remedy == "retry" else actions.skip_stuck
    try:
        people = act(work(), sequence_id, step)
    except Conflict as error:
        flash(error.message, "need")
    else:
        number = told(work().principal, people)
        them = "1 person goes on." if number == 1 else f"{number} people go on."
        flash(them, "good" if people else "work")
    return redirect(url_for("studio.journey_show", slug=slug), 303)
