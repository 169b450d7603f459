"""An installation in which every station has been passed once, made through the verbs.

Corbelane is the vendor: Vera, Mira, Finn and Ada work there. Alice owns the partner Fenwright,
Tom markets and Sam sells for it; Charlie owns Ridgeline, another partner of Corbelane. Of another
vendor, Quillon, are Olga (administrator), Rui (finance) and Omar, the owner of its partner.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import select, text

from tcma.adapters.mail_smtp import SmtpRelay
from tcma.clock import SystemClock
from tcma.contacts import actions as contacts
from tcma.contacts import imports, merging, segments
from tcma.contacts import queries as people
from tcma.contacts.actions import NewList
from tcma.contacts.conditions import Condition, Kind, Op, Row
from tcma.contacts.rules import LawfulBasis
from tcma.delivery.actions import ensure_sender
from tcma.drawing import keys as image_keys
from tcma.drawing import waiting
from tcma.drawing.calls import Ask, prepared
from tcma.hosts import actions as page_hosts
from tcma.ids import new_id
from tcma.launches import actions as launches
from tcma.launches.actions import LaunchPlan
from tcma.launches.choices import Choices, TrialChoice
from tcma.launches.hours import Hours
from tcma.leads import actions as leads
from tcma.leads import lists, points_versions, routing_drafts, routing_versions, tasks, ways_in
from tcma.leads.capturing import capture, of_page, take_in
from tcma.leads.intake import Capture
from tcma.leads.models import HeldSubmission, IntakeKey
from tcma.leads.queries import lead_view
from tcma.leads.queries import leads as lead_rows
from tcma.leads.routing.rules import STANDARD
from tcma.leads.scoring.document import STANDARD as POINTS
from tcma.library import drafts
from tcma.library.copy_queries import page_by_path
from tcma.library.queries import campaign_source
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.funds import changes, changing, opening
from tcma.mdf.joint import agreeing
from tcma.mdf.papers.invoice_lines import InvoiceEntry
from tcma.mdf.payments import bank_accounts, batches
from tcma.mdf.payments.bank_rules import Account
from tcma.mdf.requests import carrying_out, planning
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests.planning import ActivityPlan, PlanLine, RequestPlan
from tcma.mdf.rules import ActivityKind
from tcma.money import Money
from tcma.nurture import drafts as journeys
from tcma.outbox import actions as outbox
from tcma.outbox.models import OutboxDelivery
from tcma.outbox.rules import EndpointState
from tcma.permissions import Role
from tests.builders import (
    a_campaign,
    a_copy,
    a_logo,
    a_partner,
    a_user,
    a_vendor,
    acting,
)
from tests.faults.posting import drained
from tests.lived_ahead import arranged
from tests.lived_in_files import filed
from tests.lived_in_leads import advertised, asked_for, connected, papered, raced, shared
from tests.lived_senders import sending_domains
from tests.lived_social import page_of, posted
from tests.pages import services_of
from workers import main
from workers.runtime import Run

PDF = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"
CSV = b"Email,First name,Company,Status\nida@brackwater.example,Ida,Brackwater,subscribed\nbroken,Jo,,\n"
FILES = {"A-1": ("a-1.pdf", PDF), "A-2": ("a-2.png", a_logo())}
ASKING = {
    "consent_given": True,
    "consent_text": "You may call me.",
    "consent_version": "v1",
    "first_name": "Ida",
    "last_name": "Brook",
    "phone": "0113 496 0199",
    "country": "GB",
    "postcode": "LS1 2AB",
}


def pounds(major):
    return Money(major * 100, "GBP")


@dataclass
class LivedIn:
    """`emails` by first name, `people` as principals, `parts` of addresses by name."""

    db: object
    services: object
    emails: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    parts: dict = field(default_factory=dict)

    def as_(self, name):
        return self.db(self.people[name])

    def drain(self):
        """Do every job that waits, one after the other, as the workers would."""
        main.import_handlers()
        run = Run(services=self.services, stopping=lambda: False)
        drained(self.db.queue, run)


def lived_in(db, folder, sink):
    """Build it: two launches (one over, one planned), leads, and money from fund to bank."""
    db.clock = SystemClock()
    services = services_of(db, folder, relay=SmtpRelay(sink.url))
    world = LivedIn(db, services)
    with db() as work:
        vendor = a_vendor(work, name="Corbelane")
        other_vendor = a_vendor(work, name="Quillon")
        fenwright = a_partner(work, vendor, name="Fenwright", territories=("GB-N",))
        theirs = a_partner(work, other_vendor, name="Omarsson", territories=("GB-N",))
        ridgeline = a_partner(work, vendor, name="Ridgeline", territories=("GB-N",))
        staff = {
            "Vera": (Role.VENDOR_MARKETER, {"vendor_id": vendor}),
            "Mira": (Role.CHANNEL_MANAGER, {"vendor_id": vendor}),
            "Finn": (Role.FINANCE, {"vendor_id": vendor}),
            "Ada": (Role.ADMINISTRATOR, {"vendor_id": vendor}),
            "Alice": (Role.OWNER, {"partner_id": fenwright}),
            "Tom": (Role.PARTNER_MARKETER, {"partner_id": fenwright}),
            "Lea": (Role.PARTNER_MARKETER, {"partner_id": fenwright}),
            "Sam": (Role.SELLER, {"partner_id": fenwright}),
            "Charlie": (Role.OWNER, {"partner_id": ridgeline}),
            "Omar": (Role.OWNER, {"partner_id": theirs}),
            "Rui": (Role.FINANCE, {"vendor_id": other_vendor}),
            "Olga": (Role.ADMINISTRATOR, {"vendor_id": other_vendor}),
        }
        for name, (role, side) in staff.items():
            world.emails[name] = f"{name.lower()}@people.example"
            world.people[name] = a_user(work, role, name=name, email=world.emails[name], **side)
        campaign = a_campaign(work, vendor)
        a_campaign(work, vendor, slug="renewal-upsell", published=False)
        copy_id = a_copy(work, fenwright, campaign).id
        sender = ensure_sender(
            work, partner_id=fenwright, from_name="Fenwright", from_address="hi@fenwright.example"
        )
        house = ensure_sender(
            work, vendor_id=vendor, from_name="Corbelane", from_address="hi@corbelane.example"
        )
        sending_domains(world, work)
        page_hosts.add_host(acting(work, world.people["Alice"]), "go.alice.example")
        world.parts |= {"vendor": "corbelane", "slug": "cloud-migration", "partner": "fenwright"}
        world.parts["campaign_id"] = campaign.campaign_id
    with world.as_("Vera") as work:
        drafts.start_from_version(work, campaign.version_id, slug="cloud-migration")
        written = campaign_source(work, campaign.version_id).files["nurture.toml"].decode()
        journeys.start(work, campaign.campaign_id, written)
    world.parts |= {"partner_sender": sender, "vendor_sender": house}
    pictures_called(world, campaign.campaign_id)
    contacts_of(world)
    money_asked(world, campaign.campaign_id, fenwright)
    planned_together(world, campaign.campaign_id)
    launched(world, copy_id, sender)
    asked(world)
    money_paid(world)
    routed_by_rule(world)
    world.drain()
    with world.db() as work:
        looked = text("select id from document where kind = 'preview' limit 1")
        world.parts["preview"] = work.session.scalar(looked)
    arranged(world, sender)
    return world


def routed_by_rule(world):
    with world.as_("Mira") as work:
        today = routing_versions.today(work.session, work.principal, work.now)
        routing_versions.publish(work, STANDARD, valid_from=today, note="As it was")
        points_versions.publish(work, POINTS, valid_from=today, note="As it was")
        routing_drafts.start(work, STANDARD)


def pictures_called(world, campaign_id):
    with world.as_("Vera") as work:
        secret = image_keys.make_key(
            work, name="Shop banners", campaign_id=campaign_id, picture="banner_300x250"
        )
        scope = image_keys.scope_of_secret(work.session, secret)
        asked = Ask(template="cloud-migration/banner_300x250", partner="fenwright")
        job = waiting.ask_for(work, scope, prepared(work, scope, asked))
        world.parts |= {"image_key": scope.key_id, "image_job": job.ref}


def contacts_of(world):
    with world.as_("Alice") as work:
        new = NewList(
            name="Customers", basis=LawfulBasis.CONSENT, source="fair", evidence="signed cards"
        )
        typed = "\n".join(f"Pat Reader <reader{n}@readers.example>" for n in range(30))
        list_id = contacts.import_addresses(work, typed, new=new)
        import_id = imports.start(work, file_name="more.csv", content=CSV)
        imports.confirm(
            work,
            import_id,
            basis=LawfulBasis.CONSENT,
            evidence="order book",
            list_name="From a file",
        )
        waiting = imports.start(work, file_name="later.csv", content=CSV)
        world.parts |= {"list_id": list_id, "import_id": import_id, "waiting_import": waiting}
    world.drain()
    with world.as_("Alice") as work:
        inside = segments.audience_people(work.session, work.principal, list_id)
        found = people.contacts(work.session, work.principal, now=work.now, among=inside).rows
        signer = work.site.signer
        world.parts["contact"] = signer.public_number("contact", found[0].id)
        world.parts["second_contact"] = signer.public_number("contact", found[1].id)
        world.parts["merge"] = merging.keep_apart(work, found[2].id, found[3].id)
        twice = "Nora Quill <nora@readers.example>, Nora Quill <n.quill@readers.example>"
        contacts.import_addresses(work, twice, list_id=list_id)
        contacts.suppress(work, "gone@readers.example")
        world.parts["own_field"] = segments.add_field(work, "Seats", Kind.NUMBER)
        tagless = Condition((Row("tags", Op.EMPTY), Row("first_name", Op.IS, "Pat")))
        world.parts["segment_id"] = segments.save_segment(work, "No tag yet", tagless)


def money_asked(world, campaign_id, partner_id):
    today = world.db.clock.now().date()
    with world.as_("Finn") as work:
        plan = opening.FundPlan(
            name="Corbelane growth",
            total=pounds(40_000),
            starts_on=today - timedelta(30),
            ends_on=today + timedelta(300),
            share_bps=5_000,
            kind="accrued",
            accrual_bps=200,
        )
        fund = opening.create_fund(work, plan)
        opening.allocate(work, fund, partner_id, pounds(3_000))
        world.parts["fund"] = fund.ref
        less = changes.Change(act=changes.Act.REDUCE, reason="Less.", amount=pounds(1))
        world.parts["change"] = changing.ask(work, fund, less, key=new_id()).id
    filed(world)
    refs = []
    for net in (1_600, 400):
        with world.as_("Alice") as work:
            part = queries.allocation_by_fund(work.session, work.principal, world.parts["fund"])
            lines = [PlanLine("List and copy", pounds(net))]
            plan = RequestPlan([ActivityPlan(campaign_id, today, today + timedelta(10), lines)])
            request = planning.draft(work, part, plan)
            planning.submit(work, request)
            refs.append(request.ref)
    world.parts["request"], world.parts["open_request"] = refs
    with world.as_("Mira") as work:
        request = queries.request_by_ref(work.session, work.principal, refs[0])
        request_decisions.approve(work, request)


def planned_together(world, campaign_id):
    with world.as_("Alice") as work:
        part = queries.allocation_by_fund(work.session, work.principal, world.parts["fund"])
        today = work.now.date()
        outline = agreeing.Outline("Next quarter", "More leads.", today, today + timedelta(90))
        plan = agreeing.begin(work, part, outline)
        line = agreeing.LinePlan(campaign_id, ActivityKind.EMAIL, today, pounds(300), 10)
        agreeing.add_line(work, plan, line)
        world.parts["joint_plan"] = plan.ref


def launched(world, copy_id, sender):
    with world.as_("Alice") as work:
        plan = LaunchPlan(
            copy_id=copy_id,
            list_ids=(world.parts["list_id"],),
            sender_id=sender,
            send_at=work.now,
            mails="first",
        )
        done = launches.plan_launch(work, plan, idempotency_key="one")
        request = queries.request_by_ref(work.session, work.principal, world.parts["request"])
        carrying_out.tie(work, request, done.id)
        launches.start_launch(work, done.ref)
        later = LaunchPlan(**{f: getattr(plan, f) for f in plan.__slots__} | {"mails": "all"})
        both = (*later.list_ids, world.parts["segment_id"])
        test = TrialChoice(subject="Which servers may retire?")
        chosen = Choices(local_time=True, hours=Hours.WORKING, hold_out=10, trial=test)
        later = replace(later, list_ids=both, choices=chosen)
        draft = launches.plan_launch(work, later, idempotency_key="two")
        world.parts |= {"launch": done.ref, "launch_id": done.id, "draft_launch": draft.ref}
    world.drain()
    posted(world, copy_id)


def asked(world):
    """Three leads: one accepted with an opportunity, one offered, one from nowhere."""
    path = world.parts["page"] = page_of(world)
    for number, place in enumerate(("LS1 2AB", "LS1 2AC", "")):
        with world.db() as work:
            page = page_by_path(work.session, path)
            facts = ASKING | {
                "source": "page",
                "external_id": str(number),
                "address": f"ida{number}@brackwater.example",
                "company": f"Brackwater {number}",
                "postcode": place,
                "country": "GB" if place else "ES",
                "page_url": f"https://tcma.test/go/{path}",
                "launch_id": world.parts["launch_id"],
            }
            capture(work, of_page(page), Capture(**facts))
        world.drain()
    with world.db() as work:
        page = page_by_path(work.session, path)
        facts = ASKING | {"source": "page", "external_id": "trap", "address": "bot@trap.example",
                          "company": "Cheap watches", "page_url": "https://tcma.test/"}  # fmt: skip
        take_in(work, of_page(page), Capture(**facts), trap="it was filled in by a machine")
        world.parts["held"] = work.session.scalar(select(HeldSubmission.id))
    with world.as_("Mira") as work:
        ways_in.make_key(work, name="Event team", campaign_id=page.campaign_id, partner_id=None)
        world.parts["lead_list"] = lists.keep(work, file_name="cards.csv", content=b"Email\n")
        world.parts["intake_key"] = work.session.scalar(select(IntakeKey.id))
        url = "https://9.9.9.9/leads"
        made = outbox.make_endpoint(work, world.services.web, name="crm", url=url, events=())
        world.parts["webhook"] = made[0]
        outbox.set_state(work, made[0], EndpointState.PAUSED)
        outbox.send_test(work, made[0])
        world.parts["delivery"] = work.session.scalar(select(OutboxDelivery.id))
    with world.as_("Alice") as work:
        refs = [row.ref for row in lead_rows(work.session, work.principal).rows]
        world.parts["lead"], world.parts["offered_lead"] = refs[0], refs[-1]
        view = lead_view(work.session, work.principal, refs[0])
        due_at = work.now + timedelta(1)
        tasks.ask(work, view.row.id, "Call them about the server.", due_at=due_at, source="1")
        world.parts["task"] = tasks.tasks(work.session, view.row.id)[0].id
        leads.accept(work, view.offer_id, by="Alice")
        held = leads.held_lead(work, refs[0])
        day, worth = work.now.date() + timedelta(60), pounds(9_000)
        made = leads.convert(work, held, name="Server move", amount=worth, closes_on=day)
        world.parts["opportunity"] = made.ref
    advertised(world, page.campaign_id)
    papered(world)
    asked_for(world)
    for side, name in (("partner", "Alice"), ("vendor", "Mira")):
        connected(world, side, name)
    raced(world)
    shared(world)
    world.drain()


def accounts_stated(world):
    own = Account(holder="Corbelane Ltd", country="GB", iban="GB29NWBK60161331926819")
    theirs = Account(holder="Fenwright Ltd", country="GB", number="31926819", bank_code="601613")
    pair = {"vendor_id": world.people["Finn"].vendor_id}
    with world.as_("Finn") as work:
        bank_accounts.state_account(work, own, **pair)
    with world.as_("Alice") as work:
        partner_id = world.people["Alice"].partner_id
        number = bank_accounts.state_account(work, theirs, **pair, partner_id=partner_id)
    with world.as_("Finn") as work:
        row = bank_accounts.account_by_id(work.session, work.principal, number)
        bank_accounts.check_account(work, row, how="called")


def money_paid(world):
    accounts_stated(world)
    refs = []
    for number in ("A-1", "A-2"):
        with world.as_("Alice") as work:
            request = queries.request_by_ref(work.session, work.principal, world.parts["request"])
            claim = filing.draft(work, request)
            invoice = InvoiceEntry(
                issuer="Pennant Studio",
                number=number,
                issued_on=work.now.date(),
                made_out_to="Fenwright Ltd",
                net=pounds(700),
                tax=pounds(140),
            )
            named, content = FILES[number]
            kept = filing.add_invoice(work, claim, invoice, file_name=named, content=content)
            world.parts |= {"document": kept.document_id, "invoice": kept.id}
            filing.submit(work, claim)
            refs.append(claim.ref)
        if number == "A-1":
            with world.as_("Ada") as work:
                claim = queries.claim_by_ref(work.session, work.principal, refs[0])
                claim_decisions.approve(work, claim, amount=pounds(340), close=False)
            with world.as_("Finn") as work:
                claim = queries.claim_by_ref(work.session, work.principal, refs[0])
                batch = batches.make_batch(work, [claim])
                bank = batches.export_batch(work, batch, payouts=world.services.payouts)
                world.parts |= {"batch": batch.ref, "bank_file": bank.id}
    world.parts |= {"claim": refs[1], "paid_claim": refs[0]}
