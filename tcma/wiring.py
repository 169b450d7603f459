"""Settings → Services: the one place that picks implementations."""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import structlog
from PIL import features
from sqlalchemy import Engine

from tcma.adapters.crm_hubspot import HubspotCrm
from tcma.adapters.crm_salesforce import SalesforceCrm
from tcma.adapters.dns import Dns
from tcma.adapters.egress import Egress
from tcma.adapters.lead_ads import LeadAds
from tcma.adapters.mail_failover import Relays
from tcma.adapters.mail_smtp import SmtpRelay
from tcma.adapters.payouts_pain import PayoutsPain
from tcma.adapters.pictures_chromium import ChromiumPictures
from tcma.adapters.proof_reader_http import HttpProofReader
from tcma.adapters.queue_dramatiq import DramatiqQueue, in_process, to_redis
from tcma.adapters.sns import SnsTopics
from tcma.adapters.social_facebook import FacebookPage
from tcma.adapters.social_linkedin import LinkedinPosts
from tcma.adapters.storage_disk import DiskFiles
from tcma.adapters.time_authority import HttpAuthority
from tcma.clock import Clock, SharedClock
from tcma.config import Settings
from tcma.db.session import make_engine, transaction
from tcma.db.work import Site, Work
from tcma.embedded import chromium, names, postgres
from tcma.ids import Signer
from tcma.permissions import Principal
from tcma.ports import (
    Crm,
    CrmAccess,
    EmailSenders,
    FileStore,
    Names,
    PagePictures,
    Payouts,
    SocialAccess,
    SocialNetwork,
    Web,
)
from tcma.proof_reader import ProofReader
from tcma.sealed.stamps import NoAuthority, TimeAuthority
from tcma.senders.relay_rules import OwnRelay, OwnRelays
from tcma.transports import transport

log = structlog.get_logger(__name__)
CATCHER_PORT_FILE = "catcher.port"
UNNAMED = "mail.tcma.example"
"""Stands in records while the installation has no name in DNS: for trying out."""


@dataclass(frozen=True, slots=True)
class Services:
    """A running installation: everything a request, a job or a command is made of."""

    settings: Settings
    engine: Engine
    clock: Clock
    site: Site
    files: FileStore
    queue: DramatiqQueue
    relay: EmailSenders
    journals: Path
    names: Names = field(default_factory=Dns)
    payouts: Payouts = field(default_factory=PayoutsPain)
    web: Web = field(default_factory=Egress)
    sns: SnsTopics = field(default_factory=SnsTopics)
    stamps: TimeAuthority = field(default_factory=NoAuthority)
    proof_reader: ProofReader | None = None
    lead_ads: LeadAds = field(default_factory=LeadAds)
    pictures: PagePictures = field(
        default_factory=lambda: ChromiumPictures(chromium.find, chromium.ARGUMENTS)
    )
    server: postgres.Server | None = None
    crm_tokens: MutableMapping[str, str] = field(default_factory=dict, repr=False)

    def crm(self, access: CrmAccess) -> Crm:
        """Return the account at a CRM that `access` names; nothing is asked yet."""
        return CRMS[access.system](self.web, access, self.crm_tokens)

    def social(self, access: SocialAccess) -> SocialNetwork:
        """Return the account at a social network that `access` names; nothing is asked yet."""
        return SOCIALS[access.network](self.web, access)

    def own_relay(self, access: OwnRelay) -> EmailSenders:
        """Return one relay that people named; where it leads is judged each time lines are opened."""
        parts = urlsplit(access.address)
        if parts.scheme == "ses":
            return RELAYS["ses"](access.address)
        guard = partial(self.web.mail_server, in_clear=parts.scheme == "smtp")
        return SmtpRelay(access.address, guard)

    def own_relays(self, kept: OwnRelays) -> Relays:
        """Return a sender's own relays as one, the installation's behind them where it wants so."""
        own = [self.own_relay(each) for each in kept.relays]
        return Relays([*own, self.relay] if kept.house_is_last else own)

    def transaction(self, principal: Principal) -> AbstractContextManager[Work]:
        """Open one transaction as `principal`."""
        return transaction(
            self.engine,
            principal=principal,
            clock=self.clock,
            site=self.site,
            files=self.files,
            queue=self.queue,
        )

    def close(self) -> None:
        """Drop the connections and leave the embedded database."""
        self.engine.dispose()
        if self.server:
            postgres.stop(self.server)


def file_store(url: str) -> FileStore:
    """Return the store that `TCMA_FILES_URL` names."""
    parts = urlsplit(url)
    if parts.scheme != "s3":
        return DiskFiles(Path(parts.path))
    from tcma.adapters.storage_s3 import S3Files  # heavy: boto3

    return S3Files(url)


def relay_url(settings: Settings) -> str:
    """Return the relays' addresses, blank between: the configured ones, else the catcher's."""
    if settings.smtp_url:
        return settings.smtp_url
    port_file = settings.data / CATCHER_PORT_FILE
    port = port_file.read_text().strip() if port_file.exists() else str(settings.port + 1)
    return f"smtp://127.0.0.1:{port}"


def topics_of(urls: str) -> frozenset[str]:
    """Return the SNS topics that relays name (`?topic=arn:aws:sns:…`): where their bounces come from."""
    asked = [parse_qs(urlsplit(url).query).get("topic", []) for url in urls.split()]
    return frozenset(topic for some in asked for topic in some)


CRMS: dict[str, Callable[[Web, CrmAccess, MutableMapping[str, str]], Crm]] = {
    "salesforce": SalesforceCrm,
    "hubspot": HubspotCrm,
}
"""Who speaks to a CRM, by the name of its system."""


def _ses(url: str) -> EmailSenders:
    from tcma.adapters.mail_ses import SesRelay  # heavy: boto3

    return SesRelay(url)


SOCIALS: dict[str, Callable[[Web, SocialAccess], SocialNetwork]] = {
    "linkedin": LinkedinPosts,
    "facebook": FacebookPage,
}
"""Who publishes at a social network, by its name; `tcma.social.rules.SENDABLE` names the same."""


RELAYS: dict[str, Callable[[str], EmailSenders]] = {
    "smtp": SmtpRelay,
    "smtps": SmtpRelay,
    "smtp+starttls": SmtpRelay,
    "ses": _ses,
}
"""Who sends, by the scheme of `TCMA_SMTP_URL`; `tcma.config.RELAY_SCHEMES` names the same."""


def _maker(scheme: str) -> Callable[[str], EmailSenders]:
    return RELAYS[scheme] if scheme in RELAYS else transport(scheme)


def relay_of(urls: str) -> EmailSenders:
    """Return the relay an address names; of several the next steps in for one that is away."""
    relays = [_maker(urlsplit(url).scheme)(url) for url in urls.split()]
    return relays[0] if len(relays) == 1 else Relays(relays)


def mail_host(settings: Settings) -> str:
    """Return the name that partners' DNS records point to."""
    host = settings.mail_host or urlsplit(settings.public_url).hostname or ""
    named = "." in host and any(letter.isalpha() for letter in host)
    return host if named else UNNAMED


def names_of(settings: Settings) -> Names:
    """Return who answers for DNS; names that cannot exist go to the built-in server, if it runs."""
    port_file = settings.data / names.PORT_FILE
    local = (f"127.0.0.1:{port_file.read_text().strip()}",) if port_file.exists() else ()
    return Dns(settings.dns, local)


def authority_of(settings: Settings) -> TimeAuthority:
    """Return who stamps the time of case files; nobody where none is named."""
    if not settings.tsa_url:
        return NoAuthority()
    return HttpAuthority(Egress(settings.inside_hosts), settings.tsa_url, settings.tsa_roots)


PROOF_READER_S = 90.0
"""A service that looks at pictures takes its time."""


def proof_reader_of(settings: Settings, clock: Clock) -> ProofReader | None:
    """Return who else reads proofs; nobody where none is named."""
    if not settings.proof_reader_url:
        return None
    web = Egress(settings.inside_hosts, whole_s=PROOF_READER_S)
    return HttpProofReader(web, settings.proof_reader_url, settings.proof_reader_secret, clock)


def build(settings: Settings, *, clock: Clock | None = None) -> Services:
    """Connect everything `settings` names; starts or joins the embedded database if it is one.

    Raises Unavailable with the part and the remedy when something does not answer.
    """
    if not features.check("raqm"):
        log.warning(
            "pictures cannot set Arabic, Hebrew, Hindi or Thai", remedy="install libfribidi0"
        )
    server = None
    if settings.database_url is None:
        server = postgres.start(settings.data)
        url = server.url()
    else:
        url = settings.database_url
    journals = settings.data / "journals"
    journals.mkdir(parents=True, exist_ok=True)
    clock = clock or SharedClock()
    return Services(
        settings=settings,
        engine=make_engine(url),
        clock=clock,
        site=Site(
            public_url=settings.public_url,
            signer=Signer(settings.secret),
            secret=settings.secret,
            mail_host=mail_host(settings),
            takes_mail=bool(settings.return_mail),
        ),
        files=file_store(settings.files_url),
        queue=to_redis(settings.redis_url) if settings.redis_url else in_process(),
        relay=relay_of(relay_url(settings)),
        sns=SnsTopics(topics_of(relay_url(settings))),
        journals=journals,
        names=names_of(settings),
        web=Egress(settings.inside_hosts),
        stamps=authority_of(settings),
        proof_reader=proof_reader_of(settings, clock),
        server=server,
    )


@contextmanager
def installation(settings: Settings, *, clock: Clock | None = None) -> Iterator[Services]:
    """Build, lend, close."""
    services = build(settings, clock=clock)
    try:
        yield services
    finally:
        services.close()
