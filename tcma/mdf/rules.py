"""Fund states, who may decide, what is reimbursable, and by when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tcma.errors import Invalid
from tcma.mdf.deadlines import add_working_days, in_time, working_days
from tcma.mdf.reasons import Reason
from tcma.mdf.words import spoken, spoken_count, spoken_day, spoken_share
from tcma.money import LARGEST_MINOR, Money

MOST_CLAIMS = 2
"""Claims of one request that were not refused."""
FIX_DAYS = 14
"""Calendar days a partner has for a claim that came back, even past the deadline."""
SHARE = "SHARE"
"""Code of the cut that is the partner's own part."""
LARGEST_PROOF = 10 * 1024 * 1024
"""Bytes of one uploaded file."""


class RequestState(StrEnum):
    """A partner asks for money before it spends."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INFO_REQUESTED = "info_requested"
    APPROVED = "pre_approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class ClaimState(StrEnum):
    """A partner asks for money it has spent."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INFO_REQUESTED = "info_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAYMENT_PENDING = "payment_pending"
    PAID = "paid"


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
    INVOICE = "invoice"
    OTHER = "other"


class TransferKind(StrEnum):
    """Every way money moves between the accounts of one budget."""

    FUND = "fund"
    ALLOCATE = "allocate"
    RESERVE = "reserve"
    RELEASE = "release"
    CLAIM = "claim"
    PAY = "pay"
    REVERSE = "reverse"


class AccountKind(StrEnum):
    """`source` and `unallocated` per budget; `fund` and `paid` per allocation; `reserved` per
    request; `accrued` per claim: their balance ≥ 0 is «claims ≤ request», «paid ≤ claim».
    """

    SOURCE = "source"
    UNALLOCATED = "unallocated"
    FUND = "fund"
    PAID = "paid"
    RESERVED = "reserved"
    ACCRUED = "accrued"


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
PROOFS: dict[ActivityKind, tuple[ProofKind, ...]] = {
    ActivityKind.EMAIL: (K.MAIL, K.SEND_LOG, K.LOCKS),
    ActivityKind.MULTI_TOUCH: (K.MAIL, K.SEND_LOG, K.LOCKS, K.PAGE, K.IMAGES, K.LEADS),
    ActivityKind.LANDING_PAGE: (K.PAGE, K.LEADS, K.LOCKS),
    ActivityKind.ADS: (K.IMAGES, K.PAGE, K.LEADS, K.OTHER),
    ActivityKind.EVENT: (K.LEADS, K.OTHER),
    ActivityKind.TELEMARKETING: (K.LEADS, K.OTHER),
    ActivityKind.PRINT: (K.OTHER,),
}
"""What must be shown besides the invoice."""

PROOF_WORDS: dict[ProofKind, str] = {
    K.MAIL: "Mail as sent",
    K.SEND_LOG: "Send log",
    K.LOCKS: "Lock report",
    K.PAGE: "Landing page",
    K.IMAGES: "Images",
    K.LEADS: "Leads",
    K.INVOICE: "Invoice",
    K.OTHER: "Photo, programme or screenshot",
}
COLLECTED = (K.MAIL, K.SEND_LOG, K.LOCKS, K.PAGE, K.IMAGES, K.LEADS)
GROWING = (K.SEND_LOG, K.LEADS)
"""Written again when the launch is over; the others do not change once it runs."""


R = RequestState
REQUEST_MOVES: dict[RequestState, frozenset[RequestState]] = {
    R.DRAFT: frozenset({R.SUBMITTED, R.WITHDRAWN}),
    R.SUBMITTED: frozenset({R.APPROVED, R.INFO_REQUESTED, R.REJECTED, R.WITHDRAWN}),
    R.INFO_REQUESTED: frozenset({R.SUBMITTED, R.WITHDRAWN}),
    R.APPROVED: frozenset({R.CLOSED}),
    R.REJECTED: frozenset(),
    R.WITHDRAWN: frozenset(),
    R.CLOSED: frozenset(),
}
C = ClaimState
CLAIM_MOVES: dict[ClaimState, frozenset[ClaimState]] = {
    C.DRAFT: frozenset({C.SUBMITTED}),
    C.SUBMITTED: frozenset({C.APPROVED, C.INFO_REQUESTED, C.REJECTED}),
    C.INFO_REQUESTED: frozenset({C.SUBMITTED, C.REJECTED}),
    C.APPROVED: frozenset({C.PAYMENT_PENDING, C.REJECTED}),
    C.PAYMENT_PENDING: frozenset({C.PAID, C.APPROVED}),
    C.PAID: frozenset({C.APPROVED}),
    C.REJECTED: frozenset(),
}
OPEN_CLAIM = (C.DRAFT, C.SUBMITTED, C.INFO_REQUESTED)
FILED_CLAIM = (C.SUBMITTED, C.INFO_REQUESTED)
COUNTED_CLAIM = tuple(state for state in ClaimState if state is not C.REJECTED)


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
        words = f"This fund is in {currency}, the amount in {amount.currency}."
    elif amount.minor <= 0:
        words = "Write an amount above zero."
    elif amount.minor > LARGEST_MINOR:
        words = "This amount is too large for a fund."
    if words:
        raise Invalid(words, code="mdf.amount", fields={field: words})
    return amount


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a request is judged by. `requested` is the vendor's share; days are the vendor's."""

    vendor: str
    today: date
    starts_on: date
    ends_on: date
    requested: Money
    available: Money
    cap: Money | None
    fund_starts_on: date
    fund_ends_on: date
    notice_days: int


def request_allowed(facts: RequestFacts) -> tuple[Check, ...]:
    """Judge a request: dates, notice in working days, the fund's period, cap and what is there."""
    earliest = add_working_days(facts.today, facts.notice_days)
    notice = working_days(facts.today, facts.starts_on)
    in_fund = facts.fund_starts_on <= facts.starts_on and facts.ends_on <= facts.fund_ends_on
    cap, starts = facts.cap, f"This starts in {spoken_count(notice, 'working day')}"
    return (
        Check(
            "dates",
            facts.starts_on <= facts.ends_on,
            f"The activity runs from {spoken_day(facts.starts_on)} to {spoken_day(facts.ends_on)}.",
            "The last day comes after the first.",
        ),
        Check(
            "notice",
            facts.starts_on >= earliest,
            f"{starts}; {facts.vendor} needs {facts.notice_days}."
            if facts.notice_days
            else f"{starts}; {facts.vendor} needs no notice.",
            f"Start on {spoken_day(earliest)} instead, or ask for an exception.",
        ),
        Check(
            "period",
            in_fund,
            f"The fund pays for activities from {spoken_day(facts.fund_starts_on)}"
            f" to {spoken_day(facts.fund_ends_on)}.",
            "Choose days within the fund, or another fund.",
        ),
        Check(
            "cap",
            cap is None or facts.requested <= cap,
            f"One plan may ask for {spoken(cap)}." if cap else "No limit is set for one plan.",
            "" if cap is None else f"Ask for {spoken(cap)} or less.",
        ),
        Check(
            "available",
            facts.requested <= facts.available,
            f"{spoken(facts.available)} is available; the plan asks for {spoken(facts.requested)}.",
            f"Ask for {spoken(facts.available)} or less.",
        ),
    )


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """An invoice as it counts: net of tax. `twin` names the claim that holds it already."""

    number: str
    net: Money
    twin: str = ""


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


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What a claim is worth by: `remaining` is what is left of the approved plan."""

    invoices: Sequence[InvoiceFacts]
    share_bps: int
    remaining: Money
    deadline: date
    now: datetime
    zone: str


def reimbursable(facts: ClaimFacts) -> Reimbursable:
    """Return the amount the vendor owes, half up on the minor unit, and the cuts on the way.

    The deadline day counts to its last second in the vendor's zone.
    net = amount + sum of the cuts, always.
    """
    cuts: list[Cut] = []
    counted = net = Money.zero(facts.remaining.currency)
    for invoice in facts.invoices:
        net += invoice.net
        if invoice.twin:
            words = (
                f"Invoice {invoice.number} is already in {invoice.twin}."
                " One invoice can be paid once."
            )
            cuts.append(Cut(Reason.DUPLICATE, invoice.net, words))
        else:
            counted += invoice.net
    amount = counted.share(facts.share_bps)
    if own := counted - amount:
        words = f"Your part: {spoken_share(10_000 - facts.share_bps)} of {spoken(counted)}."
        cuts.append(Cut(SHARE, own, words))
    if amount > facts.remaining:
        over = amount - facts.remaining
        words = f"{spoken(over)} is above what is left of the plan."
        cuts.append(Cut(Reason.OVER_BUDGET, over, words))
        amount = facts.remaining
    if amount and not in_time(facts.now, facts.deadline, facts.zone):
        words = f"The last day to claim was {spoken_day(facts.deadline)}."
        cuts.append(Cut(Reason.LATE_CLAIM, amount, words))
        amount = Money.zero(amount.currency)
    return Reimbursable(net, amount, tuple(cuts))
