"""A new version and what partners made of the one before: who moves, who hears, what goes along."""

from datetime import timedelta

from sqlalchemy import text

from tcma.launches import actions, queries, rebasing
from tcma.library import actions as campaigns
from tcma.library import copies, copy_queries, importer
from tcma.rendering.source import read_folder
from tests import builders

FOLDER = builders.TEMPLATES / "cloud-migration"


def publish_anew(stage, **changes):
    files = read_folder(FOLDER)
    for old, new in changes.values():
        words = files["words/en.toml"].decode()
        assert old in words
        files["words/en.toml"] = words.replace(old, new).encode()
    with stage.db() as work:
        made = importer.import_files(work, stage.vendor_id, files)
        campaigns.publish(work, version_id=made.version_id)
    return made.version_id


def told(stage):
    with stage.db() as work:
        return sum(rebasing.tell(work, each) for each in rebasing.to_tell(work.session))


def view(stage):
    with stage.db(stage.alice) as work:
        return copy_queries.copy_by_id(work.session, stage.alice, stage.copy_id)


def letters(stage):
    with stage.db() as work:
        return work.session.scalars(text("select subject from message_body")).all()


HEADLINE = ("Move to the cloud one steady arch at a time.", "One steady arch at a time.")
NOTE = ("At no charge.", "Free of charge.")


def test_a_copy_nobody_wrote_in_follows_by_itself_and_nobody_is_troubled(stage):
    newest = publish_anew(stage, headline=HEADLINE)
    assert told(stage) == 0
    assert view(stage).version_id == newest
    assert letters(stage) == []
    assert told(stage) == 0


def test_words_of_ones_own_wait_for_a_look_and_the_letter_comes_once(stage):
    with stage.db(stage.alice) as work:
        copies.save_slots(work, stage.copy_id, {"price_note": "Ours."})
    newest = publish_anew(stage, note=NOTE)
    assert (told(stage), told(stage)) == (1, 0)
    assert len(letters(stage)) == 1
    assert view(stage).version_id != newest
    with stage.db(stage.alice) as work:
        assert rebasing.confirm(work, stage.copy_id, choices={"price_note": "mine"}) == []
    assert (view(stage).version_id, view(stage).slots) == (newest, {"price_note": "Ours."})
    assert told(stage) == 0


def test_a_scheduled_launch_keeps_what_was_checked_and_goes_along_when_it_is_confirmed(stage):
    ref = stage.started(mails="first", send_at=stage.db.clock.now() + timedelta(days=7))
    newest = publish_anew(stage, headline=HEADLINE)
    assert told(stage) == 1
    with stage.db() as work:
        pinned = work.session.scalar(text("select version_id from launch"))
        assert pinned != newest
    with stage.db(stage.alice) as work:
        copies.save_slots(work, stage.copy_id, {"price_note": "Changed after the launch."})
    with stage.db() as work:
        assert work.session.scalar(text("select slots from launch")) == {}
    with stage.db(stage.alice) as work:
        assert [row[0] for row in rebasing.waiting(work.session, stage.copy_id)] == [ref]
        assert rebasing.confirm(work, stage.copy_id, choices={}) == [ref]
    with stage.db(stage.alice) as work:
        row = work.session.execute(text("select version_id, slots from launch")).one()
        assert row == (newest, {"price_note": "Changed after the launch."})
        assert len(queries.launch_detail(work.session, stage.alice, ref, now=work.now).mails) == 1
        actions.cancel_launch(work, ref)
