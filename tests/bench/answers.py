"""How fast a person is answered: from the form they send to a web process until the seller's mail and the
first mail of the journey are at the relay, while a large launch goes out by the same workers.
"""

import itertools
import re
import statistics
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from urllib.parse import urlencode

from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import text

from tcma.delivery import actions
from tcma.library.compiling import publish_page
from tcma.library.copies import copy_row
from tcma.permissions import SYSTEM
from tests.bench.figures import Figure
from tests.bench.ground import settled
from tests.bench.limits import at_most
from tests.bench.pages import tcma_web
from tests.builders import acting, sam
from tests.faults.posting import Plant, Sink, a_mailing, sums, until
from tests.faults.stage import Stage

WORKERS = 2
LANES = 4
"""People who ask at the same time, each on another partner's page: so each partner's mails are known apart."""
READS_S = 2.5
"""A form that is sent sooner after its page was opened is a machine's."""
PAUSE_S = 0.2
MOST_S = 120
_senders = itertools.count(1)


@dataclass(frozen=True)
class Lane:
    """One partner's page, and who of its people is written to."""

    path: str
    seller: str


class Relay:
    """When each mail came, by who it is to; of the launch's crowd nothing is kept."""

    def __init__(self, sink):
        self.sink, self.came, self.over = sink, defaultdict(list), threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        with self.sink.file.open("rb") as kept:
            while not self.over.is_set():
                for line in kept:
                    to = line.partition(b" ")[0].decode()
                    if not to.endswith("@crowd.example"):
                        self.came[to].append(time.perf_counter())
                time.sleep(0.002)

    def nth(self, to, number):
        """The instant the `number`th mail to somebody was taken; waits for it."""
        end = time.perf_counter() + MOST_S
        while len(self.came[to]) < number:
            assert time.perf_counter() < end, f"mail {number} to {to} did not come in {MOST_S} s"
            time.sleep(0.002)
        return self.came[to][number - 1]


def measure(ground):
    """Median and 99th percentile of people who ask while a launch leaves; and how long the first of each
    page waits, for whom its partner's mail is made: they are among the others, too.
    """
    folder = ground.folder / "answers"
    folder.mkdir(parents=True)
    with ground.installation("answers") as db, Sink(folder / "sink") as sink:
        lanes = opened(db)
        with db() as work:
            crowd = a_mailing(work, ground.size.crowd, domain="crowd.example", start=False)
        settled(db)
        relay = {"TCMA_SMTP_URL": f"{sink.url}?answer=5&command=5"}
        with (
            tcma_web(ground, db, "answers", **relay) as (port, _),
            Plant(db, folder, ground.redis_url, sink, begin=ground.size.begin,
                  TCMA_PUBLIC_URL=f"http://127.0.0.1:{port}") as plant,
        ):  # fmt: skip
            plant.start("workers.scheduler")
            for _ in range(WORKERS):
                plant.start()
            each = 1 + -(-ground.size.answers // LANES)
            forms = [[form_of(port, lane, n) for n in range(each)] for lane in lanes]
            time.sleep(READS_S)
            sink.order(ground.size.relay)
            with db() as work:
                actions.start_mailing(work, crowd)
            until(sink.count, MOST_S, what="the launch")
            with watching(sink) as mails, ThreadPoolExecutor(LANES) as people:
                asked = people.map(lambda lane, own: answered(port, mails, lane, own), lanes, forms)
                lasted = list(asked)
            firsts = [some[0] for some in lasted]
            took = [seconds for some in lasted for seconds in some]
            outlasted(sums(db, crowd).waiting, len(took))
    for name, value, bound in (
        ("p50", statistics.median(took), at_most(1, "s")),
        ("p99", statistics.quantiles(took, n=100, method="inclusive")[98], at_most(3, "s")),
        ("new", max(firsts), None),
    ):
        yield Figure(
            name=f"lead.first_answer_{name}: a form sent to the web process to seller's and person's mail"
            f" at the relay, {f'the first of each of {LANES} pages' if name == 'new' else f'{len(took)} forms'}"
            f" by {LANES} at a time while {ground.size.crowd:,} mails leave",
            value=value,
            unit="s",
            peer=None,
            reason="no peer does this",
            bound=bound,
        )


def outlasted(waiting, forms):
    """Fail unless the launch still had mails to send when the last form was answered."""
    assert waiting, (
        f"the launch was over before the last of {forms} forms was answered: nothing was measured beside it"
    )


def opened(db):
    """The pages of so many partners of one vendor, each with a seller."""
    first, lanes = None, []
    for _ in range(LANES):
        stage = Stage(db, count=1, beside=first)
        first = first or stage
        with db() as work:
            seller = sam(work, stage.partner_id)
            house = acting(work, SYSTEM)
            page = publish_page(house, copy_row(house, stage.copy_id))
            named = text("SELECT email FROM user_account WHERE id = :id")
            seller = work.session.scalar(named, {"id": seller.user_id})
            lanes.append(Lane(f"/go/{page.path}", seller))
    return lanes


@contextmanager
def watching(sink):
    relay = Relay(sink)
    try:
        yield relay
    finally:
        relay.over.set()
        relay.reader.join()


def form_of(port, lane, number):
    """Open the page as a browser does, solve its puzzle, fill the form in: (address, body)."""
    status, page = asked(port, "GET", lane.path)
    assert status == 200, (lane.path, status)
    tree = LexborHTMLParser(page)
    values = {
        field.attributes["name"]: field.attributes.get("value") or ""
        for field in tree.css("form input[type=hidden][name]")
    }
    for choice in tree.css("form select[name]"):
        options = [option.attributes.get("value") for option in choice.css("option")]
        values[choice.attributes["name"]] = next(each for each in options if each)
    values["proof"] = solved(values["proof"])
    where = re.sub(r"\W", "", lane.path)
    address = f"ida{number}@{where}{number}.example"
    person = {
        "first_name": "Ida", "last_name": "Brook", "company": f"Firm {where} {number}", "email": address,
        "phone": "0113 496 0111", "country": "GB", "postcode": "LS1 2AB", "consent": "on",
    }  # fmt: skip
    return address, urlencode(values | person)


def solved(proof):
    """The hidden field with its puzzle solved, as the page's script does."""
    bits, seed = proof.split(".")
    for number in itertools.count():
        digest = sha256(f"{seed}.{number}".encode()).digest()
        if int.from_bytes(digest[:4], "big") >> (32 - int(bits)) == 0:
            return f"{proof}.{number}"
    raise AssertionError


def answered(port, relay, lane, forms):
    """Send the forms one after the other; the seconds until both mails of each were taken."""
    took = []
    for number, (address, body) in enumerate(forms, 1):
        begun = time.perf_counter()
        status, page = asked(port, "POST", lane.path, body)
        assert status == 200, (status, page[:500])
        took.append(max(relay.nth(lane.seller, number), relay.nth(address, 1)) - begun)
        time.sleep(PAUSE_S)
    return took


def asked(port, method, path, body=None):
    """One request from an address of its own, as of another person: (status, page)."""
    high, low = divmod(next(_senders), 250)
    connection = HTTPConnection(
        "127.0.0.1", port, timeout=MOST_S, source_address=(f"127.0.{1 + high}.{1 + low}", 0)
    )
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body, kind)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
