"""The co-brand editor: the partner's own words beside the mail, page and pictures they go into."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from tcma.contacts import queries as contacts
from tcma.delivery import sender_queries
from tcma.errors import Invalid
from tcma.library import copies, pictures
from tcma.library.compiling import compile_mail, preview_mail, problems_of_copy
from tcma.library.copies import PartnerCopy
from tcma.library.ingredients import Ingredients, gather
from tcma.library.queries import CampaignCard
from tcma.permissions import Permission
from tcma.rendering.print_recipe import looked_up
from tcma.rendering.source import CampaignSource
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.copy_checks import Box, box_of, in_words, measured, page_checks
from tcma.web.console.copy_parts import Part, comes_first, part_named, parts_of
from tcma.web.console.copy_starts import begins_of
from tcma.web.console.page_tools import tools_of
from tcma.web.console.previews import LOOKS, NOBODY, card_of, seen_by_tokens
from tcma.web.console.prints import pieces_of
from tcma.web.console.social_cards import cards_of
from tcma.web.console.way_back import back, way_back
from tcma.web.filters import local_date
from tcma.web.reading import reader
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import Words, joined, say

PAGE = "console/copies/show.html"
MOST_SEEN = 6
CONTROLS = {"csrf_token", "then", "look", "seen", "w"}
"""What the editor's forms send beside slots."""


def own_copy(card: CampaignCard) -> PartnerCopy:
    """Return the partner's copy, made on first use."""
    return copies.copy_of(work(), card.campaign_id)


@console.get("/campaigns/<vendor>/<slug>/copy", defaults={"part": "mail-1"})
@console.get("/campaigns/<vendor>/<slug>/copy/<part>")
@allows(Permission.COPY_EDIT)
def copy_show(vendor: str, slug: str, part: str) -> ResponseReturnValue:
    """Show one part: fields on the left, the real thing on the right."""
    card = card_of(vendor, slug)
    return page_of(card, own_copy(card), part, boxes={})


@console.post("/campaigns/<vendor>/<slug>/copy/<part>")
@allows(Permission.COPY_EDIT)
def copy_save(vendor: str, slug: str, part: str) -> ResponseReturnValue:
    """Keep what fits and say what does not; typed text stays in its field either way."""
    card = card_of(vendor, slug)
    copy = own_copy(card)
    source = gather(work(), copy).source
    chosen = part_named(parts_of(source), part)
    values = asked_for(source)
    wrong = keep(copy, values)
    boxes = {s.key: box_of(s, values[s.key], wrong.get(s.key, ""), copy.language)
             for s in chosen.slots if s.key in values}  # fmt: skip
    refused = {key: said for key, said in wrong.items() if key not in boxes}
    if request.headers.get("HX-Request"):
        context = context_of(card, copy, chosen, boxes)
        answer = render_block(PAGE, "stage", **context) + render_template(
            "console/copies/said.html", boxes=boxes, saved_at=work().now if not wrong else None
        )
        return make_response(answer, 422 if refused else 200)
    if wrong:
        return page_of(card, copy, part, boxes=boxes, refused=refused)
    if request.form.get("then") == "launch":
        new = url_for("console.launch_new", campaign=f"{vendor}/{slug}")
        return redirect(way_back(new), 303)
    here = url_for("console.copy_show", vendor=vendor, slug=slug, part=part, back=back() or None)
    return redirect(here, 303)


def asked_for(source: CampaignSource) -> dict[str, Any]:
    """Return everything a form wants changed, what is locked or unknown too, so that it is refused."""
    known = {slot.key for slot in source.slots} | CONTROLS
    rest = {key: text for key, text in request.form.items() if key not in known}
    return copies.from_form(source.slots, request.form) | rest


def keep(copy: PartnerCopy, values: Mapping[str, Any]) -> dict[str, str]:
    """Save every value that is right; return field → sentence for the rest."""
    try:
        copies.save_slots(work(), copy.id, values)
    except Invalid as refused:
        wrong = dict(refused.fields)
        right = {key: value for key, value in values.items() if key not in wrong}
        if right:
            copies.save_slots(work(), copy.id, right)
        return wrong
    return {}


def page_of(
    card: CampaignCard,
    copy: PartnerCopy,
    slug: str,
    *,
    boxes: Mapping[str, Box],
    refused: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    """Render the whole editor; after a refusal, `refused` says what is not the partner's."""
    part = part_named(parts_of(gather(work(), copy).source), slug)
    if request.headers.get("HX-Request"):
        return render_block(PAGE, "stage", **context_of(card, copy, part, boxes))
    page = render_template(PAGE, refused=refused or {}, **context_of(card, copy, part, boxes))
    return make_response(page, 200 if refused is None else 422)


def context_of(
    card: CampaignCard, copy: PartnerCopy, part: Part, boxes: Mapping[str, Box]
) -> dict[str, Any]:
    """Return what the editor shows; `boxes` are fields as they were just typed."""
    made = gather(work(), copy)
    parts = parts_of(made.source)
    values = measured(part.slots, copies.slots_of(copy), copy.language) | dict(boxes)
    newer = copies.newest_version(work(), copy)
    # Autosave swaps the preview alone; compiling every mail would make it wait.
    problems = [] if request.headers.get("HX-Request") else problems_of_copy(work(), copy)
    return {
        "card": card,
        "copy": copy,
        "part": part,
        "parts": [p for p in parts if not p.is_follow_up or p.is_follow_up == part.is_follow_up],
        "follow_ups": [p for p in parts if p.is_follow_up],
        "boxes": values,
        "first": [s for s in part.slots if comes_first(s) or values[s.key].error],
        "more": [s for s in part.slots if not (comes_first(s) or values[s.key].error)],
        "standing": {"sender_person": made.partner.person, "sender_role": made.partner.role},
        "source": made.source,
        "missing": made.profile.missing,
        "phone_missing": not made.partner.phone,
        "problems": problems,
        "newer": newer.no if newer else None,
        "kept": kept_by_vendor(made, part),
        "tools": tools_of(copy) if part.kind == "page" else None,
        "view": view_of(made, copy, part, card),
        "begins": None if request.headers.get("HX-Request") else begins_of(copy),
    }


def kept_by_vendor(made: Ingredients, part: Part) -> list[tuple[str, str]]:
    """Return what on this part is the same for every partner, in lines."""
    lines: list[tuple[str, str]] = []
    if part.kind == "mail":
        mail = made.source.mail(part.mail)
        lines += [(say("Subject line"), mail.subject[made.language]),
                  (say("Headline"), mail.headline[made.language])]  # fmt: skip
    elif part.kind == "page":
        page = made.source.page
        titles = page.more[part.page] if part.page else page.title
        lines.append((say("Title"), titles[made.language]))
    elif part.kind == "print":
        words = made.source.words[made.language]
        lines += [(say("Headline of the {layout}", layout=p.layout), str(looked_up(words, p.title)))
                  for p in made.source.prints]  # fmt: skip
    claims = made.source.claims
    if claims:
        until = local_date(date.fromisoformat(min(c.review_by for c in claims)), reader=reader())
        lines.append(
            (
                say("Claims"),
                say("{n} checked claims, reviewed again by {until}", n=len(claims), until=until),
            )
        )
    said = [
        (name, text if isinstance(text, Words) else in_words(made, text)) for name, text in lines
    ]
    return [*said, (say("Pictures, layout, legal line"), say("The same for every partner"))]


def view_of(made: Ingredients, copy: PartnerCopy, part: Part, card: CampaignCard) -> dict[str, Any]:
    """Return the right side: what is previewed for whom, and what was measured."""
    look = request.values.get("look", "light")
    seen = request.values.get("seen", "")
    view: dict[str, Any] = {
        "look": look if look in LOOKS else "light",
        "seen": seen,
        "width": "p" if request.values.get("w") == "p" else "d",
        "people": people_to_see_with(),
        "mark": made.mark(part.slug)[:12],
        "checks": page_checks(made),
        "subject": "",
        "sender": "",
    }
    if part.kind == "images":
        view["images"] = images_of(made, copy)
    if part.kind == "social":
        view["posts"] = cards_of(copy)
        view["may_connect"] = work().principal.may(Permission.SOCIAL_CONNECT)
        view["page_is_live"] = tools_of(copy) is not None
    if part.kind == "print":
        view["prints"] = pieces_of(made, copy)
    if part.kind == "mail":
        mail = preview_mail(work(), copy, part.mail, tokens=seen_by_tokens(seen), outline=True)
        compiled = compile_mail(work(), copy, part.mail)
        senders = sender_queries.senders(work().session, work().principal, vendor_id=card.vendor_id)
        first = f"{made.partner.name} <{senders[0].from_address}>" if senders else ""
        checks = page_checks(made, html=compiled.html)
        view |= {"subject": mail.subject, "sender": first, "checks": checks}
    return view


def images_of(made: Ingredients, copy: PartnerCopy) -> list[dict[str, Any]]:
    """Return every picture with its size and how its words fit."""
    fits = pictures.picture_fits(work(), copy)
    return [
        {
            "name": image.name,
            "size": f"{'GIF, ' if image.suffix == 'gif' else ''}{image.width} × {image.height}",
            "width": image.width,
            "height": image.height,
            "alt": image.texts[made.language].get("alt", ""),
            "fits": all(one.fits for one in fits[image.name]),
            "lines": joined(*(say("{replace} {lines} of {allowed} lines", replace=o.slot.replace("_", " "), lines=o.lines, allowed=o.allowed)
                             for o in fits[image.name]), by=", "),
        }
        for image in made.source.images
    ]  # fmt: skip


def people_to_see_with() -> list[tuple[str, str]]:
    """Return the sample person, some contacts, and somebody without a name."""
    session, principal, signer = work().session, work().principal, work().site.signer
    rows = contacts.some_contacts(session, principal, now=work().now, most=MOST_SEEN)
    known = [
        (signer.public_number("contact", row.id), ", ".join(filter(None, (row.name, row.company))))
        for row in rows
    ]
    return [("", say("Sample person")), *known, (NOBODY, say("Somebody without a name"))]


@console.post("/campaigns/<vendor>/<slug>/copy/language")
@allows(Permission.COPY_EDIT)
def copy_language(vendor: str, slug: str) -> ResponseReturnValue:
    """Speak another of the campaign's languages."""
    copy = own_copy(card_of(vendor, slug))
    try:
        copies.choose_language(work(), copy.id, request.form.get("language", ""))
    except Invalid as refused:
        flash(refused.message, "stop")
    else:
        flash(
            say("The campaign speaks another language now. Look at your own texts again."), "good"
        )
    return redirect(url_for("console.copy_show", vendor=vendor, slug=slug), 303)
