"""Changing a journey: steps put in, written, moved and taken out, each a save that can be taken back."""

from collections.abc import Callable

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.saves import Draft
from tcma.db.scope import found
from tcma.errors import Conflict, Invalid
from tcma.journeys import editing
from tcma.journeys.document import END, Journey, Kind
from tcma.journeys.reading import by_step, read
from tcma.journeys.shape import circle
from tcma.journeys.words import DOES, title
from tcma.nurture import drafts
from tcma.nurture.entering import other_campaigns
from tcma.outbox.queries import names as webhook_names
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.forms.journey import fresh_fields, posted_fields, values_of
from tcma.web.studio import studio
from tcma.web.studio.journey_board import PALETTE, board_of, moves_of, walk_fields, whole_of
from tcma.web.studio.journey_walks import because, happened
from tcma.web.studio.journeys import ICONS, Place, mails_of, place_of, source_in_force
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@studio.post("/journeys/<slug>/draft")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_draft_create(slug: str) -> ResponseReturnValue:
    """Start a change with the version in force, or go on with the one that is there."""
    place = place_of(slug)
    drafts.start(work(), place.campaign_id, source_in_force(place))
    return redirect(url_for("studio.journey_edit", slug=slug), 303)


@studio.get("/journeys/<slug>/draft")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_edit(slug: str) -> ResponseReturnValue:
    """Show the draft: its canvas, the chosen step as a form, the whole as text."""
    place = place_of(slug)
    draft = found(drafts.draft_of(work(), place.campaign_id))
    return page_of(place, draft)


def page_of(
    place: Place, draft: Draft, *, refused: Invalid | Conflict | None = None, source: str = ""
) -> ResponseReturnValue:
    """Render the editor; what was refused stands in its fields."""
    mails = mails_of(place)
    document = read(draft.source, mails=mails)
    journey = document.sketch
    chosen = step_asked(journey)
    step = journey.step(chosen) if journey and chosen else None
    values = values_of(step) if step else {}
    if refused is not None and step is not None:
        values |= {key: value for key, value in request.form.items() if key in values}
    fields = getattr(refused, "fields", {}) or {}
    page = render_template(
        "studio/journeys/edit.html",
        place=place,
        draft=draft,
        source=source or draft.source,
        faults=document.faults,
        journey=journey,
        board=board_of(place, draft.source, document, chosen),
        step=step,
        values=values,
        problems=dict(fields) or ({"": refused.message} if refused else {}),
        mails=mails,
        hooks=webhook_names(work().session, place.vendor_id),
        onward=other_campaigns(work().session, place.vendor_id, place.campaign_id),
        kinds=DOES,
        icons=ICONS,
        palette_groups=PALETTE,
        targets=[*((s.id, f"{s.id}: {title(s)}") for s in journey.steps), (END, "the end")]
        if journey
        else [],
        step_address=lambda name: url_for(
            "studio.journey_edit", slug=place.slug, step=name, _anchor="step"
        ),
        add_address=lambda at: url_for(
            "studio.journey_edit", slug=place.slug, step=chosen, place=at, _anchor="add"
        ),
        step_act=lambda name, act: (
            url_for("studio.journey_edit", slug=place.slug) + f"/steps/{name}/{act}"
        ),
        happened=happened,
        because=because,
        walk_fields=walk_fields(),
        whole=whole_of(journey, mails, refused=refused),
        whole_address=lambda part: url_for(
            "studio.journey_edit", slug=place.slug, step=chosen, whole=part, _anchor="whole"
        ),
        can_move=moves_of(journey) if journey else {},
    )
    return make_response(page, 200 if refused is None else 422 if fields else 409)


def step_asked(journey: Journey | None) -> str:
    """Return the step that is open: the one asked for, else the first."""
    if journey is None:
        return ""
    asked = request.args.get("step", "") or request.form.get("step", "")
    return asked if journey.step(asked) else journey.steps[0].id


def changed(
    slug: str, did: str, change: Callable[[str], str], *, step: str, whole: str | None = None
) -> ResponseReturnValue:
    """Save what a change makes of the draft, then show it with `step` open, or a part of the `whole`."""
    place = place_of(slug)
    draft = found(drafts.draft_of(work(), place.campaign_id))
    seen = request.form.get("seen", default=-1, type=int)
    try:
        made = change(draft.source)
        drafts.save(work(), place.campaign_id, made, seen=seen, did=did)
    except (Invalid, Conflict) as refused:
        return page_of(place, draft, refused=refused, source=request.form.get("source", ""))
    flash(f"{did}.", "good")
    return redirect(url_for("studio.journey_edit", slug=slug, step=step, whole=whole), 303)


@studio.post("/journeys/<slug>/draft/steps")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_step_add(slug: str) -> ResponseReturnValue:
    """Put a step in; its form is open then."""
    place = place_of(slug)
    draft = found(drafts.draft_of(work(), place.campaign_id))
    journey = read(draft.source).sketch
    kind = request.form.get("kind", "")
    after, _, way = request.form.get("place", "").rpartition("/")
    name = free_id(journey)

    def change(source: str) -> str:
        if kind not in tuple(Kind):
            raise Invalid("Choose what it does.", code="journey.kind")
        fields = fresh_fields(Kind(kind), name, mails_of(place), journey, after=after, way=way)
        return editing.added(source, after, way, fields)

    return changed(slug, f"Added {name}", change, step=name)


def free_id(journey: Journey | None) -> str:
    """Return an id that no step has."""
    taken = {step.id for step in journey.steps} if journey else set()
    return next(f"s{n}" for n in range(1, 999) if f"s{n}" not in taken)


@studio.post("/journeys/<slug>/draft/steps/<step>")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_step_save(slug: str, step: str) -> ResponseReturnValue:
    """Write a step anew from its form."""
    place = place_of(slug)
    name = request.form.get("id", step).strip() or step

    def change(source: str) -> str:
        kind = request.form.get("kind", "")
        if kind not in tuple(Kind):
            raise Invalid("This step is gone. Open the page anew.", code="journey.step")
        made = editing.changed(source, step, posted_fields(Kind(kind), request.form))
        refuse_faults(made, place, name)
        return made

    return changed(slug, f"Changed {name}", change, step=name)


def refuse_faults(source: str, place: Place, step: str) -> None:
    """Raise Invalid with the first fault of a step as it was written; what is wrong elsewhere is shown there."""
    read_as = read(source, mails=mails_of(place))
    faults = by_step(source, read_as).get(step, ()) if read_as.sketch else read_as.faults
    if read_as.sketch and circle(read_as.sketch):
        faults = read_as.faults
    if faults:
        message = f"{faults[0].words} {faults[0].remedy}".strip()
        raise Invalid(message, code="journey.faults", fields={"": message})


@studio.post("/journeys/<slug>/draft/steps/<step>/removal")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_step_remove(slug: str, step: str) -> ResponseReturnValue:
    """Take a step out; who led to it leads on. A step back brings it again."""
    place = place_of(slug)
    journey = read(found(drafts.draft_of(work(), place.campaign_id)).source).sketch
    here = journey.step(step) if journey else None
    onward = here.follows()[:1] if here else ()
    return changed(
        slug,
        f"Took {step} out",
        lambda text: editing.removed(text, step),
        step=onward[0] if onward else "",
    )


@studio.post("/journeys/<slug>/draft/steps/<step>/<any(up, down):where>")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_step_move(slug: str, step: str, where: str) -> ResponseReturnValue:
    """Let a step change places with the one before or after it."""
    return changed(
        slug,
        f"Moved {step} {where}",
        lambda text: editing.moved(text, step, up=where == "up"),
        step=step,
    )


@studio.post("/journeys/<slug>/draft/source")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_source_save(slug: str) -> ResponseReturnValue:
    """Save the whole text; faults are shown and keep it from being published."""
    text = request.form.get("source", "").replace("\r\n", "\n")
    return changed(slug, "Changed the text", lambda _: text, step="")


@studio.post("/journeys/<slug>/draft/<any(undo, redo):how>")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_draft_step(slug: str, how: str) -> ResponseReturnValue:
    """Take the last change back, or do it again."""
    place = place_of(slug)
    act = drafts.step_back if how == "undo" else drafts.step_on
    act(work(), place.campaign_id)
    flash("Taken back." if how == "undo" else "Done again.", "good")
    return redirect(url_for("studio.journey_edit", slug=slug, step=request.form.get("step")), 303)


@studio.route("/journeys/<slug>/draft/discard", methods=["GET", "POST"])
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_draft_discard(slug: str) -> ResponseReturnValue:
    """Say what is lost, then throw the draft away."""
    place = place_of(slug)
    draft = found(drafts.draft_of(work(), place.campaign_id))
    if request.method == "POST":
        drafts.discard(work(), place.campaign_id)
        flash("The change is gone. Everybody goes on as before.", "good")
        return redirect(url_for("studio.journey_show", slug=slug), 303)
    return render_template("studio/journeys/discard.html", place=place, draft=draft)
