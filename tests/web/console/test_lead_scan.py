"""In Chromium: a badge is read by the camera or from a picture, where the browser can read codes."""

import pytest

from tcma.library.compiling import publish_page
from tests.builders import PASSWORD, a_campaign, a_copy
from tests.domain.leads.test_cards import VCARD
from tests.pages import served

READS = """(text) => {
    window.BarcodeDetector = class {
        static getSupportedFormats() { return Promise.resolve(["qr_code", "code_39"]); }
        constructor({formats}) { window.formats = formats; }
        detect(from) {
            const ready = from instanceof HTMLVideoElement ? from.videoWidth > 0 : from.width === 7;
            return Promise.resolve(ready ? [{rawValue: text}] : []);
        }
    };
    navigator.mediaDevices.getUserMedia = async () => {
        const drawn = document.createElement("canvas");
        drawn.getContext("2d").fillRect(0, 0, 9, 9);
        return (window.stream = drawn.captureStream(10));
    };
}"""
PICTURE = """(size) => { const drawn = document.createElement("canvas"); drawn.width = drawn.height = size;
    return drawn.toDataURL().split(",")[1]; }"""


@pytest.fixture
def page(desk, browser):
    """Alice's phone with the form for cards open; `page.as_it_is` before it can read codes."""
    with desk.db() as work:
        publish_page(
            work, a_copy(work, desk.ids["fenwright"], a_campaign(work, desk.ids["vendor"]))
        )
    with served(desk.app) as address:
        context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("[name=email]", "alice@people.example")
        page.fill("[name=password]", PASSWORD)
        page.click("main .btn-primary")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        yield page
        context.close()


def with_reader(page):
    page.add_init_script(f"({READS})({VCARD!r})")
    page.goto("/console/leads/new")
    page.locator("[data-scan]").wait_for()
    return page


def test_the_camera_reads_a_badge_and_is_let_go(page):
    with_reader(page)
    assert page.evaluate("window.formats") == ["qr_code"]
    page.get_by_role("button", name="Scan with the camera").click()
    page.get_by_text("The code is read.").wait_for()
    assert page.locator("[name=scanned]").input_value().startswith("BEGIN:VCARD")
    assert page.locator("video").is_hidden()
    assert page.evaluate("stream.getTracks().map(t => t.readyState)") == ["ended"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.check("[name=consent]")
    page.get_by_role("button", name="Take it in").click()
    page.get_by_text("is in. The next one?").wait_for()


def test_a_picture_is_read_and_one_without_a_code_says_so(page):
    import base64

    with_reader(page)
    for size, said in ((9, "There is no code to be read"), (7, "The code is read.")):
        drawn = base64.b64decode(page.evaluate(PICTURE, size))
        file = {"name": "badge.png", "mimeType": "image/png", "buffer": drawn}
        page.locator("[data-scan] input[type=file]").set_input_files(file)
        page.get_by_text(said).wait_for()
    assert "VCARD" in page.locator("[name=scanned]").input_value()


def test_a_browser_that_reads_no_codes_offers_the_box_for_the_text_alone(page):
    page.add_init_script("delete window.BarcodeDetector")
    page.goto("/console/leads/new")
    assert page.locator("[data-scan]").is_hidden()
    assert page.get_by_text("A badge with a code").is_visible()
