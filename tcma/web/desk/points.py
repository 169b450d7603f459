"""Points by rule at the desk: how many a lead has, and how a change would move last quarter's."""

from flask.typing import ResponseReturnValue

from tcma.leads import points_versions
from tcma.leads.points import points_of
from tcma.leads.scoring.trying import Shift
from tcma.leads.scoring.words import sentences
from tcma.permissions import Permission
from tcma.web import charts
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.lead_rules import Kind, edit_page, index_page, try_page, version_page


def picture_of(shift: Shift) -> dict[str, object]:
    """Return the shift as a chart with its finding and its table."""
    finding = (
        f"The mean goes from {shift.mean_before:.0f} to {shift.mean_after:.0f} points"
        if round(shift.mean_before) != round(shift.mean_after)
        else f"The mean stays at {shift.mean_after:.0f} points"
    )
    names = [f"{low} to {high}" for low, high, _, _ in shift.bands]
    series = [
        ("now", [float(before) for _, _, before, _ in shift.bands]),
        ("changed", [float(after) for _, _, _, after in shift.bands]),
    ]
    table = [(name, b, a) for name, (_, _, b, a) in zip(names, shift.bands, strict=True)]
    return {
        "finding": finding,
        "picture": charts.over_time(finding, names, series),
        "bands": table,
    }


def shown_of(trial: points_versions.Trial) -> dict[str, object]:
    """Return what the editor shows of a trial: the picture where leads came, the leads that move most."""
    picture = picture_of(trial.shift) if trial.shift and trial.shift.leads else {}
    return picture | {"shown": 12}


POINTS = Kind(
    name="points",
    title="Points by rule",
    noun="points",
    plural="Points",
    published="Open leads are counted again by it.",
    versions=points_versions,
    sentences=lambda source: sentences(points_of(source)),
    more=shown_of,
)


@desk.get("/rules/points")
@allows(Permission.LEAD_ASSIGN)
def points_rules() -> ResponseReturnValue:
    """Show the rules that count now."""
    return index_page(POINTS)


@desk.get("/rules/points/versions/<int:no>")
@allows(Permission.LEAD_ASSIGN)
def points_version(no: int) -> ResponseReturnValue:
    """Show one version."""
    return version_page(POINTS, no)


@desk.get("/rules/points/edit")
@allows(Permission.LEAD_ASSIGN)
def points_edit() -> ResponseReturnValue:
    """Open the rules for a change."""
    return edit_page(POINTS)


@desk.post("/rules/points/edit")
@allows(Permission.LEAD_ASSIGN)
def points_try() -> ResponseReturnValue:
    """Try a text, or publish it."""
    return try_page(POINTS)
