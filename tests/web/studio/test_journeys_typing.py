"""What an author types on the canvas while the server has not answered yet."""

from playwright.sync_api import expect

from tests.web.studio.canvas import held, step


def test_what_is_typed_while_the_next_step_is_fetched_is_saved_and_the_canvas_goes_on(opened):
    page = opened
    step(page, "n2").click()
    page.get_by_role("heading", name="n2: Send a mail").wait_for()
    come, let_go = held(page, "GET")
    step(page, "n3").click()
    come()
    page.get_by_label("Wait before it").fill("5 days")
    let_go()
    expect(page.get_by_role("heading", name="n3: Send a mail")).to_be_visible()
    expect(step(page, "n2")).to_contain_text("after 5 days")
    step(page, "n1").click()
    expect(page.get_by_role("heading", name="n1: Send a mail")).to_be_visible()


def test_what_is_typed_while_a_step_is_saved_or_another_made_is_not_lost(opened):
    page = opened
    step(page, "n2").click()
    page.get_by_role("heading", name="n2: Send a mail").wait_for()
    delay = page.get_by_label("Wait before it")
    delay.fill("5 days")
    come, let_go = held(page, "POST")
    page.get_by_role("button", name="Save the step").click()
    come()
    delay.fill("7 days")
    let_go()
    expect(step(page, "n2")).to_contain_text("after 5 days")
    expect(delay).to_have_value("7 days")
    expect(delay).to_be_focused()
    page.unroute_all()
    step(page, "n3").click()
    expect(page.get_by_role("heading", name="n3: Send a mail")).to_be_visible()
    expect(step(page, "n2")).to_contain_text("after 7 days")

    come, let_go = held(page, "POST")
    step(page, "n3").press("Control+d")
    come()
    delay.fill("9 days")
    let_go()
    expect(page.get_by_role("heading", name="s1: Send a mail")).to_be_visible()
    expect(step(page, "n3")).to_contain_text("after 9 days")
