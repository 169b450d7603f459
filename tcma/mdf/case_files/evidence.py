"""What a launch can prove by itself: the mail as sent, its log, page, images, locks and leads.

The vendor reads these files, so no recipient's name or address is in any of them.
"""

import hashlib
import hmac
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, or_, select

from tcma.db.work import Work
from tcma.delivery.models import Mailing, Message, Sender
from tcma.delivery.queries import equation
from tcma.delivery.rules import REASON_WORDS, MailingKind, MessageState, Reason
from tcma.launches import manifests
from tcma.launches.content import pinned
from tcma.launches.models import Launch, LaunchMail
from tcma.leads.models import Lead, LeadCapture
from tcma.library.ingredients import gather
from tcma.library.landings import read_landing
from tcma.library.models import Page, PartnerCopy
from tcma.library.pictures import drawn_once
from tcma.mdf.rules import ProofKind
from tcma.mdf.words import spoken_count
from tcma.rendering.headers import headers
from tcma.rendering.mime import Artefact
from tcma.spreadsheet import csv_row
from tcma.words import say, say_n

SAMPLE = {
    "greeting": "Hello,",
    "first_name": "Robin",
    "last_name": "Sample",
    "company": "Sample Company",
    "industry_peer": "companies like yours",
    "product_name": "your agreement",
    "renewal_date": "the agreed day",
    "seats_line": "the seats in use",
    "owner_name": "your contact",
}
AT_ONCE = 5_000
"""Messages read from the database in one go."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file of proof; `words` says in a line what it shows."""

    kind: ProofKind
    file_name: str
    media_type: str
    content: bytes
    words: str


def mail_as_sent(work: Work, launch: Launch) -> Evidence | None:
    """Return the first mail that left, with its dated header; None before one has.

    The recipient's own values are replaced by a sample person's, links by the public address.
    """
    sent = work.session.execute(
        select(Message.id, Message.sent_at, Mailing.artefact_key, Mailing.sender_id)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .join(LaunchMail, LaunchMail.mailing_id == Mailing.id)
        .where(
            LaunchMail.launch_id == launch.id,
            Message.state == MessageState.SENT,
            Message.sent_at.is_not(None),
            Mailing.artefact_key.is_not(None),
        )
        .order_by(LaunchMail.no, Message.sent_at, Message.id)
        .limit(1)
    ).one_or_none()
    if sent is None:
        return None
    subject, content = as_sent(work, launch, sent)
    return Evidence(
        ProofKind.MAIL,
        f"{launch.ref}-mail.eml",
        "message/rfc822",
        content,
        say("“{subject}”, sent {at:%-d %b %Y %H:%M} UTC", subject=subject, at=sent.sent_at),
    )


def as_sent(work: Work, launch: Launch, sent: Row[*tuple[Any, ...]]) -> tuple[str, bytes]:
    """Return subject and bytes of a sent mail (`artefact_key`, `sender_id`, `sent_at`), to nobody."""
    artefact = Artefact.from_bytes(work.files.get(sent.artefact_key))
    sender = work.session.get_one(Sender, sent.sender_id or launch.sender_id)
    subject: str = artefact.subject(SAMPLE)
    values = {name: SAMPLE.get(name, work.site.public_url) for name in artefact.names}
    head = headers(
        from_name=sender.from_name,
        from_address=sender.from_address,
        to_name="One of the recipients",
        to_address="recipient@example.invalid",
        subject=subject,
        date=sent.sent_at,
        message_id=f"{launch.ref}.{artefact.sha256[:16]}@proof.invalid",
        extra={"X-Launch": launch.ref, "X-Artefact-SHA256": artefact.sha256},
    )
    return subject, head + artefact.fill(values)


def send_log(work: Work, launch: Launch) -> Evidence | None:
    """Return counts and one line a mail: keyed hash, domain, state, time, reason; None if empty."""
    mails = work.session.execute(
        select(LaunchMail.no, LaunchMail.mail, LaunchMail.mailing_id)
        .where(LaunchMail.launch_id == launch.id, LaunchMail.mailing_id.is_not(None))
        .order_by(LaunchMail.no)
    ).all()
    if not mails:
        return None
    rows: list[Sequence[object]] = [("Launch", launch.ref, "Name", launch.name)]
    total = 0
    for mail in mails:
        e = equation(work.session, mail.mailing_id)
        total += e.sent
        rows.append(("Mail", mail.no, mail.mail))
        rows.append(("expected", "sent", "failed", "skipped", "uncertain", "cancelled", "waiting"))
        rows.append((e.expected, e.sent, e.failed, e.skipped, e.uncertain, e.cancelled, e.waiting))
        rows.append((f"{e.expected} = {e.settled} settled + {e.waiting} waiting", e.holds))
    rows.append(("mail", "recipient", "domain", "state", "sent at (UTC)", "reason"))
    for mail in mails:
        rows.extend(_logged(work, mail.no, mail.mailing_id))
    return Evidence(
        ProofKind.SEND_LOG,
        f"{launch.ref}-send-log.csv",
        "text/csv",
        b"".join(csv_row(row) for row in rows),
        say("{n} sent in {mails}", n=total, mails=spoken_count(len(mails), "mail")),
    )


def _logged(work: Work, no: int, mailing_id: int) -> Iterator[Sequence[object]]:
    messages = work.session.execute(
        select(Message.address, Message.state, Message.sent_at, Message.reason)
        .where(Message.mailing_id == mailing_id)
        .order_by(Message.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for message in messages:
        yield logged(work, no, message)


def logged(work: Work, no: int, message: Row[*tuple[Any, ...]]) -> Sequence[object]:
    """Return the line of one message in a log: a keyed hash in place of the address."""
    mark = hmac.digest(work.site.secret, message.address.encode(), "sha256").hex()[:16]
    at = f"{message.sent_at:%Y-%m-%d %H:%M:%S}" if message.sent_at else ""
    state = MessageState(message.state).name.lower()
    domain = message.address.rpartition("@")[2]
    return no, mark, domain, state, at, REASON_WORDS[Reason(message.reason)]


def page_snapshot(work: Work, launch: Launch) -> Evidence | None:
    """Return the landing page as it stands at its public address; None without a page."""
    page = work.session.get(Page, launch.page_id) if launch.page_id else None
    if page is None:
        return None
    shown = read_landing(work.files, page.key).form.show(action="#")
    at = f"<!-- {work.site.public_url}/go/{page.path}, {work.now:%Y-%m-%d %H:%M} UTC -->\n"
    return Evidence(
        ProofKind.PAGE,
        f"{launch.ref}-page.html",
        "text/html",
        (at + shown).encode(),
        f"/go/{page.path}",
    )


def locks(work: Work, launch: Launch) -> Evidence | None:
    """Return every asset that left with its signed manifest, as a zip anybody can check offline."""
    manifests.sign(work, launch.id)
    content = manifests.archive_of(work, launch.id)
    if content is None:
        return None
    parts = len(manifests.manifests_of(work.session, launch.id))
    return Evidence(
        ProofKind.LOCKS,
        f"{launch.ref}-locks.zip",
        "application/zip",
        content,
        say_n(
            "{n} signed manifest: what the vendor keeps, what is the partner's",
            "{n} signed manifests: what the vendor keeps, what is the partner's",
            parts,
        ),
    )


def images(work: Work, launch: Launch) -> Evidence | None:
    """Return all pictures of the launch in one archive with their hashes; None without any."""
    copy = pinned(launch, work.session.get_one(PartnerCopy, launch.copy_id))
    made_of = gather(work, copy, brand_id=launch.brand_id)
    names = sorted(image.name for image in made_of.source.images)
    if not names:
        return None
    out = io.BytesIO()
    sums: list[str] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            drawn = drawn_once(work, made_of, name)
            archive.writestr(zipfile.ZipInfo(drawn.file_name), drawn.data)
            sums.append(f"{hashlib.sha256(drawn.data).hexdigest()}  {drawn.file_name}")
        archive.writestr(zipfile.ZipInfo("SHA256SUMS"), "\n".join(sums) + "\n")
    return Evidence(
        ProofKind.IMAGES,
        f"{launch.ref}-images.zip",
        "application/zip",
        out.getvalue(),
        say_n("{n} size", "{n} sizes", len(names)),
    )


def leads(work: Work, launch: Launch) -> Evidence:
    """Return how many leads came, when, how, from which companies; none is an answer too.

    Beside those of the launch they are the cards that the partner's people typed for its campaign
    since it began: who came to the event. Follow-up mails are those of the campaign's journey.
    """
    rows = work.session.execute(leads_of(launch, until=work.now)).all()
    followed = _followed(work, launch, [row.contact_id for row in rows if row.contact_id])
    by_card = sum(1 for row in rows if row.card)
    reached = [followed.get(row.contact_id, 0) for row in rows]
    table: list[Sequence[Any]] = [
        ("Launch", launch.ref, "Leads", len(rows), "By card at an event", by_card),
        ("lead", "at (UTC)", "company", "country", "state", "way in", "follow-up mails"),
    ]
    table.extend(
        (row.ref, f"{row.created_at:%Y-%m-%d %H:%M}", row.company, row.country, row.state,
         "card" if row.card else "page", mails)
        for row, mails in zip(rows, reached, strict=True)
    )  # fmt: skip
    words = spoken_count(len(rows), "lead")
    if by_card:
        words = say("{leads}, {n} of them by card at an event", leads=words, n=by_card)
    if any(reached):
        words = say(
            "{leads}; {n} followed up by {mails}",
            leads=words,
            n=sum(map(bool, reached)),
            mails=spoken_count(sum(reached), "mail"),
        )
    return Evidence(
        ProofKind.LEADS,
        f"{launch.ref}-leads.csv",
        "text/csv",
        b"".join(csv_row(row) for row in table),
        words,
    )


def leads_of(launch: Launch, *, until: datetime) -> Select[*tuple[Any, ...]]:
    """Return the leads of a launch, and the cards typed for its campaign since it began."""
    card = exists().where(
        LeadCapture.lead_id == Lead.id, LeadCapture.source == f"card:{launch.partner_id}"
    )
    since_it_began = and_(
        Lead.campaign_id == launch.campaign_id,
        Lead.source_partner_id == launch.partner_id,
        Lead.launch_id.is_(None),
        Lead.created_at.between(launch.started_at, until),
        card,
    )
    return (
        select(
            Lead.ref,
            Lead.created_at,
            Lead.company,
            Lead.country,
            Lead.state,
            Lead.contact_id,
            card.label("card"),
        )
        .where(or_(Lead.launch_id == launch.id, since_it_began))
        .order_by(Lead.created_at, Lead.id)
    )


def _followed(work: Work, launch: Launch, contact_ids: Sequence[int]) -> dict[int, int]:
    """How many mails of the campaign's journey left to each of these people."""
    rows = work.session.execute(
        select(Message.contact_id, func.count())
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(
            Mailing.kind == MailingKind.NURTURE,
            Mailing.campaign_id == launch.campaign_id,
            Mailing.partner_id == launch.partner_id,
            Message.contact_id.in_(contact_ids),
            Message.state == MessageState.SENT,
            func.coalesce(Message.sent_at, Message.due_at) >= launch.started_at,
        )
        .group_by(Message.contact_id)
    )
    return {row[0]: row[1] for row in rows}
