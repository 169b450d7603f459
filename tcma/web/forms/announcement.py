"""The form of an announcement to people of partners."""

from collections.abc import Mapping
from typing import Any

from wtforms import IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tcma.guidance.announcements import AnnouncementView, NewAnnouncement
from tcma.guidance.news_rules import (
    LONGEST_TITLE,
    LONGEST_WORDS,
    MOST_DAYS,
    PURPOSE_WORDS,
    Purpose,
)
from tcma.guidance.programme import Level
from tcma.partners.rules import Tier
from tcma.permissions import PARTNER_ROLES, ROLE_WORDS
from tcma.web.forms.base import Form
from tcma.web.level_words import LEVEL_WORDS

TIERS = {tier.value: tier.capitalize() for tier in Tier}
LEVELS = {level.value: str(LEVEL_WORDS[level]) for level in Level}
ROLES = {role.value: str(ROLE_WORDS[role]) for role in PARTNER_ROLES}


def chosen_of(words: Mapping[str, str]) -> list[SelectChoice]:
    """Return values and their words as choices."""
    return [SelectChoice(value, label) for value, label in words.items()]


class AnnouncementForm(Form):
    """What is told, to whom, and for how long it stands on first pages."""

    purpose = RadioField(
        "What it is about",
        [InputRequired("Choose what it is about.")],
        choices=[SelectChoice(p.value, str(PURPOSE_WORDS[p])) for p in Purpose],
        default=Purpose.CAMPAIGNS.value,
    )
    title = StringField(
        "Title", [InputRequired("Write what it is about."), Length(max=LONGEST_TITLE)]
    )
    words = TextAreaField("Text", [InputRequired("Write it."), Length(max=LONGEST_WORDS)])
    link = StringField("Link", [Optional(), Length(max=400)])
    tiers = SelectMultipleField("Tiers", [Optional()], choices=chosen_of(TIERS))
    levels = SelectMultipleField("Levels of the programme", [Optional()], choices=chosen_of(LEVELS))
    roles = SelectMultipleField("Roles", [Optional()], choices=chosen_of(ROLES))
    shown_days = IntegerField(
        "Days on their first page",
        [
            InputRequired("Write a number of days."),
            NumberRange(0, MOST_DAYS, f"Write days from 0 to {MOST_DAYS}."),
        ],
        default=14,
    )

    @classmethod
    def showing(cls, it: AnnouncementView) -> "AnnouncementForm":
        """Return the form filled with a draft."""
        names = ("title", "words", "link", "shown_days")
        facts: dict[str, Any] = {name: getattr(it, name) for name in names}
        facts |= {name: list(getattr(it, name)) for name in ("tiers", "levels", "roles")}
        return cls(None, data=facts | {"purpose": it.purpose.value})

    @property
    def announcement(self) -> NewAnnouncement:
        """Return what was written."""
        return NewAnnouncement(
            purpose=Purpose(self.purpose.data),
            title=self.title.data or "",
            words=self.words.data or "",
            link=self.link.data or "",
            tiers=tuple(self.tiers.data or ()),
            levels=tuple(self.levels.data or ()),
            roles=tuple(self.roles.data or ()),
            shown_days=self.shown_days.data or 0,
        )
