"""A vendor's campaigns: the list, one campaign with its versions, findings and users, importing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.errors import Invalid
from tcma.launches import queries as launches
from tcma.library import copy_queries, drafts, importer
from tcma.library import queries as library
from tcma.library.archive import files_of_zip
from tcma.library.queries import VersionView
from tcma.library.rules import CampaignState, VersionState
from tcma.library.samples import SamplePartner, partner_named, sample_partners
from tcma.library.sources import source_of
from tcma.partners import queries
from tcma.permissions import Permission
from tcma.rendering.findings import TemplateRefused
from tcma.rendering.kits import is_rtl
from tcma.rendering.playbook import Asset
from tcma.rendering.source import CampaignSource, read_folder
from tcma.web.auth import allows
from tcma.web.console.copy_parts import part_named, parts_of
from tcma.web.forms.campaign_import import ImportForm
from tcma.web.pictures import address_of
from tcma.web.playbook_words import StepLine, planned_lines
from tcma.web.studio import studio
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

SHIPPED = Path(__file__).resolve().parents[3] / "campaign_templates"
GROUPS = (
    ("drafts", "Drafts"),
    ("published", "In the library"),
    ("retired", "Retired"),
)


@studio.get("")
@allows(Permission.CAMPAIGN_AUTHOR)
def campaign_index() -> ResponseReturnValue:
    """List the campaigns: drafts, what partners can start, what is retired."""
    rows = library.campaigns(work().session, work().principal)
    groups: dict[str, list[library.CampaignRow]] = {key: [] for key, _ in GROUPS}
    for row in rows:
        if row.state is CampaignState.RETIRED:
            groups["retired"].append(row)
        else:
            groups["published" if row.published_no else "drafts"].append(row)
    arts = {card.slug: card for card in library.library_for(work().session, work().principal)}
    return render_template(
        "studio/campaigns/index.html",
        groups=[(words, groups[key]) for key, words in GROUPS if groups[key]],
        arts={slug: address_of(c.hero[0]) if c.hero else "" for slug, c in arts.items()},
        cards=arts,
        drafts=drafts.drafts(work()),
        names={row.slug: row.name for row in rows},
    )


@studio.get("/campaigns/<slug>")
@allows(Permission.CAMPAIGN_AUTHOR)
def campaign_show(slug: str) -> ResponseReturnValue:
    """Show a campaign as any sample partner would send it, its versions and who uses them."""
    versions = library.versions(work().session, work().principal, slug=slug)
    version = version_of(versions, request.args.get("version", ""))
    source = source_of(work(), version.id)
    parts = parts_of(source)
    part = part_named(parts, request.args.get("see", parts[0].slug))
    sample = partner_named(work(), request.args.get("as", sample_partners()[0].slug))
    spoken = source.language_for(request.args.get("lang") or sample.kit.language)
    asked: dict[str, Any] = {
        "as": sample.slug,
        "lang": spoken,
        "look": request.args.get("look", "light"),
    }
    here: dict[str, Any] = {"slug": slug, "version": str(version.no), "see": part.slug} | asked
    users = [
        copy
        for copy in copy_queries.copies(work().session, work().principal)
        if copy.campaign_id == version.campaign_id
    ]
    runs = launches.launches(work().session, work().principal, campaign_id=version.campaign_id).rows
    return render_template(
        "studio/campaigns/show.html",
        slug=slug,
        version=version,
        versions=versions,
        newest=versions[0],
        source=source,
        part=part,
        parts=parts,
        mail=source.mail(part.mail) if part.mail else None,
        sample=sample,
        samples=sample_partners(),
        language=spoken,
        direction="rtl" if is_rtl(spoken) else "ltr",
        look=asked["look"],
        at=lambda **changed: url_for("studio.campaign_show", **here | changed),
        preview_src=url_for(
            "studio.preview_document", slug=slug, no=version.no, part=part.slug, **asked
        ),
        image_at=lambda name: url_for(
            "studio.version_image", slug=slug, no=version.no, name=name, **asked
        ),
        playbook=playbook_as(source, spoken, sample, here),
        users=users,
        has_draft=slug in {draft.slug for draft in drafts.drafts(work())},
        runs=runs,
        is_live=version.state is VersionState.PUBLISHED,
        is_retired=all(v.state is not VersionState.PUBLISHED for v in versions)
        and any(v.state is VersionState.RETIRED for v in versions),
    )


def playbook_as(
    source: CampaignSource, language: str, sample: SamplePartner, here: dict[str, Any]
) -> list[StepLine]:
    """Return a version's playbook as a sample partner reads it; its parts open on the same page."""
    names = {
        "partner": sample.kit.name,
        "phone": sample.kit.phone,
        "product": source.product,
        "vendor": queries.own_organisation(work().session, work().principal).name,
    }
    parts = parts_of(source)

    def address(asset: Asset) -> str:
        if asset.kind in ("mail", "page"):
            wanted = {"mail": "mail", "page": "page"}[asset.kind]
            part = next(p for p in parts if p.kind == wanted and asset.name in (p.mail, p.page))
            return url_for("studio.campaign_show", **here | {"see": part.slug})
        at = {key: here[key] for key in ("slug", "as", "lang")}
        return url_for("studio.version_image", no=here["version"], name=asset.name, **at)

    return planned_lines(source, source.playbook, language, names, address)


def version_of(versions: Sequence[VersionView], no: str) -> VersionView:
    """Return the version of that number, the newest without one; NotFound for an unknown one."""
    if not no:
        return versions[0]
    return found(next((v for v in versions if str(v.no) == no), None))


@studio.route("/campaigns/new", methods=["GET", "POST"])
@allows(Permission.CAMPAIGN_AUTHOR)
def campaign_new() -> ResponseReturnValue:
    """Import a campaign: a zip of its folder, or one of the shipped ones."""
    form = ImportForm()
    shipped = shipped_slugs()
    refused: TemplateRefused | None = None
    if form.validate_on_submit():
        try:
            done = importer.import_files(
                work(), found(work().principal.vendor_id), files_asked(form, shipped)
            )
        except TemplateRefused as error:
            refused = error
        except Invalid as error:
            form.take(error)
        else:
            word = f"Version {done.no} is imported. Nobody sees it before you publish it."
            flash(word if done.is_new else f"Version {done.no} holds exactly these files.", "good")
            return redirect(url_for("studio.campaign_show", slug=done.slug, version=done.no), 303)
    page = render_template("studio/campaigns/new.html", form=form, shipped=shipped, refused=refused)
    return make_response(page, 422 if form.problems or refused else 200)


def shipped_slugs() -> list[str]:
    """Return the campaigns that come with the product."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/campaign.toml"))


def files_asked(form: ImportForm, shipped: list[str]) -> dict[str, bytes]:
    """Return the files of the upload, or of the shipped campaign that was chosen."""
    if form.shipped.data:
        return read_folder(
            SHIPPED / found(next((slug for slug in shipped if slug == form.shipped.data), None))
        )
    upload = form.archive.data
    if not upload or not upload.filename:
        message = "Choose a zip file, or one of the shipped campaigns."
        raise Invalid(message, code="campaign.file", fields={"archive": message})
    with upload.stream as packed:
        return files_of_zip(packed.read(), shared=SHIPPED / "_shared")
