"""What pages read of funds, requests, claims and payments: frozen, with everything a page needs."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from tcma.mdf.asked_line import Questions
from tcma.mdf.deadlines import Clock
from tcma.mdf.dispute_line import DisputeLine
from tcma.mdf.paper_line import InvoiceLine, OwnShareLine
from tcma.mdf.plan_line import ActivityLine, AmendmentLine, ExtensionLine, Where
from tcma.mdf.precheck_line import ReadingLine
from tcma.mdf.rules import (
    Check,
    ClaimState,
    Cut,
    ProofKind,
    ProofState,
    RequestState,
)
from tcma.mdf.ways import Way
from tcma.mdf.why import Why
from tcma.mdf.words import as_points, worth_words
from tcma.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Narrows requests and claims by what they are for; slugs and references, empty for all."""

    fund: str = ""
    campaign: str = ""
    partner: str = ""
    launch: str = ""


@dataclass(frozen=True, slots=True)
class WalletFund:
    """A partner's part of one fund. allocated = available + reserved + in_claim + paid + expired.

    `reserved` is approved and not yet claimed, `in_claim` filed or approved and not yet paid;
    `earliest_start` is the first day the programme's notice allows, `notice` and `window` its
    last days to plan and to claim in words, `usable_until` the last day to plan with the money.
    `pot` is what a shared pot has left, `point` what one point is worth, `ways` how its claims are settled.
    """

    ref: str
    name: str
    vendor_name: str
    partner_name: str
    partner_slug: str
    allocation_id: UUID
    allocated: Money
    available: Money
    reserved: Money
    in_claim: Money
    paid: Money
    expired: Money
    starts_on: date
    ends_on: date
    usable_until: date
    days_left: int
    share_bps: int
    notice: str
    window: str
    cap: Money | None
    earliest_start: date
    kind: str
    pooled: bool
    pot: Money | None
    point: Decimal | None
    ways: tuple[Way, ...] = ()

    @property
    def usable(self) -> Money | None:
        """What a plan may take now; None of a shared pot that the vendor does not show."""
        return self.pot if self.pooled else self.available

    def points(self, amount: Money) -> int | None:
        """Return how many whole points a sum is, None of a fund in money."""
        return as_points(amount, self.point)

    @property
    def point_words(self) -> str:
        """What one point is worth, «GBP 0.10»; empty of a fund in money."""
        return worth_words(self.available.currency, self.point)


@dataclass(frozen=True, slots=True)
class FundSummary:
    """A whole fund for the desk.

    total = unallocated + available + reserved + accrued + paid + expired + owed + exchange;
    `exchange` is below zero by what payments in other currencies cost more than was owed, `owed` is
    asked back and not free before it is there. `kind` is the programme's.
    """

    ref: str
    name: str
    vendor_name: str
    total: Money
    unallocated: Money
    available: Money
    reserved: Money
    accrued: Money
    paid: Money
    expired: Money
    exchange: Money
    owed: Money
    starts_on: date
    ends_on: date
    days_left: int
    share_bps: int
    notice: str
    window: str
    cap: Money | None
    partners: int
    programme_ref: str
    kind: str
    pooled: bool
    pot_shown: bool
    point: Decimal | None
    closed_at: datetime | None

    def points(self, amount: Money) -> int | None:
        """Return how many whole points a sum is, None of a fund in money."""
        return as_points(amount, self.point)

    @property
    def point_words(self) -> str:
        """What one point is worth, «GBP 0.10»; empty of a fund in money."""
        return worth_words(self.available.currency, self.point)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A line in a list of requests; `clock` while the vendor has the turn.

    `shown` is its state, «expired» when its last day closed it with nothing claimed; `order_number`
    is that of the vendor's purchase order, where the desk gave one.
    """

    ref: str
    title: str
    state: RequestState
    shown: RequestState
    vendor_name: str
    partner_name: str
    fund_ref: str
    fund_name: str
    campaign: str
    campaign_slug: str
    requested: Money
    approved: Money | None
    starts_on: date
    ends_on: date
    submitted_at: datetime | None
    answer_by: date | None
    claim_by: date | None
    clock: Clock | None
    order_number: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A line in a list of claims; `clock` while the vendor has the turn, `way` how it is settled."""

    ref: str
    request_ref: str
    title: str
    state: ClaimState
    vendor_name: str
    partner_name: str
    amount: Money
    approved: Money | None
    filed_at: datetime | None
    answer_by: date | None
    claim_by: date | None
    clock: Clock | None
    way: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What waits for the desk; `kind` is `request`, `claim` or `fund`.

    `step` says when it is not the first look: an appeal, or a further level. `judged` is what the
    rules speak of: they said so when it was sent, `queue.looked_at` asks them again.
    """

    kind: str
    ref: str
    title: str
    partner_name: str
    amount: Money
    answer_by: date | None
    clock: Clock
    checks_ok: int
    checks_all: int
    concern: str
    step: str
    judged: tuple[str, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of an object's history."""

    at: datetime
    actor: str
    verb: str
    words: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the case file. `document_id` once there is a file; `by` is who brings it.

    `no` is the number of its activity, 0 of what belongs to the claim; `launch` is the reference
    of the launch that wrote it. `preview_id` is its small copy; without one `no_preview` says why.
    `readings` are what pre-checks say of it; they decide nothing.
    """

    kind: ProofKind
    title: str
    state: ProofState
    by: str
    document_id: UUID | None = None
    file_name: str = ""
    sha256: str = ""
    at: datetime | None = None
    facts: str = ""
    doubt: str = ""
    no: int = 0
    launch: str = ""
    preview_id: UUID | None = None
    no_preview: str = ""
    readings: tuple[ReadingLine, ...] = ()

    @property
    def name(self) -> str:
        """How forms name it, whatever language its title is read in."""
        return str(self.title)


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """A request with its plan, what was checked, and what remains of it.

    `blocked` says why this principal cannot decide, empty when it can. While it waits `checks` are
    of now, `since_sent` what changed of them, `suggested` what the rules would grant, `mark` a decision
    names.
    """

    row: RequestRow
    id: UUID
    planned: Money
    own_part: Money
    activities: tuple[ActivityLine, ...]
    checks: tuple[Check, ...]
    case_file: tuple[Item, ...]
    note: str
    remaining: Money
    claims: tuple[ClaimRow, ...]
    timeline: tuple[Event, ...]
    asked_by: str
    decided_by: str
    blocked: str
    standing: Where
    changes: tuple[AmendmentLine, ...]
    why: Why | None
    extensions: tuple[ExtensionLine, ...]
    extendable: bool
    since_sent: tuple[str, ...]
    suggested: Money
    mark: str


@dataclass(frozen=True, slots=True)
class ClaimDetail:
    """A claim with its case file, invoices, every cut, every check and its history.

    `missing` are the titles without which it cannot be filed; `fix_by` after a return. `own_shares`
    are what the partner of a `matched` fund paid itself, `asks` what the rules want to know besides.
    `pay_by` is the day by which an approved claim is to be paid; while it waits, `level` of `levels`
    is the next to pass and `yeses` name those before it.
    """

    row: ClaimRow
    id: UUID
    request: RequestRow
    activity: ActivityLine
    share_bps: int
    net: Money
    owed: Money
    cuts: tuple[Cut, ...]
    remaining: Money
    invoices: tuple[InvoiceLine, ...]
    case_file: tuple[Item, ...]
    checks: tuple[Check, ...]
    missing: tuple[str, ...]
    note: str
    fix_by: date | None
    appeal_until: datetime | None
    appeal: str
    left_out: Money
    dispute_until: datetime | None
    dispute: DisputeLine | None
    timeline: tuple[Event, ...]
    filed_by: str
    decided_by: str
    blocked: str
    why: Why | None
    matched: bool
    own_shares: tuple[OwnShareLine, ...]
    asks: Questions
    level: int
    levels: int
    yeses: tuple[str, ...]
    pay_by: date | None = None


@dataclass(frozen=True, slots=True)
class Payable:
    """An approved claim that waits for a batch; `blocked` when this payer approved it."""

    claim_ref: str
    title: str
    partner_name: str
    amount: Money
    approved_at: datetime
    approved_by: str
    blocked: str
    way: str = "cash"


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A payment batch in a list."""

    ref: str
    state: str
    total: Money
    payments: int
    made_by: str
    made_at: datetime
    exported_at: datetime | None
    settled_at: datetime | None
    bank_reference: str
    document_id: UUID | None
    way: str = "cash"
    note: str = ""


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment of a batch; `kept` of its claim stays for what the partner owes back.

    `memo` numbers what was given where it is no money, `document_id` is its paper.
    """

    id: UUID
    claim_ref: str
    title: str
    partner_name: str
    partner_slug: str
    amount: Money
    state: str
    failure: str
    kept: Money
    memo: str = ""
    document_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """A batch with its payments and history."""

    row: BatchRow
    payments: tuple[PaymentLine, ...]
    timeline: tuple[Event, ...]
