"""A vendor's own CRM: the pages that both sides share, below its leads."""

from tcma.web.crm_pages import add_to
from tcma.web.desk import desk

add_to(desk)
