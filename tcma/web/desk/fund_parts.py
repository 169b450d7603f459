"""A partner's part of a fund at the desk: until when, a later day, what goes into the next fund."""

from collections.abc import Callable

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.funds import ending
from tcma.mdf.funds import views as fund_views
from tcma.mdf.queries import fund_by_ref, part_by_partner
from tcma.mdf.records import FundSummary
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.fund_parts import CarryOverForm, ExtensionForm, LeaveForm
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
    offer(carrying.into, [(fund.ref, f"{fund.name}, {fund.ref}") for fund in others])
    page = render_template(
        "desk/funds/part.html",
        fund=part,
        may=principal.may(Permission.BUDGET_MANAGE),
        extensions=ending.extensions_of(session, part.allocation_id),
        extension=extension,
        carrying=carrying,
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
    form, part = ExtensionForm(), part_by_partner(work().session, work().principal, ref, partner)

    def act() -> None:
        ending.extend(work(), part, until=form.until.data, leave=form.leave())

    done = "Extended. What had expired is available again."
    return moved(ref, partner, form, act, done) or page_of(
        ref, partner, form, CarryOverForm(formdata=None), status=422
    )


@desk.post("/funds/<ref>/parts/<partner>/carry-over")
@allows(Permission.BUDGET_MANAGE)
def fund_part_carry_over(ref: str, partner: str) -> ResponseReturnValue:
    """Move unspent money into the partner's part of another fund."""
    form, part = CarryOverForm(), part_by_partner(work().session, work().principal, ref, partner)
    offer(form.into, [(fund.ref, fund.name) for fund in others_of(ref, part.currency)])

    def act() -> None:
        into = fund_by_ref(work().session, work().principal, form.into.data)
        amount = money_of(form.amount, part.currency)
        ending.carry_over(work(), part, into, amount, leave=form.leave())

    return moved(ref, partner, form, act, "Carried over.") or page_of(
        ref, partner, ExtensionForm(formdata=None), form, status=422
    )


def moved(
    ref: str, partner: str, form: LeaveForm, act: Callable[[], None], done: str
) -> ResponseReturnValue | None:
    """Do what a valid form asks; None when it has to be shown again."""
    if not form.validate():
        return None
    with attempt(form) as tried:
        act()
    if not tried.done:
        return None
    flash(done, "good")
    return redirect(url_for("desk.fund_part", ref=ref, partner=partner), 303)
