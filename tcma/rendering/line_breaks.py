"""Where a line may break: at spaces, and, in scripts that write none, between phrases."""

from __future__ import annotations

import re
from functools import lru_cache

import budoux

_SPACES = re.compile(r"(?<=[ \t\r\n])(?![ \t\r\n])")
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_THAI = re.compile("[\u0e00-\u0e7f]")
_INTO_HAN = re.compile("(?<=[\u3040-\u309f])(?=[\u4e00-\u9fff])")
"""A new word, mostly: hiragana end the one before."""
LONGEST = 7
_NOT_FIRST = (
    "、。，．・：；？！ー〜」』）】〉》’”ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々,.;:!?)]}"
)
_NOT_LAST = "「『（【〈《‘“([{"


@lru_cache(maxsize=2048)
def pieces_of(text: str) -> tuple[str, ...]:
    """A text in pieces that stay whole, each with the spaces that follow it.

    Japanese, Chinese and Thai are cut into phrases by BudouX; Korean writes spaces.
    """
    return tuple(piece for word in _SPACES.split(text) for piece in _phrases(word) if piece)


def _phrases(word: str) -> list[str]:
    parser = _parser(word)
    if parser is None:
        return [word]
    phrases = [
        part
        for phrase in parser.parse(word)
        for part in (_INTO_HAN.split(phrase) if len(phrase) > LONGEST else [phrase])
    ]
    return _kept(phrases)


def _kept(pieces: list[str]) -> list[str]:
    """The same, with no mark alone where a line must not begin or end (kinsoku)."""
    found: list[str] = []
    for piece in pieces:
        if found and (piece[0] in _NOT_FIRST or found[-1][-1] in _NOT_LAST):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _parser(word: str) -> budoux.Parser | None:
    if _KANA.search(word):
        return _loaded("ja")
    if _HAN.search(word):
        return _loaded("zh")
    return _loaded("th") if _THAI.search(word) else None


@lru_cache(maxsize=3)
def _loaded(language: str) -> budoux.Parser:
    load = {
        "ja": budoux.load_default_japanese_parser,
        "zh": budoux.load_default_simplified_chinese_parser,
        "th": budoux.load_default_thai_parser,
    }
    return load[language]()
