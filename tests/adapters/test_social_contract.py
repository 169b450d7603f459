"""What every social network must hold: a post stands once, is found by its words, and can be taken away."""

from datetime import UTC, datetime, timedelta

import pytest

from tcma.adapters.egress import Egress
from tcma.ports import SocialDraft, SocialError, SocialFault
from tcma.wiring import SOCIALS
from tests.adapters.social_stands import Facebook, Linkedin, Served

WORDS = (
    "Two hours (not more), one page: #MoveMap\n\nhttps://tcma.example/go/fenwright/move_it?via=x"
)
PICTURE = b"\xff\xd8\xff\xe0 not a picture \r\n--tcma\r\n \xff\xd9"
AGO = datetime.now(UTC) - timedelta(minutes=1)  # the stands' own clock is the machine's


@pytest.fixture(scope="module", params=[Linkedin, Facebook], ids=["linkedin", "facebook"])
def served(request):
    with Served(request.param) as stand:
        yield stand


@pytest.fixture
def stand(served):
    served.__init__(port=served.port)
    return served


def opened(stand, token="good"):  # noqa: S107 - the stand's own
    web = Egress((f"social.test:{stand.port}",), resolve=lambda _: ["127.0.0.1"], whole_s=2)
    return SOCIALS[stand.network](web, stand.access(token))


@pytest.fixture
def network(stand):
    return opened(stand)


def test_it_says_whose_account_it_is(network):
    assert network.check() == "Fenwright"


@pytest.mark.parametrize("picture", [b"", PICTURE], ids=["words", "picture"])
def test_a_post_stands_as_it_was_given_and_is_found_by_its_words(network, stand, picture):
    made = network.publish(SocialDraft(words=WORDS, picture=picture, alt="An arch"))
    [(number, words, kept, _)] = stand.posts
    assert (number, words, kept) == (made.id, WORDS, picture)
    assert made.address.startswith(f"https://www.{stand.network}.com/")
    assert network.find(WORDS, since=AGO) == made
    assert network.find(WORDS + "!", since=AGO) is None
    assert network.find(WORDS, since=datetime.now(UTC) + timedelta(hours=1)) is None


def test_a_post_is_taken_away_and_one_that_is_gone_is_no_fault(network, stand):
    made = network.publish(SocialDraft(words=WORDS))
    network.remove(made.id)
    assert stand.posts == []
    network.remove(made.id)


def test_a_lost_answer_says_so_and_the_post_is_found(network, stand):
    stand.say.append("after")
    with pytest.raises(SocialError) as lost:
        network.publish(SocialDraft(words=WORDS))
    assert lost.value.fault is SocialFault.LOST
    assert network.find(WORDS, since=AGO) is not None


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("busy", SocialFault.BUSY),
        ("denied", SocialFault.DENIED),
        ("invalid", SocialFault.INVALID),
        ((500, {}, None), SocialFault.LOST),
    ],
    ids=["busy", "denied", "invalid", "broken"],
)
def test_a_refusal_says_what_it_is_and_publishes_nothing(network, stand, told, fault):
    stand.say.append(getattr(stand, told) if isinstance(told, str) else told)
    with pytest.raises(SocialError) as refused:
        network.publish(SocialDraft(words=WORDS))
    assert refused.value.fault is fault
    assert refused.value.words
    assert stand.posts == []


def test_a_broken_picture_upload_has_published_nothing():
    with Served(Linkedin) as stand:  # at Facebook picture and post are one request
        stand.say.append((503, {}, None))
        with pytest.raises(SocialError) as away:
            opened(stand).publish(SocialDraft(words=WORDS, picture=PICTURE))
    assert away.value.fault is SocialFault.AWAY


def test_a_bad_token_is_denied_with_what_mends_it(stand):
    with pytest.raises(SocialError) as refused:
        opened(stand, token="old").check()
    assert refused.value.fault is SocialFault.DENIED
    assert "token" in refused.value.remedy


def test_a_token_that_may_not_read_is_denied_before_it_is_needed(network, stand):
    stand.may_read = False
    with pytest.raises(SocialError) as refused:
        network.check()
    assert refused.value.fault is SocialFault.DENIED
