"""A campaign folder becomes data, or a refusal with file, line and remedy."""

import pytest

from tcma.journeys.document import Kind
from tcma.rendering.findings import TemplateRefused
from tcma.rendering.source import content_hash, load_files, read_folder

from .campaigns import TEMPLATES, changed, shipped, shipped_files


def test_the_shipped_campaign_reads_whole():
    source = shipped()
    assert [mail.key for mail in source.mails if mail.kind == "campaign"] == [
        "invite", "awkward-server", "cost-of-waiting",
    ]  # fmt: skip
    assert [mail.day for mail in source.mails[:3]] == [0, 6, 13]
    assert source.mail("invite").subject["de"] == "Welcher Server zieht zuerst um?"
    assert {(image.width, image.height) for image in source.images} == {
        (1200, 628), (1080, 1080), (1080, 1920), (728, 90), (300, 250),
    }  # fmt: skip
    assert source.play.objections[0].says == "The cloud is dearer."
    assert source.claims[0].sample


@pytest.mark.parametrize(
    ("path", "old", "new", "line", "said"),
    [
        ("campaign.toml", 'slug = "cloud-migration"', "", 1, "“slug” is missing"),
        ("campaign.toml", "minutes = 15", 'minutes = "a"', 7, "whole number"),
        ("campaign.toml", '"multi_touch_digital"', '"multi_touch"', 6, "cannot be “multi_touch”"),
        ("campaign.toml", 'languages = ["en"', 'languages = ["xx"', 8, "“xx” is unknown"),
        ("campaign.toml", "[look]", "[look", 12, "Not TOML"),
        ("campaign.toml", 'key = "invite"', 'key = "invit"', 0, "no words for the mail “invit”"),
        ("nurture.toml", 'send = "thanks"', 'send = "thank"', 6, "cannot be “thank”"),
        ("nurture.toml", '"3 working days"', '"three days"', 11, "cannot be read"),
        ("nurture.toml", 'yes = "n3a"', 'yes = "n9"', 17, "no step “n9”"),
        ("nurture.toml", 'then = "end"', 'then = "n2"', 0, "in a circle"),
        ("nurture.toml", '"clicked:', '"opened:', 15, "“opened” is no signal"),
        ("play.toml", "target =", "targets =", 1, "“target” is missing"),
    ],
)
def test_a_mistake_is_named_with_its_place(path, old, new, line, said):
    with pytest.raises(TemplateRefused) as refused:
        load_files(changed(path, old, new))
    finding = refused.value.findings[0]
    assert said in finding.message
    assert finding.remedy
    if line:
        assert finding.file == path
        assert abs(finding.line - line) <= 2, finding.line


@pytest.mark.parametrize("path", ["play.toml", "words/de.toml", "landing.html", "invite.mjml"])
def test_a_missing_file_is_named(path):
    files = shipped_files()
    del files[path]
    with pytest.raises(TemplateRefused) as refused:
        load_files(files)
    assert path in str(refused.value)


def test_a_file_that_is_not_utf8_is_named_with_its_line():
    files = shipped_files()
    files["play.toml"] = b"a = 1\nb = '\xe9'"
    with pytest.raises(TemplateRefused) as refused:
        load_files(files)
    assert (refused.value.findings[0].file, refused.value.findings[0].line) == ("play.toml", 2)


def test_the_version_is_the_content():
    files = shipped_files()
    assert content_hash(files) == content_hash(dict(reversed(files.items())))
    assert content_hash(files) != content_hash(changed("play.toml", "price", "Price"))


def test_a_folder_is_read_without_what_does_not_belong(tmp_path):
    (tmp_path / "c").mkdir()
    (tmp_path / "_shared").mkdir()
    (tmp_path / "c" / "campaign.toml").write_text("x = 1")
    (tmp_path / "c" / "README.md").write_text("x")
    (tmp_path / "c" / ".hidden").write_text("x")
    (tmp_path / "c" / "link.toml").symlink_to("/etc/hostname")
    (tmp_path / "_shared" / "a.mjml").write_text("x")
    assert set(read_folder(tmp_path / "c")) == {"campaign.toml", "_shared/a.mjml"}
    with pytest.raises(TemplateRefused):
        read_folder(TEMPLATES / "_shared")


def test_the_plan_leads_from_the_form_to_its_end():
    plan = shipped().nurture
    branch = plan.step("b1")
    assert plan.steps[0].mail == "thanks"
    assert branch is not None
    assert branch.kind is Kind.BRANCH
    assert (str(branch.asks), branch.yes, branch.no) == (
        "clicked:list-in-ten-minutes.sheet", "n3a", "n3b",
    )  # fmt: skip
    assert {"unsubscribe", "accepted", "reply"} <= plan.exits
