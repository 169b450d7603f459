"""Which encoding a text file is in: its mark, its zero bytes, its UTF-8 shape, then its letters."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from tcma.contacts.mapping import known_headers
from tcma.errors import Invalid
from tcma.words import say

_BLOCK = 1 << 20
_SAMPLE = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = ("cp1252", "mac-roman", "cp850", "cp1250", "cp1254")
_OTHER = [
    "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "iso8859_5", "mac_cyrillic",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
]  # fmt: skip
_HEADERS, _HEADER_LINES = 1 << 13, 12
_SEPARATOR = re.compile(r"[;,|\t]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_COMMON = set("äöüßéèêëàâáãåæçñóòôõøúùûíìîïýœÄÖÜÉÀÈÅØÆÇÑłńśźżąęćčšžřěů")
_TURKISH = set("ğışĞİŞ")
_NOT_TURKISH = set("áíóúæÁÍÓÚÆ")
_MISREAD = re.compile(
    r"\w*ø\w*[íáìèùý]\w*|\w*[íáìèùý]\w*ø\w*|\w*ì[a-zø]\w*|£[^\W\d_]", re.IGNORECASE
)
"""No Western language puts ø beside these letters, ì inside a word or £ before one: ř, ě, Ł of cp1250."""
_TYPOGRAPHY = set("€“”‘’„–—…·•°«»®©™´§ºª¿¡£\u00a0\u00ad")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A Python codec name; `damaged` when some bytes do not fit and are read as U+FFFD."""

    name: str
    damaged: bool = False


def text_encoding(path: Path) -> Encoding:
    """Reads the file once in blocks. Raises Invalid for bytes that are no text at all."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    if head.count(0) * 5 > len(head):
        return Encoding(_utf16_without_mark(head))
    errors, wide, odd = _utf8_shape(path)
    if not errors:
        return Encoding("utf-8")
    if wide > 4 * errors:
        return Encoding("utf-8", damaged=True)
    return Encoding(_by_letters(odd or head))


def _utf16_without_mark(head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 10 * even and odd * 4 > len(head) // 2:
        return "utf-16-le"
    if even > 10 * odd and even * 4 > len(head) // 2:
        return "utf-16-be"
    raise Invalid(
        say("This is not a text file: it is full of zero bytes."),
        code="contacts.file_binary",
        remedy=say("Save the sheet as CSV or XLSX and try again."),
    )


def _utf8_shape(path: Path) -> tuple[int, int, bytes]:
    """Broken places, whole multi-byte characters, and a sample around the first broken place."""
    errors = wide = 0
    sample = b""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            try:
                text = decoder.decode(block)
                wide += 0 if text.isascii() else sum(1 for c in text if c > "\x7f")
                continue
            except UnicodeDecodeError as why:
                sample = sample or block[max(0, why.start - _SAMPLE) : why.start + _SAMPLE]
            decoder.reset()
            text = block.decode("utf-8", "replace")
            broken = text.count("\ufffd")
            errors += broken
            wide += sum(1 for c in text if c > "\x7f") - broken
    tail = decoder.getstate()[0]
    return errors, wide + (1 if tail else 0), sample


def _named(sample: bytes) -> list[str]:
    """Return the encodings in which the first lines hold most headers we know beyond ASCII."""
    counts: dict[str, int] = {}
    lines = sample[:_HEADERS].splitlines()[:_HEADER_LINES]
    for name in dict.fromkeys((*_WESTERN, *_OTHER)):
        for line in lines:
            cells = _SEPARATOR.split(line.decode(name, "replace"))
            known = known_headers([cell.strip(' "') for cell in cells if not cell.isascii()])
            counts[name] = max(counts.get(name, 0), known)
    best = max(counts.values(), default=0)
    return [name for name, count in counts.items() if count == best and best]


def _by_letters(sample: bytes) -> str:
    named = _named(sample)
    if named and not set(named) & set(_WESTERN):
        return named[0].replace("_", "-")
    runs = [len(run) for run in _HIGH_RUN.findall(sample)]
    alone = sum(1 for n in runs if n <= 2)
    if alone * 10 < len(runs) * 7:
        from charset_normalizer import from_bytes  # heavy: for few files

        best = from_bytes(sample[:65536], cp_isolation=_OTHER).best()
        if best is not None:
            return best.encoding.replace("_", "-")
    western = [name for name in _WESTERN if name in named] or _WESTERN
    scores = [(_score(sample, name), -order, name) for order, name in enumerate(western)]
    best_score, _, name = max(scores)
    return name if best_score > _IMPOSSIBLE else "latin-1"


_IMPOSSIBLE = -1_000_000_000


def _score(sample: bytes, encoding: str) -> int:
    """Higher when the high bytes become letters that Western names use, in words, in their case."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return _IMPOSSIBLE
    score = -6 * len(_MISREAD.findall(text)) if encoding in {"cp1252", "cp1254"} else 0
    common = _COMMON | _TURKISH if encoding == "cp1254" else _COMMON
    for place, char in enumerate(text):
        if char <= "\x7f":
            continue
        before = text[place - 1] if place else " "
        if encoding == "cp1254" and char in _NOT_TURKISH:
            score -= 12
        elif char in common:
            shouting = char.isupper() and before.islower()
            score += -3 if shouting else 3
        elif char in _TYPOGRAPHY:
            score += -2 if before.isalpha() and char not in "’®™\u00ad“”–" else 1
        elif char.isalpha():
            score -= 1
        else:
            score -= 4
    return score
