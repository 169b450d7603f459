"""Forms about launches ahead of time: a partner's answers, a vendor's calendars and runs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from tcma.delivery.sender_queries import SenderChoice
from tcma.on_behalf.calendars import MOST_NAME, MOST_WORDS
from tcma.on_behalf.rules import MORNING, NOTICE_DAYS, RHYTHM_WORDS, Rhythm, workday
from tcma.rendering.source import LANGUAGES
from tcma.web.forms.base import Form, offer
from tcma.web.forms.launch import sender_option
from tcma.words import say

AS_IT_STANDS = "as it stands"
LANGUAGE_NAMES = [
    (code, str(Locale.parse(code).get_display_name(code)).capitalize()) for code in LANGUAGES
]
"""Each language in its own."""
PILOTS = (("0", say("Nobody; all at once")), ("1", say("1 partner")), ("2", say("2 partners")), ("3", say("3 partners")),
          ("5", say("5 partners")), ("10", say("10 partners")))  # fmt: skip
WAITS = (
    ("24", say("1 day later")),
    ("48", say("2 days later")),
    ("72", say("3 days later")),
    ("168", say("A week later")),
)


class OrderForm(Form):
    """What a partner answers once, before launches happen by themselves."""

    lists = SelectMultipleField(say("To whom"))
    sender = RadioField(say("From"), [InputRequired(say("Choose an address."))])
    language = SelectField(say("Language"), [InputRequired(say("Choose a language."))])
    agreed = BooleanField(say("Yes, this may happen"))

    @classmethod
    def for_partner(
        cls,
        *,
        lists: Sequence[Any],
        segments: Sequence[Any],
        senders: Sequence[SenderChoice],
    ) -> "OrderForm":
        """Offer this partner's lists, segments and senders."""
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
                (str(one.id), one.name, say("Segment: {words}", words=one.words))
                for one in segments
            ],
        )
        offer(form.sender, [sender_option(each) for each in senders])
        offer(
            form.language,
            [(AS_IT_STANDS, say("As in your library")), *LANGUAGE_NAMES],
        )
        if not form.is_submitted():
            form.sender.data = str(senders[0].id) if senders else None
            form.lists.data = [str(lists[0].id)] if len(lists) == 1 else []
        return form


class CalendarForm(Form):
    """What a vendor says of a calendar; who may join is ticked beside it."""

    name = StringField(say("Name"), [InputRequired(say("Give it a name.")), Length(max=MOST_NAME)],
                       description=say("Partners read it: “One campaign a quarter”."))  # fmt: skip
    words = TextAreaField(say("What partners get"), [Optional(), Length(max=MOST_WORDS)])
    rhythm = SelectField(
        say("Rhythm"),
        [InputRequired(say("Choose one."))],
        choices=[SelectChoice(r.value, w) for r, w in RHYTHM_WORDS.items()],
    )
    notice_days = SelectField(
        say("Told before each launch"),
        [InputRequired(say("Choose one."))],
        choices=[SelectChoice(str(n), say("{n} days before", n=n)) for n in NOTICE_DAYS],
    )

    def start(self) -> "CalendarForm":
        """Propose what most choose."""
        if not self.is_submitted():
            self.rhythm.data = self.rhythm.data or Rhythm.QUARTER.value
            self.notice_days.data = self.notice_days.data or "5"
        return self


class DayForm(Form):
    """A campaign and its day."""

    campaign = SelectField(say("Campaign"), [InputRequired(say("Choose a campaign."))])
    day = DateField(
        say("On"),
        [InputRequired(say("Choose a day."))],
        description=say("9:00 where each partner is."),
    )


class RunForm(Form):
    """Which campaign, for which partners, when, and who goes first."""

    campaign = SelectField(say("Campaign"), [InputRequired(say("Choose a campaign."))])
    day = DateField(say("On"), [InputRequired(say("Choose a day."))])
    at = TimeField(say("At"), [InputRequired(say("Choose a time."))])
    tiers = SelectMultipleField(say("Tier"))
    kinds = SelectMultipleField(say("Type of partner"))
    territories = SelectMultipleField(say("Territory"))
    joined = BooleanField(say("Only partners that let you launch for them"))
    pilots = SelectField(
        say("Go first"),
        [InputRequired(say("Choose one."))],
        choices=[SelectChoice(v, w) for v, w in PILOTS],
    )
    wait = SelectField(
        say("The rest"),
        [InputRequired(say("Choose one."))],
        choices=[SelectChoice(v, w) for v, w in WAITS],
    )
    words = StringField(
        say("A sentence for those who are asked"), [Optional(), Length(max=300)],
        description=say("Partners that have not let you launch for them read it in their letter."),
    )  # fmt: skip

    def start(self, now: datetime, zone: ZoneInfo) -> "RunForm":
        """Propose the next working morning a week from now, with three pilots."""
        if not self.is_submitted():
            self.day.data = workday((now.astimezone(zone) + timedelta(days=7)).date())
            self.at.data, self.pilots.data, self.wait.data = MORNING, "3", "48"
        return self

    def send_at(self, zone: ZoneInfo) -> datetime:
        """Return the chosen instant."""
        return datetime.combine(self.day.data, self.at.data, tzinfo=zone).astimezone(UTC)
