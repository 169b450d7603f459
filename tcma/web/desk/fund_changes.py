"""What changes of a fund at the desk: name and days, money out of it, its end; one page each."""

from collections.abc import Callable
from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.funds import changing
from tcma.mdf.funds import views as fund_views
from tcma.mdf.funds.changes import Act, Change
from tcma.mdf.queries import fund_by_ref, part_by_partner
from tcma.mdf.records import FundSummary
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.fund_parts import tell
from tcma.web.forms.fund_parts import BackForm, FactsForm, ReasonForm
from tcma.web.money_words import money_of, symbol
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


def fund_of(ref: str) -> FundSummary:
    """Return a fund of this vendor; NotFound otherwise."""
    return fund_views.fund_summary(work().session, work().principal, ref, now=work().now)


@desk.route("/funds/<ref>/facts", methods=["GET", "POST"])
@allows(Permission.BUDGET_MANAGE)
def fund_edit(ref: str) -> ResponseReturnValue:
    """Call a fund otherwise, or move its days."""
    form, fund = FactsForm(), fund_of(ref)
    if not form.is_submitted():
        form.name.data = fund.name
        form.starts_on.data, form.ends_on.data = fund.starts_on, fund.ends_on

    def change() -> Change:
        return Change(act=Act.EDIT, reason=form.reason.data or "", facts=form.facts())

    heading = "Change name or days", "Save", "A name changes at once. Days: a colleague confirms."
    return page_of(fund, form, change, heading)


@desk.route("/funds/<ref>/reduction", methods=["GET", "POST"])
@allows(Permission.BUDGET_MANAGE)
def fund_reduce(ref: str) -> ResponseReturnValue:
    """Take money that nobody has out of a fund."""
    form, fund = BackForm(), fund_of(ref)

    def change() -> Change:
        amount = money_of(form.amount, fund.total.currency)
        return Change(act=Act.REDUCE, reason=form.reason.data or "", amount=amount)

    heading = "Take money out", "Ask for it", "It leaves the fund once a colleague confirms it."
    return page_of(fund, form, change, heading)


@desk.route("/funds/<ref>/closing", methods=["GET", "POST"])
@allows(Permission.BUDGET_MANAGE)
def fund_close(ref: str) -> ResponseReturnValue:
    """End a fund today."""
    form = ReasonForm()

    def change() -> Change:
        return Change(act=Act.CLOSE, reason=form.reason.data or "")

    words = (
        "What nobody planned with leaves the fund, also from partners’ parts. Approved plans and "
        "claims go on. It happens once a colleague confirms it."
    )
    return page_of(fund_of(ref), form, change, ("Close this fund", "Ask to close it", words))


@desk.route("/funds/<ref>/parts/<partner>/taking-back", methods=["GET", "POST"])
@allows(Permission.BUDGET_MANAGE)
def fund_part_back(ref: str, partner: str) -> ResponseReturnValue:
    """Move what a partner has not planned with back into the fund."""
    form = BackForm()
    part = part_by_partner(work().session, work().principal, ref, partner)
    has = fund_views.wallet(work().session, work().principal, now=work().now, fund_ref=ref)
    mine = next(each for each in has if each.partner_slug == partner)

    def change() -> Change:
        return Change(
            act=Act.TAKE_BACK,
            reason=form.reason.data or "",
            partner_id=part.partner_id,
            amount=money_of(form.amount, part.currency),
        )

    words = "Only what no plan has reserved. It moves once a colleague confirms it."
    heading = f"Take money back from {mine.partner_name}", "Ask for it", words
    return page_of(fund_of(ref), form, change, heading, most=mine)


def page_of(
    fund: FundSummary,
    form: ReasonForm,
    change: Callable[[], Change],
    heading: tuple[str, str, str],
    *,
    most: object = None,
) -> ResponseReturnValue:
    """Show a change's form, or do what it asks and go back to the fund."""
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            budget = fund_by_ref(work().session, work().principal, fund.ref)
            with attempt(form) as tried:
                row = changing.ask(work(), budget, change(), key=form.once())
            if tried.done:
                tell(row.state, "Saved.")
                return redirect(url_for("desk.fund_show", ref=fund.ref), 303)
            status = tried.status
    form.once()
    page = render_template(
        "desk/funds/change.html",
        fund=fund,
        form=form,
        heading=heading,
        part=most,
        symbol=symbol(fund.total.currency),
    )
    return make_response(page, status)


@desk.post("/funds/<ref>/changes/<uuid:change_id>/confirmation")
@allows(Permission.BUDGET_MANAGE)
def fund_change_confirm(ref: str, change_id: UUID) -> ResponseReturnValue:
    """Do what a colleague asked for."""
    row = changing.change_of(work().session, work().principal, ref, change_id)
    with attempt() as tried:
        changing.confirm(work(), row)
    flash(tried.words or "Confirmed and done.", "good" if tried.done else "need")
    return redirect(url_for("desk.fund_show", ref=ref), 303)


@desk.post("/funds/<ref>/changes/<uuid:change_id>/refusal")
@allows(Permission.BUDGET_MANAGE)
def fund_change_refuse(ref: str, change_id: UUID) -> ResponseReturnValue:
    """Let it be."""
    row = changing.change_of(work().session, work().principal, ref, change_id)
    with attempt() as tried:
        changing.turn_down(work(), row)
    flash(tried.words or "Nothing changes.", "good" if tried.done else "need")
    return redirect(url_for("desk.fund_show", ref=ref), 303)
