"""The wire alone: messages made, signed and handed over, with no row behind them."""

import multiprocessing
import time
from base64 import b64encode
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization

from tcma.adapters.mail_smtp import SmtpRelay
from tcma.delivery.building import Builder, Envelope, Material
from tcma.delivery.claims import Claimed
from tcma.delivery.identity import Identity
from tcma.delivery.links import Links
from tcma.ids import Signer
from tcma.ports import Result
from tcma.rendering.headers import Letterhead
from tcma.senders.dkim import Algorithm, DkimSigner, new_key
from tests.bench.figures import Figure, in_turn
from tests.bench.launch import SESSIONS, sink, sourced
from tests.bench.limits import of_peer
from tests.faults.posting import artefact

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PROCESSES = 2
SIZE = 1_800  # repeated paragraphs: a message of about 60 kB
ADDRESS = "ann@partner.example"


class Unwritten:
    """A journal that costs nothing: what is measured is making, signing and the wire."""

    def begun(self, ids):
        pass

    def answered(self, ids):
        pass


def measure(ground):
    """RSA-signed messages a second into a sink, beside smtp-source; and what a signature costs."""
    source = ground.tool("smtp-source")
    octets = len(next(made(1)).body)
    count = ground.size.messages // PROCESSES
    context = multiprocessing.get_context("forkserver")  # what is imported once serves all
    context.set_forkserver_preload([__name__])
    with sink(ground) as server, ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        list(pool.map(handed_over, [server.url] * PROCESSES, [SESSIONS] * PROCESSES))  # imports

        def ours():
            begun = time.perf_counter()
            taken = sum(pool.map(handed_over, [server.url] * PROCESSES, [count] * PROCESSES))
            assert taken == count * PROCESSES
            return taken / (time.perf_counter() - begun)

        cases = {"ours": ours}
        if source.path:
            cases["peer"] = lambda: sourced(source, server.port, count * PROCESSES, octets)
        found = in_turn(ground.size.rounds, **cases)
        yield Figure(
            name=f"launch.rsa: made, signed with RSA-2048 and handed over by {PROCESSES} processes,"
            f" {octets / 1000:.0f} kB mails into {server.name}",
            value=found["ours"],
            unit="messages/s",
            peer=f"smtp-source -s {SESSIONS} -d" if source.path else None,
            peer_value=found.get("peer"),
            reason=source.reason,
            bound=of_peer(0.40),
        )
    yield from signatures(ground)


def signatures(ground):
    """What signing one message costs, beside dkimpy on the same message."""
    message = next(made(1, algorithm=None)).body
    head, _, body = message.partition(b"\r\n\r\n")
    times = max(1, ground.size.repeats // 20)
    for algorithm in Algorithm:
        key = key_of(algorithm)
        signer = DkimSigner("partner.example", "t1", key)
        private = _dkimpy_key(key)
        kind = f"{algorithm}-sha256".encode()

        def ours(signer=signer):
            signer.header(head + b"\r\n", [body], at=0)

        def peer(private=private, kind=kind):
            dkim.sign(
                message, b"t1", b"partner.example", private, signature_algorithm=kind,
                canonicalize=(b"relaxed", b"simple"),
            )  # fmt: skip

        found = in_turn(
            ground.size.rounds,
            ours=lambda case=ours: 1e6 * _each(case, times),
            peer=lambda case=peer: 1e6 * _each(case, max(1, times // 10)),
        )
        yield Figure(
            name=f"mail.signed: {algorithm}, {len(message) / 1000:.0f} kB",
            value=found["ours"],
            unit="µs of one core",
            peer="dkimpy",
            peer_value=found["peer"],
        )


def _dkimpy_key(key):
    if hasattr(key, "private_bytes_raw"):
        return b64encode(key.private_bytes_raw())
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _each(case, times):
    begun = time.process_time()
    for _ in range(times):
        case()
    return (time.process_time() - begun) / times


def handed_over(url, count):
    """Send `count` signed messages over as many lines as a worker opens; return how many it took."""
    lines = SmtpRelay(url).open(SESSIONS)
    try:
        answers = lines.send(made(count), Unwritten())
        return sum(each.result is Result.SENT for each in answers)
    finally:
        lines.close()


@cache
def key_of(algorithm):
    """The key of this process: making one costs as much as a thousand signatures."""
    return new_key(algorithm)


def made(count, *, algorithm=Algorithm.RSA):
    """Give `count` messages to different people, each made and signed when it is asked for."""
    content = artefact(size=SIZE)
    signers = [DkimSigner("partner.example", "t1", key_of(algorithm))] if algorithm else []
    shared = Envelope(
        artefact=content,
        letterhead=Letterhead(
            from_name="Ann Pell", from_address=ADDRESS,
            list_id="0.partner.example", feedback_id="1:0:launch:tcma",
        ),
        identity=Identity(
            from_name="Ann Pell", from_address=ADDRESS, reply_to="", signers=signers
        ),
        until=float("inf"),
    )  # fmt: skip
    rows = [Claimed(n, 1, n, f"p{n}@example.org", 1) for n in range(1, count + 1)]
    people = {row.contact_id: {"first_name": "Astrid"} for row in rows}
    links = Links(Signer(b"only-for-measuring-only-for-measuring"), "https://tcma.example")
    return Builder(None, links).make(Material(shared, people), rows, now=NOW)
