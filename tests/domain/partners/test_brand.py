"""Brand profiles: versions, logos through the gate, what mails show."""

import pytest

from tcma.errors import Forbidden, Invalid, NotFound
from tcma.partners import brand, kits, queries
from tcma.partners.rules import checked_profile, slug_of
from tests import builders


@pytest.fixture
def partner(db):
    with db() as work:
        return builders.a_partner(work, builders.a_vendor(work), profile=False)


@pytest.fixture
def alice(db, partner):
    with db() as work:
        return builders.alice(work, partner)


def saved(db, alice, **given):
    with db(alice) as work:
        return brand.save_profile(work, **{"fields": builders.FULL_PROFILE} | given)


def test_a_partner_starts_with_its_names_and_misses_the_rest(db, alice, partner):
    with db(alice) as work:
        form = queries.brand_in_force(work.session, partner)
    assert (form.no, form.is_complete) == (0, False)
    assert form.missing == ["address", "person", "role", "primary"]


def test_each_save_is_a_version_and_the_same_again_is_not(db, alice):
    one = saved(db, alice)
    same = saved(db, alice)
    two = saved(db, alice, fields=builders.FULL_PROFILE | {"role": "Director"})
    assert (one.no, same.no, two.no) == (1, 1, 2)
    with db(alice) as work:
        assert queries.brand_version(work.session, one.id).fields["role"] == "Client Director"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("address", "   "),
        ("primary", "blue"),
        ("phone", "call me"),
        ("site", "http://plain.example"),
        ("privacy_url", "https://user@host.example"),
        ("from_local", "no spaces"),
        ("person", "x" * 201),
        ("short_name", "\u0007bell"),
        ("language", "english"),
    ],
)
def test_a_wrong_field_is_named(field, value):
    with pytest.raises(Invalid) as refused:
        checked_profile(builders.FULL_PROFILE | {field: value})
    assert list(refused.value.fields) == [field]


def test_line_breaks_never_reach_a_header():
    given = {"name": "Two\r\nBcc: lines", "address": "Street 1\nTown"}
    clean = checked_profile(builders.FULL_PROFILE | given)
    assert clean["name"] == "Two Bcc: lines"
    assert clean["address"] == "Street 1 Town"


def test_a_name_too_long_for_a_mail_needs_a_short_one():
    with pytest.raises(Invalid) as refused:
        checked_profile(builders.FULL_PROFILE | {"name": "N" * 49})
    assert list(refused.value.fields) == ["short_name"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Hélianthe & Cœur Infogérance", "helianthe-coeur-infogerance"),
        ("Taarnfjell Tårn og Sjø", "taarnfjell-tarn-og-sjo"),
        ("Großkreutz Łódź", "grosskreutz-lodz"),
        ("Ώμέγα Жук", "omega-zhuk"),
        ("ひなた雲", "partner"),
        ("… & …", "partner"),
        ("  A  b ", "a-b"),
    ],
)
def test_names_become_addresses(name, slug):
    assert slug_of(name) == slug


def test_a_logo_is_drawn_anew_and_shown_on_light_and_dark(db, alice, files):
    profile = saved(db, alice, logo=builders.a_logo(form="JPEG"))
    assert files.get(profile.logo_key).startswith(b"\x89PNG")
    assert set(profile.marks) == {"light", "dark"}
    with db(alice) as work:
        kit = kits.partner_kit(work.session, profile, public_url="https://tcma.test")
    assert kit.logo.url.startswith("https://tcma.test/m/")
    assert kit.logo.url.endswith(".png")
    assert kit.logo.width <= 172


def test_a_white_logo_is_recognised_whatever_field_it_came_by(db, alice):
    profile = saved(db, alice, logo=builders.a_logo(colour="#FFFFFF"))
    assert (profile.logo_key, bool(profile.logo_white_key)) == (None, True)
    assert "light" in profile.marks


def test_a_coloured_logo_is_refused_where_a_white_one_is_asked(db, alice):
    with pytest.raises(Invalid) as refused:
        saved(db, alice, logo_white=builders.a_logo())
    assert list(refused.value.fields) == ["logo_white"]


def test_a_hostile_logo_is_refused_with_the_reason_and_nothing_is_saved(db, alice, partner):
    with pytest.raises(Invalid) as refused:
        saved(db, alice, logo=b"<html><script>alert(1)</script>")
    assert refused.value.fields["logo"]
    with db(alice) as work:
        assert queries.brand_in_force(work.session, partner).no == 0


def test_a_logo_stays_until_it_is_removed(db, alice):
    first = saved(db, alice, logo=builders.a_logo())
    kept = saved(db, alice, fields=builders.FULL_PROFILE | {"role": "Director"})
    gone = saved(db, alice, remove_logos=True)
    assert kept.logo_key == first.logo_key
    assert (gone.logo_key, gone.marks) == (None, {})


def test_others_cannot_edit_the_brand(db, alice, partner):
    with db() as work:
        vendor = queries.enrolments(work.session, alice)[0].vendor_id
        vera, sam = builders.vera(work, vendor), builders.sam(work, partner)
        charlie = builders.charlie(work, vendor)
    for stranger, refusal in ((vera, Forbidden), (sam, Forbidden), (charlie, NotFound)):
        with db(stranger) as work, pytest.raises(refusal):
            brand.save_profile(work, fields=builders.FULL_PROFILE, partner_id=partner)


def test_the_vendor_sets_its_own_logos(db, alice):
    with db() as work:
        vendor = queries.enrolments(work.session, alice)[0].vendor_id
        vera = builders.vera(work, vendor)
    with db(vera) as work:
        brand.save_vendor_brand(work, vendor_id=vendor, logo=builders.a_logo(), primary="#10282D")
        kit = kits.vendor_kit(work.session, vendor, public_url="https://tcma.test")
        logos = kits.vendor_logos(work.files, kit, queries.vendor_brand(work.session, vendor))
    assert kit.logo
    assert logos.colour
