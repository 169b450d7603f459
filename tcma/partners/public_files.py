"""Public files under the name of their content: `/m/<sha256>.<ext>` serves the key `public/<sha256>`."""

import hashlib

from tcma.ports import FileStore

SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "font/woff2": "woff2",
}
MEDIA_TYPES = {suffix: media_type for media_type, suffix in SUFFIXES.items()}
_PREFIX = "public/"


def store_public(files: FileStore, data: bytes, media_type: str) -> str:
    """Keep the bytes for anybody to fetch and return their key."""
    key = _PREFIX + hashlib.sha256(data).hexdigest()
    if not files.exists(key):
        files.put(key, data, media_type)
    return key


def public_address(public_url: str, key: str, media_type: str) -> str:
    """Return the address of a public key; it never changes its content."""
    return f"{public_url}/m/{key.removeprefix(_PREFIX)}.{SUFFIXES[media_type]}"


def key_of(sha256: str) -> str:
    """Return the file store's key behind an address."""
    return _PREFIX + sha256
