"""The blueprints of the product, each with its views."""

from tcma.web.api import api
from tcma.web.console import console
from tcma.web.desk import desk
from tcma.web.public import public
from tcma.web.studio import studio

BLUEPRINTS = (public, console, studio, desk, api)
