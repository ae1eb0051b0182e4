"""Google's consent: one for all of Google's sources, and a key file for an app's own account."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.grants import (
    Granted,
    Known,
    PersonLogin,
    Steps,
    Token,
    answer_of,
    oauth_tokens,
    posted,
)
from ingest.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

AUTHORIZE = "https://accounts.google.com/o/oauth2/v2/auth"
TOKENS = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LASTS = timedelta(hours=1)


class Google(PersonLogin):
    """A consent that lasts until it is withdrawn; each new source adds to what was granted.

    A service account's key needs no person: `client_email` and `private_key` of its
    file stand in for the consent (RFC 7523).
    """

    section = "google"
    lasts = (
        "your consent in the browser, one for all of Google's sources; it renews itself until you "
        "withdraw it (7 days while Google has the app as a test)"
    )
    more: ClassVar[Mapping[str, str]] = {"access_type": "offline", "prompt": "consent"}

    def __init__(self, scope: str, *, is_second: bool = False) -> None:
        super().__init__(AUTHORIZE, TOKENS, f"{SCOPE}/{scope}")
        self.is_second = is_second

    def can_renew(self, known: Known) -> bool:
        """Return whether there is a service account, or a refresh token with its app."""
        return bool(known.get("private_key")) or super().can_renew(known)

    def renew(self, known: Known, *, now: datetime) -> Steps:
        """Return the step to a new token, by the refresh token or a signed statement."""
        if not known.get("private_key"):
            return (yield from super().renew(known, now=now))
        scopes = " ".join(self.scopes(known))
        assertion = _assertion(known["client_email"], known["private_key"], scopes, now)
        told = answer_of((yield posted(TOKENS, grant_type=JWT_BEARER, assertion=assertion)))
        return Granted(tokens={**oauth_tokens(told, now), "scopes": Token(scopes)})


def key_of_file(body: bytes) -> dict[str, str]:
    """Return `client_email` and `private_key` of a service account's key file.

    Raises ConfigError, never quoting the file, when it is none.
    """
    wrong = ConfigError(
        "is not the key file of a service account",
        next_step="take the JSON file that Google Cloud gives under Service accounts, Keys",
    )
    try:
        told = json.loads(body)
        found = {name: str(told[name]) for name in ("client_email", "private_key")}
        _loaded(found["private_key"])
    except (ValueError, KeyError, TypeError):
        raise wrong from None  # what a parser says may quote the file
    return found


def _assertion(email: str, private_key: str, scopes: str, now: datetime) -> str:
    """Return the signed statement (RS256) that stands for a consent."""
    claims = {
        "iss": email,
        "scope": scopes,
        "aud": TOKENS,
        "iat": int(now.timestamp()),
        "exp": int((now + LASTS).timestamp()),
    }
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # 40 ms, rarely needed
    from cryptography.hazmat.primitives.hashes import SHA256

    said = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = _loaded(private_key).sign(said.encode(), PKCS1v15(), SHA256())
    return f"{said}.{_base64(signature)}"


def _loaded(private_key: str) -> RSAPrivateKey:
    """Return the key that a PEM text holds; raises ValueError for any other."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(private_key.encode(), password=None)
    except UnsupportedAlgorithm:
        raise ValueError("not a key that is known") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def _part(told: dict[str, Any]) -> str:
    return _base64(json.dumps(told, separators=(",", ":")).encode())


def _base64(body: bytes) -> str:
    return urlsafe_b64encode(body).decode().rstrip("=")
