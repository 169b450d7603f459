"""A partner's copy: open slots, locked slots, languages, newer versions."""

import pytest

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.library import actions, copies, copy_queries, importer, rebasing
from tcma.library.sources import source_of
from tcma.rendering.source import read_folder
from tests import builders

FOLDER = builders.TEMPLATES / "cloud-migration"


@pytest.fixture
def world(db):
    with db() as work:
        vendor = builders.a_vendor(work)
        campaign = builders.a_campaign(work, vendor)
        alice = builders.alice(work, builders.a_partner(work, vendor))
    return vendor, campaign, alice


@pytest.fixture
def alice(world):
    return world[2]


@pytest.fixture
def copy_id(db, world, alice):
    with db(alice) as work:
        return copies.copy_of(work, world[1].campaign_id).id


def saved(db, alice, copy_id, values):
    with db(alice) as work:
        copies.save_slots(work, copy_id, values)
        return copies.slots_of(copies.copy_row(work, copy_id))


def slots(db, alice, copy_id):
    with db(alice) as work:
        copy = copies.copy_row(work, copy_id)
        return {s.key: s for s in source_of(work, copy.version_id).slots}


def test_a_copy_is_made_once_in_the_partners_language(db, world, alice, copy_id):
    with db(alice) as work:
        again = copies.copy_of(work, world[1].campaign_id)
        view = copy_queries.copy_by_address(
            work.session, alice, vendor_slug="corbelane", slug="cloud-migration"
        )
    assert again.id == copy_id == view.id
    assert (view.language, view.slots, view.version_no) == ("en", {}, 1)


def test_a_partner_that_speaks_german_starts_in_german(db, world):
    vendor, campaign, _ = world
    with db() as work:
        partner = builders.a_partner(work, vendor, locale="de-DE")
        assert builders.a_copy(work, partner, campaign).language == "de"


def test_open_slots_are_kept_and_defaults_are_not(db, alice, copy_id):
    default = slots(db, alice, copy_id)["opening"].default("en")
    kept = saved(db, alice, copy_id, {"opening": default, "reply_days": 2})
    assert kept == {"reply_days": 2}
    kept = saved(db, alice, copy_id, {"sender_person": "Sam Hale"})
    assert kept == {"reply_days": 2, "sender_person": "Sam Hale"}


@pytest.mark.parametrize(
    ("values", "slot"),
    [
        ({"reply_days": 9}, "reply_days"),
        ({"reply_days": "many"}, "reply_days"),
        ({"opening": ""}, "opening"),
        ({"opening": "word " * 400}, "opening"),
        ({"meeting_url": "javascript:alert(1)"}, "meeting_url"),
        ({"cta_label": "Click here"}, "cta_label"),
        ({"accent": "#777777x"}, "accent"),
        ({"opening": "Hello [[no_such_token|x]]"}, "opening"),
        ({"headline": "Mine"}, "headline"),
    ],
)
def test_what_does_not_fit_is_refused_by_slot_and_nothing_is_saved(
    db, alice, copy_id, values, slot
):
    with pytest.raises(Invalid) as refused:
        saved(db, alice, copy_id, values | {"sender_person": "Sam"})
    assert list(refused.value.fields) == [slot]
    with db(alice) as work:
        assert copies.slots_of(copies.copy_row(work, copy_id)) == {}


def test_a_form_becomes_typed_values(db, alice, copy_id):
    known = tuple(slots(db, alice, copy_id).values())
    values = copies.from_form(
        known,
        {
            "reply_days": " 2 ",
            "page_choice": "One\r\n\r\n Two \nThree",
            "faq_extra": "Why? | Because.",
            "sender_person": "Sam\nHale",
            "csrf_token": "x",
        },
    )
    assert values == {
        "reply_days": 2,
        "page_choice": ["One", "Two", "Three"],
        "faq_extra": [["Why?", "Because."]],
        "sender_person": "Sam Hale",
    }
    assert saved(db, alice, copy_id, values) == values


def test_another_language_takes_numbers_along_and_leaves_texts(db, alice, copy_id):
    saved(db, alice, copy_id, {"reply_days": 2, "opening": "We are near."})
    with db(alice) as work:
        copies.choose_language(work, copy_id, "de")
        assert copies.slots_of(copies.copy_row(work, copy_id)) == {"reply_days": 2}
        copies.choose_language(work, copy_id, "en")
        assert copies.slots_of(copies.copy_row(work, copy_id))["opening"] == "We are near."
        with pytest.raises(Invalid):
            copies.choose_language(work, copy_id, "ja")


def test_a_newer_version_leaves_the_copy_alone_until_it_moves_and_keeps_its_values(
    db, world, alice, copy_id
):
    vendor, campaign, _ = world
    saved(db, alice, copy_id, {"reply_days": 3, "sender_person": "Sam Hale"})
    files = read_folder(FOLDER)
    files["campaign.toml"] = files["campaign.toml"].replace(b"max = 3", b"max = 2")
    with db(alice) as work, pytest.raises(Conflict):
        rebasing.rebase(work, copy_id)
    with db() as work:
        newer = importer.import_files(work, vendor, files)
        actions.publish(work, version_id=newer.version_id)
    with db(alice) as work:
        view = copy_queries.copy_by_id(work.session, alice, copy_id)
        assert (view.version_id, view.newest_no) == (campaign.version_id, 2)
        (asked,) = rebasing.move_of(work, copies.copy_row(work, copy_id)).asked
        assert (asked.key, asked.may_keep) == ("reply_days", False)
        with pytest.raises(Conflict):
            rebasing.rebase(work, copy_id, seen=1)
        rebasing.rebase(work, copy_id, seen=2)
    with db(alice) as work:
        view = copy_queries.copy_by_id(work.session, alice, copy_id)
    assert view.version_id == newer.version_id
    assert view.slots == {"sender_person": "Sam Hale"}


def test_copies_are_the_partners_own(db, world, alice, copy_id):
    vendor, campaign, _ = world
    with db() as work:
        charlie, vera = builders.charlie(work, vendor), builders.vera(work, vendor)
        sam = builders.sam(work, alice.partner_id)
        far = builders.alice(
            work, builders.a_partner(work, builders.a_vendor(work, name="Larkspur"))
        )
    for who, refusal in ((charlie, NotFound), (sam, Forbidden), (vera, Forbidden)):
        with db(who) as work, pytest.raises(refusal):
            copies.save_slots(work, copy_id, {"reply_days": 2})
    with db(far) as work, pytest.raises(NotFound):
        copies.copy_of(work, campaign.campaign_id)
    with db(vera) as work:
        assert [c.id for c in copy_queries.copies(work.session, vera)] == [copy_id]
