"""What the outside must offer, and the plain records exchanged with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from tcma.jobs import Job


class FileStore(Protocol):
    """Bytes by key; keys are `[a-z0-9/._-]+`, never from a stranger's file name."""

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """Store, replacing what stood there."""

    def get(self, key: str) -> bytes:
        """Return the bytes; NotFound when there are none, Unavailable when the store is."""

    def exists(self, key: str) -> bool:
        """Say whether the key holds anything."""

    def delete(self, key: str) -> None:
        """Remove; quiet when nothing stands there."""


class PagePictures(Protocol):
    """Draws a page as people see it."""

    def take(self, html: bytes, address: str) -> bytes:
        """Return a PNG of the whole page at `address`; Unavailable, in words, where none can be drawn."""


class JobQueue(Protocol):
    """Takes wake-ups; may lose, double or reorder them without harm."""

    def send(self, job: Job, ids: dict[str, str]) -> None:
        """Hand one wake-up to the broker."""


class Result(StrEnum):
    """What became of one message on the wire."""

    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    UNSENT = "unsent"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One complete message: envelope and bytes, in pieces that many messages share.

    `is_wired` is for makers that guarantee whole CRLF lines without a leading dot
    (`rendering.mime`); anybody else's bytes are made safe before they leave.
    """

    id: int
    mail_from: str
    rcpt_to: str
    parts: Sequence[bytes]
    is_wired: bool = False

    @property
    def body(self) -> bytes:
        """The whole message, for who wants it in one piece."""
        return b"".join(self.parts)


@dataclass(frozen=True, slots=True)
class SendResult:
    """The relay's answer for one message: SENT, REFUSED for good, LATER (4xx for this recipient),
    UNSENT (the relay backs off, the recipient keeps its attempt), UNCERTAIN (no answer after the
    final dot). `code` is the SMTP code or 0, `text` the last line said, `at_recipient` whether
    it answered RCPT.
    """

    id: int
    result: Result
    code: int = 0
    text: str = ""
    at_recipient: bool = False


class Halt(Exception):  # noqa: N818 - not an error: the caller wants the line to stop
    """Raised by a journal's `begun`: this message must not leave, nor any after it."""


class Journal(Protocol):
    """The local line book: what was begun and what was answered, before any commit."""

    def begun(self, ids: Sequence[int]) -> None:
        """Write that the final dot of these messages is about to leave."""

    def answered(self, ids: Sequence[int]) -> None:
        """Write that the relay took these messages."""


class EmailSender(Protocol):
    """Open lines to a relay; each has at most one message in doubt."""

    def send(self, batch: Iterable[Outgoing], journal: Journal) -> Iterable[SendResult]:
        """Deliver a batch; answers each message it takes from it exactly once, in any order.

        What it cannot deliver any more it leaves: those messages are UNSENT.
        """

    def close(self) -> None:
        """Say goodbye and drop the lines."""


class EmailSenders(Protocol):
    """Opens lines to a relay."""

    def open(self, lines: int = 1) -> EmailSender:
        """Open up to `lines` connections; Unavailable when the relay does not answer."""


class HitKind(StrEnum):
    """What somebody did with a mailed link; the letters stand in files."""

    OPEN = "O"
    CLICK = "C"
    STOP = "U"
    UNSEEN = "N"


@dataclass(frozen=True, slots=True)
class Hit:
    """One request of a mailed link with a good token: `slot` is the link's or 0, `network` its origin's."""

    kind: HitKind
    message_id: int
    slot: int
    at: datetime
    method: str = "GET"
    user_agent: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """What DNS said under a name: no values is an answer too, `silent` is none."""

    values: Sequence[str] = ()
    silent: bool = False


class Names(Protocol):
    """Asks DNS; every call takes a few seconds at most."""

    def ask(self, name: str, kind: str) -> NameAnswer:
        """Return the values of the TXT, CNAME or MX records under a name, each as one text."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request to a host outside."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a host outside answered; names of `headers` are small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Web(Protocol):
    """Asks hosts outside by HTTP, and only those that may be reached."""

    def check(self, url: str) -> None:
        """Raise Invalid for an address that could never be asked; nothing is resolved."""

    def ask(self, request: HttpRequest) -> HttpAnswer:
        """Return the answer of whatever status; no redirect is followed. Raises Invalid for a place
        that may not be reached, Unavailable when nobody answers.
        """

    def check_mail_server(self, host: str, port: int, *, in_clear: bool) -> bool:
        """Raise Invalid for a mail server that may never be asked; say whether it is of ours."""

    def mail_server(self, host: str, port: int, *, in_clear: bool) -> str:
        """Return the address to reach it at; Invalid as above, Unavailable for a name not found."""


@dataclass(frozen=True, slots=True)
class Caught:
    """One mail in the built-in catcher."""

    key: str
    at: datetime
    sender: str
    recipient: str
    subject: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAccount:
    """An account at a bank: an IBAN, or a number with the bank's code in its clearing system."""

    holder: str
    country: str
    iban: str = ""
    number: str = ""
    bank_code: str = ""
    clearing: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """One line for the bank: who gets how much, and what it says. `amount` is major units.

    `reference` comes back with the bank's answer; `account` is None where the payer finds it itself.
    """

    number: int
    beneficiary: str
    country: str
    amount: str
    currency: str
    purpose: str
    reference: str = ""
    account: PaymentAccount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRun:
    """What leaves together: `payer` is None when the payer has stated no account."""

    ref: str
    at: datetime
    on: date
    orders: Sequence[PaymentOrder]
    payer: PaymentAccount | None = None


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A batch as the bank takes it; `checksum` is what finance compares with the bank's."""

    file_name: str
    media_type: str
    content: bytes
    checksum: str


class Payouts(Protocol):
    """Writes a payment batch in a form somebody outside can pay from."""

    def write(self, run: PaymentRun) -> PaymentFile:
        """Return the file of a batch; the same run gives the same bytes."""


class CrmKind(StrEnum):
    """What a CRM keeps of a lead: the person who asked, and the deal that came of it."""

    LEAD = "lead"
    DEAL = "deal"


class CrmFault(StrEnum):
    """Why a CRM did not take or tell something, by who can mend it."""

    BUSY = "busy"
    DENIED = "denied"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    AWAY = "away"


class CrmError(Exception):
    """What a CRM refused, in its words, with the remedy; `wait_s` is when it wants to be asked again."""

    def __init__(
        self, fault: CrmFault, words: str, *, remedy: str = "", wait_s: int | None = None
    ) -> None:
        super().__init__(words)
        self.fault, self.words, self.remedy, self.wait_s = fault, words, remedy, wait_s


@dataclass(frozen=True, slots=True)
class CrmAccess:
    """How to reach one account at a CRM; `secrets` never leave the process but to it."""

    key: str
    system: str
    url: str
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """A record as a CRM shall have it: `key` is ours and makes putting it twice one; `fields` are
    named as the CRM names them; `beside` is the CRM's id of the person a deal belongs to.
    """

    kind: CrmKind
    key: str
    fields: Mapping[str, str]
    beside: str = ""


@dataclass(frozen=True, slots=True)
class CrmSeen:
    """A record as a CRM has it: its id there, the fields asked for, who owns it there."""

    id: str
    fields: Mapping[str, str]
    owner: str = ""


class Crm(Protocol):
    """One account at a CRM. Every call raises CrmError; none of them does harm when repeated."""

    def check(self) -> str:
        """Say whose account it is; CrmError names what is missing there, and what mends it."""

    def put(self, record: CrmRecord) -> str:
        """Make or change the record with this key; return the CRM's id of it."""

    def seen(
        self, kind: CrmKind, keys: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, CrmSeen]:
        """Return the records with these keys that it has, by key."""


class SocialFault(StrEnum):
    """Why a social network did not do something, by what is to be done; `LOST` may have been done."""

    BUSY = "busy"
    DENIED = "denied"
    INVALID = "invalid"
    AWAY = "away"
    LOST = "lost"


class SocialError(Exception):
    """What a network refused, in its words, with the remedy; `wait_s` is when it wants to be asked again."""

    def __init__(
        self, fault: SocialFault, words: str, *, remedy: str = "", wait_s: int | None = None
    ) -> None:
        super().__init__(words)
        self.fault, self.words, self.remedy, self.wait_s = fault, words, remedy, wait_s


@dataclass(frozen=True, slots=True)
class SocialAccess:
    """How to reach one account: the number of the page or organisation, and its token."""

    network: str
    account: str
    url: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialDraft:
    """A post as it is to stand there; `picture` is a JPEG, empty for a post of words alone."""

    words: str
    picture: bytes = b""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class SocialPublished:
    """A post that stands: the network's number of it, and its address."""

    id: str
    address: str


class SocialNetwork(Protocol):
    """One account at a social network. Every call raises SocialError."""

    def check(self) -> str:
        """Say whose account it is."""

    def publish(self, draft: SocialDraft) -> SocialPublished:
        """Publish now. Not to be repeated after `LOST` before `find` was asked: it knows no keys."""

    def find(self, words: str, *, since: datetime) -> SocialPublished | None:
        """Return the account's post with these very words that is not older than `since`."""

    def remove(self, number: str) -> None:
        """Take a post away; one that is gone is no fault."""
