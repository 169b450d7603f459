"""A launch through the scaled-out form: web, worker and scheduler processes, Redis, S3, SMTP."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tcma.config import read_settings
from tcma.delivery.actions import ensure_sender
from tcma.permissions import SYSTEM, Role
from tcma.wiring import installation
from tests.builders import PASSWORD, a_campaign, a_copy, a_list, a_partner, a_user, a_vendor
from tests.journeys.people import Person

OWNER = "olive@harrow.example"
READERS = 20
PICTURE = re.compile(r"/m/([0-9a-f]{64}\.(?:jpg|png))")


@pytest.mark.timeout(400)
def test_a_launch_goes_through_every_process(scaled_out, smtp_sink, browser, tmp_path):
    with installation(read_settings(scaled_out.environment)) as services:
        ground(services)
        owner = Person(browser, scaled_out.base_url, name="Olive", pictures=tmp_path)
        owner.sign_in(OWNER, PASSWORD)
        assert launched(owner) == [READERS, 0, 0, 0, 0]
        owner.leave()
        kept = pictures_of(smtp_sink.kept[0])
        assert services.settings.files_url.startswith("s3:")
        assert kept
        assert [name for name in kept if not services.files.exists(f"public/{name}")] == []
    assert len({each.recipient for each in smtp_sink.kept}) == READERS
    assert len(smtp_sink.keys) == len(set(smtp_sink.keys)) == READERS


def ground(services):
    """A vendor's partner that has a list, a sender and a campaign."""
    with services.transaction(SYSTEM) as work:
        vendor_id = a_vendor(work, name="Corbelane")
        partner_id = a_partner(work, vendor_id, name="Harrow")
        a_user(work, Role.OWNER, name="Olive", email=OWNER, partner_id=partner_id)
        a_copy(work, partner_id, a_campaign(work, vendor_id))
        a_list(work, partner_id, READERS)
        address = "hello@harrow.example"
        ensure_sender(work, partner_id=partner_id, from_name="Harrow", from_address=address)


def launched(owner):
    """Plan, check, launch and watch to the end; the terms of the finish equation."""
    now = datetime.now(ZoneInfo("Europe/London"))
    owner.go("/console/launches/new?campaign=corbelane/cloud-migration")
    owner.fill({"2. When": now.date().isoformat(), "At": now.strftime("%H:%M")})
    owner.choose("Only the first mail").press("Check").see("Ready to launch")
    owner.press(f"Launch to {READERS} people")
    owner.page.locator("main .pill", has_text="Finished").first.wait_for(timeout=90_000)
    return [int(text) for text in owner.page.locator("main .terms dd").all_inner_texts()]


def pictures_of(kept):
    html = kept.message.get_body(("html",)).get_content()
    return sorted(set(PICTURE.findall(html)))
