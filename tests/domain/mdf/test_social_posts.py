"""A post that a partner marks as published proves the activity it was published for."""

import io
import zipfile
from datetime import timedelta

import pytest

from tcma.db.documents import Document
from tcma.errors import Forbidden, Invalid
from tcma.library.copies import copy_row, save_slots
from tcma.mdf.case_files import posts
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import ProofState
from tcma.social import actions, queries
from tcma.social.rules import Network
from tests import builders

ADDRESS = "https://www.linkedin.com/feed/update/urn:li:share:7000000000000000001/"


@pytest.fixture
def copy_id(house):
    with house.db() as work:
        campaign = builders.a_campaign(work, house.vendor)
        house.campaign = campaign.campaign_id
        return builders.a_copy(work, house.partner, campaign).id


@pytest.fixture
def request_ref(house, copy_id):
    return house.approved(800, kind="social_posts")


def mark(house, copy_id, address=ADDRESS, who=None):
    with house.db(who or house.alice) as work:
        actions.mark_posted(work, copy_row(work, copy_id), Network.LINKEDIN, address)


def file_all(house):
    with house.db() as work:
        waiting = posts.to_file(work.session)
        for post_id, activity_id in waiting:
            posts.file_post(work, post_id, activity_id)
    return len(waiting)


def case_file(house, request_ref):
    with house.db(house.alice) as work:
        detail = request_views.request_detail(work.session, house.alice, request_ref, now=work.now)
        return {item.title: item for item in detail.case_file}


def test_a_post_lands_once_in_the_case_file_as_it_was(house, copy_id, request_ref):
    assert case_file(house, request_ref)["Social post"].state is ProofState.MISSING
    house.db.clock.move(timedelta(days=29))
    mark(house, copy_id)
    mark(house, copy_id)
    with house.db(house.alice) as work:
        save_slots(work, copy_id, {"social_post": "Something else, later."})
    assert (file_all(house), file_all(house)) == (1, 0)
    item = case_file(house, request_ref)["Social post"]
    assert item.state is ProofState.COLLECTED
    assert ADDRESS in item.facts
    with house.db() as work:
        kept = work.files.get(work.session.get_one(Document, item.document_id).key)
    files = zipfile.ZipFile(io.BytesIO(kept))
    said = files.read("post.txt").decode()
    assert "A third of the servers we map" in said
    assert "?via=linkedin" in said
    assert files.read("picture.jpg").startswith(b"\xff\xd8")


@pytest.mark.parametrize("days", [0, 60], ids=["before", "after"])
def test_a_post_of_another_time_proves_nothing(house, copy_id, request_ref, days):
    house.db.clock.move(timedelta(days=days))
    mark(house, copy_id)
    assert file_all(house) == 0
    assert case_file(house, request_ref)["Social post"].state is ProofState.MISSING


def test_a_post_that_cannot_be_posted_is_not_kept(house, copy_id):
    with house.db(house.alice) as work:
        save_slots(work, copy_id, {"social_post": ""})
    with pytest.raises(Invalid, match="no text"):
        mark(house, copy_id)
    with pytest.raises(Invalid, match="not the address of a post on LinkedIn"):
        mark(house, copy_id, "https://example.com/post")
    with house.db(house.alice) as work:
        assert queries.posts(work.session, work.principal, copy_id) == {}


def test_a_seller_marks_nothing_and_another_partner_sees_nothing(house, copy_id):
    with house.db() as work:
        seller = builders.sam(work, house.partner)
        stranger = builders.charlie(work, house.vendor)
    with pytest.raises(Forbidden):
        mark(house, copy_id, who=seller)
    mark(house, copy_id)
    with house.db(stranger) as work:
        assert queries.posts(work.session, stranger, copy_id) == {}
    with house.db(house.alice) as work:
        (mine,) = queries.posts(work.session, house.alice, copy_id)[Network.LINKEDIN]
    assert (mine.address, mine.by) == (ADDRESS, house.alice.name)
