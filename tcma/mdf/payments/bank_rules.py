"""What a bank account is, which ones a bank file can name, and how much of one may be shown."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from tcma.errors import Invalid
from tcma.mdf.payments.tax_rules import tax_fault
from tcma.ports import PaymentAccount
from tcma.words import say

CLEARING: Final = {
    "AU": ("AUBSB", 6, "BSB"),
    "CA": ("CACPA", 9, say("Transit and institution number")),
    "CN": ("CNAPS", 12, say("CNAPS code")),
    "GB": ("GBDSC", 6, say("Sort code")),
    "HK": ("HKNCC", 3, say("Bank code")),
    "IN": ("INFSC", 11, "IFSC"),
    "JP": ("JPZGN", 7, say("Bank and branch code")),
    "NZ": ("NZNCC", 6, say("Bank and branch code")),
    "SG": ("SGIBG", 7, say("Bank and branch code")),
    "US": ("USABA", 9, say("Routing number")),
    "ZA": ("ZANCC", 6, say("Branch code")),
}
"""Country → clearing system, length of a bank's code in it, and its name there.

Source: ISO 20022 External Code Sets, ExternalClearingSystemIdentification1Code.
"""
LONGEST_NAME: Final = 70
LONGEST_NUMBER: Final = 34
SATURDAY: Final = 5
_BLANKS = re.compile(r"[\s.\-/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as the bank needs it: an IBAN, or a number at a bank with a code.

    `holder` is the name on the account, `bic` may stand beside either, `tax_id` is the number a
    payer's tax office asks for (VAT, EIN, ABN), empty where the holder has none.
    """

    holder: str
    country: str
    iban: str = ""
    number: str = ""
    bank_code: str = ""
    bic: str = ""
    tax_id: str = ""

    @property
    def clearing(self) -> str:
        """The ISO clearing system of `bank_code`; empty for an IBAN."""
        return CLEARING[self.country][0] if self.bank_code else ""

    def for_bank(self) -> PaymentAccount:
        """The account as bank files take it."""
        return PaymentAccount(
            holder=self.holder,
            country=self.country,
            iban=self.iban,
            number=self.number,
            bank_code=self.bank_code,
            clearing=self.clearing,
            bic=self.bic,
        )

    @property
    def in_fours(self) -> str:
        """The IBAN as it is read aloud."""
        return " ".join(self.iban[at : at + 4] for at in range(0, len(self.iban), 4))

    @property
    def masked(self) -> str:
        """The account with all but its last four characters hidden."""
        whole = self.iban or self.number
        return f"{self.iban[:4]}…{whole[-4:]}" if self.iban else f"…{whole[-4:]}"


def checked(entry: Account) -> Account:
    """Return the account as it is stored: blanks out, capitals, its check digits right.

    Raises Invalid with the fields at fault, each with what to do.
    """
    wrong: dict[str, str] = {}
    holder = " ".join("".join(c for c in entry.holder if c.isprintable()).split())
    if not holder:
        wrong["holder"] = say("Write the name on the account.")
    elif len(holder) > LONGEST_NAME:
        wrong["holder"] = say("A bank takes at most {n} letters.", n=LONGEST_NAME)
    iban, number, code = (_bare(t) for t in (entry.iban, entry.number, entry.bank_code))
    country = entry.country.strip().upper()
    if iban:
        number = code = ""
        country = iban[:2]
        wrong |= _iban_fault(iban)
    else:
        wrong |= _domestic_faults(country, number, code)
    bic = _bare(entry.bic)
    if bic:
        wrong |= _bic_fault(bic)
    if fault := tax_fault(entry.tax_id, country):
        wrong["tax_id"] = fault
    if wrong:
        raise Invalid(say("This account cannot be paid to."), code="mdf.account", fields=wrong)
    return Account(
        holder=holder,
        country=country,
        iban=iban,
        number=number,
        bank_code=code,
        bic=bic,
        tax_id=" ".join(entry.tax_id.split()).upper(),
    )


def _bare(text: str) -> str:
    return _BLANKS.sub("", text).upper()


def _iban_fault(iban: str) -> dict[str, str]:
    from schwifty import IBAN
    from schwifty.exceptions import (
        InvalidChecksumDigits,
        InvalidCountryCode,
        InvalidLength,
        SchwiftyException,
    )

    try:
        IBAN(iban)
    except InvalidChecksumDigits:
        return {"iban": say("The check digits do not fit. One character is wrong; compare it.")}
    except InvalidLength:
        return {
            "iban": say(
                "An IBAN of {country} has another length. Copy all of it.", country=iban[:2]
            )
        }
    except InvalidCountryCode:
        return {
            "iban": say(
                "“{country}” has no IBANs. Give account number and bank code instead.",
                country=iban[:2],
            )
        }
    except SchwiftyException:
        return {"iban": say("This is no IBAN. Copy it from a statement, country code first.")}
    return {}


def _bic_fault(bic: str) -> dict[str, str]:
    from schwifty import BIC
    from schwifty.exceptions import SchwiftyException

    try:
        BIC(bic)
    except SchwiftyException:
        return {"bic": say("This is no BIC. It has 8 or 11 characters, such as NWBKGB2L.")}
    return {}


def _domestic_faults(country: str, number: str, code: str) -> dict[str, str]:
    if not number and not code:
        return {"iban": say("Write the IBAN, or account number and bank code.")}
    if country not in CLEARING:
        return {"iban": say("In this country banks ask for an IBAN.")}
    wrong: dict[str, str] = {}
    _, length, name = CLEARING[country]
    if not number.isalnum() or len(number) > LONGEST_NUMBER:
        wrong["number"] = say("Write the account number, letters and digits only.")
    if len(code) != length or not code.isalnum():
        wrong["bank_code"] = say("{name} has {n} characters here.", name=name, n=length)
    elif country == "US" and not _routing_holds(code):
        wrong["bank_code"] = say("The check digit of this routing number does not fit.")
    return wrong


def _routing_holds(code: str) -> bool:
    """ABA check: weights 3, 7, 1 over nine digits give a multiple of ten."""
    if not code.isdigit():
        return False
    return sum(int(d) * w for d, w in zip(code, (3, 7, 1) * 3, strict=True)) % 10 == 0


def bank_day(day: date) -> date:
    """Return the day itself, or the Monday after a weekend: banks move later over their holidays."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day
