"""The three decisions of a launch: to whom, when, from whom."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, TimeField
from wtforms.validators import InputRequired, Optional, ValidationError

from tcma.delivery.sender_queries import SenderChoice
from tcma.launches.trials import Variant
from tcma.web.forms.base import offer
from tcma.web.forms.launch_choices import ChoicesForm
from tcma.words import say

MORNING = time(9)
SATURDAY = 5


class LaunchForm(ChoicesForm):
    """Answers arrive as ids and a local day and time; `send_at` makes the instant."""

    lists = SelectMultipleField(say("To whom"))
    day = DateField(say("On"), [InputRequired(say("Choose a day."))])
    at = TimeField(say("At"), [InputRequired(say("Choose a time."))])
    mails = RadioField(say("How many mails"))
    sender = RadioField(say("From"))
    plan = RadioField(say("Paid by"), [Optional()])
    key = HiddenField()

    @classmethod
    def for_partner(  # noqa: PLR0913 - what the choices are made of
        cls,
        *,
        lists: Sequence[Any],
        segments: Sequence[Any],
        senders: Sequence[SenderChoice],
        plans: Sequence[Any],
        mails_n: int,
        variants: Sequence[Variant] = (),
        second_senders: Sequence[tuple[str, str]] = (),
        now: datetime,
        zone: ZoneInfo,
    ) -> "LaunchForm":
        """Offer this partner's lists, senders and approved plans; the next working morning."""
        form = cls()
        offer(
            form.lists,
            [
                (
                    str(one.id),
                    one.name,
                    say(
                        "{sendable_n:,} of {people_n:,} can be mailed",
                        sendable_n=one.sendable_n,
                        people_n=one.people_n,
                    ),
                )
                for one in lists
            ]
            + [
                (
                    str(one.id),
                    one.name,
                    say(
                        "Segment: {words}; {counted:,} when last counted",
                        words=one.words,
                        counted=one.counted,
                    ),
                )
                for one in segments
            ],
        )
        offer(form.sender, [sender_option(s) for s in senders])
        form.offer_choices(variants, second_senders)
        offer(form.mails, [("all", say("The series of {mails_n}", mails_n=mails_n),
            say("Later mails leave out who answered")), ("first", say("Only the first mail"))])  # fmt: skip
        paid = [(p.ref, f"{p.ref}, {p.title}") for p in plans]
        offer(form.plan, [*paid, ("", say("Nobody; no fund pays for it"))] if paid else [])
        form.plan.validate_choice = bool(paid)
        if not form.is_submitted():
            first = morning_after(now, zone)
            form.day.data, form.at.data = first.date(), first.time()
            form.mails.data = "all"
            form.sender.data = str(senders[0].id) if senders else None
            form.plan.data = plans[0].ref if plans else ""
            form.lists.data = [str(lists[0].id)] if len(lists) == 1 else []
        return form

    def validate_lists(self, field: SelectMultipleField) -> None:
        """Ask for at least one list."""
        if not field.data:
            raise ValidationError(say("Choose at least one list."))

    def send_at(self, zone: ZoneInfo) -> datetime:
        """Return the chosen instant."""
        return datetime.combine(self.day.data, self.at.data, tzinfo=zone).astimezone(UTC)


def sender_option(sender: SenderChoice) -> tuple[str, ...]:
    """Return a sender as a choice; the vendor's own says whose it is."""
    words = say("Your vendor’s address, with your name") if sender.is_fallback else ""
    if not sender.is_usable:
        words = say("Its domain is not verified: mail does not leave from here yet")
    return (str(sender.id), sender.from_address, words)


def morning_after(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next working morning, 09:00 in `zone`."""
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= MORNING)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, tzinfo=zone)
