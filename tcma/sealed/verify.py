"""Checks a case file offline: its shape, its signature, then every file; names the first fault."""

import base64
import io
import json
import stat
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tcma.errors import Invalid
from tcma.sealed.keys import fingerprint, read_public, signed_by
from tcma.sealed.seal import FORMAT, KEY, MANIFEST, SIGNATURE, VERSION, message, packed

LARGEST = 300 * 1024 * 1024
MOST_FILES = 5_000
MOST_RATIO = 100
LARGEST_MANIFEST = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `file` is the first one that is wrong; `own_key` when nobody named a key."""

    valid: bool
    reason: str
    file: str | None = None
    signed_at: str | None = None
    key: str | None = None
    own_key: bool = True
    files: int = 0


class _Fault(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, reason: str, file: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.file = reason, file


def check(content: bytes, *, key: Ed25519PublicKey | None = None) -> Checked:
    """Check a case file against `key`, or against the key it carries."""
    try:
        return _checked(content, key)
    except _Fault as fault:
        return Checked(valid=False, reason=fault.reason, file=fault.file, own_key=key is None)


def _checked(content: bytes, named: Ed25519PublicKey | None) -> Checked:
    parts = _parts(content)
    for needed in (MANIFEST, SIGNATURE, KEY):
        if needed not in parts:
            raise _Fault(f"{needed} is missing.", needed)
    if len(parts[MANIFEST]) > LARGEST_MANIFEST:
        raise _Fault("The manifest is too large.", MANIFEST)
    key = named or _carried(parts[KEY])
    signed_at = _signature(parts, key, named=named is not None)
    listed = _listed(parts[MANIFEST])
    _files(parts, listed)
    if packed([(path, parts[path]) for path in (MANIFEST, SIGNATURE, *listed)]) != content:
        raise _Fault("The archive holds bytes that belong to no file.")
    whose = "the key you named" if named else "the key in the file itself"
    return Checked(
        valid=True,
        reason=f"{len(listed)} files, signed {signed_at} with {whose}.",
        signed_at=signed_at,
        key=fingerprint(key),
        own_key=named is None,
        files=len(listed),
    )


def _parts(content: bytes) -> dict[str, bytes]:
    if len(content) > LARGEST:
        raise _Fault("The file is larger than a case file can be.")
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MOST_FILES:
                raise _Fault("The archive has more files than a case file can have.")
            if sum(member.file_size for member in members) > LARGEST:
                raise _Fault("The archive grows too large when opened.")
            for member in members:
                _shape(member, parts)
                parts[member.filename] = _unpacked(archive, member)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError) as why:
        raise _Fault(f"The archive is damaged: {why}") from None
    return parts


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(member) as part:
            return part.read(member.file_size + 1)
    except (zipfile.BadZipFile, EOFError):
        raise _Fault(f"{member.filename} is damaged.", member.filename) from None


def _shape(member: zipfile.ZipInfo, seen: dict[str, bytes]) -> None:
    name = member.filename
    steps = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in name or not all(steps) or ".." in steps:
        raise _Fault("A name leads out of the archive.", name[:200])
    if name.casefold() in {other.casefold() for other in seen}:
        raise _Fault("Two files have one name.", name)
    mode = member.external_attr >> 16
    if member.is_dir() or stat.S_ISLNK(mode) or (stat.S_IFMT(mode) and not stat.S_ISREG(mode)):
        raise _Fault("There is something else than a file in the archive.", name)
    if member.flag_bits & 1:
        raise _Fault("A file is encrypted.", name)
    if member.file_size > MOST_RATIO * max(member.compress_size, 1):
        raise _Fault("A file grows too large when opened.", name)


def _carried(pem: bytes) -> Ed25519PublicKey:
    try:
        return read_public(pem)
    except Invalid:
        raise _Fault("The key in the file is none.", KEY) from None


def _json(parts: dict[str, bytes], name: str) -> dict[str, Any]:
    try:
        read = json.loads(parts[name])
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise _Fault(f"{name} cannot be read.", name)
    return read


def _signature(parts: dict[str, bytes], key: Ed25519PublicKey, *, named: bool) -> str:
    said = _json(parts, SIGNATURE)
    signed_at = str(said.get("signed_at", ""))
    if said.get("manifest_sha256") != sha256(parts[MANIFEST]).hexdigest():
        raise _Fault("The manifest is not the one that was signed.", MANIFEST)
    try:
        signature = base64.b64decode(str(said.get("signature", "")), validate=True)
    except ValueError:
        signature = b""
    if not signed_by(key, signature, message(parts[MANIFEST], signed_at)):
        if named and _carried(parts[KEY]).public_bytes_raw() != key.public_bytes_raw():
            raise _Fault("It was signed with another key than the one you named.", SIGNATURE)
        raise _Fault("The signature is not right.", SIGNATURE)
    return signed_at


def _listed(manifest: bytes) -> dict[str, dict[str, Any]]:
    body = _json({MANIFEST: manifest}, MANIFEST)
    if (body.get("format"), body.get("version")) != (FORMAT, VERSION):
        raise _Fault("This is a case file of another version than this command knows.", MANIFEST)
    return {str(one["path"]): one for one in body["files"]}


def _files(parts: dict[str, bytes], listed: dict[str, dict[str, Any]]) -> None:
    for path, one in listed.items():
        if path not in parts:
            raise _Fault(f"{path} is missing.", path)
        content = parts[path]
        if len(content) != one["bytes"] or sha256(content).hexdigest() != one["sha256"]:
            raise _Fault(f"{path} is not the file that was signed.", path)
    for path in parts:
        if path not in listed and path not in {MANIFEST, SIGNATURE}:
            raise _Fault(f"{path} was added.", path)
