"""In Chromium: a campaign is written in both editors, made a version, published, and reaches a partner."""

import re
import threading
from urllib.parse import urlsplit

import pytest
from waitress.server import create_server

from tcma.permissions import Role
from tests.builders import PASSWORD, a_user

SLUG = "cloud-migration"
POLICY = re.compile("Content Security Policy", re.IGNORECASE)


@pytest.fixture
def house(drafted):
    """The studio on a real web server, and a partner's owner."""
    with drafted.db() as work:
        a_user(work, Role.OWNER, name="Alice", email="alice@people.example",
               partner_id=drafted.ids["partner"])  # fmt: skip
    server = create_server(drafted.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=serve, args=(server,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


def serve(server):
    try:
        server.run()
    except OSError:
        return


def signed_in(browser, house, name):
    context = browser.new_context(base_url=house, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.said = []
    page.on("console", lambda m: page.said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto("/sign-in")
    page.fill("[name=email]", f"{name}@people.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main .btn-primary")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def started(page):
    page.goto(f"/studio/campaigns/{SLUG}")
    page.get_by_role("button", name="draft").click()
    page.wait_for_selector("#writing[data-ready]")
    assert urlsplit(page.url).path == f"/studio/drafts/{SLUG}/edit/mail-1"


def typed(page, words):
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(words)


def shown(page):
    return page.frame_locator("iframe.mailframe:not(.is-coming)").locator("body")


def test_a_campaign_written_in_both_editors_reaches_the_partner(browser, house):
    vera = signed_in(browser, house, "vera")
    started(vera)
    typed(vera, "<mj-colum></mj-colum>\n")
    vera.wait_for_selector(".cm-lint-marker-error")
    assert "did you mean “mj-column”?" in vera.locator("#said").inner_text().lower()
    vera.keyboard.press("Control+z")
    vera.wait_for_selector("#said:has-text('Nothing is wrong')")

    typed(vera, "{# read by authors only #}{{ slots.ope")
    vera.keyboard.press("Control+Space")
    vera.wait_for_selector(".cm-tooltip-autocomplete >> text=opening")
    vera.keyboard.press("Enter")
    vera.keyboard.insert_text(" }}")
    vera.wait_for_selector("#saved[data-state=saved]")

    vera.get_by_role("link", name="Blocks").click()
    vera.get_by_label("Headline", exact=True).fill("Cross over one arch at a time.")
    vera.wait_for_selector("#saved[data-state=saved]")
    vera.wait_for_function("() => !document.querySelector('.is-coming')")
    assert "Cross over one arch at a time." in shown(vera).inner_text()
    vera.get_by_role("button", name="Move up: 3. Proof").press("Enter")
    vera.wait_for_selector(".blocklist > li:nth-child(2) h2:has-text('Proof')")
    vera.get_by_role("link", name="Source").click()
    vera.wait_for_selector("#writing[data-ready]")
    source = vera.locator("#source").input_value()
    assert source.index("parts.proof") < source.index("parts.rows")
    assert "{# read by authors only #}" in source
    assert not [each for each in vera.said if POLICY.search(each)], vera.said

    vera.get_by_role("button", name="Make a version").click()
    vera.get_by_role("button", name="Publish to 1 partner").click()
    vera.wait_for_selector("text=Published. 1 partner can start it now.")
    alice = signed_in(browser, house, "alice")
    alice.goto("/console/library")
    alice.locator(f"main a[href$='{SLUG}']").first.click()
    alice.wait_for_selector("iframe")
    assert "Cross over one arch at a time." in shown(alice).inner_text()
    vera.context.close()
    alice.context.close()


def test_two_writers_of_one_file_meet_and_nothing_is_lost(browser, house):
    one, two = signed_in(browser, house, "vera"), signed_in(browser, house, "vera")
    started(one)
    started(two)
    typed(one, "{# first #}\n")
    one.wait_for_selector("#saved[data-state=saved]")
    typed(two, "{# second #}\n")
    two.wait_for_selector("#changed:not([hidden])")
    assert "{# first #}" in two.locator("[data-theirs]").text_content()
    two.get_by_role("button", name="Save mine over it").click()
    two.wait_for_selector("#saved[data-state=saved]")
    two.reload()
    assert "{# second #}" in two.locator("#source").input_value()
    one.context.close()
    two.context.close()
