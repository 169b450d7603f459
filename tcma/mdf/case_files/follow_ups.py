"""What a campaign's journey sent to the leads of a launch: each mail as it left, its sum, its log.

The vendor reads this file, so no recipient's name or address is in it.
"""

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import ColumnElement, func, select

from tcma.db.work import Work
from tcma.delivery.models import Mailing, Message
from tcma.delivery.queries import any_of, summed
from tcma.delivery.rules import MailingKind, MessageState
from tcma.launches.models import Launch
from tcma.mdf.case_files.evidence import AT_ONCE, Evidence, as_sent, leads_of, logged
from tcma.mdf.rules import ProofKind
from tcma.mdf.words import spoken_count
from tcma.sealed.seal import safe_name
from tcma.spreadsheet import csv_row
from tcma.words import say


def follow_ups(work: Work, launch: Launch) -> Evidence | None:
    """Return the mails of the campaign's journey to a launch's leads since it began, as an archive.

    `NN-SUBJECT.eml` is the first of each mail as it left, with a sample person's values;
    `send-log.csv` has the sum of each and a line a message; `SHA256SUMS` their hashes. None before
    one left.
    """
    of = _of_leads(work, launch)
    mailings = work.session.execute(
        select(Mailing.id, Mailing.artefact_key, Mailing.sender_id, Mailing.subject)
        .join(Message, Message.mailing_id == Mailing.id)
        .where(*of)
        .group_by(Mailing.id)
        .order_by(func.min(Message.step_no), Mailing.id)
    ).all()
    files: dict[str, bytes] = {}
    sums: list[Sequence[object]] = [("Launch", launch.ref, "Name", launch.name)]
    lines: list[Sequence[object]] = []
    sent = 0
    for no, mailing in enumerate(mailings, 1):
        in_it = (*of, Mailing.id == mailing.id)
        counts = _counts(work, in_it)
        e = summed(None, counts)
        sent += e.sent
        subject = mailing.subject
        if e.sent and mailing.artefact_key:
            subject, content = _first(work, launch, in_it)
            files[f"{no:02}-{safe_name(subject)}.eml"] = content
        sums.append(("Mail", no, subject))
        sums.append(("expected", "sent", "failed", "skipped", "uncertain", "cancelled", "waiting"))
        sums.append((e.expected, e.sent, e.failed, e.skipped, e.uncertain, e.cancelled, e.waiting))
        sums.append((f"{e.expected} = {e.settled} settled + {e.waiting} waiting", e.holds))
        lines.extend(_lines(work, no, in_it))
    if not sent:
        return None
    lines.insert(0, ("mail", "recipient", "domain", "state", "sent at (UTC)", "reason"))
    files["send-log.csv"] = b"".join(csv_row(row) for row in (*sums, *lines))
    words = say(
        "{mails} of {steps}",
        mails=spoken_count(sent, "mail"),
        steps=spoken_count(len(mailings), "step"),
    )
    return Evidence(
        ProofKind.NURTURE,
        f"{launch.ref}-follow-ups.zip",
        "application/zip",
        _archive(files),
        words,
    )


def _of_leads(work: Work, launch: Launch) -> tuple[ColumnElement[bool], ...]:
    leads = work.session.execute(leads_of(launch, until=work.now))
    contacts = sorted({row.contact_id for row in leads if row.contact_id})
    return (
        Mailing.kind == MailingKind.NURTURE,
        Mailing.campaign_id == launch.campaign_id,
        Mailing.partner_id == launch.partner_id,
        Message.contact_id == any_of(contacts),
        func.coalesce(Message.sent_at, Message.due_at) >= launch.started_at,
    )


def _counts(work: Work, of: tuple[ColumnElement[bool], ...]) -> Counter[int]:
    rows = work.session.execute(
        select(Message.state, func.count())
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(*of)
        .group_by(Message.state)
    )
    return Counter({row[0]: row[1] for row in rows})


def _first(work: Work, launch: Launch, of: tuple[ColumnElement[bool], ...]) -> tuple[str, bytes]:
    one = (
        select(Message.sent_at, Mailing.artefact_key, Mailing.sender_id)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(*of, Message.state == MessageState.SENT)
        .order_by(Message.sent_at, Message.id)
        .limit(1)
    )
    return as_sent(work, launch, work.session.execute(one).one())


def _lines(work: Work, no: int, of: tuple[ColumnElement[bool], ...]) -> list[Sequence[object]]:
    messages = work.session.execute(
        select(Message.address, Message.state, Message.sent_at, Message.reason)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(*of)
        .order_by(Message.id)
        .execution_options(yield_per=AT_ONCE)
    )
    return [logged(work, no, message) for message in messages]


def _archive(files: dict[str, bytes]) -> bytes:
    sums = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in (*files.items(), ("SHA256SUMS", sums.encode())):
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()
