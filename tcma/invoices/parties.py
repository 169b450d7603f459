"""Who wrote an invoice and to whom: by label, by letterhead, by the signs a sender leaves."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tcma.invoices import words
from tcma.invoices.layout import Page, Piece
from tcma.invoices.record import Belief

LABELLED, NEEDED = 3, 2
_DOMAIN = re.compile(r"(?i)(?:@|www\.|https?://(?:www\.)?)([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})")
_SENDER = re.compile(
    r"^(?P<name>[^,;|·•*]{3,60}?)\s*(?:[-–—|·•*,]|\s{2})\s*.*\d.*[-–—|·•*,]\s*"
    r".*(?:\d{4,5}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})"
)
_CONTACT = re.compile(r"(?i)@|www\.|\btel|phone|fax|\d{4,}")
_NOT_A_NAME = re.compile(
    r"(?i)^\W*$|@|www\.|https?:|^\d|:\s*$|\b(invoice|rechnung|facture|factura|factuur|receipt|page|seite"
    r"|date|datum|tel\.?|phone|fax|iban|bic|swift|total|street|straße|strasse|road|avenue|rue|calle"
    r"|fattura|fatura|faktura|lasku|p\.?o\.? box|gutschrift|credit note|bank|quote|tax id|customer|copy|kopie|details|summary|rechnungen|invoices|factures)\b|\d{4,}"
    r"|^\W*(?:\w*nummer|\w*-?n[ro]\.?|number|num[ée]ro|name|nom|anschrift|adresse|address|herrn?|frau|mr\.?|mrs\.?|ms\.?"
    r"|monsieur|madame|mme\.?|dhr\.?|mevr\.?)\W*$"
)
_OFFICIAL = re.compile(r"(?i)\b(?:gstin|vat|tva|iva|btw|cif|nif|siret|abn|kvk)\b")
"""Numbers that stand in a letterhead, not in the small line above a window."""
_KIND = re.compile(r"(?i)tax|vat|commercial|pro[\s-]?forma|sales|export|final|interim|original")
"""What kind of invoice it is, in its title."""
_LABELS = (words.PLACE, words.BUYER, words.NUMBER, words.DATE)
_SMALL = re.compile(r"(?i)[ei]-|[a-z][a-z0-9-]*\.[a-z]{2,3}\b")
"""Names that begin small: e-Kontor, kontor.com."""
_FREE = frozenset(
    [
        "gmail",
        "googlemail",
        "outlook",
        "hotmail",
        "yahoo",
        "gmx",
        "web",
        "icloud",
        "aol",
        "example",
        "live",
    ]
)


@dataclass(slots=True)
class _Signs:
    """How strongly each name looks like the sender's, by its plain form."""

    weight: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    written: dict[str, str] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def add(self, name: str, sign: str, weight: int) -> None:
        """Count one sign of a name once."""
        name = tidy(name)
        plain = plain_name(name)
        if len(plain) < 3 or len(name) > 90 or _NOT_A_NAME.search(name):
            return
        if (plain, sign) not in self.seen:
            self.seen.add((plain, sign))
            self.weight[plain] += weight
        kept = self.written.get(plain, "")
        if not kept or (words.LEGAL.search(name) and not words.LEGAL.search(kept)):
            self.written[plain] = name


def plain_name(name: str) -> str:
    """Return a company's name without its legal form, blanks and marks: what two spellings share."""
    return re.sub(r"[\W_]", "", words.LEGAL.sub(" ", f"{name} ")).casefold()


def tidy(name: str) -> str:
    """Return a name without what surrounds it on paper."""
    name = re.sub(r"(?i)^(?:attn|t\.a\.v\.|z\.\s?hd\.|c/o|company|firma|name)\b\s*:?\s*", "", name)
    return " ".join(name.split()).strip(" ,;:|·•-–—")


def issuer_of(pages: list[Page]) -> tuple[str | None, Belief]:
    """Return who wrote the invoice; None unless a label or two signs name one company only."""
    if not pages or not pages[0].lines:
        return None, Belief.DOUBTFUL
    signs = _Signs()
    buyers = _buyer_block(pages[0])
    _labelled(pages, signs)
    _letterhead(pages[0], buyers, signs)
    _companies(pages, buyers, signs)
    _by_domain("\n".join(page.text() for page in pages), signs)
    for name in {plain_name(tidy(piece.text)) for piece in buyers}:
        if (name, "label") not in signs.seen:  # two parties may stand side by side under a line
            signs.weight.pop(name, None)
    best = max(signs.weight.values(), default=0)
    names = [name for name, weight in signs.weight.items() if weight == best]
    if best < NEEDED or len(names) != 1:
        return None, Belief.DOUBTFUL
    return signs.written[names[0]], Belief.LIKELY if best > NEEDED else Belief.DOUBTFUL


def _labelled(pages: list[Page], signs: _Signs) -> None:
    for page in pages:
        for piece in page.pieces():
            match = words.SELLER.match(piece.text)
            if match:
                for name in _after(page, piece, match.end()):
                    signs.add(name, "label", LABELLED)
                    break
            holder = words.HOLDER.search(piece.text)
            if holder:
                signs.add(piece.text[holder.end() :], "holder", 2)


def _after(page: Page, piece: Piece, end: int) -> Iterator[str]:
    rest = tidy(piece.text[end:])
    if rest:
        yield rest
        return
    yield from _in_form(page, piece)
    for one in (*page.right_of(piece)[:1], *page.below(piece, most=3)):
        label = any(shape.match(one.text) for shape in _LABELS) or one.text.endswith(":")
        if not label and not one.text.startswith("(") and not _NOT_A_NAME.search(tidy(one.text)):
            yield one.text


def _in_form(page: Page, heading: Piece) -> Iterator[str]:
    """Yield what stands at «Name:» in the block under a heading."""
    for line in page.lines[heading.line + 1 : heading.line + 7]:
        first = next((one for one in line if one.over(heading, slack=2.0)), line[0])
        if words.SELLER.match(first.text) or words.BUYER.match(first.text):
            return
        if match := words.NAMED.match(first.text):
            rest = first.text[match.end() :].strip()
            yield from [rest] if rest else [one.text for one in page.right_of(first)[:1]]
            return


def _letterhead(page: Page, buyers: set[Piece], signs: _Signs) -> None:
    first = [piece for line in page.lines[:4] for piece in line if piece not in buyers]
    top = [piece for piece in first if not words.ALONE.match(piece.text) and not _is_label(piece)]
    for piece in first[:4]:
        title = re.fullmatch(r"(?i)(.{3,50}?)\s+(?:tax\s+)?invoice", piece.text)
        if title and not _KIND.fullmatch(title[1]):
            signs.add(title[1], "title", 2)
    for piece in top[:3]:
        signs.add(_company(piece.text) or piece.text, "top", 1)
    if top and not words.BUYER.match(top[0].text):
        under = [*page.below(top[0], most=2), *page.right_of(top[0])]
        if buyers and any(_CONTACT.search(one.text) for one in under):
            signs.add(top[0].text, "contact", 1)
    for line in page.lines[:12]:
        for piece in line:
            sender = _SENDER.match(piece.text) if _is_window(piece.text) else None
            if sender:
                signs.add(sender["name"], "window", 2)


def _is_label(piece: Piece) -> bool:
    kind = words.ALONE.sub("", re.sub(r"(?i)^\W*(?:tax|vat)\s+", "", piece.text))
    return not kind or any(shape.match(piece.text) for shape in _LABELS)


def _companies(pages: list[Page], buyers: set[Piece], signs: _Signs) -> None:
    counts: dict[str, int] = defaultdict(int)
    for page in pages:
        for at, line in enumerate(page.lines):
            whole = "  ".join(piece.text for piece in line)
            for piece in line:
                name = _company(piece.text)
                if name is None or piece in buyers:
                    continue
                signs.add(name, "legal", 1)
                counts[plain_name(tidy(name))] += 1
                near = page.lines[at + 1 : at + 3] if at > len(page.lines) / 2 else []
                foot = whole + " ".join(p.text for one in near for p in one)
                if at > len(page.lines) * 0.6 and words.REGISTERED.search(foot):
                    signs.add(name, "registered", 1)
    for name, count in counts.items():
        if count > 1 and name in signs.written:
            signs.add(signs.written[name], "again", 1)
    if buyers and len(counts) == 1:  # the other party of the two
        signs.add(signs.written.get(next(iter(counts)), ""), "only", 1)


def _company(text: str) -> str | None:
    if eastern := words.LEGAL_JA.search(text):
        return eastern[0]
    match = words.LEGAL.search(text)
    if match is None or match.start() < 2:
        return None
    end = match.end()
    while further := words.LEGAL.match(text[end:].lstrip(" ,")):  # «Pty Ltd»
        end = len(text) - len(text[end:].lstrip(" ,")) + further.end()
    head = text[:end]
    head = re.split(r"(?:\s[-–—|·•]\s|[:;|]|\s{2,})", head)[-1].strip()
    named = re.match(r"^[A-ZÀ-Þ0-9]", head) is not None or _SMALL.match(head) is not None
    return head if named and len(head.split()) <= 7 else None


def _by_domain(text: str, signs: _Signs) -> None:
    for host in {match[1].lower() for match in _DOMAIN.finditer(text)}:
        parts = host.split(".")
        for label in parts[:-1]:
            plain = re.sub(r"[^a-z0-9]", "", label)
            if plain in _FREE or len(plain) < 4:
                continue
            for name in list(signs.weight):
                ascii_name = _ascii(name)
                if ascii_name == plain or (len(plain) > 5 and ascii_name.startswith(plain)):
                    signs.add(signs.written[name], "domain", 2)


def _ascii(name: str) -> str:
    for one, two in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("é", "e"), ("è", "e")):
        name = name.replace(one, two)
    return re.sub(r"[^a-z0-9]", "", name)


def _buyer_block(page: Page) -> set[Piece]:
    block: set[Piece] = set()
    for piece in page.pieces():
        label = words.BUYER.match(piece.text) or words.PLACE.match(piece.text)
        if words.TO.match(piece.text):
            block.add(piece)
        elif label:
            block.add(piece)
            block.update(page.below(piece, most=5))
            if not piece.text[label.end() :].strip():
                block.update(page.right_of(piece)[:1])
        elif piece.line < 12 and _is_window(piece.text):
            block.update(_in_window(page, piece))
    return block


def _is_window(text: str) -> bool:
    sender = _SENDER.match(text) if len(text) < 140 else None
    if sender is None or any(shape.match(text) for shape in _LABELS):
        return False
    name = sender["name"]
    return not (_NOT_A_NAME.search(name) or words.OTHER_DATE.search(name) or _OFFICIAL.search(text))


def _is_name(piece: Piece) -> bool:
    label = any(shape.match(piece.text) for shape in _LABELS)
    return not label and not _NOT_A_NAME.search(tidy(piece.text))


def _in_window(page: Page, sender: Piece) -> list[Piece]:
    """Return the address under the small sender line of a letter with a window."""
    following = [p for line in page.lines[sender.line + 1 : sender.line + 6] for p in line]
    return [piece for piece in following if abs(piece.left - sender.left) < 6]


def buyer_of(pages: list[Page]) -> str | None:
    """Return whom the invoice is made out to, where a label says so."""
    found: dict[str, str] = {}
    for page in pages[:1]:
        for piece in page.pieces():
            match = words.BUYER.match(piece.text)
            if to := words.TO.match(piece.text):
                name = to["name"] or to["named"]
            elif match:
                name = next(_after(page, piece, match.end()), "")
            elif piece.line < 12 and _is_window(piece.text):
                name = next((one.text for one in _in_window(page, piece) if _is_name(one)), "")
            else:
                continue
            name = tidy(words.BUYER.sub("", name))
            if len(plain_name(name)) >= 3 and not _NOT_A_NAME.search(name):
                found.setdefault(plain_name(name), name)
    return next(iter(found.values())) if len(found) == 1 else None
