"""States of money and what may follow on what; the rules of a fund are its programme's, not these."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tcma.errors import Invalid
from tcma.money import LARGEST_MINOR, Money
from tcma.words import say

LARGEST_PROOF = 10 * 1024 * 1024
"""Bytes of one uploaded file."""


class RequestState(StrEnum):
    """A partner asks for money before it spends."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INFO_REQUESTED = "info_requested"
    HELD = "held_no_funds"
    APPROVED = "pre_approved"
    REJECTED = "rejected"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


class ActivityState(StrEnum):
    """One activity of a plan: answered by itself, claimed by itself."""

    PLANNED = "planned"
    APPROVED = "approved"
    REFUSED = "refused"
    CLOSED = "closed"


class ClaimState(StrEnum):
    """A partner asks for money it has spent."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INFO_REQUESTED = "info_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    APPEALED = "appealed"
    PAYMENT_PENDING = "payment_pending"
    PAID = "paid"
    REVERSED = "reversed"
    WITHDRAWN = "withdrawn"


class BatchState(StrEnum):
    """A payment batch on its way to the bank."""

    DRAFT = "draft"
    EXPORTED = "exported"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class PaymentState(StrEnum):
    """One payment of a batch."""

    SCHEDULED = "scheduled"
    SENT = "sent"
    SETTLED = "settled"
    FAILED = "failed"


class ProofKind(StrEnum):
    """What a launch writes by itself, and what only the partner can bring."""

    MAIL = "mail"
    SEND_LOG = "send_log"
    PAGE = "page"
    IMAGES = "images"
    LEADS = "leads"
    LOCKS = "locks"
    NURTURE = "nurture"
    SOCIAL = "social_post"
    INVOICE = "invoice"
    OTHER = "other"
    OWN_SHARE = "own_share"


class TransferKind(StrEnum):
    """Every way money moves between the accounts of one budget."""

    FUND = "fund"
    ALLOCATE = "allocate"
    RESERVE = "reserve"
    RELEASE = "release"
    CLAIM = "claim"
    PAY = "pay"
    REVERSE = "reverse"
    ACCRUE = "accrue"
    EXPIRE = "expire"
    EXTEND = "extend"
    CARRY_OVER = "carry_over"
    CLAW_BACK = "claw_back"
    EXCHANGE = "exchange"
    DRAW = "draw"
    PUT_BACK = "put_back"
    REVALUE = "revalue"
    TAKE_BACK = "take_back"
    REDUCE = "reduce"
    REPAY = "repay"
    ADVANCE = "advance"


class AccountKind(StrEnum):
    """`source`, `unallocated`, `exchange` and `owed` per budget; `fund`, `paid` and `forfeited` per
    allocation; `reserved` per request; `accrued` per claim: their balance ≥ 0 is «claims ≤
    request», «paid ≤ claim». Only `source` and `exchange` may be below zero. `owed` is what was
    asked back and is not free before it is there.
    """

    SOURCE = "source"
    UNALLOCATED = "unallocated"
    FUND = "fund"
    PAID = "paid"
    RESERVED = "reserved"
    ACCRUED = "accrued"
    FORFEITED = "forfeited"
    EXCHANGE = "exchange"
    OWED = "owed"


class ActivityKind(StrEnum):
    """What is paid for; it decides which proof is asked (DOMAIN 1.8)."""

    EMAIL = "email"
    MULTI_TOUCH = "multi_touch_digital"
    LANDING_PAGE = "landing_page"
    ADS = "digital_ads"
    EVENT = "event"
    TELEMARKETING = "telemarketing"
    PRINT = "print"


class ProofState(StrEnum):
    """Where one line of the case file stands."""

    TO_COME = "to_come"
    COLLECTED = "collected"
    UPLOADED = "uploaded"
    MISSING = "missing"


K = ProofKind
PROOF_WORDS: dict[ProofKind, str] = {
    K.MAIL: say("Mail as sent"),
    K.SEND_LOG: say("Send log"),
    K.LOCKS: say("Lock report"),
    K.PAGE: say("Landing page"),
    K.IMAGES: say("Images"),
    K.LEADS: say("Leads"),
    K.NURTURE: say("Follow-up mails"),
    K.SOCIAL: say("Social post"),
    K.INVOICE: say("Invoice"),
    K.OTHER: say("Photo, programme or screenshot"),
    K.OWN_SHARE: say("Proof that you paid your part"),
}
PROOF_TITLES = (
    say("Landing page at the start"), say("Landing page at the end"),
    say("Landing page at the start, as a picture"), say("Landing page at the end, as a picture"),
)  # fmt: skip
"""Other titles a launch gives to what it files."""
COLLECTED = (K.MAIL, K.SEND_LOG, K.LOCKS, K.PAGE, K.IMAGES, K.LEADS, K.NURTURE)
GROWING = (K.SEND_LOG, K.LEADS, K.NURTURE)
"""Written again when the launch is over, in place of what was written at its start."""
TWICE = (K.PAGE,)
"""Written at the start and once more at the end; both stay."""
UNASKED = (K.NURTURE,)
"""Written whether the programme asks for it or not, as soon as there is any."""
BROUGHT = "upload:"
"""How the source of a proof begins that a person brought."""


R = RequestState
REQUEST_MOVES: dict[RequestState, frozenset[RequestState]] = {
    R.DRAFT: frozenset({R.SUBMITTED, R.WITHDRAWN}),
    R.SUBMITTED: frozenset({R.APPROVED, R.HELD, R.INFO_REQUESTED, R.REJECTED, R.WITHDRAWN}),
    R.HELD: frozenset({R.APPROVED, R.REJECTED, R.WITHDRAWN, R.EXPIRED}),
    R.INFO_REQUESTED: frozenset({R.SUBMITTED, R.WITHDRAWN, R.EXPIRED}),
    R.APPROVED: frozenset({R.CLOSED}),
    R.REJECTED: frozenset({R.APPEALED}),
    R.APPEALED: frozenset({R.APPROVED, R.HELD, R.REJECTED, R.WITHDRAWN}),
    R.EXPIRED: frozenset(),
    R.WITHDRAWN: frozenset(),
    R.CLOSED: frozenset(),
}
C = ClaimState
CLAIM_MOVES: dict[ClaimState, frozenset[ClaimState]] = {
    C.DRAFT: frozenset({C.SUBMITTED, C.WITHDRAWN}),
    C.SUBMITTED: frozenset({C.APPROVED, C.INFO_REQUESTED, C.REJECTED, C.WITHDRAWN}),
    C.INFO_REQUESTED: frozenset({C.SUBMITTED, C.REJECTED, C.WITHDRAWN}),
    C.APPROVED: frozenset({C.PAYMENT_PENDING, C.REJECTED}),
    C.PAYMENT_PENDING: frozenset({C.PAID, C.APPROVED}),
    C.PAID: frozenset({C.APPROVED, C.REVERSED}),
    C.REVERSED: frozenset(),
    C.REJECTED: frozenset({C.APPEALED}),
    C.APPEALED: frozenset({C.APPROVED, C.REJECTED}),
    C.WITHDRAWN: frozenset({C.DRAFT}),
}
BATCH_MOVES: dict[BatchState, frozenset[BatchState]] = {
    BatchState.DRAFT: frozenset({BatchState.EXPORTED, BatchState.CANCELLED}),
    BatchState.EXPORTED: frozenset({BatchState.SETTLED, BatchState.CANCELLED}),
    BatchState.SETTLED: frozenset(),
    BatchState.CANCELLED: frozenset(),
}
REQUEST_WAITS = (R.SUBMITTED, R.APPEALED)
CLAIM_WAITS = (C.SUBMITTED, C.APPEALED)
"""The vendor has the turn."""
OPEN_CLAIM = (C.DRAFT, C.SUBMITTED, C.INFO_REQUESTED)
UNFILED_CLAIM = (C.DRAFT, C.WITHDRAWN)
FILED_CLAIM = (C.SUBMITTED, C.INFO_REQUESTED)
TAKING_CLAIM = (*FILED_CLAIM, C.APPROVED, C.PAYMENT_PENDING, C.PAID, C.REVERSED)
"""Claims that take of an activity's money; a draft, a refused one and one taken back do not."""
COUNTED_CLAIM = tuple(
    each for each in ClaimState if each not in {C.REJECTED, C.APPEALED, C.REVERSED, C.WITHDRAWN}
)


@dataclass(frozen=True, slots=True)
class Check:
    """One rule that was looked at: the sentence says what was found, `remedy` what to do."""

    code: str
    ok: bool
    words: str
    remedy: str = ""


def failed(checks: Iterable[Check]) -> list[Check]:
    """Return the checks that stand in the way."""
    return [check for check in checks if not check.ok]


def positive(amount: Money, currency: str, field: str) -> Money:
    """Return a sum that can be booked: above zero, in `currency`; else Invalid at `field`."""
    words = ""
    if amount.currency != currency:
        words = say(
            "This fund is in {currency}, the amount in {other}.",
            currency=currency,
            other=amount.currency,
        )
    elif amount.minor <= 0:
        words = say("Write an amount above zero.")
    elif amount.minor > LARGEST_MINOR:
        words = say("This amount is too large for a fund.")
    if words:
        raise Invalid(words, code="mdf.amount", fields={field: words})
    return amount


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of the invoices that is not paid back, and why."""

    code: str
    amount: Money
    words: str


@dataclass(frozen=True, slots=True)
class Reimbursable:
    """What may be claimed, and each cut on the way from the invoices' net to it."""

    net: Money
    amount: Money
    cuts: tuple[Cut, ...]
