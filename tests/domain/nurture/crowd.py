"""A vendor with partners whose pages are live, a published journey, and as many people in it as wanted."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text

from tcma.adapters.storage_disk import DiskFiles
from tcma.clock import FixedClock
from tcma.db.work import Site
from tcma.delivery.actions import ensure_sender
from tcma.ids import Signer
from tcma.jobs import Job
from tcma.library.compiling import publish_page
from tcma.nurture import publishing
from tcma.nurture.mailings import ensure_mailing
from tcma.nurture.publishing import Choices
from tests.builders import a_campaign, a_copy, a_partner, a_vendor, vera
from tests.faults.posting import rung
from tests.services import World, engine_of
from workers.runtime import Run

TUESDAY = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
EXITS = 'exits = ["reply", "accepted", "opportunity", "unsubscribe", "complaint"]\n'
PLAIN = EXITS + (
    '[[step]]\nid = "n1"\nsend = "thanks"\n'
    '[[step]]\nid = "n2"\nsend = "list-in-ten-minutes"\nafter = "3 working days"\n'
    '[[step]]\nid = "w"\nwait_for = "clicked:list-in-ten-minutes"\nat_most = "7 days"\nyes = "n3"\nno = "n4"\n'
    '[[step]]\nid = "n3"\nsend = "read-together"\nthen = "end"\n'
    '[[step]]\nid = "n4"\nsend = "another-month"\n'
)
PEOPLE = text(
    """
WITH made AS (
  INSERT INTO contact (partner_id, address, address_hash, first_name, country, fields, created_at)
  SELECT :partner, 'p' || n || '@example.org', sha256(('p' || n)::bytea), 'Person ' || n, 'GB', '{}', :now
  FROM generate_series(cast(:first AS int), cast(:last AS int)) n RETURNING id, address, address_hash),
asked AS (
  INSERT INTO lead (id, ref, vendor_id, source_partner_id, campaign_id, page_id, contact_id, state,
    address, address_hash, first_name, last_name, company, phone, country, postcode, answers, score,
    epoch, created_at)
  SELECT gen_random_uuid(), 'L-' || cast(:partner AS text) || '-' || m.id, :vendor, :partner, :campaign, :page,
    m.id, 'new', m.address, m.address_hash || right(cast(:partner AS text), 8)::bytea, 'Person', '', '', '',
    'GB', 'LS1 2AB', '{}', 40, 0, :now FROM made m RETURNING id, contact_id)
INSERT INTO nurture_run (sequence_id, version_id, vendor_id, partner_id, contact_id, lead_id, state,
  node, since, due_at, waiting_for, created_at)
SELECT :sequence, :version, :vendor, :partner, contact_id, id, 0, :node, :now, :due,
  cast(:waits AS text), :now FROM asked RETURNING id
"""
)
CLEAR = "TRUNCATE feedback_report, message_body, lead_capture, lead_touch, nurture_run, nurture_step, message, message_reaction, event, cap_hit, lead_task CASCADE"


@dataclass
class Crowd:
    """`people(10, at="n2")` puts people into the journey; `advance()` is the worker's look at it."""

    db: World
    vendor_id: object
    campaign_id: object
    campaign_version_id: object
    partners: list
    pages: list
    person: object
    sequence_id: object = None
    version_id: object = None
    numbers: int = 0

    @property
    def run(self):
        return Run(services=self.db, stopping=lambda: False)

    def clear(self):
        """Begin anew at Tuesday ten, with the plain journey; mailings stay."""
        self.db.clock = FixedClock(TUESDAY)
        with self.db() as work:
            work.session.execute(text(CLEAR))
            for table in ("lead", "contact", "suppression", "mark"):
                work.session.execute(text(f"DELETE FROM {table}"))
        self.publish(PLAIN)

    def publish(self, source, choices=None, *, rehearsed=False):
        """Publish a journey; (number, what moved). A rehearsal is taken back."""
        with self.db(self.person) as work:
            no, moved = publishing.publish(
                work,
                vendor_id=self.vendor_id,
                campaign_id=self.campaign_id,
                campaign_version_id=self.campaign_version_id,
                source=source,
                choices=choices or Choices(),
            )
            row = work.session.execute(
                text(
                    "SELECT v.id, v.sequence_id FROM sequence_version v JOIN sequence q"
                    " ON q.id = v.sequence_id WHERE q.campaign_id = :campaign AND v.no = :no"
                ),
                {"campaign": self.campaign_id, "no": no},
            ).one()
            if rehearsed:
                work.session.rollback()
        if not rehearsed:
            self.version_id, self.sequence_id = row.id, row.sequence_id
        return no, moved

    def people(self, count, *, at="n2", partner=0, due=None, waits=None, same_as=None):
        """So many people at a step, due now unless told; their runs. `same_as` reuses addresses."""
        first = self.numbers if same_as is None else same_as
        self.numbers = max(self.numbers, first + count)
        now = self.db.clock.now()
        with self.db() as work:
            values = {
                "partner": self.partners[partner], "page": self.pages[partner], "now": now,
                "vendor": self.vendor_id, "campaign": self.campaign_id, "first": first,
                "last": first + count - 1, "sequence": self.sequence_id, "version": self.version_id,
                "node": at, "due": due or now, "waits": waits,
            }  # fmt: skip
            return list(work.session.scalars(PEOPLE, values))

    def advance(self):
        rung(self.run, Job.NURTURE_ADVANCE)

    def rows(self, query, **values):
        with self.db() as work:
            return work.session.execute(text(query), values).all()

    def value(self, query, **values):
        return self.rows(query, **values)[0][0]

    def mailings(self):
        """Make the mailing of every mail for every partner, as their first use would."""
        for n in range(len(self.partners)):
            (run_id,) = self.people(1, partner=n)
            for mail in ("thanks", "list-in-ten-minutes", "read-together", "another-month"):
                with self.db() as work:
                    ensure_mailing(work, run_id, mail)


def settled(db, *, partners):
    """A vendor, so many partners whose pages are live, no journey published yet."""
    with db() as work:
        vendor_id = a_vendor(work)
        campaign = a_campaign(work, vendor_id)
        firms, pages = [], []
        for n in range(partners):
            firm = a_partner(work, vendor_id, name=f"Firm {n}")
            address = f"hi@firm{n}.example"
            ensure_sender(work, partner_id=firm, from_name=f"Firm {n}", from_address=address)
            firms.append(firm)
            pages.append(publish_page(work, a_copy(work, firm, campaign)).id)
        person = vera(work, vendor_id)
    return Crowd(db, vendor_id, campaign.campaign_id, campaign.version_id, firms, pages, person)


@contextmanager
def crowd(postgres, folder, *, partners=3, public_url="https://tcma.test"):
    """One world for a file of tests; each begins with `clear()`."""
    site = Site(public_url=public_url, signer=Signer(b"x" * 32), secret=b"x" * 32)
    with postgres.fresh() as url, engine_of(url) as engine:
        files = DiskFiles(folder / "files")
        db = World(url=url, engine=engine, clock=FixedClock(TUESDAY), site=site, files=files)
        made = settled(db, partners=partners)
        made.clear()
        made.mailings()
        yield made
