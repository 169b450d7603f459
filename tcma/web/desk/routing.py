"""Routing rules at the desk: what is in force in sentences, and what was."""

from flask.typing import ResponseReturnValue

from tcma.leads import by_hand, routing_versions, shares
from tcma.leads import routing_drafts as drafts
from tcma.leads.deciding import rules_of
from tcma.leads.routing.words import sentences
from tcma.partners.queries import vendor
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.lead_rules import Kind, index_page, version_page
from tcma.web.unit_of_work import work

ROUTING = Kind(
    name="routing",
    title="Routing rules",
    noun="routing rules",
    versions=routing_versions,
    sentences=lambda source: sentences(rules_of(source)),
    drafts=True,
)


@desk.get("/rules/routing")
@allows(Permission.LEAD_ASSIGN)
def routing_rules() -> ResponseReturnValue:
    """Show the rules in force, and how many leads wait that earlier ones decided."""
    session, principal, now = work().session, work().principal, work().now
    vendor_id = routing_versions.vendor_of(principal)
    rules = routing_versions.in_force(session, principal, now).rules
    return index_page(
        ROUTING,
        vendor_slug=vendor(session, vendor_id).slug,
        weights=shares.weights_of(session, vendor_id, rules, now) if rules.performs else [],
        draft=drafts.draft_of(work()),
        left=by_hand.left_by_earlier_rules(session, principal, now),
    )


@desk.get("/rules/routing/versions/<int:no>")
@allows(Permission.LEAD_ASSIGN)
def routing_version(no: int) -> ResponseReturnValue:
    """Show one version."""
    return version_page(ROUTING, no)
