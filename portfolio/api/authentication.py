"""Tokens: ``Authorization: Bearer aip_...``."""

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from governance_app.people import selectors


class TokenAuthentication(BaseAuthentication):
    """Lets a program act as the user its token belongs to, with that user's grants."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        """Give the user of the bearer token; None when the request carries none."""
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        user = selectors.user_of_token(secret=secret.strip(), now=timezone.now())
        if user is None:
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        return user, secret[:12]

    def authenticate_header(self, request: Request) -> str:
        """Say how to authenticate in a 401."""
        return 'Bearer realm="AI portfolio"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the token in the OpenAPI document."""

    target_class = "portfolio.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Give the scheme's description."""
        return {"type": "http", "scheme": "bearer", "description": "Made under Account."}
