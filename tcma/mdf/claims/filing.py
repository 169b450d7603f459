"""A partner asks its money back: invoices, the sum that follows from them, filing in time."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import delete, func, select

from tcma.db.documents import Document, store_document
from tcma.db.references import next_reference
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.ids import new_id
from tcma.mdf import appeals, letters
from tcma.mdf.answer_days import answer_day_of
from tcma.mdf.case_files import proofs
from tcma.mdf.case_files import reading as case_file
from tcma.mdf.claims import asking, levels
from tcma.mdf.deadlines import in_time, local_day
from tcma.mdf.exchange.rates import Rate, needed
from tcma.mdf.judging import claims as claim_judging
from tcma.mdf.judging import deciding
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest, Invoice
from tcma.mdf.moving import log, move
from tcma.mdf.papers import invoice_lines, uploads
from tcma.mdf.papers import invoices as claim_papers
from tcma.mdf.papers.invoice_lines import InvoiceEntry
from tcma.mdf.papers.reading import await_reading, unusable_papers
from tcma.mdf.programme.questions import CostKinds, cost_kinds
from tcma.mdf.queries import activities_of, activity_of, left_of, own, vendor_of
from tcma.mdf.reasons import Reason
from tcma.mdf.rules import (
    COUNTED_CLAIM,
    ActivityState,
    ClaimState,
    Reimbursable,
    RequestState,
    positive,
)
from tcma.mdf.words import spoken, spoken_count, spoken_day
from tcma.money import LARGEST_MINOR, Money
from tcma.permissions import Permission
from tcma.words import inside, joined, say


def draft(work: Work, request: FundRequest, *, no: int = 0) -> Claim:
    """Return the open draft for activity `no` of a request, begun now if there is none.

    Without `no` it is for the first activity that has money left. Raises Conflict when that one
    is not approved, is used up, or has its claims.
    """
    work.require(Permission.CLAIM_FILE)
    own(work.principal, request)
    activity = _claimed(work, request, no)
    of_activity = select(Claim).where(Claim.activity_id == activity.id)
    open_one = work.session.scalars(of_activity.where(Claim.state == ClaimState.DRAFT)).first()
    if open_one:
        return open_one
    may_claim(work, request, activity)
    claim = Claim(
        id=new_id(),
        ref=next_reference(work, "CLM"),
        request_id=request.id,
        activity_id=activity.id,
        vendor_id=request.vendor_id,
        partner_id=request.partner_id,
        state=ClaimState.DRAFT,
        currency=request.currency,
        amount_minor=left_of(work.session, activity).minor,
        note="",
        trace={},
        created_at=work.now,
    )
    work.session.add(claim)
    work.session.flush()  # later steps of this request name it
    log(work, claim, "drafted", "")
    return claim


def _claimed(work: Work, request: FundRequest, no: int) -> FundActivity:
    rows = activities_of(work.session, request.id)
    if no:
        return found(next((row for row in rows if row.no == no), None))
    return next((row for row in rows if left_of(work.session, row)), rows[0])


def may_claim(work: Work, request: FundRequest, activity: FundActivity) -> None:
    """Raise Conflict or LimitReached unless a further claim of an activity may be begun."""
    # Two drafts at once would both see room; the request's lock makes the second wait.
    work.session.execute(
        select(FundRequest.id).where(FundRequest.id == request.id).with_for_update(key_share=True)
    )
    if request.state != RequestState.APPROVED:
        raise Conflict(say("Only an approved plan can be claimed."), code="mdf.claim.no_plan")
    if activity.state == ActivityState.REFUSED:
        raise Conflict(
            say("Activity {no} was not approved.", no=activity.no), code="mdf.claim.no_plan"
        )
    counted = select(func.count()).where(
        Claim.activity_id == activity.id, Claim.state.in_(COUNTED_CLAIM)
    )
    rules = claim_judging.rules_of_plan(work.session, request, work.now)
    most = rules.claim.most_claims
    if most is not None and work.session.execute(counted).scalar_one() >= most:
        raise LimitReached(
            say(
                "An activity has at most {spoken_count}.", spoken_count=spoken_count(most, "claim")
            ),
            code="mdf.claim.count",
            remedy=say("Add the invoice to the claim that is open."),
        )
    if not left_of(work.session, activity):
        raise Conflict(say("Nothing is left of this plan."), code="mdf.claim.used_up")


def add_invoice(
    work: Work, claim: Claim, entry: InvoiceEntry, *, file_name: str, content: bytes
) -> Invoice:
    """Add an invoice with its file; the claim's sum follows.

    Raises Invalid with fields for a wrong file, sum, currency or date, or a second copy.
    """
    editing(work, claim)
    check_entry(work, claim, entry)
    upload = uploads.accept_invoice(file_name, content)
    document = store_document(
        work,
        kind="invoice",
        file_name=upload.file_name,
        media_type=upload.media_type,
        content=upload.content,
        vendor_id=claim.vendor_id,
        partner_id=claim.partner_id,
    )
    invoice = enter(work, claim, entry, document)
    await_reading(
        work, (claim.id, claim.vendor_id, claim.partner_id), document, invoice_id=invoice.id
    )
    return invoice


def enter(work: Work, claim: Claim, entry: InvoiceEntry, document: Document) -> Invoice:
    """Add an invoice whose file is stored already; the claim's sum follows."""
    check_entry(work, claim, entry)
    rate = _rate(work, claim, entry)
    invoice = Invoice(
        id=new_id(),
        claim_id=claim.id,
        document_id=document.id,
        issuer=entry.issuer.strip(),
        number=entry.number.strip(),
        issued_on=entry.issued_on,
        made_out_to=entry.made_out_to.strip(),
        net_minor=entry.net.minor,
        tax_minor=entry.tax.minor,
        currency=entry.net.currency,
        rate_id=rate.row.id if rate else None,
        lines=invoice_lines.lines_of(entry),
        shown=sorted(set(entry.shown)),
        order_number=entry.order_number.strip(),
    )
    work.session.add(invoice)
    work.session.flush()  # the sum is computed from the rows
    reckon(work, claim)
    added = say("{number}, {amount} net", number=invoice.number, amount=spoken(entry.net))
    log(work, claim, "invoice added", added)
    return invoice


def check_entry(work: Work, claim: Claim, entry: InvoiceEntry) -> None:
    """Refuse an invoice that cannot be right, field by field."""
    fields: dict[str, str] = {}
    for name in ("issuer", "number", "made_out_to"):
        if not str(getattr(entry, name)).strip():
            fields[name] = say("Copy this from the invoice.")
    today = local_day(work.now, vendor_of(work.session, claim.vendor_id).zone)
    if entry.issued_on > today:
        fields["issued_on"] = say("This day has not come yet.")
    if entry.tax.currency != entry.net.currency or not 0 <= entry.tax.minor <= LARGEST_MINOR:
        fields["tax"] = say("Zero or more, in the currency of the invoice.")
    same = select(Invoice.id).where(
        Invoice.claim_id == claim.id,
        func.lower(Invoice.number) == entry.number.strip().lower(),
        func.lower(Invoice.issuer) == entry.issuer.strip().lower(),
    )
    if work.session.scalar(same.limit(1)):
        fields["number"] = say("This invoice is in the claim already.")
    fields |= invoice_lines.faults(_kinds(work, claim), entry)
    if fields:
        raise Invalid(say("Look at the invoice again."), code="mdf.invoice", fields=fields)
    positive(entry.net, entry.net.currency, "net")
    _rate(work, claim, entry)


def _kinds(work: Work, claim: Claim) -> CostKinds:
    request = work.session.get_one(FundRequest, claim.request_id)
    rules = claim_judging.rules_of_plan(work.session, request, work.now)
    return cost_kinds(rules, activity_of(work.session, claim).kind)


def _rate(work: Work, claim: Claim, entry: InvoiceEntry) -> Rate | None:
    if entry.net.currency == claim.currency:
        return None
    return needed(
        work.session,
        claim.vendor_id,
        base=entry.net.currency,
        quote=claim.currency,
        day=entry.issued_on,
    )


def remove_invoice(work: Work, claim: Claim, invoice_id: UUID) -> None:
    """Take an invoice out of a claim that is not filed; the file stays in the store."""
    editing(work, claim)
    gone = work.session.execute(
        delete(Invoice)
        .where(Invoice.id == invoice_id, Invoice.claim_id == claim.id)
        .returning(Invoice.number)
    ).scalar_one_or_none()
    number = found(gone)
    reckon(work, claim)
    log(work, claim, "invoice removed", number)


def ask_less(work: Work, claim: Claim, amount: Money | None) -> None:
    """Ask for less than the invoices allow (a cost outside the plan); None asks for all."""
    editing(work, claim)
    if amount is not None:
        positive(amount, claim.currency, "amount")
    claim.trace = {**claim.trace, "asked_minor": amount.minor if amount else None}
    reckon(work, claim)


def reckon(work: Work, claim: Claim) -> Reimbursable:
    """Set the claim's sum to what follows from its invoices, or the less that was asked for; without
    any it stays as it was.
    """
    request = work.session.get_one(FundRequest, claim.request_id)
    due = case_file.worth(work.session, request, claim, now=work.now)
    asked = claim.trace.get("asked_minor")
    amount = min(due.amount.minor, asked) if asked else due.amount.minor
    if due.net and amount > 0:
        claim.amount_minor = amount
    return due


def submit(work: Work, claim: Claim) -> None:
    """File a claim; a second press changes nothing.

    Raises LimitReached after the last day, Conflict with the remedy while something is missing
    or nothing is owed.
    """
    work.require(Permission.CLAIM_FILE)
    own(work.principal, claim)
    if claim.state == ClaimState.SUBMITTED:
        return
    request = work.session.get_one(FundRequest, claim.request_id)
    # Two claims filed at once would both see the whole rest; the request's lock orders them.
    work.session.execute(
        select(FundRequest.id).where(FundRequest.id == request.id).with_for_update(key_share=True)
    )
    zone = vendor_of(work.session, claim.vendor_id).zone
    activity = activity_of(work.session, claim)
    last = claim_papers.last_day(activity, claim)
    if not in_time(work.now, last, zone):
        raise LimitReached(
            say("The last day to claim was {spoken_day}.", spoken_day=spoken_day(last)),
            code=f"mdf.claim.{Reason.LATE_CLAIM}",
            remedy=say("Ask your channel manager whether the fund still helps."),
        )
    proofs.collect_for_claim(work, activity)
    _complete(work, request, claim)
    if unusable := unusable_papers(work.session, claim):
        raise Conflict(
            say("The file of invoice {unusable} cannot be used.", unusable=unusable[0]),
            code="mdf.claim.paper",
            remedy=say("Take it out and upload another file."),
        )
    due = reckon(work, claim)
    if not due.amount:
        words = due.cuts[0].words if due.cuts else say("Nothing is left of this plan.")
        raise Conflict(words, code="mdf.claim.nothing", remedy=say("Add an invoice that counts."))
    found_so = claim_judging.claim_judged(work.session, request, claim, now=work.now)
    checks = case_file.claim_checks(work.session, request, claim, now=work.now)
    move(
        work,
        claim,
        ClaimState.SUBMITTED,
        filed_by=work.principal.user_id,
        filed_at=work.now,
        answer_by=answer_day_of(work.session, request, work.now),
        trace={**claim.trace, "checks": [asdict(check) for check in checks]},
    )
    deciding.keep(work, claim, "filed", found_so)
    log(work, claim, "filed", spoken(Money(claim.amount_minor, claim.currency)))
    letters.claim_sent(work, claim, levels.deciders(work, request, claim))


def appeal(work: Work, claim: Claim, *, words: str) -> None:
    """Ask once for another look at a refused claim; another person than who refused it decides.

    Raises Invalid without words, LimitReached after thirty days or a second time.
    """
    work.require(Permission.CLAIM_FILE)
    own(work.principal, claim)
    if claim.state == ClaimState.APPEALED:
        return
    said = appeals.checked(work, claim.decided_at, claim.trace, words)
    request = work.session.get_one(FundRequest, claim.request_id)
    move(
        work,
        claim,
        ClaimState.APPEALED,
        answer_by=answer_day_of(work.session, request, work.now),
        trace={**claim.trace, "appealed_at": work.now.isoformat(), "appeal": said},
    )
    log(work, claim, "appealed", said)
    letters.claim_sent(work, claim, levels.deciders(work, request, claim))


def _complete(work: Work, request: FundRequest, claim: Claim) -> None:
    items = case_file.checklist(work.session, request, now=work.now, claim=claim)
    asked = asking.questions(work.session, request, claim, now=work.now)
    gaps = [inside(title) for title in (*case_file.missing(items), *asked.unsaid)]
    if not gaps:
        return
    if len(gaps) == 1:
        words = say("One thing is missing: the {missing}.", missing=gaps[0])
        remedy = say("Add it and file.")
    else:
        words = say("{n} things are missing: {which}.", n=len(gaps), which=joined(*gaps, by=", "))
        remedy = say("Add them and file.")
    raise Conflict(words, code="mdf.claim.missing", remedy=remedy)


def editing(work: Work, claim: Claim) -> None:
    """Refuse to change a claim that is filed or another's."""
    work.require(Permission.CLAIM_FILE)
    own(work.principal, claim)
    if claim.state not in {ClaimState.DRAFT, ClaimState.INFO_REQUESTED}:
        raise Conflict(say("A filed claim does not change."), code="mdf.claim.filed")
