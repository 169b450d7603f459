"""The proof wall: fifty partners, every asset judged and shown, once it is warm."""

import tempfile
import time
from itertools import product

from tcma.permissions import Role
from tests.bench.figures import Figure
from tests.bench.limits import at_most
from tests.bench.pictures import copy_for, kits
from tests.builders import a_campaign, a_partner, a_user, a_vendor
from tests.pages import Visitor, app_of

WORDS = ("Cloud", "Systems", "Computing", "Networks", "Digital", "Managed Services", "IT Partners")
FIRMS = (
    "Ashby",
    "Brackwater",
    "Cœur & Cie",
    "Dunmere",
    "Ørsvåg",
    "Fennimore",
    "Großkreutz",
    "Holt",
)
WALL = "/studio/campaigns/cloud-migration/versions/1/proof-wall?who=own"


def measure(ground):
    """Seconds of the page, and of the page with every tile on it, on one core."""
    count = ground.size.walls
    with ground.installation("walls") as db, tempfile.TemporaryDirectory() as folder:
        with db() as work:
            vendor_id = a_vendor(work)
            campaign = a_campaign(work, vendor_id)
            for kit in kits(min(count, 4)):
                copy_for(work, vendor_id, campaign, kit)
            names = [" ".join(pair) for pair in product(FIRMS, WORDS)]
            for name in names[: max(0, count - len(kits(min(count, 4))))]:
                a_partner(work, vendor_id, name=name)
            a_user(work, Role.VENDOR_MARKETER, email="vera@bench.example", vendor_id=vendor_id)
        vera = Visitor(app_of(db, folder), "vera@bench.example")
        begun = time.process_time()
        page = _whole(vera)
        cold = time.process_time() - begun
        shown = len(page.tree.css("section.wall"))
        tiles = _tiles(page)
        warm = min(_taking(lambda: vera.get(WALL)) for _ in range(ground.size.rounds))
        every = _taking(lambda: [vera.get(WALL), *map(vera.get, tiles)])
    for name, value, bound in (
        (f"proofwall: {shown} partners, the page, warm", warm, at_most(2, "s")),
        (
            f"proofwall.tiles: {shown} partners, the page and its {len(tiles)} tiles, warm",
            every,
            None,
        ),
        (f"proofwall.first: {shown} partners, judging all for the first time", cold, None),
    ):
        yield Figure(
            name=name, value=value, unit="s of one core", peer=None, reason="no peer shows one",
            bound=bound,
        )  # fmt: skip


def _whole(visitor):
    while "are judged" in (page := visitor.get(WALL)).words:
        pass
    return page


def _tiles(page):
    boxes = page.tree.css(".tile-box iframe, .tile-box img")
    return [each.attributes["src"] for each in boxes]


def _taking(act):
    begun = time.process_time()
    act()
    return time.process_time() - begun
