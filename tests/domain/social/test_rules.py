"""What a network takes: letters by its own count, the nearest picture, addresses of its posts."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tcma.errors import Invalid
from tcma.library.visits import VIAS
from tcma.rendering.source import load_files, read_folder
from tcma.social.rules import (
    HABITS,
    POST,
    SHORT_POST,
    Network,
    fit,
    link_of,
    nearest,
    opening_address,
    post_address,
    text_for,
    x_letters,
)
from tcma.tracking.rules import AgentVerdict, judge_agent
from tests.builders import TEMPLATES

LINK = "https://tcma.example/go/fenwright/cloud-migration?via=x"
SIZES = [("banner_1200x628", 1200, 628), ("banner_1080x1080", 1080, 1080),
         ("banner_1080x1920", 1080, 1920), ("banner_728x90", 728, 90)]  # fmt: skip
CAMPAIGNS = sorted(p.name for p in TEMPLATES.iterdir() if (p / "campaign.toml").exists())


def test_every_network_is_a_way_that_visits_are_counted_by():
    assert {each.value for each in Network} <= set(VIAS)
    assert link_of("https://t.example/go/a/b", Network.X) == "https://t.example/go/a/b?via=x"


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Two hours, one page.", 20),
        ("Zwei Stunden für Ihre Straße", 28),
        ("e\u0301", 1),
        ("移行の地図", 10),
        ("Look: https://a-very-long-name.example/with/a/path", 29),
        ("“Quoted” – dashed…", 19),
    ],
    ids=["latin", "umlauts", "composed", "japanese", "link", "marks"],
)
def test_x_counts_in_its_own_way(text, letters):
    assert x_letters(text) == letters


def test_a_post_ends_with_its_link_and_says_by_how_much_it_is_too_long():
    good = fit(Network.X, "a" * 255, LINK)
    assert (good.used, good.problem) == (280, "")
    assert good.whole.endswith(f"\n\n{LINK}")
    assert fit(Network.X, "a" * 256, LINK).problem.startswith("Too long for X by 1 letter.")
    assert fit(Network.LINKEDIN, "a" * 256, LINK).problem == ""


def test_instagram_gets_no_link_nobody_could_click():
    assert fit(Network.INSTAGRAM, "Two hours.", LINK).whole == "Two hours."


@pytest.mark.parametrize("text", ["", "Hello [[first_name|there]]"], ids=["empty", "token"])
def test_a_post_without_words_or_with_a_recipient_is_none(text):
    assert fit(Network.FACEBOOK, text, LINK).problem


def test_the_short_text_is_for_x_alone():
    slots = {POST: "long", SHORT_POST: "short"}
    assert {n: text_for(n, slots) for n in Network} == dict.fromkeys(Network, "long") | {
        Network.X: "short"
    }
    assert text_for(Network.X, {POST: "long", SHORT_POST: ""}) == "long"


def test_each_network_gets_the_picture_nearest_to_its_shape():
    found = {network: nearest(network, SIZES) for network in Network}
    assert found.pop(Network.INSTAGRAM) == "banner_1080x1080"
    assert set(found.values()) == {"banner_1200x628"}
    assert nearest(Network.X, []) == ""


def test_what_a_network_lets_be_filled_in_is_filled_in():
    opened = urlsplit(opening_address(Network.X, "Two & two", LINK))
    assert parse_qs(opened.query) == {"url": [LINK], "text": ["Two & two"]}
    assert opening_address(Network.INSTAGRAM, "x", LINK) == "https://www.instagram.com/"


@pytest.mark.parametrize(
    ("network", "address"),
    [
        (
            Network.LINKEDIN,
            "https://www.linkedin.com/feed/update/urn:li:share:7000000000000000000/",
        ),
        (Network.LINKEDIN, "https://lnkd.in/abc"),
        (Network.FACEBOOK, "https://m.facebook.com/story.php?story_fbid=1&id=2"),
        (Network.X, "https://twitter.com/fenwright/status/1"),
        (Network.INSTAGRAM, " https://www.instagram.com/p/abc/ "),
    ],
)
def test_an_address_of_a_post_is_taken(network, address):
    assert post_address(network, address) == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "linkedin.com/feed/update/1",
        "http://www.linkedin.com/feed/update/1",
        "https://www.linkedin.com/",
        "https://linkedin.com.evil.example/feed/1",
        "https://evillinkedin.com/feed/1",
        "https://www.linkedin.com@evil.example/feed/1",
        "https://evil.example@www.linkedin.com/feed/1",
        "javascript:alert(1)//linkedin.com/a",
        "https://www.linkedin.com/feed/<script>",
        "https://[linkedin.com/feed",
        "https://www.linkedin.com/" + "a" * 500,
    ],
    ids=range(12),
)
def test_what_is_no_post_there_is_refused(address):
    with pytest.raises(Invalid) as refused:
        post_address(Network.LINKEDIN, address)
    assert set(refused.value.fields) == {"address"}


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_what_a_campaign_says_fits_every_network(campaign):
    source = load_files(read_folder(TEMPLATES / campaign))
    for language in source.languages:
        slots = {slot.key: slot.default(language) for slot in source.slots}
        problems = [fit(n, text_for(n, slots), LINK).problem for n in Network]
        assert not any(problems), (language, problems)


APP = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "verdict"),
    [
        (f"{APP} Mobile/22B83 [FBAN/FBIOS;FBAV/489.0.0.40.104;FBBV/1;FBDV/iPhone15,2]", "human"),
        (f"{APP} Mobile/15E148 [LinkedInApp]/9.30.2587", "human"),
        (f"{APP} Mobile/22B83 Instagram 356.0.0.33.83 (iPhone15,2; iOS 18_1; en_GB)", "human"),
        (f"{APP} Version/18.0 Mobile/15E148 Safari/604.1 Twitter for iPhone/10.66", "human"),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "bot"),
        ("LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)", "bot"),
        ("Twitterbot/1.0", "bot"),
    ],
    ids=["facebook app", "linkedin app", "instagram app", "x app", "facebook", "linkedin", "x"],
)  # fmt: skip
def test_people_inside_an_app_count_and_its_preview_does_not(agent, verdict):
    assert judge_agent(agent) is AgentVerdict(verdict)


def test_every_network_opens_over_tls():
    assert all(habits.opens.startswith("https://") for habits in HABITS.values())
