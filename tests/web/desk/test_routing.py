"""Routing rules at the desk: a fault is named at its line or field, a change is tried, then published."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.web.forms.routing import settings_of

RULES = "/desk/rules/routing"
DRAFT = f"{RULES}/draft"
NOBODY = '[sticky]\nsource = "never"\n\n[[rule]]\nname = "Abroad"\nif = { country = ["FR"] }\n'


def tomorrow(counter):
    with counter.house.db() as work:
        return (work.now + timedelta(days=1)).date().isoformat()


def seen(counter):
    with counter.house.db() as work:
        return work.session.scalar(text("SELECT no FROM routing_draft")) or 0


def sends(counter, path, **fields):
    return counter.mira.post(f"{DRAFT}{path}", seen=seen(counter), **fields)


@pytest.fixture
def drafted(counter):
    """A draft that says only NOBODY."""
    assert counter.mira.post(DRAFT).status == 303
    assert sends(counter, "/source", source=NOBODY).status == 303
    return counter


def test_the_standard_is_in_force_and_reads_as_sentences(counter):
    page = counter.mira.get(RULES)
    assert "the standard, until you publish your own" in page.words
    assert "The partner whose page brought a lead gets it" in page.words
    assert "Every lead goes in turn to the partners that work in the territory." in page.words


def test_a_fault_is_named_with_its_line_and_what_stands_there(drafted):
    wrong = NOBODY + 'colour = "red"\nneed = { tier = ["bronze"] }\n'
    assert sends(drafted, "/source", source=wrong).status == 303
    page = drafted.mira.get(DRAFT)
    assert "Line 7: “colour” means nothing in [[rule]]" in page.words
    assert 'need = { tier = ["bronze"] }' in page.words
    assert "tier “bronze” is unknown" in page.words
    assert "Try on last quarter" not in page.words
    refused = sends(drafted, "/trial", valid_from=tomorrow(drafted), note="")
    assert refused.status == 422


def test_a_change_is_tried_first_and_then_published_once(drafted):
    tried = drafted.mira.get(f"{DRAFT}/trial")
    assert "Publish" in tried.words
    assert "A lead from FR goes in turn to the partners." in tried.words
    assert sends(drafted, "/trial", valid_from=tomorrow(drafted), note="why").status == 303
    assert sends(drafted, "/trial", valid_from=tomorrow(drafted), note="why").status == 404
    page = drafted.mira.get(RULES)
    assert page.words.count("Version 1") == 1
    assert "Version 2" not in page.words
    assert "To come" in page.words
    version = drafted.mira.get(f"{RULES}/versions/1")
    assert "A lead from FR goes in turn to the partners." in version.words
    assert drafted.mira.post(DRAFT, version=1).status == 303
    assert "Abroad" in drafted.mira.get(DRAFT).words


def test_a_failing_test_beside_the_rules_keeps_them_from_being_published(drafted):
    added = sends(drafted, "/test/new", name="Paris", country="DE", gets="somebody")
    assert added.status == 303
    page = drafted.mira.get(DRAFT)
    assert "Test “Paris” fails" in page.words
    assert sends(drafted, "/trial", valid_from=tomorrow(drafted)).status == 422
    with drafted.house.db() as work:
        assert work.session.scalar(text("SELECT count(*) FROM routing_version")) == 0


def test_a_refused_rule_keeps_what_was_typed_and_names_its_field(drafted):
    page = sends(drafted, "/rule/new", name="Larger", who="round", country="Britain", score="60")
    assert page.status == 422
    assert "“BRITAIN” is no country: write two capitals, such as GB." in page.words
    assert 'value="60"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "Larger" not in drafted.mira.get(DRAFT).words


def test_rules_are_added_moved_switched_off_taken_out_and_each_step_is_taken_back(drafted):
    assert sends(drafted, "/rule/new", name="Last", who="queue", country="DE").status == 303
    assert sends(drafted, "/rule/1/up", called="Last").status == 303
    page = drafted.mira.get(DRAFT)
    assert page.words.index("Last") < page.words.index("Abroad")
    assert "A lead from DE waits in the manual queue, for a person to decide." in page.words
    assert sends(drafted, "/rule/0/off", called="Last").status == 303
    assert "Switched off, nobody is asked by it." in drafted.mira.get(DRAFT).words
    assert sends(drafted, "/rule/0/removal", called="Last").status == 303
    assert "waits in the manual queue, for a person" not in drafted.mira.get(DRAFT).words
    assert drafted.mira.post(f"{DRAFT}/undo").status == 303
    assert "Switched off, nobody is asked by it." in drafted.mira.get(DRAFT).words


def test_who_changed_it_meanwhile_is_named_and_nothing_is_lost(drafted):
    old = seen(drafted)
    assert sends(drafted, "/rule/0/off", called="Abroad").status == 303
    late = drafted.mira.post(f"{DRAFT}/rule/new", seen=old, name="Late", who="round")
    assert late.status == 409
    assert "changed these rules meanwhile" in late.words
    assert 'value="Late"' in late.text


def test_accounts_partners_and_settings_have_their_forms(drafted):
    with drafted.house.db() as work:
        slug = work.session.scalar(text("SELECT slug FROM partner ORDER BY id LIMIT 1"))
    assert sends(drafted, "/account/new", domain="big.example", partner=slug).status == 303
    refused = sends(drafted, "/account/new", domain="big", partner=slug)
    assert (refused.status, "such as “" in refused.words) == (422, False)
    assert sends(drafted, f"/partner/{slug}", most_open="9", products="backup, phone").status == 303
    assert sends(drafted, "/partner/nobody", most_open="9").status == 422
    page = drafted.mira.get(f"{DRAFT}/settings")
    assert "What performance weighs" in page.words or "Weights by performance" in page.words
    usual = settings_of({}) | {"sticky-source": "never", "person-joins": "y"}
    assert sends(drafted, "/settings", **usual).status == 303
    page = drafted.mira.get(DRAFT)
    assert "big.example" in page.words
    assert "joins = true" in page.words
    assert "Products backup or phone; at most 9 leads open." in page.words


def test_the_draft_is_thrown_away_after_a_question(drafted):
    assert (
        "The draft and its steps back are gone then" in drafted.mira.get(f"{DRAFT}/discard").words
    )
    assert drafted.mira.post(f"{DRAFT}/discard").status == 303
    assert drafted.mira.get(DRAFT).status == 404


def test_the_score_says_how_many_closed_leads_are_missing(counter):
    page = counter.mira.get("/desk/rules/score")
    assert "There are too few closed leads to learn from: 0 of 200." in page.words
