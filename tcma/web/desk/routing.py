"""Routing rules at the desk: who gets a lead, and what earlier rules left to nobody."""

from flask.typing import ResponseReturnValue

from tcma.leads import by_hand, routing_versions
from tcma.leads.deciding import rules_of
from tcma.leads.routing.words import sentences
from tcma.partners.queries import vendor
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.lead_rules import Kind, edit_page, index_page, try_page, version_page
from tcma.web.unit_of_work import work

ROUTING = Kind(
    name="routing",
    title="Routing rules",
    noun="routing rules",
    plural="Rules",
    published="Leads that come before its day are not touched.",
    versions=routing_versions,
    sentences=lambda source: sentences(rules_of(source)),
    more=lambda _: {"shown": 30},
)


@desk.get("/rules/routing")
@allows(Permission.LEAD_ASSIGN)
def routing_rules() -> ResponseReturnValue:
    """Show the rules in force, and how many leads wait that earlier ones decided."""
    session, principal, now = work().session, work().principal, work().now
    return index_page(
        ROUTING,
        vendor_slug=vendor(session, routing_versions.vendor_of(principal)).slug,
        left=by_hand.left_by_earlier_rules(session, principal, now),
    )


@desk.get("/rules/routing/versions/<int:no>")
@allows(Permission.LEAD_ASSIGN)
def routing_version(no: int) -> ResponseReturnValue:
    """Show one version."""
    return version_page(ROUTING, no)


@desk.get("/rules/routing/edit")
@allows(Permission.LEAD_ASSIGN)
def routing_edit() -> ResponseReturnValue:
    """Open the rules for a change."""
    return edit_page(ROUTING)


@desk.post("/rules/routing/edit")
@allows(Permission.LEAD_ASSIGN)
def routing_try() -> ResponseReturnValue:
    """Try a text, or publish it."""
    return try_page(ROUTING)
