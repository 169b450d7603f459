"""Lead ads at the desk: set up once, with the address to paste; ended, and asked again."""

import pytest

from tests.builders import a_campaign

PAGE = "/desk/leads/ads"


@pytest.fixture
def slug(counter):
    with counter.house.db() as work:
        a_campaign(work, counter.house.mira.vendor_id)
    return "cloud-migration"


def made(counter, slug, **more):
    facts = {
        "network": "meta", "name": "Spring ads", "campaign": slug, "partner": "",
        "secret": "an app secret", "token": "a token", "consent": "You may call me.",
        "fields": "plz = postcode",
    }  # fmt: skip
    return counter.mira.post(PAGE, **facts | more)


def test_a_source_is_set_up_shown_with_its_address_and_ended(counter, slug):
    assert "No ad network calls here yet" in counter.mira.get(PAGE).words
    assert made(counter, slug).status == 303
    page = counter.mira.get(PAGE)
    assert "/hooks/lead-ads/ADS-2026-0001" in page.text
    assert "0 taken in" in page.words
    assert "an app secret" not in page.text
    assert counter.mira.post(f"{PAGE}/ADS-2026-0001", act="again").status == 303
    counter.mira.post(f"{PAGE}/ADS-2026-0001", act="end")
    page = counter.mira.get(PAGE)
    assert "Ended" in page.words
    assert "/hooks/lead-ads/ADS-2026-0001" not in page.text


def test_what_is_wrong_is_said_at_its_field(counter, slug):
    page = made(counter, slug, fields="plz = zip", token="")
    assert page.status == 422
    assert "write their name" in page.words
    page = made(counter, slug, token="", consent="")
    assert "Write what people agree to" in page.words
    assert "No ad network calls here yet" in page.words
