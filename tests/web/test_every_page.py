"""Every page in Chromium, by its people, wide and narrow: axe, width, one heading, one act."""

import re
from contextlib import contextmanager

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from tests.builders import PASSWORD
from tests.pages import app_over, port_of, served
from tests.web.routes import address, methods, rules

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
NARROWEST = {"width": 320, "height": 640}
AXE = """async () => {
    const found = await axe.run(document, {iframes: false, resultTypes: ["violations"]});
    return found.violations.map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.target).join(" | "));
}"""
HEADINGS = """() => {
    const found = document.querySelectorAll("h1").length;
    return found === 1 ? [] : [`${found} h1`];
}"""
PRIMARY = """() => {
    const found = [...new Set([...document.querySelectorAll("main .btn-primary")]
        .filter(e => e.checkVisibility()).map(e => e.innerText.trim()))];
    return found.length > 1 ? ["primary acts " + found.join(", ")] : [];
}"""
SIDEWAYS = """() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    const out = [...document.querySelectorAll("main *")]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > wide + 0.5);
    return [`sideways by ${document.documentElement.scrollWidth - wide}: ` + out.slice(-4).map(e =>
        `${e.parentElement.className}>${e.tagName} “${e.textContent.trim().slice(0, 40)}”`).join(" | ")];
}"""
LINK = re.compile(r"http://[\d.:]+(/(?:a|u|p|k|l/lead|l/approve|l/ahead)/[\w.-]+)")
pytestmark = pytest.mark.timeout(600)
ELSEWHERE = {True: ("console.",), False: ("desk.", "studio.")}
"""Not there for a vendor's people, and for a partner's; test_strangers shows that, and each role's."""
EACH = ("Alice", "Sam", "Mira", "Finn", "Vera", "Ada")


@pytest.fixture(scope="module")
def house(lived):
    """The lived-in world on a real web server."""
    app = app_over(lived.services)
    with served(app, port=port_of(lived.services)) as address:
        yield address


@contextmanager
def visitor(browser, house, email=None):
    """A page of a fresh browser context, signed in, with axe and a list of what went wrong."""
    context = browser.new_context(viewport=WIDE, base_url=house, reduced_motion="reduce")
    context.add_init_script(AXE_FILE_PATH.read_text())
    page = context.new_page()
    page.said = []
    page.on("console", lambda m: page.said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.said.append(str(error)))
    if email:
        page.goto("/sign-in")
        page.fill("[name=email]", email)
        page.fill("[name=password]", PASSWORD)
        page.click("main .btn-primary")
        page.wait_for_url(lambda url: "/sign-in" not in url)
    yield page
    context.close()


def together(*asked):
    """One question to the browser instead of several: each costs a turn."""
    return f"async () => [{', '.join(f'...await ({each})()' for each in asked)}]"


ASKED = (
    (WIDE, together(HEADINGS, AXE, PRIMARY)),
    (NARROW, together(SIDEWAYS, AXE, PRIMARY)),
    (NARROWEST, SIDEWAYS),
)


def look(page, path):
    """What is wrong with a page, wide and narrow."""
    page.said.clear()
    page.set_viewport_size(WIDE)
    answer = page.goto(path)
    if answer.status != 200:
        return [f"{path}: {answer.status}"]
    wrong = [f"console: {text}" for text in page.said]
    for size, asked in ASKED:
        if size is not WIDE:
            page.set_viewport_size(size)
        wrong += [f"{size['width']} {each}" for each in page.evaluate(asked)]
    return [f"{path}: {each}" for each in wrong]


def pages_of(rehearsal, lived, who, *, taken=()):
    """The addresses of every page this person opens but for those `taken` already."""
    found = []
    for rule in rules(rehearsal.app):
        permission = getattr(rehearsal.app.view_functions[rule.endpoint], "permission", None)
        if permission is None or "GET" not in methods(rule):
            continue
        of_vendor = lived.people[who].vendor_id is not None
        if rule.endpoint.startswith(ELSEWHERE[of_vendor]) or not rehearsal.may(who, permission):
            continue
        path = address(rehearsal.app, rule, lived)
        if path in taken:
            continue
        page = rehearsal.ask(who, "GET", path)
        if page.status == 200 and page.is_html and page.tree.css_first("#main"):
            found.append(path)
    return found


@pytest.fixture(scope="module")
def addresses(rehearsal, lived):
    """Each page once, by the first who may open it; everybody also gets their own first page."""
    taken, shares = set(), {}
    for who in EACH:
        own = pages_of(rehearsal, lived, who, taken=taken)
        shares[who] = sorted({*own, first_page(rehearsal, who)})
        taken.update(own)
    return shares


def first_page(rehearsal, who):
    return rehearsal.ask(who, "GET", "/").location


@pytest.mark.parametrize("who", EACH)
def test_no_page_of_theirs_is_wrong(browser, house, addresses, lived, who):
    with visitor(browser, house, lived.emails[who]) as page:
        wrong = [each for path in addresses[who] for each in look(page, path)]
    assert not wrong, "\n".join(wrong)


def test_no_public_page_is_wrong(browser, house, lived):
    paths = ["/sign-in", "/forgot", f"/go/{lived.parts['page']}", *mailed_links(lived)]
    paths.append(f"/rules/{lived.parts['vendor']}")
    assert len(paths) >= 5
    with visitor(browser, house) as page:
        wrong = [each for path in paths for each in look(page, path)]
    assert not wrong, "\n".join(wrong)


def test_the_page_of_an_error_is_a_page(browser, house, lived):
    with visitor(browser, house, lived.emails["Alice"]) as page:
        assert page.goto("/console/launches/LCH-1999-0001").status == 404
        assert page.evaluate(AXE) == []
        assert page.locator("h1").count() == 1


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


def test_each_fault_is_found_at_the_width_that_has_it(browser):
    with visitor(browser, "http://faulty.test") as page:
        page.route(
            "**/*", lambda route: route.fulfill(status=200, content_type="text/html", body=FAULTY)
        )
        wrong = look(page, "/")
    assert wrong[:-1] == [
        "/: 1280 2 h1",
        "/: 1280 color-contrast: .pale",
        "/: 1280 primary acts Send, Pay",
        "/: 390 color-contrast: .pale | .late",
        "/: 390 primary acts Send, Pay",
    ]
    assert wrong[-1].startswith("/: 320 sideways by ")
    assert "“Stands out”" in wrong[-1]


def mailed_links(lived):
    """One signed link of each kind, as the mails carry them."""
    found = {}
    for mail in lived.mails:
        part = mail.message.get_body(("plain",))
        for path in LINK.findall(part.get_content() if part else ""):
            found.setdefault(path.rpartition("/")[0], path)
    return sorted(found.values())
