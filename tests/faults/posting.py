"""A mailing to some people, a worker to send it, and the sums that must agree."""

import contextlib
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import insert, text

from tcma.adapters.mail_smtp import SmtpRelay
from tcma.adapters.queue_dramatiq import to_redis
from tcma.clock import SystemClock
from tcma.contacts.models import Contact, ContactList, ListMember
from tcma.contacts.rules import address_hash, normal_address
from tcma.db.work import Site
from tcma.delivery import actions
from tcma.delivery.freezing import freeze
from tcma.delivery.models import FrequencyRule, Mailing
from tcma.delivery.queries import equation
from tcma.delivery.rules import MailingKind
from tcma.ids import Signer, new_id
from tcma.jobs import Job
from tcma.rendering.mime import build
from tcma.wiring import Services
from tests.builders import a_partner, a_vendor
from tests.fakes import BROKER, Unruly, delivered
from tests.faults.nursery import OFF_S, UNRULY, forked
from workers import delivery, launches
from workers.runtime import HANDLERS, Run, perform

assert launches  # its handlers are named by import
START_S = 60
"""Most that a process of ours takes to be at work, on a machine that has much else to do."""
REST_S = 120
"""Most that a mailing takes to be over, likewise."""
SECRET = "only-for-tests-only-for-tests-only-for-tests"


def artefact(*, subject="Hello [[first_name|there]]", size=1):
    return build(
        subject=subject,
        preview="",
        html='<p>Dear [[first_name|you]], <a href="[[link:1]]">look</a> '
        '<a href="[[unsubscribe_url]]">stop</a></p>' + "<p>Lorem ipsum dolor sit amet.</p>" * size,
        text="Dear [[first_name|you]], look: [[link:1]] stop: [[unsubscribe_url]]",
        rtl=False,
    )


def people(work, partner_id, count, *, domain="example.org", basis="consent"):
    """A list of `count` people; returns its id."""
    list_id = new_id()
    work.session.add(
        ContactList(
            id=list_id, partner_id=partner_id, name=f"List {list_id}", basis=basis,
            created_at=work.now,
        )
    )  # fmt: skip
    work.session.flush()  # members name the list
    rows = []
    for n in range(count):
        address = normal_address(f"p{n}@{domain}")
        rows.append(
            {
                "partner_id": partner_id,
                "address": address.text,
                "address_hash": address_hash(work.site.secret, address),
                "first_name": f"Person {n}",
                "fields": {},
                "created_at": work.now,
            }
        )
    ids = work.session.scalars(insert(Contact).returning(Contact.id), rows).all()
    work.session.execute(
        insert(ListMember), [{"list_id": list_id, "contact_id": each} for each in ids]
    )
    return list_id


def a_mailing(work, count, *, domain="example.org", size=1, start=True, **facts):
    """A running mailing to `count` people of a new partner; returns its number."""
    from tcma.launches.audience import of_lists

    vendor_id = a_vendor(work, name=f"Vendor {new_id()}")
    partner_id = a_partner(work, vendor_id)
    sender_id = actions.ensure_sender(
        work, partner_id=partner_id, from_name="Ann", from_address="ann@partner.example"
    )
    facts = {"kind": MailingKind.LAUNCH, "artefact": artefact(size=size)} | facts
    mailing_id = actions.open_mailing(
        work,
        actions.NewMailing(
            sender_id=sender_id,
            vendor_id=vendor_id,
            partner_id=partner_id,
            links={1: "https://partner.example/offer"},
            **facts,
        ),
    )
    list_id = people(work, partner_id, count, domain=domain)
    freeze(work, mailing_id, of_lists([list_id], vendor_id=vendor_id, now=work.now))
    if start:
        actions.start_mailing(work, mailing_id)
    return mailing_id


def counted(work, mailing_id):
    """State a rule for the vendor of a mailing, so wide that nobody had enough: its messages are claimed, and
    intended in a second step, with each of its people locked.
    """
    vendor_id = work.session.get_one(Mailing, mailing_id).vendor_id
    work.session.add(FrequencyRule(vendor_id=vendor_id, mails=9, days=1, changed_at=work.now))
    return mailing_id


def services_of(db, tmp_path, relay_url, **parts):
    """The installation of the test, sending to `relay_url`."""
    journals = tmp_path / "journals"
    journals.mkdir(exist_ok=True)
    return Services(
        settings=None,
        engine=db.engine,
        clock=db.clock,
        site=db.site,
        files=db.files,
        queue=db.queue,
        relay=SmtpRelay(relay_url),
        journals=journals,
        **parts,
    )


def rung(run, job, **ids):
    """Do one wake-up here and now; what fails is raised."""
    delivered([(job, ids)], lambda job, ids: HANDLERS[job](run, **ids))


@contextlib.contextmanager
def posting(db, tmp_path, relay_url, **parts):
    """Jobs of this process, run here and now: `ring(Job.MAILING_SEND)`."""
    run = Run(services=services_of(db, tmp_path, relay_url, **parts), stopping=lambda: False)

    def ring(job=Job.MAILING_SEND, **ids):
        told = {name: str(value) for name, value in ids.items()}
        delivered([(job, told)], lambda job, ids: perform(HANDLERS[job], job, run, ids))

    try:
        yield ring
    finally:
        delivery.close_office(run)


def drained(queue, run):
    """Do every job that waits, and those that these wake, as the workers would."""
    while waiting := queue.sent[:]:
        queue.sent.clear()
        delivered(waiting, lambda job, ids: perform(HANDLERS[job], job, run, ids))


def sums(db, mailing_id):
    with db() as work:
        return equation(work.session, mailing_id)


def rows(db, mailing_id):
    with db() as work:
        found = work.session.execute(
            text("select * from message where mailing_id = :m order by id"), {"m": mailing_id}
        )
        return found.mappings().all()


class Sink:
    """The fast sink as a process: `kept()` counts keys, `order(word)` changes what it does."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = folder / "kept"
        self.file.touch()
        self.order("go")
        script = Path(__file__).parent / "sink.py"
        self.process = subprocess.Popen([sys.executable, str(script), str(folder)])
        until((folder / "port").exists, START_S, what="the sink")
        self.url = f"smtp://127.0.0.1:{(folder / 'port').read_text()}"

    def order(self, word):
        new = self.folder / "orders.new"
        new.write_text(word)
        new.rename(self.folder / "orders")

    def kept(self, domain=""):
        """How often each mail came, by its key; of people at a domain, or some, alone."""
        lines = (line.split(" ") for line in self.file.read_text().splitlines() if " " in line)
        return Counter(key for recipient, key in lines if recipient.endswith(domain))

    def count(self):
        return self.file.read_bytes().count(b"\n")

    def fell_silent(self):
        """Whether a conversation waits for an answer that will not come."""
        return (self.folder / "silent").exists()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def until(true, seconds, *, every=0.02, what="it"):
    """Wait until `true()`; fails by name after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = true()
        if value:
            return value
        time.sleep(every)
    raise AssertionError(f"{what} did not happen in {seconds} s")


class Plant:
    """Real worker and scheduler processes on the test's database, Redis and sink."""

    def __init__(self, db, tmp_path, redis_url, sink, *, begin=forked, unruly=None, **more):
        self.begin = begin
        self.is_unruly = BROKER.is_unruly if unruly is None else unruly
        self.folder = tmp_path
        self.environment = os.environ | {
            "TCMA_DATABASE_URL": db.url,
            "TCMA_REDIS_URL": redis_url,
            "TCMA_SMTP_URL": f"{sink.url}?answer=5&command=5",
            "TCMA_FILES_URL": f"file:{db.files.folder}",
            "TCMA_SECRET": SECRET,
            "TCMA_PUBLIC_URL": "https://tcma.test",
            **more,
        }
        self.log = tmp_path / "plant.log"
        queue = to_redis(redis_url)
        self.queue = Unruly(queue, BROKER.dice) if self.is_unruly else queue
        self.processes = []

    def ring(self, job, **ids):
        self.queue.send(job, {name: str(value) for name, value in ids.items()})

    def start(self, module="workers.main", *, clock_off_s=0, host="data"):
        """Start a process; those of one `host` share a data folder, and so their journals."""
        environment = self.environment | {
            OFF_S: str(clock_off_s), "TCMA_DATA": str(self.folder / host),
            UNRULY: f"{BROKER.seed} {len(self.processes)}" if self.is_unruly else "",
        }  # fmt: skip
        process = self.begin(module, environment, self.log)
        self.processes.append(process)
        return process

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.queue.broker.close()


def in_real_time(db):
    """The test's installation on the machine's clock and with a queue that rings nobody."""
    db.clock = SystemClock()
    db.site = Site(
        public_url="https://tcma.test", signer=Signer(SECRET.encode()), secret=SECRET.encode()
    )
    return db
