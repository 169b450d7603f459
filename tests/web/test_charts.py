"""Charts keep to the content policy, name their finding and measure honestly."""

import re

import pytest
from defusedxml.ElementTree import fromstring

from tcma.web import charts

SVG = "{http://www.w3.org/2000/svg}"
POINTS = [("Brightwater IT", 7), ("Partner B", 9), ("Partner C", 5), ("Partner D", 3)]


def parted(both):
    """The two pictures of a chart that is drawn for both widths."""
    wide, narrow = str(both).split("</svg>")[:2]
    return f"{wide}</svg>", f"{narrow}</svg>"


DRAWN = {
    "columns": charts.over_time("It grew", ["A", "B"], [("Leads", [2, 5])]),
    "lines": charts.over_time(
        "It fell", [str(n) for n in range(20)], [("Clicks", range(20)), ("Leads", [1] * 20)]
    ),
    **dict(
        zip(
            ("ranked", "ranked on a phone"),
            parted(charts.ranked("Above the median", POINTS)),
            strict=True,
        )
    ),
    **dict(
        zip(("steps", "steps on a phone"), parted(charts.steps("Few leave", POINTS)), strict=True)
    ),
    "whole": charts.whole("Half is free", [("Free", 5, "ink"), ("Used", 5, "work")]),
}


def widths(svg):
    tree = fromstring(svg)
    return {
        round(float(rect.get("y")), 1): float(rect.get("width"))
        for rect in tree.iter(f"{SVG}rect")
        if "rect" in rect.get("class", "").split()
    }


@pytest.mark.parametrize("kind", DRAWN)
def test_no_chart_carries_script_style_or_a_foreign_address(kind):
    svg = DRAWN[kind]
    assert not re.search(r"<script|<style|\bstyle=|\bon\w+=|href|javascript", svg)


@pytest.mark.parametrize("kind", DRAWN)
def test_every_chart_is_one_picture_named_by_its_finding(kind):
    root = fromstring(DRAWN[kind])
    assert root.get("role") == "img"
    assert root.get("aria-label") in {
        "It grew",
        "It fell",
        "Above the median",
        "Few leave",
        "Half is free",
    }


@pytest.mark.parametrize("kind", ["ranked", "ranked on a phone"])
def test_ranked_bars_go_from_most_to_least_and_are_true_to_zero(kind):
    by_height = [width for _, width in sorted(widths(DRAWN[kind]).items())]
    assert by_height == sorted(by_height, reverse=True)
    assert by_height[0] / by_height[-1] == pytest.approx(9 / 3, rel=0.01)


@pytest.mark.parametrize("kind", ["ranked", "ranked on a phone"])
def test_the_median_stands_between_the_middle_bars(kind):
    tree = fromstring(DRAWN[kind])
    (line,) = [path for path in tree.iter(f"{SVG}path") if path.get("class") == "median"]
    at = float(re.match(r"M([\d.]+)", line.get("d"))[1])
    bars = [rect for rect in tree.iter(f"{SVG}rect") if "rect" in rect.get("class", "").split()]
    left = float(bars[0].get("x"))
    ends = sorted(float(rect.get("width")) for rect in bars)
    assert ends[1] < at - left < ends[2]
    assert "median 6" in DRAWN[kind]


def test_on_a_phone_a_bar_and_its_number_end_inside_the_picture():
    long = [("A partner with a name that does not fit anywhere", 1234), ("B", 5)]
    tree = fromstring(parted(charts.ranked("Long", long))[1])
    plot = next(g for g in tree.iter(f"{SVG}g") if g.get("class") == "plot")
    shift = float(re.search(r"translate\(([\d.]+)", plot.get("transform"))[1])
    ends = [
        float(rect.get("x")) + float(rect.get("width")) + shift
        for rect in tree.iter(f"{SVG}rect")
        if "rect" in rect.get("class", "").split()
    ]
    assert max(ends) + 8 * len("1,234") < charts.NARROW
    assert min(ends) > 0


def test_labels_that_would_read_alike_on_a_phone_are_cut_in_the_middle():
    names = ("Corbelane growth and more 2026", "Corbelane growth and more, euro area")
    narrow = parted(charts.steps("Alike", [(name, 1) for name in names]))[1]
    assert "Corbelan…more 2026" in narrow
    assert "Corbelan…euro area" in narrow


def test_of_two_there_is_no_median():
    assert "median" not in charts.ranked("Two", POINTS[:2])


def test_steps_keep_the_order_they_came_in():
    by_height = [width for _, width in sorted(widths(DRAWN["steps"]).items())]
    assert [round(width / by_height[0] * 7) for width in by_height] == [7, 9, 5, 3]


def test_columns_under_thirteen_points_and_lines_above():
    assert "bar-graph" in DRAWN["columns"]
    assert "line-graph" in DRAWN["lines"]


def test_lines_are_named_where_they_run():
    names = [
        text.text
        for text in fromstring(DRAWN["lines"]).iter(f"{SVG}text")
        if text.get("class") == "name"
    ]
    assert sorted(names) == ["Clicks", "Leads"]


def test_five_series_are_refused():
    with pytest.raises(ValueError, match="5 series"):
        charts.over_time("Too many", ["A"], [(str(n), [n]) for n in range(5)])


def test_a_label_of_a_stranger_is_text_and_not_markup():
    svg = charts.steps("Names", [("<script>alert(1)</script>", 3), ("B & C", 2)])
    assert "<script" not in svg
    assert "B &amp; C" in svg


def test_a_chart_of_nothing_is_drawn():
    assert "<svg" in charts.ranked("Nothing yet", [("A", 0), ("B", 0)])
    assert "<svg" in charts.over_time("Nothing yet", ["A"], [("Leads", [0])])
