"""A partner's part of a fund at the desk: until when, a later day, what goes into the next fund."""

from collections.abc import Callable
from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.funds import changing, ending
from tcma.mdf.funds import views as fund_views
from tcma.mdf.funds.changes import Act, Change
from tcma.mdf.judging.deciding import rules_today
from tcma.mdf.queries import fund_by_ref, part_by_partner
from tcma.mdf.records import FundSummary
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.fund_parts import CarryOverForm, ExtensionForm, ReasonForm
from tcma.web.money_words import money_of, symbol
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/funds/<ref>/parts/<partner>")
@allows(Permission.FUND_READ)
def fund_part(ref: str, partner: str) -> ResponseReturnValue:
    """Show what a partner has of a fund, until when, and who moved that day."""
    return page_of(ref, partner, ExtensionForm(formdata=None), CarryOverForm(formdata=None))


def page_of(
    ref: str, partner: str, extension: ExtensionForm, carrying: CarryOverForm, *, status: int = 200
) -> ResponseReturnValue:
    """Render a part with the forms that bend its time."""
    session, principal, now = work().session, work().principal, work().now
    parts = fund_views.wallet(session, principal, now=now, fund_ref=ref)
    part = found(next((each for each in parts if each.partner_slug == partner), None))
    others = others_of(ref, part.allocated.currency)
    rules = rules_today(session, fund_by_ref(session, principal, ref), now)
    extension.once()
    carrying.once()
    offer(carrying.into, [(fund.ref, f"{fund.name}, {fund.ref}") for fund in others])
    page = render_template(
        "desk/funds/part.html",
        fund=part,
        may=principal.may(Permission.BUDGET_MANAGE),
        extensions=ending.extensions_of(session, part.allocation_id),
        extension=extension,
        carrying=carrying,
        extenders=ending.extenders(rules.fund),
        carriers=ending.carriers(rules.fund),
        others=others,
        symbol=symbol(part.allocated.currency),
    )
    return make_response(page, status)


def others_of(ref: str, currency: str) -> list[FundSummary]:
    """Return the vendor's other funds in a currency that have not ended."""
    funds = fund_views.funds(work().session, work().principal, now=work().now)
    return [
        fund
        for fund in funds
        if fund.ref != ref
        and fund.total.currency == currency
        and fund.days_left >= 0
        and not fund.pooled
    ]


@desk.post("/funds/<ref>/parts/<partner>/extension")
@allows(Permission.BUDGET_MANAGE)
def fund_part_extend(ref: str, partner: str) -> ResponseReturnValue:
    """Move the last day; what was forfeited comes back."""
    form = ExtensionForm()

    def change(partner_id: UUID, _: str) -> Change:
        return Change(
            act=Act.EXTEND,
            reason=form.reason.data or "",
            partner_id=partner_id,
            until=form.until.data,
        )

    done = "Extended. What had expired is available again."
    return moved(ref, partner, form, change, done) or page_of(
        ref, partner, form, CarryOverForm(formdata=None), status=422
    )


@desk.post("/funds/<ref>/parts/<partner>/carry-over")
@allows(Permission.BUDGET_MANAGE)
def fund_part_carry_over(ref: str, partner: str) -> ResponseReturnValue:
    """Move unspent money into the partner's part of another fund."""
    form, row = CarryOverForm(), part_by_partner(work().session, work().principal, ref, partner)
    offer(form.into, [(fund.ref, fund.name) for fund in others_of(ref, row.currency)])

    def change(partner_id: UUID, currency: str) -> Change:
        return Change(
            act=Act.CARRY_OVER,
            reason=form.reason.data or "",
            partner_id=partner_id,
            amount=money_of(form.amount, currency),
            into=fund_by_ref(work().session, work().principal, form.into.data).id,
        )

    return moved(ref, partner, form, change, "Carried over.") or page_of(
        ref, partner, ExtensionForm(formdata=None), form, status=422
    )


def moved(
    ref: str,
    partner: str,
    form: ReasonForm,
    change: Callable[[UUID, str], Change],
    done: str,
) -> ResponseReturnValue | None:
    """Do what a valid form asks, or write it down for a colleague; None to show it again."""
    if not form.validate():
        return None
    session, principal = work().session, work().principal
    budget = fund_by_ref(session, principal, ref)
    part = part_by_partner(session, principal, ref, partner)
    with attempt(form) as tried:
        row = changing.ask(work(), budget, change(part.partner_id, part.currency), key=form.once())
    if not tried.done:
        return None
    tell(row.state, done)
    return redirect(url_for("desk.fund_part", ref=ref, partner=partner), 303)


def tell(state: str, done: str) -> None:
    """Say that a change was done, or that a colleague has the turn."""
    if state == "waits":
        flash("Asked. Whoever may confirm it has a mail, and sees it in the queue.", "good")
    else:
        flash(done, "good")
