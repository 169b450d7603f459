"""LinkedIn and Facebook as they answer, on a real server: what stands there, and what they are told to say."""

import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from tcma.ports import SocialAccess


@dataclass
class Stand:
    """One account. `posts` are those that stand: (number, words, picture), newest first; `say` are
    answers for the next requests instead of its own: (status, headers, body), or `after` to
    publish and then say nothing.
    """

    posts: list = field(default_factory=list)
    say: list = field(default_factory=list)
    heard: list = field(default_factory=list)
    pictures: dict = field(default_factory=dict)
    may_read: bool = True
    port: int = 0

    account = "5515715"

    @property
    def url(self):
        return f"http://social.test:{self.port}"

    def access(self, token="good"):  # noqa: S107 - the stand's own
        return SocialAccess(self.network, self.account, self.url, token)

    def stand(self, words, picture=b""):
        number = self.number_of(len(self.heard) + 7_000)
        self.posts.insert(0, (number, words, picture, int(time.time() * 1000)))
        return number


class Linkedin(Stand):
    """An organisation's page at LinkedIn."""

    network = "linkedin"
    denied = (401, {}, {"status": 401, "code": "EXPIRED_ACCESS_TOKEN",
                        "message": "The token used in the request has expired"})  # fmt: skip
    invalid = (422, {}, {"status": 422, "code": "INVALID_CONTENT",
                         "message": "Content is a duplicate"})  # fmt: skip
    busy = (429, {"Retry-After": "17"}, {"message": "Resource level throttle limit"})

    @staticmethod
    def number_of(count):
        return f"urn:li:share:{count}"

    def answer(self, method, path, body, headers):  # noqa: PLR0911 - one for each request
        parts = urlsplit(path)
        if headers.get("Authorization") != "Bearer good":
            return self.denied
        if method == "PUT":
            self.pictures[parts.path.rpartition("/")[2]] = body
            return 201, {}, None
        assert re.fullmatch(r"20\d{4}", headers["LinkedIn-Version"])
        assert headers["X-Restli-Protocol-Version"] == "2.0.0"
        if parts.path.startswith("/rest/organizations/"):
            return 200, {}, {"localizedName": "Fenwright", "id": int(self.account)}
        if parts.path == "/rest/images":
            assert json.loads(body)["initializeUploadRequest"]["owner"].endswith(self.account)
            number = f"urn:li:image:{len(self.pictures) + 1}"
            place = f"{self.url}/upload/{len(self.pictures) + 1}"
            return 200, {}, {"value": {"uploadUrl": place, "image": number}}
        if method == "GET":
            assert headers["X-RestLi-Method"] == "FINDER"
            assert parse_qs(parts.query)["author"] == [f"urn:li:organization:{self.account}"]
            if not self.may_read:
                return 403, {}, {"status": 403, "message": "Not enough permissions to access"}
            rows = [
                {"id": n, "commentary": little(w), "createdAt": at} for n, w, _, at in self.posts
            ]
            return 200, {}, {"elements": rows}
        if method == "DELETE":
            number = unquote(parts.path.rpartition("/")[2])
            known = [post for post in self.posts if post[0] == number]
            self.posts = [post for post in self.posts if post not in known]
            return (204, {}, None) if known else (404, {}, {"status": 404, "message": "Not found"})
        told = json.loads(body)
        assert told["lifecycleState"] == "PUBLISHED"
        assert told["author"] == f"urn:li:organization:{self.account}"
        picture = told.get("content", {}).get("media", {}).get("id", "")
        words = re.sub(r"\\(.)", r"\1", told["commentary"])
        number = self.stand(words, self.pictures.get(picture.rpartition(":")[2], b""))
        return 201, {"x-restli-id": number}, None


def little(words):
    """Words as LinkedIn keeps them."""
    return re.sub(r"([\\|{}@\[\]()<>#*_~])", r"\\\1", words)


class Facebook(Stand):
    """A page at Facebook."""

    network = "facebook"
    denied = (400, {}, {"error": {"message": "Error validating access token: Session has expired",
                                  "type": "OAuthException", "code": 190}})  # fmt: skip
    invalid = (400, {}, {"error": {"message": "Invalid parameter", "type": "OAuthException",
                                   "code": 100}})  # fmt: skip
    busy = (400, {}, {"error": {"message": "Page request limit reached", "code": 32}})

    def number_of(self, count):
        return f"{self.account}_{count}"

    def answer(self, method, path, body, headers):  # noqa: PLR0911 - one for each request
        parts = urlsplit(path)
        if headers.get("Authorization") != "Bearer good":
            return self.denied
        place = parts.path.split("/")[2:]
        if method == "DELETE":
            known = [post for post in self.posts if post[0] == place[0]]
            self.posts = [post for post in self.posts if post not in known]
            return (200, {}, {"success": True}) if known else self.invalid
        if method == "GET" and place[1:] == ["published_posts"]:
            if not self.may_read:
                return 400, {}, {"error": {"message": "Requires pages_read_engagement", "code": 10}}
            since = int(parse_qs(parts.query)["since"][0]) * 1000
            rows = [{"id": n, "message": w} for n, w, _, at in self.posts if at >= since]
            return 200, {}, {"data": rows}
        if method == "GET":
            return 200, {}, {"name": "Fenwright", "id": self.account}
        if place[1:] == ["photos"]:
            line = headers["Content-Type"].partition("boundary=")[2].encode()
            fields = {}
            for part in body.split(b"--" + line)[1:-1]:
                head, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
                fields[re.search(rb'name="(\w+)"', head)[1].decode()] = value
            number = self.stand(fields["message"].decode(), fields["source"])
            return 200, {}, {"id": "99", "post_id": number}
        return 200, {}, {"id": self.stand(parse_qs(body.decode())["message"][0])}


class Served:
    """A stand behind a server of its own, as long as the block lasts."""

    def __init__(self, kind):
        self.stand = kind()

    def __enter__(self):
        stand = self.stand

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                stand.heard.append((self.command, self.path))
                told = stand.say.pop(0) if stand.say else None
                if isinstance(told, tuple):
                    status, headers, content = told
                else:
                    status, headers, content = stand.answer(
                        self.command, self.path, body, self.headers
                    )
                publishes = self.command == "POST" and "/images" not in self.path
                if told == "after" and publishes:
                    self.close_connection = True
                    return
                if told == "after":
                    stand.say.insert(0, told)
                payload = b"" if content is None else json.dumps(content).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815 - its names

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        stand.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return stand

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
