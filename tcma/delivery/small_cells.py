"""What a vendor is not told: numbers about fewer than five people of a partner's own lists.

A count of two people says what each of them did to whoever knows the two. One mail of one launch, all
variants of a test together, is the smallest thing that is told of. One that left for fewer than five is
in no number a vendor reads: not in its own line, and in no sum either, so that no two sums differ by it.
Partners and the house read everything. What a partner hands in itself, as proof of a claim, is its own
to tell. Source: FEATURES H4, «vendor report hides sends to fewer than five recipients».
"""

from collections.abc import Mapping, Sequence

from tcma.delivery.queries import Equation
from tcma.permissions import Permission, Principal
from tcma.words import say

FEWEST = 5
FEW_WORDS = say("fewer than {n}", n=FEWEST)


def hides_from(principal: Principal) -> bool:
    """Say whether a reader is on the vendor's side, to whom small numbers are not told."""
    return principal.vendor_id is not None and principal.partner_id is None


def hides_leads_from(principal: Principal) -> bool:
    """Say whether small numbers of leads are not told: to a vendor's people who may open none of them."""
    opens = principal.may(Permission.LEAD_READ) or principal.may(Permission.CLAIM_DECIDE)
    return hides_from(principal) and not opens


def is_few(people: int) -> bool:
    """Say whether a number of people is too small to be told; none at all is told."""
    return 0 < people < FEWEST


def is_untold(of_mail: Equation) -> bool:
    """Say whether a mail with this sum, over all its variants, is one to fewer than five people."""
    return is_few(of_mail.expected) or is_few(of_mail.sent)


def told_mailings(
    principal: Principal, numbered: Sequence[tuple[int, int]], sums: Mapping[int, Equation]
) -> list[int]:
    """Return the mailings of one launch, given with their mails' numbers, that may be told of."""
    if not hides_from(principal):
        return [mailing for _, mailing in numbered]
    of_mail: dict[int, Equation] = {}
    for no, mailing in numbered:
        of_mail[no] = of_mail.get(no, Equation()) + sums[mailing]
    return [mailing for no, mailing in numbered if not is_untold(of_mail[no])]


def at_most(people: int, principal: Principal) -> int:
    """Return a number of people, for a vendor the largest that is still «fewer than five» instead."""
    return FEWEST - 1 if hides_from(principal) and is_few(people) else people


def hidden_of(column: Sequence[int]) -> tuple[frozenset[int], bool]:
    """Return which cells of a column are not told, and whether their sum may not be told either.

    Besides each small one the next larger is hidden while the hidden ones could be told from a sum:
    when there is one alone, or when together they are fewer than five.
    """
    hidden = {no for no, value in enumerate(column) if is_few(value)}
    larger = sorted((no for no, n in enumerate(column) if n >= FEWEST), key=lambda no: column[no])
    while hidden and larger and (len(hidden) == 1 or sum(column[no] for no in hidden) < FEWEST):
        hidden.add(larger.pop(0))
    bare = len(hidden) == 1 or sum(column[no] for no in hidden) < FEWEST
    return frozenset(hidden), bool(hidden) and bare
