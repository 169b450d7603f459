"""The proof wall judges every asset for every partner, the worst first, and each only once."""

import pytest

from tcma.errors import NotFound
from tcma.library import importer
from tcma.library.proof_wall import wall
from tcma.library.samples import own_partners, sample_named, sample_partners
from tcma.library.specimens import specimen_of
from tests import builders
from tests.rendering.campaigns import shipped_files

HARD = ("pellworth", "fenwright")


@pytest.fixture
def vendor(db):
    with db() as work:
        return builders.a_vendor(work)


def specimen(db, vendor, files=None):
    with db() as work:
        made = importer.import_files(work, vendor, files or shipped_files())
        return specimen_of(work, made.version_id)


def judged(db, made, samples, **options):
    with db() as work:
        return wall(work, made, samples, **options)


def named(*slugs):
    return [sample_named(slug) for slug in slugs]


def test_every_asset_of_a_partner_has_its_tile(db, vendor):
    found = judged(db, specimen(db, vendor), named("fenwright"))
    kinds = [tile.kind for tile in found.rows[0].tiles]
    counts = {kind: kinds.count(kind) for kind in ("mail", "page", "image", "print")}
    assert counts == {"mail": 8, "page": 1, "image": 5, "print": 2}
    assert all(tile.tile for tile in found.rows[0].tiles if tile.kind in ("image", "print"))


def test_who_has_no_phone_stands_before_the_ordinary_one(db, vendor):
    found = judged(db, specimen(db, vendor), named("fenwright", "pellworth"))
    assert [row.sample.slug for row in found.rows] == ["pellworth", "fenwright"]
    assert [r.words for r in found.rows[0].remarks] == ["No phone number: a reader cannot call."]
    assert found.rows[1].remarks == ()


def test_a_headline_that_overflows_is_named_on_the_tile_it_overflows(db, vendor):
    files = shipped_files()
    words = files["words/de.toml"].decode()
    old = next(line for line in words.split("\n") if line.startswith("headline_short"))
    long = 'headline_short = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrente gesichert"'
    files["words/de.toml"] = words.replace(old, long).encode()
    found = judged(db, specimen(db, vendor, files), named("fenwright", "nordhagener"))
    worst = found.rows[0]
    assert worst.sample.slug == "nordhagener"
    assert worst.stops
    wrong = {tile.name: tile.remarks[0].words for tile in worst.tiles if tile.remarks}
    assert "banner_728x90" in wrong
    assert "does not fit the 728 × 90 picture" in wrong["banner_728x90"]
    assert not found.rows[1].stops


def test_what_was_judged_once_is_not_judged_again(db, vendor):
    made = specimen(db, vendor)
    first = judged(db, made, named(*HARD))
    again = judged(db, made, named(*HARD), is_late=lambda: True)
    assert again == first


def test_a_first_look_at_many_may_stop_early_and_says_how_many_wait(db, vendor):
    made = specimen(db, vendor)
    found = judged(db, made, named(*HARD), is_late=lambda: True)
    assert (len(found.rows), found.waiting) == (1, 1)
    assert judged(db, made, named(*HARD), is_late=lambda: True).waiting == 0


def test_the_vendors_own_partners_stand_in_their_own_brand(db, vendor):
    with db() as work:
        builders.a_partner(work, vendor, name="Ridgeline")
        builders.a_partner(work, builders.a_vendor(work, name="Quillon"), name="Omarsson")
    with db() as work:
        vera = builders.vera(work, vendor)
    with db(vera) as work:
        assert [each.kit.name for each in own_partners(work)] == ["Ridgeline"]


def test_another_vendors_version_cannot_be_tried(db, vendor):
    with db() as work:
        made = builders.a_campaign(work, vendor)
        other = builders.vera(work, builders.a_vendor(work, name="Quillon"))
    with db(other) as work, pytest.raises(NotFound):
        specimen_of(work, made.version_id)


def test_the_shipped_samples_are_the_eight_hard_cases():
    assert len(sample_partners()) == 8
