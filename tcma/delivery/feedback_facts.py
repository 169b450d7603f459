"""Which recipients a returned mail names and what it says of each: by its machine fields, headers or text."""

import re
import sys
from dataclasses import replace

from tcma.delivery.feedback_report import (
    ADDRESS,
    FIELD,
    NOBODY,
    Fact,
    Report,
    addresses_in,
    header_addresses,
    reply_in,
    status_in,
)

MOST_RECIPIENTS = 200
_NEW_RECIPIENT = {"final-recipient", "original-recipient", "x-actual-recipient"}
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_TO_ASK = re.compile(
    r"(?i)(?:contact|send (?:e-?)?mail to|write to)[ \t]*<?([^\s<>]{1,128}@[^\s<>]{0,254}\w)"
)
"""Whom the reader may ask, who is never the one that failed."""
_SPOKEN_TO = re.compile(
    r"(?im)^[ \t]*(?:In:[ \t]+)?RCPT[ ]+TO:[ \t]*<?([^<>\s]{1,128}@[^<>\s]{0,254}\w)|"
    r"dda:SMTP=([^;\s]{1,128}@[^;\s]{1,255})"
)
_ENDED = re.compile(
    r"(?m)^[45]\d\d (?:[45]\.\d+\.\d+ )?<([^<>\s]{1,128}@[^<>\s]{1,255})>\.\.\.[^\n]*"
)
_COMMANDS = {
    "DATA": r"end of data|after data|final data|to data command|data command|transfer of mail text|"
    r"after transfer|>>> ?(?:data|\.)\s|command\s+data\b|after end|message text|[\[(]data[\])]",
    "RCPT": r"rcpt[ _]to|rcpt command|>>> ?rcpt|after rcpt|smtp:rcpt|\brcpt\b|does not like recipient",
    "MAIL": r"mail from:?|>>> ?mail|after mail|sender address rejected",
    "EHLO": r"\behlo\b|\bhelo\b",
    "CONN": r"initial connection|initial server greeting|connect to|connection (?:refused|timed)",
}
_SAID = re.compile(
    r"(?m)^>>> ?([A-Z]{4})\b[^\n]*\n(?:<<< ?[23][^\n]*\n)*<<< ?[45]\d\d", re.IGNORECASE
)
_COMMAND = tuple((name, re.compile(words, re.IGNORECASE)) for name, words in _COMMANDS.items())


def facts(report: Report) -> list[Fact]:
    """One fact per recipient named by machine fields, headers or text, in that order of trust."""
    told = [fact for fact in _from_fields(report) if fact.recipient]
    if len(told) == 1 and not ADDRESS.search(told[0].recipient):
        # Exim names the file it wrote to, others a host alone
        failed = header_addresses(report.headers, "X-Failed-Recipients")
        named = failed or [fact.recipient for fact in _from_text(report)]
        told = [replace(told[0], recipient=named[0])] if len(named) == 1 else told
    if told:
        return _once([_completed(fact, report, alone=len(told) == 1) for fact in told])
    return _once(_from_text(report))


def _from_fields(report: Report) -> list[Fact]:
    source = report.fields or (report.text if "final-recipient:" in report.text.lower() else "")
    blocks: list[dict[str, str]] = []
    for chunk in re.split(r"\n[ \t]*\n", source.replace("\r\n", "\n")):
        block: dict[str, str] = {}
        for raw_name, value in FIELD.findall(chunk):
            name = raw_name.lower()
            if name in _NEW_RECIPIENT and name in block:
                blocks.append(block)
                block = {}
            block.setdefault(name, " ".join(value.split()))
        blocks.append(block)
    return [_fact(block) for block in blocks if _NEW_RECIPIENT & block.keys()]


def _fact(block: dict[str, str]) -> Fact:
    names = [block.get(name, "") for name in ("final-recipient", "original-recipient",
                                              "x-actual-recipient")]  # fmt: skip
    told = [a for name in names for a in addresses_in(_typed(name))]
    recipient = next((a for a in told if "." in a.rpartition("@")[2]), next(iter(told), ""))
    words = _typed(block.get("diagnostic-code", ""))
    status = status_in(block.get("status", ""))
    return Fact(
        recipient=recipient or next((_typed(n) for n in names if n), ""),
        action=block.get("action", "").lower().split(" ")[0],
        status=_better(status, status_in(words)),
        reply=reply_in(words + " "),
        command=_command(words),
        words=f"{words} {block.get('status', '')}".strip(),
        around=block.get("x-powermta-bouncecategory", ""),
    )


def _typed(value: str) -> str:
    kind, sep, rest = value.partition(";")
    bare = (rest if sep and re.fullmatch(r"[\w-]{1,20}", kind.strip()) else value).strip(" <>'\"")
    return _ESCAPED.sub(_unescaped, bare) if kind.strip().lower() == "utf-8" else bare


def _unescaped(code: re.Match[str]) -> str:
    """A character that RFC 6533 writes as an escaped number."""
    number = int(code[1], 16)
    return chr(number) if number <= sys.maxunicode and not 0xD800 <= number < 0xE000 else code[0]


def _better(told: str, found: str) -> str:
    """The code of the diagnostic when the field only says «failed somehow»."""
    vague = not told or told.split(".")[1] == "0"
    return found if found and vague else told


def _completed(fact: Fact, report: Report, *, alone: bool) -> Fact:
    """Adds what the readable part says about this recipient."""
    near = report.text if alone else _segment(report.text, fact.recipient)
    return replace(
        fact,
        command=fact.command or _command(near),
        reply=fact.reply or reply_in(near),
        around=f"{fact.around}\n{near}",
    )


def _segment(text: str, recipient: str) -> str:
    place = text.lower().find(recipient.lower())
    if place < 0:
        return ""
    after = [m.start() for m in ADDRESS.finditer(text, place + len(recipient))
             if m.group().lower() != recipient.lower() and not NOBODY.match(m.group())]  # fmt: skip
    return text[place : after[0] if after else place + 600]


def _from_text(report: Report) -> list[Fact]:
    text = report.text
    if len(spelled := _from_transcript(text)) > 1:
        return spelled
    failed = [a for v in report.headers.get_all("X-Failed-Recipients", []) for a in addresses_in(v)]
    told = header_addresses(report.headers, "To", "From", "Return-Path", "Delivered-To")
    sender = header_addresses(report.original, "From", "Sender", "Return-Path")
    sent_to = header_addresses(report.original, "To", "Cc", "X-Original-To", "Delivered-To")
    asked = _TO_ASK.findall(text)
    own = {address.lower() for address in (*told, *sender, *asked)}
    targets = {address.lower() for address in sent_to}
    named = [
        a
        for a in addresses_in(text)[:MOST_RECIPIENTS]
        if a.lower() not in own and not _is_id(text, a)
    ]
    marked = [a for a in named if _is_marked(text, a)]
    both = [a for a in named if a.lower() in targets]
    rest = [*named, *addresses_in(report.head("Subject")), *sent_to]
    other = [a for a in rest if a.lower() not in own]
    if failed and marked and not set(failed) & set(named):
        failed = marked  # the header names whom the report's own text does not
    spoken = [smtp or x400 for smtp, x400 in _SPOKEN_TO.findall(text)]
    recipients = failed or spoken or marked or both or (other or sent_to)[:1]
    several = len(recipients) > 1
    out = []
    for recipient in recipients:
        words = (_segment(text, recipient) if several else text) or text
        out.append(_in_words(recipient, words))
    return out


def _in_words(recipient: str, words: str) -> Fact:
    return Fact(recipient=recipient, status=status_in(words), reply=reply_in(words),
                command=_command(words), words=words)  # fmt: skip


def _from_transcript(text: str) -> list[Fact]:
    """Facts of a session as old Sendmail tells it: each refusal ends with the recipient it is about."""
    found, start = [], 0
    for match in _ENDED.finditer(text):
        found.append(_in_words(match[1], text[start : match.end()]))
        start = match.end()
    return found


def _is_id(text: str, address: str) -> bool:
    return bool(re.search(rf"(?:message-id|\\bid)[: ]+<?{re.escape(address)}", text, re.IGNORECASE))


def _is_marked(text: str, address: str) -> bool:
    """Stands alone or first on its line, as the failing address of most reports does."""
    return bool(re.search(
        rf"^[ \t>*]*(?:To:?|(?:Intended )?Recipients?:|unable to deliver to:?|(?:Unknown|Bad) user:)?[ \t]*[<\"']?{re.escape(address)}[>\"']?"
        r"(?:[ \t]*[:;.(\[]|[ \t]*$|[ \t]+on \d|\.\.\.|[ \t]{2,}|[ \t]+[A-Z])",
        text, re.IGNORECASE | re.MULTILINE,
    ))  # fmt: skip


def _command(words: str) -> str:
    """The refused command: in a transcript the one above the refusal, not the one after it."""
    if said := _SAID.search(words):
        return said[1].upper()
    return next((name for name, pattern in _COMMAND if pattern.search(words)), "")


def _once(found: list[Fact]) -> list[Fact]:
    seen: dict[str, Fact] = {}
    for fact in found:
        seen.setdefault(fact.recipient.lower(), fact)
    return list(seen.values())
