"""What one asset that really left was made of, signed: checked offline, its first change named.

A manifest is JSON: template and brand version, the partner's values, the vendor's, the hash of the
output, and its text cut into regions, each with whose it is and its hash.
"""

import base64
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tcma.errors import Invalid
from tcma.sealed.keys import fingerprint, public_pem, read_public, signed_by
from tcma.sealed.seal import KEY, README, canonical, packed

FORMAT, VERSION = "tcma render manifest", 1
SUFFIX = ".manifest.json"
VENDOR = "vendor"
LARGEST = 100 * 1024 * 1024
MOST_FILES = 500
SHOWN = 80
_HOW = """\
Each file here left in a launch, beside a manifest of what it was made of: the version of the
campaign and of the brand, the partner's own values, the vendor's, the checks it passed, and the
hash of each region of its text. Each manifest is signed with the installation's Ed25519 key.

To check it, offline, with nothing but this file:

    tcma case verify FILE.zip

To be sure whose key it is, fetch it from the installation and name it:

    curl -O https://INSTALLATION/.well-known/tcma-case-key.pem
    tcma case verify FILE.zip --key tcma-case-key.pem

Mails are as they stood before a recipient's name was filled in.
"""


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of an asset's text. `whose` is "vendor" or the partner's slot."""

    whose: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file that left; `path` is where it lies in the archive, `made_of` what is said about it."""

    path: str
    content: bytes
    regions: Sequence[Region]
    made_of: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found. `asset` is the first that is wrong, `whose` the region that changed."""

    valid: bool
    reason: str
    asset: str | None = None
    whose: str | None = None
    key: str | None = None
    own_key: bool = True
    assets: int = 0


class _Fault(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, reason: str, asset: str | None = None, whose: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.asset, self.whose = reason, asset, whose


def signed(asset: Asset, *, key: Ed25519PrivateKey, at: datetime) -> bytes:
    """Return the signed manifest of an asset as canonical JSON."""
    body = {
        "format": FORMAT,
        "version": VERSION,
        "path": asset.path,
        "made_of": dict(asset.made_of),
        "output": {"bytes": len(asset.content), "sha256": sha256(asset.content).hexdigest()},
        "regions": [
            {
                "whose": each.whose,
                "bytes": len(each.text.encode()),
                "sha256": sha256(each.text.encode()).hexdigest(),
            }
            for each in asset.regions
        ],
        "key": fingerprint(key.public_key()),
        "signed_at": at.astimezone(UTC).isoformat(),
    }
    signature = base64.b64encode(key.sign(_message(body))).decode()
    return canonical(body | {"signature": signature})


def archive(files: Mapping[str, tuple[bytes, bytes]], key: Ed25519PublicKey) -> bytes:
    """Return assets with their manifests (path → content, manifest) as one zip, always the same."""
    parts: list[tuple[str, bytes]] = [(KEY, public_pem(key)), (README, _HOW.encode())]
    for path, (content, manifest) in sorted(files.items()):
        parts += [(path, content), (path + SUFFIX, manifest)]
    return packed(parts)


def is_one(content: bytes) -> bool:
    """Say whether a file is an archive of what a launch sent."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            return any(name.endswith(SUFFIX) for name in zipped.namelist())
    except (zipfile.BadZipFile, EOFError, OSError, ValueError):
        return False


def check(content: bytes, *, key: Ed25519PublicKey | None = None) -> Found:
    """Check an archive against `key`, or against the key it carries; names the first fault."""
    try:
        return _checked(_parts(content), key)
    except _Fault as fault:
        return Found(False, fault.reason, fault.asset, fault.whose, own_key=key is None)


def _checked(parts: dict[str, bytes], named: Ed25519PublicKey | None) -> Found:
    try:
        key = named or read_public(parts.get(KEY, b""))
    except Invalid:
        raise _Fault("The archive carries no key.", KEY) from None
    assets = sorted(set(parts) - {KEY, README})
    manifests = [path for path in assets if path.endswith(SUFFIX)]
    if not manifests:
        raise _Fault("There is no manifest in it.")
    for path in assets:
        if not path.endswith(SUFFIX) and path + SUFFIX not in parts:
            raise _Fault(f"{path} has no manifest.", path)
    for path in manifests:
        asset = path.removesuffix(SUFFIX)
        body = _manifest(parts[path], asset, key)
        if asset not in parts:
            raise _Fault(f"{asset} is missing.", asset)
        _output(body, asset, parts[asset])
    whose = "the key you named" if named else "the key in the file itself"
    reason = f"{len(manifests)} assets are as they left, signed with {whose}."
    return Found(True, reason, None, None, fingerprint(key), named is None, len(manifests))


def _manifest(content: bytes, asset: str, key: Ed25519PublicKey) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise _Fault(f"The manifest of {asset} cannot be read.", asset)
    try:
        signature = base64.b64decode(str(body.pop("signature", "")), validate=True)
    except ValueError:
        signature = b""
    if not signed_by(key, signature, _message(body)):
        raise _Fault(f"The manifest of {asset} is not signed with this key.", asset)
    if body["path"] != asset:
        raise _Fault(f"The manifest of {asset} belongs to {body['path']}.", asset)
    return body


def _output(body: dict[str, Any], asset: str, content: bytes) -> None:
    wanted = body["output"]
    if len(content) == wanted["bytes"] and sha256(content).hexdigest() == wanted["sha256"]:
        return
    at = 0
    for region in body["regions"]:
        part = content[at : at + region["bytes"]]
        if sha256(part).hexdigest() != region["sha256"]:
            whose = region["whose"]
            near = " ".join(part[:SHOWN].decode(errors="replace").split())
            owner = "the vendor keeps" if whose == VENDOR else f"the partner wrote ({whose})"
            raise _Fault(f"{asset}: a part that {owner} was changed, near “{near}”.", asset, whose)
        at += region["bytes"]
    raise _Fault(f"{asset} is not the file that left.", asset)


def _message(body: Mapping[str, Any]) -> bytes:
    return f"{FORMAT} {VERSION}\n{sha256(canonical(body)).hexdigest()}\n".encode()


def _parts(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            members = zipped.infolist()
            if len(members) > MOST_FILES or sum(m.file_size for m in members) > LARGEST:
                raise _Fault("The archive is larger than one of these can be.")
            names = [member.filename for member in members]
            if len(set(names)) != len(names):
                raise _Fault("Two files have one name.")
            return {name: zipped.read(name) for name in names}
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError) as why:
        raise _Fault(f"The archive is damaged: {why}") from None
