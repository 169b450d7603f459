"""What a page of ours may load and run: nothing but our own files; an editor's styles by a nonce."""

CSP = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)


def policy_with_nonce(nonce: str) -> str:
    """Return the policy of a page whose script may add the style sheets that carry this nonce."""
    return CSP.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
