"""Public files under the name of their content: the key `public/<sha256>.<ext>` is `/m/<same>`."""

import hashlib

from tcma.ports import FileStore

SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "font/woff2": "woff2",
}
_PREFIX = "public/"


def store_public(files: FileStore, data: bytes, media_type: str) -> str:
    """Keep the bytes for anybody to fetch and return their key."""
    key = f"{_PREFIX}{hashlib.sha256(data).hexdigest()}.{SUFFIXES[media_type]}"
    if not files.exists(key):
        files.put(key, data, media_type)
    return key


def public_address(public_url: str, key: str) -> str:
    """Return the address of a public key; it never changes its content."""
    return f"{public_url}/m/{key.removeprefix(_PREFIX)}"


def public_key(public_url: str, address: str) -> str:
    """Return the key behind a public address."""
    return _PREFIX + address.removeprefix(f"{public_url}/m/")
