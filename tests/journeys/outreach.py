"""Stations 5, 6 and 8: the launch, its answers, the lead and its seller, the report."""

import csv
import io
import re
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.journeys.installation import link_in
from tests.journeys.story import READERS, SLUG, SOL, STOPPED

ASKING = "ida@brackwater-pumps.example"
FORMULA = "=SUM(A1) Pumps"


def launch_in_three_decisions(story):
    """Station 5: list, date, sender; what is missing would be named; then it leaves."""
    nell = story.nell
    nell.go(f"/console/campaigns/corbelane/{SLUG}")
    nell.clicks = 0
    nell.press("Start").press("Continue to launch")
    assert decisions(nell) <= 3
    now = datetime.now(ZoneInfo("Europe/London"))
    nell.fill({"2. When": now.date().isoformat(), "At": now.strftime("%H:%M")})
    nell.choose("Only the first mail").picture("console-launch-plan")
    nell.press("Check").see("Ready to launch").picture("console-launch-check")
    assert "6 people will get it, 1 will not" in nell.words
    nell.press("Launch to 6 people")
    assert nell.clicks <= 8
    story.refs["launch"] = nell.path.split("/")[3].split("?")[0]


def decisions(person):
    """Groups and fields without an answer."""
    return person.page.evaluate(
        """() => [...document.querySelectorAll("main form#plan-form fieldset")].filter(
            set => !set.querySelector("input:checked") && ![...set.querySelectorAll("input")]
                .every(i => ["date", "time"].includes(i.type) && i.value)).length"""
    )


def watch_it_finish(story):
    """The page counts by itself to the end; every person is accounted for."""
    nell = story.nell
    nell.see("people, each accounted for")
    nell.page.locator("main .pill", has_text="Finished").first.wait_for(timeout=60_000)
    terms = [int(text) for text in nell.page.locator("main .terms dd").all_inner_texts()]
    assert nell.page.locator("main .eq .sum").inner_text().endswith(f"= {sum(terms)}")
    assert terms[0] == len(READERS)
    nell.picture("console-launch")
    got = [a for a in READERS if story.product.mails_to(a)]
    assert got == READERS
    assert story.product.mails_to(STOPPED) == []
    nell.page.locator("main .terms a").first.click()
    nell.page.wait_for_load_state()
    assert nell.page.locator("main tbody tr").count() == len(READERS)


def click_and_unsubscribe(story):
    """A click from a mail opens the landing page; a GET never unsubscribes, the button does."""
    reader, leaver = story.person("reader"), story.person("leaver", width=390, height=844)
    first = story.product.mails_to(READERS[0])[0]
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    reader.go(link_in(first, "/c/"))
    assert reader.path.startswith("/go/")
    reader.picture("landing-page")
    story.refs["landing"] = reader.path
    story.refs["reader"] = reader
    away = link_in(story.product.mails_to(READERS[1])[0], "/u/")
    leaver.go(away).go(away)
    assert "Stop mails from" in leaver.heading
    leaver.press("Stop these mails")
    assert leaver.heading == "Stopped"
    nell = story.nell
    nell.go("/console/stop-list").see(READERS[1])


def answer_the_lead(story):
    """Station 6: the form makes a lead, the seller takes it from the mail, it becomes business."""
    reader, nell = story.refs["reader"], story.nell
    send_the_form(reader)
    offer = story.product.wait_for_mail(SOL, having="/l/lead/")
    seller = story.person("Sol by link", width=390, height=844)
    seller.go(link_in(offer, "/l/lead/"))
    assert "Ida" not in seller.words
    seller.picture("lead-by-link")
    seller.clicks = 0
    seller.press("Accept", exact=True).see("It is yours")
    assert seller.clicks == 1
    assert "Ida" in seller.words
    story.product.wait_for_mail(ASKING)
    nell.go("/console/leads?state=yours").picture("console-leads").press("Pumps")
    story.refs["lead"] = nell.path.split("/")[3].split("?")[0]
    assert "Because" in nell.words
    nell.fill({"What it is": "Ten-day check", "Worth in GBP": "4800"})
    nell.press("Make opportunity").see("It is an opportunity now").picture("console-lead")


def send_the_form(reader):
    page = reader.page
    values = {
        "first_name": "Ida",
        "last_name": "Brook",
        "email": ASKING,
        "company": FORMULA,
        "phone": "0113 496 0199",
        "postcode": "LS1 2AB",
    }
    for name, value in values.items():
        box = page.locator(f"#f-{name}")
        if box.count():
            box.fill(value)
    for choice in page.locator("form select").all():
        choice.select_option(index=1)
    page.locator("#f-consent").check()
    time.sleep(2.1)  # the form takes nobody for a person who is faster
    page.locator("form button").last.click()
    page.wait_for_load_state()
    assert page.locator("#f-email").count() == 0, page.locator("form").inner_text()


def numbers_open_their_rows(story):
    """Station 8: numbers equal what happened and open their rows; the export is inert."""
    nell = story.nell
    nell.go(f"/console/launches/{story.refs['launch']}/report").picture("console-report")
    rows = open_numbers(nell)
    assert rows["Sent"] == len(READERS)
    assert (rows["Leads"], rows["Accepted"], rows["Opportunities"]) == (1, 1, 1)
    assert "1 click came from scanners" in nell.words  # a headless browser says what it is
    assert "£450.00" in nell.words
    inert(nell, f"/console/launches/{story.refs['launch']}/report.csv")
    mira = story.mira
    mira.go("/desk/reports").picture("desk-reports")
    for path in links(mira, "/desk/reports/"):
        mira.go(path)
        for export in links(mira, "/desk/reports/", exports=True):
            inert(mira, export)


def open_numbers(person):
    """Follow each number of the report that is a link; {label: number} where the rows agree."""
    found = person.page.evaluate(
        """() => [...document.querySelectorAll("main .rows div, main .funnel li")].map(row => [
            row.firstElementChild.innerText.trim(),
            (row.querySelector("b") ?? row.lastElementChild).innerText.trim(),
            row.querySelector("a")?.getAttribute("href") ?? ""])"""
    )
    numbers = {}
    for label, text, href in found:
        match = re.fullmatch(r"[\d,]+", text)
        if match:
            numbers[label] = int(text.replace(",", ""))
            if href:
                person.go(href)
                rows = person.page.locator("main tbody tr").count()
                assert rows == numbers[label], (label, href, person.words[:600])
                person.page.go_back()
    return numbers


def links(person, start, *, exports=False):
    """The addresses a page links to, pages or exports."""
    get = "all => all.map(one => one.getAttribute('href'))"
    hrefs = person.page.locator("main a[href]").evaluate_all(get)
    return sorted({h for h in hrefs if h.startswith(start) and (".csv" in h) == exports})


def inert(person, path):
    """No cell of an export begins like a formula."""
    answer = person.page.request.get(path)
    assert answer.status == 200, path
    cells = [cell for row in csv.reader(io.StringIO(answer.text())) for cell in row]
    assert cells
    assert [c for c in cells if c[:1] in "=+@\t\r" and c] == []
