"""Whatever comes back for a mail, judged: bounce, complaint, opt-out, auto reply, answer or nothing."""

import re
from dataclasses import dataclass, fields, replace
from email.message import Message
from pathlib import Path

from tcma.delivery.feedback_facts import facts
from tcma.delivery.feedback_hooks import notices
from tcma.delivery.feedback_kinds import (
    BOUNCE_SUBJECT,
    DAEMON,
    has_no_return,
    is_auto_reply,
    is_bounce,
    is_machine,
    is_opt_out,
)
from tcma.delivery.feedback_reasons import Action, Cause, action_of, cause_of
from tcma.delivery.feedback_replies import answered, is_for_many, own_words, who
from tcma.delivery.feedback_report import (
    Fact,
    Report,
    addresses_in,
    header_addresses,
    one_header,
    report_of,
    status_in,
    take_apart,
    take_apart_flat,
)

MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One verdict. `message_id` and `envelope` help to find the message when `recipient` is hidden.

    `status` is an enhanced code (5.1.1), an SMTP reply (550) or empty; `envelope` is the address
    the report was sent to, which carries our token. `name`, `subject` and `words` are of somebody
    who answered.
    """

    recipient: str
    action: Action
    status: str = ""
    reason: str = ""
    message_id: str = ""
    envelope: str = ""
    event_id: str = ""
    name: str = ""
    subject: str = ""
    words: str = ""


def classify(raw: bytes) -> list[Feedback]:
    """Verdicts on a returned mail, a feedback report, an mbox of them, or a webhook body.

    So are answers to a mail of ours that a person wrote. A mail that is none of these gives an
    empty list. Never raises for what the bytes hold.
    """
    raw = raw[:MOST_BYTES]
    if raw.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        found = _from_hook(raw.decode("utf-8", "replace").lstrip("\ufeff"))
        if found is not None:
            return [_storable(each) for each in found]
    out: list[Feedback] = []
    for mail in _mails(raw):
        out += _from_mail(mail)
    return [_storable(each) for each in out]


def _storable(feedback: Feedback) -> Feedback:
    """Without the character that no row can hold."""
    told = {field.name: getattr(feedback, field.name) for field in fields(feedback)}
    bad = {name: text.replace("\x00", "") for name, text in told.items()
           if name != "action" and "\x00" in text}  # fmt: skip
    return replace(feedback, **bad) if bad else feedback


def classify_file(path: Path) -> list[dict[str, str]]:
    """The same for a file, in the shape `tcma feedback classify` prints."""
    return [
        {
            "recipient": found.recipient,
            "action": str(found.action),
            "status": found.status,
            "reason": found.reason,
        }
        for found in classify(path.read_bytes())
    ]


def _mails(raw: bytes) -> list[bytes]:
    if not raw.startswith(b"From "):
        return [raw]
    parts = re.split(rb"(?:\A|\r?\n\r?\n)From (?=\S+[^\n]*\d{2}:\d{2})[^\n]*\n(?=[A-Za-z-]+:)", raw)
    return [part for part in parts if part.strip()]


def _from_hook(text: str) -> list[Feedback] | None:
    try:
        found = notices(text)
    except (ValueError, RecursionError):
        return None
    out = []
    for notice in found:
        cause = cause_of(notice.fact)
        action = notice.action or action_of(notice.fact, cause)
        out.append(Feedback(
            recipient=notice.fact.recipient, action=action,
            status=notice.fact.status or notice.fact.reply,
            reason=str(cause) if notice.action is None else notice.reason,
            message_id=notice.message_id, event_id=notice.event_id,
        ))  # fmt: skip
    return out


def _from_mail(raw: bytes) -> list[Feedback]:
    try:
        return _from_report(take_apart(raw))
    except RecursionError:
        return _from_report(take_apart_flat(raw))


def _from_report(report: Report) -> list[Feedback]:
    text = report.text.strip()
    if text.startswith("{"):
        notice = text.split("\n\n--\n")[0]
        # a mail breaks lines that a notice has not
        if hooked := _from_hook(notice) or _from_hook(notice.replace("\n", "")):
            return hooked
    if report.feedback or _is_old_complaint(report):
        return _complaint(report)
    if found := _by_wish_or_by_itself(report):
        return [found]
    if forwarded := _forwarded(report):
        return _bounce(forwarded)
    name = _answered_by_a_person(report)
    if name or is_bounce(report):
        return [_reply(report, name)] if name else _bounce(report)
    answers = has_no_return(report) and header_addresses(report.headers, "From")
    return [_about_sender(report, Action.AUTO_REPLY, "automatic reply")] if answers else []


# ── bounces ──────────────────────────────────────────────────────────────────────────────────


def _bounce(report: Report) -> list[Feedback]:
    report = _unwrapped(report)
    found = facts(report) or [Fact(recipient="", words=report.text)]
    return [_judged(fact, report) for fact in found]


_FORWARD = re.compile(
    r"^\W*(?:fwd?|wg|tr|rv|i|enc|doorst|vs|转发|轉寄|転送)\s*[:：]", re.IGNORECASE
)
_TRANSCRIPT = re.compile(r"had permanent fatal errors", re.IGNORECASE)


def _unwrapped(report: Report) -> Report:
    """The report inside, when a gateway returned somebody else's report and tells nothing itself."""
    inner = report.original
    if report.fields or inner is None:
        return report
    found = report_of(inner)
    typed = inner.get_content_type() == "multipart/report" and found.fields
    old = _TRANSCRIPT.search(found.text) and _says_nothing(report)
    return replace(found, headers=report.headers) if typed or old else report


def _says_nothing(report: Report) -> bool:
    return cause_of(Fact(recipient="", words=report.text)) is Cause.UNKNOWN


def _forwarded(report: Report) -> Report | None:
    """The report that somebody passed on, quoted line by line under a subject that says so."""
    subject = report.head("Subject")
    if not (_FORWARD.search(subject) and BOUNCE_SUBJECT.search(subject)):
        return None
    quoted = re.findall(r"(?m)^>[ \t]?(.*)$", report.words)
    found = take_apart("\n".join(["", *quoted]).encode())
    told = _TRANSCRIPT.search(found.text) or "final-recipient:" in found.text.lower()
    return replace(found, headers=report.headers) if told else None


def _judged(fact: Fact, report: Report) -> Feedback:
    cause = cause_of(fact)
    action = action_of(fact, cause)
    reason = "delivered" if action is Action.DELIVERED else str(cause)
    if action is Action.SOFT and fact.action == "delayed" and cause is Cause.UNKNOWN:
        reason = "delayed"
    return _feedback(report, fact.recipient, action, fact.status or fact.reply, reason)


# ── complaints ───────────────────────────────────────────────────────────────────────────────

_NOT_A_COMPLAINT = {"auth-failure", "dmarc", "not-spam", "tls-report", "miscategorized"}
_TO_FIELDS = (
    "original-rcpt-to",
    "removal-recipient",
    "redacted-address",
    "original-recipient",
    "final-recipient",
)


def _is_old_complaint(report: Report) -> bool:
    """Providers that send complaints as a plain forward: Hotmail's JMRP, AOL's scomp."""
    return bool(
        re.search(r"^complaint about message from|email feedback report for ip|^abuse report\b",
                  report.head("Subject"), re.IGNORECASE)
        or report.headers.get("X-HmXmrOriginalRecipient")
    )  # fmt: skip


def _complaint(report: Report) -> list[Feedback]:
    kind = report.feedback.get("feedback-type", ["abuse"])[0].strip().lower()
    if kind in _NOT_A_COMPLAINT:
        action = Action.IGNORE
    elif kind.startswith("opt-out"):
        action = Action.UNSUBSCRIBE
    else:
        action = Action.COMPLAINT
    told = [
        a for name in _TO_FIELDS for v in report.feedback.get(name, []) for a in addresses_in(v)
    ]
    told += header_addresses(report.original, "X-HmXmrOriginalRecipient")
    if not told:
        told = header_addresses(report.original, "Delivered-To", "X-Original-To", "To")[:1]
    recipients = list(dict.fromkeys(told)) or [""]
    return [_feedback(report, recipient, action, "", kind) for recipient in recipients]


# ── auto replies and opt-outs ────────────────────────────────────────────────────────────────


def _by_wish_or_by_itself(report: Report) -> Feedback | None:
    """What a recipient asked for, or what its program said without it."""
    if report.receipt:
        return _receipt(report)
    if is_opt_out(report):
        return _about_sender(report, Action.UNSUBSCRIBE, "asked by mail")
    if is_auto_reply(report):
        return _about_sender(report, Action.AUTO_REPLY, "automatic reply")
    return None


def _answered_by_a_person(report: Report) -> str:
    """Return the name of our mail that somebody answered, empty when no person did.

    Looked at before bounces: who answers may quote what a server said, or be «unable to reach» us.
    """
    name = answered(report.headers)
    by_machine = (
        is_machine(report)
        or is_for_many(report.headers)
        or has_no_return(report)
        or DAEMON.search(report.head("From"))
        or BOUNCE_SUBJECT.search(report.head("Subject"))
        or status_in(own_words(report.text))
    )
    return "" if by_machine else name


def _reply(report: Report, name: str) -> Feedback:
    person, address = who(report.headers)
    return Feedback(
        recipient=address, action=Action.REPLY, reason="answer", message_id=name,
        envelope=_envelope(report.headers), event_id=_number_of(report), name=person,
        subject=report.head("Subject")[:200], words=own_words(report.words),
    )  # fmt: skip


def _number_of(report: Report) -> str:
    """The number its writer's program gave it: one mail that reaches us by two ways is one answer."""
    number = report.head("Message-ID").strip("<> ")
    return f"reply {number}"[:400] if number else ""


def _receipt(report: Report) -> Feedback:
    """A receipt (RFC 8098) says that a mail was shown or thrown away: it arrived, nobody wrote."""
    told = [a for v in report.receipt.get("final-recipient", []) for a in addresses_in(v)]
    found = _about_sender(report, Action.AUTO_REPLY, "read receipt")
    original = report.receipt.get("original-message-id", [""])[0].strip("<> ")
    return replace(
        found,
        recipient=told[0] if told else found.recipient,
        message_id=found.message_id or original,
    )


def _about_sender(report: Report, action: Action, reason: str) -> Feedback:
    sender = header_addresses(report.headers, "From", "Reply-To", "Sender")
    return _feedback(report, sender[0] if sender else "", action, "", reason)


def _feedback(report: Report, recipient: str, action: Action, status: str, reason: str) -> Feedback:
    return Feedback(
        recipient=recipient, action=action, status=status, reason=reason,
        message_id=_message_id(report.original), envelope=_envelope(report.headers),
    )  # fmt: skip


def _message_id(original: Message | None) -> str:
    return "" if original is None else one_header(original, "Message-ID").strip("<> ")


def _envelope(headers: Message) -> str:
    to = header_addresses(headers, "X-Original-To", "Delivered-To", "Envelope-To", "To")
    return to[0] if to else ""
