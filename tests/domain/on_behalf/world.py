"""A vendor with partners whose lists and senders are ready, and hands that act for both sides."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from tcma.delivery.actions import ensure_sender
from tcma.jobs import Job
from tcma.on_behalf import calendar_queries, calendars, orders, queries
from tcma.on_behalf.calendars import CalendarFacts
from tcma.on_behalf.orders import NewOrder
from tcma.on_behalf.rules import Rhythm
from tests.builders import a_campaign, a_list, a_partner, a_vendor, alice, vera
from tests.faults.posting import rung
from workers.runtime import Run


@dataclass
class Partner:
    """One partner: its owner as a principal, its list and its sender."""

    id: UUID
    owner: object
    list_id: UUID
    sender_id: UUID


@dataclass
class Ground:
    """`with ground.by(person) as work`; `ground.ring()` does what a worker would."""

    db: object
    vendor_id: UUID = None
    campaign_id: UUID = None
    vera: object = None
    partners: list = field(default_factory=list)

    def by(self, person):
        return self.db(person)

    @property
    def first(self):
        return self.partners[0]

    def ring(self):
        """Do what a worker would for every row that is due."""
        rung(Run(services=self.db, stopping=lambda: False), Job.LAUNCH_ARRANGE)

    def day(self, days):
        return self.db.clock.now().date() + timedelta(days)

    def calendar(self, *, on=10, notice=3, rules=None):
        """One calendar with the campaign in so many days; its name in addresses."""
        facts = CalendarFacts(
            name="One campaign a quarter", words="We choose, you nod.", rhythm=Rhythm.QUARTER,
            notice_days=notice, rules=rules or {},
        )  # fmt: skip
        with self.by(self.vera) as work:
            slug = calendars.make_calendar(work, facts)
            calendars.set_day(work, slug, "cloud-migration", self.day(on))
        return slug

    def join(self, partner, slug="", **facts):
        order = NewOrder(
            list_ids=(partner.list_id,), sender_id=partner.sender_id, **({"agreed": True} | facts)
        )
        with self.by(partner.owner) as work:
            orders.join(work, "corbelane", slug, order)

    def rows(self, person=None):
        with self.by(person or self.vera) as work:
            return queries.arranged(work.session, work.principal)

    def row(self, partner=None):
        (row,) = self.rows((partner or self.first).owner)
        return row

    def offers(self, partner):
        with self.by(partner.owner) as work:
            today = work.now.date()
            return calendar_queries.offered(work.session, work.principal, today=today)

    def subjects(self):
        with self.db() as work:
            return work.session.scalars(text("select subject from message_body order by 1")).all()

    def one(self, words, **values):
        with self.db() as work:
            return work.session.scalar(text(words), values)


def ground(db, *, partners=1, people=3):
    """Corbelane, Vera, one published campaign, and so many partners."""
    made = Ground(db)
    with db() as work:
        made.vendor_id = a_vendor(work)
        made.vera = vera(work, made.vendor_id)
        made.campaign_id = a_campaign(work, made.vendor_id).campaign_id
        for number in range(partners):
            partner_id = a_partner(work, made.vendor_id, name=f"Partner {number:02}")
            made.partners.append(
                Partner(
                    partner_id,
                    alice(work, partner_id),
                    a_list(work, partner_id, people),
                    ensure_sender(
                        work, partner_id=partner_id, from_name="P",
                        from_address=f"hi@p{number}.example",
                    ),
                )
            )  # fmt: skip
    return made
