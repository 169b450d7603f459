"""Requests to a social network through the house's one way out: what an answer means, whoever gave it."""

import json
from collections.abc import Mapping
from typing import Any

from tcma.errors import Invalid, TcmaError
from tcma.ports import HttpAnswer, HttpRequest, SocialError, SocialFault, Web

LONGEST_WAIT_S = 3_600


def asked(  # noqa: PLR0913 - what a request is made of
    web: Web,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    publishes: bool = False,
) -> HttpAnswer:
    """Ask once. With `publishes` an answer that never came is `LOST`: the post may stand."""
    told = {"accept": "application/json", "user-agent": "tcma", **headers}
    silent = SocialFault.LOST if publishes else SocialFault.AWAY
    try:
        answer = web.ask(HttpRequest(method, url, told, body))
    except Invalid as error:
        raise SocialError(SocialFault.INVALID, error.message, remedy=error.remedy or "") from error
    except TcmaError as error:
        raise SocialError(silent, error.message, remedy=error.remedy or "") from error
    if answer.status == 429:
        said = answer.headers.get("retry-after", "")
        wait = min(int(said), LONGEST_WAIT_S) if said.strip().isdigit() else 60
        raise SocialError(SocialFault.BUSY, "It asks us to wait.", wait_s=wait)
    if answer.status >= 500:
        raise SocialError(silent, f"It answered {answer.status}.")
    return answer


def read(answer: HttpAnswer) -> dict[str, Any]:
    """Return the JSON object of an answer, empty when there is none."""
    try:
        told = json.loads(answer.body) if answer.body.strip() else {}
    except (ValueError, UnicodeDecodeError):
        return {}
    return told if isinstance(told, dict) else {}
