"""What the lived-in world's vendor tells its partners: terms that Alice accepted, an announcement to
partners that have launched, and a draft.
"""

from tcma.guidance import announcements, choices, terms_told
from tcma.guidance.announcements import NewAnnouncement
from tcma.guidance.news_rules import Purpose
from tcma.partners import terms
from tcma.partners.terms import NewTerms


def told(world):
    """Terms in two versions, of which the second asks nobody again; Alice chose mail about events."""
    with world.as_("Mira") as work:
        text = NewTerms(title="Partner terms", words="1. Be kind.\n\n2. Ask.", asks_again=True)
        version, _ = terms_told.publish(work, text)
    with world.as_("Alice") as work:
        terms.accept(work, "corbelane", no=version.no, digest=version.sha256)
        choices.choose(work, [("corbelane", Purpose.EVENTS)])
    with world.as_("Mira") as work:
        text = NewTerms(title="Partner terms", words="1. Be kind.\n\n2. Ask!", asks_again=False)
        terms_told.publish(work, text)
        new = NewAnnouncement(
            purpose=Purpose.EVENTS, title="Autumn day", words="Come to Leeds.\n\nBring somebody.",
            link="", shown_days=14, levels=["started", "active", "proven"],
        )  # fmt: skip
        for name in ("announcement", "draft_announcement"):
            world.parts[name] = announcements.write(work, new)
        announcements.send(work, world.parts["announcement"])
    world.drain()
