"""Notices of providers in no shape of their own here: event, address and words, wherever they stand."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tcma.delivery.feedback_notice import Notice, fact_of
from tcma.delivery.feedback_reasons import DEAD, Action, Cause, cause_of

MOST_LEAVES = 400
DEEPEST = 8

_KINDS: dict[str, Action | None] = {
    "delivered": Action.DELIVERED, "delivery": Action.DELIVERED, "sent": Action.DELIVERED,
    "processed": Action.IGNORE, "request": Action.IGNORE, "expanded": Action.IGNORE,
    "open": Action.IGNORE, "opened": Action.IGNORE, "uniqueopened": Action.IGNORE,
    "proxyopen": Action.IGNORE, "click": Action.IGNORE, "clicked": Action.IGNORE,
    "groupresubscribe": Action.IGNORE,
    "spamreport": Action.COMPLAINT, "spam": Action.COMPLAINT, "complaint": Action.COMPLAINT,
    "complained": Action.COMPLAINT, "spamcomplaint": Action.COMPLAINT,
    "unsubscribe": Action.UNSUBSCRIBE, "unsub": Action.UNSUBSCRIBE,
    "unsubscribed": Action.UNSUBSCRIBE, "groupunsubscribe": Action.UNSUBSCRIBE,
    "deferred": Action.SOFT, "deliverydelayed": Action.SOFT, "blocked": Action.SOFT,
    "softbounce": Action.SOFT, "softbounced": Action.SOFT, "quarantined": Action.SOFT,
    "filteredspam": Action.SOFT, "hardbounce": Action.HARD, "hardbounced": Action.HARD,
    "invalidemail": Action.HARD, "invalid": Action.HARD, "suppressed": Action.HARD,
    "bounce": None, "bounced": None, "failed": None, "dropped": None, "block": None, "reject": None,
}  # fmt: skip
"""Names of events without their blanks and dashes; None where the words must decide."""

_DROPPED = (
    ("unsubscribed", Action.UNSUBSCRIBE), ("spam reporting", Action.COMPLAINT),
    ("bounced", Action.HARD), ("invalid", Action.HARD),
)  # fmt: skip
_EVENT_KEYS = ("event", "eventname", "type", "status")
_ADDRESS_KEYS = {
    "email", "recipient", "rcpt", "rcptto", "bouncedrecipient", "to", "emailaddress", "address",
}  # fmt: skip
_WORD_KEYS = {
    "reason", "response", "error", "description", "comment", "message", "context", "statusmessage",
    "diagnosticcode",
}  # fmt: skip
_OTHER_PEOPLE = {"from", "sender", "replyto", "returnpath", "mailfrom", "bounceaddress"}
_LASTING = {
    "permanent": True, "hard": True, "suppressed": True,
    "transient": False, "soft": False, "temporary": False, "undetermined": False,
}  # fmt: skip


def told(event: Mapping[str, Any]) -> Iterator[Notice]:
    """One notice about the first recipient that an event names; none where it names nobody."""
    leaves = list(_leaves(event))[:MOST_LEAVES]
    address = next((str(v) for k, v in leaves if k in _ADDRESS_KEYS and "@" in str(v)), "")
    if not address:
        return
    names = [_plain(v) for key in _EVENT_KEYS for k, v in leaves if k == key and _plain(v)]
    kind = next((name for name in names if name in _KINDS), "" if names else "bounce")
    words = " ".join(str(v) for k, v in leaves if k in _WORD_KEYS and isinstance(v, str))
    codes = [str(event.get(name, "")) for name in ("status", "code", "response_code")]
    notice = Notice(
        fact=fact_of(address, words, next((code for code in codes if code[:1].isdigit()), "")),
        reason=kind or next(iter(names), ""),
        message_id=str(event.get("sg_message_id", event.get("message-id", ""))),
        event_id=str(event.get("sg_event_id", "")),
        action=_KINDS.get(kind, Action.IGNORE),
    )
    if kind in _KINDS and notice.action is None:
        notice = notice.acting(_by_words(kind, notice, leaves))
    yield notice


def _by_words(kind: str, notice: Notice, leaves: list[tuple[str, Any]]) -> Action | None:
    if kind == "dropped":
        words = notice.fact.words.lower()
        return next((action for word, action in _DROPPED if word in words), None)
    lasting = _lasting(leaves)
    if lasting is None:
        return None
    dead = cause_of(notice.fact) in {*DEAD, Cause.UNKNOWN}
    return Action.HARD if lasting and dead else Action.SOFT


def _lasting(leaves: list[tuple[str, Any]]) -> bool | None:
    """Whether the provider says that it is for good; it does not where nothing says so."""
    flags = [v for k, v in leaves if k == "hardbounce" and isinstance(v, bool)]
    words = [
        _LASTING[_plain(v)]
        for k, v in leaves
        if k in {"type", "subtype", "severity", "bounce", "bouncetype"} and _plain(v) in _LASTING
    ]
    return next(iter([*flags, *words]), None)


def _leaves(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every plain value with the name it stands under, outer ones first; senders left out."""
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        pairs = [(_plain(name), one) for name, one in value.items()]
    elif isinstance(value, list):
        pairs = [(key, one) for one in value]
    else:
        yield key, value
        return
    pairs = [pair for pair in pairs if pair[0] not in _OTHER_PEOPLE]
    flat = [pair for pair in pairs if not isinstance(pair[1], Mapping | list)]
    yield from flat
    for name, one in pairs:
        if isinstance(one, Mapping | list):
            yield from _leaves(one, name, depth + 1)


def _plain(name: object) -> str:
    """The last part of a name, letters only: «email.hard_bounced» is «hardbounced»."""
    return re.sub(r"[^a-z]", "", str(name)[:80].rpartition(".")[2].lower())
