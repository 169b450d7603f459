"""What strangers write goes through every page, export and mail as text; what they ask in addresses never
becomes SQL.
"""

import ast
import csv
import io
from urllib.parse import urlencode

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import event, text

from tcma.contacts import imports
from tcma.contacts.rules import LawfulBasis
from tcma.delivery import feedback
from tcma.delivery.links import Purpose
from tcma.leads import lists
from tcma.leads.capturing import capture, of_page
from tcma.leads.intake import Capture
from tcma.library.copy_queries import page_by_path
from tcma.web.app import hits_of
from tests.architecture.sources import name_of, python_files, tree_of
from tests.lived_in import ASKING
from tests.web.rehearsal import rehearsal_of
from tests.web.routes import address, methods, rules

pytestmark = pytest.mark.timeout(900)
MARK = "cnry"


def canary(name):
    """Text that would be an element, an attribute, a formula and a template, were it not text."""
    return f"=1+{MARK}{name}\"'><{MARK}{name} on{MARK}{name}=1>{{{{7*7}}}}[[first_name]]"


@pytest.fixture(scope="module")
def haunted(lived_copy):
    """A lived-in world where strangers have written canaries wherever they can write."""
    with lived_copy() as world:
        world.rehearsal = rehearsal_of(world)
        planted(world)
        world.drain()
        yield world


def planted(world):
    with world.db() as work:
        message, address_ = work.session.execute(
            text("select id, address from message where address like 'reader%' order by id limit 1")
        ).one()
        key = work.site.signer.message_token(Purpose.MESSAGE_ID, message)
    followed(world, message)
    answer = (
        f"From: {canary('reply')} <{address_}>\r\nTo: x@y.example\r\nSubject: {canary('subject')}\r\n"
        f"In-Reply-To: <{key}@partner.example>\r\nMessage-ID: <c@d.example>\r\n\r\n"
        f"{canary('words')}\r\n"
    )
    bounce = (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address_}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; 550 5.1.1 {canary('bounce')}\r\nX-Message-Id: <{key}@x>\r\n\r\n--b--\r\n"
    )
    for raw in (answer, bounce):
        with world.db() as work:
            feedback.record_raw(work, "mail", f"Delivered-To: {key}@x\r\n{raw}".encode())
    with world.as_("Alice") as work:
        table = io.StringIO()
        rows = csv.writer(table)
        rows.writerow(["Email", "First name", "Last name", "Company", canary("column")])
        rows.writerow(["haunted@readers.example", *map(canary, ("first", "last", "firm", "cell"))])
        started = imports.start(
            work, file_name=f"{canary('file')}.csv", content=table.getvalue().encode()
        )
        imports.confirm(work, started, basis=LawfulBasis.CONSENT, evidence=canary("evidence"),
                        list_name=canary("list"))  # fmt: skip
        world.parts |= {"import_id": started}
    world.drain()
    with world.as_("Mira") as work:
        world.parts["lead_list"] = lists.keep(
            work, file_name=f"{canary('cards')}.csv", content=table.getvalue().encode()
        )
    with world.db() as work:
        number = work.session.scalar(
            text("select id from contact where address = 'haunted@readers.example'")
        )
        world.parts["contact"] = work.site.signer.public_number("contact", number)
        page = page_by_path(work.session, world.parts["page"])
        told = ("first_name", "last_name", "phone", "consent_text")
        facts = ASKING | {name: canary(name) for name in told} | {
            "source": "page", "external_id": "canary", "address": "ida@haunted.example",
            "company": canary("company"), "answers": {"message": canary("message")},
            "page_url": f"https://tcma.test/?utm_source={canary('utm')}",
            "launch_id": world.parts["launch_id"],
        }  # fmt: skip
        capture(work, of_page(page), Capture(**facts))
    world.drain()
    with world.db() as work:
        world.parts["lead"] = work.session.scalar(
            text("select ref from lead order by created_at desc")
        )


def followed(world, message):
    """Somebody opens, clicks and looks at the page with a browser that says what it likes."""
    app = world.rehearsal.app
    browser, signer = app.test_client(), world.db.site.signer
    said = {"User-Agent": canary("agent"), "Referer": f"https://x.example/{canary('referer')}"}
    mailing = "select mailing_id from message where id = :id"
    with world.db() as work:
        number = work.session.scalar(text(mailing), {"id": message})
    browser.get(f"/o/{signer.message_token(Purpose.OPEN, message)}", headers=said)
    browser.get(f"/c/{signer.message_token(Purpose.CLICK, message, 1, number)}", headers=said)
    browser.get(f"/go/{world.parts['page']}?utm_source={canary('source')}", headers=said)
    hits_of(app).bring_in()


def opened(world, path_of=lambda path: path, *, concerns=lambda view: True):
    """(who, page) of everything that anybody of the house may open."""
    app = world.rehearsal.app
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        permission = getattr(view, "permission", None)
        if permission and "GET" in methods(rule) and concerns(view):
            who = world.rehearsal.insider(rule.endpoint, permission)
            path = path_of(address(app, rule, world))
            yield who, world.rehearsal.ask(who, "GET", path)


def alive(html):
    """Canaries that are no longer text in a page or mail."""
    for node in LexborHTMLParser(html).css("*"):
        if (node.tag or "").startswith(MARK):
            yield node.tag
        yield from (name for name in node.attributes if MARK in name)
        if (node.tag or "") in ("script", "style") and MARK in (node.text() or ""):
            yield node.tag
    if f"{MARK}" in html and "49[[first_name]]" in html:
        yield "a template"


def formulas(sheet):
    """Cells that a spreadsheet would run."""
    for row in csv.reader(io.StringIO(sheet.removeprefix("\ufeff")), delimiter=","):
        yield from (
            cell for cell in row if MARK in cell and cell.lstrip().startswith(("=", "+", "@"))
        )


def test_x2_canaries_are_text_on_every_page_in_every_export_and_in_every_mail(haunted):
    seen, wrong = set(), []
    for who, page in opened(haunted):
        kind = page.response.mimetype
        body = page.data.decode("utf-8", "replace") if kind.startswith("text/") else ""
        if kind == "text/html":
            wrong += [(who, page.path, each) for each in alive(body)]
        elif kind in ("text/csv", "text/tab-separated-values"):
            wrong += [(who, page.path, each) for each in formulas(body)]
        seen |= {body[at : at + 20] for at in found_at(body)}
    for mail in haunted.sink.kept:
        part = mail.message.get_body(("html",))
        wrong += [(mail.recipient, str(mail.message["Subject"]), each)
                  for each in (alive(part.get_content()) if part else ())]  # fmt: skip
    assert wrong == []
    names = ("first", "last", "firm", "company", "phone", "message", "file", "list")
    unseen = [each for each in names if not any(f"{MARK}{each}" in some for some in seen)]
    assert unseen == []


def found_at(body):
    at = body.find(MARK)
    while at >= 0:
        yield at
        at = body.find(MARK, at + 1)


def asked_for():
    """Every parameter that a view reads from an address, and the modules that read any."""
    names, modules = set(), set()
    for path in python_files("tcma/web"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and ast.unparse(node) == "request.args":
                modules.add(name_of(path).removesuffix(".py").replace("/", "."))
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("args.get"):
                names |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
    return names, modules


FUZZ = ("cnryfuzz'\";--", "-1", "99999999999999999999", "\u0000", "cnryfuzz) or 1=1 /*")


def test_x3_parameters_are_refused_or_passed_over_and_never_become_sql(haunted):
    read, modules = asked_for()
    names = sorted({*read, "sort", "order", "page", "filter", "limit"})
    assert len(read) > 10
    query = urlencode({name: FUZZ[n % len(FUZZ)] for n, name in enumerate(names)})
    said = []

    def note(connection, cursor, statement, *_):
        if "cnryfuzz" in statement:
            said.append(statement)

    event.listen(haunted.db.engine, "before_cursor_execute", note)
    try:
        pages = list(
            opened(
                haunted,
                lambda path: f"{path}{'&' if '?' in path else '?'}{query}",
                concerns=lambda view: view.__module__ in modules,
            )
        )
    finally:
        event.remove(haunted.db.engine, "before_cursor_execute", note)
    assert said == []
    assert [(who, page.path, page.status) for who, page in pages if page.status >= 500] == []
    assert 400 in {page.status for _, page in pages}
