"""What a bank answers to a payment file, read from its own XML: paid, refused, or neither yet.

Sources: ISO 20022 pain.002 (payment status report), camt.053 (statement) and camt.054
(notification), any version: elements are found by their local names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tcma.errors import Invalid

MOST_BYTES = 20 * 1024 * 1024
PAID = frozenset({"ACSC", "ACCC"})
REFUSED = frozenset({"RJCT", "CANC"})
BATCH_IN = frozenset({"Btch", "Refs"})
"""Where an entry names its batch: in general, or at the one transaction that stands for it."""
REASONS = {
    "AC01": "The account number is wrong.",
    "AC03": "The account of the payee is wrong.",
    "AC04": "The account is closed.",
    "AC06": "The account is blocked.",
    "AG01": "The account takes no transfers.",
    "AM04": "There is not enough money in your account.",
    "AM05": "The bank has seen this payment before.",
    "BE01": "Name and account do not belong together.",
    "BE05": "The bank does not know the payer.",
    "MS02": "The payee refused it.",
    "MS03": "The bank gives no reason.",
    "RC01": "The code of the bank is wrong.",
    "RR04": "A regulation stops it.",
}
"""ISO 20022 ExternalStatusReason1Code and ExternalReturnReason1Code, the ones people meet."""

NO_REASON = "The bank gives no reason."


class Fate(StrEnum):
    """What became of one payment at the bank."""

    PAID = "paid"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One payment's fate; `amount` in major units is None where the file does not say it.

    `charged` is what left the account for it, where the bank changed money on `booked_on`.
    `batch_ref` is the batch it is of, where the file says so.
    """

    reference: str
    fate: Fate
    bank_reference: str = ""
    reason: str = ""
    amount: Decimal | None = None
    currency: str = ""
    charged: Decimal | None = None
    charged_currency: str = ""
    booked_on: date | None = None
    batch_ref: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """All answers of a file; `batch_ref` is the batch it names, empty for a statement.

    `rest` is what became of payments the file does not name, where it speaks of the batch as a whole.
    `wholes` are batches that a statement books as one sum each; there the reference is the batch's.
    """

    batch_ref: str
    answers: tuple[Answer, ...]
    rest: Answer | None = None
    wholes: tuple[Answer, ...] = ()


def read_reply(content: bytes) -> Reply:
    """Read a bank's file. Raises Invalid when it is none of the three kinds, or hostile."""
    if len(content) > MOST_BYTES:
        raise _refused("The file is larger than 20 MB.")
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise _refused("This is no XML that can be read.") from error
    body = next(iter(root), root)
    match _local(body):
        case "CstmrPmtStsRpt":
            return _status_report(body)
        case "BkToCstmrStmt" | "BkToCstmrDbtCdtNtfctn":
            return Reply("", tuple(_booked(body)), wholes=tuple(_booked_whole(body)))
    raise _refused(f"This is a file of another kind ({_local(body)}).")


def _refused(why: str) -> Invalid:
    words = f"{why} Choose a pain.002, camt.053 or camt.054 file of your bank."
    return Invalid(words, code="mdf.bank_reply", fields={"file": words})


def _status_report(body: Element) -> Reply:
    batch = _said(body, "OrgnlGrpInfAndSts", "OrgnlMsgId")
    answers = []
    for one in _all(body, "TxInfAndSts"):
        reference = _said(one, "OrgnlEndToEndId")
        status = _said(one, "TxSts")
        if reference and status in PAID:
            answers.append(
                Answer(
                    reference=reference,
                    fate=Fate.PAID,
                    bank_reference=_said(one, "AcctSvcrRef") or _said(body, "GrpHdr", "MsgId"),
                )
            )
        elif reference and status in REFUSED:
            answers.append(Answer(reference=reference, fate=Fate.REFUSED, reason=_reason(one)))
    return Reply(batch, tuple(answers), _of_all(body, batch))


def _of_all(body: Element, batch: str) -> Answer | None:
    """Return what a report says of a batch as a whole: of the message, or of its one instruction."""
    for parts in (("OrgnlGrpInfAndSts", "GrpSts", ""), ("OrgnlPmtInfAndSts", "PmtInfSts", batch)):
        for part in _all(body, parts[0]):
            named = _child(part, "OrgnlPmtInfId")
            if named and parts[2] and named != parts[2]:
                continue
            status = _child(part, parts[1])
            said = _child(body, "GrpHdr", "MsgId")
            if status in REFUSED:
                why = [each for each in part if _local(each) == "StsRsnInf"]
                reason = _reason(why[0]) if why else NO_REASON
                return Answer(reference="", fate=Fate.REFUSED, reason=reason)
            if status in PAID:
                return Answer(reference="", fate=Fate.PAID, bank_reference=said)
    return None


def _child(parent: Element, *path: str) -> str:
    """The text at the end of a path of children, not of anything deeper."""
    here: Element | None = parent
    for step in path:
        here = next((c for c in here if _local(c) == step), None) if here is not None else None
    return _text(here) if here is not None else ""


def _entries(body: Element) -> Iterator[Element]:
    for entry in _all(body, "Ntry"):
        if (_said(entry, "Sts", "Cd") or _said(entry, "Sts")) == "BOOK":
            yield entry


def _booked_whole(body: Element) -> Iterator[Answer]:
    """Return the batches booked as one sum: named by PmtInfId, and no payment of them by itself."""
    for entry in _entries(body):
        back = _said(entry, "CdtDbtInd") == "CRDT"
        blocks = list(_all(entry, "NtryDtls"))
        for block in blocks:
            if any(_end_to_end(one) for one in _all(block, "TxDtls")):
                continue
            returned = next(_all(block, "RtrInf"), None) is not None
            if back and not returned:
                continue
            names = [_child(each, "PmtInfId") for each in block.iter() if _local(each) in BATCH_IN]
            names = list(dict.fromkeys(filter(None, names)))
            alone = len(blocks) == 1 and len(names) == 1
            stated = (
                [_sum(each, "TtlAmt") for each in _all(block, "Btch")] if len(names) == 1 else []
            )
            booked = (_sum(entry, "Amt") if alone else None) or next(filter(None, stated), None)
            for name in names:
                yield Answer(
                    reference=name,
                    batch_ref=name,
                    fate=Fate.REFUSED if back else Fate.PAID,
                    bank_reference=_said(entry, "AcctSvcrRef"),
                    reason=_reason(block) if back else "",
                    amount=booked.amount if booked else None,
                    currency=booked.currency if booked else "",
                    booked_on=_day(entry),
                )


def _end_to_end(one: Element) -> str:
    """The reference of one payment; what banks write in place of none is none, in a batch."""
    said = _said(one, "Refs", "EndToEndId")
    return "" if said == "NOTPROVIDED" and _said(one, "Refs", "PmtInfId") else said


def _booked(body: Element) -> Iterator[Answer]:
    for entry in _entries(body):
        back = _said(entry, "CdtDbtInd") == "CRDT"
        for one in _all(entry, "TxDtls"):
            reference = _end_to_end(one)
            if not reference:
                continue
            returned = back and next(_all(one, "RtrInf"), None) is not None
            if back and not returned:
                continue
            ordered, charged = _sums(one, entry)
            yield Answer(
                reference=reference,
                fate=Fate.REFUSED if returned else Fate.PAID,
                bank_reference=_said(one, "Refs", "AcctSvcrRef") or _said(entry, "AcctSvcrRef"),
                reason=_reason(one) if returned else "",
                amount=ordered.amount if ordered else None,
                currency=ordered.currency if ordered else "",
                charged=charged.amount if charged else None,
                charged_currency=charged.currency if charged else "",
                booked_on=_day(entry),
            )


@dataclass(frozen=True, slots=True)
class _Sum:
    amount: Decimal
    currency: str


def _sums(one: Element, entry: Element) -> tuple[_Sum | None, _Sum | None]:
    """Return what was ordered, and what the account was charged where the bank changed money."""
    ordered = _sum(one, "AmtDtls", "InstdAmt", "Amt")
    charged = _sum(one, "Amt") or _sum(one, "AmtDtls", "TxAmt", "Amt")
    if charged is None and sum(1 for _ in _all(entry, "TxDtls")) == 1:
        charged = _sum(entry, "Amt")
    if ordered is None:
        return charged, None
    return ordered, charged if charged != ordered else None


def _sum(parent: Element, *path: str) -> _Sum | None:
    """The sum at the end of a path of children."""
    here: Element | None = parent
    for step in path:
        here = next((c for c in here if _local(c) == step), None) if here is not None else None
    if here is None:
        return None
    try:
        return _Sum(Decimal((here.text or "").strip()), here.get("Ccy", ""))
    except InvalidOperation:
        return None


def _day(entry: Element) -> date | None:
    said = _said(entry, "BookgDt", "Dt") or _said(entry, "BookgDt", "DtTm")[:10]
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def _reason(one: Element) -> str:
    for tag in ("StsRsnInf", "RtrInf"):
        for about in _all(one, tag):
            code = _said(about, "Rsn", "Cd")
            words = " ".join(filter(None, (_text(e) for e in _all(about, "AddtlInf"))))
            return f"{REASONS.get(code, '')} {words}".strip() + (f" ({code})" if code else "")
    return NO_REASON


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(root: Element, name: str) -> Iterator[Element]:
    return (each for each in root.iter() if _local(each) == name)


def _said(root: Element, *path: str) -> str:
    """The text at the end of a path whose first step may lie at any depth."""
    for start in _all(root, path[0]):
        here: Element | None = start
        for step in path[1:]:
            here = next((c for c in here if _local(c) == step), None) if here is not None else None
        if here is not None:
            return _text(here)
    return ""


def _text(element: Element) -> str:
    return " ".join((element.text or "").split())
