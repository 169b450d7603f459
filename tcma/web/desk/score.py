"""The trained score's model card at the desk: how good it is, what it may not see, whether it drifts."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.leads import chances, scores
from tcma.permissions import Permission
from tcma.web import charts
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

FEWEST_CLOSED, FEWEST_EACH, DRIFTED = 200, 30, 0.25


@desk.get("/rules/score")
@allows(Permission.LEAD_ASSIGN)
def score_card() -> ResponseReturnValue:
    """Show the newest model's card, or how many closed leads are missing for a first one."""
    standing = scores.standing(work().session, work().principal, now=work().now)
    card = standing.model.card if standing.model else {}
    return render_template(
        "desk/score/index.html",
        standing=standing,
        card=card,
        shared=chances.is_shared(work().session, work().principal),
        fewest=FEWEST_CLOSED,
        each=FEWEST_EACH,
        lost=standing.closed - standing.won,
        drifted=[(name, value) for name, value in standing.drift if value > DRIFTED],
        **_picture(card),
    )


@desk.post("/rules/score/sharing")
@allows(Permission.LEAD_ASSIGN)
def score_share() -> ResponseReturnValue:
    """Show partners the chance of their leads, or keep it at the desk."""
    shown = request.form.get("shown") == "yes"
    chances.share(work(), shown=shown)
    flash("Partners see it now." if shown else "Only you see it now.", "good")
    return redirect(url_for("desk.score_card"), 303)


def _picture(card: dict[str, Any]) -> dict[str, Any]:
    groups = card.get("reliability", [])
    if not groups:
        return {"picture": "", "groups": [], "finding": ""}
    worst = max(abs(said - came) for _, said, came in groups) * 100
    finding = f"What it says and what comes differ by {worst:.0f} points at most"
    labels = [f"{at}" for at in range(1, len(groups) + 1)]
    series = [
        ("said", [said * 100 for _, said, _ in groups]),
        ("came", [came * 100 for _, _, came in groups]),
    ]
    picture = charts.over_time(finding, labels, series, write="{:.0f} %".format)
    rows = [
        (f"Group {at}", f"{n}", f"{said * 100:.0f} %", f"{came * 100:.0f} %")
        for at, (n, said, came) in enumerate(groups, 1)
    ]
    return {"picture": picture, "groups": rows, "finding": finding}
