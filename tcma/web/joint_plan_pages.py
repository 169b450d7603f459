"""Pages of joint business plans, the same for both sides: list, frame, lines, agreement."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.library import queries as library
from tcma.library.queries import CampaignCard
from tcma.mdf.funds import views as fund_views
from tcma.mdf.joint import agreeing
from tcma.mdf.joint import views as joint_views
from tcma.mdf.joint.agreeing import LinePlan, Outline, joint_plan_by_ref
from tcma.mdf.joint.views import PlanView
from tcma.mdf.queries import allocation_by_fund, part_by_partner
from tcma.mdf.words import spoken_month
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.case_words import history
from tcma.web.forms.base import offer
from tcma.web.forms.joint import LineForm, OutlineForm
from tcma.web.money_words import money_of, symbol
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


def side() -> str:
    """Return the blueprint of whoever reads."""
    return "console" if work().principal.partner_id else "desk"


def writes() -> bool:
    """Say whether this person may change and agree to plans."""
    principal = work().principal
    needed = Permission.REQUEST_FILE if principal.partner_id else Permission.REQUEST_DECIDE
    return principal.may(needed)


def index_page() -> ResponseReturnValue:
    """List the plans this side sees."""
    rows = joint_views.joint_plans(work().session, work().principal)
    return render_template("joint_plans/index.html", rows=rows, side=side(), may=writes())


def new_page() -> ResponseReturnValue:
    """Write the frame of a plan down."""
    form = OutlineForm()
    parts = fund_views.wallet(work().session, work().principal, now=work().now)
    usable = [part for part in parts if part.days_left >= 0]
    theirs = side() == "console"
    offer(
        form.fund,
        [
            (
                f"{part.ref}/{part.partner_slug}",
                part.name if theirs else f"{part.partner_name}: {part.name}",
            )
            for part in usable
        ],
    )
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                ref, _, partner = form.fund.data.partition("/")
                part = (
                    allocation_by_fund(work().session, work().principal, ref)
                    if theirs
                    else part_by_partner(work().session, work().principal, ref, partner)
                )
                outline = Outline(
                    form.title.data, form.goal.data or "", form.starts_on.data, form.ends_on.data
                )
                made = agreeing.begin(work(), part, outline)
            if tried.done:
                return redirect(url_for(f"{side()}.joint_plan_show", ref=made.ref), 303)
            status = tried.status
    elif usable:
        today = work().now.date()
        form.starts_on.data = max(today, usable[0].starts_on)
        form.ends_on.data = usable[0].ends_on
    page = render_template("joint_plans/new.html", form=form, side=side(), parts=usable)
    return make_response(page, status)


def show_page(ref: str, form: LineForm | None = None, *, status: int = 200) -> ResponseReturnValue:
    """Show a plan: who agreed, each line with what became of it, the sums."""
    view = seen(ref)
    if form is None:
        form = line_form(ref, empty=True)
    page = render_template(
        "joint_plans/show.html",
        it=view,
        row=view.row,
        form=form,
        side=side(),
        may=writes(),
        mine_agreed=view.row.partner_agreed if side() == "console" else view.row.vendor_agreed,
        trace=history(view.timeline),
        symbol=symbol(view.row.planned.currency),
    )
    return make_response(page, status)


def seen(ref: str) -> PlanView:
    """Return one plan of this side; NotFound otherwise."""
    return joint_views.joint_plan(work().session, work().principal, ref, now=work().now)


def line_form(ref: str, *, empty: bool = False) -> LineForm:
    """Return the form of a line with the plan's months and its vendor's campaigns offered."""
    plan = joint_plan_by_ref(work().session, work().principal, ref)
    form = LineForm(formdata=None) if empty else LineForm()
    offer(form.campaign, [(card.slug, card.name) for card in campaigns_of(plan.vendor_id)])
    offer(form.kind, seen(ref).kinds)
    offer(
        form.month, [(f"{m:%Y-%m}", spoken_month(m)) for m in months(plan.starts_on, plan.ends_on)]
    )
    return form


def campaigns_of(vendor_id: UUID) -> list[CampaignCard]:
    """Return the campaigns of a vendor that this side sees."""
    today = work().now.date()
    return library.library_for(work().session, work().principal, vendor_id=vendor_id, today=today)


def months(first: date, last: date) -> Iterator[date]:
    """Yield the first day of each month that a plan touches."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month.replace(year=month.year + 1, month=1) if month.month == 12
                 else month.replace(month=month.month + 1))  # fmt: skip


def line_added(ref: str) -> ResponseReturnValue:
    """Add a line to a plan."""
    plan = joint_plan_by_ref(work().session, work().principal, ref)
    form = line_form(ref)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            ids = {card.slug: card.campaign_id for card in campaigns_of(plan.vendor_id)}
            line = LinePlan(
                campaign_id=found(ids.get(form.campaign.data)),
                kind=form.kind.data,
                month=form.first_of_month(),
                cost=money_of(form.cost, plan.currency),
                goal_leads=form.goal_leads.data,
            )
            agreeing.add_line(work(), plan, line)
        if tried.done:
            flash(say("Added. Both sides agree anew."), "good")
            return redirect(url_for(f"{side()}.joint_plan_show", ref=ref), 303)
        status = tried.status
    return show_page(ref, form, status=status)


def line_removed(ref: str, no: int) -> ResponseReturnValue:
    """Take a line out of a plan."""
    plan = joint_plan_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        agreeing.remove_line(work(), plan, no)
    flash(tried.words or say("Taken out. Both sides agree anew."), "good" if tried.done else "need")
    return redirect(url_for(f"{side()}.joint_plan_show", ref=ref), 303)


def agreed(ref: str) -> ResponseReturnValue:
    """Say yes for one's own side."""
    plan = joint_plan_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        agreeing.agree(work(), plan)
    done = (
        say("Both sides agreed. Each line can be begun.")
        if plan.state == agreeing.AGREED
        else (say("You agreed. The other side is asked next."))
    )
    flash(tried.words or done, "good" if tried.done else "need")
    return redirect(url_for(f"{side()}.joint_plan_show", ref=ref), 303)
