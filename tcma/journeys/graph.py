"""A journey drawn: where each step stands, ways side by side from top to bottom, what is wrong beside them.

Pure numbers in pixels; a template turns them into SVG.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from unicodedata import east_asian_width

from tcma.journeys.document import END, Journey, Kind, Step
from tcma.journeys.rearranging import ANOTHER, ways_out
from tcma.journeys.shape import loose, order
from tcma.journeys.words import before, title, ways

BOX_W, BOX_H, GAP_X, GAP_Y = 264, 78, 28, 68
END_W, END_H, BEND_W = 92, 34, 20
START, START_W, START_WORDS = "", 176, "They fill in the form"
BY_DATE, BY_CALENDAR = "A date of theirs comes", "A day of the calendar"
OR_DATE, OR_CALENDAR = "A form, or their date", "A form, or a day"
PORT_GAP, LEFT, BESIDE = 90, 56, 10
ROW_BOX = 56
"""The height of a box with room for one line only."""
LETTER, BROAD, SQUARE = 8.1, 11.5, 15.0
"""Widths of a letter of the boxes' text, near enough to know where to cut a line: Latin, other, Japanese or emoji."""
_BROAD = re.compile("[\u0250-\u1fff\u2070-\uffff]")
_PIECES = re.compile(r"[^\s-]*-|[^\s-]+\s*|\s+")
_TONES = {
    Kind.SEND: "send", Kind.GOAL: "goal", Kind.EXIT: "exit", Kind.NOTIFY: "tell", Kind.TASK: "tell",
    Kind.WEBHOOK: "tell", Kind.ENLIST: "tell", Kind.UNLIST: "tell", Kind.STOP: "exit", Kind.MOVE: "exit",
}  # fmt: skip
_ASKS = {Kind.BRANCH, Kind.CHECK, Kind.EVENT, Kind.SPLIT}


@dataclass(frozen=True, slots=True)
class Port:
    """Where a way leaves a box: its key in the document, its word, and the middle of its knob."""

    way: str
    word: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Node:
    """A step's box; `tone` is what kind it is, `people` how many stand there, `stuck` of them.

    `lines` is the title as it fits in; the start has an empty id.
    """

    id: str
    x: float
    y: float
    w: float
    h: float
    title: str
    small: str
    tone: str
    people: int = 0
    stuck: int = 0
    lines: tuple[str, ...] = ()
    kind: str = ""
    ports: tuple[Port, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A way between two boxes as an SVG path, with its word, where that begins or ends (`anchor`).

    `place` is the line's address for what is put on it (step and way), at `plus_x`, `plus_y`.
    """

    path: str
    word: str = ""
    x: float = 0
    y: float = 0
    anchor: str = "start"
    source: str = ""
    to: str = ""
    place: str = ""
    plus_x: float = 0
    plus_y: float = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and ways on a sheet of so many pixels."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class _Trail:
    """A way on the sheet: the nth of a step, bending on each level that it passes."""

    source: str
    nth: int
    way: str
    word: str
    to: str
    bends: tuple[str, ...] = ()
    back: bool = False


def wide(
    journey: Journey,
    people: Mapping[str, int] | None = None,
    stuck: Mapping[str, int] | None = None,
) -> Drawing:
    """Return the graph with ways side by side, from top to bottom; steps nobody comes to stand beside."""
    return _Sheet(journey, people or {}, stuck or {}).drawn()


class _Sheet:
    """Levels from the longest way to each step; ways over several levels bend in each."""

    def __init__(
        self, journey: Journey, people: Mapping[str, int], stuck: Mapping[str, int]
    ) -> None:
        self.journey, self.people, self.stuck = journey, people, stuck
        self.by_id = {step.id: step for step in journey.steps}
        self.lost = set(loose(journey))
        topmost = order(journey, every=True)
        self.rank = {name: n for n, name in enumerate([*topmost, END])}
        self.steps = sorted(topmost, key=lambda name: name in self.lost)
        self.level = self._levels(topmost)
        self.rows: list[list[str]] = [[] for _ in range(max(self.level.values()) + 1)]
        self.up: dict[str, list[tuple[str, int]]] = {}
        self.trails: list[_Trail] = []
        self._lay()
        self.x: dict[str, float] = {}
        self._place()

    def _levels(self, topmost: list[str]) -> dict[str, int]:
        level = dict.fromkeys(topmost, 0)
        for name in topmost:
            for to in self._on(name):
                level[to] = max(level[to], level[name] + 1)
        for name in reversed(topmost):
            below = [level[to] for to in self._on(name)]
            if name in self.lost and below:
                level[name] = max(level[name], min(below) - 1)
        level[END] = max(level.values(), default=0) + 1
        return level

    def _on(self, name: str) -> list[str]:
        """The steps it leads on to: not back, not to the end."""
        return [
            to
            for to in self.by_id[name].follows()
            if to in self.by_id and self.rank[to] > self.rank[name]
        ]

    def _lay(self) -> None:
        """Put every step on its level, and a bend on each level that a way passes."""
        for name in (*self.steps, END):
            self.rows[self.level[name]].append(name)
        for name in self.steps:
            step = self.by_id[name]
            for nth, ((way, to), (word, _)) in enumerate(
                zip(ways_out(step), ways(step), strict=True)
            ):
                if to not in self.rank:
                    continue
                if self.rank[to] <= self.rank[name]:
                    self.trails.append(_Trail(name, nth, way, word, to, back=True))
                    continue
                last, bends = name, []
                for level in range(self.level[name] + 1, self.level[to]):
                    bend = f"{name}/{nth}/{level}"
                    self.rows[level].append(bend)
                    self.up[bend] = [(last, nth)]
                    bends.append(bend)
                    last = bend
                self.up.setdefault(to, []).append((last, nth))
                self.trails.append(_Trail(name, nth, way, word, to, tuple(bends)))
        if END not in self.up:
            self.rows = self.rows[:-1]

    def _place(self) -> None:
        """Below whom it comes from; neighbours keep their distance; who has no such place stands at the right."""
        for row in self.rows:
            wish = {name: self._wish(name) for name in row}
            settled = [name for name in row if wish[name] is not None]
            settled.sort(key=lambda name: wish[name] or 0.0)
            left = None
            for name in settled + [name for name in row if wish[name] is None]:
                half, at = self._width(name) / 2, wish[name]
                nearest = 0.0 if left is None else left + GAP_X + half
                self.x[name] = nearest if at is None or (left is not None and at < nearest) else at
                left = self.x[name] + half
            drift = sum(self.x[n] - (wish[n] or 0.0) for n in settled) / max(len(settled), 1)
            for name in row:
                self.x[name] -= drift
        low = min(self.x[name] - self._width(name) / 2 for name in self.x)
        aside = START_W + GAP_X if any(self.level[name] for name in self.journey.openings) else 0
        for name in self.x:
            self.x[name] -= low - 2 - aside

    def _wish(self, name: str) -> float | None:
        """Where it would stand best; None for who has nobody above."""
        above = self.up.get(name, [])
        parents = [each for each in above if each[0].split("/")[0] not in self.lost] or above
        if not parents:
            return 0.0 if name not in self.lost else None
        spots = []
        for parent, nth in parents:
            fan = len(ways_out(self.by_id[parent])) if "/" not in parent else 1
            spread = (nth - (fan - 1) / 2) * (BOX_W + GAP_X) if fan > 1 else 0.0
            spots.append(self.x[parent] + (spread if len(parents) == 1 else spread / 8))
        return sum(spots) / len(spots)

    def _width(self, name: str) -> float:
        return END_W if name == END else BEND_W if "/" in name else BOX_W

    def _top(self, level: int) -> float:
        return 2 + END_H + GAP_Y + level * (BOX_H + GAP_Y)

    def drawn(self) -> Drawing:
        nodes = [self._node(name) for row in self.rows for name in row if "/" not in name]
        edges = [self._edge(trail) for trail in self.trails]
        for nth, name in enumerate(self.journey.openings):
            node, edge = self._opening(name, nth)
            nodes.insert(nth, node)
            edges.insert(nth, edge)
        beside = 90 if any(trail.back for trail in self.trails) else 2
        width = max(self.x[n] + self._width(n) / 2 for n in self.x) + beside
        height = max(node.y + node.h for node in nodes) + (2 if END in self.up else 20)
        return Drawing(round(width, 1), round(height, 1), tuple(nodes), tuple(edges))

    def _opening(self, name: str, nth: int) -> tuple[Node, Edge]:
        """The box above a step where somebody begins, and its line; on that of the form a step may be put.

        Above a step that others lead to it stands at the left of all, in the gap between the levels.
        """
        top = self._top(self.level[name])
        x, y = round(self.x[name], 1), top - GAP_Y
        words = opening_words(self.journey, nth)
        if self.level[name]:
            y = top - (GAP_Y + END_H) / 2
            box = Node(START, 2, y, START_W, END_H, words, "", "end", lines=(words,))
            side, beside = y + END_H / 2, x - BOX_W / 3
            path = f"M{START_W + 2} {side} L{beside - 24} {side} Q{beside} {side} {beside} {top}"
            return box, Edge(path, source=START, to=name)
        box = Node(
            START, x - START_W / 2, y - END_H, START_W, END_H, words, "", "end", lines=(words,)
        )
        place = "/" if nth == 0 else ""
        return box, Edge(
            f"M{x} {y} L{x} {top}", "", x, y, "start", START, name, place, x, (y + top) / 2
        )

    def _node(self, name: str) -> Node:
        x, y, w = self.x[name], self._top(self.level[name]), self._width(name)
        if name == END:
            return Node(END, round(x - w / 2, 1), y, w, END_H, "End", "", "end", lines=("End",))
        step = self.by_id[name]
        knobs = zip(ways_out(step), ways(step), strict=True)
        ports = tuple(
            Port(way, word, round(x + _aside(step, nth), 1), y + BOX_H)
            for nth, ((way, _), (word, _)) in enumerate(knobs)
        )
        if step.kind is Kind.SPLIT:
            ports += (Port(ANOTHER, "another way", round(x + w / 2 - 16, 1), y + BOX_H),)
        return node_of(step, (x - w / 2, y, w, BOX_H), self.people, self.stuck, ports=ports)

    def _edge(self, trail: _Trail) -> Edge:
        name, to = trail.source, trail.to
        x = self.x[name] + _aside(self.by_id[name], trail.nth)
        y = self._top(self.level[name]) + BOX_H
        place = f"{name}/{trail.way}"
        goal = self.x[to], self._top(self.level[to])
        path = [f"M{x:.1f} {y:.1f}"]
        if trail.back:
            aside = max(x, goal[0]) + BOX_W / 2 + 70
            path.append(
                f"C{aside:.1f} {y + GAP_Y:.1f} {aside:.1f} {goal[1] - GAP_Y:.1f} {goal[0]:.1f} {goal[1]:.1f}"
            )
            return Edge(" ".join(path), trail.word, x + BESIDE, y + 13, "start", name, to)
        last = (x, y)
        for nth, bend in enumerate(trail.bends):
            top = self._top(self.level[name] + nth + 1)
            path.append(curve(*last, self.x[bend], top))
            path.append(f"L{self.x[bend]:.1f} {top + BOX_H:.1f}")
            last = (self.x[bend], top + BOX_H)
        path.append(curve(*last, *goal))
        first = self.x[trail.bends[0]] if trail.bends else goal[0]
        anchor, beside = ("end", x - BESIDE) if x < self.x[name] else ("start", x + BESIDE)
        middle = _plus(x, y, first, trail.word)
        return Edge(" ".join(path), trail.word, beside, y + 13, anchor, name, to, place, *middle)


def opening_words(journey: Journey, nth: int) -> str:
    """Return what begins a journey at its nth opening."""
    if journey.start is None or (nth == 0 and len(journey.openings) > 1):
        return START_WORDS
    by_date, by_calendar = (BY_DATE, BY_CALENDAR) if nth else (OR_DATE, OR_CALENDAR)
    return by_date if journey.start.by_date else by_calendar


def _plus(x: float, y: float, to_x: float, word: str) -> tuple[float, float]:
    """Where a line's + stands: nearer to the box it leaves, where lines may meet, unless a word is there."""
    t = 0.5 if word or abs(to_x - x) < 1 else 0.34
    far = 3 * t**2 - 2 * t**3
    down = 1.5 * t * (1 - t) ** 2 + 1.5 * t**2 * (1 - t) + t**3
    return round(x + (to_x - x) * far, 1), round(y + GAP_Y * down + 2, 1)


def _aside(step: Step, nth: int) -> float:
    """How far from the middle of its box the nth way of a step leaves."""
    many = len(step.follows())
    apart = min(PORT_GAP, (BOX_W - 90) / max(many - 1, 1))
    return (nth - (many - 1) / 2) * apart


def curve(x: float, y: float, to_x: float, to_y: float) -> str:
    """Return the rest of a path from one point down to another."""
    middle = (y + to_y) / 2
    return f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"


def node_of(  # noqa: PLR0913 - a box and what is said in it
    step: Step,
    box: tuple[float, float, float, float],
    people: Mapping[str, int],
    stuck: Mapping[str, int],
    *,
    told: str = "",
    ports: tuple[Port, ...] = (),
) -> Node:
    """Return the box of a step with its text cut to the width; `told` is said beside its name.

    A box with room for it has a title of two lines.
    """
    x, y, w, h = box
    small = " · ".join(part for part in (step.id, before(step), told) if part)
    many = people.get(step.id, 0)
    tone = "ask" if step.kind in _ASKS else _TONES.get(step.kind, "wait")
    room = w - LEFT - 12
    lines = folded(title(step), room, 2 if h > ROW_BOX else 1)
    small = cut(small, (room - (40 if many and h <= ROW_BOX else 0)) * 1.15)
    return Node(
        step.id, round(x, 1), round(y, 1), w, h, title(step), small, tone, many, stuck.get(step.id, 0),
        lines, step.kind.value, ports,
    )  # fmt: skip


def folded(text: str, width: float, most: int) -> tuple[str, ...]:
    """Return a text as at most so many lines of about so many pixels."""
    lines = [""]
    for piece in _PIECES.findall(text):
        longer = lines[-1] + piece
        if len(lines) < most and lines[-1] and wide_as(longer.rstrip()) > width:
            lines.append(piece)
        else:
            lines[-1] = longer
    return tuple(cut(line.rstrip(), width) for line in lines)


def cut(text: str, width: float) -> str:
    """Return a text cut to about so many pixels."""
    if wide_as(text) <= width:
        return text
    kept = accumulate(map(wide_as, text))
    return text[: sum(so_far <= width - LETTER for so_far in kept)].rstrip() + "…"


def wide_as(text: str) -> float:
    """Return about how many pixels wide a text is."""
    return sum(
        SQUARE if east_asian_width(sign) in "WF" else BROAD if _BROAD.match(sign) else LETTER
        for sign in text
    )
