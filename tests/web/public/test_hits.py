"""Mailed links without a database in the way: on disk first, in the tables once (ENGINE T2, T5)."""

import errno
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import psycopg
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import event, text

from tcma.adapters import hits as hit_files
from tcma.adapters.hits import HitFiles
from tcma.errors import Unavailable
from tcma.ports import Hit, HitKind
from tcma.web import hits as web_hits
from tcma.web.app import hits_of
from tests.pages import app_of
from tests.services import engine_of

HUMAN = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari"}


@pytest.fixture
def app(sent, tmp_path):
    """A web process of its own, with a folder of its own for what comes back."""
    return sent.web(tmp_path)


def click_of(sent, message, slot=1):
    mailing = sent.count("SELECT mailing_id FROM message WHERE id = :id", id=message)
    return "/c/" + sent.db.site.signer.message_token("c", message, slot, mailing)


def events_of(sent, message):
    return sent.count("SELECT count(*) FROM event WHERE message_id = :id", id=message)


def clicked(sent, message):
    return sent.count(
        "SELECT count(*) FROM message_reaction"
        " WHERE message_id = :id AND human_clicked_at IS NOT NULL", id=message,
    )  # fmt: skip


def test_hits_are_in_the_tables_once_however_often_they_are_brought_in(sent, app):
    message, _ = sent.message()
    browser, mine = app.test_client(), hits_of(app)
    browser.get(f"/o/{sent.token('o', message)}", headers=HUMAN)
    answer = browser.get(click_of(sent, message), headers=HUMAN)
    assert answer.status_code == 302
    assert f"m={click_of(sent, message)[3:]}" in answer.headers["Location"]
    assert events_of(sent, message) == 0
    assert [mine.bring_in(), mine.bring_in()] == [2, 0]
    assert (events_of(sent, message), clicked(sent, message)) == (2, 1)


def test_three_links_in_one_batch_unmask_a_scanner(sent, app):
    message, _ = sent.message()
    browser = app.test_client()
    mailing = sent.count("SELECT mailing_id FROM message WHERE id = :id", id=message)
    with sent.db() as work:
        work.session.execute(
            text("INSERT INTO mailing_link SELECT :m, n, 'https://far.example/' || n"
                 " FROM generate_series(7, 9) n"), {"m": mailing},
        )  # fmt: skip
    for slot in (7, 8, 9):
        assert browser.get(click_of(sent, message, slot), headers=HUMAN).status_code == 302
    hits_of(app).bring_in()
    assert (events_of(sent, message), clicked(sent, message)) == (3, 0)


def test_a_machine_that_fetches_all_links_of_a_mail_is_told_by_the_one_no_person_sees(sent, app):
    message, _ = sent.message()
    browser = app.test_client()
    mailing = sent.count("SELECT mailing_id FROM message WHERE id = :id", id=message)
    shown = browser.get(f"/v/{sent.token('v', message)}").text
    found = [a.attributes["href"] for a in LexborHTMLParser(shown).css("a[href]")]
    links = [urlsplit(url).path for url in found if urlsplit(url).path[:3] in {"/c/", "/n/"}]
    assert [path[:3] for path in links].count("/n/") == 1
    first = browser.get(links[0], headers=HUMAN)
    answers = [browser.get(path, headers=HUMAN) for path in links[1:]]
    assert {each.status_code for each in answers} == {first.status_code} == {302}
    trap = answers[-1].headers
    assert trap["Location"] == sent.count(
        "SELECT url FROM mailing_link WHERE mailing_id = :m AND slot = 1", m=mailing
    )
    assert sorted(trap.keys()) == sorted(first.headers.keys())
    assert browser.head(links[-1], headers=HUMAN).status_code == 302
    hits_of(app).bring_in()
    assert clicked(sent, message) == 0
    unmasked = sent.count(
        "SELECT count(*) FROM event WHERE message_id = :id AND verdict = 3"
        " AND reasons ? 'opened a link that no person sees'", id=message,
    )  # fmt: skip
    assert unmasked == events_of(sent, message) == len(links) + 1


@contextmanager
def away(engine):
    """The database's server is gone: connections break off, new ones are refused."""

    def refuse(*_):
        raise psycopg.OperationalError("connection refused")

    event.listen(engine, "do_connect", refuse)
    engine.dispose()
    yield
    event.remove(engine, "do_connect", refuse)


def test_t5_without_a_database_links_are_answered_and_nothing_is_lost(sent, tmp_path):
    message, _ = sent.message()
    with engine_of(sent.db.url) as engine:
        app = app_of(replace(sent.db, engine=engine), tmp_path)
        hits, browser = hits_of(app), app.test_client()
        hits.targets.learn()
        with away(engine):
            assert browser.get(click_of(sent, message), headers=HUMAN).status_code == 302
            assert browser.get(f"/o/{sent.token('o', message)}", headers=HUMAN).status_code == 200
            assert browser.post(f"/u/{sent.token('u', message)}").status_code == 200
            with pytest.raises(Unavailable):
                hits.bring_in()
        assert hits.bring_in() == 3
    assert events_of(sent, message) == 2


def test_what_a_killed_process_left_is_brought_in_by_the_next(sent, app):
    message, _ = sent.message()
    left = HitFiles(hits_of(app).files.folder)
    left.write(Hit(HitKind.OPEN, message, 0, sent.db.clock.now(), "GET", HUMAN["User-Agent"]))
    hits = hits_of(app)
    (name,) = [path.name for path in hits.files.waiting()]
    assert hits.bring_in() == 0  # its process lives
    left.let_go()
    assert hits.bring_in() == 1
    assert not hits.files.waiting()
    assert sent.count("SELECT count(*) FROM hit_file WHERE name = :name", name=name) == 0
    assert events_of(sent, message) == 1


def test_a_process_killed_in_the_middle_leaves_its_hits_and_nothing_of_its_unused_room(
    sent, app, tmp_path
):
    message, _ = sent.messages[0]
    before = events_of(sent, message)
    folder = hits_of(app).files.folder
    script = (
        "import os, signal, sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from tcma.adapters.hits import HitFiles; from tcma.ports import Hit, HitKind\n"
        "files = HitFiles(Path(sys.argv[1]))\n"
        "for n in range(3):\n"
        "    files.write(Hit(HitKind.OPEN, int(sys.argv[2]), 0, datetime.now(UTC), 'GET', 'x'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, folder, str(message)], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = hits_of(app).files.waiting()
    assert left.stat().st_size == hit_files.ROOM
    assert hits_of(app).bring_in() == 3
    assert not left.exists()
    assert events_of(sent, message) == before + 3


def test_in_a_crowd_a_stop_is_brought_in_at_once_and_what_was_opened_a_little_later(
    sent, app, monkeypatch
):
    monkeypatch.setattr(web_hits, "CROWD_S", -1)  # whatever comes is a crowd
    (opener, _), (leaver, _) = sent.message(), sent.message()
    browser, mine = app.test_client(), hits_of(app)
    browser.get(f"/o/{sent.token('o', opener)}", headers=HUMAN)
    stop = browser.post(
        f"/u/{sent.token('u', leaver)}", data={"List-Unsubscribe": "One-Click"}, headers=HUMAN
    )
    assert stop.status_code == 200
    mine._looked -= 1
    turns = [mine._turn(every_file=False, yields=True) for _ in range(web_hits.CROWD_TURNS)]
    assert turns == [1, 0, 0, 1]
    assert events_of(sent, opener) == 1


def test_a_full_file_makes_room_for_another_and_both_are_brought_in(sent, app, monkeypatch):
    monkeypatch.setattr(hit_files, "ROOM", 4_096)
    message, _ = sent.messages[0]
    before = events_of(sent, message)
    browser, mine = app.test_client(), hits_of(app)
    for _ in range(100):
        browser.get(f"/o/{sent.token('o', message)}", headers=HUMAN)
    assert len(mine.files.waiting()) > 1
    assert mine.bring_in() == 100
    assert len(mine.files.waiting()) == 1
    assert events_of(sent, message) == before + 100


def test_a_file_that_fills_up_while_it_is_read_is_nobody_elses_until_then(tmp_path, monkeypatch):
    monkeypatch.setattr(hit_files, "ROOM", 200)
    mine, other = HitFiles(tmp_path), HitFiles(tmp_path)
    hit = Hit(HitKind.OPEN, 1, 0, hit_files.EPOCH, "GET", "x" * 100)
    mine.write(hit)
    (first,) = mine.mine()
    with mine.held(first) as is_mine:
        assert is_mine
        mine.write(hit)
        assert mine.mine() != [first]
        with other.held(first) as is_theirs:
            assert not is_theirs
    with other.held(first) as is_theirs:
        assert is_theirs
    mine.let_go()


def test_without_room_for_a_file_a_hit_goes_to_the_database_at_once(sent, app, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    message, _ = sent.messages[0]
    before = events_of(sent, message)
    answer = app.test_client().get(f"/o/{sent.token('o', message)}", headers=HUMAN)
    assert answer.status_code == 200
    assert events_of(sent, message) == before + 1
    assert not hits_of(app).files.waiting()


def test_a_line_that_breaks_off_waits_and_one_of_nonsense_is_passed_over(sent, app):
    message, _ = sent.message()
    folder = hits_of(app).files.folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "a.hits"
    path.write_bytes(b"nonsense\n" + b"O 1700000000000000 %d 0 GET x\nO 17000" % message)
    assert hits_of(app).bring_in() == 1
    assert path.exists()
    with path.open("ab") as file:
        file.write(b"00000000000 %d 0 GET x\n" % message)
    assert hits_of(app).bring_in() == 1
    assert not path.exists()
    assert events_of(sent, message) == 2


def test_a_hit_that_cannot_be_written_is_passed_over_and_the_others_are_kept(sent, app):
    message, _ = sent.message()
    good = b"O 1700000000000000 %d 0 GET x\n" % message
    folder = hits_of(app).files.folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "bad.hits"
    path.write_bytes(good + b"O 1700000000000000 %d 0 GET x\n" % 2**70 + good)
    hits_of(app).bring_in()
    assert events_of(sent, message) == 2
    assert not path.exists()


def test_a_click_never_waits_for_the_database_and_a_mended_link_is_learnt(sent, app, monkeypatch):
    monkeypatch.setattr(web_hits, "FRESH_S", -1.0)
    message, _ = sent.message()
    mailing = sent.count("SELECT mailing_id FROM message WHERE id = :id", id=message)
    known = hits_of(app).targets
    known.learn()
    before = known.of(mailing, 1)
    mend = "UPDATE mailing_link SET url = :url WHERE mailing_id = :m AND slot = 1"
    with sent.db() as work:
        work.session.execute(text(mend), {"m": mailing, "url": "https://mended.example/"})
    assert known.of(mailing, 1) == before
    known.learn()
    assert known.of(mailing, 1) == "https://mended.example/"
    with sent.db() as work:
        work.session.execute(text(mend), {"m": mailing, "url": before})
