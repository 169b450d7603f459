"""A journey drawn: where each step stands, wide with ways side by side, or narrow as one column of rows.

Pure numbers in pixels; a template turns them into SVG. The narrow form draws the ways as lanes beside
the rows, so that it stays readable at the width of a phone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tcma.journeys.document import END, Journey, Kind, Step
from tcma.journeys.shape import order
from tcma.journeys.words import before, title, ways

BOX_W, BOX_H, GAP_X, GAP_Y = 236, 62, 28, 40
END_W, END_H, BEND_W = 92, 34, 20
LANE, ROW_H, DOT = 20, 66, 7
NARROW_W = 352
LETTER = 8.1
"""Width of a letter of the boxes' text, near enough to know where to cut a line."""
_TONES = {
    Kind.SEND: "send", Kind.GOAL: "goal", Kind.EXIT: "exit", Kind.NOTIFY: "tell", Kind.TASK: "tell",
    Kind.WEBHOOK: "tell", Kind.ENLIST: "tell", Kind.UNLIST: "tell", Kind.STOP: "exit", Kind.MOVE: "exit",
}  # fmt: skip
_ASKS = {Kind.BRANCH, Kind.CHECK, Kind.EVENT, Kind.SPLIT}


@dataclass(frozen=True, slots=True)
class Node:
    """A step's box; `tone` is what kind it is, `people` how many stand there, `stuck` of them."""

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


@dataclass(frozen=True, slots=True)
class Edge:
    """A way between two boxes as an SVG path, with its word and where that stands."""

    path: str
    word: str = ""
    x: float = 0
    y: float = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and ways on a sheet of so many pixels."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def wide(
    journey: Journey,
    people: Mapping[str, int] | None = None,
    stuck: Mapping[str, int] | None = None,
) -> Drawing:
    """Return the graph with ways side by side, from top to bottom."""
    return _Sheet(journey, people or {}, stuck or {}).drawn()


class _Sheet:
    """Levels from the longest way to each step; ways over several levels bend in each."""

    def __init__(
        self, journey: Journey, people: Mapping[str, int], stuck: Mapping[str, int]
    ) -> None:
        self.journey, self.people, self.stuck = journey, people, stuck
        self.steps = order(journey)
        self.level = self._levels()
        self.rows: list[list[str]] = [[] for _ in range(max(self.level.values()) + 1)]
        self.up: dict[str, list[tuple[str, int]]] = {}
        self.trails: list[tuple[str, str, str, list[str]]] = []
        self._lay()
        self.x: dict[str, float] = {}
        self._place()

    def _levels(self) -> dict[str, int]:
        level = dict.fromkeys(self.steps, 0)
        for name in self.steps:
            for to in self._to(name):
                if to != END:
                    level[to] = max(level[to], level[name] + 1)
        level[END] = max(level.values(), default=0) + 1
        return level

    def _to(self, name: str) -> tuple[str, ...]:
        step = self.journey.step(name)
        return step.follows() if step else ()

    def _lay(self) -> None:
        """Put every step on its level, and a bend on each level that a way passes."""
        for name in (*self.steps, END):
            self.rows[self.level[name]].append(name)
        for name in self.steps:
            step = self.journey.step(name)
            assert step is not None
            for nth, (word, to) in enumerate(joined(step)):
                last, bends = name, []
                for level in range(self.level[name] + 1, self.level[to]):
                    bend = f"{name}/{nth}/{level}"
                    self.rows[level].append(bend)
                    self.up[bend] = [(last, nth)]
                    bends.append(bend)
                    last = bend
                self.up.setdefault(to, []).append((last, nth))
                self.trails.append((name, to, word, bends))
        if END not in self.up:
            self.rows = self.rows[:-1]

    def _place(self) -> None:
        """Below whom it comes from; neighbours keep their distance."""
        for row in self.rows:
            wish = {name: self._wish(name) for name in row}
            row.sort(key=lambda name: wish[name])
            left = None
            for name in row:
                half = self._width(name) / 2
                at = wish[name] if left is None else max(wish[name], left + GAP_X + half)
                self.x[name] = at
                left = at + half
            drift = sum(self.x[name] - wish[name] for name in row) / max(len(row), 1)
            for name in row:
                self.x[name] -= drift
        low = min(self.x[name] - self._width(name) / 2 for name in self.x)
        for name in self.x:
            self.x[name] -= low - 2

    def _wish(self, name: str) -> float:
        parents = self.up.get(name, [])
        if not parents:
            return 0.0
        spots = []
        for parent, nth in parents:
            fan = len(set(self._to(parent))) if "/" not in parent else 1
            spread = (nth - (fan - 1) / 2) * (BOX_W + GAP_X) if fan > 1 else 0.0
            spots.append(self.x[parent] + (spread if len(parents) == 1 else spread / 8))
        return sum(spots) / len(spots)

    def _width(self, name: str) -> float:
        return END_W if name == END else BEND_W if "/" in name else BOX_W

    def _top(self, level: int) -> float:
        return 2 + level * (BOX_H + GAP_Y)

    def drawn(self) -> Drawing:
        nodes = [self._node(name) for row in self.rows for name in row if "/" not in name]
        edges = [self._edge(*trail) for trail in self.trails]
        width = max(self.x[n] + self._width(n) / 2 for n in self.x) + 2
        height = max(node.y + node.h for node in nodes) + 2
        return Drawing(round(width, 1), round(height, 1), tuple(nodes), tuple(edges))

    def _node(self, name: str) -> Node:
        x, y, w = self.x[name], self._top(self.level[name]), self._width(name)
        if name == END:
            return Node(END, round(x - w / 2, 1), y, w, END_H, "End", "", "end")
        step = self.journey.step(name)
        assert step is not None
        return node_of(step, (x - w / 2, y, w, BOX_H), self.people, self.stuck)

    def _edge(self, name: str, to: str, word: str, bends: list[str]) -> Edge:
        x, y = self.x[name], self._top(self.level[name]) + BOX_H
        path = [f"M{x:.1f} {y:.1f}"]
        last = (x, y)
        for bend in bends:
            top = self._top(self.level[name] + bends.index(bend) + 1)
            path.append(_curve(*last, self.x[bend], top))
            path.append(f"L{self.x[bend]:.1f} {top + BOX_H:.1f}")
            last = (self.x[bend], top + BOX_H)
        target = self.x[to], self._top(self.level[to])
        path.append(_curve(*last, *target))
        first = self.x[bends[0]] if bends else target[0]
        return Edge(" ".join(path), word, round((x + first) / 2, 1), y + GAP_Y / 2)


def joined(step: Step) -> list[tuple[str, str]]:
    """Return the ways of a step, those to the same place as one."""
    words: dict[str, list[str]] = {}
    for word, to in ways(step):
        words.setdefault(to, []).append(word)
    return [(" or ".join(each), to) for to, each in words.items()]


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = (y + to_y) / 2
    return f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"


def node_of(
    step: Step,
    box: tuple[float, float, float, float],
    people: Mapping[str, int],
    stuck: Mapping[str, int],
    *,
    told: str = "",
) -> Node:
    """Return the box of a step with its text cut to the width; `told` is said beside its name."""
    x, y, w, h = box
    small = " · ".join(part for part in (step.id, before(step), told) if part)
    many = people.get(step.id, 0)
    tone = "ask" if step.kind in _ASKS else _TONES.get(step.kind, "wait")
    room = w - 22 - (44 if many else 0)
    return Node(
        step.id, round(x, 1), round(y, 1), w, h, cut(title(step), w - 22), cut(small, room * 1.15),
        tone, many, stuck.get(step.id, 0),
    )  # fmt: skip


def cut(text: str, width: float) -> str:
    """Return a text cut to about so many pixels."""
    most = int(width / LETTER)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def narrow(
    journey: Journey,
    people: Mapping[str, int] | None = None,
    stuck: Mapping[str, int] | None = None,
) -> Drawing:
    """Return the graph as one column: a row a step, the ways as lanes at its left."""
    names = order(journey)
    open_: list[str] = names[:1]
    before_row: list[list[str]] = []
    lane_of: dict[str, int] = {}
    after_row: list[list[str]] = []
    for name in names:
        before_row.append(list(open_))
        lane = open_.index(name)
        lane_of[name] = lane
        step = journey.step(name)
        to = list(dict.fromkeys(step.follows())) if step else []
        fresh = [each for each in to if each not in open_ and each != name]
        open_ = [*open_[:lane], *fresh, *open_[lane + 1 :]]
        after_row.append(list(open_))
    lanes = max(len(row) for row in (*before_row, *after_row)) if names else 1
    left = lanes * LANE + 8
    nodes, edges = [], []
    for nth, name in enumerate(names):
        step = journey.step(name)
        assert step is not None
        y = nth * ROW_H + 2
        box = (left, y, NARROW_W - left, BOX_H - 6)
        nodes.append(node_of(step, box, people or {}, stuck or {}, told=_ways_told(step)))
        edges += _lanes_of(before_row[nth], after_row[nth], name, step, y)
    if END in open_:
        y = len(names) * ROW_H + 2
        nodes.append(Node(END, left, y, END_W, END_H, "End", "", "end"))
        x = open_.index(END) * LANE + LANE / 2
        edges.append(Edge(f"M{x} {y - 10} L{x} {y + END_H / 2} L{left} {y + END_H / 2}"))
    height = max(node.y + node.h for node in nodes) + 2
    return Drawing(NARROW_W + 2, height, tuple(nodes), tuple(edges))


def _ways_told(step: Step) -> str:
    return ", ".join(f"{word} {to}" for word, to in joined(step) if word)


def _lanes_of(above: list[str], below: list[str], name: str, step: Step, y: float) -> list[Edge]:
    """The lines of one row: into its dot, out of it, and those that pass by."""
    lane = above.index(name)
    x, dot, foot = lane * LANE + LANE / 2, y + (BOX_H - 6) / 2, y + ROW_H - 10
    found = [Edge(f"M{x} {y - 10} L{x} {dot} m-4 0 a4 4 0 1 0 8 0 a4 4 0 1 0 -8 0")]
    found += [
        Edge(_curve_from(x, dot, below.index(to) * LANE + LANE / 2, foot))
        for to in dict.fromkeys(step.follows())
        if to in below
    ]
    for other in above:
        if other != name and other in below:
            at, goes = above.index(other) * LANE + LANE / 2, below.index(other) * LANE + LANE / 2
            found.append(Edge(f"M{at} {y - 10} L{at} {dot} " + _curve(at, dot, goes, foot)))
    return found


def _curve_from(x: float, y: float, to_x: float, to_y: float) -> str:
    return f"M{x} {y} " + _curve(x, y, to_x, to_y)
