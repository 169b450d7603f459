"""Every environment variable, read once into frozen Settings; refused with the reason when wrong."""

import base64
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from tcma.errors import Invalid

SHORTEST_SECRET = 32
SHORTEST_KEY = 24
LARGEST_PORT = 65_535
LOOPBACK = ("127.0.0.1", "localhost", "::1")
RETURN_SCHEMES = ("smtp", "lmtp", "imap", "imaps")
RELAY_SCHEMES = ("smtp", "smtps", "smtp+starttls", "ses")
TRANSPORTS = "tcma.transports"
"""Entry points of other packages that send: the scheme of an address → `tcma.ports.EmailSenders`."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One line of the configuration table in the README."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable(
        "TCMA_DATABASE_URL",
        "embedded PostgreSQL in TCMA_DATA",
        "PostgreSQL 15 or newer, `postgresql://user:password@host/name`",
    ),
    Variable(
        "TCMA_REDIS_URL",
        "in-process broker",
        "Redis for the job queue, `redis://host:6379/0`; workers then run as their own processes",
    ),
    Variable(
        "TCMA_FILES_URL",
        "`file:` in TCMA_DATA",
        "where files live: `file:/path` or `s3://key:secret@host:port/bucket?region=…&tls=0`",
    ),
    Variable(
        "TCMA_SMTP_URL",
        "built-in catcher",
        "the relay, `smtp://user:password@host:25`, `smtps://…:465`, `smtp+starttls://…:587`;"
        " Amazon SES by `ses://key:secret@region?topic=ARN` (of the SNS topic that calls `/hooks/sns`);"
        " several with blanks between: the next steps in for one that is away",
    ),
    Variable(
        "TCMA_MAIL_HOST",
        "host of TCMA_PUBLIC_URL",
        "the name partners' DNS records point to; its SPF lists your relays, its MX takes bounces",
    ),
    Variable(
        "TCMA_RETURN_MAIL",
        "nothing is read",
        "where mail that comes back is taken in: `smtp://0.0.0.0:2525` listens, for the MX of TCMA_MAIL_HOST;"
        " `lmtp://127.0.0.1:2424` for a mail server of yours in front; `imaps://user:password@host/INBOX`"
        " reads a mailbox; several with blanks between",
    ),
    Variable(
        "TCMA_DNS",
        "the machine's name servers",
        "name servers that check sending domains, `192.0.2.1,192.0.2.2:5353`",
    ),
    Variable(
        "TCMA_INSIDE_HOSTS",
        "none",
        "hosts of your own network that webhooks may reach, `crm.internal:8443,hooks.lan`; without"
        " a port: any. All others must be on the open internet, over https",
    ),
    Variable(
        "TCMA_TSA_URL",
        "none: a case file has the time as this installation states it",
        "time authority (RFC 3161) that stamps case files, `https://tsa.example.com/tsr`;"
        " in your own network with its host in TCMA_INSIDE_HOSTS",
    ),
    Variable(
        "TCMA_TSA_ROOTS",
        "none",
        "the root certificate of that authority, a PEM file; its stamps are checked against it",
    ),
    Variable(
        "TCMA_PROOF_READER_URL",
        "none: proofs are read by rule alone, and leave this installation for nobody",
        "service that reads uploaded proofs, too, `https://reader.example.com/read`; its findings stand"
        " beside those of the rules and decide nothing; in your own network with its host in"
        " TCMA_INSIDE_HOSTS",
    ),
    Variable(
        "TCMA_PROOF_READER_SECRET",
        "none",
        "signs what that service is told (Standard Webhooks): `whsec_` and base64 of 24 octets or more",
    ),
    Variable(
        "TCMA_PUBLIC_URL",
        "http://127.0.0.1:PORT",
        "the address people reach; stands in every mailed link",
    ),
    Variable(
        "TCMA_SECRET",
        "made once in TCMA_DATA",
        "at least 32 characters; signs links and sessions; all processes share it",
    ),
    Variable("TCMA_DATA", "./.data", "folder of the embedded form and of the send journals"),
    Variable("PORT", "8000", "where the web server listens"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation is told from outside. `None` means the embedded form."""

    database_url: str | None
    redis_url: str | None
    files_url: str
    smtp_url: str | None
    public_url: str
    secret: bytes
    data: Path
    port: int
    mail_host: str = ""
    dns: tuple[str, ...] = ()
    inside_hosts: tuple[str, ...] = ()
    return_mail: tuple[str, ...] = ()
    tsa_url: str = ""
    tsa_roots: bytes = b""
    proof_reader_url: str = ""
    proof_reader_secret: str = field(default="", repr=False)

    @property
    def embedded_database(self) -> bool:
        """True when PostgreSQL comes from the wheel, in the data folder."""
        return self.database_url is None

    @property
    def https(self) -> bool:
        """True when people reach the product over TLS; cookies are then `Secure`."""
        return self.public_url.startswith("https:")


def _refuse(name: str, why: str, remedy: str) -> Invalid:
    return Invalid(f"{name}: {why}", code="config.invalid", remedy=remedy)


def _url(name: str, value: str, schemes: tuple[str, ...], example: str) -> SplitResult:
    remedy = f"Write it like {example}, or leave {name} out for the default."
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise _refuse(name, f"not an address ({error})", remedy) from None
    if parts.scheme not in schemes:
        kinds = ", ".join(schemes)
        raise _refuse(name, f"“{parts.scheme}:” is not one of {kinds}", remedy)
    return parts


def _with_host(name: str, value: str, schemes: tuple[str, ...], example: str) -> str:
    if not _url(name, value, schemes, example).hostname:
        raise _refuse(name, "the host is missing", f"Write it like {example}.")
    return value


def _database(value: str) -> str:
    parts = _url(
        "TCMA_DATABASE_URL",
        value,
        ("postgresql", "postgres", "postgresql+psycopg"),
        "postgresql://user:password@host/name",
    )
    return "postgresql+psycopg" + value[len(parts.scheme) :]


def _files(value: str, data: Path) -> str:
    if not value:
        return f"file:{data / 'files'}"
    parts = _url("TCMA_FILES_URL", value, ("file", "s3"), "file:/var/lib/tcma")
    if parts.scheme == "s3" and not parts.path.strip("/"):
        raise _refuse(
            "TCMA_FILES_URL", "the bucket is missing", "Write s3://key:secret@host:port/bucket."
        )
    if parts.scheme == "file" and not parts.path.startswith("/"):
        raise _refuse("TCMA_FILES_URL", "the path is not absolute", "Write file:/var/lib/tcma.")
    return value


def _relays(value: str) -> str:
    known = (*RELAY_SCHEMES, *(each.name for each in entry_points(group=TRANSPORTS)))
    for each in value.split():
        _with_host("TCMA_SMTP_URL", each, known, "smtp://127.0.0.1:25")
    return " ".join(value.split())


def _returns(value: str) -> tuple[str, ...]:
    for each in value.split():
        _with_host("TCMA_RETURN_MAIL", each, RETURN_SCHEMES, "smtp://0.0.0.0:2525")
        if urlsplit(each).scheme in ("smtp", "lmtp") and not urlsplit(each).port:
            remedy = "Write it like smtp://0.0.0.0:2525."
            raise _refuse("TCMA_RETURN_MAIL", f"“{each}” names no port to listen on", remedy)
        if urlsplit(each).scheme == "imap" and urlsplit(each).hostname not in LOOPBACK:
            remedy = "Write imaps:// instead."
            raise _refuse("TCMA_RETURN_MAIL", "the password would travel in the open", remedy)
    return tuple(value.split())


def _host(value: str) -> str:
    if not re.fullmatch(r"(?!-)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", value):
        raise _refuse("TCMA_MAIL_HOST", f"“{value}” is no host name", "Write mail.example.com.")
    return value.lower()


def _servers(value: str) -> tuple[str, ...]:
    servers = tuple(each.strip() for each in value.split(",") if each.strip())
    for each in servers:
        host, _, port = each.partition(":")
        try:
            ip_address(host)
            _port(port or "53")
        except (ValueError, Invalid):
            raise _refuse(
                "TCMA_DNS", f"“{each}” is no address", "Write 192.0.2.1 or 192.0.2.1:5353."
            ) from None
    return servers


def _inside(value: str) -> tuple[str, ...]:
    hosts = tuple(each.strip().lower() for each in value.split(",") if each.strip())
    for each in hosts:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", each):
            raise _refuse(
                "TCMA_INSIDE_HOSTS",
                f"“{each}” is no host",
                "Write crm.internal or crm.internal:8443.",
            )
    return hosts


def _authority(url: str, roots: str) -> tuple[str, bytes]:
    """Return the address of the time authority and its root certificates (PEM), or nothing."""
    if not url and not roots:
        return "", b""
    if not url or not roots:
        lacks = "TCMA_TSA_ROOTS" if url else "TCMA_TSA_URL"
        why = "a time authority is asked at an address and believed by a certificate"
        raise _refuse(lacks, why, "Name both, or neither.")
    url = _with_host("TCMA_TSA_URL", url, ("https", "http"), "https://tsa.example.com/tsr")
    try:
        pem = Path(roots).expanduser().read_bytes()
    except OSError as error:
        why = f"{roots} cannot be read ({error.strerror})"
        raise _refuse("TCMA_TSA_ROOTS", why, "Name a PEM file.") from None
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        why = f"{roots} holds no certificate"
        raise _refuse("TCMA_TSA_ROOTS", why, "Name a PEM file with the authority's root.")
    return url, pem


def _proof_reader(url: str, secret: str) -> tuple[str, str]:
    """Return the address of the service that reads proofs and its secret, or nothing."""
    if not url and not secret:
        return "", ""
    if not url or not secret:
        lacks = "TCMA_PROOF_READER_SECRET" if url else "TCMA_PROOF_READER_URL"
        raise _refuse(lacks, "what a service is told is signed", "Name both, or neither.")
    example = "https://reader.example.com/read"
    url = _with_host("TCMA_PROOF_READER_URL", url, ("https", "http"), example)
    remedy = "Write whsec_ and base64 of 24 octets or more."
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith("whsec_") or len(key) < SHORTEST_KEY:
        raise _refuse("TCMA_PROOF_READER_SECRET", "it is no key", remedy)
    return url, secret


def _port(value: str) -> int:
    if not value.isdigit() or not 0 < int(value) <= LARGEST_PORT:
        raise _refuse("PORT", f"“{value}” is not a port", "Give a number from 1 to 65535.")
    return int(value)


def _secret(value: str, data: Path) -> bytes:
    if value:
        if len(value) < SHORTEST_SECRET:
            raise _refuse(
                "TCMA_SECRET",
                f"{len(value)} characters are too few",
                "Make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
            )
        return value.encode()
    path = data / "secret"
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_secret(path)
        kept = path.read_bytes().strip()
    except OSError as error:
        why = "is a file, no folder" if data.is_file() else f"cannot be used ({error.strerror})"
        raise _refuse("TCMA_DATA", f"{data} {why}", "Name a folder you may write.") from None
    if len(kept) < SHORTEST_SECRET:
        raise _refuse(
            "TCMA_DATA",
            f"the secret in {path} is damaged: {len(kept)} characters are too few",
            "Put it back from your backup. Without one delete the file: a new secret is made,"
            " everybody signs in again, and links mailed before stop working.",
        )
    return kept


def _make_secret(path: Path) -> None:
    """Write a secret whole or not at all; whoever is first wins, the others read it."""
    draft = path.with_name(f"secret.{secrets.token_hex(8)}")
    with draft.open("x", encoding="ascii") as new:
        draft.chmod(0o600)
        new.write(secrets.token_urlsafe(48))
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings of `environ`; raises Invalid with the variable, reason and remedy.

    Without TCMA_SECRET one is made in the data folder at the first call and kept.
    """

    def value(name: str) -> str:
        return environ.get(name, "").strip()

    port = _port(value("PORT") or "8000")
    data = Path(value("TCMA_DATA") or ".data").expanduser().resolve()
    database, redis, smtp = (
        value("TCMA_DATABASE_URL"),
        value("TCMA_REDIS_URL"),
        value("TCMA_SMTP_URL"),
    )
    tsa_url, tsa_roots = _authority(value("TCMA_TSA_URL"), value("TCMA_TSA_ROOTS"))
    reader_url, reader_secret = _proof_reader(
        value("TCMA_PROOF_READER_URL"), value("TCMA_PROOF_READER_SECRET")
    )
    public = value("TCMA_PUBLIC_URL") or f"http://127.0.0.1:{port}"
    return Settings(
        database_url=_database(database) if database else None,
        redis_url=_with_host(
            "TCMA_REDIS_URL", redis, ("redis", "rediss"), "redis://127.0.0.1:6379/0"
        )
        if redis
        else None,
        files_url=_files(value("TCMA_FILES_URL"), data),
        smtp_url=_relays(smtp) if smtp else None,
        public_url=_with_host(
            "TCMA_PUBLIC_URL", public, ("http", "https"), "https://partners.example.com"
        ).rstrip("/"),
        secret=_secret(value("TCMA_SECRET"), data),
        data=data,
        port=port,
        mail_host=_host(value("TCMA_MAIL_HOST")) if value("TCMA_MAIL_HOST") else "",
        dns=_servers(value("TCMA_DNS")),
        inside_hosts=_inside(value("TCMA_INSIDE_HOSTS")),
        return_mail=_returns(value("TCMA_RETURN_MAIL")),
        tsa_url=tsa_url,
        tsa_roots=tsa_roots,
        proof_reader_url=reader_url,
        proof_reader_secret=reader_secret,
    )
