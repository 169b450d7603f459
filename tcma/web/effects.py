"""What a decision about money moves between accounts, and what the rules suggest to decide."""

from tcma.mdf.programme.verdict import SHARE
from tcma.mdf.records import ClaimDetail
from tcma.money import Money

Effect = list[tuple[str, Money]]


def of_plan(amount: Money) -> Effect:
    """Return what approving `amount` of a plan moves."""
    return [("Available to them", -amount), ("Reserved for this plan", amount)]


def of_claim(detail: ClaimDetail, amount: Money, *, close: bool) -> Effect:
    """Return what approving `amount` of a claim moves, the plan closed with it or kept."""
    rest = detail.remaining - amount
    lines = [
        ("Reserved", -detail.remaining if close else -amount),
        (f"To pay to {detail.row.partner_name}", amount),
    ]
    if close and rest:
        lines.append(("Back in their wallet", rest))
    return lines


def suggestion(detail: ClaimDetail) -> Money:
    """Return what the rules allow of what was claimed."""
    return min(detail.owed, detail.row.amount)


def words_for(detail: ClaimDetail) -> str:
    """Return a first draft of what the partner reads: each cut that is not its own part."""
    return " ".join(cut.words for cut in detail.cuts if cut.code != SHARE)
