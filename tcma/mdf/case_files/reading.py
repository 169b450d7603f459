"""The case file of a request: what is shown, what is missing, and what looks wrong with a claim."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Row, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tcma.db.documents import Document
from tcma.db.sentences import words_of
from tcma.invoices.sayings import told
from tcma.launches.models import Launch
from tcma.launches.rules import OVER
from tcma.mdf.case_files.asked import Asked, plan_facts, proofs_asked
from tcma.mdf.case_files.posts import BEGAN
from tcma.mdf.case_files.twins import Doubts, doubts
from tcma.mdf.deadlines import in_time, local_day
from tcma.mdf.judging.claims import claim_judged, rules_of_plan, worth_of
from tcma.mdf.judging.deciding import Judged, checks_of
from tcma.mdf.models.funding import ActivityLaunch, Claim, FundActivity, FundRequest, Invoice, Proof
from tcma.mdf.paper_line import InvoiceLine
from tcma.mdf.papers import own_shares
from tcma.mdf.papers import views as paper_views
from tcma.mdf.papers.invoices import (
    counted,
    filed_or,
    invoices_of,
    last_day,
    left_for,
    rate_of,
)
from tcma.mdf.programme.document import MATCHED
from tcma.mdf.programme.verdict import Decision
from tcma.mdf.queries import activities_of, activity_of, vendor_of
from tcma.mdf.records import Item
from tcma.mdf.rules import (
    COLLECTED,
    PROOF_WORDS,
    ActivityState,
    Check,
    ProofKind,
    ProofState,
    Reimbursable,
    failed,
)
from tcma.mdf.words import spoken, spoken_count, spoken_day
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.words import Words, joined, read_back, say, say_as

BY_PARTNER, BY_US = say_as("proof", "you"), say_as("proof", "we collect it")


def checklist(
    session: Session,
    request: FundRequest,
    *,
    now: datetime,
    claim: Claim | None = None,
    only: UUID | None = None,
) -> list[Item]:
    """Return the lines of a case file in the order they are asked for, the invoice last.

    With a claim they are those of its activity, else of `only`, else of all that are paid.

    A line the launch writes is `to_come` while a launch may still write it, then `missing`, and the
    partner's to bring.
    """
    only = claim.activity_id if claim else only
    today = local_day(now, vendor_of(session, request.vendor_id).zone)
    rules = rules_of_plan(session, request, now)
    proofs = _newest_proofs(session, request.id)
    items: list[Item] = []
    for activity in activities_of(session, request.id):
        if only not in (None, activity.id) or activity.state == ActivityState.REFUSED:
            continue
        waits = _may_still_write(session, activity, today)
        of_this = [row for row in proofs if row.activity_id == activity.id]
        asked = proofs_asked(rules, activity.kind, plan_facts(session, activity))
        found: list[Item] = []
        for ask in asked:
            rows = _rows_for(ask, asked, of_this)
            found.extend(_item(ask.kind, row) for row in rows)
            if not rows:
                comes = waits and ask.kind in COLLECTED
                state = ProofState.TO_COME if comes else ProofState.MISSING
                found.append(Item(ask.kind, ask.title, state, BY_US if comes else BY_PARTNER))
        kinds = {ask.kind for ask in asked}
        found.extend(_item(ProofKind(row.kind), row) for row in of_this if row.kind not in kinds)
        items.extend(replace(item, no=activity.no) for item in found)
    if claim and rules.kind == MATCHED:
        items += _own_share_items(session, claim)
    return items + _invoice_items(session, claim)


def _rows_for(
    ask: Asked, asked: Sequence[Asked], rows: list[Row[tuple[object, ...]]]
) -> list[Row[tuple[object, ...]]]:
    # A file that names its proof is that one; of the others each open ask takes one, the last
    # of its kind the rest.
    same = [each for each in asked if each.kind is ask.kind]
    titles = {each.title for each in same}
    of_kind = [row for row in rows if row.kind == ask.kind]
    named = [row for row in of_kind if row.title == ask.title]
    free = [row for row in of_kind if row.title not in titles]
    filled = {row.title for row in of_kind if row.title in titles}
    takers = [each for each in same if each.title not in filled] or same[-1:]
    if ask not in takers:
        return named
    at = takers.index(ask)
    return named + (free[at:] if ask is takers[-1] else free[at : at + 1])


def _newest_proofs(session: Session, request_id: UUID) -> list[Row[tuple[object, ...]]]:
    # What the launch wrote at its end takes the place of what it wrote at its start.
    began = func.split_part(Proof.source, "@", 1)
    newest = (
        select(
            Proof.activity_id,
            Proof.kind,
            Proof.title,
            Proof.source,
            Proof.at,
            Proof.detail,
            Proof.document_id,
            case((Document.removed_at.is_(None), Proof.preview_id)).label("preview_id"),
            Proof.preview_why,
            Document.file_name,
            Document.sha256,
            func.substring(Proof.source, "^launch:([A-Z0-9-]+)").label("launch"),
        )
        .join(Document, Document.id == Proof.document_id)
        .join(FundActivity, FundActivity.id == Proof.activity_id)
        .where(FundActivity.request_id == request_id)
        .ext(distinct_on(Proof.activity_id, Proof.kind, began))
        .order_by(Proof.activity_id, Proof.kind, began, Proof.at.desc(), Proof.id.desc())
    )
    return list(session.execute(newest))


def title_words(title: str) -> Words:
    """Return what a proof is called: a page is kept at the start and at the end, and as a picture."""
    page, _, picture = title.partition(", as a picture")
    if page != title and not picture:
        return say("{title}, as a picture", title=title_words(page))
    if title.endswith(" at the start"):
        return say("{title} at the start", title=read_back(title.removesuffix(" at the start")))
    if title.endswith(" at the end"):
        return say("{title} at the end", title=read_back(title.removesuffix(" at the end")))
    return read_back(title)


def _item(kind: ProofKind, row: Row[tuple[object, ...]]) -> Item:
    ours = row.source.startswith(("launch:", BEGAN))
    return Item(
        kind,
        title_words(row.title),
        ProofState.COLLECTED if ours else ProofState.UPLOADED,
        BY_US if ours else BY_PARTNER,
        document_id=row.document_id,
        file_name=row.file_name,
        sha256=row.sha256,
        at=row.at,
        facts=words_of(row.detail),
        launch=row.launch or "",
        preview_id=row.preview_id,
        no_preview=told(row.preview_why),
    )


def _may_still_write(session: Session, activity: FundActivity, today: date) -> bool:
    states = session.scalars(
        select(Launch.state)
        .join(ActivityLaunch, ActivityLaunch.launch_id == Launch.id)
        .where(ActivityLaunch.activity_id == activity.id)
    ).all()
    if not states:
        return today <= activity.ends_on
    return any(state not in OVER for state in states)


def _own_share_items(session: Session, claim: Claim) -> list[Item]:
    words = PROOF_WORDS[ProofKind.OWN_SHARE]
    return [
        Item(
            ProofKind.OWN_SHARE,
            words,
            ProofState.UPLOADED,
            BY_PARTNER,
            document_id=share.document_id,
            file_name=share.file_name,
            sha256=share.sha256,
            at=share.at,
            facts=own_shares.in_words(share),
        )
        for share in own_shares.shares_of(session, claim)
    ] or [Item(ProofKind.OWN_SHARE, words, ProofState.MISSING, BY_PARTNER)]


def _invoice_items(session: Session, claim: Claim | None) -> list[Item]:
    rows = (
        []
        if claim is None
        else session.execute(
            select(
                Invoice.number,
                Document.id,
                Document.file_name,
                Document.sha256,
                Document.made_at,
            )
            .join(Document, Document.id == Invoice.document_id)
            .where(Invoice.claim_id == claim.id)
            .order_by(Invoice.id)
        ).all()
    )
    if not rows:
        words = PROOF_WORDS[ProofKind.INVOICE]
        return [Item(ProofKind.INVOICE, words, ProofState.MISSING, BY_PARTNER)]
    return [
        Item(
            ProofKind.INVOICE,
            say("Invoice {number}", number=row.number),
            ProofState.UPLOADED,
            BY_PARTNER,
            document_id=row.id,
            file_name=row.file_name,
            sha256=row.sha256,
            at=row.made_at,
        )
        for row in rows
    ]


def worth(
    session: Session,
    request: FundRequest,
    claim: Claim,
    *,
    now: datetime,
    found: Judged | None = None,
) -> Reimbursable:
    """Return what the vendor owes for a claim's invoices by its programme, with every cut."""
    found = found or claim_judged(session, request, claim, now=now)
    net = Money.zero(claim.currency)
    for each in invoices_of(session, claim):
        net += counted(session, claim, each)
    return worth_of(found.decision, activity_of(session, claim).share_bps, net)


def missing(items: list[Item]) -> tuple[str, ...]:
    """Return the titles without which a claim cannot be filed."""
    return tuple(
        item.title for item in items if item.state in {ProofState.MISSING, ProofState.TO_COME}
    )


def other_party(partner: Partner, invoice: Invoice) -> bool:
    """Say whether an invoice is made out to somebody else than the partner."""
    names = {partner.name.casefold(), partner.legal_name.casefold()}
    return invoice.made_out_to.strip().casefold() not in names


def approved_on(session: Session, request: FundRequest, now: datetime) -> date:
    """Return the vendor's day on which a plan was approved, today while it is not."""
    return local_day(request.decided_at or now, vendor_of(session, request.vendor_id).zone)


def invoice_lines(
    session: Session, request: FundRequest, claim: Claim, *, now: datetime, told: Doubts | None
) -> list[InvoiceLine]:
    """Return a claim's invoices; `told` are the doubts this reader may see."""
    lines = []
    partner = session.get_one(Partner, claim.partner_id)
    since = approved_on(session, request, now)
    papers = paper_views.papers_by_invoice(session, claim)
    for invoice in invoices_of(session, claim):
        document = session.get_one(Document, invoice.document_id)
        doubt = ""
        if told:
            doubt = told.files.get(document.id, "") or told.numbers.get(invoice.id, "")
        lines.append(
            InvoiceLine(
                id=invoice.id,
                issuer=invoice.issuer,
                number=invoice.number,
                issued_on=invoice.issued_on,
                made_out_to=invoice.made_out_to,
                net=Money(invoice.net_minor, invoice.currency),
                tax=Money(invoice.tax_minor, invoice.currency),
                counts=counted(session, claim, invoice),
                rate=rate.words if (rate := rate_of(session, invoice)) else "",
                document_id=document.id,
                file_name=document.file_name,
                doubt=doubt,
                other_party=other_party(partner, invoice),
                early=invoice.issued_on < since,
                paper=papers.get(invoice.id),
                seen=paper_views.same_sum(session, claim, invoice) if told else "",
                lines=tuple(
                    (line["label"], Money(line["minor"], invoice.currency))
                    for line in invoice.lines
                ),
                order_number=invoice.order_number,
                shown=tuple(invoice.shown),
            )
        )
    return lines


def claim_checks(
    session: Session, request: FundRequest, claim: Claim, *, now: datetime
) -> tuple[Check, ...]:
    """Return the nine things the desk looks at before it decides."""
    partner = session.get_one(Partner, claim.partner_id)
    zone = vendor_of(session, claim.vendor_id).zone
    invoices = invoices_of(session, claim)
    told = doubts(session, claim)
    found = claim_judged(session, request, claim, now=now)
    due = worth(session, request, claim, now=now, found=found)
    gaps = missing(checklist(session, request, now=now, claim=claim))
    strangers = [i.number for i in invoices if other_party(partner, i)]
    since = approved_on(session, request, now)
    early = [i.number for i in invoices if i.issued_on < since]
    filed = filed_or(claim, now)
    activity = activity_of(session, claim)
    late_by = last_day(activity, claim)
    amount = Money(claim.amount_minor, claim.currency)
    return (
        Check(
            "in_time", in_time(filed, late_by, zone), f"Last day to file: {spoken_day(late_by)}."
        ),
        Check(
            "case_file",
            not gaps,
            f"Missing: {', '.join(gaps)}." if gaps else "The case file is complete.",
        ),
        Check(
            "invoice",
            bool(invoices),
            f"{spoken_count(len(invoices), 'invoice')}, {spoken(due.net)} net.",
        ),
        Check("amount", amount <= due.amount, f"{spoken(due.amount)} follows from the invoices."),
        Check(
            "plan",
            amount <= left_for(session, claim),
            f"Approved for it: {spoken(Money(activity.approved_minor or 0, claim.currency))}.",
        ),
        Check(
            "party",
            not strangers,
            f"{_named(strangers)} made out to another company."
            if strangers
            else f"Made out to {partner.name}.",
        ),
        Check(
            "dates",
            not early,
            f"{_named(early)} older than the approval of {spoken_day(since)}."
            if early
            else f"Not older than the approval of {spoken_day(since)}.",
        ),
        _once("number_once", told.numbers, "No invoice number stands elsewhere."),
        _once("file_once", told.files, "No file stands elsewhere."),
        *_of_the_programme(found.decision),
    )


def _of_the_programme(decision: Decision) -> tuple[Check, ...]:
    # What the nine do not look at: the programme's other rules, where one does not hold.
    seen = ("claim.deadline", "proof:", "invoice.made_out_to", "invoice.not_before",
            "invoice.needed", "invoice.once", "claim.approved")  # fmt: skip
    checks = failed(checks_of(decision))
    return tuple(each for each in checks if not each.code.startswith(seen))


def _once(code: str, found: dict[UUID, str], clean: str) -> Check:
    return Check(code, not found, joined(*dict.fromkeys(found.values())) or clean)


def _named(numbers: list[str]) -> str:
    return f"Invoice {numbers[0]} is" if len(numbers) == 1 else f"Invoices {_and(numbers)} are"


def _and(numbers: list[str]) -> str:
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}"
