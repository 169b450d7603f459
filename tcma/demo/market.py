"""What the demo's people did for their customers: launches, the answers to them, leads."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from tcma.contacts.consent import ConsentAct
from tcma.contacts.consent_ledger import confirm_line
from tcma.contacts.models import ConsentEntry, ContactList
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import claims as lines
from tcma.delivery.feedback import unsubscribe
from tcma.delivery.links import Purpose
from tcma.delivery.models import Message, Sender
from tcma.delivery.rules import MessageState
from tcma.demo.past import Asker, Past, Side, the
from tcma.guidance import ticking
from tcma.launches import actions as launches
from tcma.launches import expansion
from tcma.launches.actions import LaunchPlan
from tcma.launches.models import Launch, LaunchMail
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
from tcma.mdf.queries import request_by_ref
from tcma.mdf.requests import carrying_out
from tcma.money import Money
from tcma.ports import Result, SendResult
from tcma.tracking.actions import record_click, record_open

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
SCANNER = "Mozilla/5.0 (compatible; Barracuda Sentinel)"
EACH_DEAD = 97
"""One address in so many has no mailbox any more."""


def launch(past: Past, side: Side, slug: str, plan_ref: str | None, *, in_days: int = 0) -> UUID:
    """Plan and start a launch of the campaign's first mail; return it."""
    with past.by(side.owner) as work:
        campaign_id = the(work, select(Campaign.id).where(Campaign.slug == slug))
        copy = copies.copy_of(work, campaign_id)
        owner = work.principal.partner_id
        own = select(Sender.id).where(Sender.partner_id == owner, ~Sender.is_fallback)
        named = select(ContactList.id).where(
            ContactList.partner_id == owner, ContactList.name == side.customers
        )
        launched = launches.plan_launch(
            work,
            LaunchPlan(
                copy_id=copy.id,
                list_ids=(the(work, named),),
                sender_id=the(work, own),
                send_at=work.now + timedelta(days=in_days),
                mails="first",
            ),
            idempotency_key=f"demo {side.slug} {slug}",
        )
        if plan_ref:
            row = request_by_ref(work.session, work.principal, plan_ref)
            carrying_out.tie(work, row, launched.id)
    with past.by(side.owner) as work:
        launches.start_launch(work, launched.ref)
    return launched.id


def follow(past: Past, side: Side, launch_id: UUID, *steps: str) -> None:
    """Tick steps of a launch's playbook, as its seller."""
    with past.by(side.seller) as work:
        ref = found(work.session.scalar(select(Launch.ref).where(Launch.id == launch_id)))
        for step in steps:
            ticking.tick(work, ref, step)


def send(past: Past) -> None:
    """Send the launch that is due, all of it."""
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


def _deliver(past: Past, mailing_id: int) -> None:
    """Go through claim, intent and acknowledgement as a worker does."""
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
        later = {c.id: c.later for c in claimed}
        with past.house() as work:
            results = [_result(i) for i in sent]
            lines.acknowledge(work, results, later, lease=lease)
    with past.house() as work:
        lines.end_worker(work, worker)


def _result(message_id: int) -> SendResult:
    if message_id % EACH_DEAD == 0:
        return SendResult(message_id, Result.REFUSED, 550, "5.1.1 no such mailbox")
    return SendResult(message_id, Result.SENT, 250, "2.0.0 queued")


def reactions(past: Past, launch_id: UUID, *, opens: int = 5, clicks: int = 12) -> None:
    """One in `opens` is seen to open, one in `clicks` clicks, machines look at every link, a few stop."""
    with past.house() as work:
        numbers = _sent(work, launch_id)
    signer = past.services.site.signer

    def each(step: int, offset: int, act: Callable[[Work, int], object], hours: int) -> None:
        past.later(hours=hours)
        with past.house() as work:
            for number in numbers[offset::step]:
                act(work, number)

    each(opens, 0, lambda w, n: record_open(
        w, signer.message_token(Purpose.OPEN, n), user_agent=PHONE), 2)  # fmt: skip
    each(clicks, 0, lambda w, n: record_click(
        w, signer.message_token(Purpose.CLICK, n, 1), user_agent=PHONE), 1)  # fmt: skip
    each(25, 5, lambda w, n: record_click(
        w, signer.message_token(Purpose.CLICK, n, 1), user_agent=SCANNER), 0)  # fmt: skip
    each(80, 7, lambda w, n: unsubscribe(w, signer.message_token(Purpose.UNSUBSCRIBE, n)), 3)


def _sent(work: Work, launch_id: UUID) -> list[int]:
    of_launch = select(LaunchMail.mailing_id).where(LaunchMail.launch_id == launch_id)
    wanted = select(Message.id).where(
        Message.mailing_id.in_(of_launch),
        Message.state == MessageState.SENT,
        Message.contact_id > 0,
        Message.origin_id == 0,
    )
    return list(work.session.scalars(wanted.order_by(Message.id)))


def confirmed(work: Work, lead_id: UUID) -> None:
    """Say yes to the mail that asks whether it was them, where the law wants that."""
    contact_id = work.session.get_one(Lead, lead_id).contact_id
    asked = select(ConsentEntry.id).where(
        ConsentEntry.contact_id == contact_id, ConsentEntry.act == ConsentAct.ASKED
    )
    for line in work.session.scalars(asked).all():
        confirm_line(work, line, evidence={"page": "demo world"})


def ask(past: Past, launch_id: UUID, asker: Asker) -> UUID:
    """Fill in the launch's landing form; the lead is offered at once. Return the lead."""
    with past.house() as work:
        published = page(work.session, found(work.session.get_one(Launch, launch_id).page_id))
        captured = capture(
            work,
            of_page(published),
            Capture(
                source="demo",
                external_id=f"{launch_id} {asker.last}",
                address=f"{asker.first}.{asker.last}@{asker.firm.split()[0]}.example".lower(),
                consent_given=True,
                consent_text=published.consent_text,
                consent_version="demo",
                page_url="demo world",
                first_name=asker.first,
                last_name=asker.last,
                company=asker.firm,
                phone=asker.phone,
                country=asker.country,
                postcode=asker.postcode,
                answers={"How soon?": asker.answer} if asker.answer else {},
                launch_id=launch_id,
            ),
        )
    with past.house() as work:
        confirmed(work, captured.lead_id)
        offers.route(work, captured.lead_id)
    return captured.lead_id


def accept(past: Past, side: Side, lead_id: UUID) -> str | None:
    """The seller takes an offered lead; return its reference, None when nobody was offered it."""
    with past.house() as work:
        lead = work.session.get_one(Lead, lead_id)
        offer = queries.view_of(work.session, work.principal, lead).offer_id
        if offer is None:
            return None
        seller = past.people[side.seller]
        leads.accept(work, offer, by=seller.name, person_id=seller.user_id)
        return lead.ref


def work_it(past: Past, side: Side, ref: str, asker: Asker) -> None:
    """Call, then make it an opportunity when it is worth something; win it when it was won."""
    with past.by(side.seller) as work:
        held = leads.held_lead(work, ref)
        leads.record_touch(work, held, kind=Touch.CALL, note="Spoke for ten minutes.")
        if asker.worth:
            leads.convert(
                work,
                held,
                name=f"{held.company}, first part",
                amount=Money(asker.worth * 100, side.currency),
                closes_on=(work.now + timedelta(days=75)).date(),
            )
    if asker.won:
        past.later(days=4)
        with past.by(side.seller) as work:
            leads.close(work, leads.held_lead(work, ref), won=True)


def give_up(past: Past, side: Side, ref: str) -> None:
    """The seller closes a lead that has no budget."""
    with past.by(side.seller) as work:
        leads.close(work, leads.held_lead(work, ref), won=False, reason="no_money")


def finish(past: Past, launch_id: UUID) -> None:
    """The launch is over: its sum closes, its proof is written."""
    with past.house() as work:
        expansion.settle(work, launch_id)
    with past.house() as work:
        proofs.collect(work, launch_id)
