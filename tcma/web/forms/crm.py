"""The forms of a CRM: what lets us in, per system; the fields of a connection as data."""

from collections.abc import Mapping

from flask_wtf.file import FileField
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from tcma.crm.rules import DEAL_FIELDS, LEAD_FIELDS, SHARED, STAGE_WORDS, Fields, Target, Winner
from tcma.crm.rules import System as CrmSystem
from tcma.web.forms.base import Form
from tcma.words import say

LONGEST = 120


class SheetForm(Form):
    """A connection that is carried by hand has no key."""

    with_leads = BooleanField(say("Leads too, not only opportunities"), default=True)


class SalesforceForm(SheetForm):
    """An app of a Salesforce org, by client credentials."""

    url = StringField(
        say("Address of your org"),
        [InputRequired(say("Write the address of your org.")), Length(max=300)],
    )
    client_id = StringField(
        say("Consumer key"), [InputRequired(say("Copy it here.")), Length(max=400)]
    )
    client_secret = PasswordField(
        say("Consumer secret"), [InputRequired(say("Copy it here.")), Length(max=400)]
    )


class HubspotForm(SheetForm):
    """A private app of a HubSpot account."""

    token = PasswordField(
        say("Access token"), [InputRequired(say("Copy it here.")), Length(max=400)]
    )


class SheetBackForm(Form):
    """A sheet that comes back."""

    file = FileField(say("The file"), [InputRequired(say("Choose a file."))])


KEY_FORMS: dict[CrmSystem, type[SheetForm]] = {
    CrmSystem.SALESFORCE: SalesforceForm,
    CrmSystem.HUBSPOT: HubspotForm,
    CrmSystem.SHEET: SheetForm,
}


def key_of(form: SheetForm) -> tuple[str, dict[str, str]]:
    """Return the address and the secrets that a form brings."""
    told = {name: (each.data or "").strip() for name, each in form._fields.items()
            if name in {"url", "client_id", "client_secret", "token"}}  # fmt: skip
    return told.pop("url", ""), told


def fields_from(form: Mapping[str, str]) -> Fields:
    """Return the fields that a page of them brings."""

    def side(name: str, ours: Mapping[str, str]) -> dict[str, Target]:
        return {
            each: Target(
                form.get(f"{name}.{each}.field", "").strip()[:LONGEST],
                form.get(f"{name}.{each}.default", "").strip()[:LONGEST],
            )
            for each in ours
            if form.get(f"{name}.{each}.field", "").strip()
        }

    winners = {name: form.get(f"wins.{name}", "") for name in SHARED}
    return Fields(
        lead=side("lead", LEAD_FIELDS),
        deal=side("deal", DEAL_FIELDS),
        stages={
            each: form.get(f"stages.{each}", "").strip()[:LONGEST]
            for each in STAGE_WORDS
            if form.get(f"stages.{each}", "").strip()
        },
        wins={
            name: Winner.HERE if said == Winner.HERE else Winner.CRM
            for name, said in winners.items()
        },
    )
