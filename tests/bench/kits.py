"""Partners' kits: three mails, the page and five pictures for one partner after the other."""

import os
import time
from dataclasses import replace
from pathlib import Path

from tcma.library.ingredients import gather
from tcma.library.pictures import drawn_of
from tcma.library.trying import mail_of, page_of
from tests.bench.figures import Figure
from tests.bench.limits import at_least, times_peer
from tests.bench.pictures import copy_for, kits
from tests.builders import a_campaign, a_vendor

MAILS = 3
HOUR = 3600


def measure(ground):
    """Kits a core makes in an hour, each of a partner not seen before, and the memory it takes."""
    count = ground.size.kits
    with ground.installation("kits") as db, db() as work:
        vendor_id = a_vendor(work)
        campaign = a_campaign(work, vendor_id)
        copied = [copy_for(work, vendor_id, campaign, kit) for kit in kits(4)]
        _made(work, copied, range(count))  # what is kept of other partners is full by then
        at_start = _resident()
        begun = time.process_time()
        assets = _made(work, copied, range(count, 2 * count))
        took = time.process_time() - begun
        at_end = _resident()
    yield Figure(
        name=f"kits.partner: {assets // count} assets each, {count} partners not seen before",
        value=count * HOUR / took,
        unit="kits/h of one core",
        peer=None,
        reason="no peer makes one",
        bound=at_least(10_000, "kits/h"),
    )
    yield Figure(
        name=f"kits.rss: memory after {count} more of them",
        value=at_end,
        unit="MB",
        peer="memory before",
        peer_value=at_start,
        bound=times_peer(1.1, "1.1 times before"),
    )


def _made(work, copied, numbers):
    made = 0
    for number in numbers:
        kit = _of_another(gather(work, copied[number % len(copied)]), number)
        made += len([mail_of(kit, mail.key) for mail in kit.source.mails[:MAILS]])
        made += bool(page_of(kit))
        made += len([drawn_of(kit, image) for image in kit.source.images])
    return made


def _of_another(made_of, number):
    """The same ingredients with another partner's name, address and text: nothing of it is known."""
    name = f"{made_of.partner.name} {number}"
    return replace(
        made_of,
        partner=replace(made_of.partner, name=name, address=f"{number} Mill Lane, Leeds"),
        partner_logos=replace(made_of.partner_logos, name=name),
    )


def _resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
