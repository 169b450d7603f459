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
from tcma.sealed.stamps import ROOTS, STAMP, NotStamped, Stamp, Stamped, read, roots_of

LARGEST = 300 * 1024 * 1024
MOST_FILES = 5_000
MOST_RATIO = 100
LARGEST_MANIFEST = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `file` is the first one that is wrong; `own_key` when nobody named a key.

    `stamped_at` is the time as `authority` states it, None when nobody but the installation does;
    `own_authority` when nobody named the authority's root.
    """

    valid: bool
    reason: str
    file: str | None = None
    signed_at: str | None = None
    key: str | None = None
    own_key: bool = True
    files: int = 0
    stamped_at: str | None = None
    authority: str | None = None
    own_authority: bool = True


def signature_in(content: bytes) -> bytes:
    """Return what of a valid case file is stamped: its signature."""
    return _parts(content)[SIGNATURE]


def with_stamp(content: bytes, stamped: Stamped) -> bytes:
    """Return a valid case file with a stamp in place of the one it may have."""
    parts = _parts(content)
    first = [(MANIFEST, parts[MANIFEST]), (SIGNATURE, parts[SIGNATURE])]
    first += [(STAMP, stamped.token), (ROOTS, stamped.roots)]
    rest = [each for each in parts.items() if each[0] not in dict(first)]
    return packed([*first, *rest])


class _Fault(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, reason: str, file: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.file = reason, file


def check(
    content: bytes, *, key: Ed25519PublicKey | None = None, roots: bytes | None = None
) -> Checked:
    """Check a case file against `key`, or against the key it carries; likewise its time stamp.

    With `roots` (PEM) a stamp by that authority has to be there.
    """
    try:
        return _checked(content, key, roots)
    except _Fault as fault:
        return Checked(valid=False, reason=fault.reason, file=fault.file, own_key=key is None)


def _checked(content: bytes, named: Ed25519PublicKey | None, roots: bytes | None) -> Checked:
    parts = _parts(content)
    for needed in (MANIFEST, SIGNATURE, KEY):
        if needed not in parts:
            raise _Fault(f"{needed} is missing.", needed)
    if len(parts[MANIFEST]) > LARGEST_MANIFEST:
        raise _Fault("The manifest is too large.", MANIFEST)
    key = named or _carried(parts[KEY])
    signed_at = _signature(parts, key, named=named is not None)
    stamp = _stamp(parts, roots)
    listed = _listed(parts[MANIFEST])
    _files(parts, listed)
    head = (MANIFEST, SIGNATURE, *((STAMP, ROOTS) if stamp else ()))
    if packed([(path, parts[path]) for path in (*head, *listed)]) != content:
        raise _Fault("The archive holds bytes that belong to no file.")
    whose = "the key you named" if named else "the key in the file itself"
    return Checked(
        valid=True,
        reason=f"{len(listed)} files, signed {signed_at} with {whose}. {_time(stamp, roots)}",
        signed_at=signed_at,
        key=fingerprint(key),
        own_key=named is None,
        files=len(listed),
        stamped_at=stamp.at.isoformat() if stamp else None,
        authority=stamp.by if stamp else None,
        own_authority=roots is None,
    )


def _stamp(parts: dict[str, bytes], roots: bytes | None) -> Stamp | None:
    """Return the authority's time for the signature; None without one, unless one is asked for."""
    if STAMP not in parts and ROOTS not in parts and roots is None:
        return None
    for needed in (STAMP, ROOTS):
        if needed not in parts:
            raise _Fault(f"{needed} is missing.", needed)
    try:
        authority = roots_of(roots or parts[ROOTS])
    except Invalid:
        raise _Fault("The certificate of the time authority is none.", ROOTS) from None
    try:
        return read(parts[STAMP], parts[SIGNATURE], authority)
    except NotStamped as why:
        raise _Fault(f"The time stamp is not right: {why}.", STAMP) from None


def _time(stamp: Stamp | None, roots: bytes | None) -> str:
    if stamp is None:
        return "The time is as the installation states it; no authority stamped it."
    whose = "named by you" if roots else "by the certificate in the file itself"
    return f"Time-stamped {stamp.at.isoformat()} by {stamp.by}, {whose}."


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
        if path not in listed and path not in {MANIFEST, SIGNATURE, STAMP, ROOTS}:
            raise _Fault(f"{path} was added.", path)
