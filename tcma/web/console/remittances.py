"""What a partner was paid: each vendor's payments, and the advice of one as page and file."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tcma.mdf.payments.remittance import remittance, remittances
from tcma.mdf.ways import SETTLED_WORDS
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.reading import reader
from tcma.web.remittance_sheet import remittance_file
from tcma.web.unit_of_work import work


@console.get("/funds/payments")
@allows(Permission.FUND_READ)
def payment_index() -> ResponseReturnValue:
    """List what was paid, newest first."""
    page = remittances(work().session, work().principal, after=request.args.get("after"))
    return render_template("console/remittances/index.html", page=page, settled_words=SETTLED_WORDS)


@console.get("/funds/payments/<ref>")
@allows(Permission.FUND_READ)
def payment_show(ref: str) -> ResponseReturnValue:
    """Show which claims one payment is for."""
    it = remittance(work().session, work().principal, ref)
    return render_template("console/remittances/show.html", it=it, settled_words=SETTLED_WORDS)


@console.get("/funds/payments/<ref>.pdf")
@allows(Permission.FUND_READ)
def payment_file(ref: str) -> ResponseReturnValue:
    """Return the remittance advice as PDF."""
    it = remittance(work().session, work().principal, ref)
    return remittance_file(it, locale=reader().locale)
