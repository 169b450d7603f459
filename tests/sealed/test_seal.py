"""A sealed case file: equal bytes for equal content, and the first fault is named."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from tcma.cli.main import main
from tcma.errors import Invalid
from tcma.sealed.keys import fingerprint, public_pem, read_public, signing_key
from tcma.sealed.seal import Entry, manifest_of, packed, sealed
from tcma.sealed.verify import check

KEY, OTHER = signing_key(b"k" * 40), signing_key(b"o" * 40)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ENTRIES = [
    Entry("activity-1/mail.eml", b"From: a\r\n\r\nhello", "mail", "Mail as sent", "launch", AT),
    Entry("ledger.json", b"[]\n", "ledger", "Ledger entries", "house", None),
]


def a_case(entries=ENTRIES, *, about=None, at=AT, key=KEY):
    manifest = manifest_of(entries, about or {"plan": "MDF-2026-0001"}, key)
    return sealed(entries, manifest, key=key, signed_at=at)


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(one.filename, archive.read(one)) for one in archive.infolist()]


def changed(change):
    """The case with its parts changed and packed again as the house packs."""
    parts = dict(parts_of(a_case()))
    change(parts)
    return packed(list(parts.items()))


def again_signed(manifest):
    """The case with a manifest that somebody changed and signed with a key of his own."""
    return sealed(ENTRIES, manifest, key=OTHER, signed_at=AT)


def test_equal_content_is_equal_bytes_and_another_time_is_another_signature():
    assert a_case() == a_case(list(reversed(ENTRIES)))
    assert a_case() != a_case(at=AT.replace(hour=10))


def test_a_case_is_valid_with_its_own_key_and_with_the_named_one():
    own, named = check(a_case()), check(a_case(), key=KEY.public_key())
    assert (own.valid, own.own_key, own.files) == (True, True, 4)
    assert (named.valid, named.own_key, named.signed_at) == (True, False, AT.isoformat())
    assert named.key == fingerprint(KEY.public_key())


def test_a_case_signed_by_another_is_not_valid_for_the_key_one_knows():
    forged = again_signed(manifest_of(ENTRIES, {"plan": "MDF-2026-0001"}, OTHER))
    assert check(forged).valid
    found = check(forged, key=KEY.public_key())
    assert (found.valid, found.file) == (False, "signature.json")
    assert "another key" in found.reason


def put(name, content):
    return lambda parts: parts.update({name: content})


def without(name):
    return lambda parts: parts.pop(name)


def dated(parts):
    parts["signature.json"] = parts["signature.json"].replace(b"2026-03-02", b"2026-03-01")


def told_otherwise(parts):
    body = json.loads(parts["manifest.json"])
    body["about"]["plan"] = "MDF-2026-0002"
    parts["manifest.json"] = json.dumps(body).encode()


@pytest.mark.parametrize(
    ("change", "file"),
    [
        (put("activity-1/mail.eml", b"From: b\r\n\r\nhello"), "activity-1/mail.eml"),
        (put("ledger.json", b"[]\n\n"), "ledger.json"),
        (without("ledger.json"), "ledger.json"),
        (put("extra.txt", b"x"), "extra.txt"),
        (put("README.txt", b"trust me"), "README.txt"),
        (told_otherwise, "manifest.json"),
        (put("manifest.json", b"{}"), "manifest.json"),
        (put("signature.json", b"[]"), "signature.json"),
        (put("signature.json", b"{"), "signature.json"),
        (dated, "signature.json"),
        (put("public-key.pem", b"none"), "public-key.pem"),
        (put("public-key.pem", public_pem(OTHER.public_key())), "signature.json"),
        (without("public-key.pem"), "public-key.pem"),
        (without("signature.json"), "signature.json"),
        (without("manifest.json"), "manifest.json"),
        (put("../../etc/passwd", b"x"), "../../etc/passwd"),
        (put("/etc/passwd", b"x"), "/etc/passwd"),
        (put("C:\\boot.ini", b"x"), "C:\\boot.ini"),
        (put("LEDGER.json", b"x"), "LEDGER.json"),
    ],
)
def test_the_first_thing_that_is_wrong_is_named(change, file):
    found = check(changed(change), key=None)
    assert (found.valid, found.file) == (False, file)


def archive(write, kind=zipfile.ZIP_STORED):
    out = io.BytesIO(a_case())
    with zipfile.ZipFile(out, "a", kind) as added:
        write(added)
    return out.getvalue()


def a_link(added):
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    added.writestr(info, "/etc/passwd")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: archive(a_link), "something else than a file"),
        (
            lambda: archive(lambda a: a.writestr("bomb", b"0" * 30_000_000), zipfile.ZIP_DEFLATED),
            "grows too large",
        ),
        (lambda: archive(lambda a: a.writestr("d/", b"")), "leads out"),
        (lambda: a_case() + b"hidden", "belong to no file"),
        (lambda: b"MZ" + a_case(), "belong to no file"),
        (lambda: a_case()[:-20], "damaged"),
        (lambda: a_case().replace(b"hello", b"hellO"), "mail.eml is damaged"),
        (bytes, "damaged"),
    ],
)
def test_an_archive_of_another_shape_is_not_opened_further(make, words):
    found = check(make())
    assert not found.valid
    assert words in found.reason


def test_every_octet_counts():
    case = bytearray(a_case())
    for at in range(0, len(case), 7):
        case[at] ^= 1
        assert not check(bytes(case)).valid, at
        case[at] ^= 1
    assert check(bytes(case)).valid


def test_a_key_is_read_as_pem_hex_or_base64_and_nothing_else_is_one():
    raw = KEY.public_key().public_bytes_raw()
    for text in (public_pem(KEY.public_key()), raw.hex().encode()):
        assert read_public(text).public_bytes_raw() == raw
    for text in (b"", b"ab" * 31, b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----"):
        with pytest.raises(Invalid):
            read_public(text)


def test_the_command_says_valid_names_the_fault_and_knows_misuse(tmp_path, capsys):
    good, bad, key = tmp_path / "a.zip", tmp_path / "b.zip", tmp_path / "key.pem"
    good.write_bytes(a_case())
    bad.write_bytes(changed(put("ledger.json", b"[1]")))
    key.write_bytes(public_pem(KEY.public_key()))
    assert main(["case", "verify", str(good), "--key", str(key), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["own_key"] is False
    assert main(["case", "verify", str(good)]) == 0
    assert "Nobody vouches" in capsys.readouterr().out
    assert main(["case", "verify", str(bad), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["file"] == "ledger.json"
    assert main(["case", "verify", str(tmp_path / "none.zip")]) == 2
    assert main(["case", "verify", str(good), "--key", "nonsense"]) == 2
