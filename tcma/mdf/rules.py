"""Fund states, who may decide, what is reimbursable, and by when."""

from enum import StrEnum


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
