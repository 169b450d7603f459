"""Routing rules at the desk: what is in force in sentences, and what was."""

from flask import render_template
from flask.typing import ResponseReturnValue

from tcma.leads import by_hand, shares
from tcma.leads import routing_drafts as drafts
from tcma.leads import routing_versions as rules
from tcma.leads.deciding import rules_of
from tcma.leads.routing.words import sentences
from tcma.partners.queries import vendor
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.unit_of_work import work


@desk.get("/rules/routing")
@allows(Permission.LEAD_ASSIGN)
def routing_rules() -> ResponseReturnValue:
    """Show the rules in force, what comes next, and what was."""
    session, principal, now = work().session, work().principal, work().now
    current = rules.in_force(session, principal, now)
    return render_template(
        "desk/routing/index.html",
        current=current,
        sentences=sentences(current.rules),
        versions=rules.versions(session, principal, now),
        vendor_slug=vendor(session, rules.vendor_of(principal)).slug,
        weights=shares.weights_of(session, rules.vendor_of(principal), current.rules, now)
        if current.rules.performs
        else [],
        draft=drafts.draft_of(work()),
        left=by_hand.left_by_earlier_rules(session, principal, now),
    )


@desk.get("/rules/routing/versions/<int:no>")
@allows(Permission.LEAD_ASSIGN)
def routing_version(no: int) -> ResponseReturnValue:
    """Show one version as it was written and as it reads."""
    version = rules.version(work().session, work().principal, no, work().now)
    return render_template(
        "desk/routing/version.html", version=version, sentences=sentences(rules_of(version.source))
    )
