"""A partner ready to launch: campaign, copy, list and sender."""

from tcma.delivery import actions as delivery
from tcma.launches import actions, queries
from tcma.launches.actions import LaunchPlan
from tests.builders import a_campaign, a_copy, a_partner, a_vendor, alice
from tests.faults.posting import people


class Stage:
    """A vendor, its partner Alice with a list and a sender, and a published campaign.

    `beside` another stage it is one more partner of the same vendor and campaign.
    """

    def __init__(self, db, *, count=4, basis="consent", beside=None, domain="example.org"):
        self.db, self.domain = db, domain
        with db() as work:
            self.vendor_id = beside.vendor_id if beside else a_vendor(work)
            self.campaign = beside.campaign if beside else a_campaign(work, self.vendor_id)
            self.partner_id = a_partner(work, self.vendor_id)
            self.alice = alice(work, self.partner_id)
            self.copy_id = a_copy(work, self.partner_id, self.campaign).id
            self.list_id = people(work, self.partner_id, count, basis=basis, domain=domain)
            self.sender_id = delivery.ensure_sender(
                work,
                partner_id=self.partner_id,
                from_name="Alice",
                from_address="alice@partner.example",
            )

    def plan(self, **facts):
        given = {
            "copy_id": self.copy_id,
            "list_ids": (self.list_id,),
            "sender_id": self.sender_id,
            "send_at": self.db.clock.now(),
        } | facts
        return LaunchPlan(**given)

    def planned(self, *, key="k", **facts):
        with self.db(self.alice) as work:
            return actions.plan_launch(work, self.plan(**facts), idempotency_key=key).ref

    def started(self, **facts):
        ref = self.planned(**facts)
        with self.db(self.alice) as work:
            actions.start_launch(work, ref)
        return ref

    def detail(self, ref):
        with self.db(self.alice) as work:
            return queries.launch_detail(work.session, self.alice, ref, now=self.db.clock.now())
