"""How a site gives keys: what a person types, where consent is asked, how its answers are read.

Pure: a grant says which requests are to be made (`Steps`); `crawlers.exchange` makes them. A source
with a grant names it in its own file; what is particular to one site stands there too.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from ingest.errors import SourceBlocked, SourceDown
from ingest.page import Ask, Fetched

SOON = timedelta(minutes=20)  # longer than a visit may last
FORM = ("Content-Type", "application/x-www-form-urlencoded")
Known = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """One thing that a person types: under which name it is kept; `default` when left empty.

    What is no secret (an app's id, a login's name) is shown while it is typed.
    """

    name: str
    is_hidden: bool = True
    default: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """What a site handed out; its value is in no repr. `until` is aware UTC, None: open."""

    value: str = field(repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The tokens of one grant by the names they are kept under.

    `account` is what they are for, in the words of a target ("" where the site does
    not say), `called` its name for people.
    """

    tokens: Mapping[str, Token]
    account: str = ""
    called: str = ""


@dataclass(frozen=True, slots=True)
class Choose:
    """A question that an answer leaves open: which of these (value -> what people call it)?"""

    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Consent:
    """One asking for consent: where the site sends the browser, and what proves that it is ours."""

    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """Return the PKCE challenge (RFC 7636, S256) of the verifier."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


# A walk through the requests: yields each, is sent its answer (or the value chosen), returns.
Steps = Generator[Ask | Choose, Any, Granted]


class Grant(ABC):
    """One site's way to keys; what a grant hands out is kept under `account` beside its tokens.

    `typed` is asked of a person once; `renews_with` names what a renewal needs,
    () where only the person can renew; tokens that end within `renewed_before`
    are renewed before a visit. `section` names where the keys are kept when several
    kinds share them. `asks_person` says that a browser must be opened; the site may
    know our `state` by the redirect's path alone (`has_state_in_path`).
    `is_second` is set where plain keys are the easier way; `lasts` says for people what
    they must do and for how long it holds.
    """

    typed: ClassVar[tuple[Typed, ...]]
    renews_with: ClassVar[tuple[str, ...]] = ()
    renewed_before: ClassVar[timedelta] = SOON
    asks_person: ClassVar[bool] = False
    has_state_in_path: ClassVar[bool] = False
    host: ClassVar[str] = "127.0.0.1"
    section: ClassVar[str] = ""
    is_second: bool = False
    lasts: ClassVar[str]

    def address(self, known: Known, consent: Consent, *, now: datetime) -> str:
        """Return the page where a person consents, "" where none has to."""
        return ""

    @abstractmethod
    def obtain(
        self, known: Known, landed: Mapping[str, str], consent: Consent, *, now: datetime
    ) -> Steps:
        """Return the steps to the first tokens; `landed` is what the site sent back with."""

    def renew(self, known: Known, *, now: datetime) -> Steps:
        """Return the steps to new tokens, by what `renews_with` names."""
        raise NotImplementedError

    def covers(self, known: Known) -> bool:
        """Return whether the tokens kept are for this source at all."""
        return True

    def renews(self, name: str, known: Known) -> bool:
        """Return whether the key called `name` is renewed without a person, by other keys."""
        is_typed = name in {each.name for each in self.typed}
        return not is_typed and self.can_renew(known) and name not in self.renews_with

    def can_renew(self, known: Known) -> bool:
        """Return whether everything is there that a renewal needs."""
        return bool(self.renews_with) and all(known.get(name) for name in self.renews_with)


class AppLogin(Grant):
    """OAuth for an app alone (client credentials, RFC 6749 4.4): no person, no refresh token."""

    typed = (Typed("client_id", is_hidden=False), Typed("client_secret"))
    renews_with = ("client_id", "client_secret")
    lasts = "nothing to consent to: the app logs in by itself, again whenever its token ends"

    def __init__(self, token_url: str) -> None:
        self._token_url = token_url

    def obtain(
        self, known: Known, landed: Mapping[str, str], consent: Consent, *, now: datetime
    ) -> Steps:
        """Return the steps of a login, which is its own renewal."""
        return self.renew(known, now=now)

    def renew(self, known: Known, *, now: datetime) -> Steps:
        """Return the step that logs the app in."""
        pair = f"{known['client_id']}:{known['client_secret']}"
        proof = ("Authorization", f"Basic {b64encode(pair.encode()).decode()}")
        told = answer_of((yield posted(self._token_url, proof, grant_type="client_credentials")))
        return Granted(tokens=oauth_tokens(told, now))


class PersonLogin(Grant):
    """OAuth with a person's consent (authorization code with PKCE, RFC 6749 4.1, RFC 7636)."""

    typed = (Typed("client_id", is_hidden=False), Typed("client_secret"))
    renews_with = ("client_id", "client_secret", "refresh_token")
    asks_person = True
    lasts = "your consent in the browser; it renews itself until you withdraw it"
    more: ClassVar[Mapping[str, str]] = {}

    def __init__(self, authorize_url: str, token_url: str, *scopes: str) -> None:
        self._authorize_url = authorize_url
        self._token_url = token_url
        self._scopes = scopes

    def scopes(self, known: Known) -> tuple[str, ...]:
        """Return what is asked for: what was granted before stays, as a consent replaces it."""
        before = known.get("scopes", "").split()
        return (*before, *(each for each in self._scopes if each not in before))

    def covers(self, known: Known) -> bool:
        """Return whether what was granted holds the scopes that are wanted here."""
        granted = known.get("scopes")
        return granted is None or set(self._scopes) <= set(granted.split())

    def address(self, known: Known, consent: Consent, *, now: datetime) -> str:
        """Return the page where a person consents."""
        asked = {
            "response_type": "code",
            "client_id": known["client_id"],
            "redirect_uri": consent.redirect,
            "scope": " ".join(self.scopes(known)),
            "state": consent.state,
            "code_challenge": consent.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._authorize_url}?{urlencode({**asked, **self.more})}"

    def obtain(
        self, known: Known, landed: Mapping[str, str], consent: Consent, *, now: datetime
    ) -> Steps:
        """Return the step that gives the code for tokens."""
        told = answer_of((
            yield posted(
                self._token_url, grant_type="authorization_code", code=landed["code"],
                redirect_uri=consent.redirect, code_verifier=consent.verifier, **app_of(known),
            )
        ))  # fmt: skip
        scopes = told.get("scope") or " ".join(self.scopes(known))
        return Granted(tokens={**oauth_tokens(told, now), "scopes": Token(scopes)})

    def renew(self, known: Known, *, now: datetime) -> Steps:
        """Return the step that gives the refresh token for a new token."""
        told = answer_of((
            yield posted(
                self._token_url, grant_type="refresh_token",
                refresh_token=known["refresh_token"], **app_of(known),
            )
        ))  # fmt: skip
        return Granted(tokens=oauth_tokens(told, now))


def app_of(known: Known) -> dict[str, str]:
    """Return the id and secret of the app as a token request names them."""
    return {name: known[name] for name in ("client_id", "client_secret")}


def posted(url: str, *headers: tuple[str, str], **fields: str) -> Ask:
    """Return a POST of these form fields."""
    return Ask(url=url, method="POST", body=urlencode(fields).encode(), headers=(FORM, *headers))


def oauth_tokens(told: Mapping[str, Any], now: datetime) -> dict[str, Token]:
    """Return the tokens of an OAuth answer: `token`, and `refresh_token` where there is one.

    Raises SourceDown when there is none in it.
    """
    tokens = {"token": Token(text_of(told, "access_token"), ends(told.get("expires_in"), now))}
    if told.get("refresh_token"):
        lasts = told.get("refresh_token_expires_in") or told.get("refresh_expires_in")
        tokens["refresh_token"] = Token(text_of(told, "refresh_token"), ends(lasts, now))
    return tokens


def text_of(told: Mapping[str, Any], name: str) -> str:
    """Return a field of an answer that must be a text."""
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise SourceDown(f"the site's answer to the request for a key has no '{name}'")
    return value


def ends(lasts_s: Any, now: datetime) -> datetime | None:
    """Return when something ends that lasts so many seconds, None for none and for 0."""
    try:
        lasts = timedelta(seconds=int(float(lasts_s or 0)))
        return now + lasts if lasts else None
    except (TypeError, ValueError, OverflowError):
        return None


def answer_of(fetched: Fetched) -> dict[str, Any]:
    """Return what a site answered to a request for keys.

    Raises SourceBlocked in its words when it refuses, SourceDown when it cannot
    answer now. Nothing but its own error is quoted: an answer may hold keys.
    """
    if fetched.status == 429 or fetched.status >= 500:
        raise SourceDown(f"the site gives no key now ({fetched.status})")
    try:
        told = json.loads(fetched.body)
    except (ValueError, RecursionError):
        told = None
    refused = _refusal(told)
    if refused or fetched.status >= 400:
        words = refused or str(fetched.status)
        raise SourceBlocked(f"the site gives no key: {words}")
    if not isinstance(told, dict):
        raise SourceDown("the site's answer to the request for a key is not JSON")
    return told


def _refusal(told: Any) -> str:
    """Return what an error answer says, in any of the forms that sites have; "" for none."""
    if not isinstance(told, dict):
        return ""
    error = told.get("error")
    if isinstance(error, dict):  # Meta
        return _said(error.get("message"), error.get("code"))
    if error:  # OAuth, Shopee, atproto
        return _said(told.get("error_description") or told.get("message"), error)
    code = str(told.get("code") or "0")
    if code != "0" and "access_token" not in told:  # Lazada
        return _said(told.get("message"), code)
    return ""


def _said(words: Any, code: Any) -> str:
    said = str(words or "").strip()[:200]
    return f"{said} ({code})" if said else str(code)
