"""A launch approved from the mail: GET shows, POST acts once, what changed is asked about again."""

import re
from datetime import timedelta

import pytest

from tcma.launches import actions, approving
from tcma.launches.rules import LaunchState
from tests.domain.launches.test_approving import House
from tests.faults.posting import people
from tests.pages import Visitor, app_of

LINK = re.compile(r"https://tcma\.test(/l/launch/[\w.-]+)")


class Mailed:
    """A launch that waits, and a browser that is not signed in."""

    def __init__(self, db, folder, **policy):
        self.house = House(db, **(policy or {"asks_first": True}))
        self.app = app_of(db, folder)
        self.page = Visitor(self.app)

    def links(self):
        return [LINK.search(each.plain)[1] for each in self.house.letters("leave?")]

    def post(self, path, **fields):
        return self.page.post_without_token(path, **fields)

    def approve(self, link):
        """Press the page's own button."""
        form = self.page.get(link).tree.css_first("form[action$=approval]")
        return self.post(
            form.attributes["action"],
            **{each.attributes["name"]: each.attributes["value"] for each in form.css("input")},
        )

    def grow(self):
        with self.house.db() as work:
            extra = people(work, self.house.partner_id, 2, domain="late.example")
            list_id = self.house.list_id
            work.session.connection().exec_driver_sql(
                "insert into list_member select %(l)s, contact_id from list_member"
                " where list_id = %(e)s",
                {"l": list_id, "e": extra},
            )


@pytest.fixture
def mailed(db, tmp_path):
    return Mailed(db, tmp_path)


def test_a_launch_is_approved_in_one_screen_without_signing_in(mailed):
    ref = mailed.house.asked()
    (link,) = mailed.links()
    page = mailed.page.get(link)
    assert page.heading.startswith("May “")
    assert "It is the partner’s first launch." in page.words
    assert "To fewer than 5 people From" in page.words  # how few, and the lists, are the partner's
    assert "alice@partner.example" in page.words
    assert "<html" in mailed.page.client.get(f"{link}/mail/1").text.lower()
    assert mailed.page.client.head(link).status_code == 200
    assert mailed.house.state(ref) is LaunchState.AWAITING
    assert mailed.approve(link).status == 303
    assert mailed.house.state(ref) is LaunchState.SCHEDULED
    assert "Mira approved it" in mailed.page.get(link).words


def test_pressing_twice_is_saying_it_once_and_a_used_link_decides_nothing(mailed):
    ref = mailed.house.asked()
    (link,) = mailed.links()
    mailed.approve(link)
    assert mailed.post(f"{link}/approval", seen="x:9").status == 303
    assert mailed.post(f"{link}/return", words="No.").status == 303
    assert mailed.house.state(ref) is LaunchState.SCHEDULED


def test_what_changed_since_is_said_and_asked_about_again(mailed):
    ref = mailed.house.asked()
    (link,) = mailed.links()
    form = mailed.page.get(link).tree.css_first("form[action$=approval]")
    shown = {each.attributes["name"]: each.attributes["value"] for each in form.css("input")}
    mailed.grow()
    late = mailed.post(f"{link}/approval", **shown)
    assert late.status == 409
    assert "6 people instead of 4." in late.words
    assert mailed.house.state(ref) is LaunchState.AWAITING
    assert "It is not as it was when you were asked." in mailed.page.get(link).words
    assert mailed.post(f"{link}/approval", seen="").status == 422
    assert mailed.approve(link).status == 303
    assert mailed.house.state(ref) is LaunchState.SCHEDULED


def test_it_goes_back_with_a_word_that_the_partner_reads(mailed):
    ref = mailed.house.asked()
    (link,) = mailed.links()
    assert "in a sentence" in mailed.post(f"{link}/return", words="").words
    assert mailed.post(f"{link}/return", words="Name the fair.").status == 303
    assert "sent it back" in mailed.page.get(link).words
    tom = mailed.house.tom
    with mailed.house.db() as work:
        email = (
            work.session.connection()
            .exec_driver_sql(
                "select email from user_account where id = %(id)s", {"id": tom.user_id}
            )
            .scalar()
        )
    page = Visitor(mailed.app, email).get(f"/console/launches/{ref}/check")
    assert "Name the fair." in page.words
    assert "Ask to launch to 4 people" in page.words


def test_a_late_link_says_so_and_mails_a_fresh_one(mailed):
    mailed.house.asked()
    (link,) = mailed.links()
    mailed.house.db.clock.move(timedelta(days=40))
    assert "This link has ended." in mailed.page.get(link).words
    assert mailed.post(f"{link}/approval", seen="x:9").status == 409
    assert "on its way to" in mailed.post(f"{link}/fresh").words
    assert mailed.approve(mailed.links()[-1]).status == 303


def test_links_that_are_changed_or_of_others_open_nothing(mailed):
    mailed.house.asked()
    (link,) = mailed.links()
    assert mailed.page.get(link[:-1] + ("A" if link[-1] != "A" else "B")).status == 404
    assert mailed.page.get(link.replace("/l/launch/", "/l/approve/")).status == 404
    with mailed.house.db() as work:
        work.session.connection().exec_driver_sql(
            "update membership set state = 'ended' where user_id = %(id)s",
            {"id": mailed.house.mira.user_id},
        )
    assert mailed.page.get(link).status == 404


def test_the_desk_shows_what_waits_and_leads_to_the_same_page(mailed):
    ref = mailed.house.asked()
    with mailed.house.db() as work:
        email = (
            work.session.connection()
            .exec_driver_sql(
                "select email from user_account where id = %(id)s",
                {"id": mailed.house.mira.user_id},
            )
            .scalar()
        )
    mira = Visitor(mailed.app, email)
    assert "1 launch waits for a yes." in mira.get("/desk").words
    assert ref in mira.get("/desk/launches?state=asked").text
    answer = mira.client.get(f"/desk/launches/{ref}/decision")
    assert answer.headers["Location"].startswith("/l/launch/")
    page = mira.get("/desk/launches/policy")
    assert "The first launch of a partner" in page.words
    saved = mira.post("/desk/launches/policy", asks_above="10", approver="vendor", mails="2")
    assert "Write both numbers, or neither." in saved.words
    mira.post("/desk/launches/policy", asks_above="10", approver="vendor", mails="2", days="7")
    assert "a yes to a partner’s first launch" in mira.get("/desk/launches/policy").words


def test_the_partner_takes_it_back(mailed):
    ref = mailed.house.asked()
    with mailed.house.db(mailed.house.tom) as work:
        approving.take_back(work, ref)
        actions.delete_draft(work, ref)
    (link,) = mailed.links()
    assert mailed.page.get(link).status == 404
