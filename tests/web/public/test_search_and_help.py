"""Search shows what the role may read and nothing of others; help answers everybody signed in."""

import pytest

from tcma.web.public.help_pages import TOPICS
from tests.pages import Visitor, app_of


@pytest.fixture(scope="session")
def ask(sent):
    app = app_of(sent.db, sent.folder)
    signed_in = {}

    def asked(name, path):
        if name not in signed_in:
            signed_in[name] = Visitor(app, sent.world.emails[name])
        return signed_in[name].get(path)

    return asked


def groups(page):
    return page.all("main h2")


@pytest.mark.parametrize(
    ("kind", "who", "page"),
    [
        ("launch", "Alice", "/console/launches/"),
        ("lead", "Alice", "/console/leads/"),
        ("request", "Alice", "/console/fund-requests/"),
        ("claim", "Alice", "/console/claims/"),
        ("launch", "Mira", "/desk/launches/"),
        ("lead", "Mira", "/desk/leads/"),
        ("claim", "Finn", "/desk/claims/"),
        ("batch", "Finn", "/desk/payments/"),
    ],
)
def test_a_reference_goes_straight_to_its_page(sent, ask, kind, who, page):
    ref = sent.world.parts[kind]
    found = ask(who, f"/search?q={ref.lower()}")
    assert found.status == 302
    assert found.location.startswith(f"{page}{ref}")


@pytest.mark.parametrize("who", ["Charlie", "Omar", "Olga"])
@pytest.mark.parametrize("kind", ["launch", "lead", "request", "claim"])
def test_a_reference_of_others_is_as_if_it_were_not_there(sent, ask, kind, who):
    page = ask(who, f"/search?q={sent.world.parts[kind]}")
    assert page.status == 200
    assert groups(page) == []
    assert "Nothing of yours matches" in page.words


@pytest.mark.parametrize(
    ("who", "words", "found"),
    [
        ("Alice", "reader1", ["People"]),
        ("Alice", "arch", ["Campaigns", "Launches"]),
        ("Alice", "Brackwater", ["People", "Leads"]),
        ("Alice", "growth", ["Funds"]),
        ("Alice", "consent", ["Help"]),
        ("Mira", "Fenwright", ["Partners", "Launches"]),
        ("Mira", "reader1", []),
        ("Sam", "growth", []),
        ("Charlie", "reader1", []),
    ],
)
def test_words_find_five_of_each_kind_that_the_role_may_read(ask, who, words, found):
    assert groups(ask(who, f"/search?q={words}")) == found


@pytest.mark.parametrize("words", ["", "%00", "%25", "'; drop table lead", "x" * 5000])
def test_odd_words_find_nothing_and_break_nothing(ask, words):
    assert ask("Alice", f"/search?q={words}").status == 200


@pytest.mark.parametrize("topic", [topic.slug for topic in TOPICS])
def test_every_topic_has_its_page(ask, topic):
    page = ask("Sam", f"/help/{topic}")
    assert page.status == 200
    assert len(page.words) > 200


def test_a_topic_there_is_not_is_not_found(ask):
    assert ask("Sam", "/help/nothing").status == 404


def test_who_is_not_signed_in_is_asked_to(sent):
    client = sent.client()
    for path in ("/search", "/help", "/help/funds"):
        assert client.get(path).status_code == 302
