"""Sends through Amazon SES (API v2): each message in one request that nobody repeats; what the
answer, or its absence, means for the message.
"""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    SSLError,
)

from tcma.errors import Unavailable
from tcma.ports import EmailSender, Halt, Journal, Outgoing, Result, SendResult

CONNECT_S, ANSWER_S = 5, 60
NEVER_LEFT = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, SSLError)
"""No connection came about, so the message cannot have been taken."""
THIS_MESSAGE = frozenset({"MessageRejected", "BadRequestException"})
"""SES refuses the message itself; any other 4xx is about the account or its pace."""

WRONG_KEY = frozenset({
    "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException",
    "SignatureDoesNotMatch", "AccessDeniedException", "InvalidAccessKeyId",
})  # fmt: skip
"""SES does not know the key, or the key may not send."""


@dataclass(frozen=True, slots=True)
class SesRelay:
    """An account in one region; `url` is `ses://key:secret@eu-central-1`, without key and secret
    from where boto3 finds them; `?set=` names a configuration set, `&topic=` the ARN of the SNS topic that
    tells of bounces (subscribed to `/hooks/sns`), `&endpoint=` another server.

    The envelope's sender is SES's own, or the custom MAIL FROM domain set there: bounces and
    complaints come back by SNS; with `?forward=1` as mails to the address each message fails to.
    """

    url: str = field(repr=False)

    def open(self, lines: int = 1) -> EmailSender:
        """Ask whether the account may send; Unavailable when it may not or nobody answers."""
        parts = urlsplit(self.url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        client = boto3.client(
            "sesv2",
            region_name=parts.hostname,
            endpoint_url=asked.get("endpoint"),
            aws_access_key_id=unquote(parts.username) if parts.username else None,
            aws_secret_access_key=unquote(parts.password) if parts.password else None,
            config=Config(
                retries={"total_max_attempts": 1},  # a repeated request is a second mail
                connect_timeout=CONNECT_S,
                read_timeout=ANSWER_S,
                max_pool_connections=lines,
            ),
        )
        try:
            may = client.get_account().get("SendingEnabled", False)
        except (BotoCoreError, ClientError) as error:
            code = "relay.login" if _is_about_key(error) else "relay.away"
            raise Unavailable(f"SES does not answer: {error}", code=code) from None
        if not may:
            raise Unavailable("SES has paused sending for this account.", code="relay.paused")
        return SesLines(
            client, lines=lines, configuration_set=asked.get("set"), forwards="forward" in asked
        )


class SesLines:
    """Some requests at a time to SES, each with one message in doubt at most."""

    def __init__(
        self, client: Any, *, lines: int, configuration_set: str | None, forwards: bool = False
    ) -> None:
        self._client = client
        self._lines = lines
        self._forwards = forwards
        self._more = {"ConfigurationSetName": configuration_set} if configuration_set else {}
        self._pool = ThreadPoolExecutor(lines, thread_name_prefix="ses")
        self._stopped = threading.Event()

    def send(self, batch: Iterable[Outgoing], journal: Journal) -> Iterator[SendResult]:
        """Deliver, answering each message that was taken once. A `Halt`, an account that must slow
        down or a broken connection ends it: what was not asked for is UNSENT.
        """
        todo = iter(batch)
        busy: set[Future[SendResult]] = set()
        while True:
            while not self._stopped.is_set() and len(busy) < self._lines:
                message = next(todo, None)
                if message is None:
                    break
                busy.add(self._pool.submit(self._one, message, journal))
            if not busy:
                return
            done, busy = wait(busy, return_when=FIRST_COMPLETED)
            for each in done:
                yield each.result()

    def close(self) -> None:
        """Drop the connections."""
        self._pool.shutdown()
        self._client.close()

    def _one(self, message: Outgoing, journal: Journal) -> SendResult:
        if self._stopped.is_set():
            return SendResult(message.id, Result.UNSENT)
        try:
            journal.begun([message.id])
        except Halt as halt:
            self._stopped.set()
            return SendResult(message.id, Result.UNSENT, text=str(halt))
        back = {"FeedbackForwardingEmailAddress": message.mail_from} if self._forwards else {}
        try:
            said = self._client.send_email(
                Destination={"ToAddresses": [message.rcpt_to]},
                Content={"Raw": {"Data": message.body}},
                **back,
                **self._more,
            )
        except ClientError as error:
            return self._refused(message.id, error)
        except NEVER_LEFT as error:
            self._stopped.set()
            return SendResult(message.id, Result.UNSENT, text=str(error))
        except BotoCoreError as error:
            self._stopped.set()
            return SendResult(message.id, Result.UNCERTAIN, text=str(error))
        journal.answered([message.id])
        return SendResult(message.id, Result.SENT, 250, said["MessageId"])

    def _refused(self, number: int, error: ClientError) -> SendResult:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        code = error.response["Error"].get("Code", "")
        text = f"{code}: {error.response['Error'].get('Message', '')}"
        if code in THIS_MESSAGE:
            return SendResult(number, Result.REFUSED, 554, text)
        self._stopped.set()
        doubt = status >= 500  # it failed on its side, perhaps after it had taken the message
        return SendResult(number, Result.UNCERTAIN if doubt else Result.UNSENT, text=text)


def _is_about_key(error: Exception) -> bool:
    if not isinstance(error, ClientError):
        return False
    return error.response["Error"].get("Code", "") in WRONG_KEY
