"""Consent at Meta: short tokens are exchanged for long-lived ones, whose end Meta tells."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from crawlers.asking import JSON, with_query
from crawlers.grants import (
    Choose,
    Consent,
    Grant,
    Granted,
    Known,
    Steps,
    Token,
    Typed,
    answer_of,
    app_of,
    ends,
    posted,
    text_of,
)
from crawlers.graph import VERSION
from ingest.errors import SourceBlocked
from ingest.page import Ask

GRAPH = f"https://graph.facebook.com/{VERSION}"
THREADS = "https://graph.threads.net"
HALF_LIFE = timedelta(days=30)


class MetaLogin(Grant):
    """A login with Facebook; only a person can renew what it gives.

    Meta's loopback is called localhost; the app must be in development mode or have
    it among its redirect addresses.
    """

    typed = (Typed("client_id", is_hidden=False), Typed("client_secret"))
    asks_person = True
    host = "localhost"
    lasts = (
        "your consent in the browser; Meta tells its end, 60 to 90 days away: then consent again"
    )
    scopes: ClassVar[tuple[str, ...]]

    def address(self, known: Known, consent: Consent, *, now: datetime) -> str:
        """Return the page where a person consents."""
        asked = {
            "client_id": known["client_id"],
            "redirect_uri": consent.redirect,
            "state": consent.state,
            "response_type": "code",
            "scope": ",".join(self.scopes),
        }
        return f"https://www.facebook.com/{VERSION}/dialog/oauth?{urlencode(asked)}"

    def _long_lived(
        self, known: Known, landed: Mapping[str, str], consent: Consent
    ) -> Generator[Ask, Any, str]:
        """Return the person's long-lived token, in exchange for the code and the short one."""
        place, app = f"{GRAPH}/oauth/access_token", app_of(known)
        code = with_query(place, **app, redirect_uri=consent.redirect, code=landed["code"])
        short = text_of(answer_of((yield Ask(url=code, headers=(JSON,)))), "access_token")
        exchange = with_query(place, **app, grant_type="fb_exchange_token", fb_exchange_token=short)
        return text_of(answer_of((yield Ask(url=exchange, headers=(JSON,)))), "access_token")

    def _dated(self, known: Known, token: str) -> Generator[Ask, Any, Token]:
        """Return a token with its end: of itself, or of the consent to read with it."""
        app = f"{known['client_id']}|{known['client_secret']}"
        url = with_query(f"{GRAPH}/debug_token", input_token=token, access_token=app)
        told = answer_of((yield Ask(url=url, headers=(JSON,)))).get("data") or {}
        times = [told.get(name) for name in ("expires_at", "data_access_expires_at")]
        ended = [datetime.fromtimestamp(each, UTC) for each in times if each]
        return Token(token, min(ended, default=None))


class FacebookLogin(MetaLogin):
    """The token of one page that the person manages."""

    scopes = ("pages_show_list", "pages_read_engagement", "pages_read_user_content")

    def obtain(
        self, known: Known, landed: Mapping[str, str], consent: Consent, *, now: datetime
    ) -> Steps:
        """Return the steps to the token of one page, which a person chooses among several."""
        token = yield from self._long_lived(known, landed, consent)
        rows = yield from _listed("id,name,access_token", token)
        pages = {str(each["id"]): each for each in rows if each.get("access_token")}
        if not pages:
            raise SourceBlocked("the login manages no page, or none was ticked in the consent")
        page = pages[(yield Choose({number: each["name"] for number, each in pages.items()}))]
        dated = yield from self._dated(known, page["access_token"])
        return Granted(tokens={"token": dated}, account=str(page["id"]), called=page["name"])


class InstagramLogin(MetaLogin):
    """The person's token, which reads the business account that belongs to one of the pages."""

    scopes = (
        "instagram_basic", "instagram_manage_comments", "pages_show_list", "pages_read_engagement",
    )  # fmt: skip

    def obtain(
        self, known: Known, landed: Mapping[str, str], consent: Consent, *, now: datetime
    ) -> Steps:
        """Return the steps to the token that reads one business account."""
        token = yield from self._long_lived(known, landed, consent)
        rows = yield from _listed("name,instagram_business_account{id,username}", token)
        found = [each["instagram_business_account"] for each in rows if _has_account(each)]
        names = {str(each["id"]): str(each.get("username") or each["id"]) for each in found}
        if not names:
            raise SourceBlocked("no page of this login has an Instagram business account")
        number = yield Choose(names)
        dated = yield from self._dated(known, token)
        return Granted(tokens={"token": dated}, account=number, called=names[number])


class ThreadsLogin(Grant):
    """A token of 60 days that renews itself once it is a day old."""

    typed = (Typed("client_id", is_hidden=False), Typed("client_secret"))
    renews_with = ("token",)
    renewed_before = HALF_LIFE
    asks_person = True
    host = "localhost"
    lasts = "your consent in the browser; 60 days, renewed by itself after 30"
    scopes = (
        "threads_basic", "threads_keyword_search", "threads_manage_mentions",
        "threads_read_replies",
    )  # fmt: skip

    def address(self, known: Known, consent: Consent, *, now: datetime) -> str:
        """Return the page where a person consents."""
        asked = {
            "client_id": known["client_id"],
            "redirect_uri": consent.redirect,
            "scope": ",".join(self.scopes),
            "response_type": "code",
            "state": consent.state,
        }
        return f"https://www.threads.com/oauth/authorize?{urlencode(asked)}"

    def obtain(
        self, known: Known, landed: Mapping[str, str], consent: Consent, *, now: datetime
    ) -> Steps:
        """Return the steps to the short token, and to the long one for it."""
        ask = posted(
            f"{THREADS}/oauth/access_token", grant_type="authorization_code",
            code=landed["code"], redirect_uri=consent.redirect, **app_of(known),
        )  # fmt: skip
        short = text_of(answer_of((yield ask)), "access_token")
        secret = known["client_secret"]
        return (yield from _threads_token("access_token", "th_exchange_token", short, now, secret))

    def renew(self, known: Known, *, now: datetime) -> Steps:
        """Return the step that makes the token last 60 days again."""
        token = known["token"]
        return (yield from _threads_token("refresh_access_token", "th_refresh_token", token, now))


def _threads_token(
    place: str, how: str, token: str, now: datetime, secret: str | None = None
) -> Steps:
    url = with_query(f"{THREADS}/{place}", grant_type=how, client_secret=secret, access_token=token)
    told = answer_of((yield Ask(url=url, headers=(JSON,))))
    until = ends(told.get("expires_in"), now)
    return Granted(tokens={"token": Token(text_of(told, "access_token"), until)})


def _listed(fields: str, token: str) -> Generator[Ask, Any, list[Any]]:
    """Return the pages of a login with these fields."""
    url = with_query(f"{GRAPH}/me/accounts", fields=fields, limit=100)
    bearer = ("Authorization", f"Bearer {token}")
    told = answer_of((yield Ask(url=url, headers=(JSON, bearer))))
    return [each for each in told.get("data") or () if isinstance(each, dict)]


def _has_account(page: Any) -> bool:
    return isinstance(page.get("instagram_business_account"), dict)
