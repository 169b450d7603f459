"""What the canvas does besides adding and taking out: a step stands or leads elsewhere, or twice; the whole is changed."""

from flask import request
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.errors import Invalid
from tcma.journeys import rearranging
from tcma.journeys.document import END
from tcma.journeys.reading import by_step, read
from tcma.nurture import drafts
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.forms.journey_whole import PARTS, change_of
from tcma.web.studio import studio
from tcma.web.studio.journey_drafts import changed, free_id
from tcma.web.studio.journeys import Place, mails_of, place_of
from tcma.web.unit_of_work import work


@studio.post("/journeys/<slug>/draft/steps/<step>/place")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_step_place(slug: str, step: str) -> ResponseReturnValue:
    """Put a step on another line; who led to it leads on."""
    after, _, way = request.form.get("place", "").rpartition("/")
    where = f"after {after}" if after else "to the beginning"
    return changed(
        slug,
        f"Moved {step} {where}",
        lambda text: rearranging.placed(text, step, after, way),
        step=step,
    )


@studio.post("/journeys/<slug>/draft/steps/<step>/way")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_step_lead(slug: str, step: str) -> ResponseReturnValue:
    """Let one way out of a step lead elsewhere."""
    way, to = request.form.get("way", ""), request.form.get("to", "")
    word = f", {way}," if way in ("yes", "no") else ""
    where = "the end" if to == END else to
    too = ", too" if way == rearranging.ANOTHER else ""
    return changed(
        slug,
        f"{step}{word} leads to {where}{too}",
        lambda text: rearranging.led_to(text, step, way, to),
        step=step,
    )


@studio.post("/journeys/<slug>/draft/steps/<step>/copy")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_step_copy(slug: str, step: str) -> ResponseReturnValue:
    """Put a copy of a step behind it."""
    place = place_of(slug)
    draft = found(drafts.draft_of(work(), place.campaign_id))
    name = free_id(read(draft.source).sketch)
    return changed(
        slug,
        f"Doubled {step} as {name}",
        lambda text: rearranging.doubled(text, step, name),
        step=name,
    )


@studio.post(
    "/journeys/<slug>/draft/whole/<any(entry, start, window, cap, exits, goals, pools):about>"
)
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_whole_save(slug: str, about: str) -> ResponseReturnValue:
    """Write a part of what holds for the whole journey from its form."""
    place = place_of(slug)

    def change(source: str) -> str:
        made = change_of(about, request.form)(source)
        _refuse_new_faults(source, made, place)
        return made

    did = f"Changed {PARTS[about][:1].lower()}{PARTS[about][1:]}"
    return changed(slug, did, change, step=request.form.get("step", ""), whole=about)


def _refuse_new_faults(before: str, made: str, place: Place) -> None:
    """Raise Invalid for a fault outside of the steps that was not there before."""
    mails = mails_of(place)
    had, found = read(before, mails=mails), read(made, mails=mails)
    known = {fault.words for fault in had.faults}
    faults = by_step(made, found).get("", ()) if found.sketch else found.faults
    fresh = next((fault for fault in faults if fault.words not in known), None)
    if fresh is not None:
        message = f"{fresh.words} {fresh.remedy}".strip()
        raise Invalid(message, code="journey.faults", fields={"": message})
