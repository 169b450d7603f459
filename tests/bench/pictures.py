"""Advertising pictures: the five of a campaign for several partners, drawn as a launch draws them."""

import io
import time
import tomllib

from PIL import Image

from tcma.library import copies, pictures
from tcma.library.ingredients import gather
from tcma.partners import brand
from tests.bench.figures import Figure, in_turn
from tests.builders import FULL_PROFILE, a_campaign, a_partner, a_vendor
from tests.services import ROOT

SAMPLES = ROOT / "brand_assets" / "samples"
QUALITY = 88


def measure(ground):
    """Pictures a second of processor time on one core; art and logos are warm, texts are new."""
    with ground.installation("pictures") as db, db() as work:
        vendor_id = a_vendor(work)
        campaign = a_campaign(work, vendor_id)
        copied = [_copy(work, vendor_id, campaign, kit) for kit in _kits(ground.size.partners)]
        drawn = _draw(work, copied)  # cold: bakes the art, prepares the logos
        flat = [Image.open(io.BytesIO(each.data)).convert("RGB") for each in drawn]
        found = in_turn(
            ground.size.rounds,
            ours=lambda: _rate(lambda: _draw(work, copied), len(drawn), ground.size.seconds),
            peer=lambda: _rate(lambda: _encode(flat), len(flat), ground.size.seconds),
        )
    yield Figure(
        name=f"pictures, set of five for {len(copied)} partners, warm",
        value=found["ours"],
        unit="pictures/s of one core",
        peer="encoding the same pictures only",
        peer_value=found["peer"],
    )


def _kits(count):
    return [path.parent for path in sorted(SAMPLES.glob("*/logo-dark.png"))[:count]]


def _copy(work, vendor_id, campaign, folder):
    kit = tomllib.loads((folder / "kit.toml").read_text(encoding="utf-8"))
    partner_id = a_partner(work, vendor_id, name=kit["name"])
    brand.save_profile(
        work,
        partner_id=partner_id,
        fields=FULL_PROFILE | {"name": kit["name"], "primary": kit["colours"]["primary"]},
        logo=(folder / "logo-dark.png").read_bytes(),
        logo_white=(folder / "logo-white.png").read_bytes(),
    )
    return copies.copy_of(work, campaign.campaign_id, partner_id=partner_id)


def _draw(work, copied):
    drawn = []
    for copy in copied:
        made_of = gather(work, copy)
        drawn += [pictures._drawn(work, copy, made_of, image) for image in made_of.source.images]
    return drawn


def _encode(flat):
    for image in flat:
        image.save(io.BytesIO(), "JPEG", quality=QUALITY)


def _rate(case, count, seconds):
    """Repeat for about so much processor time; return pictures a second of it."""
    begun = time.process_time()
    done, took = 0, 0.0
    while took < seconds / 2:
        case()
        done += count
        took = time.process_time() - begun
    return done / took
