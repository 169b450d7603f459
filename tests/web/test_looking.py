"""The way every page is looked at finds each fault at the width that has it, and spares no fault."""

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from tests.web.looking import Looks, visitor

FAULTY = """<!doctype html><html lang="en"><title>Faulty</title>
<style>
.pale { color: #aaa; background: #fff }
.late { display: none }
@media (max-width: 400px) { .late { display: block; color: #999; background: #fff } }
.wide { width: 350px }
</style>
<main><h1>One</h1><h1>Other</h1><p class="pale">Hardly read</p><p class="late">On a phone</p>
<button class="btn-primary">Send</button><button class="btn-primary">Pay</button>
<p class="wide">Stands out</p></main></html>"""

SOUND = """<!doctype html><html lang="en"><title>Page {path}</title><style>
.seldom, .tabs {{ display: none }}
.large {{ color: #888; background: #fff; font-size: 30px }}
.bar {{ background: #111; height: 60px }}
p {{ line-height: 30px; margin: 0 }}
@media (max-width: 400px) {{
    .dim {{ color: #999 }} .dark {{ background: #222 }} .veil {{ opacity: .4 }} .large {{ font-size: 20px }}
    .brief span, .title {{ display: none }} .seldom, .tabs {{ display: block }}
    .put {{ position: absolute; top: 10px }} .moved {{ position: relative; top: -50px }}
    .table {{ display: grid }} .table * {{ grid-area: 1 / 1 }}
    .drawn {{ margin-top: -50px }} .lifted {{ transform: translateY(-50px) }}
}}
</style><header><a class="tabs {tabs}" href="/">Home</a></header>
<main><div style="position: relative">{main}</div><h1>One</h1></main></html>"""
BAR = '<div class="bar"></div><p class="{}">Dark</p>'
LIES_OVER = "color-contrast: p"
ONLY_NARROW = {
    "a colour": ('<p class="dim">Pale</p>', "color-contrast: p"),
    "a ground": ('<p class="dark">Dark</p>', "color-contrast: p"),
    "a veil": ('<p class="veil">Thin</p>', "color-contrast: p"),
    "a size": ('<p class="large">Was large</p>', "color-contrast: p"),
    "a place": (BAR.format("put"), LIES_OVER),
    "a shift": (BAR.format("moved"), LIES_OVER),
    "a margin": (BAR.format("drawn"), LIES_OVER),
    "a transform": (BAR.format("lifted"), LIES_OVER),
    "a cell": (f'<div class="table">{BAR.format("")}</div>', LIES_OVER),
    "a name": ('<button class="brief"><span>Send</span></button>', "button-name: button"),
    "a label": ('<label class="title" for="a">A</label><input id="a">', "label: #a"),
    "a part": ('<div class="seldom"><img src="data:,"></div>', "image-alt: img"),
}


def on_made_up(page, pages):
    page.route(
        "**/*",
        lambda route: route.fulfill(
            status=200,
            content_type="text/html",
            body=pages["/" + route.request.url.split("/", 3)[3]],
        ),
    )


def sound(path, main="<p>Words</p>", tabs=""):
    return SOUND.format(path=path, main=main, tabs=tabs)


def test_each_fault_is_found_at_the_width_that_has_it(browser):
    with visitor(browser, "http://faulty.test") as page:
        on_made_up(page, {"/": FAULTY})
        wrong = Looks().look(page, "/")
    assert wrong[:-1] == [
        "/: 1280 2 h1",
        "/: 1280 color-contrast: .pale",
        "/: 1280 primary acts Send, Pay",
        "/: 390 color-contrast: .pale | .late",
        "/: 390 primary acts Send, Pay",
    ]
    assert wrong[-1].startswith("/: 320 sideways by ")
    assert "“Stands out”" in wrong[-1]


def test_a_page_that_looks_narrow_as_it_did_wide_is_judged_once_in_a_frame_that_is_known(browser):
    pages = {f"/{n}": sound(n, f"<p>Words {n}</p>") for n in range(3)}
    looks = Looks()
    with visitor(browser, "http://sound.test") as page:
        on_made_up(page, pages)
        assert [looks.look(page, path) for path in pages] == [[], [], []]
    assert looks.spared == 2


@pytest.mark.parametrize("which", ONLY_NARROW)
def test_what_is_wrong_only_narrow_is_found_in_a_frame_that_is_known(browser, which):
    main, said = ONLY_NARROW[which]
    looks = Looks()
    with visitor(browser, "http://sound.test") as page:
        on_made_up(page, {"/known": sound("known"), "/": sound("", main)})
        assert looks.look(page, "/known") == []
        assert looks.look(page, "/") == [f"/: 390 {said}"]


def test_a_frame_that_nobody_has_judged_narrow_is_judged(browser):
    looks = Looks()
    with visitor(browser, "http://sound.test") as page:
        on_made_up(page, {"/known": sound("known"), "/": sound("", tabs="dim")})
        assert looks.look(page, "/known") == []
        assert looks.look(page, "/") == ["/: 390 color-contrast: a"]


COLOURS = (
    "rgb(1, 2, 3)", "rgba(0, 0, 0, 0)", "rgba(250, 128, 7, 0.35)", "rgb(255, 255, 255)", "#fa8",
    "color(srgb 0.1 0.2 0.3 / 0.4)", "oklch(0.7 0.1 200)",
)  # fmt: skip
READ = """texts => texts.map(text => {
    const {red, green, blue, alpha} = new axe.commons.color.Color().parseString(text);
    return [red, green, blue, alpha];
})"""


def test_a_colour_is_read_as_axe_reads_it(browser):
    context = browser.new_context()
    page = context.new_page()
    page.evaluate(AXE_FILE_PATH.read_text() + ";0")
    by_axe = page.evaluate(READ, COLOURS)
    context.close()
    with visitor(browser, "http://sound.test") as page:
        on_made_up(page, {"/": sound("")})
        page.goto("/")
        assert page.evaluate(READ, COLOURS * 2) == [pytest.approx(each) for each in by_axe * 2]
