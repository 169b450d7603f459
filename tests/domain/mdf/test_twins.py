"""The same file or picture as proof of two activities, of whatever partner, is shown to the desk."""

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from tcma.mdf import queries
from tcma.mdf.case_files import proofs
from tcma.mdf.claims import views as claim_views
from tcma.mdf.funds import opening
from tcma.mdf.rules import ProofKind
from tests import builders

from .conftest import gbp


def a_photo(seed=3, *, size=640, quality=90, light=1.0, kind="JPEG"):
    """A picture of a fair: the same scene for the same seed, whoever photographed it."""
    scene = Image.new("RGB", (640, 640), "white")
    draw = ImageDraw.Draw(scene)
    for n in range(1, 14):
        x, y = (seed * n * 89) % 560, (seed * n * 151) % 560
        draw.rectangle(
            (x, y, x + 70 + n * 5, y + 50 + n * 7), fill=(n * 17 % 256, 90, 255 - n * 15)
        )
    out = io.BytesIO()
    small = ImageEnhance.Brightness(scene).enhance(light).resize((size, size))
    small.save(out, kind, **({"quality": quality} if kind == "JPEG" else {}))
    return out.getvalue()


def shown(house, ref, content, *, who=None, name="fair.jpg"):
    who = who or house.alice
    with house.db(who) as work:
        request = queries.request_by_ref(work.session, who, ref)
        proofs.upload(work, request, kind=ProofKind.OTHER, file_name=name, content=content)
    house.looked()
    return ref


def at_the_desk(house, claim):
    with house.db(house.mira) as work:
        it = claim_views.claim_detail(work.session, house.mira, claim, now=work.now)
    return (
        [item.doubt for item in it.case_file if item.doubt],
        [check.words for check in it.checks if check.code == "file_once" and not check.ok],
    )


def another_partner(house):
    with house.db() as work:
        partner = builders.a_partner(work, house.vendor, name="Fernhill")
        alice = builders.alice(work, partner)
    with house.db(house.finn) as work:
        fund = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        opening.allocate(work, fund, partner, gbp(5_000))
    return replace(house, partner=partner, alice=alice, people={"partner": "Fernhill Ltd"})


@pytest.mark.parametrize(
    ("again", "said"),
    [
        (a_photo(), "The same file is proof of another activity."),
        (a_photo(size=500, quality=60), "The same picture is proof of another activity."),
        (a_photo(light=0.8, kind="PNG"), "The same picture is proof of another activity."),
    ],
)
def test_another_partners_photo_is_known_again(house, again, said):
    shown(house, house.approved(800), a_photo())
    other = another_partner(house)
    ref = shown(other, other.approved(500), again, who=other.alice)
    claim = other.claimed(ref, ("9", 400))
    assert at_the_desk(house, claim) == ([said], [said])
    with other.db(other.alice) as work:
        mine = claim_views.claim_detail(work.session, other.alice, claim, now=work.now)
    assert not any(item.doubt for item in mine.case_file)


def test_other_pictures_and_the_same_twice_in_one_activity_are_no_doubt(house):
    shown(house, house.approved(800), a_photo(5))
    ref = shown(house, house.approved(500), a_photo(3))
    shown(house, ref, a_photo(3, size=500))
    assert at_the_desk(house, house.claimed(ref, ("9", 400))) == ([], [])
