"""The product's own mails: one function each, one message row each, ahead of all bulk mail.

Every function takes its reader, the address of its one button (`url`) and, where a time stands in it,
the reader's `zone`; it returns the message's number. What a partner gets is in the language of who reads
it, by a file `mail/<template>.<language>.txt`; what only the desk gets is English.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, get_currency_precision
from sqlalchemy import func, insert, select, text

from tcma.accounts.queries import Person
from tcma.contacts.rules import address_hash, normal_address
from tcma.db.work import Work
from tcma.delivery.letters import Letter, write_letter
from tcma.delivery.models import Mailing, Message, MessageBody
from tcma.delivery.rules import MailingKind, MailingState, MessageState
from tcma.jobs import Job
from tcma.money import Money
from tcma.partners.models import Vendor
from tcma.words import written

PRIORITY = 10
LOCALE = "en_GB"
NOTICE_LOCK = 4_117_003
HOUSE = "tcma"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is written to, and in which language (a locale such as `de-DE`)."""

    email: str
    name: str
    locale: str = "en"

    @property
    def language(self) -> str:
        """The language of the locale."""
        return self.locale.partition("-")[0]

    @classmethod
    def of(cls, person: Person) -> "Reader":
        """Return somebody who signs in, in the language they chose."""
        return cls(email=person.email, name=person.name, locale=person.locale)


def invitation(  # noqa: PLR0913 - the words of the letter
    work: Work,
    reader: Reader,
    *,
    organisation: str,
    invited_by: str,
    role: str,
    until: datetime,
    url: str,
    zone: str = "UTC",
    vendor_id: UUID | None = None,
) -> int:
    """Invite a person to set a password."""
    values = {"organisation": organisation, "invited_by": invited_by, "role": role,
              "until": when(until, zone)}  # fmt: skip
    return tell(work, "invitation", values, reader, url=url, vendor_id=vendor_id)


def password_reset(work: Work, reader: Reader, *, url: str) -> int:
    """Offer a link that sets a new password."""
    return tell(work, "password_reset", {}, reader, url=url)


def lead_timed_out(  # noqa: PLR0913 - the words of the letter
    work: Work,
    reader: Reader,
    *,
    vendor_id: UUID,
    company: str,
    at: datetime,
    zone: str,
    url: str,
) -> int:
    """Say that a lead went on because nobody answered."""
    values = {"company": company, "at": when(at, zone)}
    return tell(work, "lead_timed_out", values, reader, url=url, vendor_id=vendor_id)


def lead_unassigned(  # noqa: PLR0913 - the words of the letter
    work: Work,
    reader: Reader,
    *,
    vendor_id: UUID,
    company: str,
    campaign: str,
    tries: int,
    url: str,
) -> int:
    """Tell the vendor that nobody took a lead."""
    values = {"company": company, "campaign": campaign, "tries": str(tries)}
    return tell(work, "lead_unassigned", values, reader, url=url, vendor_id=vendor_id)


def lead_reminder(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, *, vendor_id: UUID, company: str, words: str, url: str
) -> int:
    """Tell the partner's people what a journey says about a lead."""
    values = {"company": company, "words": words}
    return tell(work, "lead_reminder", values, reader, url=url, vendor_id=vendor_id)


def sender_domain(  # noqa: PLR0913 - the words of the letter
    work: Work, reader: Reader, state: str, *, domain: str, url: str, vendor_id: UUID | None
) -> int:
    """Say that a sending domain is verified, fails or is broken."""
    values = {"domain": domain}
    return tell(work, f"domain_{state}", values, reader, url=url, vendor_id=vendor_id)


def when(at: datetime, zone: str) -> str:
    """Return an instant as the reader's wall clock says it, with the zone named, in words of a language."""
    local = at.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M} ({local.tzname()})"
    return written(lambda locale: f"{_day(local.date(), 'EEE d MMM', 'MMMEd', locale)}, {clock}")


def day(on: date) -> str:
    """Return a date in words of a language."""
    return written(lambda locale: _day(on, "EEE d MMM y", "yMMMEd", locale))


def _day(on: date, english: str, parts: str, locale: Locale) -> str:
    if locale.language == "en":
        return str(format_date(on, english, locale=locale))
    return str(format_skeleton(parts, on, locale=locale))


def money(amount: Money) -> str:
    """Return a sum with its currency's own digits."""
    digits = get_currency_precision(amount.currency)
    return format_currency(amount.minor / 10**digits, amount.currency, locale=LOCALE)


def tell(  # noqa: PLR0913 - a letter, a person, a side
    work: Work,
    template: str,
    values: Mapping[str, str],
    reader: Reader,
    *,
    url: str,
    vendor_id: UUID | None = None,
) -> int:
    """Queue a letter and return its message's number; `vendor` and `person` are known to every one."""
    return tell_each(work, template, [(reader, url, values)], vendor_id=vendor_id)[0]


def tell_each(
    work: Work,
    template: str,
    told: Iterable[tuple[Reader, str, Mapping[str, str]]],
    *,
    vendor_id: UUID | None,
) -> list[int]:
    """Queue a letter for each (reader, where its button leads, what it says), each in its language."""
    house, foot = house_of(work, vendor_id)
    letters = [
        (
            reader.email,
            write_letter(
                template,
                {"vendor": house, "person": reader.name} | dict(values),
                house=house,
                url=url,
                foot=foot,
                language=reader.language,
            ),
        )
        for reader, url, values in told
    ]
    return queue_letters(work, letters, vendor_id=vendor_id)


def house_of(work: Work, vendor_id: UUID | None) -> tuple[str, str]:
    """Return who writes, and what stands at the foot."""
    if vendor_id and (row := work.session.get(Vendor, vendor_id)):
        facts = (row.legal_name, row.kit.get("address"))
        return row.name, ", ".join(part for part in facts if part)
    return HOUSE, ""


def queue_letters(
    work: Work,
    letters: Sequence[tuple[str, Letter]],
    *,
    vendor_id: UUID | None,
    sender_id: UUID | None = None,
) -> list[int]:
    """Make a message of each letter, from the house or in a partner's name from its sender; their numbers."""
    if not letters:
        return []
    numbers = next_numbers(work, len(letters))
    keep_letters(work, _stream_of(work, vendor_id, sender_id), numbers, letters)
    work.wake(Job.MAILING_SEND)
    return numbers


def next_numbers(work: Work, count: int) -> list[int]:
    """Return so many numbers of messages to come: a letter may hold a link with its own."""
    if not count:
        return []
    rows = work.session.scalars(
        select(func.nextval(func.pg_get_serial_sequence("message", "id"))).select_from(
            func.generate_series(1, count)
        )
    )
    return [int(number) for number in rows]


def keep_letters(
    work: Work, mailing_id: int, numbers: Sequence[int], letters: Sequence[tuple[str, Letter]]
) -> None:
    """Write each letter down as a message of a mailing, ready to leave."""
    messages, bodies = [], []
    for number, (to, letter) in zip(numbers, letters, strict=True):
        address = normal_address(to)
        messages.append(
            {
                "id": number,
                "origin_id": number,
                "mailing_id": mailing_id,
                "due_at": work.now,
                "state": MessageState.READY,
                "address": address.text,
                "address_hash": address_hash(work.site.secret, address),
            }
        )
        bodies.append(
            {
                "message_id": number,
                "subject": letter.subject,
                "html": letter.html,
                "plain": letter.plain,
            }
        )
    work.session.execute(insert(Message), messages)
    work.session.execute(insert(MessageBody), bodies)


def _stream_of(work: Work, vendor_id: UUID | None, sender_id: UUID | None) -> int:
    """The one running notice mailing of a vendor (or of the house) and sender, made at its first notice."""
    known = select(Mailing.id).where(
        Mailing.kind == MailingKind.NOTICE,
        Mailing.vendor_id.is_not_distinct_from(vendor_id),
        Mailing.sender_id.is_not_distinct_from(sender_id),
    )
    number = work.session.scalar(known)
    if number is None:
        work.session.execute(text(f"select pg_advisory_xact_lock({NOTICE_LOCK})"))
        number = work.session.scalar(known)
    return (
        number
        or work.session.execute(
            insert(Mailing)
            .values(
                vendor_id=vendor_id,
                sender_id=sender_id,
                kind=MailingKind.NOTICE,
                priority=PRIORITY,
                resend_uncertain=True,
                state=MailingState.RUNNING,
                subject="Notices",
                created_at=work.now,
            )
            .returning(Mailing.id)
        ).scalar_one()
    )


def house_address(public_url: str) -> str:
    """Return the address the house itself writes from, at the public host."""
    host = urlsplit(public_url).hostname or "localhost"
    named = any(c.isalpha() for c in host) and "." in host
    return f"notices@{host if named else 'tcma.localhost'}"
