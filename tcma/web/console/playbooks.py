"""A launch's playbook: its steps with dates, scripts with names filled in, ticks of people, a sheet."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.guidance import playbooks, ticking
from tcma.guidance.playbook import StepStand
from tcma.guidance.playbooks import Playbook
from tcma.leads import queries as leads
from tcma.leads.rules import HELD
from tcma.leads.views import LeadRow
from tcma.library import copy_queries
from tcma.library.sources import source_of
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.rendering.kits import is_rtl
from tcma.rendering.playbook import Asset, StepKind, is_for
from tcma.rendering.source import CampaignSource
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.copy_parts import parts_of
from tcma.web.playbook_words import StepLine, planned_lines, standing_lines
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.get("/launches/<ref>/playbook")
@allows(Permission.PLAYBOOK_FOLLOW)
def launch_playbook(ref: str) -> ResponseReturnValue:
    """Show what to do around a launch, step by step."""
    return page_of(ref, is_sheet=False)


@console.get("/launches/<ref>/playbook/sheet")
@allows(Permission.PLAYBOOK_FOLLOW)
def launch_playbook_sheet(ref: str) -> ResponseReturnValue:
    """Show the same to be printed: every script open, boxes to tick by pen."""
    return page_of(ref, is_sheet=True)


def page_of(ref: str, *, is_sheet: bool) -> ResponseReturnValue:
    """Render a playbook, its scripts with the names of the lead that is chosen."""
    session, principal = work().session, work().principal
    book = found(playbooks.playbook_of(session, principal, ref, now=work().now))
    source = source_of(work(), book.version_id)
    language = source.language_for(book.language)
    people = people_of(book)
    chosen = next((each for each in people if each.ref == request.args.get("lead")), None)
    names = names_of(source, book.partner_id, vendor=book.vendor_slug, copy_id=book.copy_id)
    if chosen:
        names |= {"customer": chosen.person, "company": chosen.company}
    lines = standing_lines(
        source,
        language,
        names,
        addresses(source, book.vendor_slug, book.campaign_slug),
        stands=book.stands,
        seen=book.seen,
        acts=lambda stand: act_of(book, stand),
    )
    return render_template(
        "console/launches/sheet.html" if is_sheet else "console/launches/playbook.html",
        book=book,
        source=source,
        language=language,
        direction="rtl" if is_rtl(language) else "ltr",
        lines=lines,
        people=people,
        chosen=chosen,
        may_see_launch=principal.may(Permission.LAUNCH_READ),
    )


def people_of(book: Playbook) -> list[LeadRow]:
    """Return the leads of a launch whose names this partner may read."""
    rows = leads.leads(work().session, work().principal, launch_id=book.launch_id).rows
    return [row for row in rows if row.state in HELD]


def names_of(
    source: CampaignSource, partner_id: UUID, *, vendor: str, copy_id: UUID | None
) -> dict[str, str]:
    """Return the names that scripts may hold, as far as they are known."""
    session, principal = work().session, work().principal
    fields = partners.brand_in_force(session, partner_id).fields
    path = copy_queries.copy_by_id(session, principal, copy_id).page_path if copy_id else ""
    return {
        "partner": fields.get("name", ""),
        "phone": fields.get("phone", ""),
        "vendor": partners.vendor_by_slug(session, vendor).name,
        "product": source.product,
        "seller": principal.name,
        "page_url": f"{work().site.public_url}/go/{path}" if path else "",
    }


def addresses(source: CampaignSource, vendor: str, slug: str) -> Any:
    """Return where a partner opens the parts of a campaign that steps refer to."""
    at: dict[str, Any] = {"vendor": vendor, "slug": slug}
    parts = parts_of(source)
    mails = {part.mail: part.slug for part in parts if part.mail}
    pages = {part.page: part.slug for part in parts if part.kind == "page"}

    def address(asset: Asset) -> str:
        match asset.kind:
            case "image":
                return url_for("console.campaign_image", name=asset.name, save=1, **at)
            case "print":
                return url_for("console.print_file", name=asset.name, **at)
            case "mail":
                return url_for("console.preview_document", part=mails[asset.name], **at)
            case _:
                return url_for("console.preview_document", part=pages[asset.name], **at)

    return address


def act_of(book: Playbook, stand: StepStand) -> tuple[str, str] | None:
    """Return word and address of the page on which a step is done, for whoever may open it."""
    principal = work().principal
    at: dict[str, Any] = {"vendor": book.vendor_slug, "slug": book.campaign_slug}
    match stand.step.kind:
        case StepKind.LAUNCH if principal.may(Permission.LAUNCH_PLAN):
            return say("Check and launch"), url_for("console.launch_check", ref=book.ref)
        case StepKind.POST if principal.may(Permission.COPY_EDIT):
            return say("Open the posts"), url_for("console.copy_show", part="social", **at)
        case StepKind.FOLLOW_UP if book.seen.leads:
            return say("Open the leads"), url_for("console.lead_index", launch=book.ref)
        case StepKind.CLAIM if principal.may(Permission.CLAIM_FILE):
            return say("Claim money back"), url_for("console.claim_new")
        case _:
            return None


@console.post("/launches/<ref>/playbook/<play>/tick")
@allows(Permission.PLAYBOOK_FOLLOW)
def launch_step_tick(ref: str, play: str) -> ResponseReturnValue:
    """Say that a step is done."""
    stand = ticking.tick(work(), ref, play)
    flash(say("Done: {title}", title=stand.step.title), "good")
    return back_to(ref, play)


@console.post("/launches/<ref>/playbook/<play>/tick/end")
@allows(Permission.PLAYBOOK_FOLLOW)
def launch_step_take_back(ref: str, play: str) -> ResponseReturnValue:
    """Say that a step is not done after all."""
    stand = ticking.take_back(work(), ref, play)
    flash(say("To do again: {title}", title=stand.step.title), "good")
    return back_to(ref, play)


def back_to(ref: str, play: str) -> ResponseReturnValue:
    """Go back to the step, with the names of the same lead."""
    lead = request.form.get("lead") or None
    return redirect(
        url_for("console.launch_playbook", ref=ref, lead=lead, _anchor=f"step-{play}"), 303
    )


def before_launch(source: CampaignSource, language: str, vendor: str, slug: str) -> list[StepLine]:
    """Return a campaign's playbook for a partner that has not planned its launch."""
    partner_id = found(work().principal.partner_id)
    names = names_of(source, partner_id, vendor=vendor, copy_id=None)
    tier, is_first = playbooks.who_plans(work().session, work().principal, vendor)
    steps = [step for step in source.playbook if is_for(step, tier=tier, is_first=is_first)]
    return planned_lines(source, steps, language, names, addresses(source, vendor, slug))
