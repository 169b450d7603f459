"""What the shipped programmes call proofs, costs and people, known to translators as pages write it."""

from typing import Final

from tcma.mdf.programme.conditions import slug
from tcma.mdf.rules import PROOF_WORDS
from tcma.words import Inside, Words, inside, say

PROOFS: Final = (
    say("Address of the page"),
    say("Address of the post"),
    say("Ad archive record"),
    say("Advertising evidence"),
    say("Attendance sheet"),
    say("Attendee list"),
    say("Booth photo"),
    say("Case study"),
    say("Click report"),
    say("Contest rules with the brand’s name"),
    say("Contract"),
    say("Copy of the final piece"),
    say("Copy of the piece"),
    say("Copy of the spot"),
    say("Copy with the logo"),
    say("Course or exam code and completion date"),
    say("Deliverable"),
    say("Electronic copy"),
    say("Event photo"),
    say("Explanation why none"),
    say("Invitation or programme"),
    say("Invitation, programme or photo"),
    say("Invoice with course code"),
    say("Invoice with run dates"),
    say("Itinerary with dates"),
    say("Lead list"),
    say("Lead scans"),
    say("Link to the spot"),
    say("Newsletter and advertising evidence"),
    say("Offer with its terms"),
    say("Opportunities recorded"),
    say("Original hotel bill"),
    say("Overall summary"),
    say("Photo"),
    say("Photo of benefit"),
    say("Photo of the advert with the partner’s logo"),
    say("Photo of the message"),
    say("Postage cost"),
    say("Postmarked envelope or postage cost"),
    say("Proof of delivery"),
    say("Registration"),
    say("Related contract"),
    say("Research"),
    say("Results"),
    say("Run dates and times"),
    say("Salary share"),
    say("Scanned copy of invoices"),
    say("Scanned sealed sponsorship contract"),
    say("Screenshot"),
    say("Screenshot of the advert where it ran"),
    say("Screenshot of the message"),
    say("Screenshot with the vendor’s brand"),
    say("Script with the brand’s name"),
    say("Sealed receipts"),
    say("Seminar agenda"),
    say("Signed contract"),
    say("Specification"),
    say("Talk photo"),
    say("Tear sheet"),
    say("Timestamped screenshot"),
    say("Vendor presentation"),
    say("White paper"),
)
OTHERS: Final = (
    say("Alcohol"),
    say("Competitor products"),
    say("Benefits"),
    say("Director"),
    say("Channel director"),
    say("Active"),
)
ABOUT: Final = (
    say("Half of the cost, ten working days of notice, 45 days to claim; proof by type of activity."),
    say("Ten working days of notice, approval before the activity, 90 days to claim; proof by table."),
    say("1 to 5 % of purchases build up, 50 to 100 % of a cost is paid as agreed, the unclaimed expires."),
    say("Order number on the invoice, total as approved, no tax from abroad, paid within ten weeks."),
    say("2 % of sales, spent in the next half-year, claimed within 45 days of its end; limits by activity."),
    say("Complete invoices, total as claimed unless only a part is funded, every file names the claim."),
)  # fmt: skip
_KINDS = {kind.value: words for kind, words in PROOF_WORDS.items()}
_KNOWN = {each.casefold(): each for each in (*PROOFS, *OTHERS, *_KINDS.values())}


def titled(name: str) -> Words:
    """Return a name by itself: in English as its author wrote it, else as pages know it."""
    kind = _KINDS.get(slug(name))
    return Words.made(name, str(kind or _KNOWN.get(name.casefold(), name)), {})


def named(name: str) -> str:
    """Return a name inside a sentence, likewise; what no catalog knows stays as its author wrote it."""
    known = _KNOWN.get(name.casefold())
    return Inside.made(name, "", {"text": known}) if known else name


def proof_named(name: str) -> str:
    """Return a proof inside a sentence; the short names of what launches write by those of the pages."""
    kind = _KINDS.get(slug(name))
    return inside(kind) if kind else named(name)
