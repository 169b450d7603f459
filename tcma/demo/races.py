"""A lead from a trade fair, which two partners of the north are asked about at once."""

from sqlalchemy import select

from tcma.demo.past import Past
from tcma.leads import offers, routing_versions
from tcma.leads.capturing import Origin, capture
from tcma.leads.intake import Capture
from tcma.library.models import Campaign

RULES = """\
# Who gets a lead. Rules are asked from top to bottom; the first that finds a partner decides.

[sticky]
source = "where it works"   # the partner whose page brought it
account = false

[[rule]]
name = "Trade fair"
if = { answer = { "Where we met" = ["Northern Expo"] } }
need = { territory = true }
first = 3                   # up to three are asked at once: the first to take it has it
hours = 8
most_percent = 60

[[rule]]
name = "Territory"
need = { territory = true }
otherwise = "manual"

[[test]]
name = "Who came to the stand is offered to several"
lead = { country = "GB", postcode = "LS1 2AB", answers = { "Where we met" = "Northern Expo" } }
gets = "first"
"""


def race(past: Past) -> None:
    """Publish rules with a race, and let one lead in that they ask several about."""
    with past.by("mira") as work:
        day = work.now.date()
        routing_versions.publish(
            work, RULES, valid_from=day, note="Trade fair leads go to the quick"
        )
    past.later(minutes=2)
    with past.house() as work:
        campaign = work.session.scalars(
            select(Campaign).where(Campaign.slug == "security-assessment")
        ).one()
        done = capture(
            work,
            Origin(vendor_id=campaign.vendor_id, campaign_id=campaign.id),
            Capture(
                source="demo",
                external_id="northern-expo-1",
                address="ruth.acton@wharfedale.example",
                consent_given=True,
                consent_text="You may call me, also by a partner near me.",
                consent_version="demo",
                page_url="Northern Expo, stand 14",
                first_name="Ruth",
                last_name="Acton",
                company="Wharfedale Millwrights",
                phone="+44 113 496 0218",
                country="GB",
                postcode="LS2 7EW",
                answers={"Where we met": "Northern Expo"},
            ),
        )
    past.later(minutes=1)
    with past.house() as work:
        offers.route(work, done.lead_id)
