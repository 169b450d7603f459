"""Forms of the books: which days are looked at, the vendor's own accounts, exchange rates."""

from datetime import date

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, Form, StringField
from wtforms.validators import InputRequired, Length, Optional

from tcma.mdf.ledger.chart import DEFAULT, PLACE_WORDS, Account
from tcma.web.forms.base import Form as PostForm
from tcma.web.forms.base import stripped


class SpanForm(Form):
    """From a day to a day; sent in the address, so that a page can be shared."""

    since = DateField("From", [Optional()])
    until = DateField("To", [Optional()])

    def days(self, today: date) -> tuple[date, date]:
        """Return both days; without them this year so far. The earlier one comes first."""
        self.validate()
        since = (None if self.since.errors else self.since.data) or today.replace(month=1, day=1)
        until = (None if self.until.errors else self.until.data) or today
        return min(since, until), max(since, until)


class RateForm(PostForm):
    """What one unit of a currency was worth in another on a day, and who says so."""

    day = DateField("Day", [InputRequired("Choose the day.")])
    base = StringField("One unit of", [InputRequired("Write a currency, such as GBP.")])
    quote = StringField("In", [InputRequired("Write a currency, such as EUR.")])
    rate = StringField("Rate", [InputRequired("Write the rate."), Length(max=40)])
    source = StringField("Source", [InputRequired("Say where the rate is from."), Length(max=80)])


class RatesForm(PostForm):
    """A file of rates, and who published it."""

    file = FileField(
        "Rates (CSV)",
        [FileRequired("Choose the file.")],
        description="Columns day, from, to, rate; or the file the European Central Bank publishes.",
    )
    file_source = StringField(
        "Source", [InputRequired("Say where the rates are from."), Length(max=80)]
    )


class ChartForm(PostForm):
    """One account per place; its fields are named `<place>-code` and `<place>-name`."""


for _place, _words in PLACE_WORDS.items():
    setattr(ChartForm, f"{_place}-code", StringField(f"{_words}: number", filters=[stripped]))
    setattr(ChartForm, f"{_place}-name", StringField(f"{_words}: name", filters=[stripped]))


def accounts_in(form: ChartForm) -> dict[str, Account]:
    """Return what was typed, by place."""
    return {
        place: Account(form[f"{place}-code"].data or "", form[f"{place}-name"].data or "")
        for place in DEFAULT
    }
