"""How an approved claim is settled: by the bank, or by what a partner is given instead of money.

The books move alike; what differs is what leaves. Only money needs a bank account.
"""

from enum import StrEnum

from tcma.mdf.programme.document import Programme
from tcma.mdf.programme.settled import ACCESS, CASH, CREDIT, DISCOUNT
from tcma.words import say


class Way(StrEnum):
    """What a partner gets for an approved claim."""

    CASH = CASH
    CREDIT = CREDIT
    DISCOUNT = DISCOUNT
    ACCESS = ACCESS


WAY_WORDS = {
    Way.CASH: say("Money onto your bank account"),
    Way.CREDIT: say("A credit on your account with the vendor"),
    Way.DISCOUNT: say("A discount on your next order"),
    Way.ACCESS: say("A service: the vendor pays who does the work"),
}
"""What a partner reads where it chooses."""
SETTLED_WORDS = {
    Way.CASH: say("paid to your bank"),
    Way.CREDIT: say("credited on your account"),
    Way.DISCOUNT: say("given as a discount"),
    Way.ACCESS: say("paid to who did the work"),
}
DESK_WORDS = {
    Way.CASH: "Bank",
    Way.CREDIT: "Credit memo",
    Way.DISCOUNT: "Discount code",
    Way.ACCESS: "Service",
}
PREFIXES = {Way.CREDIT: "CRN", Way.DISCOUNT: "DSC", Way.ACCESS: "SRV"}
"""How the number begins that stands for what was given."""


def offered_by(rules: Programme) -> tuple[Way, ...]:
    """Return every way in which a programme settles some kind of activity, the fund's usual one first."""
    own = (way for each in rules.activities.values() for way in each.settled_by)
    return tuple(dict.fromkeys(Way(each) for each in (*rules.fund.settled_by, *own)))


def offered(rules: Programme, kind: str) -> tuple[Way, ...]:
    """Return how this kind of activity may be settled, the usual way first."""
    own = rules.activity(kind)
    return tuple(Way(each) for each in (own.settled_by if own else ()) or rules.fund.settled_by)
