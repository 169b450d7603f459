"""The letters about launches and campaigns, each in its reader's language: paused, stopped, held, news."""

from dataclasses import dataclass
from uuid import UUID

from tcma.accounts.queries import Person, members_of
from tcma.db.work import Work
from tcma.delivery.letters import write_letter
from tcma.delivery.notices import house_of, queue_letters
from tcma.permissions import Permission
from tcma.words import say_n


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is written to, and in which language (a locale such as `de-DE`)."""

    email: str
    name: str
    locale: str = "en"

    @classmethod
    def of(cls, person: Person) -> "Reader":
        """Return somebody who signs in, in the language they chose."""
        return cls(email=person.email, name=person.name, locale=person.locale)


def launch_paused(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, *, vendor_id: UUID, launch: str, reason: str, waiting: int, url: str
) -> int:
    """Tell whoever launched that the engine paused it by itself."""
    mails = say_n("{n} mail waits until you go on.", "{n} mails wait until you go on.", waiting)
    values = {"launch": launch, "reason": reason, "waiting": mails}
    return _send(work, "launch_paused", values, reader, url=url, vendor_id=vendor_id)


def launch_stopped(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, *, vendor_id: UUID, launch: str, reason: str, url: str
) -> int:
    """Tell whoever launched that it could not go on."""
    values = {"launch": launch, "reason": reason}
    return _send(work, "launch_stopped", values, reader, url=url, vendor_id=vendor_id)


def launch_to_approve(
    work: Work, reader: Reader, *, vendor_id: UUID, values: dict[str, str], url: str
) -> int:
    """Ask whether a launch may leave, by a link that is this reader's alone."""
    return _send(work, "launch_to_approve", values, reader, url=url, vendor_id=vendor_id)


def launch_still_to_approve(
    work: Work, reader: Reader, *, vendor_id: UUID, values: dict[str, str], url: str
) -> int:
    """Remind of the question whether a launch may leave, the day before an answer is due."""
    return _send(work, "launch_still_to_approve", values, reader, url=url, vendor_id=vendor_id)


def launch_unanswered(
    work: Work, reader: Reader, *, vendor_id: UUID, values: dict[str, str], url: str
) -> int:
    """Tell whoever launched that nobody answered in time whether it may leave."""
    return _send(work, "launch_unanswered", values, reader, url=url, vendor_id=vendor_id)


def launch_decided(
    work: Work, reader: Reader, *, vendor_id: UUID, values: dict[str, str], url: str
) -> int:
    """Tell whoever asked that a launch was approved, or sent back with what to change."""
    return _send(work, "launch_decided", values, reader, url=url, vendor_id=vendor_id)


def campaign_news(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, *, vendor_id: UUID | None, subject: str, words: str, url: str
) -> int:
    """Tell whoever uses a campaign what its vendor changed, or when it ends."""
    values = {"subject": subject, "words": words}
    return _send(work, "campaign_news", values, reader, url=url, vendor_id=vendor_id)


def news_to_partner(  # noqa: PLR0913 - the words of the letter
    work: Work, partner_id: UUID, able_to: Permission, *, vendor_id: UUID, subject: str, words: str,
    url: str,
) -> None:  # fmt: skip
    """Tell those of a partner's people who may do something what a vendor changed."""
    for person in members_of(work.session, partner_id=partner_id, able_to=able_to):
        campaign_news(
            work, Reader.of(person), vendor_id=vendor_id, subject=subject, words=words, url=url
        )


def _send(  # noqa: PLR0913 - a letter, a person, a side
    work: Work,
    template: str,
    values: dict[str, str],
    reader: Reader,
    *,
    url: str,
    vendor_id: UUID | None,
) -> int:
    house, foot = house_of(work, vendor_id)
    known = {"vendor": house, "person": reader.name} | values
    letter = write_letter(
        template, known, house=house, url=url, foot=foot, language=reader.locale[:2]
    )
    return queue_letters(work, [(reader.email, letter)], vendor_id=vendor_id)[0]
