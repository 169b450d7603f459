"""In Chromium: a webhook is made, its secret is shown once, a test is told and taken, it is told again."""

import pytest
from sqlalchemy import text

from tests.builders import PASSWORD
from tests.domain.outbox.conftest import (  # noqa: F401 - fixtures
    ask,
    ground,
    is_signed,
    out,
    program,
    server,
)
from tests.journeys.people import Person
from tests.pages import app_over, served


@pytest.fixture
def house(out):  # noqa: F811 - the fixture
    with served(app_over(out.run.services)) as address:
        yield address


def test_a_webhook_is_made_tested_and_told_again(browser, house, out, program):  # noqa: F811
    with out.db() as work:
        email = work.session.scalar(text("SELECT email FROM user_account WHERE name = 'Mira'"))
    mira = Person(browser, house).sign_in(email, PASSWORD)
    mira.go("/desk/leads").press("Ways out").fill({"Name": "crm", "Address": "http://10.0.0.8/in"})
    mira.press("Make webhook").see("This address cannot be reached from here.")
    mira.said.clear()  # the browser notes the 422
    mira.page.get_by_label("Address").fill(program.url)
    mira.page.get_by_role("button", name="Make webhook").press("Enter")
    mira.see("Copy the secret now")
    secret = mira.page.get_by_role("region", name="The new secret").inner_text().strip()
    ref = mira.page.locator(".meta span", has_text="HOOK-").inner_text()
    mira.page.get_by_role("button", name="Send a test").press("Enter")
    mira.see("A test is on its way.")
    out.send()
    [(headers, body)] = program.heard
    assert is_signed(headers, body, secret)
    mira.go(f"/desk/leads/ways-out/{ref}").see("200 as you say")
    assert secret not in mira.page.content()
    mira.press("Tell again").see("On its way again.")
    out.send()
    assert [h["webhook-id"] for h, _ in program.heard] == [headers["webhook-id"]] * 2
    mira.on_a_phone().go("/desk/leads/ways-out").on_a_phone()
    mira.leave()
