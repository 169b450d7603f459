"""Importing a campaign: an upload, or a shipped one."""

from flask_wtf.file import FileField
from wtforms import StringField

from tcma.web.forms.base import Form


class ImportForm(Form):
    """Either a zip or the name of a shipped campaign."""

    archive = FileField("The campaign’s folder as a zip")
    shipped = StringField("A campaign that comes with tcma")
