"""What the canvas does besides adding and taking out: a step stands elsewhere, leads elsewhere, or twice."""

from flask import request
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.journeys import rearranging
from tcma.journeys.document import END
from tcma.journeys.reading import read
from tcma.nurture import drafts
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.studio import studio
from tcma.web.studio.journey_drafts import changed, free_id
from tcma.web.studio.journeys import place_of
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
