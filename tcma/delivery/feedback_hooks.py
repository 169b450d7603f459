"""Webhook notices of mail providers, told apart by their own fields, as facts or plain verdicts."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tcma.delivery.feedback_any_hook import told as told_anyhow
from tcma.delivery.feedback_notice import Notice, fact_of
from tcma.delivery.feedback_reasons import Action


def notices(text: str) -> list[Notice]:
    """Events in a JSON document, a JSON array or JSON lines; a ValueError for anything else."""
    try:
        document = json.loads(text)
    except ValueError:
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        document = lines
    return list(_walk(document))


def _walk(document: Any) -> Iterator[Notice]:
    if isinstance(document, list):
        for item in document:
            yield from _walk(item)
        return
    if not isinstance(document, Mapping):
        return
    inner = document.get("Message")
    if isinstance(inner, str) and inner.lstrip().startswith("{"):
        yield from _walk(json.loads(inner))
        return
    for key in ("msys", "Records", "records", "events", "mandrill_events"):
        if key in document and not isinstance(document[key], str):
            yield from _walk(document[key])
            return
    if isinstance(document.get("detail"), Mapping):  # Amazon EventBridge
        yield from _walk(document["detail"])
        return
    for wrapper in ("message_event", "track_event", "unsubscribe_event", "gen_event"):
        if isinstance(document.get(wrapper), Mapping):
            yield from _sparkpost(document[wrapper])
            return
    yield from _one(document)


def _one(event: Mapping[str, Any]) -> Iterator[Notice]:
    if "mail" in event and ("notificationType" in event or "eventType" in event):
        yield from _ses(event)
    elif "event-data" in event:
        yield from _mailgun(event["event-data"])
    elif "RecordType" in event:
        yield from _postmark(event)
    elif isinstance(event.get("msg"), Mapping):
        yield from _mandrill(event)
    else:
        yield from told_anyhow(event)


def _ses(event: Mapping[str, Any]) -> Iterator[Notice]:
    kind = str(event.get("notificationType") or event.get("eventType"))
    mail = event.get("mail") or {}
    body = event.get(kind.lower()) or event.get(f"{kind[:1].lower()}{kind[1:]}") or {}
    ids = {
        "message_id": str(
            (mail.get("commonHeaders") or {}).get("messageId") or mail.get("messageId", "")
        ),
        "event_id": str(body.get("feedbackId", "")),
    }
    if kind == "Bounce":
        general = f"{body.get('bounceType', '')}/{body.get('bounceSubType', '')}"
        for one in body.get("bouncedRecipients", []):
            words = str(one.get("diagnosticCode", ""))
            fact = fact_of(one.get("emailAddress"), words, str(one.get("status", "")))
            yield Notice(fact=fact, action=_ses_action(general, words), reason=general, **ids)
    elif kind == "Complaint":
        what = str(body.get("complaintFeedbackType") or "abuse")
        action = Action.IGNORE if what in {"not-spam", "auth-failure"} else Action.COMPLAINT
        for one in body.get("complainedRecipients", []):
            yield Notice(fact=fact_of(one.get("emailAddress")), action=action, reason=what, **ids)
    else:
        action = {"Delivery": Action.DELIVERED, "DeliveryDelay": Action.SOFT}.get(
            kind, Action.IGNORE
        )
        if kind == "Subscription":
            action = Action.UNSUBSCRIBE
        told = (
            body.get("recipients") or body.get("delayedRecipients") or mail.get("destination") or []
        )
        for one in told:
            address = one.get("emailAddress") if isinstance(one, Mapping) else one
            words = str(body.get("smtpResponse", ""))
            yield Notice(fact=fact_of(address, words), action=action, reason=kind, **ids)


def _ses_action(general: str, words: str) -> Action | None:
    if general.startswith(("Transient", "Undetermined")):
        return Action.SOFT
    if general.endswith(("/Suppressed", "/OnAccountSuppressionList", "/NoEmail")):
        return Action.HARD
    return None if words else Action.HARD


_MAILGUN_LISTED = {
    "suppress-bounce": Action.HARD,
    "suppress-complaint": Action.COMPLAINT,
    "suppress-unsubscribe": Action.UNSUBSCRIBE,
}


def _mailgun(event: Mapping[str, Any]) -> Iterator[Notice]:
    kind = str(event.get("event", ""))
    status = event.get("delivery-status") or {}
    words = f"{status.get('code', '')} {status.get('message', '')} {status.get('description', '')}"
    known = {"delivered": Action.DELIVERED, "complained": Action.COMPLAINT,
             "unsubscribed": Action.UNSUBSCRIBE, "rejected": Action.SOFT}  # fmt: skip
    action = known.get(kind, Action.IGNORE)
    if kind in {"failed", "bounced", "dropped"}:
        temporary = event.get("severity") == "temporary"
        action_or_words = (
            Action.SOFT if temporary else _MAILGUN_LISTED.get(str(event.get("reason")))
        )
        yield Notice(fact=fact_of(event.get("recipient"), words), action=action_or_words,
                     reason=str(event.get("reason", kind)), event_id=str(event.get("id", "")))  # fmt: skip
        return
    yield Notice(fact=fact_of(event.get("recipient"), words), action=action, reason=kind,
                 event_id=str(event.get("id", "")))  # fmt: skip


_POSTMARK_HARD = {"HardBounce", "BadEmailAddress", "ManuallyDeactivated", "InboundError"}
_POSTMARK_IGNORE = {
    "AutoResponder",
    "AddressChange",
    "ChallengeVerification",
    "OpenRelayTest",
    "Subscribe",
}


def _postmark(event: Mapping[str, Any]) -> Iterator[Notice]:
    record, kind = str(event["RecordType"]), str(event.get("Type", ""))
    address = event.get("Email") or event.get("Recipient")
    words = f"{event.get('Details', '')} {event.get('Description', '')}"
    action: Action | None = {"Delivery": Action.DELIVERED, "SpamComplaint": Action.COMPLAINT}.get(
        record, Action.IGNORE
    )
    if record == "SubscriptionChange" and event.get("SuppressSending"):
        reasons = {"HardBounce": Action.HARD, "SpamComplaint": Action.COMPLAINT}
        action = reasons.get(str(event.get("SuppressionReason")), Action.UNSUBSCRIBE)
    if record == "Bounce":
        if kind in _POSTMARK_HARD:
            action = Action.HARD
        elif kind in {"SpamComplaint", "SpamNotification"}:
            action = Action.COMPLAINT if kind == "SpamComplaint" else Action.SOFT
        elif kind == "Unsubscribe":
            action = Action.UNSUBSCRIBE
        else:
            action = Action.AUTO_REPLY if kind in _POSTMARK_IGNORE else Action.SOFT
    yield Notice(fact=fact_of(address, words), action=action, reason=kind or record,
                 message_id=str(event.get("MessageID", "")), event_id=str(event.get("ID", "")))  # fmt: skip


def _sparkpost(event: Mapping[str, Any]) -> Iterator[Notice]:
    kind = str(event.get("type", ""))
    hard = {"10", "30", "90"}
    known = {"delivery": Action.DELIVERED, "spam_complaint": Action.COMPLAINT,
             "list_unsubscribe": Action.UNSUBSCRIBE, "link_unsubscribe": Action.UNSUBSCRIBE,
             "delay": Action.SOFT, "policy_rejection": Action.SOFT}  # fmt: skip
    action = known.get(kind, Action.IGNORE)
    if kind in {"bounce", "out_of_band"}:
        code = str(event.get("bounce_class", ""))
        action = Action.HARD if code in hard else Action.AUTO_REPLY if code == "60" else Action.SOFT
    yield Notice(fact=fact_of(event.get("rcpt_to"), str(event.get("raw_reason", ""))), action=action,
                 reason=kind, event_id=str(event.get("event_id", "")))  # fmt: skip


def _mandrill(event: Mapping[str, Any]) -> Iterator[Notice]:
    kind, message = str(event.get("event", "")), event["msg"]
    known = {"hard_bounce": Action.HARD, "soft_bounce": Action.SOFT, "spam": Action.COMPLAINT,
             "unsub": Action.UNSUBSCRIBE, "deferral": Action.SOFT, "reject": Action.SOFT,
             "send": Action.DELIVERED, "delivered": Action.DELIVERED}  # fmt: skip
    yield Notice(fact=fact_of(message.get("email"), str(message.get("diag", ""))),
                 action=known.get(kind, Action.IGNORE), reason=kind,
                 message_id=str(message.get("_id", "")))  # fmt: skip
