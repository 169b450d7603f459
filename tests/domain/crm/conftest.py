"""A partner whose CRM stands on a real server, and a lead on its way to it."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from tcma.adapters.egress import Egress
from tcma.crm import actions
from tcma.crm.rules import System
from tcma.jobs import Job
from tcma.leads import actions as leads
from tcma.leads import crm_queries, offers, pipeline
from tcma.leads.models import Lead, LeadOffer
from tcma.money import Money
from tests.adapters.crm_stands import Hubspot, Salesforce, Served
from tests.domain.leads.conftest import ask, ground  # noqa: F401 - fixtures
from tests.faults.posting import rung
from tests.pages import services_of
from workers.runtime import Run


@pytest.fixture(scope="module", params=[Salesforce, Hubspot], ids=["salesforce", "hubspot"])
def served(request):
    with Served(request.param) as stand:
        yield stand


@dataclass
class House:
    """A partner with its CRM: `accepted()` gives it a lead, `deal()` an opportunity of it."""

    db: object
    run: Run
    ground: object
    ask: object
    stand: object
    ref: str = ""

    def connect(self, principal=None, **options):
        with self.db(principal or self.ground.alice) as work:
            self.ref = actions.connect(
                work, self.run.services.web, System(self.stand.system), url=self.stand.url,
                secrets=self.stand.secrets, **options,
            )  # fmt: skip
        return self.ref

    def accepted(self, number=1):
        lead_id = self.ask(number, address=f"ida{number}@brackwater.example").lead_id
        with self.db() as work:
            offers.route(work, lead_id)
            offer = work.session.scalars(
                select(LeadOffer).where(LeadOffer.lead_id == lead_id)
            ).one()
            leads.accept(work, offer.id, by="Sam")
            return work.session.get_one(Lead, lead_id).ref

    def deal(self, number=1):
        ref = self.accepted(number)
        with self.db(self.ground.sam) as work:
            lead = leads.held_lead(work, ref)
            worth = Money(480_000, "GBP")
            return leads.convert(work, lead, name="Move", amount=worth, closes_on=None).ref

    def sync(self):
        rung(self.run, Job.CRM_SYNC)

    def here(self, ref):
        with self.db(self.ground.alice) as work:
            return pipeline.opportunity(work.session, self.ground.alice, ref)

    def amend(self, ref, amount):
        one = self.here(ref)
        with self.db(self.ground.sam) as work:
            pipeline.amend(
                work, ref, name=one.name, worth=Money(amount, "GBP"), closes_on=one.closes_on
            )

    def there(self, ref):
        return self.stand.kept[self.stand.objects[1], ref]

    def changed_there(self, ref, **values):
        self.there(ref).update({self.stand.places[name]: value for name, value in values.items()})

    def link(self):
        with self.db(self.ground.alice) as work:
            return crm_queries.links(work.session, self.ground.alice, self.ref)[0]

    def connection(self):
        with self.db(self.ground.alice) as work:
            return crm_queries.connection(work.session, self.ground.alice, self.ref)


@pytest.fixture
def house(db, tmp_path, ground, ask, served):  # noqa: F811 - the fixtures
    served.__init__(port=served.port)
    web = Egress((f"crm.test:{served.port}",), resolve=lambda _: ["127.0.0.1"], whole_s=2)
    services = services_of(db, tmp_path, web=web)
    return House(db, Run(services=services, stopping=lambda: False), ground, ask, served)
