"""A test in which the sender is what B varies: another name on the same address, or another address.

All else of the mail is as in A. Mails of the series after the first come from the launch's own sender,
whoever won. What two voices bring is counted over all partners (`voices`), what two addresses bring over
one partner's launches.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tcma.accounts.queries import members_of
from tcma.db.work import Work
from tcma.delivery.models import Mailing, Sender
from tcma.delivery.sender_queries import SenderChoice, senders
from tcma.errors import Invalid
from tcma.launches.choices import TrialChoice
from tcma.launches.models import Launch, LaunchMail, LaunchTrial
from tcma.launches.trial import Arm
from tcma.launches.voices import Known, Name, Voice, known_names, names_to_test, voice_of
from tcma.library.models import PartnerCopy
from tcma.partners.queries import brand_in_force
from tcma.permissions import Permission
from tcma.rendering.headers import mailbox
from tcma.words import say


@dataclass(frozen=True, slots=True)
class From:
    """What the recipient reads, and who speaks in it."""

    name: str
    address: str
    voice: Voice


@dataclass(frozen=True, slots=True)
class Pair:
    """The two senders of a test."""

    a: From
    b: From

    @property
    def is_common(self) -> bool:
        """Whether every partner can ask the same: two different voices, one address."""
        voices = {self.a.voice, self.b.voice}
        return self.a.address == self.b.address and len(voices - {Voice.UNKNOWN}) == 2

    @property
    def shown(self) -> tuple[str, str]:
        """The two as a reader tells them apart: by name, with the address where it differs."""
        if self.a.address == self.b.address:
            return self.a.name, self.b.name
        return f"{self.a.name} <{self.a.address}>", f"{self.b.name} <{self.b.address}>"


def known_of(session: Session, partner_id: UUID) -> Known:
    """Return the names of a partner: its profile's, and those of its people who launch."""
    people = members_of(session, partner_id=partner_id, able_to=Permission.LAUNCH_PLAN)
    fields = brand_in_force(session, partner_id).fields
    return known_names(fields, [each.name for each in people])


def names_of(session: Session, partner_id: UUID, *, language: str) -> list[Name]:
    """Return the names a partner may test."""
    return names_to_test(known_of(session, partner_id), language=language)


def plan(work: Work, choice: TrialChoice, copy: PartnerCopy, sender_id: UUID) -> None:
    """Raise Invalid for a second sender that cannot be, or is the first."""
    usable = {
        each.id: each
        for each in senders(
            work.session, work.principal, partner_id=copy.partner_id, vendor_id=copy.vendor_id
        )
        if each.is_usable
    }
    other = usable.get(choice.sender_id or sender_id)
    if choice.sender_id and other is None:
        raise _refused(say("Mail cannot leave from this address yet. Choose another."))
    own = work.session.execute(
        select(Sender.from_name, Sender.from_address).where(Sender.id == sender_id)
    ).one_or_none()
    if own is None:
        return  # the preflight says that a sender is missing
    address = other.from_address if other else own.from_address
    name = choice.from_name or (other.from_name if other else own.from_name)
    mailbox(name, address)
    if (name.casefold(), address) == (own.from_name.casefold(), own.from_address):
        raise _refused(say("This is who A comes from already. Choose another name or address."))


def _refused(words: str) -> Invalid:
    return Invalid(words, code="launch.sender_b", fields={"sender_b": words})


def pair_of(session: Session, launch: Launch, choice: TrialChoice) -> Pair:
    """Return who A and B of a launch's test come from."""
    known = known_of(session, launch.partner_id)
    rows = {
        row.id: row
        for row in session.execute(
            select(Sender.id, Sender.from_name, Sender.from_address).where(
                Sender.id.in_((launch.sender_id, choice.sender_id or launch.sender_id))
            )
        )
    }
    a, b = rows[launch.sender_id], rows[choice.sender_id or launch.sender_id]
    name = choice.from_name or b.from_name
    return Pair(
        From(a.from_name, a.from_address, voice_of(a.from_name, known)),
        From(name, b.from_address, voice_of(name, known)),
    )


def parts_of_mark(launch: Launch, pair: Pair) -> list[str]:
    """Return what makes the same test of senders the same in several launches."""
    if pair.is_common:
        return ["voices", pair.a.voice.value, pair.b.voice.value]
    return ["senders", str(launch.partner_id), *(
        each for one in (pair.a, pair.b) for each in (one.name.casefold(), one.address)
    )]  # fmt: skip


def keep(trial: LaunchTrial, pair: Pair) -> None:
    """Write who the two came from with the test, for those who look later."""
    trial.shown_a, trial.shown_b = pair.shown
    if pair.is_common:
        trial.voice_a, trial.voice_b = pair.a.voice, pair.b.voice


def sender_of(session: Session, launch: Launch, mail: LaunchMail) -> tuple[UUID, str | None]:
    """Return from whom a mail of a launch leaves: a sender, and a name other than its own."""
    trial = session.get(LaunchTrial, launch.id) if mail.no == 1 else None
    if trial is None or not (trial.sender_id or trial.from_name):
        return launch.sender_id, None
    has_b = mail.arm == Arm.B or (mail.arm == Arm.REST and trial.winner == Arm.B)
    if not has_b:
        return launch.sender_id, None
    return trial.sender_id or launch.sender_id, trial.from_name or None


def take_other(session: Session, rest: LaunchMail, other: LaunchMail) -> None:
    """Let the mail of the rest come from where B came from."""
    theirs = select(Mailing.sender_id, Mailing.from_name).where(Mailing.id == other.mailing_id)
    sender_id, name = session.execute(theirs).one()
    session.execute(
        update(Mailing)
        .where(Mailing.id == rest.mailing_id)
        .values(sender_id=sender_id, from_name=name)
    )


def offers(names: list[Name], choices: list[SenderChoice]) -> list[tuple[str, str]]:
    """Return (value, words) of every second sender that may be chosen in a form."""
    named = [(f"name:{each.text}", each.text) for each in names]
    usable = [each for each in choices if each.is_usable]
    addressed = [
        (f"from:{each.id}", f"{each.from_name} <{each.from_address}>")
        for each in usable
        if len(usable) > 1
    ]
    return named + addressed
