"""Rules of engagement: how a vendor shares leads, in public, written from the rules in force."""

from flask import g, render_template
from flask.typing import ResponseReturnValue

from tcma.leads.deciding import rules_in_force
from tcma.leads.routing.words import engagement
from tcma.leads.rules import DECLINE_REASONS
from tcma.partners.queries import vendor_by_slug
from tcma.web.auth import open_to_all
from tcma.web.pictures import logo_of
from tcma.web.public import public
from tcma.web.unit_of_work import work
from tcma.words import say


@public.get("/rules/<vendor>")
@open_to_all("the vendor's public rules: nobody's name, account or capacity stands in them")
def engagement_rules(vendor: str) -> ResponseReturnValue:
    """Show the rules that decide today."""
    owner = vendor_by_slug(work().session, vendor)
    g.zone = owner.zone
    current = rules_in_force(work().session, owner.id, work().now)
    return render_template(
        "public/engagement.html",
        organisation=owner.name,
        organisation_line=say("How requests are shared among partners"),
        logo_url=logo_of(work().session, "vendor", owner.id),
        steps=engagement(current.rules),
        version=current.no,
        reasons=list(DECLINE_REASONS.values()),
        today=work().now,
    )
