"""Pages exported as a zip: they stand alone on another server, and their forms wait while we are away."""

import io
import json
import re
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import text

from tcma.cli.main import main
from tcma.launches import stopping
from tcma.library.exporting import export_pages
from tests.pages import app_of, served

ANSWERS = {"first_name": "Ida", "last_name": "Brook", "company": "Brackwater", "consent": "1"}


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_):
        return


@pytest.fixture
def pages(sent):
    """What the zip holds, by path below the partner's folder."""
    with sent.db() as work:
        partner_id = work.session.scalar(text("SELECT partner_id FROM page LIMIT 1"))
        first, again = (export_pages(work, partner_id) for _ in range(2))
    assert first.data == again.data
    with zipfile.ZipFile(io.BytesIO(first.data)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def hidden(pages, sent):
    html = page_in(pages, sent).decode()
    return re.search(r'name="export" value="([^"]+)"', html)[1]


def page_in(pages, sent, name="index.html"):
    return pages[f"{sent.world.parts['page'].replace('/', '-')}/{name}"]


def count(sent, address):
    query = "SELECT count(*) FROM lead_capture WHERE raw->>'address' = :address"
    return sent.count(query, address=address)


def test_an_exported_page_needs_nobody_but_the_form(pages, sent):
    html = page_in(pages, sent).decode()
    assert "https://tcma.test/m/" not in html
    for name in set(re.findall(r"\.\./(media/[0-9a-f]{64}\.\w+)", html)):
        assert len(pages[name]) > 100
    assert "<script>" not in html
    assert "content=\"default-src 'none'; style-src 'sha256-" in html
    assert f'action="https://tcma.test/go/{sent.world.parts["page"]}"' in html
    assert {"README.txt", "tcma.js"} <= set(pages)


def test_a_form_without_script_is_taken_once_with_the_words_it_showed(pages, sent):
    client, path = sent.client(), f"/go/{sent.world.parts['page']}"
    form = ANSWERS | {"email": "plain@calder.example", "export": hidden(pages, sent), "number": ""}
    answers = [client.post(path, data=form) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].headers["Access-Control-Allow-Origin"] == "*"
    assert count(sent, "plain@calder.example") == 1
    forged = client.post(path, data=form | {"export": "x" + form["export"], "email": "f@x.example"})
    assert forged.status_code == 422
    wrong = client.post(path, data=form | {"email": "nobody"})
    assert (wrong.status_code, 'name="stamp"' in wrong.text) == (422, True)


def test_a_recall_reaches_the_copy(pages, sent):
    client, page = sent.client(), sent.world.parts["page"]
    assert client.get(f"/page-state/{page}").status_code == 204
    with sent.world.as_("Mira") as work:
        stopping.stop_campaign(work, "cloud-migration", reason="It is over.", recall_pages=True)
    state = client.get(f"/page-state/{page}")
    assert (state.status_code, state.headers["Access-Control-Allow-Origin"]) == (410, "*")
    form = ANSWERS | {"email": "late@calder.example", "export": hidden(pages, sent)}
    assert client.post(f"/go/{page}", data=form).status_code == 410
    with sent.world.as_("Mira") as work:
        stopping.lift_stop(work, "cloud-migration")


def test_a_form_waits_in_the_browser_while_we_are_away_and_is_sent_once(
    sent, pages, browser, tmp_path
):
    """The copy stands on a server of its own; the product comes back on its port later."""
    app = app_of(sent.db, sent.folder)
    with served(app) as address:
        port = int(address.rpartition(":")[2])
    for name, content in pages.items():
        file = tmp_path / "www" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.replace(b"https://tcma.test", address.encode()))
    folder = sent.world.parts["page"].replace("/", "-")
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "www")
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/{folder}/index.html")
        for name in ("first_name", "last_name", "company"):
            page.fill(f"[name={name}]", ANSWERS[name])
        page.fill("[name=email]", "waits@calder.example")
        page.check("[name=consent]")
        page.locator("form button").click()
        page.wait_for_url("**/kept.html")
        with served(app, port=port):
            page.reload()
            page.wait_for_function("() => Object.values(localStorage).every((v) => v === '[]')")
            page.reload()
        page.close()
        server.shutdown()
    assert count(sent, "waits@calder.example") == 1


def test_the_command_writes_the_same_zip(sent, tmp_path, monkeypatch, capsys):
    here = {
        "TCMA_DATABASE_URL": sent.db.url.replace("+psycopg", ""),
        "TCMA_FILES_URL": f"file:{sent.folder}/files",
        "TCMA_SECRET": sent.db.site.secret.decode(),
        "TCMA_PUBLIC_URL": sent.db.site.public_url,
        "TCMA_SMTP_URL": "smtp://127.0.0.1:1",
        "TCMA_DATA": str(tmp_path),
    }
    for name, value in here.items():
        monkeypatch.setenv(name, value)
    out = tmp_path / "pages.zip"
    assert main(["page", "export", "fenwright", "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": str(out),
        "pages": 1,
        "bytes": out.stat().st_size,
    }
    assert main(["page", "export", "nobody"]) == 2
