"""Rules at the desk: which kinds there are, and the rules of a fund: read, tried on last year, published."""

from datetime import timedelta

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Invalid
from tcma.mdf.judging import versions, what_if
from tcma.mdf.judging import views as programme_views
from tcma.mdf.programme import reading
from tcma.permissions import Permission
from tcma.rendering.findings import Finding
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.rules import RulesForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

SHOWN = 100


@desk.get("/rules")
@allows(Permission.FUND_READ)
def rules_index() -> ResponseReturnValue:
    """List what is decided by rules, each with what is in force and what comes next."""
    rows = programme_views.programmes(work().session, work().principal, now=work().now)
    leads = work().principal.may(Permission.LEAD_ASSIGN)
    return render_template("desk/rules/index.html", programmes=rows, leads=leads)


@desk.get("/rules/<ref>")
@allows(Permission.FUND_READ)
def fund_rules_show(ref: str) -> ResponseReturnValue:
    """Show a fund's rules as sentences, the next version, and all before."""
    it = programme_views.programme_detail(work().session, work().principal, ref, now=work().now)
    return render_template(
        "desk/rules/fund.html", it=it, may=work().principal.may(Permission.BUDGET_MANAGE)
    )


@desk.route("/rules/<ref>/next", methods=["GET", "POST"])
@allows(Permission.BUDGET_MANAGE)
def fund_rules_next(ref: str) -> ResponseReturnValue:
    """Write the next version: checked by line, tried on last year, published from a day on."""
    session, principal, now = work().session, work().principal, work().now
    it = programme_views.programme_detail(session, principal, ref, now=now)
    programme = versions.programme_by_ref(session, principal, ref)
    form, status = RulesForm(), 200
    if request.method == "GET":
        form.source.data = it.source
        form.starts_on.data = it.today + timedelta(1)
        return _page(it, form, (), None, status)
    if form.file.data:
        form.source.data = form.file.data.read().decode("utf-8", "replace")
    _, findings = reading.check(form.source.data or "", "rules")
    tried, status = None, 422
    with attempt(form) as judged:
        rules = versions.read_one(form.source.data or "")
        tried = what_if.trials(session, programme, rules, now=now)
    if judged.done and request.form.get("act") == "publish" and form.validate():
        with attempt(form) as published:
            versions.publish(work(), programme, form.source.data, form.starts_on.data)
        if published.done:
            flash("Published. Nothing changes before that day.", "good")
            return redirect(url_for("desk.fund_rules_show", ref=it.ref), 303)
        status = published.status
    elif judged.done and request.form.get("act") != "publish":
        status = 200
    return _page(it, form, tuple(findings), tried, status)


def _page(
    it: programme_views.ProgrammeDetail,
    form: RulesForm,
    findings: tuple[Finding, ...],
    tried: list[what_if.Trial] | None,
    status: int,
) -> ResponseReturnValue:
    page = render_template(
        "desk/rules/next.html",
        it=it,
        form=form,
        findings=findings,
        tried=tried[:SHOWN] if tried is not None else None,
        total=len(tried or ()),
        different=sum(one.differs for one in tried or ()),
    )
    return make_response(page, status)


@desk.post("/rules/<ref>/next/withdrawal")
@allows(Permission.BUDGET_MANAGE)
def fund_rules_withdraw(ref: str) -> ResponseReturnValue:
    """Take back the version that is not in force yet."""
    programme = versions.programme_by_ref(work().session, work().principal, ref)
    newest = versions.versions_of(work().session, programme)[0]
    with attempt() as tried:
        versions.take_back(work(), programme, newest)
    if not tried.done:
        raise Invalid(tried.words, code="mdf.programme.in_force")
    flash("Taken back. The rules in force stay.", "good")
    return redirect(url_for("desk.fund_rules_show", ref=programme.ref), 303)
