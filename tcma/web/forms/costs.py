"""Fields for what a programme asks by name: kinds of costs, and facts of a plan or a claim."""

from collections.abc import Iterable

from wtforms import Field, FieldList, HiddenField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import Length

from tcma.mdf.programme.conditions import slug
from tcma.mdf.programme.fact_words import fact_words
from tcma.mdf.programme.questions import OTHER, CostKinds
from tcma.web.forms.base import offer, stripped
from tcma.words import opening, say


class FactForm(PlainForm):
    """One thing a programme asks by name."""

    name = HiddenField()
    value = StringField(say("Answer"), [Length(max=500)], filters=[stripped])


def ask(fields: FieldList, names: Iterable[str]) -> None:
    """Ask for these facts and no others; what was typed stays."""
    typed = given(fields)
    fields.process(None, [{"name": name, "value": typed.get(name, "")} for name in names])
    for row in fields:
        row.form.value.label.text = fact_words(row.form.name.data)


def given(fields: FieldList) -> dict[str, str]:
    """Return what was typed, by name."""
    return {row.form.name.data: row.form.value.data or "" for row in fields if row.form.name.data}


def offer_costs(field: Field, kinds: CostKinds, *, blank: str, other: str = OTHER) -> None:
    """Offer a programme's kinds of costs: what is paid for, anything else, what is not paid for."""
    rows: list[tuple[str, str]] = [("", blank)] if blank else []
    rows += [(slug(kind), opening(kind)) for kind in kinds.paid]
    if other or not blank:
        rows.append((other, say("Other costs")))
    rows += [(slug(kind), say("{cost}: not paid for", cost=opening(kind))) for kind in kinds.unpaid]
    offer(field, rows)
