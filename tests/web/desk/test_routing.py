"""Routing rules at the desk: a fault is named at its line, a change is tried, then published."""

from datetime import timedelta

from sqlalchemy import text

EDIT, RULES = "/desk/rules/routing/edit", "/desk/rules/routing"
NOBODY = '[sticky]\nsource = "never"\n\n[[rule]]\nname = "Abroad"\nif = { country = ["FR"] }\n'


def today(counter):
    with counter.house.db() as work:
        return (work.now + timedelta(days=1)).date().isoformat()


def sent(counter, source, act="try"):
    return counter.mira.post(EDIT, source=source, valid_from=today(counter), note="why", act=act)


def test_the_standard_is_in_force_and_reads_as_sentences(counter):
    page = counter.mira.get(RULES)
    assert "the standard, until you publish your own" in page.words
    assert "The partner whose page brought a lead gets it" in page.words
    assert "Every lead goes in turn to the partners that work in the territory." in page.words


def test_a_fault_is_named_with_its_line_and_what_stands_there(counter):
    page = sent(counter, NOBODY + 'colour = "red"\nneed = { tier = ["bronze"] }\n')
    assert "Line 7: “colour” means nothing in [[rule]]" in page.words
    assert 'need = { tier = ["bronze"] }' in page.words
    assert "tier “bronze” is unknown" in page.words
    assert "Publish" not in page.words
    assert sent(counter, NOBODY + 'colour = "red"\n', act="publish").status == 422


def test_a_change_is_tried_first_and_then_published_once(counter):
    tried = sent(counter, NOBODY)
    assert "Publish" in tried.words
    assert "A lead from FR goes in turn to the partners." in tried.words
    assert sent(counter, NOBODY, act="publish").status == 303
    assert sent(counter, NOBODY, act="publish").status == 303
    assert "Version 1 is published." in counter.mira.get(RULES).words
    page = counter.mira.get(RULES)
    assert page.words.count("Version 1") == 1
    assert "Version 2" not in page.words
    assert "To come" in page.words
    version = counter.mira.get(f"{RULES}/versions/1")
    assert "A lead from FR goes in turn to the partners." in version.words


def test_a_failing_test_beside_the_rules_keeps_them_from_being_published(counter):
    failing = NOBODY + '\n[[test]]\nname = "Paris"\nlead = { country = "DE" }\ngets = "somebody"\n'
    page = sent(counter, failing)
    assert "Test “Paris” fails" in page.words
    assert sent(counter, failing, act="publish").status == 422
    with counter.house.db() as work:
        assert work.session.scalar(text("SELECT count(*) FROM routing_version")) == 0


def test_the_score_says_how_many_closed_leads_are_missing(counter):
    page = counter.mira.get("/desk/rules/score")
    assert "There are too few closed leads to learn from: 0 of 200." in page.words
