"""Payments: what is ready, batches, the bank's file, and what the bank answered."""

from datetime import datetime

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.payments import batches, giving, reconciling, repaying, settlements
from tcma.mdf.payments import views as payment_views
from tcma.mdf.payments.bank_answers import read_reply
from tcma.mdf.payments.remittance import remittance
from tcma.mdf.queries import batch_by_ref, claim_by_ref, payment_by_id
from tcma.mdf.records import Payable
from tcma.mdf.ways import DESK_WORDS, SETTLED_WORDS, Way
from tcma.money import Money
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.case_words import history
from tcma.web.desk import desk
from tcma.web.forms.bank import AnswerForm
from tcma.web.forms.mdf import BatchForm, FailureForm, SettlementForm
from tcma.web.forms.payouts import CancelForm, GiveForm
from tcma.web.money_words import money_of
from tcma.web.reading import reader
from tcma.web.remittance_sheet import remittance_file
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash


@desk.get("/payments")
@allows(Permission.PAYMENT_MAKE)
def payment_index() -> ResponseReturnValue:
    """Show what is ready to pay, then the batches."""
    return page_of(BatchForm(formdata=None))


def page_of(form: BatchForm, *, status: int = 200) -> ResponseReturnValue:
    """Render what is ready and the batches."""
    session, principal, now = work().session, work().principal, work().now
    ready = payment_views.ready_to_pay(session, principal)
    year = datetime(now.astimezone(reader().zone).year, 1, 1, tzinfo=reader().zone)
    page = render_template(
        "desk/payments/index.html",
        ready=[(way, DESK_WORDS[way], [row for row in ready if row.way == way]) for way in Way],
        any_ready=bool(ready),
        sums=sums(ready),
        page=payment_views.batches(session, principal, after=request.args.get("after")),
        paid=payment_views.paid_in(session, principal, since=year),
        year=year.year,
        answer=AnswerForm(formdata=None),
        owed_back=repaying.owed_back(session, principal),
        form=form,
    )
    return make_response(page, status)


def sums(ready: list[Payable]) -> list[Money]:
    """Return what is ready, one sum per currency."""
    totals: dict[str, Money] = {}
    for row in ready:
        currency = row.amount.currency
        totals[currency] = totals.get(currency, Money.zero(currency)) + row.amount
    return list(totals.values())


@desk.post("/payments")
@allows(Permission.PAYMENT_MAKE)
def payment_make() -> ResponseReturnValue:
    """Put the chosen claims into one batch."""
    session, principal = work().session, work().principal
    form = BatchForm.of([row.claim_ref for row in payment_views.ready_to_pay(session, principal)])
    status = 422
    if form.validate():
        with attempt(form) as tried:
            chosen = [claim_by_ref(session, principal, ref) for ref in form.claims.data]
            ref = batches.make_batch(work(), chosen, keep_owed=form.keep_owed.data).ref
        if tried.done:
            return redirect(url_for("desk.payment_show", ref=ref), 303)
        status = tried.status
    return page_of(form, status=status)


@desk.post("/payments/answer")
@allows(Permission.PAYMENT_MAKE)
def payment_file() -> ResponseReturnValue:
    """Book what one file of the bank says of all batches, and show what became of each line."""
    form = AnswerForm()
    status, matches = 422, []
    if form.validate():
        with attempt(form) as tried:
            matches = reconciling.reconcile(work(), read_reply(form.file.data.read()))
        status = tried.status or 200
    page = render_template(
        "desk/payments/answered.html",
        form=form,
        matches=matches,
        booked=sum(bool(match.became) for match in matches),
        read=status == 200,
    )
    return make_response(page, status)


@desk.get("/payments/<ref>")
@allows(Permission.PAYMENT_MAKE)
def payment_show(ref: str) -> ResponseReturnValue:
    """Show one batch: its payments, its file, what is next."""
    return batch_page(ref, SettlementForm(formdata=None))


def batch_page(
    ref: str,
    form: SettlementForm,
    *,
    answer: AnswerForm | None = None,
    give: GiveForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Render a batch."""
    answer = answer or AnswerForm(formdata=None)
    batch = payment_views.batch_detail(work().session, work().principal, ref)
    page = render_template(
        "desk/payments/show.html",
        it=batch,
        form=form,
        answer=answer,
        give=give or GiveForm(formdata=None),
        way=DESK_WORDS[Way(batch.row.way)],
        trace=history(batch.timeline),
    )
    return make_response(page, status)


@desk.post("/payments/<ref>/export")
@allows(Permission.PAYMENT_MAKE)
def payment_export(ref: str) -> ResponseReturnValue:
    """Write the bank's file; again gives the same file."""
    batch = batch_by_ref(work().session, work().principal, ref)
    words = "The file is ready. Hand it to the bank, then come back with its reference."
    with attempt() as tried:
        if not batches.export_batch(work(), batch, payouts=services().payouts):
            words = "Nothing is left to pay: all of it was kept for what partners owe back."
    flash(tried.words or words, "good" if tried.done else "need")
    return redirect(url_for("desk.payment_show", ref=ref), 303)


@desk.post("/payments/<ref>/giving")
@allows(Permission.PAYMENT_MAKE)
def payment_give(ref: str) -> ResponseReturnValue:
    """Number, write and book everything of a batch that no bank pays."""
    batch = batch_by_ref(work().session, work().principal, ref)
    form, status = GiveForm(), 422
    if form.validate():
        with attempt(form) as tried:
            giving.give(work(), batch, note=form.note.data or "")
        if tried.done:
            flash("Given and booked. Each partner has its remittance.", "good")
            return redirect(url_for("desk.payment_show", ref=ref), 303)
        status = tried.status
    return batch_page(ref, SettlementForm(formdata=None), give=form, status=status)


@desk.post("/payments/<ref>/settlement")
@allows(Permission.PAYMENT_MAKE)
def payment_settle(ref: str) -> ResponseReturnValue:
    """Book the batch as paid, with the bank's reference."""
    batch = batch_by_ref(work().session, work().principal, ref)
    form = SettlementForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            taken = money_of(form.taken, batch.currency) if form.taken.data else None
            reference = form.bank_reference.data or ""
            batches.settle(work(), batch, bank_reference=reference, taken=taken)
        if tried.done:
            flash("Paid. Each partner has a remittance note.", "good")
            return redirect(url_for("desk.payment_show", ref=ref), 303)
        status = tried.status
    return batch_page(ref, form, status=status)


@desk.post("/payments/<ref>/answer")
@allows(Permission.PAYMENT_MAKE)
def payment_answer(ref: str) -> ResponseReturnValue:
    """Book what the bank's own file says."""
    batch = batch_by_ref(work().session, work().principal, ref)
    form = AnswerForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            booked = settlements.apply_reply(work(), batch, read_reply(form.file.data.read()))
        if tried.done:
            flash(said(booked), "good" if booked.paid or booked.refused else "need")
            return redirect(url_for("desk.payment_show", ref=ref), 303)
        status = tried.status
    return batch_page(ref, SettlementForm(formdata=None), answer=form, status=status)


def said(booked: settlements.Booked) -> str:
    """Return what a bank's file moved, in a sentence or two."""
    words = [f"{booked.paid} paid, {booked.refused} refused"]
    if booked.already:
        words.append(f"{booked.already} known already")
    if booked.asked_back:
        words.append(f"{len(booked.asked_back)} asked back meanwhile: book it under “Owed back”")
    if booked.strange:
        words.append(f"{len(booked.strange)} of other batches left alone")
    return ", ".join(words) + "."


@desk.get("/payments/<ref>/remittances/<partner>")
@allows(Permission.PAYMENT_MAKE)
def payment_remittance(ref: str, partner: str) -> ResponseReturnValue:
    """Show what one partner is told of a batch."""
    it = remittance(work().session, work().principal, ref, partner=partner)
    return render_template("desk/payments/remittance.html", it=it, settled_words=SETTLED_WORDS)


@desk.get("/payments/<ref>/remittances/<partner>.pdf")
@allows(Permission.PAYMENT_MAKE)
def payment_remittance_file(ref: str, partner: str) -> ResponseReturnValue:
    """Return one partner's remittance advice as PDF, as that partner gets it."""
    it = remittance(work().session, work().principal, ref, partner=partner)
    return remittance_file(it, locale=it.partner_locale)


@desk.route("/payments/<ref>/cancellation", methods=["GET", "POST"])
@allows(Permission.PAYMENT_MAKE)
def payment_cancel(ref: str) -> ResponseReturnValue:
    """Take a batch apart; one that left says why."""
    batch = batch_by_ref(work().session, work().principal, ref)
    form, status = CancelForm(), 200
    if form.is_submitted():
        status = 422
        with attempt(form) as tried:
            batches.cancel_batch(work(), batch, reason=form.reason.data or "")
        if tried.done:
            flash("Cancelled. Its claims are ready to pay again.", "good")
            return redirect(url_for("desk.payment_show", ref=ref), 303)
        status = tried.status
    detail = payment_views.batch_detail(work().session, work().principal, ref)
    page = render_template("desk/payments/cancel.html", it=detail, form=form)
    return make_response(page, status)


@desk.route("/payments/<ref>/<claim_ref>/failure", methods=["GET", "POST"])
@allows(Permission.PAYMENT_MAKE)
def payment_fail(ref: str, claim_ref: str) -> ResponseReturnValue:
    """Record that one payment came back; its claim is ready to pay again."""
    detail = payment_views.batch_detail(work().session, work().principal, ref)
    line = found(next((p for p in detail.payments if p.claim_ref == claim_ref), None))
    form = FailureForm()
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            payment = payment_by_id(work().session, work().principal, line.id)
            with attempt(form) as tried:
                batches.fail(work(), payment, reason=form.reason.data or "")
            if tried.done:
                flash(f"{claim_ref} is ready to pay again.", "good")
                return redirect(url_for("desk.payment_show", ref=ref), 303)
            status = tried.status
    page = render_template("desk/payments/fail.html", it=detail, line=line, form=form)
    return make_response(page, status)
