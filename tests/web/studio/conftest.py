"""Two vendors' studios: Vera authors at one, Rui at the other; a campaign as a draft; a journey's canvas."""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tcma.clock import SystemClock
from tcma.embedded.process import free_port
from tcma.permissions import Role
from tests.builders import PASSWORD, a_campaign, a_partner, a_user, a_vendor
from tests.domain.nurture.crowd import crowd
from tests.pages import Visitor, app_of, served

SLUG = "cloud-migration"


@dataclass
class Studio:
    """`as_("Vera")` is her browser; Rui works for another vendor."""

    db: object
    app: object
    ids: dict = field(default_factory=dict)

    def as_(self, name):
        return Visitor(self.app, f"{name.lower()}@people.example")


@pytest.fixture
def studio(db, turns, tmp_path):
    return Studio(db, app_of(db, tmp_path), turns.kept("studio", db, lambda: staffed(db)))


def staffed(db):
    with db() as work:
        vendor, other = a_vendor(work), a_vendor(work, name="Quillon")
        partner = a_partner(work, vendor, name="Fenwright")
        for name, role, firm in (
            ("Vera", Role.VENDOR_MARKETER, vendor),
            ("Finn", Role.FINANCE, vendor),
            ("Rui", Role.VENDOR_MARKETER, other),
        ):
            email = f"{name.lower()}@people.example"
            a_user(work, role, name=name, email=email, vendor_id=firm)
    return {"vendor": vendor, "partner": partner}


@pytest.fixture
def drafted(studio):
    with studio.db() as work:
        a_campaign(work, studio.ids["vendor"], slug=SLUG, published=False)
    return studio


@pytest.fixture
def world(postgres, tmp_path):
    """Five people wait at n2, six at w, three had everything; Vera's studio is on a real server."""
    url = f"http://127.0.0.1:{free_port()}"
    with crowd(postgres, tmp_path, partners=1, public_url=url) as made:
        made.clear()
        made.people(3, at="n3")
        made.advance()
        made.db.clock = SystemClock()
        tomorrow = made.db.clock.now() + timedelta(days=1)
        made.people(5, at="n2", due=tomorrow)
        made.people(6, at="w", due=tomorrow, waits="clicked")
        with served(app_of(made.db, tmp_path), port=urlsplit(url).port):
            yield made


@pytest.fixture
def opened(browser, world):
    """Vera's page, with the journey's draft open; what goes wrong in its scripts fails the test."""
    email = world.value("SELECT email FROM user_account WHERE name = 'Vera'")
    context = browser.new_context(
        base_url=world.db.site.public_url, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main .btn-primary")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(f"/studio/journeys/{SLUG}")
    page.get_by_role("button", name="Change it").click()
    page.locator(".canvas.is-live").wait_for()
    yield page
    context.close()
    assert wrong == []
