"""Amazon SES for the tests: its two requests over real HTTP, with answers recorded from its API."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANG_UP = "hang up"
REFUSALS = {
    "refuse": (400, "MessageRejected", "Email address is not verified."),
    "slow down": (429, "TooManyRequestsException", "Maximum sending rate exceeded."),
    "suspended": (403, "AccountSuspendedException", "Your account has been suspended."),
    "broken": (500, "InternalFailure", "The request processing has failed."),
}


class Ses:
    """`with Ses() as ses:` ses.url, ses.kept as (recipient, bytes), ses.says by recipient;
    ses.returns is where each is told to fail to.
    """

    def __init__(self):
        self.kept, self.says, self.may_send, self.returns = [], {}, True, []
        self.lock = threading.Lock()

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        endpoint = f"http://127.0.0.1:{self.server.server_port}"
        self.url = f"ses://key:secret@eu-central-1?set=house&endpoint={endpoint}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def _handler(ses):  # noqa: N805 - the handler below has the self
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                assert self.path == "/v2/email/account"
                self.answer(200, {"SendingEnabled": ses.may_send, "SendQuota": {}})

            def do_POST(self):
                assert self.path == "/v2/email/outbound-emails"
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert asked["ConfigurationSetName"] == "house"
                (to,) = asked["Destination"]["ToAddresses"]
                order = ses.says.get(to)
                if order in REFUSALS:
                    status, code, message = REFUSALS[order]
                    return self.answer(status, {"message": message}, {"x-amzn-ErrorType": code})
                with ses.lock:
                    ses.returns.append(asked.get("FeedbackForwardingEmailAddress"))
                    ses.kept.append((to, base64.b64decode(asked["Content"]["Raw"]["Data"])))
                    number = len(ses.kept)
                if order == HANG_UP:
                    self.close_connection = True
                    self.connection.close()
                    return None
                return self.answer(200, {"MessageId": f"0107018f-{number:012d}-000000"})

            def answer(self, status, body, headers=()):
                content = json.dumps(body).encode()
                self.send_response(status)
                for name, value in dict(headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler
