"""What a check of a template has to say: where, how bad, and what would mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tcma.errors import Invalid
from tcma.words import say


class Severity(StrEnum):
    """An error stops the import; a warning is shown and stays."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark; `line` and `column` count from 1, 0 means the whole file."""

    severity: Severity
    file: str
    line: int = 0
    column: int = 0
    code: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" + (f" — {self.remedy}" if self.remedy else "")


class TemplateRefused(Invalid):
    """The author's files cannot be used; `findings` say where and why."""

    code = "template.refused"

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0]
        more = len(self.findings) - 1
        message = str(first) if not more else f"{first} (and {more} more)"
        super().__init__(message, code=f"template.{first.code}", remedy=first.remedy or None)


def error(file: str, code: str, message: str, *, line: int = 0, remedy: str = "") -> Finding:
    """A finding that stops."""
    return Finding(
        severity=Severity.ERROR, file=file, line=line, code=code, message=message, remedy=remedy
    )


def warning(file: str, code: str, message: str, *, line: int = 0, remedy: str = "") -> Finding:
    """A finding that is shown and stays."""
    return Finding(
        severity=Severity.WARNING, file=file, line=line, code=code, message=message, remedy=remedy
    )


def refusal(
    file: str, code: str, message: str, *, line: int = 0, remedy: str = ""
) -> TemplateRefused:
    """The exception for a single stopping finding."""
    return TemplateRefused([error(file, code, message, line=line, remedy=remedy)])


def nearest(word: str, known: Iterable[str]) -> str:
    """«Did you mean …?» when something known is close, else what is allowed."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return say("did you mean “{word}”?", word=close[0])
    return say("use one of: {names}", names=", ".join(names))
