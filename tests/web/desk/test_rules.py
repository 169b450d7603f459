"""Rules at the desk: read in sentences, checked by line, tried on last year, published and taken back."""

from sqlalchemy import text

from tests.domain.mdf.test_programmes import half, source


def test_rules_are_read_tried_published_and_taken_back(counter):
    house = counter.house
    house.sent(400)
    index = counter.mira.get("/desk/rules")
    assert "Quillon growth 2026" in index.words
    shown = counter.mira.get(f"/desk/rules/{house.fund_ref}")
    assert "A plan is sent at the latest 10 working days before activity start." in shown.words
    next_page = f"/desk/rules/{house.fund_ref}/next"
    tried = counter.mira.post(next_page, source=half(house), starts_on="2026-03-09", act="try")
    assert (tried.status, "1 of 1 would have come out differently." in tried.words) == (200, True)
    done = counter.mira.post(next_page, source=half(house), starts_on="2026-03-09", act="publish")
    assert done.status == 303
    assert "The vendor pays 50% of the cost." in counter.mira.get(done.location).words
    back = counter.mira.post(f"{next_page}/withdrawal")
    assert back.status == 303
    assert "The vendor pays 50% of the cost." not in counter.mira.get(back.location).words


def test_what_is_wrong_with_rules_is_said_at_its_line_and_nothing_is_published(counter):
    house = counter.house
    wrong = source(house).replace("percent = 100", "percent = 200")
    line = wrong.split("\n").index("percent = 200") + 1
    page = counter.mira.post(
        f"/desk/rules/{house.fund_ref}/next", source=wrong, starts_on="2026-03-09", act="publish"
    )
    assert page.status == 422
    assert f"Line {line}: “percent” must be a percentage" in page.words
    assert "percent = 200" in page.text
    assert "none" in counter.mira.get("/desk/rules").words


def test_both_sides_read_why_a_plan_came_to_its_sum(counter):
    ref = counter.house.sent(400)
    for page in (
        counter.finn.get(f"/desk/fund-requests/{ref}"),
        counter.alice.get(f"/console/fund-requests/{ref}"),
    ):
        assert "Why this amount" in page.words
        assert "100% of £400.00 is £400.00." in page.words


def test_both_sides_read_whether_a_decision_still_comes_out_the_same(counter):
    ref = counter.house.sent(400)
    pages = (
        (counter.finn, f"/desk/fund-requests/{ref}"),
        (counter.alice, f"/console/fund-requests/{ref}"),
    )
    for visitor, path in pages:
        assert "Replayed now, it comes out the same." in visitor.get(path).words
    with counter.house.db.engine.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(
            text("update judgement set case_text = replace(case_text, '400.00', '300.00')")
        )
    for visitor, path in pages:
        assert "Replayed now, it comes out otherwise" in visitor.get(path).words
