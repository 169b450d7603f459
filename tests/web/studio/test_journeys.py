"""A journey as its author changes it on the canvas: by pointer, by keys, on a phone, with people inside."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.studio.canvas import carried, drag, drawn, kind, knob, line, plus, said, step

SLUG = "cloud-migration"


def taken_out_and_back(page, name):
    """Take a step out, undo it, do it again: all by keys."""
    step(page, name).press("Delete")
    said(page, f"Took {name} out.")
    expect(step(page, name)).to_have_count(0)
    page.keyboard.press("Control+z")
    said(page, "Taken back.")
    expect(step(page, name)).to_have_count(1)
    page.keyboard.press("Shift+Control+Z")
    said(page, "Done again.")
    expect(step(page, name)).to_have_count(0)


def test_a_journey_is_drawn_run_and_published_with_people_inside(opened, world):
    page = opened
    step(page, "n2").wait_for()
    expect(step(page, "n2")).to_have_accessible_name("n2: Send list-in-ten-minutes, 5 people here")

    for _ in carried(page, kind(page, "Wait"), plus(page, "after n2")):
        expect(plus(page, "after n2")).to_have_class(re.compile("is-over"))
    said(page, "Added s1.")
    expect(step(page, "s1")).to_have_accessible_name("s1: Wait 3 working days")
    page.get_by_label("How long").fill("2 days")
    page.get_by_role("button", name="Save the step").click()
    expect(step(page, "s1")).to_have_accessible_name("s1: Wait 2 days")
    expect(line(page, "s1", "w")).to_have_count(1)

    drag(page, step(page, "s1"), plus(page, "after n1"))
    said(page, "Moved s1 after n1.")
    expect(line(page, "n1", "s1")).to_have_count(1)
    expect(line(page, "s1", "n2")).to_have_count(1)

    for _ in carried(page, knob(page, "w", "no"), step(page, "n3")):
        expect(step(page, "n3")).to_have_class(re.compile("is-over"))
    said(page, "w, no, leads to n3.")
    expect(line(page, "w", "n4")).to_have_count(0)
    expect(step(page, "n4")).to_have_accessible_name(re.compile("Wrong: Nobody comes to “n4”"))
    expect(page.get_by_role("link", name="Publish")).to_have_count(0)

    taken_out_and_back(page, "n4")
    page.get_by_role("button", name="Fit to view").click()
    drag(page, kind(page, "Task"), plus(page, "after n3"))
    said(page, "Added s2.")
    page.get_by_label("What the person does").fill("day8:click")
    page.get_by_role("button", name="Run it").click()
    walk = page.get_by_role("list", name="What happens, in order")
    expect(walk).to_contain_text("They click in list-in-ten-minutes")
    expect(walk.locator("li").filter(has_text="w: A link in")).to_contain_text("within 7 days? yes")
    for one, other in (("", "n1"), ("n1", "s1"), ("s1", "n2"), ("n2", "w"), ("s2", "end")):
        expect(line(page, one, other)).to_have_class(re.compile("is-walked"))
    expect(step(page, "n1")).to_have_accessible_name("n1: Send thanks, Mon 5 Jan, 10:00")

    step(page, "w").press("Delete")
    said(page, "Took w out.")
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("heading", name="What happens to the 11 people inside?").wait_for()
    expect(page.get_by_label("New entrants only")).to_be_checked()
    page.get_by_label("Those inside, too").check()
    page.get_by_label("The 6 people at w").select_option("n3")
    page.get_by_label("some people go on with what comes behind the end now").check()
    page.get_by_label("Why").fill("Slower")
    page.get_by_role("button", name="Publish version 2").click()
    page.get_by_text(
        "Version 2 is published. Of those inside 5 stay at their step, 6 go on at another step,"
        " some go on after the end."
    ).wait_for()
    moved = world.rows("SELECT node, count(*) FROM nurture_run WHERE state = 0 GROUP BY 1")
    assert dict(moved) == {"n2": 5, "n3": 6, "s2": 3}


def test_what_was_typed_is_saved_before_the_next_act_and_what_would_lead_back_is_refused(
    opened, world
):
    page = opened
    step(page, "n2").click()
    page.get_by_role("heading", name="n2: Send a mail").wait_for()
    page.get_by_label("Wait before it").fill("5 days")
    step(page, "n3").click()
    expect(step(page, "n2")).to_have_accessible_name(re.compile("^n2: Send"))
    expect(step(page, "n2")).to_contain_text("after 5 days")
    expect(page.get_by_role("heading", name="n3: Send a mail")).to_be_visible()

    drag(page, knob(page, "n3", "then"), step(page, "n1"))
    said(page, "Nothing leads back: n1 comes before n3")
    expect(line(page, "n3", "end")).to_have_count(1)

    page.get_by_label("Wait before it").fill("soon")
    step(page, "n1").click()
    expect(page.get_by_role("alert")).to_contain_text("The delay “soon” cannot be read.")
    expect(page.get_by_label("Wait before it")).to_have_value("soon")

    page.get_by_label("Wait before it").fill("2 days")
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("heading", name="Publish version 2").wait_for()
    assert 'after = "2 days"' in world.value("SELECT source FROM sequence_save ORDER BY no DESC LIMIT 1")  # fmt: skip


def test_a_journey_is_changed_by_keys_alone(opened, world):
    page = opened

    def pressed(*keys):
        for key in keys:
            page.keyboard.press(key)

    def has_focus(what):
        expect(what).to_be_focused()

    step(page, "n1").focus()
    pressed("ArrowDown", "ArrowDown")
    has_focus(step(page, "w"))
    pressed("ArrowDown", "ArrowRight")
    has_focus(step(page, "n4"))
    pressed("Enter")
    expect(page.get_by_role("heading", name="n4: Send a mail")).to_be_visible()
    has_focus(step(page, "n4"))

    kind(page, "Task").focus()
    pressed("Enter")
    said(page, "Choose the + where “Task” comes.")
    has_focus(plus(page, "after n4"))
    pressed("Escape")
    has_focus(kind(page, "Task"))
    pressed("Enter", "Enter")
    said(page, "Added s1.")
    has_focus(step(page, "s1"))
    expect(line(page, "n4", "s1")).to_have_count(1)

    plus(page, "after n1").focus()
    pressed("Enter")
    said(page, "Choose what comes here.")
    has_focus(kind(page, "Mail"))
    pressed("Tab", "Enter")
    said(page, "Added s2.")
    has_focus(step(page, "s2"))
    expect(step(page, "s2")).to_have_accessible_name("s2: Wait 3 working days")

    pressed("Control+d")
    said(page, "Doubled s2 as s3.")
    has_focus(step(page, "s3"))
    pressed("Delete")
    said(page, "Took s3 out.")
    has_focus(step(page, "n2"))
    pressed("Control+z")
    said(page, "Taken back.")
    expect(step(page, "s3")).to_have_count(1)


def test_ways_and_places_are_chosen_by_keys_too(opened, world):
    page = opened
    step(page, "w").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="w: Wait for something")).to_be_visible()
    page.get_by_label("No leads to").select_option("n3")
    page.get_by_role("button", name="Save the step").press("Enter")
    said(page, "Changed w.")
    expect(line(page, "w", "n4")).to_have_count(0)
    expect(line(page, "w", "n3")).to_have_count(2)
    expect(step(page, "n4")).to_have_accessible_name(re.compile("Wrong: Nobody comes to"))
    page.get_by_text("Move, double, take out").press("Enter")
    page.get_by_label("Put it elsewhere").select_option("/")
    page.get_by_role("button", name="Put it there").press("Enter")
    said(page, "Moved w to the beginning.")
    expect(line(page, "", "w")).to_have_count(1)


def test_on_a_phone_the_same_acts_are_buttons_of_a_list(opened, world):
    page = opened
    page.set_viewport_size({"width": 390, "height": 844})
    expect(drawn(page)).to_be_hidden()
    steps = page.get_by_role("list", name="The draft as a list")
    card = steps.locator("> li")
    expect(card).to_have_count(5)
    expect(card.nth(1)).to_contain_text("after 3 working days, 5 people here")

    steps.get_by_role("link", name="Put a step after w, not in 7 days").click()
    expect(page.get_by_label("Where", exact=True)).to_have_value("w/no")
    kind(page, "Tell the partner").click()
    said(page, "Added s1.")
    expect(card).to_have_count(6)
    expect(steps).to_contain_text("not in 7 days leads to s1: Tell the partner")
    page.get_by_label("In words").fill("They have not looked yet.")
    page.get_by_role("button", name="Save the step").click()
    said(page, "Changed s1.")

    steps.get_by_role("button", name="Move n2 up").click()
    said(page, "Moved n2 up.")
    expect(card.first).to_contain_text("n2: Send list-in-ten-minutes")
    steps.get_by_role("button", name="Double n3").click()
    said(page, "Doubled n3 as s2.")
    steps.get_by_role("button", name="Take s2 out").click()
    said(page, "Took s2 out.")
    page.get_by_role("button", name="Undo").click()
    said(page, "Taken back.")
    expect(card).to_have_count(7)
    page.get_by_role("button", name="Run it", exact=True).click()
    expect(page.get_by_role("list", name="What happens, in order")).to_contain_text("n2: Send")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_by_touch_a_step_is_dragged_and_the_sheet_is_not(opened, world):
    page = opened
    page.set_viewport_size({"width": 900, "height": 1000})
    finger = page.context.new_cdp_session(page)
    begin, goal = step(page, "n2").bounding_box(), plus(page, "after w, yes").bounding_box()

    def touches(kind, *points):
        at = [{"x": x, "y": y} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    x, y = begin["x"] + 60, begin["y"] + 30
    to_x, to_y = goal["x"] + goal["width"] / 2, goal["y"] + goal["height"] / 2
    touches("touchStart", (x, y))
    touches("touchMove", (x + 10, y + 10))
    touches("touchMove", ((x + to_x) / 2, (y + to_y) / 2))
    touches("touchMove", (to_x, to_y))
    expect(plus(page, "after w, yes")).to_have_class(re.compile("is-over"))
    touches("touchEnd")
    said(page, "Moved n2 after w.")
    expect(line(page, "n1", "w")).to_have_count(1)
    expect(line(page, "n2", "n3")).to_have_count(1)


def test_what_is_wrong_is_shown_at_its_step_and_gone_when_it_is_put_right(opened, world):
    page = opened
    source = page.locator("textarea[name=source]")
    page.get_by_text("As it is written").click()
    text = source.input_value()
    source.fill(text.replace('send = "read-together"', 'send = "read-togethr"'))
    page.get_by_role("button", name="Save the text").click()
    expect(step(page, "n3")).to_have_accessible_name(
        re.compile("Wrong: “send” cannot be “read-togethr”: there is no such nurture mail")
    )
    said(page, "1 thing to put right before it can be published.")
    expect(page.get_by_role("link", name="Publish")).to_have_count(0)
    page.get_by_role("button", name="Run it", exact=True).click()
    expect(page.locator("#run")).to_contain_text("Put right what is wrong first")
    step(page, "n3").click()
    expect(page.locator("#step")).to_contain_text("did you mean “read-together”?")
    page.get_by_label("Mail", exact=True).select_option("read-together")
    page.get_by_role("button", name="Save the step").click()
    expect(step(page, "n3")).to_have_accessible_name("n3: Send read-together")
    expect(page.get_by_role("link", name="Publish")).to_be_visible()

    page.get_by_text("As it is written").click()
    source.fill(source.input_value().replace('then = "end"', 'then = "n1"'))
    page.get_by_role("button", name="Save the text").click()
    expect(drawn(page).get_by_role("link", name=re.compile("Wrong: The steps run in a circle"))).to_have_count(1)  # fmt: skip


def test_without_script_every_act_has_its_form(opened, browser, world):
    state = opened.context.storage_state()
    context = browser.new_context(
        base_url=world.db.site.public_url, storage_state=state, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"/studio/journeys/{SLUG}/draft")
    plus(page, "after n2").click()
    kind(page, "Never again").click()
    expect(step(page, "s1")).to_have_accessible_name(re.compile("^s1: Never mail again"))
    page.get_by_label("Why", exact=True).fill("Bought elsewhere")
    page.get_by_role("button", name="Save the step").click()
    expect(step(page, "s1")).to_have_accessible_name(re.compile("Bought elsewhere"))
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(step(page, "s1")).to_have_count(0)
    plus(page, "after n3").click()
    kind(page, "Other journey").click()
    expect(step(page, "s1")).to_have_accessible_name(re.compile("^s1: On to the journey of"))
    page.get_by_label("Campaign", exact=True).get_by_text("which is not there").wait_for(
        state="attached"
    )
    page.get_by_role("button", name="Run it", exact=True).click()
    expect(page.get_by_role("list", name="What happens, in order")).to_contain_text("n1: Send")
    context.close()


def test_a_split_is_put_in_and_gets_a_third_variant(opened, world):
    page = opened
    drag(page, kind(page, "By chance"), plus(page, "after w, yes"))
    said(page, "Added s1.")
    expect(line(page, "s1", "n3")).to_contain_text("50%")
    page.get_by_role("button", name="Fit to view").click()
    drag(page, knob(page, "s1", "+"), step(page, "n4"))
    said(page, "s1 leads to n4, too.")
    expect(line(page, "s1", "n4")).to_contain_text("50 of 150")
    drag(page, knob(page, "s1", "end"), step(page, "n4"))
    said(page, "s1 leads to n4.")
    expect(line(page, "s1", "n4")).to_contain_text("100 of 150")
    expect(line(page, "s1", "end")).to_have_count(0)


def test_the_canvas_is_zoomed_fitted_and_panned_and_stays_so_after_an_act(opened, world):
    page = opened
    sheet = page.locator("[data-sheet]")
    svg = sheet.locator("svg.board")
    wide = svg.bounding_box()["width"]
    page.get_by_role("button", name="Larger").click()
    page.get_by_role("button", name="Larger").click()
    larger = svg.bounding_box()["width"]
    assert larger > wide * 1.3
    box = sheet.bounding_box()
    before = sheet.evaluate("el => el.scrollTop")
    page.mouse.move(box["x"] + 20, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 180, steps=3)
    page.mouse.up()
    assert sheet.evaluate("el => el.scrollTop") == before + 120
    step(page, "n2").press("Control+d")
    said(page, "Doubled n2 as s1.")
    assert svg.bounding_box()["width"] == pytest.approx(larger, abs=1)
    assert sheet.evaluate("el => el.scrollTop") == pytest.approx(before + 120, abs=2)
    page.get_by_role("button", name="Fit to view").click()
    assert sheet.evaluate("el => el.scrollHeight - el.clientHeight") <= 1
