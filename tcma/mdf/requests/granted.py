"""What the answer to a plan says about each of its activities: which are cut or not paid, and why."""

from collections.abc import Sequence

from tcma.mdf.models.funding import FundActivity
from tcma.mdf.reasons import REASON_WORDS, Reason
from tcma.mdf.words import spoken
from tcma.money import Money
from tcma.words import joined, say


def granted_words(activities: Sequence[FundActivity], currency: str) -> str:
    """Return which of several activities are cut or refused, and why."""
    said = []
    for row in activities:
        because = REASON_WORDS[Reason(row.reason)] if row.reason else ""
        because = joined(because, row.note.rstrip("."), by=": ")
        if row.approved_minor is None:
            said.append(
                say("Activity {no} is not paid: {why}.", no=row.no, why=because)
                if because
                else say("Activity {no} is not paid.", no=row.no)
            )
        elif row.approved_minor < row.requested_minor and len(activities) > 1:
            sums = {
                "granted": spoken(Money(row.approved_minor, currency)),
                "asked": spoken(Money(row.requested_minor, currency)),
            }
            said.append(
                say("Activity {no}: {granted} of {asked}: {why}.", no=row.no, why=because, **sums)
                if because
                else say("Activity {no}: {granted} of {asked}.", no=row.no, **sums)
            )
    return joined(*said)
