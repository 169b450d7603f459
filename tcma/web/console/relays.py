"""A partner's own relays: the pages that both sides share, below its senders."""

from tcma.permissions import Permission
from tcma.web.console import console
from tcma.web.relay_pages import add_to

add_to(console, Permission.BRAND_EDIT)
