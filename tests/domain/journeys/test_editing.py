"""Steps put in, written, moved and taken out of a document, and the graph drawn of it."""

import pytest

from tcma.errors import Invalid
from tcma.journeys import editing
from tcma.journeys.column import narrow
from tcma.journeys.graph import BOX_W, LEFT, LETTER, folded, wide
from tcma.journeys.reading import read
from tests.domain.journeys.test_reading import ALL, HEAD
from tests.services import ROOT

SHIPPED = (ROOT / "campaign_templates/cloud-migration/nurture.toml").read_text()


def ways(text):
    found = read(text)
    assert found.faults == (), text
    return {step.id: step.follows() for step in found.journey.steps}


def test_cutting_and_joining_changes_nothing_of_what_ships():
    for path in sorted(ROOT.glob("campaign_templates/*/nurture.toml")):
        text = path.read_text()
        again = editing.slices(text).text()
        assert [line for line in again.split("\n") if line] == [
            line for line in text.split("\n") if line
        ]


@pytest.mark.parametrize(
    ("after", "way", "fields", "led"),
    [
        ("n1", "then", {"wait": "2 days"}, {"n1": ("x",), "x": ("n2",)}),
        ("b1", "no", {"task": "Call"}, {"b1": ("n3a", "x"), "x": ("n3b",)}),
        ("", "", {"if": {"score": 50}}, {"x": ("n1", "n1")}),
        ("n4", "then", {"goal": "There"}, {"n4": ("x",), "x": ()}),
        ("b1", "yes", {"split": {"n3a": 50, "end": 50}}, {"b1": ("x", "n3b"), "x": ("n3a", "end")}),
    ],
)
def test_a_step_is_put_on_a_way_and_leads_to_where_it_led(after, way, fields, led):
    text = editing.added(SHIPPED, after, way, {"id": "x", **fields})
    found = ways(text)
    assert {name: found[name] for name in led} == led
    assert "# form → thanks" in text


def test_taking_it_out_again_leads_on_as_before():
    before = ways(SHIPPED)
    for after, way in (("n1", "then"), ("b1", "yes"), ("", "")):
        text = editing.added(SHIPPED, after, way, {"id": "x", "wait": "2 days"})
        assert ways(editing.removed(text, "x")) == before


def test_a_question_taken_out_takes_its_other_way_along():
    found = ways(editing.removed(SHIPPED, "b1"))
    assert found == {"n1": ("n2",), "n2": ("n3a",), "n3a": ("n4",), "n4": ("end",)}


def test_a_renamed_step_is_still_led_to():
    text = editing.changed(ALL, "halves", {"id": "coin", "split": {"a": 10, "b": 90}})
    found = ways(text)
    assert found["asked"] == ("warm", "coin")
    text = editing.changed(text, "a", {"id": "first", "send": "list", "then": "won"})
    assert ways(text)["coin"] == ("first", "b")


def test_plain_steps_change_places_and_questions_do_not():
    assert ways(editing.moved(SHIPPED, "n2", up=True)) == ways(
        editing.moved(SHIPPED, "n1", up=False)
    )
    found = ways(editing.moved(SHIPPED, "n1", up=False))
    assert (found["n2"], found["n1"]) == (("n1",), ("b1",))
    assert next(iter(found)) == "n2"
    journey = read(SHIPPED).journey
    assert not editing.can_move(journey, "b1", up=True)
    with pytest.raises(Invalid):
        editing.moved(SHIPPED, "n3a", up=True)


def test_the_last_step_stays_and_a_taken_name_is_refused():
    with pytest.raises(Invalid, match="without a step"):
        editing.removed(HEAD + '[[step]]\nid = "n1"\nwait = "1 day"\n', "n1")
    with pytest.raises(Invalid, match="already"):
        editing.added(SHIPPED, "n1", "then", {"id": "n2", "wait": "1 day"})


@pytest.mark.parametrize("source", [SHIPPED, ALL])
def test_in_a_drawing_no_two_boxes_touch_and_every_way_is_there(source):
    journey = read(source).journey
    for sheet in (wide(journey, {"n2": 7}), narrow(journey)):
        assert {node.id for node in sheet.nodes} >= {step.id for step in journey.steps}
        for one in sheet.nodes:
            assert one.x >= 0
            assert one.x + one.w <= sheet.width
            assert one.y + one.h <= sheet.height
            for other in sheet.nodes:
                apart = (
                    one is other
                    or one.x + one.w <= other.x
                    or other.x + other.w <= one.x
                    or one.y + one.h <= other.y
                    or other.y + other.h <= one.y
                )
                assert apart, (one, other)
    assert len(wide(journey).edges) == 1 + sum(len(step.follows()) for step in journey.steps)
    assert narrow(journey).width <= 358


@pytest.mark.parametrize(
    ("text", "sign", "width"),
    [
        ("x" * 60, "x", LETTER),
        ("Ω" * 60, "Ω", 11.5),
        ("商談の予定を確認" * 9, "商", 15.0),
        ("🦄" * 60, "🦄", 15.0),
    ],
)
def test_a_title_stays_in_its_box_in_every_script(text, sign, width):
    room = BOX_W - LEFT - 12
    for line in folded(text, room, 2):
        assert line.endswith("…")
        assert (len(line) - 1) * width <= room
    assert folded("Call “them” today", room, 2) == ("Call “them” today",)
