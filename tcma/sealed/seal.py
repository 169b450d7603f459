"""A case file as one zip that anybody can check: files, a manifest of them, a signature of that.

The bytes depend on nothing but the content and the time of signing, which is inside the signature.
An authority's time stamp may lie beside the signature: it is of the signature, and not signed by us.
"""

import base64
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tcma.sealed.keys import public_pem
from tcma.sealed.stamps import ROOTS, STAMP, Stamped

FORMAT, VERSION = "tcma case file", 1
MANIFEST, SIGNATURE, KEY, README = "manifest.json", "signature.json", "public-key.pem", "README.txt"
_NAME = re.compile(r"[^\w.()-]+", re.ASCII)
_EPOCH = (1980, 1, 1, 0, 0, 0)
_HOW = """\
This is a case file: the proof of one funded plan.

manifest.json names every file with its size and SHA-256. signature.json holds an Ed25519
signature over the hash of manifest.json and the time of signing; public-key.pem is the key.
That time is the clock of the installation that signed, not that of a third party.

If timestamp.tsr is here, a time authority saw signature.json at the time inside it (RFC 3161);
timestamp-authority.pem is the root it was checked against. Without it, all there is is the time
as this installation states it; saving the file again may bring the stamp.

To check it, offline, with nothing but this file:

    tcma case verify FILE.zip

To be sure whose key it is, fetch it from the installation and name it:

    curl -O https://INSTALLATION/.well-known/tcma-case-key.pem
    tcma case verify FILE.zip --key tcma-case-key.pem

To be sure of the authority, name the root certificate that it publishes; or use other tools:

    tcma case verify FILE.zip --authority ROOT.pem
    openssl ts -verify -in timestamp.tsr -data signature.json -CAfile ROOT.pem

No mail address of a recipient is in here; the send log carries keyed hashes in their place.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a case and where it comes from."""

    path: str
    content: bytes
    kind: str
    title: str
    origin: str
    at: datetime | None


def safe_name(text: str) -> str:
    """Return a part of a path that every system takes."""
    return _NAME.sub("-", text).strip("-.")[:80] or "file"


def manifest_of(entries: Sequence[Entry], about: dict[str, Any], key: Ed25519PrivateKey) -> bytes:
    """Return the manifest of a case: canonical, so that equal content is equal bytes."""
    files = [*_all(entries, key)]
    body = {
        "format": FORMAT,
        "version": VERSION,
        "about": about,
        "files": [
            {
                "path": one.path,
                "bytes": len(one.content),
                "sha256": sha256(one.content).hexdigest(),
                "kind": one.kind,
                "title": one.title,
                "origin": one.origin,
                "at": one.at.astimezone(UTC).isoformat() if one.at else None,
            }
            for one in files
        ],
    }
    return canonical(body)


def canonical(body: Any) -> bytes:
    """Return JSON with one spelling: sorted keys, two blanks, one line feed at the end."""
    text = json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    return text.encode() + b"\n"


def message(manifest: bytes, signed_at: str) -> bytes:
    """Return what is signed: the format, the time, the hash of the manifest."""
    return f"{FORMAT} {VERSION}\n{signed_at}\n{sha256(manifest).hexdigest()}\n".encode()


def signature_of(manifest: bytes, *, key: Ed25519PrivateKey, signed_at: datetime) -> bytes:
    """Return the signature of a manifest and of the time, as it lies in the zip."""
    at = signed_at.astimezone(UTC).isoformat()
    return canonical(
        {
            "algorithm": "Ed25519",
            "clock": "the installation's own",
            "manifest_sha256": sha256(manifest).hexdigest(),
            "signature": base64.b64encode(key.sign(message(manifest, at))).decode(),
            "signed_at": at,
        }
    )


def sealed(
    entries: Sequence[Entry],
    manifest: bytes,
    *,
    key: Ed25519PrivateKey,
    signed_at: datetime,
    stamped: Stamped | None = None,
) -> bytes:
    """Return the zip of a case whose manifest was made by `manifest_of` with the same key."""
    signature = signature_of(manifest, key=key, signed_at=signed_at)
    parts = [(MANIFEST, manifest), (SIGNATURE, signature)]
    parts += [(STAMP, stamped.token), (ROOTS, stamped.roots)] if stamped else []
    parts += [(one.path, one.content) for one in _all(entries, key)]
    return packed(parts)


def packed(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """Return parts as a zip that is the same on every machine and day."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path, content in parts:
            info = zipfile.ZipInfo(path, _EPOCH)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def _all(entries: Sequence[Entry], key: Ed25519PrivateKey) -> list[Entry]:
    extra = [
        Entry(KEY, public_pem(key.public_key()), "key", "The key of the signature", "house", None),
        Entry(README, _HOW.encode(), "readme", "How to check this file", "house", None),
    ]
    return [*extra, *sorted(entries, key=lambda one: one.path)]
