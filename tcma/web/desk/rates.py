"""Exchange rates at the desk: what is stored, one more by hand, a file of them."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.exchange import rates
from tcma.mdf.exchange.reading import checked, read_rates
from tcma.mdf.queries import names_of
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.finance import tabs
from tcma.web.forms.finance import RateForm, RatesForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/finance/rates")
@allows(Permission.PAYMENT_MAKE)
def finance_rates() -> ResponseReturnValue:
    """Show the stored rates, newest day first."""
    return page_of()


def page_of(
    one: RateForm | None = None, many: RatesForm | None = None, *, status: int = 200
) -> ResponseReturnValue:
    """Render the rates with both forms."""
    pair = request.args.get("pair", "")
    page = rates.rates(work().session, work().principal, pair=pair, after=request.args.get("after"))
    shown = render_template(
        "desk/finance/rates.html",
        page=page,
        pair=pair,
        names=names_of(work().session, *(row.made_by for row in page.rows)),
        plain=rates.plain,
        one=one or RateForm(formdata=None),
        many=many or RatesForm(formdata=None),
        tabs=tabs("finance_rates"),
    )
    return make_response(shown, status)


@desk.post("/finance/rates")
@allows(Permission.PAYMENT_MAKE)
def finance_rate_create() -> ResponseReturnValue:
    """Store one rate."""
    form, status = RateForm(), 422
    if form.validate():
        with attempt(form) as tried:
            quote = checked(form.base.data, form.quote.data, form.day.data, form.rate.data)
            new = rates.state(work(), [quote], source=form.source.data or "")
        if tried.done:
            flash("Stored." if new else "This rate was stored already.", "good")
            return redirect(url_for("desk.finance_rates"), 303)
        status = tried.status
    return page_of(one=form, status=status)


@desk.post("/finance/rates/file")
@allows(Permission.PAYMENT_MAKE)
def finance_rates_import() -> ResponseReturnValue:
    """Store the rates of a file; those that stand already are left alone."""
    form, status = RatesForm(), 422
    if form.validate():
        with attempt(form) as tried:
            quotes = read_rates(form.file.data.read())
            new = rates.state(work(), quotes, source=form.file_source.data or "")
        if tried.done:
            flash(f"{new} of {len(quotes)} rates are new and stored.", "good")
            return redirect(url_for("desk.finance_rates"), 303)
        status = tried.status
    return page_of(many=form, status=status)
