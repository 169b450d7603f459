"""Who reads a page behind a mailed link, in whose name it speaks, in which language."""

from typing import Any

from flask import g

from tcma.delivery.opt_in import language_of
from tcma.delivery.preferences import language_of_contact, topic_of
from tcma.delivery.queries import MessageFacts
from tcma.partners.queries import partner_of, vendor
from tcma.web.pictures import logo_of
from tcma.web.unit_of_work import work


def sender_of(facts: MessageFacts) -> dict[str, Any]:
    """Return the sender's name and logo, the vendor it speaks about, and to whom it wrote."""
    session = work().session
    partner = partner_of(session, facts.partner_id) if facts.partner_id else None
    maker = vendor(session, facts.vendor_id) if facts.vendor_id else None
    sender = partner or maker
    side = "partner" if partner else "vendor"
    return {
        "organisation": sender.name if sender else "tcma",
        "logo_url": logo_of(session, side, sender.id) if sender else "",
        "vendor": maker.name if maker and partner else "",
        "address": facts.address,
    }


def language_of_reader(facts: MessageFacts) -> str:
    """Return the language of a reader: their own, else the sender's; the page takes it."""
    session = work().session
    partner = partner_of(session, facts.partner_id) if facts.partner_id else None
    if partner:
        g.zone = partner.zone
    g.locale = language_of(
        language_of_contact(session, facts.contact_id), partner.locale if partner else ""
    )
    return str(g.locale)


def topic_name(facts: MessageFacts) -> str:
    """Return what «this topic» is called, empty when the mail has none."""
    return topic_of(work().session, facts)
