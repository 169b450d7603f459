"""Getting money back: the case file fills itself, the invoice is added, the claim is filed."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.case_files import proofs
from tcma.mdf.case_files import reading as case_file
from tcma.mdf.claims import filing, papers
from tcma.mdf.claims import views as claim_views
from tcma.mdf.papers import invoices as claim_papers
from tcma.mdf.papers.invoice_lines import InvoiceEntry
from tcma.mdf.payments.remittance import batch_of_claim
from tcma.mdf.queries import claim_by_ref, request_by_ref
from tcma.mdf.records import ClaimDetail, Item
from tcma.mdf.requests import carrying_out
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import COLLECTED, ClaimState, ProofKind, ProofState, RequestState
from tcma.money import Money
from tcma.partners.queries import own_organisation
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.case_words import history
from tcma.web.console import console
from tcma.web.console.outcome_forms import outcome_form
from tcma.web.console.paper_forms import Open, asked_paper, invoice_form, open_paper, prefilled
from tcma.web.forms.mdf import (
    InvoiceForm,
    LessForm,
    OutcomeForm,
    OwnShareForm,
    PaperForm,
    ProofForm,
)
from tcma.web.money_words import money_of, symbol
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

EDITABLE = (ClaimState.DRAFT, ClaimState.INFO_REQUESTED)
WITHDRAWABLE = (*EDITABLE, ClaimState.SUBMITTED)
THERE = (ProofState.COLLECTED, ProofState.UPLOADED)


@console.route("/claims/new", methods=["GET", "POST"])
@allows(Permission.CLAIM_FILE)
def claim_new() -> ResponseReturnValue:
    """Begin a claim for an approved plan; without one, choose it. Begun twice is one claim."""
    session, principal, now = work().session, work().principal, work().now
    ref = request.values.get("plan", "")
    if not ref:
        rows = request_views.requests(
            session, principal, now=now, state=RequestState.APPROVED, after=None
        ).rows
        return render_template("console/claims/choose.html", plans=rows)
    plan = request_by_ref(session, principal, ref)
    no = request.values.get("activity", 0, int)
    if request.method == "POST":
        with attempt() as tried:
            claim = filing.draft(work(), plan, no=no)
        if not tried.done:
            flash(tried.words, "need")
            return redirect(url_for("console.request_show", ref=ref), 303)
        at = "papers" if handed_in_with(claim.ref) else None
        return redirect(url_for("console.claim_show", ref=claim.ref, _anchor=at), 303)
    detail = request_views.request_detail(session, principal, ref, now=now)
    able = [each for each in detail.activities if each.left]
    chosen = next((each for each in able if each.no == no), None)
    if len(able) > 1 and chosen is None:
        return render_template("console/claims/choose_activity.html", it=detail)
    chosen = chosen or (able[0] if able else detail.activities[0])
    items = case_file.checklist(session, plan, now=now, only=chosen.id)
    return render_template(
        "console/claims/new.html",
        it=detail,
        one=chosen,
        items=items,
        ready=sum(1 for item in items if item.state in THERE),
    )


def handed_in_with(ref: str) -> bool:
    """Take in the invoice a claim is begun with, if one is; a refused file leaves the claim begun."""
    upload = request.files.get("file")
    if not upload or not upload.filename:
        return False
    claim = claim_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        papers.hand_in(work(), claim, file_name=upload.filename, content=upload.read())
    if not tried.done:
        flash(tried.words, "need")
    return tried.done


@console.get("/claims/<ref>")
@allows(Permission.FUND_READ)
def claim_show(ref: str) -> ResponseReturnValue:
    """Show one claim: what is missing first, then what is owed and where it stands."""
    return page_of(ref)


def page_of(  # noqa: PLR0913 - the forms of the page
    ref: str,
    *,
    invoice: InvoiceForm | None = None,
    proof: ProofForm | None = None,
    less: LessForm | None = None,
    handed: PaperForm | None = None,
    own: OwnShareForm | None = None,
    told: OutcomeForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Render a claim with its forms; a page that waits for a paper asks for that part alone."""
    session, principal = work().session, work().principal
    detail = claim_views.claim_detail(session, principal, ref, now=work().now)
    editable = principal.may(Permission.CLAIM_FILE) and detail.row.state in EDITABLE
    looked = open_paper(ref) if editable else Open()
    if invoice is None:
        invoice = invoice_form(detail.row.amount.currency, detail.asks, empty=True)
        invoice.made_out_to.data = own_organisation(session, principal).legal_name
        if looked.paper:
            prefilled(invoice, looked.paper)
    alone = request.headers.get("HX-Request") and editable
    page = render_template(
        "console/claims/papers.html" if alone else "console/claims/show.html",
        it=detail,
        row=detail.row,
        paper=looked.paper,
        more=looked.more,
        handed=handed or PaperForm(formdata=None),
        ready=sum(1 for item in detail.case_file if item.state in THERE),
        mine=missing_from_partner(detail),
        tie_no=activity_without_launch(detail),
        invoice=invoice,
        proof=proof or ProofForm(formdata=None),
        less=less or LessForm(formdata=None),
        own=own or OwnShareForm(formdata=None),
        told=told or outcome_form(detail.asks),
        paid_by=batch_of_claim(session, detail.id),
        trace=history(detail.timeline),
        symbol=symbol(detail.row.amount.currency),
        editable=editable,
        appealable=detail.appeal_until is not None and principal.may(Permission.CLAIM_FILE),
        may_file=principal.may(Permission.CLAIM_FILE),
        disputable=it_may_be_disputed(detail),
        withdrawable=detail.row.state in WITHDRAWABLE and principal.may(Permission.CLAIM_FILE),
        fileable=editable and not detail.missing and bool(detail.owed),
    )
    return make_response(page, status)


def it_may_be_disputed(detail: ClaimDetail) -> bool:
    """Say whether this person may still dispute what was left out."""
    until = detail.dispute_until
    return until is not None and work().now <= until and work().principal.may(Permission.CLAIM_FILE)


def missing_from_partner(detail: ClaimDetail) -> list[Item]:
    """Return what only the partner can bring and has not."""
    return [item for item in detail.case_file if item.state is ProofState.MISSING]


def activity_without_launch(detail: ClaimDetail) -> int:
    """Return the number of the claim's activity when what a launch would write is missing and no launch
    is named, else 0.
    """
    gaps = any(item.kind in COLLECTED for item in missing_from_partner(detail))
    return carrying_out.unnamed(work().session, detail.id) if gaps else 0


@console.post("/claims/<ref>/invoices")
@allows(Permission.CLAIM_FILE)
def claim_invoice_create(ref: str) -> ResponseReturnValue:
    """Add an invoice with its file; the sum follows."""
    claim = claim_by_ref(work().session, work().principal, ref)
    detail = claim_views.claim_detail(work().session, work().principal, ref, now=work().now)
    form = invoice_form(claim.currency, detail.asks)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            entry = entry_of(form)
            if form.paper.data:
                papers.enter(work(), claim, asked_paper(), entry)
            else:
                upload = form.file.data
                named = upload.filename or ""
                filing.add_invoice(work(), claim, entry, file_name=named, content=upload.read())
        if tried.done:
            flash(say("The invoice is in the case file."), "good")
            return redirect(url_for("console.claim_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, invoice=form, status=status)


def entry_of(form: InvoiceForm) -> InvoiceEntry:
    """Return the form as an invoice; raises Invalid with fields."""
    currency = form.currency.data
    parts = [row.form for row in form.parts if row.form.kind.data or row.form.amount.data]
    return InvoiceEntry(
        issuer=form.issuer.data,
        number=form.number.data,
        issued_on=form.issued_on.data,
        made_out_to=form.made_out_to.data,
        net=money_of(form.net, currency),
        tax=money_of(form.tax, currency) if form.tax.data else Money.zero(currency),
        kind=form.kind.data or "",
        parts=tuple((part.kind.data or "", money_of(part.amount, currency)) for part in parts),
        order_number=form.order_number.data or "",
        shown=tuple(form.shown.data or ()),
    )


@console.post("/claims/<ref>/invoices/<int:no>/removal")
@allows(Permission.CLAIM_FILE)
def claim_invoice_remove(ref: str, no: int) -> ResponseReturnValue:
    """Take the `no`-th invoice out of a claim that is not filed."""
    claim = claim_by_ref(work().session, work().principal, ref)
    rows = claim_papers.invoices_of(work().session, claim)
    invoice = found(rows[no - 1] if 0 < no <= len(rows) else None)
    with attempt() as tried:
        filing.remove_invoice(work(), claim, invoice.id)
    flash(tried.words or say("Taken out."), "good" if tried.done else "need")
    return redirect(url_for("console.claim_show", ref=ref), 303)


@console.post("/claims/<ref>/proofs")
@allows(Permission.CLAIM_FILE)
def claim_proof_create(ref: str) -> ResponseReturnValue:
    """Add a file of one's own to the case file."""
    claim = claim_views.claim_detail(work().session, work().principal, ref, now=work().now)
    plan = request_by_ref(work().session, work().principal, claim.request.ref)
    form = ProofForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            upload = form.file.data
            proofs.upload(
                work(),
                plan,
                no=claim.activity.no,
                kind=ProofKind(form.kind.data or ProofKind.OTHER),
                title=form.title.data or "",
                file_name=upload.filename or "",
                content=upload.read(),
            )
        if tried.done:
            flash(say("Added to the case file."), "good")
            return redirect(url_for("console.claim_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, proof=form, status=status)


@console.post("/claims/<ref>/amount")
@allows(Permission.CLAIM_FILE)
def claim_ask_less(ref: str) -> ResponseReturnValue:
    """Ask for less than the invoices allow; empty asks for all of it."""
    claim = claim_by_ref(work().session, work().principal, ref)
    form = LessForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            asked = money_of(form.amount, claim.currency) if form.amount.data else None
            filing.ask_less(work(), claim, asked)
        if tried.done:
            flash(say("The sum is changed."), "good")
            return redirect(url_for("console.claim_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, less=form, status=status)


@console.post("/claims/<ref>/submission")
@allows(Permission.CLAIM_FILE)
def claim_submit(ref: str) -> ResponseReturnValue:
    """File the claim."""
    claim = claim_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        filing.submit(work(), claim)
    words = tried.words or say("{ref} is filed. You get a mail with the answer.", ref=ref)
    flash(words, "good" if tried.done else "need")
    return redirect(url_for("console.claim_show", ref=ref), 303)
