"""Asks a service about a proof over HTTP: one signed POST (Standard Webhooks), one JSON answer.

The answer is `{"findings": [{"code", "result", "words", "remedy"}]}`. Anything else in it is not read:
a service has no way to accept, refuse or cut.
"""

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tcma.clock import Clock
from tcma.errors import Unavailable
from tcma.outbox.rules import MARK, headers_of
from tcma.ports import HttpRequest, Web
from tcma.proof_reader import LONGEST_WORDS, MOST_FINDINGS, RESULTS, ProofToRead, SaidOfProof

GOOD = 200
_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
"""Controls, signs that turn a text around and halves of characters, which no database holds."""


@dataclass(frozen=True, slots=True)
class HttpProofReader:
    """The service at `url`; `secret` (`whsec_…`) signs what it is told."""

    web: Web
    url: str
    secret: str = field(repr=False)
    clock: Clock

    @property
    def name(self) -> str:
        """The host that is asked."""
        return urlsplit(self.url).hostname or ""

    def read(self, proof: ProofToRead) -> tuple[SaidOfProof, ...]:
        """Return its findings; Unavailable when it does not answer, or otherwise than agreed."""
        body = json.dumps(
            {
                "type": "proof.read",
                "id": proof.id,
                "proof": {
                    "title": proof.title,
                    "file_name": proof.file_name,
                    "media_type": proof.media_type,
                    "content": base64.b64encode(proof.content).decode(),
                },
                "sought": proof.sought,
                "facts": proof.facts,
                "findings": proof.findings,
            },
            ensure_ascii=False,
        ).encode()
        key = base64.b64decode(self.secret.removeprefix(MARK))
        headers = headers_of(proof.id, self.clock.now(), body, [key])
        headers |= {"content-length": str(len(body)), "accept": "application/json"}
        answer = self.web.ask(HttpRequest("POST", self.url, headers, body))
        if answer.status != GOOD:
            raise _no_answer(f"it answers {answer.status}")
        return _read(answer.body)


def _read(body: bytes) -> tuple[SaidOfProof, ...]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise _no_answer("its answer is no JSON") from None
    rows = told.get("findings") if isinstance(told, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_FINDINGS:
        raise _no_answer(f"its answer holds no list of at most {MOST_FINDINGS} findings")
    return tuple(_one(row) for row in rows)


def _one(row: Any) -> SaidOfProof:
    said = {name: row.get(name, "") for name in ("code", "result", "words", "remedy")} if (
        isinstance(row, dict)
    ) else {}  # fmt: skip
    if not said or not all(isinstance(value, str) for value in said.values()):
        raise _no_answer("a finding is no set of texts")
    code, result = said["code"], said["result"]
    words, remedy = (_UNSEEN.sub(" ", said[name]).strip() for name in ("words", "remedy"))
    if not _CODE.fullmatch(code) or result not in RESULTS or not words:
        raise _no_answer(f"a finding has no code, no words, or is none of {', '.join(RESULTS)}")
    if len(words) > LONGEST_WORDS or len(remedy) > LONGEST_WORDS:
        raise _no_answer(f"a finding has more than {LONGEST_WORDS} letters")
    return SaidOfProof(code, result, words, remedy)


def _no_answer(why: str) -> Unavailable:
    return Unavailable(
        f"The reader of proofs gave no findings: {why}.",
        code="proof_reader.unavailable",
        remedy="Look at TCMA_PROOF_READER_URL and at the service behind it.",
    )
