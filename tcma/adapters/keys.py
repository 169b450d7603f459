"""What a file key may look like; both stores refuse anything else."""

import re

from tcma.errors import Invalid

_KEY = re.compile(r"[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*")
LONGEST = 512


def checked(key: str) -> str:
    """Return the key; Invalid when it could leave its folder or means nothing in a URL."""
    if len(key) > LONGEST or not _KEY.fullmatch(key):
        raise Invalid(
            f"“{key[:80]}” is no file key",
            code="files.key",
            remedy="Use lower-case letters, digits, dot, dash, underscore and slash.",
        )
    return key
