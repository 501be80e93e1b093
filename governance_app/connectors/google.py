"""Google Cloud over plain HTTP: access tokens of a service account, queries of BigQuery."""

import base64
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from governance_app.connectors.base import (
    Errand,
    PassingError,
    PermanentError,
    Setting,
    shaped_as_documented,
)
from governance_app.connectors.http import Outbound

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105  (an address)
LIFE_S = 3600
EARLY_S = 120
POLLS = 60
ROWS_A_PAGE = 10_000

#: Setting of every plug-in that signs in as a service account.
ACCOUNT = (
    Setting(
        "service_account_key",
        "Service account key",
        is_secret=True,
        is_required=True,
        help="The whole JSON file of the key.",
    ),
)


class AccountToken:
    """Adds the access token of a service account; asks for a new one before it ends."""

    def __init__(self, errand: Errand, *, scope: str) -> None:
        self._errand, self._scope = errand, scope
        self._value, self._until = "", 0.0

    def __call__(self, request: httpx.Request) -> httpx.Request:
        if time.monotonic() > self._until:
            self._renew()
        request.headers["authorization"] = f"Bearer {self._value}"
        return request

    def _renew(self) -> None:
        try:
            key = json.loads(str(self._errand.settings["service_account_key"]))
            private = serialization.load_pem_private_key(key["private_key"].encode(), None)
            who, address = str(key["client_email"]), str(key.get("token_uri") or TOKEN_URI)
        except (ValueError, KeyError, TypeError, AttributeError, UnsupportedAlgorithm) as error:
            raise PermanentError(
                "The service account key cannot be read. Paste the whole JSON file of the key."
            ) from error
        if not isinstance(private, rsa.RSAPrivateKey):
            raise PermanentError("The service account key holds no RSA key.")
        now = int(time.time())
        claims = {"iss": who, "scope": self._scope, "aud": address, "iat": now, "exp": now + LIFE_S}
        head = {"alg": "RS256", "typ": "JWT", "kid": str(key.get("private_key_id", ""))}
        text = f"{_url_safe(head)}.{_url_safe(claims)}"
        signature = private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        assertion = f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
        fields = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": assertion,
        }
        with (
            Outbound(reach=self._errand.reach, attempts=1) as outbound,
            shaped_as_documented(address),
        ):
            answer = outbound.post_form(address, fields)
            self._value = str(answer["access_token"])
            self._until = time.monotonic() + max(int(answer["expires_in"]) - EARLY_S, 30)


class BigQuery:
    """Queries in one project; every value comes as the text that BigQuery writes."""

    def __init__(self, errand: Errand, *, address: str, project: str, location: str) -> None:
        self._root = f"{address.rstrip('/')}/bigquery/v2/projects/{project}/queries"
        self._location = {"location": location} if location else {}
        auth = AccountToken(errand, scope="https://www.googleapis.com/auth/bigquery.readonly")
        self._outbound = Outbound(reach=errand.reach, auth=auth, deadline_s=None)

    def __enter__(self) -> "BigQuery":
        self._outbound.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self._outbound.__exit__(None, None, None)

    def rows(self, sql: str, **texts: str) -> Iterator[dict[str, str | None]]:
        """
        Run a query with named text parameters; yield its rows by column name.

        Raises:
            PassingError: it does not finish in ten minutes.
            PermanentError: refused, or an answer of another shape.
        """
        body: dict[str, Any] = {
            "query": sql,
            "useLegacySql": False,
            "parameterMode": "NAMED",
            "queryParameters": [
                {
                    "name": name,
                    "parameterType": {"type": "STRING"},
                    "parameterValue": {"value": text},
                }
                for name, text in texts.items()
            ],
            "maxResults": ROWS_A_PAGE,
            "timeoutMs": 10_000,
            **self._location,
        }
        answer = self._outbound.post_json(self._root, body)
        with shaped_as_documented("BigQuery"):
            for _ in range(POLLS):
                if answer["jobComplete"]:
                    break
                answer = self._continued(answer, {"timeoutMs": 10_000})
            else:
                raise PassingError("BigQuery did not finish the query in ten minutes.")
            if answer.get("errors") and not answer.get("rows"):
                raise PermanentError(f"BigQuery refuses the query: {_said(answer['errors'])}")
            names = [str(field["name"]) for field in answer["schema"]["fields"]]
            while True:
                for row in answer.get("rows", []):
                    yield dict(zip(names, (cell["v"] for cell in row["f"]), strict=True))
                token = answer.get("pageToken")
                if not token:
                    return
                answer = self._continued(answer, {"pageToken": token, "maxResults": ROWS_A_PAGE})

    def _continued(self, answer: Mapping[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        job = answer["jobReference"]["jobId"]
        found: dict[str, Any] = self._outbound.get_json(
            f"{self._root}/{job}", {**params, **self._location}
        )
        return found


def _said(errors: Any) -> str:
    """Give the first message of a query's errors, in one line."""
    return " ".join(str(errors[0].get("message") or errors[0].get("reason")).split())[:300]


def _url_safe(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
