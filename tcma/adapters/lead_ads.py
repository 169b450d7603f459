"""Leads of ads, asked for by number: Meta by its Graph API, LinkedIn by its Lead Sync API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tcma.adapters.egress import Egress
from tcma.adapters.social_linkedin import VERSION
from tcma.errors import TcmaError
from tcma.leads.ad_words import Answered, Network, answered_by_linkedin, answered_by_meta
from tcma.ports import HttpRequest, Web

GRAPH = "https://graph.facebook.com/v24.0"
LINKEDIN = "https://api.linkedin.com"
_DENIED = frozenset({10, 102, 190, 200})
"""Codes of Meta's for a token that is over or may not read."""


class AdsFault(Exception):  # noqa: N818 - what a network did, not an error of ours
    """Why a network gave no answer: its key was refused, the lead is gone there, or it is away."""

    def __init__(self, words: str, *, denied: bool = False, gone: bool = False) -> None:
        super().__init__(words)
        self.words, self.denied, self.gone = words, denied, gone


@dataclass(frozen=True, slots=True)
class LeadAds:
    """Asks networks for leads; the addresses are theirs unless a test stands in for them."""

    web: Web = field(default_factory=Egress)
    graph: str = GRAPH
    linkedin: str = LINKEDIN

    def answers(self, network: Network, number: str, token: str) -> Answered:
        """Return the answers of one lead; raises AdsFault."""
        if not token:
            raise AdsFault("Its token does not open with this TCMA_SECRET.", denied=True)
        place = quote(number, safe="")
        if network is Network.META:
            fields = "id,created_time,field_data,custom_disclaimer_responses"
            return answered_by_meta(self._got(f"{self.graph}/{place}?fields={fields}", token))
        fields = "id,formResponse,form:(name,content)"
        url = f"{self.linkedin}/rest/leadFormResponses/{place}?fields={fields}"
        return answered_by_linkedin(self._got(url, token))

    def _got(self, url: str, token: str) -> Mapping[str, Any]:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "LinkedIn-Version": VERSION,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        try:
            answer = self.web.ask(HttpRequest("GET", url, headers))
        except TcmaError as error:
            raise AdsFault(error.message) from None
        try:
            told = json.loads(answer.body)
        except ValueError:
            told = None
        said = told if isinstance(told, dict) else {}
        if answer.status == 200 and said:
            return said
        trouble = said["error"] if isinstance(said.get("error"), dict) else said
        words = str(trouble.get("message") or f"It answered {answer.status}.")[:300]
        denied = answer.status in {401, 403} or trouble.get("code") in _DENIED
        raise AdsFault(words, denied=denied, gone=answer.status == 404)
