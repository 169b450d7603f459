"""Salesforce and HubSpot as they answer, on a real server: what they keep, and what they are told to say."""

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from tcma.ports import CrmAccess


@dataclass
class Stand:
    """One account. `kept` are records by (object, key); `say` are answers for the next requests
    instead of its own: (status, headers, body), or `after` to do as asked and then say nothing.
    """

    kept: dict = field(default_factory=dict)
    say: list = field(default_factory=list)
    heard: list = field(default_factory=list)
    tokens: set = field(default_factory=lambda: {"first"})
    signed_in: int = 0
    has_field: bool = True
    port: int = 0

    @property
    def url(self):
        return f"http://crm.test:{self.port}"

    def writes(self):
        return [path for method, path in self.heard if method in {"PATCH", "POST"}
                and ("sobjects" in path or "upsert" in path)]  # fmt: skip

    def keep(self, kind, key, fields):
        """Make or change a record; return its id."""
        known = self.kept.setdefault(
            (kind, key), {"id": str(len(self.kept) + 101), "owner": "Ola Berg"}
        )
        known.update(fields)
        return known["id"]


class Salesforce(Stand):
    """One org of Salesforce."""

    system = "salesforce"
    objects = ("Lead", "Opportunity")
    places: ClassVar = {"stage": "StageName", "amount": "Amount", "closes_on": "CloseDate"}
    invalid = (400, {}, [{"message": "Required fields are missing: [LastName]",
                          "errorCode": "REQUIRED_FIELD_MISSING", "fields": ["LastName"]}])  # fmt: skip
    duplicate = (300, {}, ["/services/data/v62.0/sobjects/Opportunity/006A"])
    denied = (
        403,
        {},
        [{"message": "The user has no access.", "errorCode": "API_DISABLED_FOR_ORG"}],
    )
    secrets: ClassVar = {"client_id": "app", "client_secret": "s3cret"}

    def answer(self, method, path, body, headers):
        parts = urlsplit(path)
        if parts.path == "/services/oauth2/token":
            asked = parse_qs(body.decode())
            if asked["client_secret"] != ["s3cret"]:
                return 400, {
                    "error": "invalid_client",
                    "error_description": "invalid client credentials",
                }
            self.signed_in += 1
            token = f"token-{self.signed_in}"
            self.tokens = {token}
            return 200, {"access_token": token, "instance_url": self.url}
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 401, [
                {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
            ]
        if parts.path.endswith("/describe"):
            own = (
                [{"name": "tcma_ref__c", "externalId": True, "unique": True}]
                if self.has_field
                else []
            )
            return 200, {"fields": own}
        if "/query" in parts.path:
            return 200, {"records": self._queried(parse_qs(parts.query)["q"][0])}
        kind, _, key = parts.path.split("/sobjects/")[1].split("/")
        known = (kind, unquote(key)) in self.kept
        number = self.keep(kind, unquote(key), json.loads(body))
        return (200 if known else 201), {
            "id": number,
            "success": True,
            "errors": [],
            "created": not known,
        }

    def _queried(self, soql):
        if "Organization" in soql:
            return [{"Name": "Fenwright Ltd"}]
        kind = re.search(r"FROM (\w+)", soql)[1]
        return [
            {**row, "Id": row["id"], "tcma_ref__c": key, "Owner": {"Name": row["owner"]}}
            for key in re.findall(r"'([^']+)'", soql)
            if (row := self.kept.get((kind, key)))
        ]


class Hubspot(Stand):
    """One account at HubSpot."""

    system = "hubspot"
    objects = ("contacts", "deals")
    places: ClassVar = {"stage": "dealstage", "amount": "amount", "closes_on": "closedate"}
    invalid = (400, {}, {"status": "error", "category": "VALIDATION_ERROR",
                         "message": "Property values were not valid: LastName"})  # fmt: skip
    duplicate = (409, {}, {"status": "error", "category": "CONFLICT",
                           "message": "Contact already exists. Existing ID: 101"})  # fmt: skip
    denied = (401, {}, {"status": "error", "category": "EXPIRED_AUTHENTICATION",
                        "message": "The access token is expired."})  # fmt: skip
    secrets: ClassVar = {"token": "first"}

    def answer(self, method, path, body, headers):
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return self.denied[0], self.denied[2]
        plain = {
            "/crm/v3/properties/deals/tcma_ref": {"hasUniqueValue": self.has_field},
            "/account-info/v3/details": {"portalId": 4711},
            "/crm/v3/owners/9": {"firstName": "Ola", "lastName": "Berg"},
        }
        if path in plain:
            return 200, plain[path]
        if "/associations/" in path:
            deal, _, _, _, contact = path.split("/objects/deals/")[1].split("/")
            next(row for row in self.kept.values() if row["id"] == deal)["tied"] = contact
            return 200, {}
        kind = path.split("/objects/")[1].split("/")[0]
        asked = json.loads(body)
        if path.endswith("/read"):
            rows = [(each["id"], self.kept.get((kind, each["id"]))) for each in asked["inputs"]]
            found = [{"id": row["id"], "properties": {**row, "tcma_ref": key, "hubspot_owner_id": "9"}}
                     for key, row in rows if row]  # fmt: skip
            return (200 if len(found) == len(rows) else 207), {"results": found}
        [one] = asked["inputs"]
        return 200, {"results": [{"id": self.keep(kind, one["id"], one["properties"])}]}


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        stand = self.server.stand
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        stand.heard.append((self.command, self.path))
        told = stand.say.pop(0) if stand.say else None
        if told and told != "after":
            status, headers, said = told
        else:
            status, said = stand.answer(self.command, self.path, body, self.headers)
            headers = {}
        if told == "after":
            self.close_connection = True
            return
        payload = json.dumps(said).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(payload)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 - the server calls them so

    def log_message(self, *_):
        return


class Served:
    """A stand on a real server, for as long as the block lasts."""

    def __init__(self, kind):
        self.stand = kind()

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.server.daemon_threads = True
        self.server.stand = self.stand
        self.stand.port = self.server.server_port
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        self.thread.start()
        return self.stand

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def access(stand, **secrets):
    return CrmAccess("one", stand.system, stand.url, {**stand.secrets, **secrets})
