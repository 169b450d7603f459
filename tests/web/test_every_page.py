"""Every page in Chromium, by its people, wide and narrow: axe, width, one heading, one act."""

import re

import pytest

from tests.pages import app_over, port_of, served
from tests.web.looking import AXE, Looks, visitor
from tests.web.routes import address, methods, rules

LINK = re.compile(r"http://[\d.:]+(/(?:a|u|p|k|l/lead|l/approve|l/ahead)/[\w.-]+)")
pytestmark = pytest.mark.timeout(600)
ELSEWHERE = {True: ("console.",), False: ("desk.", "studio.")}
"""Not there for a vendor's people, and for a partner's; test_strangers shows that, and each role's."""
EACH = ("Alice", "Sam", "Mira", "Finn", "Vera", "Ada")


@pytest.fixture(scope="module")
def house(lived):
    """The lived-in world on a real web server."""
    app = app_over(lived.services)
    with served(app, port=port_of(lived.services)) as address:
        yield address


def pages_of(rehearsal, lived, who, *, taken=()):
    """The addresses of every page this person opens but for those `taken` already."""
    found = []
    for rule in rules(rehearsal.app):
        permission = getattr(rehearsal.app.view_functions[rule.endpoint], "permission", None)
        if permission is None or "GET" not in methods(rule):
            continue
        of_vendor = lived.people[who].vendor_id is not None
        if rule.endpoint.startswith(ELSEWHERE[of_vendor]) or not rehearsal.may(who, permission):
            continue
        path = address(rehearsal.app, rule, lived)
        if path in taken:
            continue
        page = rehearsal.ask(who, "GET", path)
        if page.status == 200 and page.is_html and page.tree.css_first("#main"):
            found.append(path)
    return found


@pytest.fixture(scope="module")
def addresses(rehearsal, lived):
    """Each page once, by the first who may open it; everybody also gets their own first page."""
    taken, shares = set(), {}
    for who in EACH:
        own = pages_of(rehearsal, lived, who, taken=taken)
        shares[who] = sorted({*own, first_page(rehearsal, who)})
        taken.update(own)
    return shares


def first_page(rehearsal, who):
    return rehearsal.ask(who, "GET", "/").location


@pytest.mark.parametrize("who", EACH)
def test_no_page_of_theirs_is_wrong(browser, house, addresses, lived, who):
    looks = Looks()
    with visitor(browser, house, lived.emails[who]) as page:
        wrong = [each for path in addresses[who] for each in looks.look(page, path)]
    assert not wrong, "\n".join(wrong)


def test_no_public_page_is_wrong(browser, house, lived):
    paths = ["/sign-in", "/forgot", f"/go/{lived.parts['page']}", *mailed_links(lived)]
    paths.append(f"/rules/{lived.parts['vendor']}")
    assert len(paths) >= 5
    looks = Looks()
    with visitor(browser, house) as page:
        wrong = [each for path in paths for each in looks.look(page, path)]
    assert not wrong, "\n".join(wrong)


def test_the_page_of_an_error_is_a_page(browser, house, lived):
    with visitor(browser, house, lived.emails["Alice"]) as page:
        assert page.goto("/console/launches/LCH-1999-0001").status == 404
        assert page.evaluate(AXE) == []
        assert page.locator("h1").count() == 1


def mailed_links(lived):
    """One signed link of each kind, as the mails carry them."""
    found = {}
    for mail in lived.mails:
        part = mail.message.get_body(("plain",))
        for path in LINK.findall(part.get_content() if part else ""):
            found.setdefault(path.rpartition("/")[0], path)
    return sorted(found.values())
