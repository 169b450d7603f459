"""The fields of an invoice from the text of its pages: null rather than a guess."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from tcma.invoices import words
from tcma.invoices.amounts import currency_of, fits
from tcma.invoices.dates import dates_in, day_first
from tcma.invoices.layout import Page, Piece
from tcma.invoices.parties import buyer_of, issuer_of
from tcma.invoices.record import Belief, Fields
from tcma.invoices.sums import sums_of

STRONG, NEAR, FAIR, WEAK = 4, 3, 2, 1
_VALUE = re.compile(
    r"#?\s?(?:[A-Z]{1,4}\s(?=\d+/\d))?[A-Z0-9][A-Z0-9_./\-–]*[A-Z0-9]|[0-9]", re.IGNORECASE
)
_NO_NUMBER = re.compile(
    r"(?i)^(?:[A-Z]{2}\d{2}[A-Z0-9]{10,}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d"
    r"|\d+[.,]\d\d|date|page|of)$"
)
_AN_INVOICE = re.compile(
    r"(?i)\b(tax invoice|invoices?|rechnung|facture|factura|factuur|faktura|receipt|bill|quittung"
    r"|gutschrift|credit\s*note|avoir|abono|fattura|fatura|lasku|räkning)\b"
    r"|rechnung\b|rechnungs|factuur|faktura|laskun|請求書|領収書"
)
_SAME = 2.0
"""Points between two left edges that are the same."""
_TOP = 6
"""Lines in which a paper says what it is."""


def fields_of_pages(pages: list[Page]) -> Fields:
    """Return what stands on the pages of an invoice; nothing for a paper that is none."""
    text = "\n".join(page.text() for page in pages)
    if not _AN_INVOICE.search(text) or _asks_nothing(pages):
        return Fields()
    sums = sums_of(pages)
    issuer, believed = issuer_of(pages)
    number, number_belief = number_of(pages)
    day, day_belief = date_of(pages, text)
    near = [line for line in sums.near if line]
    currency = currency_of(near, text) if sums.total is not None else None
    if not all(fits(v, currency) for v in (sums.net, sums.tax, sums.total) if v is not None):
        currency = None
    found = Fields(
        issuer=issuer,
        number=number,
        date=day,
        currency=currency,
        net=sums.net,
        tax=sums.tax,
        total=sums.total,
        made_out_to=buyer_of(pages),
        credit_note=words.CREDIT.search(text) is not None,
    )
    belief = {
        "issuer": believed,
        "number": number_belief,
        "date": day_belief,
        "made_out_to": Belief.LIKELY,
        "currency": Belief.LIKELY,
    }
    belief.update(dict.fromkeys(("net", "tax", "total"), sums.belief))
    found.belief.update({name: belief[name] for name in found.known()})
    return found


def _asks_nothing(pages: list[Page]) -> bool:
    top = (piece for page in pages[:1] for line in page.lines[:_TOP] for piece in line)
    return any(words.NO_INVOICE.match(piece.text) for piece in top)


def number_of(pages: list[Page]) -> tuple[str | None, Belief]:
    """Return the invoice's number: the one value at the strongest label."""
    found: dict[str, int] = defaultdict(int)
    for page in pages:
        for piece in page.pieces():
            for value, weight in _numbers(page, piece):
                found[value] = max(found[value], weight)
    best = max(found.values(), default=0)
    winners = [value for value, weight in found.items() if weight == best]
    if len(winners) != 1:
        return None, Belief.DOUBTFUL
    return winners[0], Belief.LIKELY if best > WEAK else Belief.DOUBTFUL


def _numbers(page: Page, piece: Piece) -> Iterator[tuple[str, int]]:
    if match := words.NUMBER.match(piece.text):
        weight = NEAR if words.RECEIPT.match(piece.text) else STRONG
        yield from _valued(_around(page, piece, match.end()), weight)
    elif match := words.ALONE.match(piece.text):
        # «Factuur» over a column: a title has no number under it
        under = next(iter(page.below(piece, most=1)), None)
        heads = len(page.lines[piece.line]) > 1
        if under and heads and (value := _number_in(under.text, whole=True)):
            yield value, WEAK
    elif match := words.TITLE.match(piece.text):
        yield from _valued([piece.text[match.end() :]], FAIR)
    elif (match := words.HASH.match(piece.text)) and piece.line < 8:
        yield from _valued(_around(page, piece, match.end()), WEAK)


def _valued(texts: list[str], weight: int) -> Iterator[tuple[str, int]]:
    for text in texts:
        if value := _number_in(text):
            yield value, weight
            return


def _around(page: Page, piece: Piece, end: int) -> list[str]:
    rest = piece.text[end:].strip(" :.")
    if rest:
        return [piece.text[end:]]
    right = page.right_of(piece)[:1]
    under = list(page.below(piece, most=2))[:1]
    if right and _label_like(right[0].text):
        right = []
    # a value that begins where its label begins is the label's, whatever else the line holds
    stacked = under and abs(under[0].left - piece.left) < _SAME and not _label_like(under[0].text)
    return [one.text for one in ((*under, *right) if stacked else (*right, *under))]


def _label_like(text: str) -> bool:
    return not re.search(r"\d", text) or words.DATE.match(text) is not None


def _number_in(text: str, *, whole: bool = False) -> str | None:
    match = _VALUE.match(text.strip(" :"))
    if match is None:
        return None
    value = match[0].replace("# ", "#").rstrip(".-/")
    value = value.lstrip("#") if whole else value
    if whole and len(value) < len(text.strip(" :#")) - 1:
        return None
    fit = 1 <= len(value) <= 40 and re.search(r"\d", value) and not _NO_NUMBER.match(value)
    return value if fit else None


def date_of(pages: list[Page], text: str) -> tuple[date | None, Belief]:
    """Return the invoice's date: the one day at the strongest label."""
    first = day_first(text, usual=_usual_order(text))
    found: dict[date, int] = defaultdict(int)
    for page in pages:
        for piece in page.pieces():
            for day, weight in _days(page, piece, first=first):
                found[day] = max(found[day], weight)
    best = max(found.values(), default=0)
    winners = [day for day, weight in found.items() if weight == best]
    if len(winners) != 1:
        return None, Belief.DOUBTFUL
    return winners[0], Belief.LIKELY if best > WEAK else Belief.DOUBTFUL


_DAY_FIRST = re.compile(
    r"(?i)rechnung|facture|factura|factuur|gutschrift|fattura|fatura|faktura|laskun|£|\bGBP\b|\bvat\s+gb"
    r"|₹|\bGSTIN\b|\bABN\b"
)


def _usual_order(text: str) -> bool | None:
    """Return whether days come first where this paper comes from; None when that is not told."""
    if _DAY_FIRST.search(text):
        return True
    american = re.search(r"\b(USA|United States|US\$|USD|US Dollars)\b|\b[A-Z]{2} \d{5}\b", text)
    if american:
        return False
    return True if re.search(r"€|\b(?:EUR|CHF|SEK|DKK|NOK)\b", text) else None


def _days(page: Page, piece: Piece, *, first: bool | None) -> Iterator[tuple[date, int]]:
    if match := words.DATE.match(piece.text):
        yield from _first_day(_around(page, piece, match.end()), STRONG, first=first)
        return
    if words.NUMBER.match(piece.text) or words.TITLE.match(piece.text):
        after = [
            piece.text[m.end() :] for m in words.OF_DATE.finditer(piece.text) if _own(piece, m)
        ]
        if words.OF_LINE.search(piece.text):
            after = [one.text for one in page.below(piece, most=1)]
        yield from _first_day(after[:1], STRONG, first=first, most=0)
    if paid := words.PAID_ON.match(piece.text):
        yield from _first_day(_around(page, piece, paid.end()), WEAK, first=first, most=1)
    weak = words.DATE_WEAK.match(piece.text)
    if weak and not words.OTHER_DATE.search(piece.text[: weak.end()]):
        yield from _first_day(_around(page, piece, weak.end()), FAIR, first=first, most=1)


def _own(piece: Piece, of: re.Match[str]) -> bool:
    """Whether a date belongs to the title before it: «Rechnung gemäß Bestellung vom» has another's."""
    title = words.NUMBER.match(piece.text) or words.TITLE.match(piece.text)
    return title is not None and not words.FURTHER.search(piece.text[title.end() : of.start()])


def _first_day(
    texts: list[str], weight: int, *, first: bool | None, most: int = 40
) -> Iterator[tuple[date, int]]:
    """Yield the first day in `texts` that begins within `most` characters."""
    for text in texts:
        for one in dates_in(text, days_first=first):
            if one.start <= most:
                yield one.day, weight
                return
