"""Tokens of intake links: only their digest is kept."""

import hashlib


def digest(token: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
