"""Steps put on other lines, ways led elsewhere, steps doubled; and what is wrong meanwhile stays drawn."""

import pytest

from tcma.errors import Invalid
from tcma.journeys import editing, rearranging
from tcma.journeys.graph import wide
from tcma.journeys.reading import by_step, read
from tests.domain.journeys.test_editing import SHIPPED, ways
from tests.domain.journeys.test_reading import ALL, HEAD

SPLIT = (
    HEAD
    + '[[step]]\nid = "s"\nsplit = { a = 30, b = 70 }\n[[step]]\nid = "a"\nsend = "x"\nthen = "b"\n'
    '[[step]]\nid = "b"\nsend = "y"\n'
)


def sketched(text):
    found = read(text)
    return {step.id: step.follows() for step in found.sketch.steps}


@pytest.mark.parametrize(
    ("step", "after", "way", "led"),
    [
        ("n4", "n1", "then", {"n1": ("n4",), "n4": ("n2",), "n3a": ("end",), "n3b": ("end",)}),
        ("n2", "b1", "no", {"n1": ("b1",), "b1": ("n3a", "n2"), "n2": ("n3b",)}),
        ("n2", "", "", {"n2": ("n1",), "n1": ("b1",)}),
        ("n1", "n4", "then", {"n2": ("b1",), "n4": ("n1",), "n1": ("end",)}),
        ("b1", "n1", "then", {"n1": ("b1",), "b1": ("n2", "n3b"), "n2": ("n3a",)}),
        ("n2", "n1", "then", {"n1": ("n2",), "n2": ("b1",)}),
    ],
)
def test_a_step_stands_on_another_line_and_everybody_still_comes_by(step, after, way, led):
    found = ways(rearranging.placed(SHIPPED, step, after, way))
    assert {name: found[name] for name in led} == led
    assert len(found) == 6


def test_a_question_that_would_lead_back_leads_on_either_way_and_nothing_is_lost():
    text = rearranging.placed(SHIPPED, "b1", "n3b", "then")
    assert sketched(text)["b1"] == ("n4", "n4")
    assert sketched(text)["n2"] == ("n3a",)
    assert list(by_step(text, read(text))) == ["n3b", "b1"]


def test_the_first_step_moved_away_leaves_its_successor_to_be_entered():
    text = rearranging.placed(SHIPPED, "n1", "b1", "yes")
    assert read(text).journey.steps[0].id == "n2"


@pytest.mark.parametrize(
    ("step", "way", "to", "lost"),
    [
        ("b1", "no", "n4", ["n3b"]),
        ("n1", "then", "b1", ["n2"]),
        ("n4", "then", "end", []),
        ("b1", "yes", "end", ["n3a"]),
    ],
)
def test_a_way_leads_elsewhere_and_whom_nobody_comes_to_any_more_is_told_at_its_step(
    step, way, to, lost
):
    text = rearranging.led_to(SHIPPED, step, way, to)
    found = read(text)
    assert dict(rearranging.ways_out(found.sketch.step(step)))[way] == to
    assert list(by_step(text, found)) == lost
    assert "# form → thanks" in text
    if lost:
        assert "Nobody comes to" in by_step(text, found)[lost[0]][0].words


@pytest.mark.parametrize(("step", "to"), [("n4", "n2"), ("n4", "n4"), ("n3a", "n1")])
def test_no_way_leads_back(step, to):
    with pytest.raises(Invalid, match="circle"):
        rearranging.led_to(SHIPPED, step, "then", to)


@pytest.mark.parametrize(("step", "way", "to"), [("n1", "yes", "n4"), ("n1", "then", "gone"), ("x", "then", "n1")])  # fmt: skip
def test_what_is_not_there_is_refused(step, way, to):
    with pytest.raises(Invalid, match="gone"):
        rearranging.led_to(SHIPPED, step, way, to)


def test_ways_of_a_split_are_led_elsewhere_with_their_share():
    text = rearranging.led_to(SPLIT, "s", "a", "end")
    assert read(text).sketch.step("s").parts == (("end", 30), ("b", 70))
    together = rearranging.led_to(SPLIT, "s", "a", "b")
    assert read(together).sketch.step("s").parts == (("b", 100),)
    assert [f.words for f in by_step(together, read(together))["s"]] == [
        "A split names two steps or more."
    ]
    first = rearranging.placed(SPLIT, "b", "s", "a")
    assert ways(first) == {"s": ("b", "end"), "b": ("a",), "a": ("end",)}


def test_a_split_gets_another_way_with_the_average_share():
    text = rearranging.led_to(SPLIT, "s", rearranging.ANOTHER, "end")
    assert read(text).journey.step("s").parts == (("a", 30), ("b", 70), ("end", 50))
    again = rearranging.led_to(text, "s", rearranging.ANOTHER, "a")
    assert read(again).journey.step("s").parts == (("a", 80), ("b", 70), ("end", 50))
    with pytest.raises(Invalid, match="gone"):
        rearranging.led_to(SHIPPED, "b1", rearranging.ANOTHER, "n4")


def test_a_copy_stands_behind_its_original():
    found = ways(rearranging.doubled(SHIPPED, "n2", "s1"))
    assert (found["n2"], found["s1"]) == (("s1",), ("b1",))
    copy = read(rearranging.doubled(SHIPPED, "n2", "s1")).journey.step("s1")
    assert (copy.mail, copy.after.amount) == ("list-in-ten-minutes", 3)
    found = ways(rearranging.doubled(SHIPPED, "b1", "s1"))
    assert (found["b1"], found["s1"]) == (("s1", "n3b"), ("n3a", "n3a"))
    goal = editing.added(SHIPPED, "n4", "then", {"id": "won", "goal": "Won"})
    text = rearranging.doubled(goal, "won", "s1")
    assert "Nobody comes to" in by_step(text, read(text))["s1"][0].words


def test_rearranging_goes_on_while_something_is_wrong():
    text = rearranging.led_to(SHIPPED, "b1", "no", "n4")  # nobody comes to n3b
    text = editing.added(text, "n1", "then", {"id": "x", "wait": "1 day"})
    text = rearranging.placed(text, "x", "n4", "then")
    assert list(by_step(text, read(text))) == ["n3b"]
    assert ways(rearranging.led_to(text, "b1", "no", "n3b"))["n4"] == ("x",)
    text = editing.removed(text, "b1")  # takes n3a's way along with nobody else
    assert "n3b" in sketched(text)


def test_faults_are_told_at_the_step_that_has_them():
    text = SHIPPED.replace('send = "thanks"', 'send = "thank"') + '\n[window]\ndays = ["someday"]\n'
    found = read(text, mails=["thanks", "list-in-ten-minutes", "read-together", "company-like-yours", "another-month"])  # fmt: skip
    told = by_step(text, found)
    assert found.journey is None
    assert [fault.words for fault in told["n1"]] == [
        "“send” cannot be “thank”: there is no such nurture mail."
    ]
    assert [fault.words for fault in told[""]] == ["“someday” is no day."]


@pytest.mark.parametrize("source", ["step = [1]\n", "step = 3\n", HEAD + '[[step]]\nid = "A"\nwait = "1 day"\n'])  # fmt: skip
def test_steps_that_cannot_be_told_apart_are_not_drawn(source):
    found = read(source)
    assert found.sketch is None
    assert found.faults


TORN = (
    rearranging.led_to(SHIPPED, "b1", "no", "n4"),
    rearranging.led_to(SHIPPED, "n1", "then", "n4"),
    SHIPPED.replace('then = "end"', 'then = "n2"'),
    SHIPPED.replace('yes = "n3a"', 'yes = "nowhere"'),
    SPLIT,
    ALL,
)


@pytest.mark.parametrize("source", TORN)
def test_every_step_is_drawn_apart_from_the_others_whatever_is_wrong(source):
    sketch = read(source).sketch
    sheet = wide(sketch)
    assert {step.id for step in sketch.steps} < {node.id for node in sheet.nodes}
    for one in sheet.nodes:
        assert one.x >= 0
        assert one.x + one.w <= sheet.width
        for other in sheet.nodes:
            assert (
                one is other
                or one.x + one.w <= other.x
                or other.x + other.w <= one.x
                or one.y + one.h <= other.y
                or other.y + other.h <= one.y
            ), (one, other)
