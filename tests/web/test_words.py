"""What partners read is told in their language: in en-XA everything of ours stands in ⟦ ⟧."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment
from sqlalchemy import text

from tcma.web.case_words import VERBS
from tcma.web.wording import install
from tcma.words import PSEUDO, in_language, read_back, say
from tests.pages import TOKEN
from tests.web.routes import address, rules

TOLD = (".side nav a", "thead th", "main .btn-primary", "main .seg a", "main summary")
"""Parts of a page that are ours, whatever people called their things."""


@pytest.fixture(scope="module")
def pseudo(lived):
    """Alice reads the language that nobody speaks, and her own again afterwards."""

    def speak(locale):
        with lived.db() as work:
            asked = {"locale": locale, "id": lived.people["Alice"].user_id}
            before = work.session.scalar(
                text("select locale from user_account where id = :id"), asked
            )
            work.session.execute(
                text("update user_account set locale = :locale where id = :id"), asked
            )
            return before

    before = speak(PSEUDO)
    yield
    speak(before)


def test_every_page_of_a_partner_can_be_told_in_another_language(rehearsal, lived, pseudo):
    wrong, seen = [], 0
    for rule in rules(rehearsal.app):
        if not rule.endpoint.startswith("console.") or "GET" not in rule.methods:
            continue
        page = rehearsal.ask("Alice", "GET", address(rehearsal.app, rule, lived))
        if page.status == 200 and page.tree is not None and page.tree.css_first("nav"):
            seen += 1
            told = [each for part in TOLD for each in page.all(part)]
            wrong += [(rule.endpoint, each) for each in told if "⟦" not in each]
            wrong += [(rule.endpoint, "not told")] if "⟦" not in page.words else []
        elif page.status >= 500:
            wrong.append((rule.endpoint, page.status))
    assert wrong == []
    assert seen > 40


def test_a_visitors_page_follows_the_browser_and_the_choice_in_the_foot(rehearsal):
    client = rehearsal.app.test_client()
    german = client.get("/sign-in", headers={"Accept-Language": "de-AT,de;q=0.8"})
    assert german.status_code == 200
    assert '<html lang="de-DE"' in german.text
    client.get("/sign-in?speak=fr")
    french = client.get("/forgot", headers={"Accept-Language": "de"})
    assert '<html lang="fr-FR"' in french.text


def test_a_refusal_is_told_in_the_language_of_its_page(rehearsal):
    client = rehearsal.app.test_client()
    token = TOKEN.search(client.get("/sign-in?speak=fr").text)[1]
    wrong = {"csrf_token": token, "email": "nobody@people.example", "password": "wrong"}
    told = client.post("/sign-in", data=wrong).text
    assert "de passe ne correspondent pas" in told, told


def test_words_that_a_template_joins_are_told_before_they_are_joined():
    env = Environment(autoescape=True)
    install(env, language=lambda: "de")
    page = env.from_string("{{ no ~ '. ' ~ word ~ ' <b>' }}{{ (no ~ word)|upper }}")
    assert page.render(no=1, word=say("Invoice")) == "1. Rechnung &lt;b&gt;1RECHNUNG"


def test_a_name_turns_nothing_that_stands_behind_it():
    env = Environment(autoescape=True)
    install(env, language=lambda: "de")
    page = env.from_string(
        '{{ name }} {{ ("<b>" ~ name)|safe }} {{ _("for {when}", when=name) }}{% trans n=name %}{{ n }}, today{% endtrans %}'
    )
    turned = page.render(name="\u202e\u2067\u202a\u0634\u0631\u064a\u0643 <x>")
    assert turned.count("\u0634\u0631\u064a\u0643") == 4
    assert "&lt;x&gt;" in turned
    assert not {"\u202e", "\u2067", "\u202a"} & set(turned)


def test_words_kept_as_their_english_text_are_told_again():
    assert in_language(read_back("Mail as sent"), "de") == "Gesendete Mail"
    assert in_language(read_back("Of our own {making}"), "de") == "Of our own {making}"


def test_every_verb_of_the_books_history_has_a_sentence():
    said = re.compile(r"\b(?:log|note)\(\s*work,\s*\w+,\s*\"([^\"]+)\"")
    verbs = {
        verb
        for path in (Path(__file__).parents[2] / "tcma" / "mdf").rglob("*.py")
        for verb in said.findall(path.read_text())
    }
    assert {"drafted", "paid", "paper handed in", "added a line"} <= verbs
    assert verbs - {*VERBS} == set()
