"""A vendor's own tasks: written at the desk, done on a partner's first page, ticked at the desk too."""

from tcma.partners.queries import partner_of

TASKS = "/desk/programme/tasks"


def actions_of(page, ending):
    return [form.attributes["action"] for form in page.tree.css("form[action]")
            if form.attributes["action"].endswith(ending)]  # fmt: skip


def test_a_task_is_asked_for_done_by_the_partner_and_seen_at_the_desk(counter):
    facts = {"title": "Sign the contract", "words": "Two pages.", "due_days": "7", "who": "partner",
             "link": "https://sign.example.com"}  # fmt: skip
    assert counter.mira.post(TASKS, **facts | {"link": "http://x", "due_days": "900"}).status == 422
    assert counter.mira.post(TASKS, **facts).status == 303
    assert "7 days after joining" in counter.mira.get(TASKS).words
    home = counter.alice.get("/console")
    assert "Sign the contract" in home.words
    assert "Open sign.example.com" in home.words
    [tick] = actions_of(home, "/tick")
    assert counter.alice.post(tick).status == 303
    assert "Sign the contract" not in counter.alice.get("/console").words
    with counter.house.db() as work:
        slug = partner_of(work.session, counter.house.alice.partner_id).slug
    firm = counter.mira.get(f"/desk/partners/{slug}")
    assert "Alice" in firm.words
    [again] = actions_of(firm, "/tick")
    assert counter.mira.post(again, done="no").status == 303
    assert "Sign the contract" in counter.alice.get("/console").words
    [end] = actions_of(counter.mira.get(TASKS), "/end")
    assert counter.mira.post(end).status == 303
    assert "You ask for nothing of your own yet" in counter.mira.get(TASKS).words
