"""Pages for channel manager and finance."""

from flask import Blueprint

desk = Blueprint("desk", __name__, url_prefix="/desk")

from tcma.web.desk import (  # noqa: E402 - the views name the blueprint
    absences,  # noqa: F401
    announcements,  # noqa: F401
    bank_accounts,  # noqa: F401
    bulk,  # noqa: F401
    calendars,  # noqa: F401
    campaigns,  # noqa: F401
    claims,  # noqa: F401
    crm,  # noqa: F401
    disputes,  # noqa: F401
    finance,  # noqa: F401
    fund_changes,  # noqa: F401
    fund_parts,  # noqa: F401
    fund_pots,  # noqa: F401
    fund_requests,  # noqa: F401
    funds,  # noqa: F401
    health,  # noqa: F401
    joint_plans,  # noqa: F401
    launch_policy,  # noqa: F401
    launches,  # noqa: F401
    lead_acts,  # noqa: F401
    lead_ads,  # noqa: F401
    lead_lists,  # noqa: F401
    leads,  # noqa: F401
    liabilities,  # noqa: F401
    opportunities,  # noqa: F401
    own_tasks,  # noqa: F401
    partners,  # noqa: F401
    payments,  # noqa: F401
    payout_holds,  # noqa: F401
    people,  # noqa: F401
    plan_changes,  # noqa: F401
    plan_extensions,  # noqa: F401
    points,  # noqa: F401
    programme,  # noqa: F401
    queue,  # noqa: F401
    rates,  # noqa: F401
    relays,  # noqa: F401
    repayments,  # noqa: F401
    reports,  # noqa: F401
    routing,  # noqa: F401
    routing_drafts,  # noqa: F401
    routing_trials,  # noqa: F401
    rules,  # noqa: F401
    runs,  # noqa: F401
    sales,  # noqa: F401
    score,  # noqa: F401
    senders,  # noqa: F401
    settings,  # noqa: F401
    terms,  # noqa: F401
    ways_in,  # noqa: F401
    ways_out,  # noqa: F401
)
