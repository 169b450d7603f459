"""What is looked for in a page that stands in Chromium: axe, width, headings, acts, at each width.

Axe runs whole at the first width. At the next it runs whole too, unless nothing that its rules read
is other than it was: then its answer would be the same. `Looks` decides that, `SEEN` is what it
rests on.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field

from axe_playwright_python.base import AXE_FILE_PATH

from tests.builders import PASSWORD

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
NARROWEST = {"width": 320, "height": 640}

COLOURS = r"""(() => {
    const {Color} = axe.commons.color, parse = Color.prototype.parseString, known = new Map();
    const plain = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/;
    const read = text => {
        const [all, r, g, b, alpha = 1] = plain.exec(text) ?? [];
        return all ? new Color(+r, +g, +b, +alpha) : parse.call(new Color(), text);
    };
    Color.prototype.parseString = function (text) {
        if (!known.has(text)) known.set(text, read(text));
        const {r, g, b, alpha} = known.get(text);
        return Object.assign(this, {r, g, b, alpha});
    };
})();"""
"""Axe takes each colour of each element through its colour spaces; here each colour is read once."""

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
SEEN = """() => {
    const inside = [], outside = [];
    for (const e of document.querySelectorAll("body, body *")) {
        if (e.ownerSVGElement) continue;
        const s = getComputedStyle(e), px = parseFloat(s.fontSize);
        const shown = e.checkVisibility({visibilityProperty: true, opacityProperty: true});
        const clipped = s.clip !== "auto" || s.clipPath !== "none";
        const lifted = shown && !clipped && e.offsetWidth > 1 && (
            !["static", "relative"].includes(s.position) || s.transform !== "none"
            || s.position === "relative" && [s.top, s.left].some(parseFloat)
            || [s.marginTop, s.marginLeft, s.marginBottom, s.marginRight].some(m => parseFloat(m) < 0));
        (e.closest("main") ? inside : outside).push(!shown ? "" : [
            s.color, s.backgroundColor, s.backgroundImage, s.opacity, s.textShadow, s.filter, px >= 24,
            px >= 18.6 && s.fontWeight >= 700,
            s.overflow !== "visible" && (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight),
            s.gridRowStart !== "auto" && s.gridColumnStart !== "auto" && s.gridArea,
            lifted && [s.position, s.transform, e.offsetWidth, e.offsetLeft, e.offsetTop],
        ].join());
    }
    const frame = document.documentElement.cloneNode(true);
    frame.querySelector("main")?.replaceChildren();
    for (const e of frame.querySelectorAll("title, input[name=csrf_token]")) e.remove();
    return [inside.join("\\n"), outside.join("\\n") + frame.outerHTML];
}"""
"""Two texts: what stands in `main`, and the frame around it with its words.

Of each element: whether it is shown, and in what colours, how large, whether it scrolls, and where it
lies when it can lie over others. What the DOM says is the same at each width.
"""


def together(*asked):
    """One question to the browser instead of several: each costs a turn."""
    return f"async () => [{', '.join(f'...await ({each})()' for each in asked)}]"


def script():
    """For each page of a context, before its own scripts."""
    return AXE_FILE_PATH.read_text() + COLOURS


@contextmanager
def visitor(browser, house, email=None):
    """A page of a fresh browser context, signed in, with axe and a list of what went wrong."""
    context = browser.new_context(viewport=WIDE, base_url=house, reduced_motion="reduce")
    context.add_init_script(script())
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


@dataclass
class Looks:
    """`look(page, path)`: what is wrong with a page. Frames that were judged when narrow are kept."""

    frames: set = field(default_factory=set)
    spared: int = 0

    def look(self, page, path):
        page.said.clear()
        page.set_viewport_size(WIDE)
        answer = page.goto(path)
        if answer.status != 200:
            return [f"{path}: {answer.status}"]
        wrong = [f"console: {text}" for text in page.said]
        wrong += self._at(page, WIDE, HEADINGS, AXE, PRIMARY)
        inside, _ = page.evaluate(SEEN)
        wrong += self._at(page, NARROW, SIDEWAYS)
        now, frame = page.evaluate(SEEN)
        if now == inside and frame in self.frames:
            self.spared += 1
        else:
            wrong += self._at(page, NARROW, AXE)
            self.frames.add(frame)
        wrong += self._at(page, NARROW, PRIMARY)
        wrong += self._at(page, NARROWEST, SIDEWAYS)
        return [f"{path}: {each}" for each in wrong]

    @staticmethod
    def _at(page, size, *asked):
        if page.viewport_size != size:
            page.set_viewport_size(size)
        return [f"{size['width']} {each}" for each in page.evaluate(together(*asked))]
