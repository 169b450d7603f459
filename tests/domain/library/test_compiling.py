"""Mails, page and pictures of a copy: made once, made anew when anything they are made of changes."""

import io

import pytest
from PIL import Image

from tcma.errors import Invalid, NotFound
from tcma.library import compiling, copies, copy_queries, manifests, pictures
from tcma.library.landings import read_landing
from tcma.partners import actions as partners
from tcma.partners import brand
from tcma.partners.rules import PartnerKind, Tier
from tcma.rendering import lockup
from tcma.rendering.studio import Studio
from tests import builders

VALUES = {
    "first_name": "Astrid",
    "greeting": "Hello Astrid",
    "view_url": "https://tcma.test/v/x",
    "unsubscribe_url": "https://tcma.test/u/x",
    "preferences_url": "https://tcma.test/p/x",
    "open_pixel_url": "https://tcma.test/o/x",
    "unseen_url": "https://tcma.test/n/x",
}


PERSON = {"first_name": "Astrid", "greeting": "Hello Astrid"}


@pytest.fixture
def world(db):
    with db() as work:
        vendor = builders.a_vendor(work)
        campaign = builders.a_campaign(work, vendor)
        partner = builders.a_partner(work, vendor, name="Fenwright Cloud Services")
        copy = builders.a_copy(work, partner, campaign)
        return vendor, partner, copy.id, builders.alice(work, partner)


@pytest.fixture
def alice(world):
    return world[3]


def compiled(db, alice, copy_id, key="invite", **options):
    with db(alice) as work:
        return compiling.compile_mail(work, copies.copy_row(work, copy_id), key, **options)


def test_a_mail_carries_the_partners_address_and_leads_to_its_page(db, world, alice):
    mail = compiled(db, alice, world[2])
    assert "Unit 4, Osier Wharf" in mail.html
    assert "Unit 4, Osier Wharf" in mail.text
    assert "https://tcma.test/go/fenwright-cloud-services/cloud-migration" in mail.links
    assert "[[unsubscribe_url]]" in mail.html
    filled = mail.artefact.fill(
        VALUES | {f"link:{n}": f"https://tcma.test/c/{n}" for n in range(1, len(mail.links) + 1)}
    )
    assert b"tcma.test/u/x" in filled.replace(b"=\r\n", b"")


def test_the_same_ingredients_are_compiled_once_and_any_change_compiles_anew(db, world, alice):
    one, again = compiled(db, alice, world[2]), compiled(db, alice, world[2])
    assert one.content_hash == again.content_hash
    assert one.artefact.sha256 == again.artefact.sha256
    assert one.html == again.html
    seen = {one.content_hash}
    with db(alice) as work:
        copies.save_slots(work, world[2], {"reply_days": 2})
    seen.add(compiled(db, alice, world[2]).content_hash)
    with db(alice) as work:
        brand.save_profile(work, fields=builders.FULL_PROFILE | {"person": "Sam Hale"})
    seen.add(compiled(db, alice, world[2]).content_hash)
    seen.add(compiled(db, alice, world[2], language="de").content_hash)
    seen.add(compiled(db, alice, world[2], basis="consent").content_hash)
    assert len(seen) == 5


def test_a_launch_can_keep_to_the_brand_it_started_with(db, world, alice):
    with db(alice) as work:
        first = brand.save_profile(work, fields=builders.FULL_PROFILE | {"person": "Maren One"})
        brand.save_profile(work, fields=builders.FULL_PROFILE | {"person": "Sam Two"})
    assert "Maren One" in compiled(db, alice, world[2], brand_id=first.id).html
    assert "Sam Two" in compiled(db, alice, world[2]).html


def test_an_unknown_mail_is_not_found(db, world, alice):
    with pytest.raises(NotFound):
        compiled(db, alice, world[2], "no-such-mail")


def test_a_preview_shows_unsaved_values_to_a_chosen_person_without_tracking(db, world, alice):
    with db(alice) as work:
        copy = copies.copy_row(work, world[2])
        shown = compiling.preview_mail(
            work, copy, "invite", tokens=PERSON, values={"opening": "We live <b>near</b> you."}
        )
        saved = copies.slots_of(copy)
    assert "We live <b>near</b> you." in shown.html
    assert "[[" not in shown.html
    assert saved == {}


def test_what_a_partner_types_never_becomes_code(db, world, alice):
    evil = "{{ 7*7 }} <script>alert(1)</script> [[unsubscribe_url]]"
    with db(alice) as work:
        shown = compiling.preview_mail(
            work, copies.copy_row(work, world[2]), "invite", values={"opening": evil}
        )
    assert "<script>alert" not in shown.html
    assert "{{ 7*7 }}" in shown.html.replace("&#123;", "{")


def test_a_page_is_published_at_its_address_and_renewed_in_place(db, world, alice):
    with db(alice) as work:
        page = compiling.publish_page(work, copies.copy_row(work, world[2]))
        first = copy_queries.page_by_path(work.session, page.path)
    with db(alice) as work:
        copies.save_slots(work, world[2], {"page_choice": ["Red", "Green", "Blue"]})
        compiling.publish_page(work, copies.copy_row(work, world[2]))
        second = copy_queries.page_by_path(work.session, first.path)
        landing = read_landing(work.files, second.key)
        made = compiling.landing_of(work, copies.copy_row(work, world[2]))
    assert first.path == "fenwright-cloud-services/cloud-migration"
    assert (second.id, second.key != first.key) == (first.id, True)
    assert landing == made
    assert next(f for f in landing.fields if f.name == "choice").choices == ("Red", "Green", "Blue")
    assert "Fenwright" in second.consent_text
    assert second.style_hashes[0].startswith("'sha256-")
    html = landing.form.show(action="/go/x", stamp="s", values={"email": '"><script>'})
    assert "<script>" not in html


def test_like_named_campaigns_of_two_vendors_get_two_addresses(db, world, alice):
    with db() as work:
        other = builders.a_vendor(work, name="Larkspur")
        campaign = builders.a_campaign(work, other)
        compiling.publish_page(work, copies.copy_row(work, world[2]))
        partners.enrol(
            work, partner_id=world[1], tier=Tier.GOLD, kind=PartnerKind.MSP, vendor_id=other
        )
        second = builders.a_copy(work, world[1], campaign)
        page = compiling.publish_page(work, second)
    assert page.path == "fenwright-cloud-services/larkspur-cloud-migration"


def test_pictures_have_exactly_their_size_and_are_drawn_once(db, world, alice, files):
    with db(alice) as work:
        copy = copies.copy_row(work, world[2])
        drawn = pictures.picture(work, copy, "banner_300x250")
        with Image.open(io.BytesIO(drawn.data)) as image:
            assert image.size == (300, 250)
        assert files.get(drawn.key) == drawn.data
        assert pictures.picture(work, copy, "banner_300x250") == drawn
        with pytest.raises(NotFound):
            pictures.picture(work, copy, "../secret")


def test_a_button_that_does_not_fit_is_told_picture_by_picture_and_not_drawn(db, world, alice):
    wide = "A button label that is far too long for any picture of this campaign"
    with db(alice) as work:
        copy = copies.copy_row(work, world[2])
        good = pictures.picture_fits(work, copy)
        bad = pictures.picture_fits(work, copy, values={"cta_label": wide})
        with pytest.raises(Invalid) as refused:
            pictures.picture(work, copy, "banner_300x250", values={"cta_label": wide})
    assert all(fit.fits for fits in good.values() for fit in fits)
    assert [fit.fits for fit in bad["banner_300x250"] if fit.slot == "cta_label"] == [False]
    assert list(refused.value.fields) == ["cta_label"]


def test_a_complete_copy_has_no_problems_and_a_broken_one_names_them(db, world, alice):
    with db(alice) as work:
        copy = copies.copy_row(work, world[2])
        assert compiling.problems_of_copy(work, copy) == []
        copy.slots = {"en": {"reply_days": 99}}
        (problem,) = compiling.problems_of_copy(work, copy)
    assert "1 to 3" in problem


def test_what_proves_a_launch_takes_no_logo_into_the_process_that_sends(db, world, alice):
    fields = builders.FULL_PROFILE
    with db(alice) as work:
        profile = brand.save_profile(work, fields=fields, logo=builders.a_logo(colour="#5A2A7A"))
        brand_id = profile.id
    lockup._open.kept.clear()
    with db(alice) as work, Studio() as studio:
        copy = copies.copy_row(work, world[2])
        given = {"brand_id": brand_id, "page_key": None, "mails": {"invite": ""}}
        mail = next(manifests.assets_of(work, copy, **given, draw=studio))
    assert "logo: colour" in str(mail.made_of["checks"])
    assert lockup._open.kept.octets == 0
