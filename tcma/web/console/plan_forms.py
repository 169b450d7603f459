"""How a plan's form is filled, grows by an activity, and becomes a plan."""

from dataclasses import dataclass
from datetime import timedelta

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.library import queries as library
from tcma.library.queries import CampaignCard
from tcma.mdf.funds import views as fund_views
from tcma.mdf.records import RequestDetail, WalletFund
from tcma.mdf.requests.planning import ActivityPlan, RequestPlan
from tcma.mdf.requests.terms import Terms, terms_of
from tcma.mdf.rules import ActivityKind
from tcma.mdf.ways import WAY_WORDS
from tcma.web.forms.base import offer
from tcma.web.forms.costs import ask, given, offer_costs
from tcma.web.forms.plan import ActivityForm, PlanForm, plan_lines
from tcma.web.money_words import symbol, typed
from tcma.web.unit_of_work import work

RUNS = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a plan can be made of: the campaign it began with, its vendor's others, open funds."""

    card: CampaignCard
    cards: list[CampaignCard]
    funds: list[WalletFund]

    def campaign(self, slug: str) -> CampaignCard:
        """Return a campaign of this vendor; the first one without a slug, NotFound if foreign."""
        return found(next((c for c in self.cards if c.slug == (slug or self.card.slug)), None))


def sheet_of(name: str, *, only_fund: str = "") -> Sheet | None:
    """Return what there is for a campaign's address part: `vendor/slug`, or a slug alone."""
    if not name:
        return None
    cards = library.library_for(work().session, work().principal, today=work().now.date())
    vendor, _, slug = name.rpartition("/")
    card = found(next((c for c in cards if c.slug == slug and vendor in ("", c.vendor_slug)), None))
    rows = fund_views.wallet(work().session, work().principal, now=work().now)
    funds = [f for f in rows if f.vendor_name == card.vendor and f.days_left >= 0]
    return Sheet(
        card,
        [c for c in cards if c.vendor_slug == card.vendor_slug],
        [f for f in funds if only_fund in ("", f.ref)],
    )


def fill(form: PlanForm, sheet: Sheet) -> None:
    """Fill a fresh form from the campaign: title, kind, the first days the notice allows."""
    first = max(sheet.funds, key=_own_and_largest)
    form.fund.data = first.ref
    form.title.data = sheet.card.name
    begin(form.activities[0].form, sheet.card, first)


def _own_and_largest(fund: WalletFund) -> tuple[bool, int]:
    return not fund.pooled, fund.usable.minor if fund.usable else 0


def begin(form: ActivityForm, card: CampaignCard, fund: WalletFund) -> None:
    """Fill an empty activity from its campaign."""
    form.campaign.data = card.slug
    form.kind.data = offered(terms(fund.ref), card.activity)
    form.starts_on.data = fund.earliest_start
    form.ends_on.data = min(fund.earliest_start + RUNS, fund.ends_on)


def offered(some: Terms, kind: str) -> str:
    """Return a kind that the fund's rules offer: this one, a whole launch, or the first."""
    wanted = (kind, ActivityKind.MULTI_TOUCH.value)
    return next((each for each in wanted if some.offers(each)), some.kinds[0].kind)


def terms(fund_ref: str) -> Terms:
    """Return what a fund's rules offer today."""
    return terms_of(work().session, work().principal, fund_ref, now=work().now)


def refill(form: PlanForm, detail: RequestDetail) -> None:
    """Fill the form with the plan as it stands."""
    form.fund.data, form.title.data = detail.row.fund_ref, detail.row.title
    for at, activity in enumerate(detail.activities):
        each = form.activities[0].form if at == 0 else form.more()
        each.campaign.data, each.kind.data = activity.campaign_slug, activity.kind
        each.starts_on.data, each.ends_on.data = activity.starts_on, activity.ends_on
        each.way.data = activity.way
        for row, line in zip(each.lines, activity.lines, strict=False):
            row.form.label.data, row.form.amount.data = line.label, typed(line.amount)
            row.form.kind.data = line.kind
        each.facts.process(
            None, [{"name": name, "value": said} for name, _, said in activity.facts]
        )


def reshaped(form: PlanForm, sheet: Sheet) -> bool:
    """Add or take out an activity, or look at another fund's terms; nothing is written down."""
    act = request.form.get("act", "")
    offer_funds(form, sheet)
    if act == "add" and not form.full:
        begin(form.more(), sheet.card, fund_of(form, sheet))
    elif act == "look":
        some = terms(fund_of(form, sheet).ref)
        for each in form.activities:
            each.form.kind.data = offered(some, each.form.kind.data or "")
    elif act.startswith("drop-") and act[5:].isdigit():
        form.drop(int(act[5:]))
    else:
        return False
    return True


def ready(form: PlanForm, sheet: Sheet) -> bool:
    """Say whether the form holds what a plan needs."""
    offer_funds(form, sheet)
    return bool(form.validate())


def offer_funds(form: PlanForm, sheet: Sheet) -> None:
    """Offer the open funds of the vendor, and the kinds of activities the chosen one pays for."""
    offer(form.fund, [(f.ref, f.name, f.ref) for f in sheet.funds])
    some = terms(fund_of(form, sheet).ref)
    for each in form.activities:
        offer(each.form.kind, [(one.kind, one.name) for one in some.kinds])
        chosen = some.of(each.form.kind.data or "")
        ask(each.form.facts, chosen.facts)
        offer(each.form.way, [(way.value, WAY_WORDS[way]) for way in chosen.ways])
        for row in each.form.lines:
            offer_costs(row.form.kind, chosen.costs, blank="", other="")


def fund_of(form: PlanForm, sheet: Sheet) -> WalletFund:
    """Return the chosen fund, the first while none is."""
    return next((f for f in sheet.funds if f.ref == form.fund.data), sheet.funds[0])


def plan_of(form: PlanForm, sheet: Sheet, currency: str) -> RequestPlan:
    """Return the form as a plan; raises Invalid with fields."""
    return RequestPlan(
        [
            ActivityPlan(
                campaign_id=sheet.campaign(each.form.campaign.data or "").campaign_id,
                starts_on=each.form.starts_on.data,
                ends_on=each.form.ends_on.data,
                lines=plan_lines(each.form.lines, currency),
                kind=each.form.kind.data,
                facts=given(each.form.facts),
                way=each.form.way.data or "",
            )
            for each in form.activities
        ],
        title=form.title.data or "",
    )


def read_revision(form: PlanForm) -> int | None:
    """Return which revision of a plan the form was filled from, None when it does not say."""
    said = form.revision.data or ""
    return int(said) if said.isdecimal() else None


def form_page(form: PlanForm, sheet: Sheet, *, ref: str = "", status: int) -> ResponseReturnValue:
    """Render the plan's form, new or changed."""
    offer_funds(form, sheet)
    form.once()
    fund = fund_of(form, sheet)
    page = render_template(
        "console/fund_requests/new.html",
        form=form,
        campaign=sheet.card,
        campaigns=[(c.slug, c.name) for c in sheet.cards],
        funds=sheet.funds,
        fund=fund,
        terms=terms(fund.ref),
        symbol=symbol(sheet.funds[0].available.currency),
        ref=ref,
    )
    return make_response(page, status)
