"""A journey drawn as one column: a row a step, its ways as lanes at the left, readable at a phone's width."""

from collections.abc import Mapping

from tcma.journeys.document import END, Journey, Step
from tcma.journeys.graph import END_H, END_W, ROW_BOX, Drawing, Edge, Node, curve, node_of
from tcma.journeys.shape import order
from tcma.journeys.words import ways

LANE, ROW_H = 20, 66
NARROW_W = 352


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
        if name not in open_:  # who begins by a date comes from nowhere
            open_ = [*open_, name]
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
        box = (left, y, NARROW_W - left, ROW_BOX)
        nodes.append(node_of(step, box, people or {}, stuck or {}, told=_ways_told(step)))
        edges += _lanes_of(before_row[nth], after_row[nth], name, step, y)
    if END in open_:
        y = len(names) * ROW_H + 2
        nodes.append(Node(END, left, y, END_W, END_H, "End", "", "end", lines=("End",)))
        x = open_.index(END) * LANE + LANE / 2
        edges.append(Edge(f"M{x} {y - 10} L{x} {y + END_H / 2} L{left} {y + END_H / 2}"))
    height = max(node.y + node.h for node in nodes) + 2
    return Drawing(NARROW_W + 2, height, tuple(nodes), tuple(edges))


def _ways_told(step: Step) -> str:
    return ", ".join(f"{word} {to}" for word, to in joined(step) if word)


def _lanes_of(above: list[str], below: list[str], name: str, step: Step, y: float) -> list[Edge]:
    """The lines of one row: into its dot, out of it, and those that pass by."""
    lane = above.index(name)
    x, dot, foot = lane * LANE + LANE / 2, y + ROW_BOX / 2, y + ROW_H - 10
    found = [Edge(f"M{x} {y - 10} L{x} {dot} m-4 0 a4 4 0 1 0 8 0 a4 4 0 1 0 -8 0")]
    found += [
        Edge(_curve_from(x, dot, below.index(to) * LANE + LANE / 2, foot))
        for to in dict.fromkeys(step.follows())
        if to in below
    ]
    for other in above:
        if other != name and other in below:
            at, goes = above.index(other) * LANE + LANE / 2, below.index(other) * LANE + LANE / 2
            found.append(Edge(f"M{at} {y - 10} L{at} {dot} " + curve(at, dot, goes, foot)))
    return found


def _curve_from(x: float, y: float, to_x: float, to_y: float) -> str:
    return f"M{x} {y} " + curve(x, y, to_x, to_y)


def joined(step: Step) -> list[tuple[str, str]]:
    """Return the ways of a step, those to the same place as one."""
    words: dict[str, list[str]] = {}
    for word, to in ways(step):
        words.setdefault(to, []).append(word)
    return [(" or ".join(each), to) for to, each in words.items()]
