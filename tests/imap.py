"""A mail server's IMAP side, as much of it as reading a mailbox asks."""

import re
import socketserver
import threading


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say(b"* OK ready")
        for line in self.rfile:
            tag, _, rest = line.strip().partition(b" ")
            verb = rest.upper()
            if verb.startswith(b"LOGOUT"):
                self.say(b"* BYE", tag + b" OK")
                return
            answer = self.server.answer(verb, rest)
            self.say(*answer[:-1], tag + b" " + answer[-1])

    def say(self, *lines):
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))


class ImapServer(socketserver.ThreadingTCPServer):
    """`with ImapServer([mail, …]) as server`: read it at `server.url`; `seen` are marked mails."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, mails):
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails = dict(enumerate(mails, 1))
        self.seen, self.flagged = set(), set()
        port = self.server_address[1]
        self.url = f"imap://bounces:open%20sesame@127.0.0.1:{port}/INBOX"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def answer(self, verb, rest):
        """The lines to a command, the last without its tag."""
        if verb.startswith(b"CAPABILITY"):
            return [b"* CAPABILITY IMAP4rev1", b"OK done"]
        if verb.startswith(b"LOGIN"):
            good = b"open sesame" in rest
            return [b"OK done" if good else b"NO [AUTHENTICATIONFAILED] wrong password"]
        if verb.startswith(b"SELECT"):
            return [b"* %d EXISTS" % len(self.mails), b"OK [READ-WRITE]"]
        if verb.startswith(b"UID SEARCH UNSEEN"):
            left = sorted(set(self.mails) - self.seen)
            return [b"* SEARCH " + b" ".join(b"%d" % n for n in left), b"OK done"]
        number = int(re.search(rb"UID \w+ (\d+)", verb)[1])
        if verb.startswith(b"UID STORE"):
            self.seen.add(number)
            if b"FLAGGED" in verb:
                self.flagged.add(number)
            return [b"OK done"]
        mail = self.mails[number]
        head = b"* %d FETCH (UID %d BODY[] {%d}" % (number, number, len(mail))
        return [head + b"\r\n" + mail + b")", b"OK done"]
