"""Posts that are sent: at their time, once whatever is lost, and taken away when the page is."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tcma.adapters.egress import Egress
from tcma.errors import Conflict, Forbidden, Invalid
from tcma.jobs import Job
from tcma.library.compiling import publish_page
from tcma.library.copies import copy_row
from tcma.social import accounts, actions, queries, sending
from tcma.social.models import SocialPost
from tcma.social.rules import LEASE, Network, PostState
from tcma.words import Words
from tests import builders
from tests.adapters.social_stands import Facebook, Linkedin, Served
from tests.faults.posting import rung
from tests.pages import services_of
from workers import social
from workers.runtime import Run

LATER = LEASE + timedelta(minutes=1)


@pytest.fixture(scope="module", params=[Linkedin, Facebook], ids=["linkedin", "facebook"])
def served(request):
    with Served(request.param) as stand:
        yield stand


@dataclass
class House:
    """A partner whose page stands on a real server; `send()` is one turn of the job."""

    db: object
    run: Run
    stand: object
    alice: object
    copy_id: object = None

    @property
    def network(self):
        return Network(self.stand.network)

    def act(self, verb, *args):
        with self.db(self.alice) as work:
            return verb(work, copy_row(work, self.copy_id), *args)

    def schedule(self, after=timedelta(0)):
        self.act(actions.schedule, self.network, self.db.clock.now() + after)

    def connect(self, token="good"):  # noqa: S107 - the stand's own
        with self.db(self.alice) as work:
            accounts.connect(work, self.stand.access(token), name="Fenwright")

    def send(self, after=timedelta(0)):
        self.db.clock.move(after)
        rung(self.run, Job.SOCIAL_SEND)
        return self.row()

    def row(self):
        with self.db(self.alice) as work:
            shown = queries.posts(work.session, self.alice, self.copy_id)
            return shown[self.network][0] if shown else None


@pytest.fixture
def house(db, tmp_path, served):
    served.__init__(port=served.port)
    web = Egress((f"social.test:{served.port}",), resolve=lambda _: ["127.0.0.1"], whole_s=5)
    run = Run(services=services_of(db, tmp_path, web=web), stopping=lambda: False)
    with db() as work:
        vendor = builders.a_vendor(work)
        campaign = builders.a_campaign(work, vendor)
        partner = builders.a_partner(work, vendor)
        made = House(db, run, served, builders.alice(work, partner))
        copy = builders.a_copy(work, partner, campaign)
        made.copy_id = copy.id
        publish_page(work, copy)
    made.connect()
    return made


def test_a_post_goes_at_its_time_and_once(house):
    house.schedule(timedelta(hours=2))
    assert house.send().state is PostState.SCHEDULED
    assert house.stand.posts == []
    house.db.queue.sent.clear()
    one = house.send(timedelta(hours=2))
    [(number, words, picture, _)] = house.stand.posts
    assert (one.state, one.was_sent) == (PostState.POSTED, True)
    assert number in one.address
    assert f"?via={house.network}" in words
    assert picture.startswith(b"\xff\xd8")
    assert Job.PROOF_COLLECT in [job for job, _ in house.db.queue.sent]
    house.send(LATER)
    assert len(house.stand.posts) == 1


def test_a_post_whose_picture_is_gone_is_refused_and_the_one_behind_it_leaves(house):
    house.schedule()
    with house.db() as work:
        behind = text(
            "INSERT INTO social_post SELECT (p.p).* FROM (SELECT jsonb_populate_record(p,"
            " jsonb_build_object('id', gen_random_uuid(), 'picture_key', '', 'state', 'scheduled',"
            " 'due_at', p.due_at + interval '1 second')) AS p FROM social_post p) AS p RETURNING id"
        )
        house.db.files.delete(work.session.scalar(text("SELECT picture_key FROM social_post")))
        later = work.session.scalar(behind)
    house.db.clock.move(timedelta(seconds=2))
    for _ in range(3):
        house.send()
    with house.db() as work:
        posts = {post.id: post for post in work.session.scalars(select(SocialPost))}
    assert posts.pop(later).state == PostState.POSTED
    [gone] = posts.values()
    assert (gone.state, gone.said) == (PostState.REFUSED, "Its picture is no longer there.")
    assert len(house.stand.posts) == 1


def test_a_post_whose_answer_was_lost_is_found_not_sent_again(house):
    house.stand.say.append("after")
    house.schedule()
    assert house.send().state is PostState.SCHEDULED
    house.stand.say.clear()
    house.send(timedelta(minutes=1))
    assert len(house.stand.posts) == 1
    assert house.send(LATER).state is PostState.POSTED
    assert len(house.stand.posts) == 1


def test_a_post_that_did_not_arrive_is_looked_for_and_sent(house):
    with house.db() as work:
        work.session.execute(text("SELECT 1"))
    house.schedule()
    with house.db() as work:
        sending.take_due(work)  # and whoever took it dies before the wire
    assert house.send(LATER).state is PostState.POSTED
    assert len(house.stand.posts) == 1
    assert ("GET" in [method for method, _ in house.stand.heard]) is True


def test_whoever_dies_after_the_wire_has_posted_once(house):
    house.schedule()
    with house.db() as work:
        [errand] = sending.take_due(work)
    social.done(house.run.services, errand)
    assert house.send(LATER).state is PostState.POSTED
    assert len(house.stand.posts) == 1


def test_a_post_nobody_may_look_for_is_uncertain_until_a_person_says_so(house):
    house.stand.say.append("after")
    house.schedule()
    house.send()
    house.stand.say.clear()
    house.stand.may_read = False
    one = house.send(LATER)
    assert one.state is PostState.UNCERTAIN
    house.send(timedelta(days=1))
    assert len(house.stand.posts) == 1
    with pytest.raises(Conflict, match="on its way"):
        house.schedule()
    house.act(actions.send_again, one.id)
    assert house.send().state is PostState.POSTED
    assert len(house.stand.posts) == 2


def test_a_token_that_is_over_is_told_and_a_new_one_sends(house):
    house.connect("old")
    house.schedule()
    one = house.send()
    assert (one.state, house.stand.posts) == (PostState.REFUSED, [])
    assert "token" in one.remedy
    with house.db(house.alice) as work:
        [view] = accounts.accounts(work.session, house.alice).values()
    assert view.said
    house.connect()
    house.act(actions.send_again, one.id)
    assert house.send().state is PostState.POSTED


def test_a_network_that_is_busy_is_asked_later(house):
    house.schedule()
    busy = house.stand.busy
    house.stand.say += [busy, busy]
    one = house.send()
    assert (one.state, one.is_leaving) == (PostState.SCHEDULED, True)
    house.stand.say.clear()
    assert house.send(LATER).state is PostState.POSTED


def test_what_is_taken_back_never_leaves(house):
    house.schedule(timedelta(hours=1))
    house.act(actions.withdraw, house.row().id)
    house.send(timedelta(hours=2))
    assert house.stand.posts == []
    house.schedule()
    with house.db() as work:
        [errand] = sending.take_due(work)
    with pytest.raises(Conflict, match="leaving"):
        house.act(actions.withdraw, errand.post_id)


def test_a_post_is_removed_by_hand_and_with_its_page(house):
    house.schedule()
    one = house.send()
    house.act(actions.remove, one.id)
    assert house.send().state is PostState.REMOVED
    assert house.stand.posts == []
    house.schedule()
    house.send()
    with house.db() as work:
        work.session.execute(text("UPDATE page SET state = 'recalled'"))
    assert house.send().state is PostState.REMOVED
    assert house.stand.posts == []


def test_nothing_leaves_while_the_vendor_stops_the_campaign(house):
    house.schedule()
    with house.db() as work:
        post = work.session.scalars(select(SocialPost)).one()
        work.session.execute(
            text(
                "INSERT INTO campaign_stop (id, vendor_id, campaign_id, reason, recalls_pages,"
                " stopped_by, stopped_at) VALUES (gen_random_uuid(), :v, :c, 'x', false, 'x', now())"
            ),
            {"v": post.vendor_id, "c": post.campaign_id},
        )
    assert house.send().state is PostState.SCHEDULED
    with house.db() as work:
        work.session.execute(text("UPDATE campaign_stop SET lifted_at = now(), lifted_by = 'x'"))
    assert house.send().state is PostState.POSTED


def standing(house, state):
    with house.db() as work:
        work.session.execute(text("UPDATE enrolment SET state = :s"), {"s": state})


@pytest.mark.parametrize(
    ("state", "words"), [("suspended", "suspended your"), ("ended", "ended your")]
)
def test_nothing_leaves_of_a_partner_that_its_vendor_suspended_or_parted_from(house, state, words):
    house.schedule(timedelta(hours=1))
    standing(house, state)
    one = house.send()
    assert (one.state, one.is_leaving) == (PostState.STOPPED, False)
    assert words in one.said
    assert isinstance(one.said, Words), "each reads it in their language"
    assert house.send(timedelta(hours=2)).state is PostState.STOPPED
    for verb in (lambda: house.act(actions.send_again, one.id), house.schedule):
        with pytest.raises(Conflict, match=words):
            verb()
    assert house.stand.posts == []
    standing(house, "active")
    assert house.send().state is PostState.STOPPED, "a person decides"
    house.act(actions.send_again, one.id)
    assert house.send().state is PostState.POSTED
    assert len(house.stand.posts) == 1


def test_a_stopped_post_is_taken_back(house):
    house.schedule()
    standing(house, "suspended")
    house.act(actions.withdraw, house.send().id)
    assert house.row() is None


@pytest.mark.parametrize("stands", [True, False])
def test_what_may_stand_of_a_suspended_partner_is_looked_for_and_not_sent(house, stands):
    house.schedule()
    with house.db() as work:
        [errand] = sending.take_due(work)  # and whoever took it dies
    if stands:
        social.done(house.run.services, errand)
    standing(house, "suspended")
    house.send(LATER)
    one = house.send(timedelta(minutes=1))
    assert one.state is (PostState.POSTED if stands else PostState.STOPPED)
    assert len(house.stand.posts) == stands


def test_a_time_that_is_past_is_refused_and_only_an_owner_connects(house):
    with pytest.raises(Invalid, match="past"):
        house.schedule(timedelta(hours=-1))
    with house.db() as work:
        seller = builders.sam(work, house.alice.partner_id)
    with pytest.raises(Forbidden), house.db(seller) as work:
        accounts.connect(work, house.stand.access(), name="x")


def test_a_page_that_is_ended_forgets_its_token_and_sends_no_more(house):
    house.schedule(timedelta(hours=1))
    with house.db(house.alice) as work:
        accounts.end(work, house.network)
    assert house.send(timedelta(hours=2)).state is PostState.SCHEDULED
    with house.db() as work:
        assert work.session.execute(text("SELECT token FROM social_account")).scalar_one() == b""
    house.connect()
    assert house.send().state is PostState.POSTED
