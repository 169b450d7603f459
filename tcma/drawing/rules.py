"""Pictures for other programs: what a template is called, which of its slots a call may fill, and
what is small enough to be drawn while the caller waits.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from tcma.errors import Invalid
from tcma.rendering import slots as slot_rules
from tcma.rendering.image_recipe import Pill, Recipe
from tcma.rendering.slots import SlotSource
from tcma.rendering.source import CampaignSource, ImageSource

MARK = "tcma_img_"
"""How a key begins, so that a leaked one is recognised."""
SMALL = 1_500_000
"""Pixels up to which a picture that stands still is drawn at once."""
LONGEST_DATA = 4_096
"""Octets of JSON that a caller may have echoed."""
LONGEST_LINK_DAYS, USUAL_LINK_DAYS = 365, 30
KEPT = timedelta(days=30)
LEASE = timedelta(minutes=2)
MOST_TRIES = 5
_TEMPLATE = re.compile(r"([a-z0-9][a-z0-9-]*)(?:@([1-9][0-9]{0,5}))?/([a-z0-9_]+)\Z")


class JobState(StrEnum):
    """What became of a picture that was asked for."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Template:
    """`campaign@version/picture`; without a version it is the published one."""

    campaign: str
    no: int | None
    picture: str

    def __str__(self) -> str:
        at = f"@{self.no}" if self.no else ""
        return f"{self.campaign}{at}/{self.picture}"


def template_of(text: str) -> Template:
    """Read a template's name; Invalid when it is none."""
    parts = _TEMPLATE.match(text.strip())
    if not parts:
        message = (
            "A template is named campaign@version/picture, as cloud-migration@1/banner_300x250."
        )
        raise Invalid(message, code="images.template", fields={"template": message})
    return Template(parts[1], int(parts[2]) if parts[2] else None, parts[3])


def open_slots(source: CampaignSource, recipe: Recipe) -> tuple[SlotSource, ...]:
    """Return the slots whose values stand on a picture and are the partner's to choose."""
    shown = set(recipe.slots)
    if any(isinstance(layer, Pill) for layer in recipe.layers):
        shown.add("accent")
    return tuple(slot for slot in source.slots if slot.key in shown and slot.editable)


def wrong_slots(
    source: CampaignSource, recipe: Recipe, values: Mapping[str, Any], language: str
) -> dict[str, str]:
    """Return slot → sentence with its remedy, for everything that cannot stand on this picture."""
    free = {slot.key: slot for slot in open_slots(source, recipe)}
    known = {slot.key: slot for slot in source.slots}
    takes = ", ".join(free) or "none"
    wrong = {}
    for key in values:
        if key in free:
            continue
        if key in recipe.slots:
            label = known[key].label if key in known else key.replace("_", " ").capitalize()
            wrong[key] = (
                f"{label} is the same for every partner and cannot be changed. "
                "Ask the vendor for a change."
            )
        elif key in known:
            wrong[key] = f"{known[key].label} does not stand on this picture. Leave it out."
        else:
            wrong[key] = f"There is no field “{key}”. This picture takes: {takes}."
    given = {key: value for key, value in values.items() if key in free}
    for problem in slot_rules.check(tuple(free.values()), given, language=language):
        if problem.slot in given:
            remedy = problem.remedy[:1].upper() + problem.remedy[1:]
            wrong[problem.slot] = f"{problem.message} {remedy}."
    return wrong


def own_values(source: CampaignSource, values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return the values that differ from the campaign's own: the same picture, the same name."""
    usual = {slot.key: slot.default(language) for slot in source.slots}
    return {
        key: value
        for key, value in values.items()
        if value not in (None, "") and value != usual.get(key)
    }


def is_small(image: ImageSource) -> bool:
    """Say whether a picture is drawn while its caller waits."""
    return image.suffix == "jpg" and image.width * image.height <= SMALL
