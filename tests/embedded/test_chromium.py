"""The browser of the journeys: found or installed, and it draws a page."""

import subprocess
import sys

from tcma.embedded import chromium as chromium_of_machine


def test_it_draws_a_page_and_runs_its_script(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_content(
        "<h1>Hello</h1><script>document.title = document.querySelector('h1').textContent</script>"
    )
    assert page.title() == "Hello"
    context.close()


def test_a_second_look_finds_what_is_there(chromium):
    assert chromium_of_machine.find() == chromium


def test_without_any_way_to_have_one_the_reason_and_the_remedy_are_told():
    code = (
        "import tcma.embedded.chromium as c; c.NAMES = (); c._of_playwright = lambda: None\n"
        "c._ways = lambda: [['false']]\n"
        "raise SystemExit(c.main())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "`false`" in told.stderr
    assert "apt install chromium" in told.stderr
