"""SNS calls: only topics of ours, only what Amazon signed, keys only from Amazon's own hosts."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from tcma.adapters.sns import SIGNED, SnsTopics
from tcma.errors import Invalid, NotFound
from tcma.ports import HttpAnswer

TOPIC = "arn:aws:sns:eu-central-1:123456789012:bounces"
HOST = "https://sns.eu-central-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-0.pem"
BOUNCE = {
    "notificationType": "Bounce",
    "mail": {
        "messageId": "0107018f-000000000001-000000",
        "commonHeaders": {"messageId": "<ours@x>"},
    },
    "bounce": {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "feedbackId": "f-1",
        "bouncedRecipients": [{"emailAddress": "p1@example.org", "status": "5.1.1"}],
    },
}


@pytest.fixture(scope="module")
def amazon():
    """A key of Amazon's, and what stands at its addresses."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return key, certificate.public_bytes(serialization.Encoding.PEM)


def call(amazon, *, kind="Notification", version="2", **facts):
    """The body of a call as Amazon signs it; `facts` are put in before the signature."""
    document = {
        "Type": kind,
        "MessageId": "m-1",
        "TopicArn": TOPIC,
        "Message": json.dumps(BOUNCE),
        "Timestamp": "2026-03-02T09:00:00.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
    } | facts
    named = [name for name in SIGNED[kind] if name in document]
    text = "".join(f"{name}\n{document[name]}\n" for name in named).encode()
    method = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303 - theirs
    signature = amazon[0].sign(text, padding.PKCS1v15(), method)
    return document | {"Signature": base64.b64encode(signature).decode()}


class Amazon:
    """A twin of the way out: it answers every address with the certificate and keeps what was asked."""

    def __init__(self, certificate):
        self.certificate, self.asked = certificate, []

    def check(self, url):
        del url

    def ask(self, request):
        self.asked.append(request.url)
        return HttpAnswer(200, {}, self.certificate)


@pytest.fixture
def topics(amazon):
    return SnsTopics(frozenset({TOPIC}), Amazon(amazon[1]))


def read(topics, document):
    return topics.read(json.dumps(document).encode())


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_amazon_signed_is_read_and_its_key_is_asked_for_once(topics, amazon, version):
    for _ in range(2):
        number, text = read(topics, call(amazon, version=version, Subject="x"))
        assert (number, json.loads(text)) == ("m-1", BOUNCE)
    assert topics.web.asked == [CERTIFICATE]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"Message": "{}"}, Invalid),
        ({"MessageId": "m-2"}, Invalid),
        ({"Signature": "AAAA"}, Invalid),
        ({"Signature": "not base64!"}, Invalid),
        ({"SignatureVersion": "3"}, Invalid),
        ({"SignatureVersion": "1"}, Invalid),
        ({"TopicArn": f"{TOPIC}2"}, NotFound),
        ({"Type": "UnsubscribeConfirmation"}, NotFound),
        ({"SigningCertURL": "https://sns.eu-central-1.amazonaws.com.evil.example/a.pem"}, Invalid),
        ({"SigningCertURL": "http://sns.eu-central-1.amazonaws.com/a.pem"}, Invalid),
        ({"SigningCertURL": "https://evil.example/sns.eu-central-1.amazonaws.com"}, Invalid),
        ({"SigningCertURL": "https://sns.eu-central-1.amazonaws.com@evil.example/a"}, Invalid),
        ({"SigningCertURL": None}, Invalid),
    ],
)
def test_t6_what_was_changed_or_comes_from_elsewhere_is_refused(topics, amazon, change, error):
    with pytest.raises(error):
        read(topics, call(amazon) | change)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"{}", b"x" * 400_000, b"\xff"])
def test_what_is_no_call_of_sns_is_not_found(topics, raw):
    with pytest.raises(NotFound):
        topics.read(raw)


def test_a_question_is_answered_at_amazon_and_nowhere_else(topics, amazon):
    where = f"{HOST}/?Action=ConfirmSubscription"
    asking = {"kind": "SubscriptionConfirmation", "Token": "t", "Message": "Confirm?"}
    assert read(topics, call(amazon, SubscribeURL=where, **asking)) is None
    assert topics.web.asked == [CERTIFICATE, where]
    with pytest.raises(Invalid):
        read(topics, call(amazon, SubscribeURL="https://evil.example/", **asking))
    assert len(topics.web.asked) == 2
