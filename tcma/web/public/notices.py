"""Notices: what the product told this person, newest first, each with its one act."""

from itertools import groupby
from typing import Any, Final
from urllib.parse import urlsplit

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tcma.contacts.rules import address_hash, normal_address
from tcma.delivery.notice_views import Notice, notices_to
from tcma.permissions import Permission
from tcma.web.auth import allows, signed
from tcma.web.filters import local_date, local_moment
from tcma.web.public import public
from tcma.web.reading import reader
from tcma.web.unit_of_work import work
from tcma.words import joined

OURS: Final = ("/console/", "/desk/", "/studio/", "/l/")
"""Pages a notice leads to; links that set passwords stay in the mail they came by."""
ICONS: Final = (
    ("lead", "inbox"),
    ("launches", "send"),
    ("claims", "receipt"),
    ("fund", "wallet"),
    ("payments", "cash"),
)


@public.get("/notices")
@allows(Permission.ACCOUNT_SELF)
def notices() -> ResponseReturnValue:
    """List what this person was told, by day."""
    own = address_hash(work().site.secret, normal_address(signed().email))
    page = notices_to(work().session, own, after=request.args.get("after"))
    known = [(local_date(one.at, reader=reader()), line_of(one)) for one in page.rows]
    shown = [(day, line) for day, line in known if line]
    days = [(day, [line for _, line in lines]) for day, lines in groupby(shown, lambda one: one[0])]
    return render_template(
        "public/notices.html",
        days=days,
        next=page.next,
        is_partner=work().principal.partner_id is not None,
    )


def line_of(notice: Notice) -> dict[str, Any] | None:
    """Return a notice as a line of the list, None when its act is not a page of ours."""
    told = notice.told
    path = urlsplit(told.url).path
    if not path.startswith(OURS):
        return None
    return {
        "tone": "rest",
        "icon": next((icon for part, icon in ICONS if part in path), "bell"),
        "title": told.heading,
        "text": joined(local_moment(notice.at, reader=reader()), told.lines[0], by=". "),
        "link": told.button,
        "link_href": path,
    }
