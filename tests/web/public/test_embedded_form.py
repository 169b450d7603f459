"""In Chromium: a form on a partner's own site makes itself as high as it needs, and its lead is one."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tcma.rendering.form_alone import form_alone
from tcma.rendering.landing import STAMP
from tcma.web import puzzle
from tcma.web.console.page_tools import lines_to_paste
from tests.pages import app_of, served

PERSON = {"first_name": "Nia", "last_name": "Calder", "company": "Calder & Sons"}
HEIGHT = "document.querySelector('iframe')?.offsetHeight"


@pytest.fixture
def product(sent):
    with served(app_of(sent.db, sent.folder)) as address:
        yield address


@pytest.fixture
def site(sent, product):
    """A partner's own site with the two lines of the console in a page, on a host of its own."""
    path = sent.world.parts["page"]
    lines = lines_to_paste(product, f"{product}/go/{path}", f"{product}/embed-form/{path}")

    class Own(BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"<!doctype html><title>Calder</title><h1>Ask us</h1>{lines}".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Own) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/contact.html"
        server.shutdown()


def test_a_form_is_filled_in_on_another_site_and_is_one_lead_with_its_receipt(sent, browser, site):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    wrong = []  # but for fonts and pictures of the public address, which is not served here
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.goto(site)
    page.wait_for_function(f"{HEIGHT} > 300")
    assert page.locator("a[data-tcma]").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    frame = page.frame_locator("iframe")
    assert frame.locator("form").count() == 1
    assert frame.locator("h1").count() == 0
    for name, value in PERSON.items():
        frame.locator(f"[name={name}]").fill(value)
    frame.locator("[name=email]").fill("own-site@calder.example")
    before = page.evaluate(HEIGHT)
    page.wait_for_timeout(2_100)
    frame.locator("form button").click()
    frame.locator("[aria-invalid]").first.wait_for()
    page.wait_for_function(f"{HEIGHT} > {before}")
    assert frame.locator("[name=email]").input_value() == "own-site@calder.example"
    frame.locator("[name=consent]").check()
    frame.locator("[name=consent]").focus()
    stamp = frame.locator(f"[name={STAMP}]").input_value()
    page.wait_for_timeout(2_100)
    proof = frame.locator("[name=proof]").input_value()
    assert puzzle.is_solved(stamp, puzzle.EASIEST, proof)
    frame.locator("form button").click()
    frame.locator("form").wait_for(state="detached")
    page.wait_for_function(f"{HEIGHT} < {before}")
    page.close()
    assert [
        said for said in wrong if not re.search("https://tcma.test/m/|status of 422", said)
    ] == []
    kept = sent.count(
        "SELECT jsonb_build_array(page_url, consent_given, raw->>'address', count(*) OVER ())"
        " FROM lead_capture WHERE raw->>'address' = 'own-site@calder.example'"
    )
    assert kept == [site.rpartition("/")[0] + "/", True, "own-site@calder.example", 1]


def test_the_frame_may_stand_anywhere_and_sends_to_us_alone(sent):
    answer = sent.client().get(f"/embed-form/{sent.world.parts['page']}")
    policy = answer.headers["Content-Security-Policy"]
    for part in ("frame-ancestors *", "form-action 'self'", "script-src 'self'", "base-uri 'none'"):
        assert part in policy
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in answer.headers
    assert sent.client().get("/embed-form/nobody/nothing").status_code == 404


def test_what_stands_around_a_form_is_left_out_and_a_page_without_one_says_what_it_says():
    page = (
        '<html lang="ar" dir="rtl"><head><title>A & B</title><style>form{color:red}</style></head>'
        '<body><h1>Much</h1><form method="post"><b>Ask</b></form></body></html>'
    )
    alone = form_alone(page, foot="<i></i>")
    assert '<html lang="ar" dir="rtl">' in alone
    assert "<style>form{color:red}</style>" in alone
    assert '<form method="post"><b>Ask</b></form><i></i></body>' in alone
    assert "Much" not in alone
    assert "<main>Thanks</main>" in form_alone("<main>Thanks</main><footer>x</footer>")
