"""Versions in the making: saved file by file, nobody overwritten, undone, made a version."""

from datetime import timedelta

import pytest

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.library import drafts, importer, queries
from tcma.library.draft_checks import everything, glance
from tcma.library.drafts import ChangedMeanwhile
from tcma.library.samples import sample_named
from tcma.permissions import Role
from tcma.rendering.findings import Severity, TemplateRefused
from tests import builders
from tests.rendering.campaigns import shipped_files

SLUG = "cloud-migration"
MAIL = "invite.mjml"


@pytest.fixture
def vendor(db):
    with db() as work:
        return builders.a_vendor(work)


@pytest.fixture
def vera(db, vendor):
    with db() as work:
        return builders.vera(work, vendor)


@pytest.fixture
def draft(db, vera, vendor):
    with db() as work:
        made = builders.a_campaign(work, vendor)
    with db(vera) as work:
        return drafts.start_from_version(work, made.version_id, slug=SLUG)


def saved(db, who, text, *, seen, path=MAIL):
    with db(who) as work:
        return drafts.save(work, SLUG, path, text.encode(), seen=seen)


def test_a_draft_begins_as_its_version_and_would_be_the_same_one(db, vera, draft):
    with db(vera) as work:
        assert drafts.files_of(work, draft) == shipped_files()
        source = drafts.source_of_draft(work, draft)
        assert drafts.content_mark(draft) == source.content_hash


def test_a_campaign_has_one_draft(db, vera, vendor, draft):
    with db(vera) as work, pytest.raises(Conflict):
        drafts.start(work, vendor, shipped_files(), slug=SLUG)


def test_nobody_overwrites_what_they_have_not_seen(db, vera, draft):
    seen = draft.files[MAIL]
    saved(db, vera, "<mjml>one</mjml>", seen=seen)
    with pytest.raises(ChangedMeanwhile) as refused:
        saved(db, vera, "<mjml>two</mjml>", seen=seen)
    assert refused.value.theirs == b"<mjml>one</mjml>"
    assert refused.value.by == vera.name
    with db(vera) as work:
        assert drafts.text_of(work, drafts.draft_named(work, SLUG), MAIL) == "<mjml>one</mjml>"


def test_two_people_may_write_two_files(db, vera, draft):
    saved(db, vera, "<mjml>one</mjml>", seen=draft.files[MAIL])
    other = "landing.html"
    after = saved(db, vera, "page", seen=draft.files[other], path=other)
    assert {path for path in after.files if after.files[path] != draft.files[path]} == {MAIL, other}


def test_saves_of_one_go_are_one_step_back(db, vera, draft):
    one = saved(db, vera, "1", seen=draft.files[MAIL])
    two = saved(db, vera, "2", seen=one.files[MAIL])
    assert two.no == one.no == 2
    db.clock.move(timedelta(minutes=5))
    assert saved(db, vera, "3", seen=two.files[MAIL]).no == 3


def test_a_step_back_brings_all_files_and_can_be_taken_back(db, vera, draft):
    one = saved(db, vera, "1", seen=draft.files[MAIL])
    with db(vera) as work:
        back = drafts.go_back(work, SLUG, 1)
        assert (back.files, back.no) == (draft.files, 3)
        assert drafts.go_back(work, SLUG, 2).files == one.files


@pytest.mark.parametrize("path", ["../x.toml", "a b.toml", "x.exe", "/etc/x.toml", "A.toml", ""])
def test_a_file_has_a_plain_name(db, vera, draft, path):
    with pytest.raises(Invalid):
        saved(db, vera, "x", seen="", path=path)


def test_the_check_is_that_of_the_import(db, vera, draft):
    text = shipped_files()[MAIL].decode() + "<mj-colum></mj-colum>\n"
    changed = saved(db, vera, text, seen=draft.files[MAIL])
    with db(vera) as work:
        wrong = [f for f in everything(work, changed) if f.severity is Severity.ERROR]
        assert [(f.file, f.line, f.code) for f in wrong] == [(MAIL, 10, "unknown_tag")]
        with pytest.raises(TemplateRefused):
            drafts.make_version(work, SLUG)


def test_a_glance_names_the_line_while_somebody_writes(db, vera, draft):
    text = shipped_files()[MAIL].decode().replace("c.rows)", "c.rowz)")
    changed = saved(db, vera, text, seen=draft.files[MAIL])
    with db(vera) as work:
        _, said = glance(
            work, changed, MAIL, mail="invite", language="en", sample=sample_named("fenwright")
        )
    assert [(f.file, f.line, f.code) for f in said] == [(MAIL, 7, "undefined")]


def test_tables_that_cannot_be_read_are_said_and_nothing_is_shown(db, vera, draft):
    changed = saved(db, vera, "slug = ", seen=draft.files["campaign.toml"], path="campaign.toml")
    with db(vera) as work:
        shown, said = glance(
            work, changed, "campaign.toml", mail="", language="en", sample=sample_named("fenwright")
        )
    assert shown is None
    assert said[0].file == "campaign.toml"


def test_a_draft_becomes_the_next_version_and_is_gone(db, vera, vendor, draft):
    words = shipped_files()["words/en.toml"].decode().replace("Every company has one.", "All do.")
    saved(db, vera, words, seen=draft.files["words/en.toml"], path="words/en.toml")
    with db(vera) as work:
        made = drafts.make_version(work, SLUG)
        assert (made.no, made.is_new) == (2, True)
        assert [v.no for v in queries.versions(work.session, vera, slug=SLUG)] == [2, 1]
        with pytest.raises(NotFound):
            drafts.draft_named(work, SLUG)
        again = drafts.start_from_version(work, made.version_id, slug=SLUG)
        assert again.no == 1


def test_a_draft_thrown_away_leaves_the_versions(db, vera, draft):
    with db(vera) as work:
        drafts.discard(work, SLUG)
        assert drafts.drafts(work) == []
        assert len(queries.versions(work.session, vera, slug=SLUG)) == 1


def test_another_vendors_draft_is_not_there(db, draft):
    with db() as work:
        rui = builders.vera(work, builders.a_vendor(work, name="Quillon"))
    with db(rui) as work, pytest.raises(NotFound):
        drafts.save(work, SLUG, MAIL, b"x", seen="")


def test_who_may_not_author_writes_nothing(db, vendor, draft):
    with db() as work:
        finn = builders.a_user(work, Role.FINANCE, vendor_id=vendor)
    with db(finn) as work, pytest.raises(Forbidden):
        drafts.drafts(work)


def test_what_was_imported_is_no_draft(db, vera, vendor):
    with db(vera) as work:
        importer.import_files(work, vendor, shipped_files())
        with pytest.raises(NotFound):
            drafts.draft_named(work, SLUG)


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("art/hero.jpg", b"<html><script>alert(1)</script>", "web page"),
        ("art/hero.exe", b"MZ", "Name a file"),
        ("../hero.jpg", b"x", "Name a file"),
        ("words/it.toml", b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_is_refused_at_the_door(db, vera, draft, path, data, said):
    with db(vera) as work, pytest.raises(Invalid, match=said):
        drafts.upload(work, "cloud-migration", path, data)


def test_files_are_added_named_anew_and_taken_out_and_each_is_a_step_back(db, vera, draft):
    with db(vera) as work:
        drafts.upload(work, "cloud-migration", "art/hero_b.jpg", builders.a_logo(form="PNG"))
        now = drafts.rename(work, "cloud-migration", "art/hero_b.jpg", "art/hero_c.jpg")
        assert drafts.files_of(work, now)["art/hero_c.jpg"].startswith(b"\xff\xd8")
        with pytest.raises(Invalid, match="already"):
            drafts.rename(work, "cloud-migration", "art/hero_c.jpg", "art/hero.jpg")
        with pytest.raises(Invalid, match="ending"):
            drafts.rename(work, "cloud-migration", "art/hero_c.jpg", "art/hero_c.toml")
        before = now.no
        gone = drafts.remove(work, "cloud-migration", "art/hero_c.jpg")
        assert "art/hero_c.jpg" not in gone.files
        back = drafts.go_back(work, "cloud-migration", before)
        assert "art/hero_c.jpg" in back.files
