"""Pages under a partner's own host name: proved by DNS, its pages alone, and the way back when it lapses."""

import re
from datetime import timedelta

import pytest

from tcma.adapters.dns import Dns
from tcma.clock import FixedClock
from tcma.embedded import names
from tcma.errors import Invalid
from tcma.hosts import actions, queries, rules
from tcma.launches import stopping
from tcma.ports import NameAnswer
from tcma.senders.rules import DomainState, Verdict
from tcma.web.app import BUILT
from tests.pages import Visitor, app_of

HOST = "go.fenwright.example"
ON_HOST = f"https://{HOST}"


@pytest.fixture
def asked(sent):
    """Alice has asked for HOST; `looked(*values)` is a look that finds these under each record."""
    world = sent.world
    with world.as_("Alice") as work:
        actions.add_host(work, f"https://{HOST.upper()}/")

    def looked(*stands, after=timedelta(0)):
        with world.db() as work:
            work.now += after
            kept = queries.host_by_name(work.session, work.principal, HOST)
            found = [NameAnswer(values) for values in stands] or [
                NameAnswer([record.value]) for record in actions.records(work, kept)
            ]
            return actions.record_look(work, kept.id, dict(zip(rules.Kind, found, strict=True)))

    yield looked
    with world.as_("Alice") as work:
        actions.remove_host(work, HOST)


@pytest.fixture
def clock(sent, monkeypatch):
    fixed = FixedClock(sent.db.clock.now())
    monkeypatch.setattr(sent.db, "clock", fixed)
    return fixed


@pytest.fixture
def client(sent, clock):
    return app_of(sent.db, sent.folder).test_client()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fenwright.example", "Take a part of it, such as go.fenwright.example"),
        ("go fenwright", "not a host name"),
        ("127.0.0.1", "not a host name"),
        ("pages.tcma.test", "name of the product itself"),
    ],
)
def test_what_cannot_be_a_partners_own_name_is_refused_with_a_way_out(text, words):
    with pytest.raises(Invalid, match=words):
        rules.host_name(text, ours="pages.tcma.test")


@pytest.mark.parametrize(
    ("public_url", "target"),
    [("https://tcma.test", "tcma.test"), ("http://127.0.0.1:8000", "m.tcma.test"),
     ("http://web:8000", "m.tcma.test")],
)  # fmt: skip
def test_records_lead_to_a_name_and_never_to_a_number(public_url, target):
    assert rules.target_of(public_url, "m.tcma.test") == target


@pytest.mark.parametrize(
    ("values", "silent", "verdict"),
    [
        (["tcma-page=abc"], False, Verdict.FOUND),
        (["v=spf1 -all", "tcma-page=abc"], False, Verdict.FOUND),
        (["tcma-page=other"], False, Verdict.WRONG),
        (["v=spf1 -all"], False, Verdict.MISSING),
        ([], True, Verdict.SILENT),
    ],
)
def test_a_look_says_what_stands_there(values, silent, verdict):
    proof = rules.records_of(HOST, "abc", target="tcma.test")[1]
    assert rules.judge(proof, NameAnswer(values, silent=silent)).verdict is verdict


def test_before_it_is_proved_nothing_is_answered_there(sent, asked, client):
    path = sent.world.parts["page"]
    assert client.get(f"/go/{path}", base_url=ON_HOST).status_code == 421
    assert client.get("/hosts/ask", query_string={"domain": HOST}).status_code == 404
    asked(["elsewhere.example"], [])
    answer = client.get(f"/go/{path}", base_url=ON_HOST)
    assert (answer.status_code, "Nothing is answered" in answer.text) == (421, True)


def test_a_proved_name_shows_the_partners_pages_and_nothing_else(sent, asked, client):
    assert asked().after is DomainState.VERIFIED
    path = sent.world.parts["page"]
    assert client.get("/hosts/ask", query_string={"domain": HOST}).status_code == 200
    assert client.get("/", base_url=ON_HOST).location == f"/go/{path}"
    page = client.get(f"/go/{path}", base_url=ON_HOST)
    assert page.status_code == 200
    assert f'<link rel="canonical" href="{ON_HOST}/go/{path}">' in page.text
    assert "img-src 'self' https://tcma.test data:" in page.headers["Content-Security-Policy"]
    assert client.get(f"/go/{path}?via=qr").location == f"{ON_HOST}/go/{path}?via=qr"
    for other in (
        "/sign-in",
        "/console",
        "/api/v1/leads",
        "/hosts/ask",
        "/mail",
        "/go/ridgeline/x",
    ):
        answer = client.get(other, base_url=ON_HOST)
        assert (answer.status_code, answer.mimetype) == (404, "text/plain")


def test_files_and_mailed_links_are_answered_on_the_products_own_host_alone(sent, asked, client):
    asked()
    built = next(file.name for file in BUILT.glob("app.*.css"))
    pixel = sent.token("o", sent.messages[0][0])
    for path in (f"/static/{built}", f"/o/{pixel}"):
        assert client.get(path, buffered=True).status_code == 200
        assert client.get(path, base_url=ON_HOST).status_code == 404
        assert client.get(path, base_url="https://elsewhere.example").status_code == 421


def test_a_recalled_page_says_so_at_the_product(sent, asked, client):
    asked()
    path = sent.world.parts["page"]
    with sent.world.as_("Mira") as work:
        stopping.stop_campaign(work, "cloud-migration", reason="It is over.", recall_pages=True)
    there = client.get(f"/go/{path}", base_url=ON_HOST).location
    assert there == f"https://tcma.test/go/{path}"
    assert client.get(f"/go/{path}").status_code == 410
    with sent.world.as_("Mira") as work:
        stopping.lift_stop(work, "cloud-migration")


def test_a_mailed_link_leads_to_the_name_and_its_form_says_where_it_was_filled_in(
    sent, asked, client, clock
):
    asked()
    path = sent.world.parts["page"]
    target = client.get(f"/go/{path}?m=AAAA").location
    assert target == f"{ON_HOST}/go/{path}?m=AAAA"
    page = client.get(target)
    stamp = re.search(r'name="stamp" value="([^"]+)"', page.text)[1]
    answers = {"first_name": "Ida", "last_name": "Brook", "company": "Brackwater", "consent": "1"}
    clock.move(timedelta(seconds=5))
    taken = client.post(target, data=answers | {"email": "host@calder.example", "stamp": stamp})
    assert taken.status_code == 200
    query = "SELECT page_url FROM lead_capture WHERE raw->>'address' = 'host@calder.example'"
    assert sent.count(query) == f"{ON_HOST}/go/{path}"


def test_a_name_lapses_after_an_hour_and_returns(sent, asked, client):
    asked()
    hour = timedelta(hours=1, minutes=1)
    assert asked([], []).after is DomainState.FAILING
    path = sent.world.parts["page"]
    assert client.get(f"/go/{path}", base_url=ON_HOST).status_code == 200
    assert asked([], [], after=hour).after is DomainState.BROKEN
    assert client.get(f"/go/{path}", base_url=ON_HOST).status_code == 421
    assert f'href="https://tcma.test/go/{path}"' in client.get(f"/go/{path}").text
    told = Visitor(app_of(sent.db, sent.folder), sent.world.emails["Alice"]).get("/notices").words
    assert f"Your pages are no longer answered at {HOST}" in told
    assert asked(after=2 * hour).after is DomainState.VERIFIED


def test_another_partner_cannot_take_a_name_that_is_proved(sent, asked):
    asked()
    world = sent.world
    with world.as_("Charlie") as work:
        actions.add_host(work, HOST)
        mine = queries.host_by_name(work.session, work.principal, HOST)
        found = {each.kind: NameAnswer([each.value]) for each in actions.records(work, mine)}
    with world.db() as work:
        change = actions.record_look(work, mine.id, found)
        assert (change.is_taken, change.after) == (True, DomainState.PENDING)
    with world.as_("Charlie") as work:
        actions.remove_host(work, HOST)


@pytest.fixture
def server(tmp_path):
    running = names.start(tmp_path / "zone.txt")
    yield running
    running.stop()


def test_a_partner_sets_a_name_up_and_checks_it(sent, server):
    app = app_of(sent.db, sent.folder, names=Dns((server.address,), patience=1.0))
    alice, name = Visitor(app, sent.world.emails["Alice"]), "pages.fenwright.example"
    page = alice.post("/console/page-hosts", host=name, follow=True)
    assert page.all(".dns .pill") == ["Not looked at"] * 2
    with sent.world.as_("Alice") as work:
        kept = queries.host_by_name(work.session, work.principal, name)
        for record in actions.records(work, kept):
            names.add(server.file, record.name, record.type, record.value)
    page = alice.post(f"/console/page-hosts/{name}/look", follow=True)
    assert "Your pages are answered there" in page.text
    assert page.all(".dns .pill") == ["Found"] * 2
    assert "is given up" in alice.post(f"/console/page-hosts/{name}/removal", follow=True).text
