"""In Chromium: a campaign is written in both editors; a partner makes it its own and moves on."""

import re
import threading
from urllib.parse import urlsplit

import pytest
from waitress.server import create_server

from tcma.permissions import Role
from tests.builders import PASSWORD, a_user

SLUG = "cloud-migration"
OPENING = "Most migration plans open with a list of servers, and nobody in the room"
HERS = "At Fenwright we begin with what must never stop."
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


def reads(page, words):
    shown(page).get_by_text(words).first.wait_for()


def published(page):
    page.get_by_role("button", name="Make a version").click()
    page.get_by_role("button", name="Publish to 1 partner").click()
    page.wait_for_selector("text=Published. 1 partner can start it now.")


@pytest.mark.timeout(400)
def test_a_campaign_written_in_both_editors_reaches_the_partner_whose_words_stay(browser, house):
    vera = signed_in(browser, house, "vera")
    started(vera)
    written_as_source(vera)
    rearranged_as_blocks(vera)
    assert not [each for each in vera.said if POLICY.search(each)], vera.said
    published(vera)

    alice = signed_in(browser, house, "alice")
    alice.goto("/console/library")
    alice.locator(f"main a[href$='{SLUG}']").first.click()
    alice.wait_for_selector("iframe")
    reads(alice, "Cross over one arch at a time.")
    alice.goto(f"/console/campaigns/corbelane/{SLUG}/copy")
    made_hers(alice)
    what_is_kept_is_refused(alice)

    started(vera)
    changed(vera, OPENING, "The vendor's new opening, in one sentence.")
    published(vera)
    moved_to_the_newest(alice)
    for page in (vera, alice):
        page.context.close()


def written_as_source(page):
    """A fault is named at its line; a slot's name is completed; all of it is saved as typed."""
    typed(page, "<mj-colum></mj-colum>\n")
    page.wait_for_selector(".cm-lint-marker-error")
    assert "did you mean “mj-column”?" in page.locator("#said").inner_text().lower()
    page.keyboard.press("Control+z")
    page.wait_for_selector("#said:has-text('Nothing is wrong')")
    typed(page, "{# read by authors only #}{{ slots.ope")
    page.keyboard.press("Control+Space")
    page.wait_for_selector(".cm-tooltip-autocomplete >> text=opening")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(" }}")
    page.wait_for_selector("#saved[data-state=saved]")


def rearranged_as_blocks(page):
    """The blocks change words and order of the same files; the source stays the author's."""
    page.get_by_role("link", name="Blocks").click()
    page.get_by_label("Headline", exact=True).fill("Cross over one arch at a time.")
    page.wait_for_selector("#saved[data-state=saved]")
    page.wait_for_function("() => !document.querySelector('.is-coming')")
    reads(page, "Cross over one arch at a time.")
    page.get_by_role("button", name="Move up: 3. Proof").press("Enter")
    page.wait_for_selector(".blocklist > li:nth-child(2) h2:has-text('Proof')")
    page.get_by_role("link", name="Source").click()
    page.wait_for_selector("#writing[data-ready]")
    source = page.locator("#source").input_value()
    assert source.index("parts.proof") < source.index("parts.rows")
    assert "{# read by authors only #}" in source


def made_hers(page):
    with page.expect_response(lambda r: r.request.method == "POST" and "/copy/mail-1" in r.url):
        page.locator("[name=opening]").fill(HERS)
    reads(page, HERS)


def what_is_kept_is_refused(page):
    """A form that brings what the vendor keeps is refused with the reason, the rest of it kept."""
    page.evaluate("""() => {
        const form = document.querySelector('#words');
        const field = Object.assign(document.createElement('input'), {name: 'h1', value: 'Buy now!'});
        form.append(field);
        HTMLFormElement.prototype.submit.call(form);
    }""")
    page.wait_for_selector("text=Not saved.")
    assert "h1" in page.locator(".note[data-tone=stop]").inner_text()
    page.goto(urlsplit(page.url).path)
    reads(page, HERS)
    assert "Buy now!" not in shown(page).inner_text()
    assert page.locator("[name=opening]").input_value() == HERS


def changed(page, before, after):
    """Rewrite a sentence of the campaign's words in the source editor."""
    page.goto(f"/studio/drafts/{SLUG}/edit/mail-1?file=words/en.toml")
    page.wait_for_selector("#writing[data-ready]")
    text = page.locator("#source").input_value()
    assert text.count(before) == 1
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text.replace(before, after))
    page.wait_for_selector("#saved[data-state=saved]")


def moved_to_the_newest(page):
    """Hers and the vendor's stand side by side; hers stays unless she takes theirs."""
    page.reload()
    page.get_by_role("link", name="Look and confirm").click()
    page.wait_for_selector("text=One thing to choose.")
    asked = page.locator("fieldset", has=page.locator("[name=choose-opening]"))
    assert HERS in asked.inner_text()
    assert "The vendor's new opening, in one sentence." in asked.inner_text()
    sides = page.locator(".beside iframe")
    assert sides.count() == 2
    for side in (0, 1):
        sides.nth(side).content_frame.get_by_text(HERS).wait_for()
    page.get_by_role("radio", name="Take").check()
    page.get_by_role("button", name="Show it as chosen").click()
    after = page.locator(".beside iframe").nth(1).content_frame
    after.get_by_text("The vendor's new opening, in one sentence.").wait_for()
    page.get_by_role("radio", name="Keep yours").check()
    page.get_by_role("button", name="Take version").first.click()
    page.wait_for_selector("text=your words stayed")
    reads(page, HERS)


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
