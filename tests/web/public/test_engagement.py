"""How a vendor shares requests is read in public, in the language of who reads it."""

import pytest

from tcma.leads.routing.reading import read
from tcma.leads.routing.words import engagement, rule_sentence
from tcma.words import in_language
from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture
from tests.web.desk.conftest import counter  # noqa: F401 - the fixture

RULES = """
[[rule]]
name = "Big ones"
if = { country = ["DE", "AT"], score = 40 }
need = { territory = true, tier = ["gold"] }
first = 3
hours = 8
[[rule]]
name = "Others"
"""


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("en-GB", "goes in turn to the partners"),
        ("de-DE", "geht reihum an die Partner"),
        ("es-ES", "va por turnos a los partners"),
    ],
)
def test_a_visitor_reads_the_rules_in_the_language_of_its_browser(counter, asked, words):  # noqa: F811
    page = counter.alice.client.__class__(counter.alice.client.application)
    answer = page.get("/rules/quillon", headers={"Accept-Language": asked})
    assert answer.status_code == 200
    assert words in answer.get_data(as_text=True)


def test_a_rule_is_one_sentence_in_every_language():
    first, second = read(RULES).rules.rules
    assert rule_sentence(first) == (
        "A lead from DE or AT of 40 points or more goes to up to 3 at once of the partners that work in"
        " the territory and are gold. The first to take it has it, within 8 working hours; then the next"
        " rule is asked."
    )
    assert in_language(rule_sentence(first), "de") == (
        "Ein Lead aus DE oder AT mit 40 Punkten oder mehr geht gleichzeitig an bis zu 3 Partner. Zur Wahl:"
        " die Partner, die im Gebiet arbeiten und gold sind. Wer ihn zuerst nimmt, hat ihn (Frist: 8"
        " Arbeitsstunden); danach gilt die nächste Regel."
    )
    assert in_language(rule_sentence(second), "es") == "Todo lead va por turnos a los partners."


def test_nothing_of_our_own_words_is_left_in_english():
    for title, words in engagement(read(RULES).rules):
        for language in ("de", "fr", "es", "ja"):
            assert in_language(title, language) != title or title == "Performance"
            assert in_language(words, language) != words
