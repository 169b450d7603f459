"""Payment batches as ISO 20022 customer credit transfers (pain.001.001.09), as banks import them.

Source of the form: ISO 20022 pain.001.001.09; for euro between SEPA countries the rules of the
European Payments Council's customer-to-bank guidelines (service level SEPA, charges SLEV).
"""

import hashlib
import unicodedata
from decimal import Decimal
from xml.etree import ElementTree as ET

from tcma.adapters.payouts_file import PayoutsFile
from tcma.ports import PaymentAccount, PaymentFile, PaymentOrder, PaymentRun

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
SEPA = frozenset(
    [
        "AD",
        "AL",
        "AT",
        "BE",
        "BG",
        "CH",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GB",
        "GI",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MC",
        "MD",
        "ME",
        "MK",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "RS",
        "SE",
        "SI",
        "SK",
        "SM",
        "VA",
    ]
)
LONGEST_NAME, LONGEST_TEXT = 70, 140
_SPELT = str.maketrans({
    "ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Œ": "OE", "œ": "oe", "Đ": "D", "đ": "d",
    "Ł": "L", "ł": "l", "Þ": "Th", "þ": "th", "&": "+", "–": "-", "—": "-", "’": "'", "“": "'",
    "”": "'",
})  # fmt: skip
_SEPA_MARKS = frozenset(" /-?:().,'+")


class PayoutsPain:
    """Payouts by bank file: XML where the payer's account is known, else the list as CSV."""

    def __init__(self) -> None:
        self._list = PayoutsFile()

    def write(self, run: PaymentRun) -> PaymentFile:
        """Return the bank's file; the checksum is the SHA-256 of the whole file in hex."""
        if run.payer is None:
            return self._list.write(run)
        content = _document(run, run.payer)
        return PaymentFile(
            file_name=f"{run.ref}.xml",
            media_type="application/xml",
            content=content,
            checksum=hashlib.sha256(content).hexdigest(),
        )


def _document(run: PaymentRun, payer: PaymentAccount) -> bytes:
    root = ET.Element("Document", {"xmlns": NAMESPACE})
    whole = ET.SubElement(root, "CstmrCdtTrfInitn")
    count = str(len(run.orders))
    total = str(sum((Decimal(order.amount) for order in run.orders), Decimal(0)))
    head = ET.SubElement(whole, "GrpHdr")
    _text(head, "MsgId", run.ref)
    _text(head, "CreDtTm", f"{run.at:%Y-%m-%dT%H:%M:%SZ}")
    _text(head, "NbOfTxs", count)
    _text(head, "CtrlSum", total)
    _text(ET.SubElement(head, "InitgPty"), "Nm", latin(payer.holder, LONGEST_NAME))
    part = ET.SubElement(whole, "PmtInf")
    _text(part, "PmtInfId", run.ref)
    _text(part, "PmtMtd", "TRF")
    _text(part, "BtchBookg", "true")
    _text(part, "NbOfTxs", count)
    _text(part, "CtrlSum", total)
    sepa = _all_sepa(run, payer)
    if sepa:
        kind = ET.SubElement(part, "PmtTpInf")
        _text(ET.SubElement(kind, "SvcLvl"), "Cd", "SEPA")
    _text(ET.SubElement(part, "ReqdExctnDt"), "Dt", run.on.isoformat())
    _party(part, "Dbtr", payer)
    _account(part, "DbtrAcct", payer)
    _agent(part, "DbtrAgt", payer)
    _text(part, "ChrgBr", "SLEV" if sepa else "SHAR")
    for order in run.orders:
        _transfer(part, order)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _all_sepa(run: PaymentRun, payer: PaymentAccount) -> bool:
    accounts = [payer, *(order.account for order in run.orders)]
    return all(
        account is not None and account.iban and account.iban[:2] in SEPA for account in accounts
    ) and all(order.currency == "EUR" for order in run.orders)


def _transfer(part: ET.Element, order: PaymentOrder) -> None:
    account = order.account
    assert account is not None  # a batch with a payer holds only partners whose account is checked
    one = ET.SubElement(part, "CdtTrfTxInf")
    ids = ET.SubElement(one, "PmtId")
    _text(ids, "InstrId", order.reference)
    _text(ids, "EndToEndId", order.reference)
    amount = ET.SubElement(ET.SubElement(one, "Amt"), "InstdAmt", {"Ccy": order.currency})
    amount.text = order.amount
    if account.bic or account.bank_code:
        _agent(one, "CdtrAgt", account)
    _party(one, "Cdtr", account)
    _account(one, "CdtrAcct", account)
    _text(ET.SubElement(one, "RmtInf"), "Ustrd", latin(order.purpose, LONGEST_TEXT))


def _party(parent: ET.Element, tag: str, account: PaymentAccount) -> None:
    party = ET.SubElement(parent, tag)
    _text(party, "Nm", latin(account.holder, LONGEST_NAME))
    _text(ET.SubElement(party, "PstlAdr"), "Ctry", account.country)


def _account(parent: ET.Element, tag: str, account: PaymentAccount) -> None:
    number = ET.SubElement(ET.SubElement(parent, tag), "Id")
    if account.iban:
        _text(number, "IBAN", account.iban)
    else:
        _text(ET.SubElement(number, "Othr"), "Id", account.number)


def _agent(parent: ET.Element, tag: str, account: PaymentAccount) -> None:
    bank = ET.SubElement(ET.SubElement(parent, tag), "FinInstnId")
    if account.bic:
        _text(bank, "BICFI", account.bic)
    if account.bank_code:
        member = ET.SubElement(bank, "ClrSysMmbId")
        _text(ET.SubElement(member, "ClrSysId"), "Cd", account.clearing)
        _text(member, "MmbId", account.bank_code)
    if not account.bic and not account.bank_code:
        _text(ET.SubElement(bank, "Othr"), "Id", "NOTPROVIDED")


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def latin(text: str, longest: int) -> str:
    """Return `text` in the letters every bank takes (EPC's Latin set), at most `longest` long.

    A name in another script, of which nothing would be left, stays as it is: the file is UTF-8.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_SPELT))
    kept = "".join(c for c in plain if c.isascii() and (c.isalnum() or c in _SEPA_MARKS))
    kept = " ".join(kept.split())
    if not any(c.isalnum() for c in kept):
        kept = " ".join("".join(c for c in text if c.isprintable()).split())
    return kept[:longest].rstrip() or "-"
