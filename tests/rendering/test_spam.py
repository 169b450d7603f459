"""What filters hold against a mail, each with its weight."""

import pytest

from tcma.rendering.spam import CLIPPED, SUSPECT, Letter, marks

WORDS = "<p>" + "Your server room costs more than you think, and here is what to do about it. " * 5
GOOD = {
    "subject": "Move off the old server room", "html": WORDS, "text": WORDS,
    "links": ("https://fenwright.example/go",),
}  # fmt: skip


def against(**facts):
    return [(each.weight, str(each.words)) for each in marks(Letter(**(GOOD | facts)))]


def test_a_plain_mail_has_nothing_against_it():
    assert against() == []


@pytest.mark.parametrize(
    ("facts", "weight", "words"),
    [
        ({"subject": "LAST CHANCE TO MOVE"}, 3, "in capitals"),
        ({"subject": "Save now!!!"}, 2, "in a row"),
        ({"subject": "€€€ for you"}, 2, "in a row"),
        ({"html": "<p>Look</p><img src=a.png>"}, 4, "nearly all picture"),
        ({"text": " "}, 3, "no plain text"),
        ({"html": WORDS + "<!--" + "x" * CLIPPED + "-->"}, 2, "Gmail cuts it at 102 kB"),
        ({"links": ("https://bit.ly/3x",)}, 4, "through bit.ly"),
        (
            {"html": WORDS + '<a href="[[link:1]]">www.bank.example</a>'},
            4,
            "shows bank.example and leads to fenwright.example",
        ),
    ],
)
def test_each_thing_is_named_with_its_weight(facts, weight, words):
    ((found, said),) = against(**facts)
    assert found == weight
    assert words in said


@pytest.mark.parametrize(
    "facts",
    [
        {"subject": "NIS2: was tun?"},
        {"subject": "SAP"},
        {"subject": "[[first_name|YOU THERE AND THERE]], look"},
        {"subject": "古いサーバー室から移りませんか"},
        {"html": WORDS + '<a href="[[link:1]]">fenwright.example/offer</a>'},
        {"html": WORDS + '<a href="[[link:1]]">go.fenwright.example</a>'},
        {"html": WORDS + '<a href="[[unsubscribe_url]]">other.example</a>'},
        {"html": WORDS + '<a href="[[link:1]]">Read on</a>'},
    ],
)
def test_what_people_write_every_day_is_nothing(facts):
    assert against(**facts) == []


def test_the_heaviest_comes_first_and_two_of_them_are_suspect():
    found = against(subject="LAST CHANCE TO MOVE", html="<p>Look</p><img src=a.png>")
    assert [weight for weight, _ in found] == [4, 3]
    assert sum(weight for weight, _ in found) >= SUSPECT
