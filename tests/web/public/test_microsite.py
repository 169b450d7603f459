"""A site of several pages made by one template: each at its own address, the mail carried along."""

import io
import zipfile

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import text

from tcma.library.compiling import publish_page
from tcma.library.exporting import export_pages
from tests.builders import a_campaign, a_copy


@pytest.fixture(scope="module")
def site(sent):
    """The site of a campaign with further pages, among the pages of a launch: its path."""
    with sent.db() as work:
        vendor_id, partner_id = work.session.execute(
            text("SELECT vendor_id, partner_id FROM page LIMIT 1")
        ).one()
        campaign = a_campaign(work, vendor_id, slug="briefing-series")
        copy = a_copy(work, partner_id, campaign)
        path = publish_page(work, copy).path
    yield path
    with sent.db() as work:  # the launch's own page is the only one again
        here = {"path": path}
        work.session.execute(
            text(
                "DELETE FROM page_visit WHERE page_id IN (SELECT id FROM page WHERE path = :path)"
            ),
            here,
        )
        work.session.execute(text("DELETE FROM page WHERE path = :path"), here)


def links(answer):
    nav = LexborHTMLParser(answer.text).css_first("nav.pages")
    return {each.text(): each.attributes["href"] for each in nav.css("a")}


def test_each_page_stands_at_its_own_address_and_leads_to_the_others(sent, site):
    client = sent.client()
    home = links(client.get(f"/go/{site}"))
    assert home == {
        "Agenda": f"https://tcma.test/go/{site}/agenda",
        "Worksheet": f"https://tcma.test/go/{site}/worksheet",
    }
    agenda = client.get(f"/go/{site}/agenda")
    assert agenda.status_code == 200
    assert "<form" not in agenda.text
    assert LexborHTMLParser(agenda.text).css_first("h1").text() == "Agenda"
    assert links(agenda) == {"Overview": f"https://tcma.test/go/{site}", **home}
    assert "'sha256-" in agenda.headers["Content-Security-Policy"]
    assert f"https://tcma.test/go/{site}#form" in agenda.text


@pytest.mark.parametrize("name", ["speakers", "form", "thanks", "agenda/agenda", "Agenda"])
def test_a_page_that_the_site_has_not_is_not_found(sent, site, name):
    assert sent.client().get(f"/go/{site}/{name}").status_code == 404


def test_the_mail_somebody_came_from_goes_along_from_page_to_page(sent, site):
    client = sent.client()
    home = links(client.get(f"/go/{site}?m=a%22b"))
    assert home["Agenda"].endswith("/agenda?m=a%22b")
    back = links(client.get(home["Agenda"].removeprefix("https://tcma.test")))
    assert back["Overview"] == f"https://tcma.test/go/{site}?m=a%22b"
    form = LexborHTMLParser(client.get(back["Overview"].removeprefix("https://tcma.test")).text)
    assert form.css_first("input[name=m]").attributes["value"] == 'a"b'


def test_a_visit_is_counted_where_it_begins(sent, site):
    def visits():
        return sent.count(
            "SELECT coalesce(sum(v.count), 0) FROM page_visit v JOIN page p ON p.id = v.page_id"
            " WHERE p.path = :path",
            path=site,
        )

    client, browser = sent.client(), {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
    before = visits()
    client.get(f"/go/{site}?via=qr", headers=browser)
    client.get(f"/go/{site}/agenda?via=qr", headers=browser)
    assert visits() == before + 1


def test_an_exported_site_leads_from_file_to_file(sent, site):
    with sent.db() as work:
        partner_id = work.session.scalar(
            text("SELECT partner_id FROM page WHERE path = :p"), {"p": site}
        )
        made = export_pages(work, partner_id)
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        files = {name.rpartition("/")[2]: archive.read(name).decode() for name in archive.namelist()
                 if f"/{site.replace('/', '-')}/" in name}  # fmt: skip
    assert {"index.html", "agenda.html", "worksheet.html", "thanks.html"} <= set(files)
    nav = LexborHTMLParser(files["agenda.html"]).css("nav.pages a")
    assert [each.attributes["href"] for each in nav] == [
        "index.html", "agenda.html", "worksheet.html",
    ]  # fmt: skip
    assert 'href="index.html#form"' in files["agenda.html"]
    assert f'action="https://tcma.test/go/{site}"' in files["index.html"]


def test_a_recalled_site_is_recalled_on_every_page(sent, site):
    def become(state):
        with sent.db() as work:
            moved = text("UPDATE page SET state = :state WHERE path = :path")
            work.session.execute(moved, {"state": state, "path": site})

    become("recalled")
    client = sent.client()
    assert {client.get(f"/go/{site}{name}").status_code for name in ("", "/agenda")} == {410}
    become("live")
