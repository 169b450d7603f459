"""`tcma template` and `tcma mjml` as an author calls them."""

import hashlib
import json
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from PIL import Image

from tcma.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
CAMPAIGN = ROOT / "campaign_templates" / "cloud-migration"
KIT = ROOT / "brand_assets" / "samples" / "fenwright" / "kit.toml"
GOOD = "<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>"


@pytest.fixture
def contact(tmp_path):
    path = tmp_path / "contact.toml"
    path.write_text('email = "zoe@pell.example"\nfirst_name = "Zoë <1>"\n')
    return path


def test_a_good_campaign_is_found_good(capsys):
    assert main(["template", "check", str(CAMPAIGN), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert {finding["code"] for finding in answer["findings"]} == {"sample_claim"}


def test_a_wrong_folder_is_refused(tmp_path, capsys):
    assert main(["template", "check", str(tmp_path / "no")]) == 2
    assert main(["template", "check", str(tmp_path)]) == 1
    assert "campaign.toml" in capsys.readouterr().err


def test_a_campaign_is_rendered_whole(tmp_path, contact, capsys):
    out = tmp_path / "out"
    call = ["template", "render", str(CAMPAIGN), "--partner", str(KIT), "--contact", str(contact)]
    assert main([*call, "--out", str(out), "--json"]) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert json.loads((out / "manifest.json").read_text()) == manifest
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    mails = {path.stem for path in (out / "mails").glob("*.eml")}
    assert {"invite", "awkward-server", "cost-of-waiting", "thanks"} <= mails
    for stem in mails:
        message = message_from_bytes(
            (out / "mails" / f"{stem}.eml").read_bytes(), policy=policy.default
        )
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "[[" not in message.get_body(("html",)).get_content()
        assert "[[" not in message.get_body(("plain",)).get_content()
        assert "[[" not in (out / "mails" / f"{stem}.html").read_text()
        assert (out / "mails" / f"{stem}.txt").stat().st_size > 300
    assert "Zoë &lt;1&gt;" in (out / "mails" / "invite.html").read_text()
    for name in ("1200x628", "1080x1080", "1080x1920", "728x90", "300x250"):
        with Image.open(out / "images" / f"banner_{name}.jpg") as image:
            assert "x".join(map(str, image.size)) == name
    assert "<form" in (out / "landing.html").read_text()
    again = tmp_path / "again"
    assert main([*call, "--out", str(again), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == manifest


def test_one_mjml_file_becomes_html(tmp_path, capsys):
    path = tmp_path / "a.mjml"
    path.write_text(GOOD)
    assert main(["mjml", str(path)]) == 0
    assert "Hi" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD.replace("<mj-text>", "\n<mj-txt>").replace("/mj-text", "/mj-txt"), 2),
        ("<mjml>\n<mj-body>\n<mj-section>", 3),
        ("<p>no", 1),
        ("", 1),
    ],
)
def test_a_broken_mjml_file_is_named_with_line_and_remedy(tmp_path, capsys, text, line):
    path = tmp_path / "a.mjml"
    path.write_text(text)
    assert main(["mjml", str(path)]) == 1
    seen = capsys.readouterr()
    assert seen.out == ""
    assert seen.err.startswith(f"{path}:{line}: ")
    assert " — " in seen.err


def test_a_file_outside_the_folder_is_not_included(tmp_path, capsys):
    (tmp_path / "secret.html").write_text("SECRET")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.html").symlink_to(tmp_path / "secret.html")
    for target in (
        "../secret.html",
        str(tmp_path / "secret.html"),
        "link.html",
        "file:///etc/hosts",
    ):
        path = folder / "a.mjml"
        path.write_text(
            f'<mjml><mj-body><mj-include type="html" path="{target}" /></mj-body></mjml>'
        )
        assert main(["mjml", str(path)]) == 0
        seen = capsys.readouterr()
        assert "SECRET" not in seen.out
        assert "is not there" in seen.err


def test_a_file_that_is_not_text_is_refused_with_its_line(tmp_path, capsys):
    path = tmp_path / "a.mjml"
    path.write_bytes(b"<mjml>\n\xff\xfe")
    assert main(["mjml", str(path)]) == 1
    assert f"{path}:2: not UTF-8" in capsys.readouterr().err


def test_a_folder_packs_to_the_same_zip_each_time_and_unpacks_to_the_same_content(tmp_path, capsys):
    def said(*call):
        code = main(["template", *map(str, call), "--json"])
        return code, json.loads(capsys.readouterr().out)

    first, second, out = tmp_path / "a.zip", tmp_path / "b.zip", tmp_path / "out"
    packed = [said("pack", CAMPAIGN, "--out", each) for each in (first, second)]
    assert [code for code, _ in packed] == [0, 0]
    assert first.read_bytes() == second.read_bytes()
    assert said("unpack", first, "--out", out)[1]["version"] == packed[0][1]["version"]
    assert said("check", out / "cloud-migration")[0] == 0
    assert said("unpack", first, "--out", out)[0] == 2
