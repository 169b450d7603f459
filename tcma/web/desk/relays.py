"""A vendor's own relays: the pages that both sides share, below its senders."""

from tcma.permissions import Permission
from tcma.web.desk import desk
from tcma.web.relay_pages import add_to

add_to(desk, Permission.VENDOR_EDIT)
