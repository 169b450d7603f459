"""A partner's own CRM: the pages that both sides share, below its leads."""

from tcma.web.console import console
from tcma.web.crm_pages import add_to

add_to(console)
