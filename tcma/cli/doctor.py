"""What is configured, what answers, what is late, what is unsafe."""

import argparse
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import redis as redis_client
from PIL import features
from sqlalchemy import text

from tcma.cli.feedback import without_password
from tcma.cli.main import GOOD, WRONG, say, settings_here
from tcma.config import VARIABLES, Settings
from tcma.db import migrate
from tcma.delivery import house_sender, reaction_sums
from tcma.errors import TcmaError
from tcma.ids import random_token
from tcma.mdf.funds import proof
from tcma.permissions import SYSTEM
from tcma.senders import keys
from tcma.senders import queries as sending
from tcma.web.bundle import BUILT
from tcma.wiring import UNNAMED, Services, build, relay_url

OVERDUE = {
    "launches": "SELECT count(*) FROM launch WHERE state = 'scheduled'"
    " AND due_at < now() - interval '60 seconds'",
    "mails": "SELECT count(*) FROM message m JOIN mailing g ON g.id = m.mailing_id"
    " WHERE m.state = 0 AND g.state = 'running' AND m.due_at < now() - interval '60 seconds'",
    "leads": "SELECT count(*) FROM lead WHERE state = 'new' AND created_at < now() - interval '60 seconds'",
    "nurture steps": "SELECT count(*) FROM nurture_run WHERE state = 0"
    " AND due_at < now() - interval '60 seconds'",
}
MAILINGS_BROKEN = "SELECT count(*) FROM mailing WHERE equation_broken_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination: `state` is good, look or wrong."""

    part: str
    state: str
    words: str
    remedy: str = ""


def doctor(args: argparse.Namespace) -> int:
    """Examine the installation; exit 1 when something is wrong."""
    settings = settings_here()
    findings = configured(settings)
    try:
        services = build(settings)
    except TcmaError as error:
        findings.append(Finding("database", "wrong", error.message, error.remedy or ""))
    else:
        try:
            findings += examined(services)
        finally:
            services.close()
    say(args, [asdict(f) for f in findings], "\n".join(map(line, findings)))
    return WRONG if any(f.state == "wrong" for f in findings) else GOOD


def line(finding: Finding) -> str:
    """Return a finding as people read it."""
    mark = {"good": "ok   ", "look": "look ", "wrong": "WRONG"}[finding.state]
    remedy = f" → {finding.remedy}" if finding.remedy else ""
    return f"{mark} {finding.part:<12} {finding.words}{remedy}"


def configured(settings: Settings) -> list[Finding]:
    """Return what is set and what that means for safety."""
    embedded = [
        name
        for name, value in (
            ("TCMA_DATABASE_URL", settings.database_url),
            ("TCMA_REDIS_URL", settings.redis_url),
            ("TCMA_SMTP_URL", settings.smtp_url),
        )
        if value is None
    ]
    found = [
        Finding(
            "settings",
            "good",
            f"{len(VARIABLES) - len(embedded)} of {len(VARIABLES)} given or defaulted; embedded: "
            + (", ".join(embedded) or "nothing"),
        )
    ]
    local = urlsplit(settings.public_url).hostname in {"127.0.0.1", "localhost"}
    if not settings.https and not local:
        found.append(
            Finding(
                "address",
                "wrong",
                f"{settings.public_url} is not encrypted: passwords and links travel in the open",
                "Serve it over TLS and write https:// in TCMA_PUBLIC_URL.",
            )
        )
    relays = (settings.smtp_url or "").split()
    if any(each.startswith("smtp:") and "@" in each for each in relays):
        found.append(
            Finding(
                "mail",
                "look",
                "the relay's password travels in the open",
                "Write smtp+starttls:// or smtps:// in TCMA_SMTP_URL.",
            )
        )
    return found


def examined(services: Services) -> list[Finding]:
    """Ask every part, each in its own words; one silent part hides no other."""
    checks: tuple[tuple[str, Callable[[Services], Finding]], ...] = (
        ("database", database),
        ("queue", queue),
        ("files", files),
        ("mail", relay),
        ("bundle", bundle),
        ("shaping", shaping),
        ("senders", senders),
        ("domains", domains),
        ("mail name", mail_name),
        ("returns", returns),
        ("late", late),
        ("sums", sums),
        ("ledger", whole_ledger),
    )
    found = []
    for part, check in checks:
        try:
            found.append(check(services))
        except TcmaError as error:
            found.append(Finding(part, "wrong", error.message, error.remedy or ""))
        except (OSError, redis_client.RedisError) as error:
            found.append(Finding(part, "wrong", f"does not answer: {error}"))
    return found


def database(services: Services) -> Finding:
    """Version, and whether the tables are the newest."""
    url = services.engine.url.render_as_string(hide_password=False)
    with services.engine.connect() as connection:
        version = connection.scalar(text("SHOW server_version"))
    if not migrate.is_current(url):
        return Finding("database", "wrong", "the tables are old", "Run tcma migrate.")
    return Finding("database", "good", f"PostgreSQL {version}, newest tables")


def queue(services: Services) -> Finding:
    """The broker answers."""
    url = services.settings.redis_url
    if url is None:
        return Finding("queue", "good", "in the process of `tcma up`")
    with redis_client.Redis.from_url(url, socket_timeout=3) as client:
        version = client.info("server")["redis_version"]
    return Finding("queue", "good", f"Redis {version}")


def files(services: Services) -> Finding:
    """Bytes go in and come back."""
    key = f"doctor/{random_token(8).lower().replace('_', '-')}"
    services.files.put(key, b"probe", "text/plain")
    right = services.files.get(key) == b"probe"
    services.files.delete(key)
    state = "good" if right else "wrong"
    return Finding("files", state, "written, read, deleted" if right else "came back changed")


def relay(services: Services) -> Finding:
    """The relays say hello; one that does is enough."""
    if services.settings.smtp_url is None:
        return Finding("mail", "good", "caught here while `tcma up` runs; nothing leaves")
    said = {url: _greeting(url) for url in relay_url(services.settings).split()}
    silent = [url for url, hello in said.items() if not hello.startswith("220")]
    state = "good" if not silent else "wrong" if len(silent) == len(said) else "look"
    words = ", ".join(f"{urlsplit(url).hostname}: {hello}" for url, hello in said.items())
    return Finding("mail", state, words)


def _greeting(address: str) -> str:
    """What a relay says first, or why it says nothing."""
    url = urlsplit(address)
    port = url.port or {"smtps": 465, "smtp+starttls": 587}.get(url.scheme, 25)
    try:
        with socket.create_connection((url.hostname or "", port), timeout=5) as bare:
            line_ = bare
            if url.scheme == "smtps":
                line_ = ssl.create_default_context().wrap_socket(bare, server_hostname=url.hostname)
            hello = line_.recv(512).decode("ascii", "replace").strip()
            with suppress(OSError):
                line_.sendall(b"QUIT\r\n")
            return hello
    except OSError as error:
        return f"does not answer: {error}"


def bundle(services: Services) -> Finding:
    """The front end is built."""
    del services
    if not (BUILT / "manifest.json").exists():
        return Finding("bundle", "wrong", "style and script are missing", "Run make setup.")
    return Finding("bundle", "good", "style, script and icons are built")


def shaping(services: Services) -> Finding:
    """Pictures can set right-to-left scripts."""
    del services
    if not features.check("raqm"):
        return Finding(
            "shaping",
            "look",
            "pictures cannot set Arabic or Hebrew here",
            "Install the system library fribidi (Debian: libfribidi0).",
        )
    return Finding("shaping", "good", "every script can be set in pictures")


def senders(services: Services) -> Finding:
    """Every vendor has an address to write from."""
    with services.transaction(SYSTEM) as work:
        without = house_sender.vendors_without_sender(work.session)
    if without:
        return Finding(
            "senders",
            "look",
            f"no address to write from: {', '.join(without)}. Its notices come from the"
            " installation's own, and partners without a domain cannot launch",
            "An administrator sets it at the desk, under Settings.",
        )
    return Finding("senders", "good", "every vendor has an address to write from")


def domains(services: Services) -> Finding:
    """Every sending domain holds, and every key opens."""
    with services.transaction(SYSTEM) as work:
        broken = sending.broken_domains(work.session)
        kept = sending.sealed_keys(work.session)
    closed = sorted({domain for domain, selector, sealed in kept
                     if not _opens(services.settings.secret, domain, selector, sealed)})  # fmt: skip
    if closed:
        return Finding(
            "domains",
            "wrong",
            f"keys do not open with this TCMA_SECRET: {', '.join(closed)}",
            "Put the old secret back, or make new keys on each domain's page.",
        )
    if broken:
        return Finding(
            "domains",
            "look",
            f"records are gone: {', '.join(broken)}",
            "The domain's page says which, and what to paste.",
        )
    count = len({domain for domain, _, _ in kept})
    return Finding("domains", "good", f"{count} set up, none broken, every key opens")


def _opens(secret: bytes, domain: str, selector: str, sealed: bytes) -> bool:
    try:
        keys.unseal(secret, sealed, domain=domain, selector=selector)
    except TcmaError:
        return False
    return True


def mail_name(services: Services) -> Finding:
    """What partners' records point to exists: it permits the relays and takes bounces."""
    host = services.site.mail_host
    if host == UNNAMED:
        state = "look" if services.settings.smtp_url else "good"
        words = "no name in DNS for mail: partners cannot set up domains of their own"
        return Finding("mail name", state, words, "Set TCMA_MAIL_HOST to mail.example.com.")
    permits = any(v.lower().startswith("v=spf1") for v in services.names.ask(host, "TXT").values)
    takes = bool(services.names.ask(host, "MX").values)
    missing = [w for w, there in (("an SPF record (TXT)", permits), ("an MX", takes)) if not there]
    if missing:
        words = f"{host} lacks {' and '.join(missing)}"
        remedy = "Partners' domains point to it: publish who may send, and who takes bounces."
        return Finding("mail name", "look", words, remedy)
    return Finding("mail name", "good", f"{host} permits the relays and takes bounces")


def returns(services: Services) -> Finding:
    """Somebody hears of it when a mail comes back."""
    settings = services.settings
    ways = [without_password(each) for each in settings.return_mail]
    if services.sns.arns:
        ways.append("Amazon SNS")
    if ways or not settings.smtp_url:
        words = (
            f"read from {', '.join(ways)}"
            if ways
            else "nothing comes back from the built-in catcher"
        )
        return Finding("returns", "good", words)
    return Finding(
        "returns",
        "look",
        "bounces and complaints that come by mail are not read",
        "Set TCMA_RETURN_MAIL, or give your provider an address of `tcma feedback addresses`.",
    )


def late(services: Services) -> Finding:
    """What is due for more than a minute means that nobody works."""
    with services.engine.connect() as connection:
        counts = {what: connection.scalar(text(sql)) or 0 for what, sql in OVERDUE.items()}
    waiting = [f"{n} {what}" for what, n in counts.items() if n]
    if waiting:
        return Finding(
            "late",
            "look",
            f"due for over a minute: {', '.join(waiting)}",
            "Are workers and scheduler running? (`tcma up`, or `tcma worker` and `tcma scheduler`)"
            " Does the relay take mail, and have the workers room for their journals?",
        )
    return Finding("late", "good", "nothing is overdue")


def sums(services: Services) -> Finding:
    """Every finished mailing adds up; reactions are summed as their rows say, and in time."""
    with services.engine.connect() as connection:
        broken = connection.scalar(text(MAILINGS_BROKEN)) or 0
    if broken:
        return Finding("sums", "wrong", f"{broken} mailings do not add up", "See the launch pages.")
    with services.transaction(SYSTEM) as work:
        state = reaction_sums.standing(work.session)
    if state.wrong:
        words = f"of reactions {reaction_sums.differing(state.wrong)}"
        return Finding("sums", "wrong", words, "Run tcma sums mend.")
    if state.is_held:
        words = f"a transaction is open for {state.open_s} s; what it wrote is in no number"
        return Finding("sums", "look", words, "Look for it in pg_stat_activity.")
    if state.is_late:
        words = f"reactions have waited {state.waiting_s} s to be summed; pages may be slow"
        return Finding("sums", "look", words, "See that worker and scheduler run.")
    return Finding("sums", "good", "mailings account for everybody, reactions are summed")


def whole_ledger(services: Services) -> Finding:
    """The fund ledger proves itself."""
    with services.transaction(SYSTEM) as work:
        faults = proof.all_faults(work)
    if faults:
        return Finding(
            "ledger",
            "wrong",
            f"{faults[0].fund} is broken at entry {faults[0].seq}: {faults[0].fault}",
        )
    return Finding("ledger", "good", "whole")
