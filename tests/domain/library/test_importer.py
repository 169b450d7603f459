"""Folders become immutable versions; publishing, ending, retiring; who sees what."""

from datetime import date

import pytest

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.library import actions, copy_queries, importer, queries, sources
from tcma.library.compiling import publish_page
from tcma.library.rules import VersionState
from tcma.rendering.findings import TemplateRefused
from tcma.rendering.source import read_folder
from tests import builders

FOLDER = builders.TEMPLATES / "cloud-migration"


@pytest.fixture(scope="module")
def authored():
    return read_folder(FOLDER)


@pytest.fixture
def vendor(db):
    with db() as work:
        return builders.a_vendor(work)


@pytest.fixture
def vera(db, vendor):
    with db() as work:
        return builders.vera(work, vendor)


def imported(db, who, authored, vendor):
    with db(who) as work:
        return importer.import_files(work, vendor, authored)


def changed(authored):
    name = authored["campaign.toml"].replace(b"One steady arch at a time", b"Another name")
    return dict(authored) | {"campaign.toml": name}


def test_a_folder_becomes_a_version_with_its_facts_and_files(db, vera, vendor, authored):
    made = imported(db, vera, authored, vendor)
    assert (made.no, made.is_new, made.slug) == (1, True, "cloud-migration")
    with db(vera) as work:
        seen = queries.versions(work.session, vera, slug="cloud-migration")[0]
        assert sources.campaign_files(work, made.version_id) == authored
    assert seen.files_n == len(authored)
    assert seen.state is VersionState.DRAFT
    assert {m["key"] for m in seen.facts["mails"]} >= {"invite", "thanks"}
    assert seen.facts["art"]["hero"][1:] == [640, 330]
    assert len(seen.facts["images"]) == 5


def test_the_same_content_is_the_same_version_and_a_change_is_the_next(db, vera, vendor, authored):
    one = imported(db, vera, authored, vendor)
    same = imported(db, vera, authored, vendor)
    two = imported(db, vera, changed(authored), vendor)
    assert (same.version_id, same.is_new) == (one.version_id, False)
    assert (two.no, two.campaign_id) == (2, one.campaign_id)


def test_a_broken_template_is_refused_with_file_and_line_and_leaves_nothing(
    db, vera, vendor, authored
):
    broken = dict(authored) | {
        "invite.mjml": authored["invite.mjml"] + b"\n<mj-sectoin></mj-sectoin>\n"
    }
    with pytest.raises(TemplateRefused) as refused:
        imported(db, vera, broken, vendor)
    assert any(f.file == "invite.mjml" and f.line for f in refused.value.findings)
    with db(vera) as work:
        assert queries.campaigns(work.session, vera) == []


def test_publishing_shows_a_campaign_to_the_vendors_partners_and_supersedes_the_last(
    db, vera, vendor, authored
):
    with db() as work:
        alice = builders.alice(work, builders.a_partner(work, vendor))
        other = builders.a_partner(work, builders.a_vendor(work, name="Larkspur"))
        stranger = builders.alice(work, other)
    one = imported(db, vera, authored, vendor)
    with db(alice) as work:
        assert queries.library_for(work.session, alice) == []
    with db(vera) as work:
        actions.publish(work, version_id=one.version_id)
        actions.publish(work, version_id=one.version_id)
    two = imported(db, vera, changed(authored), vendor)
    with db(vera) as work:
        actions.publish(work, version_id=two.version_id)
        states = [v.state for v in queries.versions(work.session, vera, slug="cloud-migration")]
        row = queries.campaigns(work.session, vera)[0]
    assert states == [VersionState.PUBLISHED, VersionState.SUPERSEDED]
    assert (row.name, row.published_no) == ("Another name", 2)
    with db(alice) as work:
        card = queries.library_for(work.session, alice)[0]
        assert (
            queries.campaign_card(
                work.session, alice, vendor_slug="corbelane", slug="cloud-migration"
            )
            == card
        )
    assert (card.name, card.mails_n, card.images_n, card.copy_id) == ("Another name", 3, 5, None)
    assert card.hero[1:] == (640, 330)
    with db(stranger) as work:
        assert queries.library_for(work.session, stranger) == []
        with pytest.raises(NotFound):
            queries.campaign_card(
                work.session, stranger, vendor_slug="corbelane", slug="cloud-migration"
            )


def test_the_library_is_searched_by_words_and_language(db, vera, vendor, authored):
    with db() as work:
        builders.a_campaign(work, vendor)
        alice = builders.alice(work, builders.a_partner(work, vendor))
    with db(alice) as work:
        found = [
            len(queries.library_for(work.session, alice, **wanted))
            for wanted in (
                {"search": "STEADY arch"},
                {"search": "span servers"},
                {"search": "zebra"},
                {"language": "ar"},
                {"language": "ja"},
            )
        ]
    assert found == [1, 1, 0, 1, 0]


def test_the_last_day_is_set_and_lies_ahead(db, vera, vendor, authored):
    made = imported(db, vera, authored, vendor)
    with db(vera) as work:
        with pytest.raises(Invalid):
            actions.publish(work, version_id=made.version_id, ends_on=date(2026, 3, 1))
        actions.publish(work, version_id=made.version_id)
        actions.end(work, campaign_id=made.campaign_id, ends_on=date(2026, 6, 30))
        assert queries.library_for(work.session, vera)[0].ends_on == date(2026, 6, 30)


def test_a_retired_campaign_leaves_the_library_and_recalls_its_pages_when_asked(
    db, vera, vendor, authored
):
    with db() as work:
        made = builders.a_campaign(work, vendor)
        partner = builders.a_partner(work, vendor)
        page = publish_page(work, builders.a_copy(work, partner, made))
        path = page.path
    with db(vera) as work:
        actions.retire(work, campaign_id=made.campaign_id)
        assert queries.library_for(work.session, vera) == []
        assert copy_queries.page_by_path(work.session, path).path == path
        actions.retire(work, campaign_id=made.campaign_id, recall_pages=True)
    with db(vera) as work:
        with pytest.raises(NotFound):
            copy_queries.page_by_path(work.session, path)
        with pytest.raises(Conflict):
            actions.publish(work, version_id=made.version_id)


def test_only_the_vendors_own_authors_import_and_publish(db, vera, vendor, authored):
    with db() as work:
        mira = builders.mira(work, vendor)
        alice = builders.alice(work, builders.a_partner(work, vendor))
        stranger = builders.vera(work, builders.a_vendor(work, name="Larkspur"))
        made = builders.a_campaign(work, vendor, published=False)
    for who, refusal in ((mira, Forbidden), (alice, Forbidden), (stranger, NotFound)):
        with pytest.raises(refusal):
            imported(db, who, authored, vendor)
        with db(who) as work, pytest.raises(refusal):
            actions.publish(work, version_id=made.version_id)
