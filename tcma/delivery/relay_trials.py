"""One mail to oneself through one relay of a domain: made as mailings are, signed, but sent at once and
kept nowhere, so that a person sees what this relay, and no other, says to it.
"""

from collections.abc import Sequence

from sqlalchemy import func, select

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery.letters import write_letter
from tcma.delivery.models import Sender
from tcma.ids import new_id
from tcma.ports import Outgoing
from tcma.rendering.headers import headers
from tcma.rendering.mime import build
from tcma.rendering.tokens import inert
from tcma.senders.actions import may_edit
from tcma.senders.models import SenderDomain
from tcma.senders.queries import signers_of
from tcma.senders.rules import PROVED


class NoJournal:
    """A mail that nobody counts needs no book."""

    def begun(self, ids: Sequence[int]) -> None:
        """Forget it."""

    def answered(self, ids: Sequence[int]) -> None:
        """Forget it."""


def trial_mail(  # noqa: PLR0913 - the words of the letter
    work: Work, name: str, *, host: str, to: str, url: str, language: str = "en"
) -> Outgoing:
    """Return a mail from a domain of one's own to the person who tries a relay.

    It comes from the first address on the domain, else from its postmaster; it is signed when the
    domain is proved. Raises NotFound for another's domain.
    """
    may_edit(work)
    query = visible(select(SenderDomain), work.principal, SenderDomain)
    domain = found(work.session.scalar(query.where(SenderDomain.name == name)))
    from_name, address = _from(work, domain)
    values = {"host": host, "address": address, "domain": name}
    letter = write_letter("relay_trial", values, house=from_name, url=url, language=language)
    made = build(
        subject=inert(letter.subject),
        preview="",
        html=inert(letter.html),
        text=inert(letter.plain),
        rtl=False,
    )
    head = headers(
        from_name=from_name,
        from_address=address,
        to_address=to,
        subject=made.subject({}),
        date=work.now,
        message_id=f"{new_id().hex}@{name}",
        extra={"Auto-Submitted": "auto-generated"},
    )
    head += made.head
    body = made.pieces({})
    signers = []
    if domain.state in PROVED:
        signers = signers_of(work.session, work.site.secret, domain.id, name)
    at = int(work.now.timestamp())
    marks = [each.header(head, body, at=at) for each in signers]
    return Outgoing(1, address, to, (*marks, head, b"\r\n", *body), is_wired=True)


def _from(work: Work, domain: SenderDomain) -> tuple[str, str]:
    side = (
        (Sender.partner_id == domain.partner_id)
        if domain.partner_id
        else (Sender.vendor_id == domain.vendor_id) & Sender.partner_id.is_(None)
    )
    row = work.session.execute(
        select(Sender.from_name, Sender.from_address)
        .where(side, func.split_part(Sender.from_address, "@", 2) == domain.name)
        .order_by(Sender.created_at)
        .limit(1)
    ).one_or_none()
    if row is None:
        return domain.name, f"postmaster@{domain.name}"
    return row.from_name, row.from_address
