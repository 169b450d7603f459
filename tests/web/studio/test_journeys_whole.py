"""What holds for a whole journey, changed beside its canvas: by pointer, by keys, on a phone; taken back like a step."""

import re

from playwright.sync_api import expect

from tests.web.studio.canvas import said, step


def changes(page, title):
    link = page.get_by_role("link", name=f"Change: {title}", exact=True)
    link.click()
    expect(link).to_have_count(0)


def whole(page):
    return page.get_by_role("region", name="The whole journey")


def test_each_part_has_a_form_and_a_change_is_one_step_back(opened, world):
    page = opened
    step(page, "n2").wait_for()
    changes(page, "When mails leave")
    page.get_by_label("Saturday").check()
    page.get_by_label("Until", exact=True).fill("12:30")
    page.get_by_role("button", name="Save it").click()
    said(page, "Changed when mails leave.")
    expect(page.get_by_label("Saturday")).to_be_checked()
    expect(page.locator("#source")).to_have_value(re.compile(r'until = "12:30"'))
    page.locator("body").press("Control+z")
    said(page, "Taken back.")
    expect(whole(page)).to_contain_text("Monday to Friday, 08:00 to 18:00")
    page.locator("body").press("Shift+Control+Z")
    expect(whole(page)).to_contain_text("Monday to Saturday, 08:00 to 12:30")

    changes(page, "At most")
    page.get_by_label("From one partner").fill("no")
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_text("Write how many mails, from 1 to 99.").first).to_be_visible()
    page.get_by_label("From one partner").fill("1")
    changes_by_leaving(page)
    expect(whole(page)).to_contain_text("1 a week from one partner")

    changes(page, "Ends early when")
    page.get_by_label("They meet").check()
    page.get_by_role("button", name="Save it").click()
    said(page, "Changed ends early when.")
    changes(page, "Goal is reached when")
    page.get_by_label("A link in read-together clicked").check()
    page.get_by_role("button", name="Save it").click()
    changes(page, "Pools of mails")
    page.get_by_role("textbox", name="Pools").fill("stories = read-together, gone")
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_text("there is no such nurture mail").first).to_be_visible()
    page.get_by_role("textbox", name="Pools").fill("stories = read-together, another-month")
    page.get_by_role("button", name="Save it").click()
    said(page, "Changed pools of mails.")
    step(page, "n3").click()
    page.get_by_label("Mail", exact=True).select_option("pool:stories")
    drawn = page.locator("option[value='pool:stories']")
    expect(drawn).to_have_text("The next of stories: read-together, another-month")
    page.get_by_label("Go on when they had every mail of the pool").check()
    page.get_by_role("button", name="Save the step").click()
    expect(step(page, "n3")).to_have_accessible_name(re.compile("n3: Send the next of stories"))
    expect(page.locator("#source")).to_have_value(re.compile('when_empty = "go on"'))


def changes_by_leaving(page):
    """What was typed is saved before the next act, like a step's form."""
    step(page, "n2").click()
    expect(page.get_by_role("heading", name="n2: Send a mail")).to_be_visible()


def test_who_enters_is_said_from_the_start_of_the_canvas_by_keys(opened):
    page = opened
    start = page.get_by_role("link", name="They fill in the form: say who enters")
    start.focus()
    page.keyboard.press("Enter")
    page.get_by_label("In the partner’s segment").fill("Warm, Hot")
    page.get_by_label("Who works on it").fill("nobody")
    page.get_by_label("May somebody come again?").select_option("days")
    page.get_by_role("button", name="Save it").press("Enter")
    expect(page.get_by_text("Write after how many days, from 1 to 999.").first).to_be_visible()
    expect(page.get_by_label("In the partner’s segment")).to_have_value("Warm, Hot")
    page.get_by_label("After how many days").fill("90")
    page.get_by_role("button", name="Save it").press("Enter")
    said(page, "Changed who enters.")
    step(page, "n2").press("Enter")
    expect(whole(page)).to_contain_text("segment is Warm or Hot, owner is nobody")
    expect(whole(page)).to_contain_text("again, 90 days after they left")


def test_on_a_phone_the_forms_stand_below_the_list(opened):
    page = opened
    page.set_viewport_size({"width": 390, "height": 844})
    changes(page, "When mails leave")
    expect(page.get_by_label("Sunday")).to_be_in_viewport()
    page.get_by_label("Sunday").check()
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_label("Sunday")).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_each_mail_of_a_pool_may_be_for_some_only(opened):
    page = opened
    changes(page, "Pools of mails")
    page.get_by_role("textbox", name="Pools").fill("stories = read-together, another-month")
    page.get_by_role("button", name="Save it").click()
    said(page, "Changed pools of mails.")
    page.get_by_text("Who gets another-month").click()
    asks = page.get_by_role("group").filter(has_text="Who gets another-month")
    asks.get_by_label("Points at least").fill("many")
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_text("Points are a whole number.").first).to_be_visible()
    expect(asks.get_by_label("Points at least")).to_have_value("many")
    asks.get_by_label("Points at least").fill("40")
    asks.get_by_label("In the partner’s segment").fill("Warm")
    page.get_by_role("textbox", name="Pools").fill("tales = another-month, read-together")
    page.get_by_role("button", name="Save it").click()
    expect(
        page.get_by_text("Who gets another-month (segment is Warm, 40 points or more)")
    ).to_be_visible()
    expect(page.locator("#source")).to_have_value(
        re.compile(
            r'tales = \[\{ mail = "another-month", if = \{ segment = \["Warm"\], score = 40 \} \}, "read-together"\]'
        )
    )
    page.locator("body").press("Control+z")
    expect(page.locator("#source")).to_have_value(
        re.compile(r'stories = \["read-together", "another-month"\]')
    )
