"""The letters about launches and campaigns, each in its reader's language: paused, stopped, held, news."""

from uuid import UUID

from tcma.accounts.queries import members_of
from tcma.db.work import Work
from tcma.delivery.notices import Reader, tell
from tcma.permissions import Permission
from tcma.words import say_n


def launch_paused(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, *, vendor_id: UUID, launch: str, reason: str, waiting: int, url: str
) -> int:
    """Tell whoever launched that the engine paused it by itself."""
    mails = say_n("{n} mail waits until you go on.", "{n} mails wait until you go on.", waiting)
    values = {"launch": launch, "reason": reason, "waiting": mails}
    return tell(work, "launch_paused", values, reader, url=url, vendor_id=vendor_id)


def launch_stopped(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, *, vendor_id: UUID, launch: str, reason: str, url: str
) -> int:
    """Tell whoever launched that it could not go on."""
    values = {"launch": launch, "reason": reason}
    return tell(work, "launch_stopped", values, reader, url=url, vendor_id=vendor_id)


def launch_to_approve(
    work: Work, reader: Reader, *, vendor_id: UUID, values: dict[str, str], url: str
) -> int:
    """Ask whether a launch may leave, by a link that is this reader's alone."""
    return tell(work, "launch_to_approve", values, reader, url=url, vendor_id=vendor_id)


def launch_still_to_approve(
    work: Work, reader: Reader, *, vendor_id: UUID, values: dict[str, str], url: str
) -> int:
    """Remind of the question whether a launch may leave, the day before an answer is due."""
    return tell(work, "launch_still_to_approve", values, reader, url=url, vendor_id=vendor_id)


def launch_unanswered(
    work: Work, reader: Reader, *, vendor_id: UUID, values: dict[str, str], url: str
) -> int:
    """Tell whoever launched that nobody answered in time whether it may leave."""
    return tell(work, "launch_unanswered", values, reader, url=url, vendor_id=vendor_id)


def launch_decided(
    work: Work, reader: Reader, *, vendor_id: UUID, values: dict[str, str], url: str
) -> int:
    """Tell whoever asked that a launch was approved, or sent back with what to change."""
    return tell(work, "launch_decided", values, reader, url=url, vendor_id=vendor_id)


def campaign_news(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, *, vendor_id: UUID | None, subject: str, words: str, url: str
) -> int:
    """Tell whoever uses a campaign what its vendor changed, or when it ends."""
    values = {"subject": subject, "words": words}
    return tell(work, "campaign_news", values, reader, url=url, vendor_id=vendor_id)


def news_to_partner(  # noqa: PLR0913 - the words of the letter
    work: Work, partner_id: UUID, able_to: Permission, *, vendor_id: UUID, subject: str, words: str,
    url: str,
) -> None:  # fmt: skip
    """Tell those of a partner's people who may do something what a vendor changed."""
    for person in members_of(work.session, partner_id=partner_id, able_to=able_to):
        campaign_news(
            work, Reader.of(person), vendor_id=vendor_id, subject=subject, words=words, url=url
        )
