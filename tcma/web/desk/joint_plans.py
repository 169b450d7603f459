"""Joint business plans at the desk."""

from flask.typing import ResponseReturnValue

from tcma.permissions import Permission
from tcma.web import joint_plan_pages as pages
from tcma.web.auth import allows
from tcma.web.desk import desk


@desk.get("/joint-plans")
@allows(Permission.FUND_READ)
def joint_plan_index() -> ResponseReturnValue:
    """List the plans with partners."""
    return pages.index_page()


@desk.route("/joint-plans/new", methods=["GET", "POST"])
@allows(Permission.REQUEST_DECIDE)
def joint_plan_new() -> ResponseReturnValue:
    """Begin a plan with a partner."""
    return pages.new_page()


@desk.get("/joint-plans/<ref>")
@allows(Permission.FUND_READ)
def joint_plan_show(ref: str) -> ResponseReturnValue:
    """Show one plan."""
    return pages.show_page(ref)


@desk.post("/joint-plans/<ref>/lines")
@allows(Permission.REQUEST_DECIDE)
def joint_plan_line_add(ref: str) -> ResponseReturnValue:
    """Add a line."""
    return pages.line_added(ref)


@desk.post("/joint-plans/<ref>/lines/<int:no>/removal")
@allows(Permission.REQUEST_DECIDE)
def joint_plan_line_remove(ref: str, no: int) -> ResponseReturnValue:
    """Take a line out."""
    return pages.line_removed(ref, no)


@desk.post("/joint-plans/<ref>/agreement")
@allows(Permission.REQUEST_DECIDE)
def joint_plan_agree(ref: str) -> ResponseReturnValue:
    """Agree for the vendor."""
    return pages.agreed(ref)
