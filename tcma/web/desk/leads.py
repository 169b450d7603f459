"""Leads at the desk: who has none to answer, who lets them age, and one lead's way."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.leads import ageing, by_hand, chances, deciding, queries, recycling, same_person
from tcma.leads.routing.words import working_hours
from tcma.leads.rules import LeadState
from tcma.leads.views import Turn
from tcma.nurture.entering import why_outside
from tcma.partners import queries as partners
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission
from tcma.spreadsheet import csv_row
from tcma.web.auth import allows
from tcma.web.console.lead_words import VERBS
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.desk import AssignForm, LeadActForm
from tcma.web.lead_words import points_lines
from tcma.web.unit_of_work import work

FACETS = (
    ("unassigned", "Unassigned"),
    ("offered", "Offered"),
    ("yours", "With partners"),
    ("late", "Late"),
    ("closed", "Closed"),
)
ASSIGNABLE = (LeadState.NEW, LeadState.OFFERED, LeadState.UNASSIGNED, LeadState.ACCEPTED)
LATE_WORDS = "Unanswered for a day, or accepted and without a note for a week."
COLUMNS = (
    "Lead", "Company", "Place", "Asks for", "State", "Partner", "Person", "Points", "Came",
    "Last moved", "Days waiting", "Answer by",
)  # fmt: skip


@desk.get("/leads")
@allows(Permission.LEAD_ASSIGN)
def lead_index() -> ResponseReturnValue:
    """List leads by what to do and by age, oldest first."""
    return index_of(LeadActForm(formdata=None))


def index_of(
    form: LeadActForm, *, ticked: frozenset[str] = frozenset(), status: int = 200
) -> ResponseReturnValue:
    """Render the list that the address asks for; without a choice, the first facet that holds any."""
    session, principal, now = work().session, work().principal, work().now
    counts = ageing.counts(session, principal, now=now)
    asked = asked_leads(counts)
    page = ageing.leads(session, principal, asked, after=request.args.get("after"))
    offer_partners(form)
    told = render_template(
        "desk/leads/index.html",
        page=page,
        facet=asked.facet,
        facets=FACETS,
        counts=counts,
        buckets=bucket_items(asked),
        asked=chosen(asked),
        newest=asked.newest,
        by=asked.by,
        judges=chances.judges(session, principal),
        late_words=LATE_WORDS,
        left=by_hand.left_by_earlier_rules(session, principal, now),
        age_of=lambda row: age_words(now - row.since),
        form=form,
        ticked=ticked,
        now=now,
    )
    return make_response(told, status)


@desk.get("/leads.csv")
@allows(Permission.LEAD_ASSIGN)
def lead_file() -> ResponseReturnValue:
    """Return every lead of the list that the address asks for, as CSV; nobody's name stands in it."""
    asked = asked_leads({})
    response = Response(b"".join(file_rows(asked)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="leads-{asked.facet}.csv"'
    return response


def file_rows(asked: ageing.Asked) -> Iterator[bytes]:
    """Yield the head and a row for each lead."""
    yield csv_row(COLUMNS)
    for row in ageing.every_lead(work().session, work().principal, asked):
        yield csv_row(
            (
                row.ref,
                row.company,
                row.place,
                row.campaign,
                row.state.value,
                row.partner,
                row.with_name,
                row.score,
                row.created_at.isoformat(),
                row.moved_at.isoformat(),
                (asked.now - row.since).days,
                row.answer_by.isoformat() if row.answer_by else "",
            )
        )


def asked_leads(counts: dict[str, int]) -> ageing.Asked:
    """Return what the address asks for."""
    facet = request.args.get("state", "")
    if facet not in ageing.STATES:
        facet = next((name for name, _ in FACETS if counts.get(name)), "unassigned")
    slug, sort = request.args.get("partner", ""), request.args.get("sort", "")
    return ageing.Asked(
        facet=facet,
        now=work().now,
        age=request.args.get("age", type=int),
        wanted=request.args.get("q", ""),
        partner_id=partner_id_of(slug) if slug else None,
        newest=sort == "newest",
        by=sort if sort in queries.SORTS else "",
    )


def partner_id_of(slug: str) -> UUID:
    """Return the partner of a short name; NotFound when the vendor has none."""
    pairs = partners.enrolments(work().session, work().principal)
    return found(next((each.partner_id for each in pairs if each.partner_slug == slug), None))


def chosen(asked: ageing.Asked) -> dict[str, Any]:
    """Return what the address says, for the addresses of the page."""
    return {
        "state": asked.facet,
        "age": asked.age,
        "q": asked.wanted or None,
        "partner": request.args.get("partner") or None,
        "sort": "newest" if asked.newest else asked.by or None,
    }


def bucket_items(asked: ageing.Asked) -> list[dict[str, object]]:
    """Return a link for each age of a facet, with how many are that old."""
    found = ageing.buckets(work().session, work().principal, asked.facet, now=asked.now)
    told = chosen(asked)
    items: list[dict[str, object]] = [
        {"label": "Any age", "href": url_for("desk.lead_index", **told | {"age": None}),
         "current": asked.age is None}
    ]  # fmt: skip
    for number, each in enumerate(found):
        href = url_for("desk.lead_index", **told | {"age": number})
        words = span_words(each)
        items.append(
            {"label": words, "href": href, "current": asked.age == number, "count": each.count}
        )
    return items if found else []


def span_words(each: ageing.Bucket) -> str:
    """Return a span of ages in words."""
    if each.ends is None:
        return f"over {short(each.begins)}"
    if not each.begins:
        return f"under {short(each.ends)}"
    begins, ends = short(each.begins), short(each.ends)
    same = begins.split()[1] == ends.split()[1]
    return f"{begins.split()[0] if same else begins} to {ends}"


def short(span: timedelta) -> str:
    """Return a whole number of hours or days."""
    if span < timedelta(days=1):
        return f"{span // timedelta(hours=1)} hours"
    return "1 day" if span == timedelta(days=1) else f"{span.days} days"


def age_words(span: timedelta) -> str:
    """Return how long somebody has waited."""
    hours = max(span // timedelta(hours=1), 0)
    if hours < 1:
        return "under an hour"
    if hours < 48:
        return "1 hour" if hours == 1 else f"{hours} hours"
    return f"{span.days} days"


@desk.get("/leads/<ref>")
@allows(Permission.LEAD_ASSIGN)
def lead_show(ref: str) -> ResponseReturnValue:
    """Show one lead's way and, while it is open, the form that assigns it."""
    return page_of(ref, AssignForm(formdata=None))


def page_of(
    ref: str, form: AssignForm, *, act: LeadActForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """Render a lead."""
    lead = queries.lead_view(work().session, work().principal, ref)
    rules = deciding.rules_in_force(work().session, lead.vendor_id, work().now).rules
    offer_partners(form)
    act = act or LeadActForm(formdata=None)
    offer_partners(act)
    act.act.choices = [each for each in act.act.choices if each.value != "offer"]
    page = render_template(
        "desk/leads/show.html",
        lead=lead,
        turn=lead.turns[-1] if lead.turns else None,
        trace=trace_lines(lead.turns),
        points=points_lines(lead.points),
        verbs=VERBS,
        form=form,
        act=act,
        chance=chances.chance_of(work().session, lead.row.id, work().principal),
        holder=deciding.company_holder(
            work().session, queries.lead_by_ref(work().session, work().principal, ref)
        ),
        hours=working_hours(rules.answer_hours),
        outside=why_outside(work(), lead.row.id),
        same_person=same_person.others(work().session, work().principal, ref),
        given_back=recycling.given_back(work().session, lead.row.id),
        assignable=lead.row.state in ASSIGNABLE,
        is_taken=lead.row.state is LeadState.ACCEPTED,
        now=work().now,
    )
    return make_response(page, status)


def trace_lines(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """Return (partner, why) for every candidate of the last decision, the chosen one first."""
    if not turns:
        return []
    candidates = turns[-1].trace.get("candidates", [])
    lines = [(c["partner"], c["why"]) for c in candidates]
    return sorted(lines, key=lambda line: line[0] != turns[-1].partner)


def offer_partners(form: AssignForm | LeadActForm) -> dict[str, partners.EnrolmentView]:
    """Offer the vendor's active partners by short name."""
    pairs = {
        pair.partner_slug: pair
        for pair in partners.enrolments(work().session, work().principal)
        if pair.state is EnrolmentState.ACTIVE
    }
    nobody = [("", "Choose a partner")] if isinstance(form, LeadActForm) else []
    offer(form.partner, [*nobody, *((slug, pair.partner) for slug, pair in pairs.items())])
    return pairs
