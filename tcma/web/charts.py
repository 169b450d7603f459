"""Charts as SVG from the server: pygal measures, our stylesheet colours, no script, no style (UX 4.6)."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Final

from markupsafe import Markup

from tcma.web.filters import shares
from tcma.web.plotting import Style, pygal

Point = tuple[str, float]
"""Label and value. Links stand in the table below: a picture has no links."""

WIDTH: Final = 560
NARROW: Final = 344
"""A phone's page; bars are drawn for both, and the stylesheet shows one."""
_SHORT_LABEL: Final = 18
_FEWEST_RANKED: Final = 3
_MEDIAN_ROOM: Final = 90
_SVG: Final = "{http://www.w3.org/2000/svg}"
_MOST_SERIES: Final = 4
LABEL_ROOM: Final = 40
"""What the last day of a line needs beside it, half its words."""
_COLUMNS_UNDER: Final = 13

ET.register_namespace("", "http://www.w3.org/2000/svg")


def over_time(
    finding: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
    *,
    write: Callable[[float], str] = "{:,.0f}".format,
) -> Markup:
    """Columns under 13 points of one series, else lines; `write` prints a value.

    Raises ValueError above four series.
    """
    if len(series) > _MOST_SERIES:
        raise ValueError(f"{len(series)} series in one chart; {_MOST_SERIES} can be told apart")
    as_columns = len(labels) < _COLUMNS_UNDER and len(series) == 1
    kind = pygal.Bar if as_columns else pygal.Line
    chart = kind(
        **_settings(height=220, write=write),
        margin_right=4 if as_columns else LABEL_ROOM,
        print_values=as_columns,
        show_y_labels=not as_columns,
        show_y_guides=not as_columns,
        range=(0, _top(value for _, values in series for value in values)),
    )
    every = max(1, len(labels) // 8)
    chart.x_labels = [
        text if as_columns or at % every == 0 else "" for at, text in enumerate(labels)
    ]
    for name, values in series:
        chart.add(name, list(values))
    tree = _clean(chart, finding)
    if not as_columns:
        _name_lines(tree, [name for name, _ in series])
    return _markup(tree)


def steps(
    finding: str, points: Sequence[Point], *, write: Callable[[float], str] = "{:,.0f}".format
) -> Markup:
    """Horizontal bars in the given order: how many are left at each step."""
    return _for_both(lambda width: _bars(finding, points, foot=4, width=width, write=write))


def ranked(
    finding: str,
    points: Sequence[Point],
    *,
    write: Callable[[float], str] = "{:,.0f}".format,
    middle: str = "median {value}",
) -> Markup:
    """Horizontal bars from most to least; from three on with the median as a dashed line, named `middle`."""
    ordered = sorted(points, key=lambda point: -point[1])

    def drawn(width: int) -> ET.Element:
        tree = _bars(finding, ordered, foot=24, width=width, write=write)
        if len(ordered) >= _FEWEST_RANKED and ordered[0][1]:
            half = median(point[1] for point in ordered)
            words = middle.format(value=write(half))
            _median_line(tree, half, ordered[0][1], words)
        return tree

    return _for_both(drawn)


def whole(finding: str, parts: Sequence[tuple[str, float, str]]) -> Markup:
    """One stacked bar of (label, value, tone): parts of a whole; small parts are named below it."""
    root = ET.Element(f"{_SVG}svg", {"viewBox": f"0 0 {WIDTH} 58"})
    row = ET.SubElement(root, f"{_SVG}g", {"class": "parts"})
    for (label, value, tone), (start, width) in zip(
        parts, shares(part[1] for part in parts), strict=True
    ):
        if not value:
            continue
        left, wide = start * WIDTH / 100, width * WIDTH / 100
        place = {"x": f"{left:.1f}", "width": f"{max(1.0, wide - 2):.1f}", "height": "22"}
        ET.SubElement(row, f"{_SVG}rect", place | {"data-tone": tone})
        if wide > 7.5 * len(label) + 8:
            text = ET.SubElement(row, f"{_SVG}text", {"x": f"{left:.1f}", "y": "42"})
            text.text = label
    _name(root, finding)
    return _markup(root)


def _for_both(drawn: Callable[[int], ET.Element]) -> Markup:
    wide, narrow = drawn(WIDTH), drawn(NARROW)
    wide.set("class", f"{wide.get('class', '')} on-wide")
    narrow.set("class", f"{narrow.get('class', '')} on-narrow")
    return _markup(wide) + _markup(narrow)


def _settings(*, height: int, write: Callable[[float], str], width: int = WIDTH) -> dict[str, Any]:
    return {
        "js": [],
        "css": [],
        "disable_xml_declaration": True,
        "no_prefix": True,
        "show_legend": False,
        "width": width,
        "height": height,
        "margin": 4,
        "margin_top": 22,
        "spacing": 6,
        "max_scale": 5,
        "zero": 0,
        "truncate_label": -1,
        "dots_size": 3,
        "print_values_position": "top",
        "formatter": lambda value: "" if value is None else write(value),
        "style": Style(font_family="inherit", label_font_size=14, value_font_size=14),
    }


def _bars(
    finding: str,
    points: Sequence[Point],
    *,
    foot: int,
    width: int,
    write: Callable[[float], str],
) -> ET.Element:
    height = 34 * len(points) + 26 + foot
    chart = pygal.HorizontalBar(
        **_settings(height=height, write=write, width=width),
        margin_bottom=foot,
        print_values=True,
        show_x_labels=False,
        show_y_guides=False,
        range=(0, _top(point[1] for point in points) * 1.12),
    )
    labels = [point[0] for point in reversed(points)]
    chart.x_labels = labels if width == WIDTH else _cut(labels)
    chart.add("", [point[1] for point in reversed(points)])
    return _clean(chart, finding)


def _cut(labels: Sequence[str]) -> list[str]:
    """Shorten at the end, or in the middle where two would then read alike."""
    short = [_shortened(each, head=_SHORT_LABEL - 1) for each in labels]
    read = ["".join(filter(str.isalnum, each)) for each in short]
    return [
        _shortened(whole, head=_SHORT_LABEL // 2 - 1) if read.count(alike) > 1 else cut
        for whole, cut, alike in zip(labels, short, read, strict=True)
    ]


def _shortened(label: str, *, head: int) -> str:
    if len(label) <= _SHORT_LABEL:
        return label
    tail = label[len(label) - (_SHORT_LABEL - 1 - head) :]
    return f"{label[:head].rstrip()}…{tail.lstrip()}"


def _top(values: Any) -> float:
    return max([1.0, *(float(value) for value in values if value is not None)])


def _clean(chart: Any, finding: str) -> ET.Element:
    """Take out what a strict content policy forbids and what only pygal's script reads."""
    root = ET.fromstring(chart.render(is_unicode=True))  # noqa: S314 (our own drawing)
    for parent in list(root.iter()):
        for child in list(parent):
            name = child.tag.removeprefix(_SVG)
            kind = child.get("class", "")
            if name in ("defs", "desc", "title") or "tooltip-overlay" in kind:
                parent.remove(child)
    for element in root.iter():
        element.attrib.pop("style", None)
    root.attrib.pop("id", None)
    _name(root, finding)
    return root


def _name(root: ET.Element, finding: str) -> None:
    root.set("role", "img")
    root.set("aria-label", finding)


def _number(element: ET.Element, key: str) -> float:
    return float(element.get(key, "0"))


def _median_line(tree: ET.Element, middle: float, largest: float, words: str) -> None:
    bars = [rect for rect in tree.iter(f"{_SVG}rect") if "rect" in rect.get("class", "").split()]
    plot = next(g for g in tree.iter(f"{_SVG}g") if g.get("class") == "plot")
    widest = max(bars, key=lambda rect: _number(rect, "width"))
    x = _number(widest, "x") + _number(widest, "width") * middle / largest
    bottom = max(_number(rect, "y") + _number(rect, "height") for rect in bars)
    ET.SubElement(plot, f"{_SVG}path", {"class": "median", "d": f"M{x:.1f} -4V{bottom + 6:.1f}"})
    room = max(_number(rect, "width") for rect in plot.iter(f"{_SVG}rect")) - x
    left = room < _MEDIAN_ROOM
    place = {"x": f"{x + (-6 if left else 6):.1f}", "y": f"{bottom + 16:.1f}"}
    anchor = "end" if left else "start"
    text = ET.SubElement(plot, f"{_SVG}text", {"class": "dim", "text-anchor": anchor, **place})
    text.text = words


def _name_lines(tree: ET.Element, names: Sequence[str]) -> None:
    """Write each line's name at its highest dot, so that no legend is hunted for."""
    if len(names) == 1:
        return
    for group in list(tree.iter(f"{_SVG}g")):
        kind = group.get("class", "").split()
        dots = list(group.iter(f"{_SVG}circle")) if "series" in kind else []
        if not dots:
            continue
        highest = min(dots, key=lambda dot: _number(dot, "cy"))
        near_end = _number(highest, "cx") > WIDTH * 0.75
        place = {
            "class": "name",
            "text-anchor": "end" if near_end else "start",
            "x": f"{_number(highest, 'cx') + (-9 if near_end else 9):.1f}",
            "y": f"{_number(highest, 'cy') - 5:.1f}",
        }
        at = next(int(word[6:]) for word in kind if word.startswith("color-"))
        ET.SubElement(group, f"{_SVG}text", place).text = names[at]


def _markup(tree: ET.Element) -> Markup:
    return Markup(ET.tostring(tree, encoding="unicode"))  # noqa: S704 (built from elements)
