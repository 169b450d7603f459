"""The front-end bundle: complete, light, and true to the whole of Tabler."""

import gzip
import http.server
import json
import re
import threading
from functools import partial

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from tcma.errors import Invalid
from tcma.web import bundle, kit
from tcma.web.static_files import StaticFiles
from tests.web.test_components import environment, gallery_page

POLICY = "default-src 'self'; img-src 'self' data:"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def built():
    bundle.build()
    return bundle.BUILT


@pytest.fixture(scope="module")
def manifest(built):
    return json.loads((built / "manifest.json").read_text())


def test_every_part_is_there_under_a_hashed_name_and_within_its_budget(built, manifest):
    assert set(manifest) == set(bundle.BUDGETS)
    for name, file in manifest.items():
        assert re.fullmatch(rf"{name.split('.')[0]}\.[0-9a-f]{{10}}\.{name.split('.')[1]}", file)
        body = (built / file).read_bytes()
        assert len(gzip.compress(body, 9)) <= bundle.BUDGETS[name]


def test_a_second_build_without_changes_does_nothing():
    bundle.build()
    assert bundle.build() == []


def test_a_part_above_its_budget_is_named():
    fat = bundle.Part("app.css", "app.0.css", 900_000, 160_000)
    said = bundle.over_budget([fat])
    assert any("budget 30000" in line for line in said)
    assert any("hard stop" in line for line in said)


def test_every_icon_a_template_asks_for_is_in_the_sprite(built, manifest):
    sprite = (built / manifest["icons.svg"]).read_text()
    for path in bundle.TEMPLATES.rglob("*.html"):
        for name in re.findall(r"\b(?:icon|glyph)\(\"([a-z0-9-]+)\"", path.read_text()):
            assert f'id="{name}"' in sprite, path.name


def test_a_mistyped_icon_stops_the_build(tmp_path):
    page = tmp_path / "page.html"
    page.write_text('{{ icon("sendd") }}')
    with pytest.raises(Invalid, match="sendd"):
        bundle.icon_names([page])


def test_the_narrow_sheet_knows_nothing_of_the_consoles(built, manifest):
    narrow = (built / manifest["plain.css"]).read_text()
    assert ".btn-primary" in narrow
    assert ".tabbar" not in narrow
    assert ".finish" not in narrow


def test_the_stylesheets_fetch_nothing_from_elsewhere(built, manifest):
    for name in ("app.css", "plain.css"):
        assert not re.search(r"url\([\"']?https?:|@import", (built / manifest[name]).read_text())


def test_a_missing_bundle_names_its_remedy(tmp_path):
    with pytest.raises(Exception, match="bundle is missing") as caught:
        kit.assets_of(tmp_path)("app.css")
    assert "make setup" in caught.value.remedy


def published(folder, name, body):
    (folder / name).write_text(body)
    (folder / "manifest.json").write_text(json.dumps({"app.css": name}))


def test_a_replaced_file_stays_for_a_day_and_then_goes(tmp_path):
    for name in ("app.old.css", "app.new.css"):
        (tmp_path / name).write_text("x")
    bundle.retire(tmp_path, kept=["app.new.css"], now=0)
    bundle.retire(tmp_path, kept=["app.new.css"], now=bundle.KEPT_S)
    assert (tmp_path / "app.old.css").exists()
    bundle.retire(tmp_path, kept=["app.new.css"], now=bundle.KEPT_S + 1)
    assert not (tmp_path / "app.old.css").exists()
    assert (tmp_path / "app.new.css").exists()


def test_a_file_that_is_named_again_is_not_retired(tmp_path):
    (tmp_path / "app.one.css").write_text("x")
    bundle.retire(tmp_path, kept=["app.two.css"], now=0)
    bundle.retire(tmp_path, kept=["app.one.css"], now=10)
    bundle.retire(tmp_path, kept=["app.two.css"], now=bundle.KEPT_S + 5)
    assert (tmp_path / "app.one.css").exists()


def test_a_running_server_serves_what_was_built_after_its_start(tmp_path):
    published(tmp_path, "app.1111111111.css", "old")
    client = Client(StaticFiles(Response("a page"), tmp_path))

    def got(name):
        with client.get(f"/static/{name}") as answer:
            return answer.text, "immutable" in answer.headers.get("Cache-Control", "")

    assert got("app.1111111111.css") == ("old", True)
    assert got("app.2222222222.css") == ("a page", False)
    published(tmp_path, "app.2222222222.css", "new")
    assert got("app.2222222222.css") == ("new", True)
    assert got("app.1111111111.css") == ("old", True)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder with the strict policy of the product."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def site(built, manifest, tmp_path_factory):
    """The gallery with the purged sheet, and with all of Tabler, on a real server."""
    folder = tmp_path_factory.mktemp("gallery")
    page = gallery_page(environment())
    for name, file in manifest.items():
        (folder / file).write_bytes((built / file).read_bytes())
        page = page.replace(f"/static/{name}", f"/{file}")
    (folder / "purged.html").write_text(page)
    (folder / "tabler.css").write_bytes(bundle.TABLER.read_bytes())
    sheet = f'<link rel="stylesheet" href="/{manifest["app.css"]}">'
    whole = page.replace(sheet, f'<link rel="stylesheet" href="/tabler.css">{sheet}')
    (folder / "whole.html").write_text(whole)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Handler, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def opened(browser, address, *, width, theme="light"):
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(address)
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_the_gallery_and_the_policy_blocks_nothing(
    browser, site, width, theme
):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(browser, f"{site}/purged.html", width=width, theme=theme)
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.said == []
    page.context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280])
def test_the_page_never_scrolls_sideways(browser, site, width):
    page = opened(browser, f"{site}/purged.html", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_everything_to_press_is_a_thumb_wide_on_a_phone(browser, site):
    page = opened(browser, f"{site}/purged.html", width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('.btn, .iconbtn, .form-control, .form-select')]
        .filter((el) => el.offsetHeight && el.getBoundingClientRect().height < 43.5)
        .map((el) => el.outerHTML.slice(0, 120))"""
    )
    assert small == []
    page.context.close()


LOOK = """() => {
  const names = ['display', 'position', 'color', 'backgroundColor', 'backgroundImage', 'boxShadow',
    'fontSize', 'fontWeight', 'fontFamily', 'lineHeight', 'textDecorationLine', 'textAlign',
    'borderTopColor', 'borderTopWidth', 'borderBottomWidth', 'borderLeftStyle', 'opacity',
    'borderTopLeftRadius', 'paddingLeft', 'paddingTop', 'marginBottom', 'fill', 'stroke'];
  return [...document.body.querySelectorAll('*')].map((el) => {
    const style = getComputedStyle(el), box = el.getBoundingClientRect();
    const place = [box.x, box.y, box.width, box.height].map((n) => Math.round(n * 4) / 4);
    return [el.tagName, el.getAttribute('class'), ...place, ...names.map((name) => style[name])];
  });
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_element_looks_the_same_with_the_purged_sheet_as_with_the_whole(
    browser, site, width, theme
):
    looks = []
    for name in ("purged", "whole"):
        page = opened(browser, f"{site}/{name}.html", width=width, theme=theme)
        page.wait_for_selector("iframe[height]", state="attached")
        looks.append(page.evaluate(LOOK))
        page.context.close()
    assert len(looks[0]) > 1000
    differing = [pair for pair in zip(*looks, strict=True) if pair[0] != pair[1]]
    assert differing == []


def test_the_keys_open_their_list_and_stay_silent_in_fields(browser, site):
    page = opened(browser, f"{site}/purged.html", width=1280)
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("?j")
    assert page.locator("#q").input_value() == "?j"
    assert not page.locator("#keys").is_visible()
    page.context.close()


def test_a_dialog_opens_by_its_button_and_gives_focus_back(browser, site):
    page = opened(browser, f"{site}/purged.html", width=1280)
    page.get_by_role("button", name="Pass it on").click()
    dialog = page.get_by_role("dialog", name="Pass this lead on")
    assert dialog.is_visible()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Pass it on"
    page.context.close()
