"""What Corbelane tells its partners: what each level gives, and an hour of questions before the year ends."""

from dataclasses import replace

from tcma.db.scope import found
from tcma.demo.past import Past
from tcma.guidance import announcements
from tcma.guidance.announcements import NewAnnouncement
from tcma.guidance.news_rules import Purpose
from tcma.guidance.programme import Level
from tcma.guidance.programmes import programme_of, save_programme

GIVES = {
    Level.STARTED: (
        "A person at Corbelane who knows your name",
        "The growth fund, half of what you spend",
    ),
    Level.ACTIVE: (
        "Leads of your territory before anybody else’s",
        "New campaigns two weeks early",
    ),
    Level.PROVEN: ("A joint plan each quarter", "Your pictures drawn by our studio"),
}
HOUR = NewAnnouncement(
    purpose=Purpose.EVENTS,
    title="An hour for your claims before the year ends",
    words="Most claims that we return lack one paper, and nearly always the same one: the invoice is"
    " made out to somebody else.\n\nBring yours. Finn Dahl looks at it with you, and what he can"
    " approve he approves while you watch.",
    link="",
    shown_days=60,
)  # fmt: skip


def tell(past: Past) -> None:
    """Write what levels give and send the announcement; nobody has chosen mail of that kind yet."""
    with past.by("mira") as work:
        kept = programme_of(work.session, found(work.principal.vendor_id))
        save_programme(work, replace(kept.programme, gives=GIVES))
        announcements.send(work, announcements.write(work, HOUR))
