"""A campaign that may begin by itself for a partner's own contacts: what that means, yes or no."""

from dataclasses import dataclass
from datetime import date

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Conflict
from tcma.journeys.document import Start
from tcma.journeys.starts import cause_of
from tcma.library.copies import PartnerCopy, copy_of
from tcma.nurture.ahead import Ahead, ahead_at
from tcma.nurture.starters import let_begin, start_of, starter_of
from tcma.nurture.versions import sequence_id_of
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.previews import card_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import joined, listed, say, say_n


@dataclass(frozen=True, slots=True)
class Begins:
    """What begins a copy's journey by itself (`by` is its `cause_of`), whether the partner lets it or is asked anew, and for whom."""

    start: Start
    by: str
    when: str
    agreed: bool
    is_anew: bool
    ahead: Ahead
    days: tuple[date, ...]
    may_decide: bool


def begins_of(copy: PartnerCopy) -> Begins | None:
    """Return what begins a copy's journey by itself; None where nothing does."""
    start = start_of(work(), copy)
    starter = starter_of(work().session, copy.id) if start else None
    if start is None or starter is None:
        return None
    sequence_id = sequence_id_of(work().session, copy.campaign_id)
    ahead = ahead_at(work().session, starter, start, sequence_id=sequence_id, now=work().now)
    return Begins(
        start, cause_of(start), when_words(start), starter.agrees(start), starter.is_asked_anew(start), ahead,
        ahead.days, work().principal.may(Permission.LAUNCH_PLAN),
    )  # fmt: skip


def when_words(start: Start) -> str:
    """Return when it begins for one person, as a sentence."""
    if not start.by_date:
        return say("It begins on days of a calendar.")
    field, days = listed(start.fields), abs(start.days)
    if not days:
        said = say("It begins on the day in “{field}”.", field=field)
    elif start.days < 0:
        said = say_n(
            "It begins {n} day before the date in “{field}”.",
            "It begins {n} days before the date in “{field}”.", days, field=field,
        )  # fmt: skip
    else:
        said = say_n(
            "It begins {n} day after the date in “{field}”.",
            "It begins {n} days after the date in “{field}”.", days, field=field,
        )  # fmt: skip
    return joined(said, say("It does so each year.")) if start.yearly else said


@console.post("/campaigns/<vendor>/<slug>/copy/start")
@allows(Permission.LAUNCH_PLAN)
def copy_start(vendor: str, slug: str) -> ResponseReturnValue:
    """Let the journey begin by itself, or no more."""
    copy = copy_of(work(), card_of(vendor, slug).campaign_id)
    begins = request.form.get("begins") == "yes"
    try:
        let_begin(work(), copy.id, begins=begins, by=request.form.get("by", ""))
    except Conflict as error:
        flash(error.message, "need")
    else:
        flash(
            say("It begins by itself from now on.")
            if begins
            else say("It begins for nobody any more. Who is in it already goes on."),
            "good",
        )
    part = request.form.get("part", "") or "mail-1"
    return redirect(url_for("console.copy_show", vendor=vendor, slug=slug, part=part), 303)
