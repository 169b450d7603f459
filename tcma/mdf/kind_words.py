"""What kinds of activities are called: as the programme names them, in the reader's language where we know it."""

from tcma.mdf.programme.conditions import slug
from tcma.mdf.programme.document import Programme
from tcma.words import Words, read_back, say

KIND_NAMES = {
    "multi_touch_digital": say("Mails, page and images"),
    "email": say("E-mail"),
    "direct_mail": say("Direct mail"),
    "sms": say("SMS"),
    "digital_ads": say("Online adverts"),
    "social_posts": say("Social posts"),
    "landing_page": say("Landing page"),
    "syndicated_content": say("Syndicated content"),
    "print": say("Print"),
    "radio_tv_video": say("Radio, TV, video"),
    "outdoor": say("Outdoor"),
    "telemarketing": say("Telemarketing"),
    "event": say("Event"),
    "trade_show": say("Trade show"),
    "sponsorship": say("Sponsorship"),
    "collateral": say("Collateral, case study"),
    "customer_offer": say("Offer to customers"),
    "internal_spiff": say("Internal SPIFF"),
    "demo_units": say("Demo units"),
    "proof_of_concept": say("Proof of concept"),
    "training": say("Training, exam"),
    "conference_travel": say("Travel to the vendor’s conference"),
    "customer_appreciation": say("Customer appreciation"),
    "funded_head": say("Funded head"),
}
"""The shipped standard's names, in the order a form offers them where a programme lists none."""


def kind_name(rules: Programme, kind: str) -> Words:
    """Return what a programme calls a kind of activity; a kind it does not list by our own name."""
    own = rules.activity(slug(kind))
    if own:
        return read_back(own.name)
    return KIND_NAMES.get(kind) or read_back(kind.replace("_", " ").strip().capitalize())


def kinds_of(rules: Programme) -> tuple[str, ...]:
    """Return the kinds a plan may choose from: the programme's, ours where it lists none."""
    return tuple(rules.activities) or tuple(KIND_NAMES)
