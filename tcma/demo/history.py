"""What happened before today: a plan, a launch, its answers, its leads, its money."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from tcma.accounts.models import Membership, UserAccount
from tcma.adapters.payouts_pain import PayoutsPain
from tcma.clock import FixedClock
from tcma.contacts.models import ContactList
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import claims as lines
from tcma.delivery.feedback import unsubscribe
from tcma.delivery.links import Purpose
from tcma.delivery.models import Message, Sender
from tcma.delivery.rules import MessageState
from tcma.demo.paper import invoice_pdf
from tcma.launches import actions as launches
from tcma.launches import expansion
from tcma.launches.actions import LaunchPlan
from tcma.launches.models import Launch
from tcma.leads import actions as leads
from tcma.leads import offers, queries
from tcma.leads.capturing import capture, of_page
from tcma.leads.intake import Capture
from tcma.leads.models import Lead
from tcma.leads.rules import Touch
from tcma.library import copies
from tcma.library.copy_queries import page
from tcma.library.models import Campaign
from tcma.mdf.case_files import proofs
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.claims.filing import InvoiceEntry
from tcma.mdf.models.funding import FundAllocation
from tcma.mdf.payments import bank_accounts, batches
from tcma.mdf.payments.bank_rules import Account
from tcma.mdf.queries import claim_by_ref, request_by_ref
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning
from tcma.mdf.requests.planning import ActivityPlan, PlanLine, RequestPlan
from tcma.mdf.rules import ActivityKind
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import SYSTEM, Principal, Role
from tcma.ports import Result, SendResult
from tcma.tracking.actions import record_click, record_open
from tcma.wiring import Services

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
SCANNER = "Mozilla/5.0 (compatible; Barracuda Sentinel)"
TUESDAY, SATURDAY = 1, 5
ASKERS = (
    ("Priya", "Raman", "Holmfirth & Slade", "LS1 4AB", 9_200),
    ("Owen", "Pryce", "Calder Vale Dairies", "HX1 1AA", 9_200),
    ("Greta", "Lindqvist", "Ottershaw Pumps", "FW2 3BC", 0),
    ("Hugh", "Pemberton", "Ashgrove Ceramics", "YO1 7XY", 0),
)


class Past:
    """The installation at an instant of the past, acted on by the demo's people."""

    def __init__(self, services: Services, now: datetime) -> None:
        self.clock = FixedClock(now)
        self.services = replace(services, clock=self.clock)
        with self.house() as work:
            self.partner_id = _one(work, select(Partner.id).where(Partner.slug == "fenwright"))
            rows = work.session.execute(
                select(
                    UserAccount.id,
                    UserAccount.name,
                    UserAccount.email,
                    Membership.role,
                    Membership.vendor_id,
                    Membership.partner_id,
                ).join(Membership, Membership.user_id == UserAccount.id)
            )
            self.people = {
                r.email.partition("@")[0]: Principal(
                    user_id=r.id,
                    name=r.name,
                    role=Role(r.role),
                    vendor_id=r.vendor_id,
                    partner_id=r.partner_id,
                )
                for r in rows
            }

    def go(self, now: datetime) -> None:
        """Be at another instant."""
        self.clock.at = now

    def house(self) -> AbstractContextManager[Work]:
        """One transaction of the house itself."""
        return self.services.transaction(SYSTEM)

    def by(self, name: str) -> AbstractContextManager[Work]:
        """One transaction of one of the people."""
        return self.services.transaction(self.people[name])


def _one(work: Work, query: object) -> UUID:
    found: UUID = work.session.execute(query).scalars().one()  # type: ignore[call-overload]
    return found


def build_history(services: Services) -> None:
    """Let five weeks happen: one plan paid in full, one claim under way, one plan waiting."""
    today = services.clock.now().replace(hour=9, minute=0, second=0, microsecond=0)
    while today.weekday() != TUESDAY or today >= services.clock.now():
        today -= timedelta(days=1)
    past = Past(services, today - timedelta(days=36))
    _accounts(past)
    paid = _approved_plan(past, "security-assessment", (1_480, 1_220), today)
    past.go(today - timedelta(days=28))
    launch_id = _launch(past, "security-assessment", paid)
    _reactions(past, launch_id)
    _leads(past, launch_id)
    past.go(today - timedelta(days=25))
    _finish(past, launch_id)
    past.go(today - timedelta(days=19))
    claim = _claim(past, paid, "PS-2291", 2_700)
    past.go(today - timedelta(days=15))
    with past.by("finn") as work:
        row = claim_by_ref(work.session, work.principal, claim)
        claim_decisions.approve(work, row, words="We pay your plan in full.")
    past.go(today - timedelta(days=12))
    with past.by("nora") as work:
        batch = batches.make_batch(work, [claim_by_ref(work.session, work.principal, claim)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
    with past.by("nora") as work:
        batches.settle(work, work.session.merge(batch), bank_reference="BACS 204417")
    past.go(today - timedelta(days=6))
    running = _approved_plan(past, "cloud-migration", (900, 380), today)
    lately = services.clock.now() - timedelta(hours=20)
    while lately.weekday() >= SATURDAY:
        lately -= timedelta(days=1)
    past.go(lately)
    _waiting_plan(past, today)
    del running


def _accounts(past: Past) -> None:
    """Both sides say where money comes from and goes to; the numbers are the registries' samples."""
    vendor_id = found(past.people["finn"].vendor_id)
    own = Account(holder="Corbelane Limited", country="GB", iban="GB29NWBK60161331926819")
    theirs = Account(
        holder="Fenwright Cloud Services Ltd", country="GB", iban="GB33BUKB20201555555555"
    )
    with past.by("finn") as work:
        bank_accounts.state_account(work, own, vendor_id=vendor_id)
    with past.by("maren") as work:
        number = bank_accounts.state_account(
            work, theirs, vendor_id=vendor_id, partner_id=past.partner_id
        )
    with past.by("nora") as work:
        row = bank_accounts.account_by_id(work.session, work.principal, number)
        bank_accounts.check_account(work, row, how="Called the number on the contract.")


def _allocation(work: Work, past: Past) -> FundAllocation:
    return work.session.scalars(
        select(FundAllocation).where(FundAllocation.partner_id == past.partner_id)
    ).one()


def _plan(past: Past, *activities: Callable[[Work], ActivityPlan], title: str = "") -> str:
    with past.by("maren") as work:
        plan = RequestPlan([each(work) for each in activities], title=title)
        request = planning.draft(work, _allocation(work, past), plan)
        planning.submit(work, request)
        return request.ref


def _activity(
    slug: str,
    costs: Mapping[str, int],
    days: tuple[date, date],
    kind: ActivityKind = ActivityKind.MULTI_TOUCH,
) -> Callable[[Work], ActivityPlan]:
    lines_ = [PlanLine(label, Money(pounds * 100, "GBP")) for label, pounds in costs.items()]

    def of(work: Work) -> ActivityPlan:
        campaign_id = _one(work, select(Campaign.id).where(Campaign.slug == slug))
        return ActivityPlan(campaign_id, *days, lines_, kind=kind)

    return of


def _approved_plan(past: Past, slug: str, pounds: Iterable[int], today: datetime) -> str:
    starts = (past.clock.at + timedelta(days=7)).date()
    labels = ("Copy, list clean-up, set-up", "Search adverts, four weeks")
    costs = dict(zip(labels, pounds, strict=False))
    ends = min(starts + timedelta(days=14), _last(today))
    ref = _plan(past, _activity(slug, costs, (starts, ends)))
    past.go(past.clock.at + timedelta(days=1))
    with past.by("mira") as work:
        row = request_by_ref(work.session, work.principal, ref)
        request_decisions.approve(work, row, words="A good plan. Go ahead.")
    return ref


def _waiting_plan(past: Past, today: datetime) -> str:
    days = (min((today + timedelta(days=10)).date(), _last(today)), _last(today))
    mails = _activity("renewal-upsell", {"Copy, list clean-up, set-up": 640}, days)
    evening = {"Room and sound": 520, "Food, no alcohol": 260}
    event = _activity("renewal-upsell", evening, days, ActivityKind.EVENT)
    return _plan(past, mails, event, title="Renewals: mails and an evening")


def _last(today: datetime) -> date:
    return date(today.year, 12, 31)


def _launch(past: Past, slug: str, plan_ref: str) -> UUID:
    with past.by("maren") as work:
        campaign_id = _one(work, select(Campaign.id).where(Campaign.slug == slug))
        copy = copies.copy_of(work, campaign_id)
        owner = past.partner_id
        list_id = _one(
            work,
            select(ContactList.id).where(
                ContactList.partner_id == owner, ContactList.name == "Customers, North"
            ),
        )
        own = select(Sender.id).where(Sender.partner_id == owner, ~Sender.is_fallback)
        launched = launches.plan_launch(
            work,
            LaunchPlan(
                copy_id=copy.id,
                list_ids=(list_id,),
                sender_id=_one(work, own),
                send_at=work.now,
                mails="first",
            ),
            idempotency_key="demo-history",
        )
        row = request_by_ref(work.session, work.principal, plan_ref)
        planning.tie_launch(work, row, launched.id)
    with past.by("maren") as work:
        launches.start_launch(work, launched.ref)
    with past.house() as work:
        due = expansion.claim_due(work)
    if due is None:
        raise LookupError("the demo's launch is not due")
    with past.house() as work:
        compiled = expansion.compile_due(work, due)
    with past.house() as work:
        mailing_id = expansion.freeze_due(work, due, compiled)
    if mailing_id is None:
        raise LookupError("the demo's launch has no mailing")
    _deliver(past, mailing_id)
    return launched.id


def _deliver(past: Past, mailing_id: int) -> None:
    """Go through claim, intent and acknowledgement as a worker does; two addresses are dead."""
    with past.house() as work:
        worker = lines.register_worker(work, host="demo", pid=0, journal="demo")
    lease = worker << 32
    while True:
        with past.house() as work:
            claimed = lines.claim(work, mailing_id, lease=lease, most=100)
        if not claimed:
            break
        with past.house() as work:
            sent = lines.intend(work, [c.id for c in claimed], lease=lease)
        attempts = {c.id: c.attempt for c in claimed}
        with past.house() as work:
            results = [_result(i) for i in sent]
            lines.acknowledge(work, results, lease=lease, attempts=attempts)
    with past.house() as work:
        lines.end_worker(work, worker)


def _result(message_id: int) -> SendResult:
    if message_id % 97 == 0:
        return SendResult(message_id, Result.REFUSED, 550, "5.1.1 no such mailbox")
    return SendResult(message_id, Result.SENT, 250, "2.0.0 queued")


def _sent(work: Work) -> list[int]:
    wanted = select(Message.id).where(
        Message.state == MessageState.SENT, Message.contact_id > 0, Message.origin_id == 0
    )
    return list(work.session.scalars(wanted.order_by(Message.id)))


def _reactions(past: Past, launch_id: UUID) -> None:
    """A third opens, one in twelve clicks, a few machines look at every link, three stop."""
    del launch_id
    with past.house() as work:
        numbers = _sent(work)
    signer = past.services.site.signer

    def each(step: int, offset: int, act: Callable[[Work, int], object], hours: int) -> None:
        past.go(past.clock.at + timedelta(hours=hours))
        with past.house() as work:
            for number in numbers[offset::step]:
                act(work, number)

    each(3, 0, lambda w, n: record_open(
        w, signer.message_token(Purpose.OPEN, n), user_agent=PHONE), 2)  # fmt: skip
    each(12, 0, lambda w, n: record_click(
        w, signer.message_token(Purpose.CLICK, n, 1), user_agent=PHONE), 1)  # fmt: skip
    each(25, 5, lambda w, n: record_click(
        w, signer.message_token(Purpose.CLICK, n, 1), user_agent=SCANNER), 0)  # fmt: skip
    each(80, 7, lambda w, n: unsubscribe(w, signer.message_token(Purpose.UNSUBSCRIBE, n)), 3)


def _leads(past: Past, launch_id: UUID) -> None:
    for number, (first, last, firm, postcode, worth) in enumerate(ASKERS):
        past.go(past.clock.at + timedelta(hours=5))
        with past.house() as work:
            published = page(work.session, found(work.session.get_one(Launch, launch_id).page_id))
            captured = capture(
                work,
                of_page(published),
                Capture(
                    source="demo",
                    external_id=str(number),
                    address=f"{first}.{last}@{firm.split()[0]}.example".lower(),
                    consent_given=True,
                    consent_text=published.consent_text,
                    consent_version="demo",
                    page_url="demo world",
                    first_name=first,
                    last_name=last,
                    company=firm,
                    phone=f"+44 113 496 02{number:02d}",
                    country="GB",
                    postcode=postcode,
                    launch_id=launch_id,
                ),
            )
        with past.house() as work:
            offers.route(work, captured.lead_id)
        past.go(past.clock.at + timedelta(hours=1))
        _work_a_lead(past, captured.lead_id, worth, number)


def _work_a_lead(past: Past, lead_id: UUID, worth: int, number: int) -> None:
    with past.house() as work:
        lead = work.session.get_one(Lead, lead_id)
        offer = queries.view_of(work.session, work.principal, lead).offer_id
        ref = lead.ref
        if offer is None:
            return
        leads.accept(work, offer, by="Sana Iqbal")
    with past.by("sana") as work:
        held = leads.held_lead(work, ref)
        leads.record_touch(work, held, kind=Touch.CALL, note="Spoke for ten minutes.")
        if worth:
            leads.convert(
                work,
                held,
                name=f"Security check, {held.company}",
                amount=Money(worth * 100, "GBP"),
                closes_on=(work.now + timedelta(days=40)).date(),
            )
        elif number == len(ASKERS) - 1:
            leads.close(work, held, won=False, reason="no_money")


def _finish(past: Past, launch_id: UUID) -> None:
    with past.house() as work:
        expansion.settle(work, launch_id)
    with past.house() as work:
        proofs.collect(work, launch_id)


def _claim(past: Past, plan_ref: str, number: str, pounds: int) -> str:
    net, tax = Money(pounds * 100, "GBP"), Money(pounds * 20, "GBP")
    issued = (past.clock.at - timedelta(days=3)).date()
    with past.by("maren") as work:
        claim = filing.draft(work, request_by_ref(work.session, work.principal, plan_ref))
        filing.add_invoice(
            work,
            claim,
            InvoiceEntry(
                issuer="Pennant Studio Ltd",
                number=number,
                issued_on=issued,
                made_out_to="Fenwright Cloud Services Ltd",
                net=net,
                tax=tax,
            ),
            file_name=f"{number}.pdf",
            content=invoice_pdf(number, issued, net, tax),
        )
        filing.submit(work, claim)
        return claim.ref
