"""A manifest of what left: the same every time, checked offline, a change named by its owner."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tcma.cli.main import main
from tcma.sealed.keys import public_pem, signing_key
from tcma.sealed.render_manifest import SUFFIX, Asset, Region, archive, check, signed
from tcma.sealed.seal import packed

KEY, OTHER = signing_key(b"a" * 32), signing_key(b"b" * 32)
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
MAIL = Asset(
    path="mails/invite.html",
    content=b"<h1>Kept</h1><p>Mine</p><footer>Kept</footer>",
    regions=(
        Region("vendor", "<h1>Kept</h1><p>"),
        Region("opening", "Mine"),
        Region("vendor", "</p><footer>Kept</footer>"),
    ),
    made_of={"campaign": "x", "own": {"opening": "Mine"}},
)
PICTURE = Asset(path="images/a.jpg", content=b"\xff\xd8picture", regions=(), made_of={})


def parts(*assets, key=KEY):
    out = {}
    for asset in assets or (MAIL, PICTURE):
        out[asset.path] = (asset.content, signed(asset, key=key, at=AT))
    return out


def flat(files, key=KEY):
    flat = {"public-key.pem": public_pem(key.public_key())}
    for path, (content, manifest) in files.items():
        flat |= {path: content, path + SUFFIX: manifest}
    return flat


def changed(path, content):
    return packed(list((flat(parts()) | {path: content}).items()))


def test_what_left_is_valid_and_the_archive_is_always_the_same():
    made = archive(parts(), KEY.public_key())
    assert made == archive(parts(), KEY.public_key())
    found = check(made, key=KEY.public_key())
    assert (found.valid, found.assets, found.own_key) == (True, 2, False)
    assert check(made).own_key


@pytest.mark.parametrize(
    ("path", "content", "whose"),
    [
        (MAIL.path, MAIL.content.replace(b"<h1>Kept", b"<h1>Changed"), "vendor"),
        (MAIL.path, MAIL.content.replace(b"Kept</footer>", b"Kepd</footer>"), "vendor"),
        (MAIL.path, MAIL.content.replace(b"Mine", b"Ours"), "opening"),
        (MAIL.path, MAIL.content + b"<script>", None),
        (PICTURE.path, b"another", None),
    ],
)
def test_a_change_is_found_with_whose_part_it_is(path, content, whose):
    found = check(changed(path, content))
    assert (found.valid, found.asset, found.whose) == (False, path, whose)
    assert path in found.reason


def test_a_change_signed_anew_by_somebody_else_is_found_with_the_right_key():
    forged = replace(MAIL, content=MAIL.content.replace(b"Kept", b"Mine"), regions=())
    made = archive(parts(forged, PICTURE, key=OTHER), OTHER.public_key())
    assert check(made).valid
    assert not check(made, key=KEY.public_key()).valid


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (MAIL.path + SUFFIX, b"{}"),
        (MAIL.path + SUFFIX, signed(PICTURE, key=KEY, at=AT)),
        (MAIL.path + SUFFIX, signed(MAIL, key=KEY, at=AT).replace(b'"x"', b'"y"')),
        ("images/more.jpg", b"added"),
        ("public-key.pem", b"none"),
    ],
)
def test_manifests_that_are_no_longer_true_are_named(path, content):
    assert not check(changed(path, content)).valid


def test_a_file_taken_out_and_a_broken_archive_are_found():
    files = flat(parts())
    del files[MAIL.path]
    assert check(packed(list(files.items()))).asset == MAIL.path
    assert not check(b"PK\x03\x04 no archive").valid
    assert not check(packed([("public-key.pem", public_pem(KEY.public_key()))])).valid


def test_the_command_says_whose_part_changed(tmp_path, capsys):
    path = tmp_path / "locks.zip"
    path.write_bytes(changed(MAIL.path, MAIL.content.replace(b"<h1>Kept", b"<h1>Changed")))
    pem = tmp_path / "key.pem"
    pem.write_bytes(public_pem(KEY.public_key()))
    assert main(["case", "verify", str(path), "--key", str(pem)]) == 1
    assert "a part that the vendor keeps was changed" in capsys.readouterr().out
    path.write_bytes(archive(parts(), KEY.public_key()))
    assert main(["case", "verify", str(path), "--key", str(pem)]) == 0
