"""Net, tax and total of a paper: candidates by label, chosen by arithmetic, none on a guess."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from tcma.invoices import words
from tcma.invoices.amounts import Amount, amounts_in, decimal_mark
from tcma.invoices.layout import Page, Piece
from tcma.invoices.record import Belief

STRONG, FAIR, WEAK = 4, 2, 1
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sums:
    """What was chosen; `near` are the lines it stands in, for the currency."""

    net: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None
    belief: Belief = Belief.DOUBTFUL
    near: tuple[str, ...] = ()


@dataclass(slots=True)
class _Candidates:
    """Values with the weight of the best label they stand at."""

    net: dict[Decimal, int] = field(default_factory=dict)
    tax: dict[Decimal, int] = field(default_factory=dict)
    total: dict[Decimal, int] = field(default_factory=dict)
    tax_lines: list[tuple[str, Decimal]] = field(default_factory=list)
    extras: list[Decimal] = field(default_factory=list)
    lines: dict[Decimal, list[str]] = field(default_factory=dict)

    def add(self, where: dict[Decimal, int], value: Decimal, weight: int, line: str) -> None:
        where[value] = max(where.get(value, 0), weight)
        self.lines.setdefault(value, []).append(line)


def sums_of(pages: list[Page]) -> Sums:
    """Return net, tax and total of an invoice; net + tax = total, or the total alone."""
    text = "\n".join(page.text() for page in pages)
    mark = decimal_mark(text)
    found = _Candidates()
    for page in pages:
        for line in page.lines:
            for group in _groups(line, mark):
                _by_label(page, group, (mark, found))
        _by_column(page, mark, found)
    if any(words.RECEIPT.match(piece.text) for page in pages[:1] for piece in page.pieces()):
        _paid(pages, mark, found)
    untaxed = words.NO_TAX.search(text) is not None
    return _chosen(found, untaxed=untaxed)


def _paid(pages: list[Page], mark: str, found: _Candidates) -> None:
    for page in pages:
        for line in page.lines:
            at = next((n for n, piece in enumerate(line) if words.PAID.match(piece.text)), None)
            if at is not None:
                whole = "  ".join(piece.text for piece in line[at:])
                sums = [one for one in amounts_in(whole, mark) if one.fine and not one.percent]
                value = sums[-1].value if sums else _under(page, line[at : at + 1], mark)
                if value:
                    under = " ".join(piece.text for piece in page.below(line[at], most=1))
                    found.add(found.total, value, FAIR, f"{whole} {under}")


def _groups(line: list[Piece], mark: str) -> Iterator[list[Piece]]:
    """Cut a line where a label follows a sum: two tables may stand side by side."""
    group: list[Piece] = []
    summed = False
    for piece in line:
        words_in = re.search(r"[^\W\d_]{4}", piece.text) is not None
        if group and summed and words_in:
            yield group
            group, summed = [], False
        group.append(piece)
        summed = summed or any(one.fine for one in amounts_in(piece.text, mark))
    if group:
        yield group


def _by_label(page: Page, line: list[Piece], known: tuple[str, _Candidates]) -> None:
    mark, found = known
    line = _own_label(line, mark)
    whole = "  ".join(piece.text for piece in line)
    sums = [one for one in amounts_in(whole, mark) if not one.percent and _money(one)]
    for label in _labels(line):
        meaning, weight = label
        value = _beside(whole, sums) if sums else _under(page, line, mark)
        if value is None:
            continue
        if meaning == "extra":
            found.extras.append(value)
            continue
        if meaning == "tax":
            named = words.TAX.search(whole)
            found.tax_lines.append((named[0].casefold() if named else "", value))
        found.add(getattr(found, meaning), value, weight, whole)
    if len(sums) >= 3 and (words.TOTAL.search(whole) or words.TOTAL_BEST.search(whole)):
        _triple([one.value for one in sums], whole, found)


def _own_label(line: list[Piece], mark: str) -> list[Piece]:
    """Leave out the heads of a table that stands beside a sum: «Tax  Base  Amount  Total  12.00»."""
    first = next((n for n, p in enumerate(line) if list(amounts_in(p.text, mark))), 0)
    heads = line[:first]
    bare = len(heads) > 2 and not any(re.search(r"\d", piece.text) for piece in heads)
    return line[first - 1 :] if bare else line


def _money(one: Amount) -> bool:
    return one.fine or one.value == one.value.to_integral_value()


def _labels(line: list[Piece]) -> Iterator[tuple[str, int]]:
    texts = [piece.text for piece in line]
    label = next((t for t in texts if re.search(r"[^\W\d]{2}", t)), "")
    best = words.TOTAL_BEST.search(label)
    if words.NOT_TAX.search(label):
        label = words.NOT_TAX.sub(lambda m: " " if "total" not in m[0].lower() else m[0], label)
        taxed = False
    else:
        taxed = words.TAX.search(label) is not None
    netted = words.NET.search(texts[0]) or words.NET.search(label)
    if best and netted and best.start() <= netted.start() and netted.end() <= best.end():
        netted = None  # «net à payer» is what is to be paid
    if words.EXTRA.search(label) and not (netted and words.AFTER_EXTRA.search(label)):
        yield "extra", FAIR
        return
    gross = re.search(r"(?i)\b(ttc|brutto|gross|incl|inkl|con\s+iva)", texts[0])
    if netted and not gross and not (taxed and words.TOTAL.search(label)):
        yield "net", STRONG if netted.start() < 3 else FAIR
        return
    if best and not netted:
        yield "total", STRONG
    elif words.TOTAL.search(label) and not taxed:
        yield "total", FAIR
    elif taxed:
        yield "tax", FAIR


def _beside(whole: str, sums: list[Amount]) -> Decimal | None:
    fine = [one for one in sums if one.fine]
    if fine:
        return fine[-1].value
    last = sums[-1]
    return last.value if not whole[last.end :].strip(" €$£.,-") else None


def _under(page: Page, line: list[Piece], mark: str) -> Decimal | None:
    if len(line) != 1:
        return None
    for piece in page.below(line[0], most=1):
        sums = [one for one in amounts_in(piece.text, mark) if one.fine and not one.percent]
        if len(sums) == 1:
            return sums[0].value
    return None


def _triple(values: list[Decimal], line: str, found: _Candidates) -> None:
    for at in range(len(values) - 2):
        net, tax, total = values[at : at + 3]
        if total and net + tax == total and tax <= net:
            found.add(found.net, net, FAIR, line)
            found.add(found.tax, tax, FAIR, line)
            found.add(found.total, total, FAIR, line)


_COLUMNS = (("tax", words.TAX), ("net", words.NET), ("total", words.TOTAL))


def _by_column(page: Page, mark: str, found: _Candidates) -> None:
    """Take tables of tax: a head line with net, tax and total, rows of sums under it."""
    for number, line in enumerate(page.lines):
        whole = "  ".join(piece.text for piece in line)
        heads = {
            name: match
            for name, shape in _COLUMNS
            if (match := _head(shape, whole, name)) is not None
        }
        if not {"tax", "net"} <= heads.keys() or list(amounts_in(whole, mark)):
            continue
        if placed := _by_place(page, line, mark):
            for name, value in placed:
                found.add(getattr(found, name), value, WEAK, whole)
            continue
        order = sorted(heads, key=lambda name: heads[name])
        columns: dict[str, list[Decimal]] = {name: [] for name in order}
        for under in page.lines[number + 1 : number + 9]:
            text = "  ".join(piece.text for piece in under)
            sums = [one.value for one in amounts_in(text, mark) if one.fine and not one.percent]
            if len(sums) < len(order):
                break
            for name, value in zip(order, sums[-len(order) :], strict=True):
                columns[name].append(value)
        for name, values in columns.items():
            where = getattr(found, name)
            for value in {*values, *_summed(values)}:
                found.add(where, value, WEAK, whole)


def _by_place(page: Page, line: list[Piece], mark: str) -> list[tuple[str, Decimal]]:
    """Return the sums under the heads of a table, its last row or all its rows added up."""
    heads: dict[str, Piece] = {}
    for piece in line:
        for name, shape in _COLUMNS:
            if _head(shape, piece.text, name) is not None and not words.NOT_TAX.search(piece.text):
                heads[name] = piece
                break
    if set(heads) != {"tax", "net", "total"}:
        return []
    rows = list(_rows_under(page, heads, mark))
    if not rows:
        return []
    *others, last = rows
    closed = not others or all(
        sum(column[:-1], _ZERO) == column[-1] for column in zip(*rows, strict=True)
    )
    whole = last if closed else [sum(column, _ZERO) for column in zip(*rows, strict=True)]
    return list(zip(heads, whole, strict=True))


def _rows_under(page: Page, heads: dict[str, Piece], mark: str) -> Iterator[list[Decimal]]:
    """Yield rows with one sum under each head, until one has none; a word below may be its unit."""
    start = next(iter(heads.values())).line
    for line in page.lines[start + 1 : start + 9]:
        row = []
        for head in heads.values():
            cells = [
                one
                for piece in line
                if piece.over(head, slack=2.0)
                for one in amounts_in(piece.text, mark)
            ]
            row += [one.value for one in cells if one.fine and not one.percent]
        if len(row) != len(heads):
            return
        yield row


def _head(shape: re.Pattern[str], whole: str, name: str) -> int | None:
    starts = [m.start() for m in shape.finditer(whole)] if name != "total" else [
        m.start() for m in re.finditer(r"(?i)\b(?:total|totaal|brutto|gesamt|ttc|gross|(?:end|gesamt|brutto)(?:betrag|summe))\b", whole)
    ]  # fmt: skip
    if name == "tax":  # «VAT %» is a rate, «VAT» after it is the sum
        starts = [
            s for s in starts if not re.match(r"[\w.]+[\s-]?(?:%|rate|satz|-satz|code)", whole[s:])
        ]
    return starts[-1] if starts else None


def _summed(values: list[Decimal]) -> tuple[Decimal, ...]:
    """Return the sum of a column of several rows; its last row may be the sum already."""
    if len(values) < 2:
        return ()
    *rows, last = values
    return () if sum(rows, _ZERO) == last else (sum(values, _ZERO),)


def _chosen(found: _Candidates, *, untaxed: bool) -> Sums:
    taxes = dict(found.tax)
    # a sum may stand twice on a paper; two taxes may be as large as each other
    for lines in ({value for _, value in found.tax_lines}, dict.fromkeys(found.tax_lines)):
        values = [line if isinstance(line, Decimal) else line[1] for line in lines]
        if len(values) > 1:
            taxes[sum(values, _ZERO)] = FAIR
    if untaxed:
        taxes.setdefault(_ZERO, FAIR)
    scored: dict[tuple[Decimal, Decimal, Decimal], int] = {}
    for total, weight in found.total.items():
        for tax, more in taxes.items():
            for net, most in _nets(found, total, tax):
                if total and net and net + tax == total and abs(tax) <= abs(net):
                    score = weight + more + most + (1 if tax else 0)
                    key = (net, tax, total)
                    scored[key] = max(scored.get(key, 0), score)
    if scored:
        best = max(scored.values())
        winners = [key for key, score in scored.items() if score == best]
        if len(winners) == 1:
            net, tax, total = winners[0]
            near = tuple(line for value in winners[0] for line in found.lines.get(value, ()))
            return Sums(net, tax, total, Belief.LIKELY, near)
        totals = {total for _, _, total in winners}
        return _total_only(found, totals) if len(totals) == 1 else Sums()
    best_total = max(found.total.values(), default=0)
    return _total_only(found, {t for t, w in found.total.items() if w == best_total and t})


def _nets(found: _Candidates, total: Decimal, tax: Decimal) -> Iterator[tuple[Decimal, int]]:
    yield from found.net.items()
    extras = list(dict.fromkeys(found.extras))
    for net, weight in found.net.items():
        for value in (sum(extras, _ZERO), *extras, *(-one for one in extras)):
            if value and net + value + tax == total:
                yield net + value, weight - 1
    if not tax and not found.net:
        yield total, 0


def _total_only(found: _Candidates, totals: set[Decimal]) -> Sums:
    if len(totals) != 1:
        return Sums()
    total = next(iter(totals))
    strong = found.total.get(total, 0) >= FAIR
    near = tuple(found.lines.get(total, ()))
    net = total if total in found.net and not found.tax else None
    return Sums(net, total=total, belief=Belief.DOUBTFUL, near=near) if strong else Sums()
