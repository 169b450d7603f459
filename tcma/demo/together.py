"""A joint plan of Fenwright and the vendor: both agreed, nothing is begun yet."""

from datetime import date

from sqlalchemy import select

from tcma.demo.money import allocation_of
from tcma.demo.past import Past, the
from tcma.demo.people import FENWRIGHT
from tcma.library.models import Campaign
from tcma.mdf.joint import agreeing
from tcma.mdf.joint.agreeing import LinePlan, Outline, joint_plan_by_ref
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.rules import ActivityKind
from tcma.mdf.words import spoken_month
from tcma.money import Money

LINES = (
    ("backup-recovery", ActivityKind.EMAIL, 640_00, 8),
    ("cloud-migration", ActivityKind.MULTI_TOUCH, 980_00, 12),
    ("managed-workplace", ActivityKind.EVENT, 1_150_00, 15),
)


def plan_together(past: Past) -> None:
    """Write the plan down and let both sides agree to it."""
    with past.by(FENWRIGHT.owner) as work:
        part = allocation_of(work, "")
        last = work.session.get_one(FundBudget, part.budget_id).ends_on
        outline = Outline(f"Until {spoken_month(last)}", "Thirty-five leads, six opportunities.",
                          past.now.date(), last)  # fmt: skip
        plan = agreeing.begin(work, part, outline)
        for slug, kind, cost, leads in LINES:
            campaign_id = the(work, select(Campaign.id).where(Campaign.slug == slug))
            month = date(last.year, last.month, 1)
            line = LinePlan(campaign_id, kind, month, Money(cost, plan.currency), leads)
            agreeing.add_line(work, plan, line)
        agreeing.agree(work, plan)
        ref = plan.ref
    with past.by("mira") as work:
        agreeing.agree(work, joint_plan_by_ref(work.session, work.principal, ref))
