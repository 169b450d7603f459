"""What other programs are told, how it is signed, when it is tried again and when no more."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

MARK = "whsec_"
SECRET_SIZE = 32
ROTATION = timedelta(hours=24)
"""How long a secret that was replaced still signs beside the new one."""
LEASE = timedelta(minutes=2)
"""A delivery that was taken and not answered for is free again after this: its process died."""
KEPT = timedelta(days=30)
LONGEST_SAID = 300
WAITS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=16),
    timedelta(hours=24),
)
"""Until the next try, after the first, the second …; after the last nobody tries any more."""


class Event(StrEnum):
    """Something another program may want to hear of."""

    LEAD_RECEIVED = "lead.received"
    LEAD_OFFERED = "lead.offered"
    LEAD_OFFER_OVER = "lead.offer_over"
    LEAD_ACCEPTED = "lead.accepted"
    LEAD_CLOSED = "lead.closed"
    OPPORTUNITY_MADE = "opportunity.made"
    OPPORTUNITY_CHANGED = "opportunity.changed"
    JOURNEY_STEP = "journey.step"
    IMAGE_DONE = "image.done"
    IMAGE_REFUSED = "image.refused"
    TEST = "test"


CHOSEN = {
    Event.LEAD_RECEIVED: "A lead came in",
    Event.LEAD_ACCEPTED: "A partner accepted a lead",
    Event.LEAD_CLOSED: "A lead was won or lost",
    Event.OPPORTUNITY_MADE: "A lead became an opportunity",
    Event.OPPORTUNITY_CHANGED: "An opportunity changed its stage, sum or date",
}
"""What a person may subscribe to."""
NAMED = {
    Event.JOURNEY_STEP: "A journey came to its step",
    Event.IMAGE_DONE: "A picture is drawn",
    Event.IMAGE_REFUSED: "A picture cannot be drawn",
    Event.TEST: "A test",
}
"""What goes to the one address that whoever caused it named."""


OF_PARTNERS = {Event.LEAD_OFFERED: "A lead is offered to you"}
"""What an address of a partner's is told."""
FOLLOWS = {Event.LEAD_OFFER_OVER: "What became of a lead that was offered to you"}
"""What an address is told because it was told something before."""


class Kind(StrEnum):
    """What an address is: a program, which gets all of it as JSON, or a room of a chat, which gets one text."""

    PROGRAM = "program"
    CHAT = "chat"


class EndpointState(StrEnum):
    """Whether an address is told; a paused one keeps what waits."""

    ON = "on"
    PAUSED = "paused"
    ENDED = "ended"


class DeliveryState(StrEnum):
    """What became of one telling."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


def body_of(event: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """Return the octets that are signed and sent; the same row gives the same octets."""
    told = {"type": event, "timestamp": at.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def chat_body_of(data: Mapping[str, Any]) -> bytes:
    """Return the octets of an incoming webhook of a chat: `{"text": …}`, as Slack, Teams and others take it."""
    said = {"text": str(data.get("text") or data.get("note", ""))}
    return json.dumps(said, ensure_ascii=False).encode()


def headers_of(message: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """Return the headers of the Standard Webhooks form: id, seconds, a signature per secret."""
    seconds = str(int(at.timestamp()))
    signed = f"{message}.{seconds}.".encode() + body
    marks = [
        base64.b64encode(hmac.new(each, signed, hashlib.sha256).digest()).decode()
        for each in secrets
    ]
    return {
        "content-type": "application/json",
        "user-agent": "tcma",
        "webhook-id": message,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def shown(secret: bytes) -> str:
    """Return a secret as a person copies it."""
    return MARK + base64.b64encode(secret).decode()


def is_taken(status: int) -> bool:
    """Say whether the other side took it."""
    return 200 <= status < 300


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after so many tries, None when no more."""
    return now + WAITS[attempts - 1] if attempts <= len(WAITS) else None
