"""One person on the virtual clock: who walks, what happened in words, and which ways of a drawing they went."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from tcma.journeys.document import Journey
from tcma.journeys.graph import START
from tcma.journeys.interpreter import Outcome
from tcma.journeys.reading import read
from tcma.journeys.trying import Played, Stop, TryRefused, begin_of, person_of, play, tried
from tcma.journeys.words import title
from tcma.nurture import drafts
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.filters import local_moment
from tcma.web.reading import reader
from tcma.web.studio import studio
from tcma.web.studio.journeys import mails_of, place_of, source_in_force
from tcma.web.unit_of_work import work

_WHO = (
    "country", "postcode", "partner", "tier", "score", "zone", "tags", "segments", "holder", "owner", "left_days", "date",
)  # fmt: skip
"""What may be told of who walks, as the fields of the pages name it."""
_DID = {
    "replied": "They reply", "form": "They fill in a form", "accepted": "They are accepted as a lead",
    "visited": "They visit a page", "downloaded": "They download a file",
    "bounced": "They cannot be reached: the mail comes back", "meeting": "They meet the seller",
    "opportunity": "They become an opportunity", "unsubscribed": "They unsubscribe",
    "complained": "They call it spam",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk as pages show it, or why there is none in `wrong`."""

    played: Played | None = None
    wrong: str = ""

    @property
    def whens(self) -> list[str]:
        """When each thing happens, by the clock of the person who walks."""
        if self.played is None:
            return []
        theirs = replace(reader(), zone=ZoneInfo(self.played.zone))
        return [local_moment(stop.at, reader=theirs) for stop in self.played.stops]

    @property
    def by_step(self) -> dict[str, str]:
        """When each step was carried out; the last time, where it was put off."""
        stops = self.played.stops if self.played else ()
        return {stop.step: when for stop, when in zip(stops, self.whens, strict=True) if stop.step}

    @property
    def ways(self) -> list[list[str]]:
        """The ways that were gone, each as [from, to], in order."""
        path = self.played.path if self.played else ()
        return [[one, other] for one, other in zip((START, *path), path, strict=False)]

    @property
    def outcome(self) -> str:
        """How it ended, in a sentence."""
        if self.played is None:
            return self.wrong
        sent = sum(stop.did == "sent" for stop in self.played.stops)
        why = self.played.why
        return {
            "exhausted": f"They come to the end with {sent} {'mail' if sent == 1 else 'mails'}.",
            "reached": f"They reach the goal: {why}.",
            "left": f"They leave early: {why}.",
            "held out": "They are held out: no mail, to be compared with.",
            "not let in": f"They are not let in: {why}.",
        }.get(self.played.ended, why)


def happened(stop: Stop) -> str:
    """Return what the person did, in words."""
    if stop.did == "clicked":
        return f"They click in {stop.mail or 'the last mail'}"
    return _DID.get(stop.did, f"They {stop.did}")


def because(stop: Stop) -> str:
    """Return why it went as it did, in words; of a question about a signal only its answer."""
    answer = stop.why.rpartition(" ")[2]
    return answer if stop.did == Outcome.BRANCHED and answer in ("yes", "no") else stop.why


def walked(journey: Journey, asked: Mapping[str, str]) -> Walk:
    """Walk a journey for the contact that an address describes."""
    raw: dict[str, Any] = {key: asked[key].strip() for key in _WHO if asked.get(key, "").strip()}
    if "country" in raw:
        raw["country"] = raw["country"].upper()
    events = [line for line in asked.get("events", "").splitlines() if line.strip()]
    try:
        person = person_of(raw)
        begins = begin_of(asked.get("begins", "").replace("T", " "), person.zone)
        return Walk(play(journey, person, events, begins=begins))
    except TryRefused as refused:
        return Walk(wrong=refused.message)


@studio.get("/journeys/<slug>/clock")
@allows(Permission.CAMPAIGN_AUTHOR)
def journey_clock(slug: str) -> ResponseReturnValue:
    """Walk the draft, or the version in force, to its end for a sample contact; nothing is sent."""
    place = place_of(slug)
    draft = drafts.draft_of(work(), place.campaign_id)
    by_draft = draft is not None and request.args.get("of") != "version"
    source = draft.source if draft is not None and by_draft else source_in_force(place)
    read_as = read(source, mails=mails_of(place))
    walk = walked(read_as.journey, request.args) if read_as.journey else Walk()
    page = render_template(
        "studio/journeys/clock.html",
        place=place,
        by_draft=by_draft,
        has_draft=draft is not None,
        journey=read_as.journey,
        faults=read_as.faults,
        walk=walk,
        happened=happened,
        because=because,
        titles={s.id: title(s) for s in read_as.journey.steps} if read_as.journey else {},
        tests=tried(read_as.journey) if read_as.journey else [],
        asked=request.args,
    )
    return make_response(page, 422 if walk.wrong else 200)
