"""The library and a campaign's page, for a partner that has not started it yet."""

import pytest

from tcma.library.copy_queries import copies
from tests.builders import a_campaign

CAMPAIGN = "/console/campaigns/corbelane/cloud-migration"


def test_the_library_suggests_one_campaign_with_its_reason(stocked):
    page = stocked.as_("Alice").get("/console/library")
    assert page.heading == "Library"
    assert "One steady arch at a time" in page.words
    assert "You have not launched it yet" in page.words
    assert page.all("main .btn-primary") == ["Start"]


@pytest.mark.parametrize(
    ("query", "found"), [("q=servers", True), ("q=zebra", False), ("f=paid", False)]
)
def test_search_and_chips_narrow_it(stocked, query, found):
    page = stocked.as_("Alice").get(f"/console/library?{query}")
    assert ("One steady arch" in page.words) is found
    assert ("No campaign matches" in page.words) is not found


def test_an_empty_library_says_whom_to_ask(desk):
    assert "ask your vendor" in desk.as_("Alice").get("/console/library").words


def test_looking_at_a_campaign_does_not_start_it(stocked):
    alice = stocked.as_("Alice")
    for see in ("", "?see=mail-2", "?see=page", "?see=images"):
        assert alice.get(CAMPAIGN + see).status == 200
    assert "Fenwright" in alice.get(f"{CAMPAIGN}/preview/mail-1").text
    with stocked.world("Alice") as work:
        assert copies(work.session, work.principal) == []


def test_a_seller_reads_it_and_is_offered_no_start(stocked):
    page = stocked.as_("Sam").get(CAMPAIGN)
    assert "What they say, what you answer" in page.words
    assert page.all("main .btn-primary") == []


def test_a_preview_may_run_nothing(stocked):
    page = stocked.as_("Alice").get(f"{CAMPAIGN}/preview/page")
    policy = page.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("look", "kept", "gone"),
    [("light", "(max-width:0px)", "prefers-color-scheme"),
     ("dark", "(min-width:0px)", "prefers-color-scheme")],
)  # fmt: skip
def test_light_and_dark_are_what_was_asked_whatever_the_screen(stocked, look, kept, gone):
    html = stocked.as_("Alice").get(f"{CAMPAIGN}/preview/mail-1?look={look}").text
    assert kept in html
    assert f"({gone}" not in html


def test_a_picture_can_be_kept_as_a_file(stocked):
    page = stocked.as_("Alice").get(f"{CAMPAIGN}/images/banner_300x250.jpg?save=1")
    assert page.data.startswith(b"\xff\xd8\xff")
    assert "attachment" in page.headers["Content-Disposition"]


def test_a_draft_is_nobodys_to_see(stocked):
    with stocked.db() as work:
        a_campaign(work, stocked.ids["vendor"], slug="renewal-upsell", published=False)
    page = stocked.as_("Alice").get("/console/campaigns/corbelane/renewal-upsell")
    assert page.status == 404
