"""Guards shared by app and views: CSRF tokens and limits per address."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=False)

SIGN_IN_LIMIT = "30 per minute"
FORM_LIMIT = "20 per minute"
API_LIMIT = "600 per minute"
PICTURE_LIMIT = "240 per minute"
"""Tries from one address; the account's own lock-out is stricter (accounts.rules)."""
