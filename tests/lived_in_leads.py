"""The lived-in world's leads beyond the plain ones: one that several are asked about, CRMs of both sides."""

from datetime import timedelta

from tcma.crm import actions as crm
from tcma.crm.rules import ConnectionState, System
from tcma.guidance import own_tasks
from tcma.leads import ads, crm_marks, crm_queries, deal_papers, opening, pipeline, sharing
from tcma.leads.ad_words import Network
from tcma.leads.models import LeadOffer
from tcma.leads.routing.sellers import Way
from tcma.leads.rules import RestKind
from tcma.library.copy_queries import page_by_path
from tcma.outbox import actions as outbox
from tcma.outbox.rules import EndpointState, Kind
from tests.builders import waiting_leads


def raced(world):
    """A lead that Alice's partner is asked about beside others."""
    with world.as_("Alice") as work:
        partner_id = work.principal.partner_id
    with world.db() as work:
        page = page_by_path(work.session, world.parts["page"])
        [lead_id] = waiting_leads(
            work, page.vendor_id, page.campaign_id, 1, state="offered", epoch=1
        )
        offer = LeadOffer(
            lead_id=lead_id,
            epoch=1,
            vendor_id=page.vendor_id,
            partner_id=partner_id,
            reason="the first to take it has it",
            trace={"rule": "first", "rule_name": "Quick", "tried": [], "candidates": []},
            offered_at=work.now,
            told_at=work.now,
            answer_by=work.now + timedelta(hours=3),
            shared=True,
        )
        work.session.add(offer)
        work.session.flush()
        world.parts["shared_offer"] = offer.id


def shared(world):
    """A rule by which the leads of Alice's partner come to its people, a room of its chat, a day Sam is away."""
    with world.as_("Alice") as work:
        day = work.now.date() + timedelta(30)
        sharing.save_rule(work, way=Way.EVERYBODY, keeps=False, areas={})
        sam = world.people["Sam"].user_id
        sharing.state_absence(work, sam, day, day)
        world.parts["sam"] = sam
        world.parts["absence"] = sharing.absences(work)[0].id
        opening.state_rest(work, RestKind.CLOSED, reason="holiday", starts_on=day, ends_on=day)
        room = outbox.make_endpoint(
            work, world.services.web, name="#leads", url="https://9.9.9.9/room", kind=Kind.CHAT
        )
        outbox.set_state(work, room[0], EndpointState.PAUSED)
        world.parts["chat"] = room[0]
        [rest] = opening.rests_of(work.session, work.principal.partner_id, work.now)
        world.parts["rest"] = rest.id


def advertised(world, campaign_id):
    """Lead ads of the vendor that call for one campaign."""
    with world.as_("Mira") as work:
        new = ads.NewSource(
            network=Network.META, name="Spring ads", campaign_id=campaign_id, partner_id=None,
            secret="an app secret", token="a token", consent="You may call me.", fields={},
        )  # fmt: skip
        world.parts["ad_source"] = ads.make_source(work, new)


def asked_for(world):
    """A task of the vendor's own for new partners."""
    with world.as_("Mira") as work:
        own_tasks.add_task(work, own_tasks.NewTask(
            title="Sign the contract", words="", link="", due_days=7, by_vendor=False
        ))  # fmt: skip
        work.session.flush()
        world.parts["own_task"] = own_tasks.asked_by(work.session, work.principal.vendor_id)[0].id


def papered(world):
    """A file at the opportunity."""
    ref = world.parts["opportunity"]
    with world.as_("Alice") as work:
        deal_papers.attach(work, ref, file_name="Offer.pdf", content=b"%PDF-1.7\n%%EOF\n")
        one = pipeline.opportunity(work.session, work.principal, ref)
        world.parts["deal_paper"] = deal_papers.papers(work.session, one.id)[0].id


def connected(world, side, name):
    """A CRM of one side that is paused with a lead waiting, and a sheet."""
    with world.as_(name) as work:
        web, token = world.services.web, {"token": "pat-made-up"}
        ref = crm.connect(work, web, System.HUBSPOT, url="https://9.9.9.9", secrets=token)
        crm_marks.mark_all(work, ref)
        crm.set_state(work, ref, ConnectionState.PAUSED)
        world.parts[f"{side}_crm"] = ref
        world.parts[f"{side}_sheet"] = crm.connect(work, web, System.SHEET, secrets={})
        [link, *_] = crm_queries.links(work.session, work.principal, ref)
        world.parts[f"{side}_link"] = link.id
