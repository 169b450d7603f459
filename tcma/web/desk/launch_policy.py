"""What a vendor asks of its partners' launches: whose yes, and how often one person is mailed."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.delivery import frequency, shared_limit
from tcma.launches import approvals, approving, seeding
from tcma.partners import history
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.change_words import change_lines
from tcma.web.forms.launch_policy import LaunchPolicyForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/launches/policy")
@allows(Permission.LAUNCH_APPROVE)
def launch_policy() -> ResponseReturnValue:
    """Show what holds, filled in, and who changed it when."""
    session, vendor_id = work().session, found(work().principal.vendor_id)
    policy = approvals.policy_of(session, vendor_id)
    often = frequency.rule_of(session, vendor_id)
    own = seeding.seeds(session, work().principal)
    form = LaunchPolicyForm.showing(policy, often, own)
    form.shared.data = shared_limit.takes_part(session, vendor_id)
    return page_of(form)


def page_of(form: LaunchPolicyForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the policy."""
    session, principal = work().session, work().principal
    changes = history.changes(session, principal, "launch_policy", found(principal.vendor_id))
    page = render_template(
        "desk/launches/policy.html",
        form=form,
        changes=change_lines(changes),
        shared=shared_limit.limit_of(session),
    )
    return make_response(page, status)


def chosen_by_vendor() -> bool:
    """Say whether the host has a limit that a vendor may take part in."""
    limit = shared_limit.limit_of(work().session)
    return limit is not None and not limit.everybody


@desk.post("/launches/policy")
@allows(Permission.LAUNCH_APPROVE)
def launch_policy_save() -> ResponseReturnValue:
    """Save all of it, or nothing."""
    form = LaunchPolicyForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            frequency.set_rule(work(), form.often)
            if chosen_by_vendor():
                shared_limit.take_part(work(), takes=bool(form.shared.data))
            approving.set_policy(work(), form.policy)
            seeding.set_seeds(work(), (form.seeds.data or "").split())
        if tried.done:
            flash("Saved. It holds from the next launch on.", "good")
            return redirect(url_for("desk.launch_policy"), 303)
        status = tried.status
    return page_of(form, status=status)
