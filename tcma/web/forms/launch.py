"""The three decisions of a launch: to whom, when, from whom."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, TimeField
from wtforms.validators import InputRequired, Optional, ValidationError

from tcma.delivery.sender_queries import SenderChoice
from tcma.launches.choices import Choices
from tcma.launches.hold_out import SHARES
from tcma.launches.hours import Hours
from tcma.web.forms.base import Form, offer

MORNING = time(9)
SATURDAY = 5

CLOCKS = [
    ("same", "Everybody at that moment"),
    (
        "local",
        "At that time where each recipient is",
        "By time zone, postcode or country of the contact; by your clock where none is known",
    ),
]
HOURS = {
    Hours.ANY: ("At any hour",),
    Hours.WORKING: (
        "On working days, 08:00 to 18:00",
        "By the recipient’s clock; what comes later waits",
    ),
    Hours.DAYTIME: (
        "Every day, 08:00 to 20:00",
        "By the recipient’s clock; what comes later waits",
    ),
}

HELD_OUT = [
    (
        str(share),
        f"{share} of 100" if share else "Nobody",
        "They get nothing of this campaign" if share else "",
    )
    for share in SHARES
]


class LaunchForm(Form):
    """Answers arrive as ids and a local day and time; `send_at` makes the instant."""

    lists = SelectMultipleField("To whom")
    day = DateField("On", [InputRequired("Choose a day.")])
    at = TimeField("At", [InputRequired("Choose a time.")])
    clock = RadioField("By whose clock", default="same")
    hours = RadioField("Within which hours", default=Hours.ANY.value)
    hold_out = RadioField("Held out to measure", default="0")
    mails = RadioField("How many mails")
    sender = RadioField("From")
    plan = RadioField("Paid by", [Optional()])
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
        now: datetime,
        zone: ZoneInfo,
    ) -> "LaunchForm":
        """Offer this partner's lists, senders and approved plans; the next working morning."""
        form = cls()
        offer(
            form.lists,
            [
                (str(one.id), one.name, f"{one.sendable_n:,} of {one.people_n:,} can be mailed")
                for one in lists
            ]
            + [
                (str(one.id), one.name, f"Segment: {one.words}; {one.counted:,} when last counted")
                for one in segments
            ],
        )
        offer(form.sender, [sender_option(s) for s in senders])
        offer(form.clock, CLOCKS)
        offer(form.hold_out, HELD_OUT)
        offer(form.hours, [(each.value, *words) for each, words in HOURS.items()])
        offer(
            form.mails,
            [
                ("all", f"The series of {mails_n}", "Later mails leave out who answered"),
                ("first", "Only the first mail"),
            ],
        )
        paid = [(p.ref, f"{p.ref}, {p.title}") for p in plans]
        offer(form.plan, [*paid, ("", "Nobody; no fund pays for it")] if paid else [])
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
            raise ValidationError("Choose at least one list.")

    @property
    def chose_more(self) -> bool:
        """Whether something was chosen beyond the three decisions."""
        data = (self.clock.data, self.hours.data, self.hold_out.data)
        return data != ("same", Hours.ANY.value, "0")

    @property
    def choices(self) -> Choices:
        """What was chosen beyond the three decisions."""
        return Choices(
            local_time=self.clock.data == "local",
            hours=Hours(self.hours.data),
            hold_out=int(self.hold_out.data),
        )

    def show_choices(self, choices: Choices) -> None:
        """Fill in what a launch has chosen."""
        self.clock.data = "local" if choices.local_time else "same"
        self.hours.data = choices.hours.value
        self.hold_out.data = str(choices.hold_out)

    def send_at(self, zone: ZoneInfo) -> datetime:
        """Return the chosen instant."""
        return datetime.combine(self.day.data, self.at.data, tzinfo=zone).astimezone(UTC)


def sender_option(sender: SenderChoice) -> tuple[str, ...]:
    """Return a sender as a choice; the vendor's own says whose it is."""
    words = "Your vendor’s address, with your name" if sender.is_fallback else ""
    if not sender.is_usable:
        words = "Its domain is not verified: mail does not leave from here yet"
    return (str(sender.id), sender.from_address, words)


def morning_after(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next working morning, 09:00 in `zone`."""
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= MORNING)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, tzinfo=zone)
