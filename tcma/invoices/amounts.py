"""Amounts and currencies as papers write them: 1,234.56 · 1.234,56 · 1 234,56 · 1'234.56."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from babel.numbers import get_currency_precision, is_currency

_BLANKS = " \u00a0\u202f\u2009’'"
NUMBER = re.compile(
    rf"(?<![\w.,/-])(?P<sign>[-−–]|\()?\s?(?P<lead>[€$£¥₹]|[A-Z]{{3}}|Rs\.?)?\s?(?P<minus>[-−])?"
    rf"(?P<digits>\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?:\.\d{{1,2}})?|\d{{1,3}}(?:[.,{_BLANKS}]\d{{3}})+(?:[.,]\d{{1,2}})?|\d+(?:[.,]\d{{1,3}})?)"
    rf"(?P<tail>,-|\.-)?(?![\w/]|[.,:]\d|-\w)"
)
SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "zł": "PLN", "Kč": "CZK", "₽": "RUB", "₺": "TRY",
           "円": "JPY"}  # fmt: skip
MANY = {"$": "USD", "¥": "JPY", "Rs": "INR", "kr": ""}
"""Signs of several currencies, and the one meant when nothing on the paper says otherwise."""
_DOLLARS = {"CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD", "US$": "USD", "NZ$": "NZD",
            "HK$": "HKD", "S$": "SGD", "R$": "BRL", "MX$": "MXN"}  # fmt: skip
_NAMES = {
    "euros?": "EUR",
    "us dollars?": "USD",
    "pounds sterling": "GBP",
    "schweizer franken": "CHF",
}
_ISO = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_RATE = re.compile(
    r"\b1(?:[.,]0+)?\s?(?:[A-Z]{3}|[€$£])\s?=\s?[\d.,]+\s?(?:[A-Z]{3}|[€$£])?"
    r"|[€$£]\s?1(?:[.,]0+)?\s?=\s?[€$£]?\s?[\d.,]+"
)
"""«1 USD = 0.92 EUR»: at which rate, not in which currency."""
_SIGN = re.compile(r"(?:CA|C|AU|A|US|NZ|HK|S|R|MX)\$|[€£₹₽₺$¥円]|\bRs\b\.?|\bzł|\bKč|\bkr\b")
_ELSEWHERE = {
    "USD": re.compile(r"(?i)\b(canada|australia|singapore|new zealand|hong kong|hst|abn|mexico)\b"),
    "JPY": re.compile(r"(?i)\b(china|cny|rmb)\b|中国"),
    "INR": re.compile(r"(?i)\b(pakistan|sri lanka|mauritius|nepal|seychelles)\b"),
}
_COMMON = frozenset(
    [
        "EUR",
        "USD",
        "GBP",
        "CHF",
        "PLN",
        "CZK",
        "HUF",
        "SEK",
        "NOK",
        "DKK",
        "RON",
        "BGN",
        "CAD",
        "AUD",
        "NZD",
        "JPY",
        "CNY",
        "INR",
        "SGD",
        "HKD",
        "ZAR",
        "BRL",
        "MXN",
        "TRY",
        "ILS",
        "AED",
        "SAR",
        "KRW",
        "THB",
        "MYR",
        "IDR",
        "PHP",
        "VND",
        "ARS",
        "CLP",
        "COP",
        "PEN",
        "UAH",
        "ISK",
        "KWD",
        "BHD",
        "OMR",
        "TND",
        "MAD",
        "EGP",
    ]
)


class Amount(NamedTuple):
    """A number on the paper and where it begins and ends in its text."""

    value: Decimal
    start: int
    end: int
    fine: bool
    percent: bool


def decimal_mark(text: str) -> str:
    """Return `.` or `,`: which of them stands before the cents on this paper."""
    votes = Counter(re.findall(r"\d([.,])\d\d(?![\d.,]\d)(?!\d)", text))
    votes.update(dict.fromkeys(re.findall(rf"\d[.,{_BLANKS}]\d{{3}}([.,])\d\d(?!\d)", text), 3))
    return "," if votes[","] > votes["."] else "."


def amounts_in(text: str, mark: str) -> Iterator[Amount]:
    """Yield every number that can be a sum of money; `fine` when it shows cents or a currency."""
    for match in NUMBER.finditer(text):
        lead = match["lead"] or ""
        if len(lead) == 3 and lead.isalpha() and not is_currency(lead):
            continue
        value = _value(match["digits"], mark)
        if value is None:
            continue
        sign = match["sign"]
        if match["minus"] or (sign and (sign != "(" or _alone(text, match))):
            value = -value
        after = text[match.end() : match.end() + 6]
        percent = re.match(r"\s?%", after) is not None
        marked = bool(lead) or re.match(r"\s?(?:[€$£¥₹円]|[A-Z]{3}\b|zł|Kč|kr)", after) is not None
        cents = re.search(r"[.,]\d\d$", match["digits"]) is not None or bool(match["tail"])
        yield Amount(value, match.start(), match.end(), cents or marked, percent)


def _alone(text: str, match: re.Match[str]) -> bool:
    """Whether a sum in brackets stands by itself, as books write what is taken off."""
    before, after = text[: match.start()], text[match.end() :]
    return re.search(r"(?:^|\s\s)\s*$", before) is not None and (
        re.match(r"\s?(?:[€$£¥₹]|[A-Z]{3})?\)(?:\s\s|\s*$)", after) is not None
    )


def _value(digits: str, mark: str) -> Decimal | None:
    plain = re.sub(f"[{_BLANKS}]", "", digits)
    other = "." if mark == "," else ","
    last = max(plain.rfind("."), plain.rfind(","))
    if last >= 0 and len(plain) - last - 1 != 3:
        # Before one or two digits any mark is the decimal one, whatever the rest of the paper does.
        whole, cents = re.sub("[.,]", "", plain[:last]), plain[last + 1 :]
        return Decimal(f"{whole}.{cents}")
    if last >= 0 and plain[last] == mark and plain.count(mark) == 1 and plain.count(other) == 0:
        return Decimal(plain.replace(mark, "")) if len(plain) - last - 1 == 3 else None
    return Decimal(re.sub("[.,]", "", plain))


def fits(value: Decimal, currency: str | None) -> bool:
    """Whether an amount has no more digits than its currency."""
    digits = get_currency_precision(currency) if currency else 2
    return -int(value.as_tuple().exponent) <= max(digits, 2)


def currency_of(near: Iterable[str], everywhere: str) -> str | None:
    """Return the one currency of a paper: beside its sums first, then anywhere; else None."""
    for texts in (list(near), [everywhere]):
        found = {code for text in texts for code in _codes(text, everywhere)}
        if len(found) == 1:
            return found.pop()
        if found:
            return None
    return None


def _codes(text: str, everywhere: str) -> Iterator[str]:
    text = _RATE.sub(" ", text)
    for code in _ISO.findall(text):
        if code in _COMMON:
            yield code
    for sign in _SIGN.findall(text):
        plain = sign.rstrip(".")
        if code := SYMBOLS.get(plain) or _DOLLARS.get(plain) or _meant(plain, everywhere):
            yield code
    for name, code in _NAMES.items():
        if re.search(rf"(?i)\b{name}\b", text):
            yield code


def _meant(sign: str, everywhere: str) -> str:
    code = MANY.get(sign, "")
    elsewhere = _ELSEWHERE.get(code)
    if elsewhere is None or not elsewhere.search(everywhere):
        return code
    named = {c for c in _ISO.findall(everywhere) if c in _COMMON}
    return named.pop() if len(named) == 1 else ""
