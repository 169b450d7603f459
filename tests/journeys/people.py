"""Somebody at a browser: opens pages, fills in by label, presses by name, and counts the presses."""

import io
import re
import time
from pathlib import Path

from PIL import Image

LARGEST = 200_000
DRAWN = """() => Promise.all([document.fonts.ready, ...[...document.images].filter(
    image => image.checkVisibility()).map(image => image.decode().catch(() => null))]).then(() => null)"""
PATIENCE = 20_000  # ms
COLOURS = (256, 128, 64, 32, 16)


class Person:
    """One browser context; `clicks` counts pointer acts, `keys` what was typed."""

    def __init__(self, browser, base_url, *, name="", pictures=None, width=1280, height=900):
        self.name = name
        self.pictures = pictures
        self.context = browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            locale="en-GB",
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.clicks = self.keys = 0
        self.said = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def _hear(self, message):
        if message.type == "error":
            self.said.append(f"{self.page.url}: {message.text}")

    def go(self, path):
        answer = self.page.goto(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        return self

    def on_a_phone(self):
        """Go on with the same page at a phone's width; nothing may need sideways scrolling."""
        self.page.set_viewport_size({"width": 390, "height": 844})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 390
        return self

    def sign_in(self, email, password):
        self.go("/sign-in").fill({"E-mail address": email, "Password": password})
        self.press("Sign in")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self

    def fill(self, fields):
        """Type into fields by their labels."""
        for label, value in fields.items():
            words = re.compile(rf"^\s*{re.escape(label)}(\s*\W*optional\W*)?\s*$")
            self.page.locator("main").get_by_label(words).first.fill(value)
            self.keys += len(value)
        return self

    def press(self, name, *, exact=False):
        """Press the visible button or link of that name in the page's main part."""
        main = self.page.locator("main")
        found = main.get_by_role("button", name=name, exact=exact).or_(
            main.get_by_role("link", name=name, exact=exact)
        )
        found.locator("visible=true").first.click()
        self.clicks += 1
        self.page.wait_for_load_state()
        return self

    def open_row(self, text):
        """Open what a table's row about `text` is named by."""
        self.page.locator("main tr", has_text=text).locator("th a").first.click()
        self.clicks += 1
        self.page.wait_for_load_state()
        return self

    def unfold(self, label):
        """Open a fold by its words; one that is open already stays open."""
        fold = self.page.locator("main details", has=self.page.locator("summary", has_text=label))
        if fold.first.get_attribute("open") is None:
            fold.first.locator("summary").click()
            self.clicks += 1
        return self

    def choose(self, label):
        """Tick a box or card by its words."""
        self.page.locator("main label", has_text=label).locator("visible=true").first.click()
        self.clicks += 1
        return self

    def attach(self, field, name, content):
        kinds = {"png": "image/png", "csv": "text/csv", "pdf": "application/pdf"}
        media = kinds.get(name.rpartition(".")[2], "application/octet-stream")
        self.page.locator(f"main input[name={field}]").first.set_input_files(
            {"name": name, "mimeType": media, "buffer": content}
        )
        return self

    def see(self, text):
        """Wait until the page says so."""
        self.page.locator("main").get_by_text(text).locator("visible=true").first.wait_for()
        return self

    def see_in_time(self, text, patience=60):
        """Open the page anew until it says so: a job writes it when it comes to it."""
        found = self.page.locator("main").get_by_text(text)
        end = time.monotonic() + patience
        while not found.count() and time.monotonic() < end:
            time.sleep(0.5)
            self.page.reload()
        return self.see(text)

    @property
    def heading(self):
        return " ".join(self.page.locator("h1").inner_text().split())

    @property
    def words(self):
        return " ".join(self.page.locator("main").inner_text().split())

    @property
    def path(self):
        return "/" + self.page.url.split("/", 3)[-1]

    def picture(self, name):
        """Draw the page as it stands, small enough for the README."""
        self.page.evaluate(DRAWN)
        save_small(self.page.screenshot(), self.pictures / f"{name}.png")
        return self

    def leave(self):
        assert self.said == [], self.said
        self.context.close()


def save_small(png, path):
    """Write a screenshot as a palette PNG of at most 200 kB."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in COLOURS:
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            break
    path.write_bytes(out.getvalue())
    assert path.stat().st_size <= LARGEST, path
