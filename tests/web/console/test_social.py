"""Social pages of a partner: connected by its owner, used from the posts of a campaign."""

import pytest

from tcma.library import copies
from tcma.library.compiling import publish_page
from tcma.ports import SocialAccess
from tcma.social import accounts

POSTS = "/console/campaigns/corbelane/cloud-migration/copy/social"
AT = "/console/campaigns/corbelane/cloud-migration/posts"


@pytest.fixture
def connected(stocked):
    """Alice's page at LinkedIn, and a landing page to lead to."""
    with stocked.world("Alice") as work:
        publish_page(work, copies.copy_of(work, stocked.ids["campaign"]))
        access = SocialAccess("linkedin", "5515715", "https://api.linkedin.com", "s3cret")
        accounts.connect(work, access, name="Fenwright")
    return stocked


def test_an_owner_sees_what_is_connected_and_never_the_token(connected):
    alice = connected.as_("Alice")
    page = alice.get("/console/social")
    assert "number 5515715" in page.words
    assert "s3cret" not in page.text
    assert connected.as_("Tom").get("/console/social").status == 403
    assert alice.post("/console/social/linkedin/end").status == 303
    assert "number 5515715" not in alice.get("/console/social").words


def test_a_page_without_its_number_is_not_connected(stocked):
    alice = stocked.as_("Alice")
    fields = {"facebook-account": "fenwright", "facebook-token": "x"}
    page = alice.post("/console/social/facebook", **fields)
    assert page.status == 422
    assert "Write its number, digits only." in page.words
    assert alice.post("/console/social/x", **{"x-account": "1"}).status == 404


def test_a_post_is_sent_later_and_taken_back(connected):
    alice = connected.as_("Alice")
    assert "Send it as Fenwright" in alice.get(POSTS).words
    late = alice.post(f"{AT}/linkedin/sending", linkedin_at="2020-01-01T09:00")
    assert late.status == 422
    assert "This time is past" in late.words
    day = f"{connected.db.clock.now():%Y}-06-01T09:00"
    assert alice.post(f"{AT}/linkedin/sending", linkedin_at=day).status == 303
    page = alice.get(POSTS)
    assert "Leaves" in page.words
    back = page.tree.css_first("#post-linkedin .posted form").attributes["action"]
    assert alice.post(back).status == 303
    assert "Leaves" not in alice.get(POSTS).words
