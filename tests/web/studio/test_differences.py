"""Two versions beside each other: parts that look different, and every line."""

import pytest

from tcma.library import importer
from tests.rendering.campaigns import changed

SLUG = "cloud-migration"
DIFF = f"/studio/campaigns/{SLUG}/versions/2/diff/1"


@pytest.fixture
def twice(drafted):
    old = 'h1 = "Every company has one."'
    with drafted.db() as work:
        files = changed("words/en.toml", old, 'h1 = "Every firm has one."')
        importer.import_files(work, drafted.ids["vendor"], files)
    return drafted


def test_only_what_a_reader_sees_changed_is_shown_side_by_side(twice):
    page = twice.as_("Vera").get(DIFF)
    assert "1 file changed. 1 part looks different: Mail 2." in page.words
    documents = [each.attributes["src"] for each in page.tree.css("iframe")]
    assert [src.split("/")[5] for src in documents] == ["1", "2"]
    assert all("/preview/mail-2?" in src for src in documents)


def test_every_changed_line_is_told_with_its_number(twice):
    page = twice.as_("Vera").get(DIFF)
    assert page.all(".diff del") == ['h1 = "Every company has one."']
    assert page.all(".diff ins") == ['h1 = "Every firm has one."']
    assert page.all(".filediff summary b") == ["words/en.toml"]


def test_what_only_one_language_changed_looks_the_same_in_another(twice):
    page = twice.as_("Vera").get(f"{DIFF}?as=nordhagener&lang=de")
    assert "Nothing a reader sees is different." in page.words


def test_a_changed_picture_stands_beside_its_old_self(drafted):
    with drafted.db() as work:
        files = changed("banner_300x250.toml", "at = [18, 204]", "at = [18, 200]")
        importer.import_files(work, drafted.ids["vendor"], files)
    page = drafted.as_("Vera").get(DIFF)
    assert page.all("h3.num") == ["300 × 250"]
    assert len(page.tree.css(".is-pictures img")) == 2


def test_a_version_equals_itself(twice):
    page = twice.as_("Vera").get(f"/studio/campaigns/{SLUG}/versions/1/diff/1")
    assert "These versions are equal." in page.words
