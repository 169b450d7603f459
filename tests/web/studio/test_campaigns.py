"""The studio: import, look, publish, retire; what few did is not told."""

import io
import stat
import zipfile

import pytest

from tcma.library.archive import files_of_zip
from tests.builders import TEMPLATES

SLUG = "cloud-migration"


def zipped(*, change=None, base=f"{SLUG}/", shared=True):
    """A shipped campaign as somebody would pack it."""
    files = {}
    for folder, prefix in ((TEMPLATES / SLUG, base), (TEMPLATES / "_shared", "_shared/")):
        if prefix == "_shared/" and not shared:
            continue
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                files[prefix + path.relative_to(folder).as_posix()] = path.read_bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in (files | (change or {})).items():
            archive.writestr(name, content)
    return out.getvalue()


def damaged():
    """A packed file whose middle was lost on the way."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("campaign.toml", "slug = 'a'\n" * 500)
    data = bytearray(out.getvalue())
    data[45:60] = b"\xff" * 15
    return bytes(data)


def linked():
    """A zip whose one mail is a link to a file of the machine."""
    out = io.BytesIO(zipped())
    with zipfile.ZipFile(out, "a") as archive:
        entry = zipfile.ZipInfo(f"{SLUG}/passwords.mjml")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def sent_by(visitor, archive):
    """The answer to an upload; the client's own copy of a large one is closed."""
    named = "campaign.zip" if archive else ""
    page = visitor.post("/studio/campaigns/new", archive=(io.BytesIO(archive), named))
    page.response.request.environ["wsgi.input"].close()
    return page


def test_an_empty_studio_says_how_to_begin(studio):
    assert "Start from one of the shipped campaigns" in studio.as_("Vera").get("/studio").words


def test_a_shipped_campaign_becomes_a_draft_that_partners_do_not_see(studio):
    vera = studio.as_("Vera")
    page = vera.post("/studio/campaigns/new", shipped=SLUG, follow=True)
    assert page.heading == "One steady arch at a time"
    assert "Draft" in page.words
    assert "Version 1 is imported" in page.words


@pytest.mark.parametrize(("base", "shared"), [(f"{SLUG}/", True), ("", False)])
def test_a_zip_of_the_folder_is_imported(studio, base, shared):
    page = sent_by(studio.as_("Vera"), zipped(base=base, shared=shared))
    assert page.status == 303
    assert page.location == f"/studio/campaigns/{SLUG}?version=1"


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        (b"not a zip", "This is not a zip file."),
        (damaged(), "This is not a zip file."),
        (b"", "Choose a zip file"),
        (zipped(change={"../outside.txt": "x"}), "leads out of the folder"),
        (zipped(change={"big.bin": b"\0" * (13 << 20)}), "More than 200 files or 12 MB"),
        (linked(), "This is a link, not a file."),
        (zipped(change={f"{SLUG}/Invite.mjml": "x"}), "Two files of the zip have this name."),
        (zipped(change={f"{SLUG}/a\x07.mjml": "x"}), "holds a control character"),
    ],
    ids=[
        "no zip",
        "damaged",
        "nothing",
        "a path outside",
        "too large",
        "a link",
        "a name twice",
        "a bell in a name",
    ],
)
def test_a_zip_that_cannot_be_used_says_why(studio, archive, said):
    page = sent_by(studio.as_("Vera"), archive)
    assert page.status == 422
    assert said in page.text


def test_a_package_carries_a_version_to_another_vendor_unchanged(drafted):
    package = drafted.as_("Vera").get(f"/studio/campaigns/{SLUG}/versions/1/package.zip")
    assert package.response.mimetype == "application/zip"
    content = package.headers["Content-Disposition"].removesuffix('.zip"')[-12:]
    rui = drafted.as_("Rui")
    assert sent_by(rui, package.data).location == f"/studio/campaigns/{SLUG}?version=1"
    assert f"Content {content}" in rui.get(f"/studio/campaigns/{SLUG}").words
    again = rui.get(f"/studio/campaigns/{SLUG}/versions/1/package.zip")
    assert again.data == package.data


def test_names_in_a_package_come_in_their_normal_form():
    decomposed = "art/he\u0301ros.jpg"
    files = files_of_zip(zipped(change={f"{SLUG}/{decomposed}": b"x"}))
    assert "art/h\u00e9ros.jpg" in files
    assert decomposed not in files


def test_a_template_that_would_not_render_is_refused_with_file_and_remedy(studio):
    broken = zipped(
        change={f"{SLUG}/invite.mjml": "<mj-section><mj-colum>x</mj-colum></mj-section>"}
    )
    page = sent_by(studio.as_("Vera"), broken)
    assert page.status == 422
    assert "invite.mjml" in page.words
    assert "to mend" in page.words


def test_publishing_names_who_gets_it_first(drafted):
    vera = drafted.as_("Vera")
    asked = vera.get(f"/studio/campaigns/{SLUG}/versions/1/publication")
    assert asked.heading.endswith("to 1 partner")
    assert "Fenwright" in asked.words
    assert "Draft" in vera.get(f"/studio/campaigns/{SLUG}").words
    page = vera.post(f"/studio/campaigns/{SLUG}/versions/1/publication", follow=True)
    assert "Published. 1 partner can start it now." in page.words


@pytest.mark.parametrize("day", ["2020-01-01", "31.12.2026"])
def test_a_last_day_that_cannot_be_keeps_it_a_draft(drafted, day):
    vera = drafted.as_("Vera")
    page = vera.post(f"/studio/campaigns/{SLUG}/versions/1/publication", ends_on=day)
    assert page.status == 422
    assert f'value="{day}"' in page.text
    assert "Draft" in vera.get(f"/studio/campaigns/{SLUG}").words


def test_a_retired_campaign_leaves_the_library(drafted):
    vera = drafted.as_("Vera")
    vera.post(f"/studio/campaigns/{SLUG}/versions/1/publication")
    assert vera.post(f"/studio/campaigns/{SLUG}/retirement").status == 303
    assert "Retired" in vera.get("/studio").words


@pytest.mark.parametrize("part", ["mail-1", "page", "follow-up-1"])
def test_any_sample_partner_can_try_any_part(drafted, part):
    vera = drafted.as_("Vera")
    base = f"/studio/campaigns/{SLUG}/versions/1/preview/{part}"
    page = vera.get(f"{base}?as=nordhagener&lang=de&look=dark")
    assert page.status == 200
    assert "Nordhagener" in page.text
    assert page.headers["Content-Security-Policy"].startswith("sandbox")
    assert vera.get(f"{base}?as=nobody").status == 404


def test_a_picture_wears_a_sample_partners_logo(drafted):
    vera = drafted.as_("Vera")
    base = f"/studio/campaigns/{SLUG}/versions/1/images/banner_300x250.jpg"
    with_logo = vera.get(f"{base}?as=fenwright")
    assert (with_logo.status, with_logo.response.mimetype) == (200, "image/jpeg")
    assert with_logo.data != vera.get(f"{base}?as=pellworth").data


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/versions/1/publication",
        "/retirement",
        "/versions/1/preview/mail-1?as=fenwright",
        "/versions/1/package.zip",
        "/versions/1/diff/1",
    ],
)
def test_another_vendors_campaign_is_not_there(drafted, path):
    assert drafted.as_("Rui").get(f"/studio/campaigns/{SLUG}{path}").status == 404


def test_who_may_not_author_has_no_studio(drafted):
    finn = drafted.as_("Finn")
    assert finn.get("/studio").status == 403
    assert finn.post(f"/studio/campaigns/{SLUG}/versions/1/publication").status == 403


def test_results_without_a_launch_say_so(drafted):
    page = drafted.as_("Vera").get("/studio/results")
    assert "No partner has launched yet." in page.words
