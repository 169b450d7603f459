"""What holds for every answer: headers, cookies, weight of script and style, sign-in tries."""

import gzip
import re

import pytest

from tcma.web.app import BUILT
from tests.builders import PASSWORD
from tests.pages import Visitor
from tests.web.routes import address, methods, rules

BUDGET, EDITOR_BUDGET = 150 * 1024, 700 * 1000
WRITING = re.compile(r"/studio/drafts/[^/]+/(edit|blocks)/")
ASSET = re.compile(r'(?:href|src)="/static/([^"]+\.(?:css|js))"')
SCRIPT = re.compile(r"(?:^|;)\s*(?:script-src|default-src)([^;]*)")


@pytest.fixture(scope="module")
def answers(rehearsal, lived):
    """Every GET of every rule by its people, and the public ones by nobody."""
    found = []
    for rule in rules(rehearsal.app):
        if "GET" in methods(rule):
            permission = getattr(rehearsal.app.view_functions[rule.endpoint], "permission", None)
            who = rehearsal.insider(rule.endpoint, permission) if permission else ""
            found.append(rehearsal.ask(who, "GET", address(rehearsal.app, rule, lived)))
    return found


def test_no_page_runs_a_script_that_is_not_ours(answers):
    wrong = []
    for page in answers:
        policy = page.headers.get("Content-Security-Policy", "")
        sources = " ".join(SCRIPT.findall(policy))
        if not policy or "unsafe-inline" in sources or "unsafe-eval" in sources or "*" in sources:
            wrong.append((page.path, policy))
    assert wrong == []


@pytest.mark.parametrize(
    ("header", "value"),
    [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", ("same-origin", "no-referrer"))],
)
def test_every_answer_carries(answers, header, value):
    allowed = (value,) if isinstance(value, str) else value
    assert [p.path for p in answers if p.headers.get(header) not in allowed] == []


def test_what_a_person_sees_is_kept_in_no_shared_cache(answers):
    shared = {p.path for p in answers if "public" in p.headers.get("Cache-Control", "public")}
    for_all_pages = ("/share/", "/page-state/")  # one for each published page
    for_anybody = {
        "/favicon.ico",
        "/.well-known/tcma-case-key.pem",
        "/embed.js",
        "/embed/inside.js",
        "/form.js",
    }
    assert {path for path in shared if not path.startswith(for_all_pages)} <= for_anybody


def test_script_and_style_of_any_page_stay_within_the_first_load(answers):
    weights = {}
    for page in answers:
        if page.is_html and page.status == 200:
            assets = set(ASSET.findall(page.text))
            weights[page.path] = sum(weight_of(name) for name in assets)
    assert max(weights.values()) > 0
    heavy = {path: n for path, n in weights.items() if n > BUDGET}
    assert {path: n for path, n in heavy.items() if not WRITING.match(path)} == {}
    assert all(n <= EDITOR_BUDGET for n in heavy.values())


def weight_of(name):
    return len(gzip.compress((BUILT / name).read_bytes(), 6))


def test_the_session_is_out_of_reach_of_script_and_other_sites(rehearsal, lived):
    visitor = Visitor(rehearsal.app)
    page = visitor.post("/sign-in", email=lived.emails["Sam"], password=PASSWORD)
    cookies = [c for c in page.headers.getlist("Set-Cookie") if c.startswith("tcma_session=")]
    assert len(cookies) == 1
    assert "HttpOnly" in cookies[0]
    assert "SameSite=Lax" in cookies[0]


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_never_leads_out_of_the_house(rehearsal, lived, target):
    page = rehearsal.ask(
        "", "POST", "/sign-in", email=lived.emails["Tom"], password=PASSWORD, next=target
    )
    assert (page.status, page.headers["Location"]) == (302, "/")


def test_too_many_tries_lock_and_say_when_to_come_back(rehearsal, lived):
    visitor = Visitor(rehearsal.app)
    tries = [
        visitor.post("/sign-in", email=lived.emails["Lea"], password=f"wrong {n} wrong").status
        for n in range(12)
    ]
    assert tries[0] == 422
    assert tries[-1] == 429
    right = visitor.post("/sign-in", email=lived.emails["Lea"], password=PASSWORD)
    assert right.status == 429


def test_an_answer_in_json_is_a_problem_with_its_remedy(rehearsal):
    visitor = rehearsal.visitor("Alice")
    answer = visitor.client.get("/console/leads/LEAD-1", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["status"] == 404
