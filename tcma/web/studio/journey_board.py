"""What a draft's canvas shows: the drawing with who stands where, what is wrong at which step, a walk; the palette."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import request

from tcma.errors import Conflict, Invalid
from tcma.journeys import editing, graph
from tcma.journeys.document import END, Journey, Kind, Read, Step
from tcma.journeys.reading import by_step
from tcma.journeys.rearranging import ways_out
from tcma.journeys.shape import order
from tcma.journeys.words import before, settings, title, ways
from tcma.nurture import overview
from tcma.toml_document import Fault
from tcma.web.forms.journey_whole import PARTS, fields_of, typed
from tcma.web.studio.journey_walks import Walk, walked
from tcma.web.studio.journeys import Place
from tcma.web.unit_of_work import work

BEGINNING: Final = "/"
"""The place before the first step."""
PALETTE: Final = (
    ("Mail and wait", ((Kind.SEND, "Mail"), (Kind.WAIT, "Wait"), (Kind.UNTIL, "Until a day"), (Kind.EVENT, "Until they act"))),
    ("Ask", ((Kind.BRANCH, "What they did"), (Kind.CHECK, "Who they are"), (Kind.SPLIT, "By chance"))),
    ("Do", ((Kind.NOTIFY, "Tell the partner"), (Kind.TASK, "Task"), (Kind.WEBHOOK, "Other program"),
            (Kind.ENLIST, "Into a list"), (Kind.UNLIST, "Out of a list"))),
    ("End", ((Kind.GOAL, "Goal"), (Kind.EXIT, "Leave"), (Kind.MOVE, "Other journey"), (Kind.STOP, "Never again"))),
)  # fmt: skip
_SAID: Final = {
    "Who enters": "entry", "How often": "entry", "Held out": "entry", "Begins by itself": "start", "Mails leave": "window", "At most": "cap",
    "It ends early when": "exits", "The goal is reached when": "goals",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """A sketch as it is drawn. `faults` are by step, `places` where a step may stand, with words for each."""

    sheet: graph.Drawing
    steps: list[Step]
    faults: Mapping[str, list[Fault]]
    places: list[tuple[str, str]]
    here: str
    walk: Walk
    people: Mapping[str, int]

    @property
    def place_words(self) -> dict[str, str]:
        """The words of each place by its key."""
        return dict(self.places)

    @property
    def titles(self) -> dict[str, str]:
        """What each step does."""
        return {step.id: title(step) for step in self.steps}

    @property
    def delays(self) -> dict[str, str]:
        """What is waited before each step; empty where nothing is."""
        return {step.id: before(step) for step in self.steps}

    @property
    def ways(self) -> dict[str, list[tuple[str, str, str]]]:
        """The ways out of each step: place, word, and where it leads in words."""
        names = {step.id: f"{step.id}: {title(step)}" for step in self.steps} | {END: "the end"}
        return {
            step.id: [
                (f"{step.id}/{way}", word, names.get(to, to))
                for (way, to), (word, _) in zip(ways_out(step), ways(step), strict=True)
            ]
            for step in self.steps
        }


def board_of(place: Place, source: str, document: Read, chosen: str) -> Board | None:
    """Return what the canvas of a draft shows; None when its steps cannot be told apart."""
    sketch = document.sketch
    if sketch is None:
        return None
    people, stuck = inside(place)
    names = order(sketch)
    names += [name for name in order(sketch, every=True) if name not in names]
    by_id = {step.id: step for step in sketch.steps}
    places = places_of(sketch)
    asked = request.args.get("place", "")
    return Board(
        sheet=graph.wide(sketch, people, stuck),
        steps=[by_id[name] for name in names],
        faults=by_step(source, document),
        places=places,
        here=asked if asked in dict(places) else place_here(places, chosen),
        walk=walk_asked(document.journey),
        people=people,
    )


def inside(place: Place) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return how many people stand at each step in all versions together, and how many of them are stuck."""
    if place.sequence_id is None:
        return {}, {}
    found = overview.standing(work().session, work().principal, place.sequence_id)
    return found.here, found.stuck


def walk_asked(journey: Journey | None) -> Walk:
    """Walk the draft when the address asks for it."""
    if "walk" not in request.args:
        return Walk()
    if journey is None:
        return Walk(wrong="Put right what is wrong first, then it can run.")
    return walked(journey, walk_fields())


def walk_fields() -> dict[str, str]:
    """Return what stands in the fields of the run."""
    return {
        key.removeprefix("walk_"): value
        for key, value in request.args.items()
        if key.startswith("walk_")
    }


def places_of(journey: Journey) -> list[tuple[str, str]]:
    """Return where a step may be put: on every way on, and before the first."""
    found: list[tuple[str, str]] = []
    for step in journey.steps:
        for (way, _), (word, _) in zip(ways_out(step), ways(step), strict=True):
            named = f"after {step.id}, {word}" if word else f"after {step.id}"
            found.append((f"{step.id}/{way}", f"{named}: {title(step)}"))
    return [*found, (BEGINNING, "before the first step")]


def place_here(places: list[tuple[str, str]], chosen: str) -> str:
    """Return the first place behind the open step."""
    behind = [key for key, _ in places if key.startswith(f"{chosen}/")]
    return behind[0] if behind else BEGINNING


def moves_of(journey: Journey) -> dict[tuple[str, bool], bool]:
    """Return which steps may change places with the one before (true) or after (false) them."""
    return {
        (step.id, up): editing.can_move(journey, step.id, up=up)
        for step in journey.steps
        for up in (True, False)
    }


@dataclass(frozen=True, slots=True)
class Whole:
    """The parts with their title and what they say; `open` is the one whose form is shown, with its `fields`."""

    parts: list[tuple[str, str, list[str]]]
    open: str
    fields: dict[str, Any]


def whole_of(
    journey: Journey | None, mails: Sequence[str], *, refused: Invalid | Conflict | None
) -> Whole | None:
    """Return what holds for all of a journey; None when its steps cannot be told apart."""
    if journey is None:
        return None
    said: dict[str, list[str]] = {}
    for head, words in settings(journey):
        pool = head.removeprefix("Pool ")
        part = _SAID.get(head, "pools")
        said.setdefault(part, []).append(f"{pool}: {words}" if part == "pools" else words)
    opened = request.args.get("whole", "") or request.form.get("whole", "")
    fields = fields_of(journey, mails)
    if refused is not None and opened:
        fields |= typed(request.form)
    parts = [(key, title, said.get(key, ["none"])) for key, title in PARTS.items()]
    return Whole(parts, opened if opened in PARTS else "", fields)
