"""Pages for partners."""

from flask import Blueprint

console = Blueprint("console", __name__, url_prefix="/console")

from tcma.web.console import (  # noqa: E402 - the views name the blueprint
    ahead,  # noqa: F401
    appeals,  # noqa: F401
    bank_accounts,  # noqa: F401
    brand,  # noqa: F401
    claim_withdrawals,  # noqa: F401
    claims,  # noqa: F401
    consents,  # noqa: F401
    contact_edits,  # noqa: F401
    contacts,  # noqa: F401
    copies,  # noqa: F401
    copy_versions,  # noqa: F401
    crm,  # noqa: F401
    disputes,  # noqa: F401
    fund_requests,  # noqa: F401
    funds,  # noqa: F401
    home,  # noqa: F401
    imports,  # noqa: F401
    joint_plans,  # noqa: F401
    launch_plans,  # noqa: F401
    launch_steering,  # noqa: F401
    launches,  # noqa: F401
    lead_cards,  # noqa: F401
    lead_chat,  # noqa: F401
    lead_hours,  # noqa: F401
    lead_journeys,  # noqa: F401
    lead_people,  # noqa: F401
    leads,  # noqa: F401
    library,  # noqa: F401
    news,  # noqa: F401
    opportunities,  # noqa: F401
    outcomes,  # noqa: F401
    own_fields,  # noqa: F401
    own_shares,  # noqa: F401
    own_tasks,  # noqa: F401
    page_hosts,  # noqa: F401
    page_tools,  # noqa: F401
    papers,  # noqa: F401
    people,  # noqa: F401
    plan_changes,  # noqa: F401
    plan_extensions,  # noqa: F401
    plan_launches,  # noqa: F401
    playbooks,  # noqa: F401
    previews,  # noqa: F401
    prints,  # noqa: F401
    relays,  # noqa: F401
    remittances,  # noqa: F401
    reports,  # noqa: F401
    segments,  # noqa: F401
    senders,  # noqa: F401
    social,  # noqa: F401
    social_accounts,  # noqa: F401
    terms,  # noqa: F401
    way_back,  # noqa: F401
)
