"""How a password is kept: argon2id with the OWASP parameters (19 MiB, 2 passes, 1 lane)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = (  # written down: making one takes 19 MiB, which each process would begin with
    "$argon2id$v=19$m=19456,t=2,p=1$7Up4NUpkg1qkvZzavmmvkg"
    "$EUxLnLtC/7HenbebkovkaPuncRVHUrGh+3KUI/g7Tt0"
)


def hash_password(password: str) -> str:
    """Return the encoded hash, salt and parameters included."""
    return _HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Compare; without a hash the same work is done, so that an unknown account costs as much."""
    try:
        _HASHER.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Say whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)
