"""Advertising pictures: a set of five as a launch draws it, and one banner beside sharp's."""

import io
import time
import tomllib

from PIL import Image

from tcma.library import copies
from tcma.library.ingredients import gather
from tcma.library.pictures import drawn_of
from tcma.partners import brand
from tests.bench.figures import Figure, in_turn
from tests.bench.limits import times_peer
from tests.bench.peer_sharp import sharp
from tests.builders import FULL_PROFILE, a_campaign, a_partner, a_vendor
from tests.services import ROOT

SAMPLES = ROOT / "brand_assets" / "samples"
QUALITY = 88
BANNER = "banner_1200x628"


def measure(ground):
    """Milliseconds of one core; art, logos and headline are warm, as for the second partner on."""
    with ground.installation("pictures") as db, db() as work:
        vendor_id = a_vendor(work)
        campaign = a_campaign(work, vendor_id)
        copied = [copy_for(work, vendor_id, campaign, kit) for kit in kits(ground.size.partners)]
        yield _set_of_five(ground, work, copied)
        yield _banner(ground, gather(work, copied[0]))


def _set_of_five(ground, work, copied):
    sets = [_set(work, copy) for copy in copied]  # cold: bakes the art, prepares the logos
    flat = [[Image.open(io.BytesIO(each.data)).convert("RGB") for each in one] for one in sets]
    found = in_turn(
        ground.size.rounds,
        ours=lambda: _milliseconds(lambda at: _set(work, copied[at]), len(copied), ground),
        peer=lambda: _milliseconds(lambda at: _encode(flat[at]), len(copied), ground),
    )
    return Figure(
        name=f"images.set: a set of {len(flat[0])} JPEGs, {len(copied)} partners in turn, warm",
        value=found["ours"],
        unit="ms of one core",
        peer="encoding the same pictures only",
        peer_value=found["peer"],
        bound=times_peer(3, "at most 3 times encoding"),
    )


def _banner(ground, made_of):
    image = next(each for each in made_of.source.images if each.name == BANNER)
    art = made_of.source.files["art/wide.jpg"]
    folder = ground.tools_folder / "sharp"
    with sharp(folder, art=art, logo=made_of.partner_logos.colour) as peer:
        cases = {"ours": lambda: _milliseconds(lambda _: drawn_of(made_of, image), 1, ground)}
        if peer.running:
            times = max(1, int(ground.size.seconds * 15))
            cases["peer"] = lambda: peer.milliseconds(times)
        found = in_turn(ground.size.rounds, **cases)
    return Figure(
        name="images.sharp: a banner of 1200 x 628, its ground cached",
        value=found["ours"],
        unit="ms of one core",
        peer="sharp, ground cached as raw pixels, text by SVG" if peer.running else None,
        peer_value=found.get("peer"),
        reason=peer.reason,
        bound=times_peer(0.2, "at most a fifth of sharp"),
    )


def kits(count):
    """Return the folders of `count` invented partners that have a logo."""
    return [path.parent for path in sorted(SAMPLES.glob("*/logo-dark.png"))[:count]]


def copy_for(work, vendor_id, campaign, folder):
    """Return an invented partner's copy of a campaign."""
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


def _set(work, copy):
    made_of = gather(work, copy)
    return [drawn_of(made_of, image) for image in made_of.source.images]


def _encode(flat):
    for image in flat:
        image.save(io.BytesIO(), "JPEG", quality=QUALITY)


def _milliseconds(case, count, ground):
    """Repeat `case(0) … case(count - 1)` for about so much processor time; return that of one."""
    begun = time.process_time()
    done, took = 0, 0.0
    while took < ground.size.seconds / 2:
        for at in range(count):
            case(at)
        done += count
        took = time.process_time() - begun
    return 1e3 * took / done
