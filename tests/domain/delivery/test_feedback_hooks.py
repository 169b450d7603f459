"""Notices of many providers, each in its own shape, say the same few things about an address."""

import json

import pytest

from tcma.delivery.feedback_parse import classify
from tcma.delivery.feedback_reasons import Action

ADA = "ada@example.org"
HARD, SOFT, OUT = Action.HARD, Action.SOFT, Action.UNSUBSCRIBE


def resend(kind, **more):
    return {"type": f"email.{kind}", "data": {"from": "p@partner.example", "to": [ADA], **more}}


def mailersend(kind):
    return {"type": f"activity.{kind}", "data": {"email": {"recipient": {"email": ADA}}}}


def azure(status, words=""):
    told = {"sender": "p@partner.example", "recipient": ADA, "status": status,
            "deliveryStatusDetails": {"statusMessage": words}}  # fmt: skip
    return [{"eventType": "Microsoft.Communication.EmailDeliveryReportReceived", "data": told}]


def mailgun(reason, **more):
    return {"event-data": {"event": "failed", "severity": "permanent", "reason": reason,
                           "recipient": ADA, **more}}  # fmt: skip


SES = {"eventType": "Bounce", "mail": {}, "bounce": {
    "bounceType": "Permanent", "bounceSubType": "General",
    "bouncedRecipients": [{"emailAddress": ADA, "diagnosticCode": "smtp; 550 5.1.1 user unknown"}],
}}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ({"detail-type": "Email Bounced", "source": "aws.ses", "detail": SES}, HARD),
        ([{"event": "dropped", "email": ADA, "reason": "Invalid"}], HARD),
        ([{"event": "dropped", "email": ADA, "reason": "Spam Reporting Address"}], Action.COMPLAINT),
        ([{"event": "dropped", "email": ADA, "reason": "Unsubscribed Address"}], OUT),
        ([{"email": ADA, "status": "5.1.1", "reason": "550 5.1.1 User Unknown"}], HARD),
        (mailgun("suppress-bounce"), HARD),
        (mailgun("suppress-unsubscribe"), OUT),
        (mailgun("suppress-complaint"), Action.COMPLAINT),
        (resend("bounced", bounce={"message": "is on the suppression list", "type": "Permanent"}), HARD),
        (resend("bounced", bounce={"message": "550 5.7.1 blocked", "type": "Permanent"}), SOFT),
        (resend("bounced", bounce={"message": "gone for now", "type": "Transient"}), SOFT),
        (resend("complained"), Action.COMPLAINT),
        (resend("delivered"), Action.DELIVERED),
        (resend("delivery_delayed"), SOFT),
        (mailersend("hard_bounced"), HARD),
        (mailersend("soft_bounced"), SOFT),
        (mailersend("spam_complaint"), Action.COMPLAINT),
        (mailersend("unsubscribed"), OUT),
        ({"event": "bounce", "bounce": "hard", "rcpt": ADA, "context": "550 5.1.1 unknown"}, HARD),
        ({"event": "bounce", "bounce": "soft", "rcpt": ADA, "context": "452 mailbox full"}, SOFT),
        ({"events": [{"event": "soft bounce", "email": ADA, "response_code": 452}]}, SOFT),
        (azure("Bounced", "550 5.1.1 user unknown"), HARD),
        (azure("Suppressed"), HARD),
        (azure("Quarantined"), SOFT),
        (azure("Delivered"), Action.DELIVERED),
        ({"event_name": ["hardbounce"], "event_message": [{"email_info": {
            "from": {"address": "p@partner.example"}, "to": [{"email_address": {"address": ADA}}]}}]}, HARD),
        ({"event": "something new", "email": ADA}, Action.IGNORE),
    ],
)  # fmt: skip
def test_a_notice_in_any_shape_is_about_the_recipient(body, action):
    found = classify(json.dumps(body).encode())
    assert [(f.recipient, f.action) for f in found] == [(ADA, action)]
