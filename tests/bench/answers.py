"""How fast a person is answered: from a submission to the seller's mail and the first mail of the
journey at the relay, while a large launch goes out by the same workers.
"""

import statistics
import time

from tcma.leads.capturing import of_page, take_in
from tcma.leads.intake import Capture
from tcma.library.compiling import publish_page
from tcma.library.copies import copy_row
from tcma.library.copy_queries import page_by_path
from tcma.permissions import SYSTEM
from tests.bench.figures import Figure
from tests.bench.ground import settled
from tests.bench.limits import at_most
from tests.builders import acting, sam
from tests.faults.posting import Plant, Sink, a_mailing, sums, until
from tests.faults.stage import Stage

WORKERS = 2
MOST_S = 120


def measure(ground):
    """Median and 99th percentile of leads that ask one after the other."""
    folder = ground.folder / "answers"
    folder.mkdir(parents=True)
    with ground.installation("answers") as db, Sink(folder / "sink") as sink:
        stage = Stage(db)
        with db() as work:
            sam(work, stage.partner_id)
            page = publish_page(acting(work, SYSTEM), copy_row(acting(work, SYSTEM), stage.copy_id))
        with db() as work:
            crowd = a_mailing(work, ground.size.crowd, domain="crowd.example", start=True)
        settled(db)
        with Plant(db, folder, ground.redis_url, sink, begin=ground.size.begin) as plant:
            plant.start("workers.scheduler")
            for _ in range(WORKERS):
                plant.start()
            until(sink.count, MOST_S, what="the launch")
            took, during = [], 0
            for number in range(ground.size.answers):
                took.append(_answered(db, sink, page.path, number))
                during += bool(sums(db, crowd).waiting)
    found = {
        "p50": statistics.median(took),
        "p99": statistics.quantiles(took, n=100, method="inclusive")[98],
    }
    for name, bound in (("p50", at_most(1, "s")), ("p99", at_most(3, "s"))):
        yield Figure(
            name=f"lead.first_answer_{name}: submission to seller's and person's mail at the relay,"
            f" {during} of {len(took)} while {ground.size.crowd:,} mails leave",
            value=found[name],
            unit="s",
            peer=None,
            reason="no peer does this",
            bound=bound,
        )


def _answered(db, sink, path, number):
    """Ask once; return the seconds until both mails are taken."""
    address = f"ida@firm{number}.example"
    seen = sink.file.stat().st_size
    begun = time.perf_counter()
    with db() as work:
        page = page_by_path(work.session, path)
        take_in(work, of_page(page), Capture(
            source="bench", external_id=f"{number}", address=address, consent_given=True,
            consent_text="You may call me.", consent_version="1", page_url="", first_name="Ida",
            company=f"Firm {number}", country="GB", postcode="LS1 2AB",
        ))  # fmt: skip
    missing = {b"@people.example ", f"{address} ".encode()}
    end = begun + MOST_S
    with sink.file.open("rb") as kept:
        kept.seek(seen)
        while missing:
            assert time.perf_counter() < end, f"no answer to lead {number}: {missing}"
            new = kept.readlines()
            missing -= {each for each in missing if any(each in line for line in new)}
            time.sleep(0.005)
    return time.perf_counter() - begun
