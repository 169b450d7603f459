"""A journey's canvas as a person sees and touches it: steps, lines, the palette, what it says."""

import re

from playwright.sync_api import expect


def drawn(page):
    return page.get_by_role("group", name="The draft, step by step")


def step(page, name):
    """A step on the canvas by its id."""
    return drawn(page).get_by_role("link", name=re.compile(f"^{name}:"))


def plus(page, where):
    return drawn(page).get_by_role("link", name=re.compile(f"^Put a step here: {where}:"))


def kind(page, name):
    return page.get_by_role("button", name=name, exact=True)


def said(page, words):
    expect(page.locator("[data-said]")).to_contain_text(words)


def carried(page, what, onto):
    """Drag by pointer: down, some way, onto the goal wherever the sheet has moved it, up."""
    expect(page.locator('.board[aria-busy="true"]')).to_have_count(0)
    what.scroll_into_view_if_needed()
    begin = what.bounding_box()
    page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    page.mouse.move(begin["x"] + begin["width"] / 2 + 9, begin["y"] + begin["height"] / 2 + 9)
    for steps in (4, 1):
        goal = onto.bounding_box()
        page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + goal["height"] / 2, steps=steps)
    yield
    page.mouse.up()


def drag(page, what, onto):
    for _ in carried(page, what, onto):
        pass


def knob(page, name, way):
    return page.locator(f'.board .knob[data-from="{name}"][data-way="{way}"]')


def line(page, name, to):
    return page.locator(f'.board .line[data-from="{name}"][data-to="{to}"]')


def held(page, method):
    """Hold the next request of a method until it is let go; returns (has come, let go)."""
    waiting = []

    def on(route):
        if waiting or route.request.method != method:
            route.continue_()
        else:
            waiting.append(route)

    page.route("**/studio/journeys/**", on)

    def come():
        while not waiting:
            page.wait_for_timeout(20)

    def let_go():
        waiting[0].continue_()

    return come, let_go
