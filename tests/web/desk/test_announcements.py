"""Announcements on their pages: written at the desk, chosen or not, read at the console, stopped by a link."""

from sqlalchemy import text

from tests.pages import Visitor

FACTS = {
    "purpose": "events", "title": "Autumn day", "words": "Come to Leeds.\n\nBring a colleague.",
    "link": "https://events.example.com/leeds", "shown_days": "14",
}  # fmt: skip


def written(counter, **more):
    answer = counter.mira.post("/desk/announcements", **FACTS | more)
    assert answer.status == 303
    return answer.headers["Location"]


def way_out(counter):
    with counter.house.db() as work:
        plain = work.session.scalar(
            text("select b.plain from message_body b join message m on m.id = b.message_id"
                 " join mailing g on g.id = m.mailing_id where g.kind = 5")
        )  # fmt: skip
    return "/a/" + plain.partition("/a/")[2].split()[0]


def choice(counter, name="events"):
    page = counter.alice.get("/you/mail")
    (box,) = page.tree.css(f"input[name^=wants-][value={name}]")
    return {box.attributes["name"]: name}


def test_nothing_is_ticked_and_what_is_chosen_is_kept(counter):
    page = counter.alice.get("/you/mail")
    assert "Quillon may mail me about trainings and events." in page.words
    assert page.tree.css("input[name^=wants-][checked]") == []
    box = choice(counter)
    assert counter.alice.post("/you/mail", **box).status == 303
    (ticked,) = counter.alice.get("/you/mail").tree.css("input[name^=wants-][checked]")
    assert {ticked.attributes["name"]: ticked.attributes["value"]} == box
    assert "What mail you get" in counter.alice.get("/you").words
    assert "You work for no partner" in counter.mira.get("/you/mail").words


def test_it_is_looked_at_sent_read_and_counted(counter):
    mira, alice = counter.mira, counter.alice
    wrong = mira.post("/desk/announcements", **FACTS | {"link": "http://x", "shown_days": "900"})
    assert wrong.status == 422
    path = written(counter)
    page = mira.get(path)
    assert "Nobody it is for has chosen mail" in page.words
    assert "By mail, as they chose 0" in page.words
    alice.post("/you/mail", **choice(counter))
    assert "By mail, as they chose 1" in mira.get(path).words
    assert mira.post(path, **FACTS | {"title": "Autumn day in Leeds"}).status == 303
    assert "Autumn day in Leeds" in mira.get(f"{path}/edit").text
    assert mira.post(f"{path}/sending").status == 303
    home = alice.get("/console")
    assert "Autumn day in Leeds" in home.words
    [reading] = {
        f.attributes["action"] for f in home.tree.css("form[action]")
        if f.attributes["action"].endswith("/reading")
    }  # fmt: skip
    shown = alice.get(reading.removesuffix("/reading"))
    assert [p.text() for p in shown.tree.css("article.news p")] == [
        "Come to Leeds.", "Bring a colleague.",
    ]  # fmt: skip
    assert "Open events.example.com" in shown.words
    assert alice.post(reading, back="1").headers["Location"].endswith("/console")
    assert "Autumn day in Leeds" not in alice.get("/console").words
    assert "Autumn day in Leeds" in alice.get("/console/news").words
    done = mira.get(path).words
    for line in ("People 1", "By mail, as they chose 1", "Said they read it 1"):
        assert line in done
    assert mira.get(f"{path}/edit").status == 303
    assert "It has gone out already" in mira.post(path, **FACTS).words
    assert "Autumn day in Leeds" in mira.get("/desk/announcements").words


def test_the_way_out_shows_first_stops_by_post_and_answers_mail_programs(counter):
    counter.alice.post("/you/mail", **choice(counter))
    path = written(counter)
    counter.mira.post(f"{path}/sending")
    stranger, link = Visitor(counter.app, None), way_out(counter)
    assert "No more mail about “Trainings and events”?" in stranger.get(link).words
    assert len(counter.alice.get("/you/mail").tree.css("input[name^=wants-][checked]")) == 1
    bare = stranger.client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert (bare.status_code, bare.text) == (200, "Stopped.\n")
    assert counter.alice.get("/you/mail").tree.css("input[name^=wants-][checked]") == []
    assert "Stopped" in stranger.get(link).words
    assert stranger.get(link[:-3] + "xxx").status == 404


def test_a_draft_is_thrown_away_and_finance_writes_none(counter):
    path = written(counter)
    assert counter.mira.post(f"{path}/removal").status == 303
    assert counter.mira.get(path).status == 404
    assert "You have announced nothing yet" in counter.mira.get("/desk/announcements").words
    assert counter.finn.get("/desk/announcements").status == 403
    nobody = written(counter, levels="proven")
    refused = counter.mira.post(f"{nobody}/sending")
    assert refused.status == 422
    assert "It is for nobody" in refused.words
